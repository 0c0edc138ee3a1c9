"""The Recordings page: the vault's door, and behind it the list and the player."""

from collections.abc import Callable, Sequence
from datetime import date

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from posture.errors import WrongKey
from posture.gui import theme, told
from posture.gui.page_parts import ask, headed, scrolling
from posture.gui.recordings import clip_words
from posture.gui.recordings.clip_list import ClipList, Row
from posture.gui.recordings.dialogs import Delete, Export, Keep, export_folder
from posture.gui.recordings.doors import Making, Opening
from posture.gui.recordings.keeper import Door, Keeper
from posture.gui.recordings.parts import Caution, button, few_keys, label, main_button
from posture.gui.recordings.player import Player
from posture.gui.recordings.reel import Reel
from posture.gui.recordings.safe import Item
from posture.gui.words import number, tr

_LIST_LINES, _BESIDE_LINES = 35, 64
"""Width of the list at first, and from which width of the page on the player is beside it; in heights of a line."""


class RecordingsPage(QWidget):
    """Shows what the keeper knows, and asks before anything leaves or goes."""

    failed = pyqtSignal(str)
    """Something did not work: for a dialog of the window."""

    def __init__(
        self,
        keeper: Keeper,
        keep_days: int,
        today: Callable[[], date] = date.today,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._keeper, self._today = keeper, today
        self._items: tuple[Item, ...] = ()
        self._rows: list[Row] = []
        self._playing: bytes | None = None
        self._placed = False
        self.making = Making(keep_days, keyring=keeper.has_keyring)
        self.opening = Opening(keyring=keeper.has_keyring)
        self.list = ClipList()
        self.player = Player()
        self.summary = label("")
        self.lock = QPushButton(tr("Lock"))
        self.lock.setAccessibleName(tr("Lock the recordings"))
        self.lock.setToolTip(tr("Ctrl+L, from anywhere"))
        self.few = Caution()
        self._make_actions()
        self._lay_out()
        self._wire()
        self.show_door()
        self.show_clips()

    # What it looks like.

    def _make_actions(self) -> None:
        self.play = main_button(tr("Play"))
        self.export = button(tr("Export decrypted…"))
        self.longer = button(tr("Keep longer…"))
        self.delete = button(tr("Delete…"))

    def _lay_out(self) -> None:
        self._doors = QStackedWidget()
        for door in (QWidget(), _centred(self.making), _centred(self.opening), self._open_side()):
            self._doors.addWidget(door)
        whole = headed(self, tr("Recordings"), self.summary, self.lock)
        whole.addWidget(self.few)
        whole.addWidget(self._doors, 1)

    def _open_side(self) -> QWidget:
        actions = QHBoxLayout()
        actions.setSpacing(8)
        for part in (self.play, self.export, self.longer):
            actions.addWidget(part)
        actions.addStretch(1)
        actions.addWidget(self.delete)
        self.about = label("")
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_PX)
        column.addWidget(self.player, 1)
        column.addWidget(self.about)
        column.addLayout(actions)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(theme.GAP_PX)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.list)
        self._split.addWidget(right)
        self._split.setStretchFactor(1, 1)
        self._filled = QStackedWidget()
        self._filled.addWidget(self._split)
        self._filled.addWidget(_centred(_empty()))
        return self._filled

    def _wire(self) -> None:
        keeper = self._keeper
        keeper.changed.connect(self.show_door)
        keeper.listed.connect(self.show_clips)
        keeper.locked.connect(self.forget)
        self.making.made.connect(lambda passphrase, keyring: keeper.make(passphrase, keyring=keyring))
        self.opening.opened.connect(keeper.unlock)
        self.opening.keyring_asked.connect(lambda: keeper.unlock(None))
        self.lock.clicked.connect(lambda _=False: keeper.lock())
        self.list.chosen.connect(lambda _: self._show_chosen())
        self.list.played.connect(self.play_row)
        self.list.deleted.connect(self.ask_delete)
        self.list.customContextMenuRequested.connect(self._menu)
        self.player.used.connect(keeper.touch)
        self.player.failed.connect(self.failed)
        self.player.opened.connect(lambda: self._show_chosen())
        for pressed, act in (
            (self.play, lambda: self.play_row(self.list.marked[0])), (self.export, self.ask_export),
            (self.longer, self.ask_longer), (self.delete, self.ask_delete),
        ):  # fmt: skip
            pressed.clicked.connect(lambda _=False, act=act: act())

    # What holds.

    def show_door(self) -> None:
        """Missing, locked or open."""
        keeper = self._keeper
        opening = keeper.door is Door.OPENING
        if not opening:
            place = {Door.UNKNOWN: 0, Door.MISSING: 1, Door.LOCKED: 2, Door.OPEN: 3}[keeper.door]
            moved = place != self._doors.currentIndex()
            self._doors.setCurrentIndex(place)
            if moved:
                self._opened_door()
        self.making.show_busy(opening)
        self.opening.show_busy(opening)
        self.making.offer_keyring(keeper.has_keyring)
        self.opening.keyring.setVisible(keeper.has_keyring)
        self.lock.setVisible(keeper.is_open)
        self.few.say(few_keys(keeper.days_left) if keeper.few_keys and keeper.door is Door.LOCKED else "")
        self._summarise()

    def _opened_door(self) -> None:
        """Where the focus belongs behind another door."""
        self.making.clear()
        self.opening.clear()
        if self.isVisible():
            self.take_focus()

    def take_focus(self) -> None:
        """Put the focus where one begins."""
        places = {Door.MISSING: self.making, Door.LOCKED: self.opening, Door.OPEN: self.list}
        part = places.get(self._keeper.door)
        if part is not None:
            part.setFocus()

    def show_clips(self) -> None:
        """The list anew; what was marked stays so."""
        marked = {self._items[place].clip_id for place in self.list.marked if place < len(self._items)}
        self._items = self._keeper.items if self._keeper.is_open else ()
        self._rows = [clip_words.row(item, self._today()) for item in self._items]
        places = [place for place, item in enumerate(self._items) if item.clip_id in marked]
        self.list.show_rows(self._rows, places)
        self._filled.setCurrentIndex(0 if self._items else 1)
        if self.list.hasFocus() and not places and self._items:
            self.list.selectRow(0)
        if self._playing is not None and self._playing not in {item.clip_id for item in self._items}:
            self._stop()
        self._show_chosen()
        self._summarise()

    def forget(self) -> None:
        """Locked: no picture, no list, and nothing that was typed stays."""
        self._stop()
        for dialog in self.findChildren(QDialog):
            dialog.reject()
        self._items, self._rows = (), []
        self.list.show_rows([], [])

    def _summarise(self) -> None:
        text = clip_words.summary(self._keeper.items) if self._keeper.door in (Door.LOCKED, Door.OPEN) else ""
        self.summary.setText(text if self._keeper.is_open else "")
        self.opening.kept.setText(text)
        self.opening.kept.setVisible(bool(text))

    def _show_chosen(self) -> None:
        rows = [self._rows[place] for place in self.list.marked]
        readable = len(rows) == 1 and self._items[self.list.marked[0]].readable
        self.play.setEnabled(readable)
        self.export.setEnabled(readable)
        self.longer.setEnabled(bool(rows) and all(self._items[place].readable for place in self.list.marked))
        self.delete.setEnabled(bool(rows))
        damage = self._damage_seen() if len(rows) == 1 else ""
        self.about.setText(_about(rows, damage))

    def _damage_seen(self) -> str:
        """What only opening tells: the marked one plays, and ends before its end."""
        item = self._items[self.list.marked[0]]
        moment = self.player.moment
        if item.clip_id != self._playing or not moment.torn or moment.shown is None:
            return ""
        about = item.entry.about
        return clip_words.readable(moment.length_s, about.length_s if about else None)

    # What is asked for.

    def play_row(self, place: int) -> None:
        """Play it from its beginning."""
        if not 0 <= place < len(self._items) or not self._items[place].readable:
            return
        item = self._items[place]
        self._playing = item.clip_id
        reel = Reel(self._keeper.clip(item))
        about = item.entry.about
        self.player.show_reel(reel, lines=about is None or about.content != "skeleton")
        reel.play()
        self.player.picture.setFocus()

    def ask_export(self) -> None:
        """What leaves, why and where to; nothing leaves before that."""
        if not self.export.isEnabled():
            return
        place = self.list.marked[0]
        dialog = Export(self._rows[place], export_folder(), self)
        dialog.accepted.connect(lambda: self._keeper.export(self._items[place], dialog.path, dialog.why))
        ask(dialog)

    def ask_delete(self) -> None:
        """Each time, because nothing brings it back."""
        places = self.list.marked
        if not places:
            return
        dialog = Delete([self._rows[place] for place in places], self)
        items = [self._items[place] for place in places]
        dialog.accepted.connect(lambda: self._remove(items))
        ask(dialog)

    def ask_longer(self) -> None:
        """Until when."""
        places = self.list.marked
        if not places or not self.longer.isEnabled():
            return
        items = [self._items[place] for place in places]
        until = max((last for item in items if (last := item.entry.last_day) is not None), default=self._today())
        dialog = Keep([self._rows[place] for place in places], until, self._today(), self)
        dialog.accepted.connect(lambda: self._keeper.keep(items, dialog.until))
        ask(dialog)

    def _remove(self, items: Sequence[Item]) -> None:
        if self._playing in {item.clip_id for item in items}:
            self._stop()  # Windows deletes no file that is open
        self._keeper.delete(items)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        for pressed, act in (
            (self.play, lambda: self.play_row(self.list.marked[0])), (self.export, self.ask_export),
            (self.longer, self.ask_longer), (self.delete, self.ask_delete),
        ):  # fmt: skip
            action = QAction(pressed.text(), menu)
            action.setEnabled(pressed.isEnabled())
            action.triggered.connect(lambda _=False, act=act: act())
            menu.addAction(action)
        menu.popup(self.list.mapToGlobal(at))

    def _stop(self) -> None:
        self._playing = None
        self.player.show_reel(None)

    def refuse(self, error: BaseException) -> None:
        """The vault was not made or not opened: why, at its door."""
        wrong = tr("That is not the passphrase, or the file with the keys was altered. Try again.")
        door = self.making if self._keeper.door is Door.MISSING else self.opening
        door.say_problem(wrong if isinstance(error, WrongKey) else told.of(error))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Side by side where both have room, else one above the other."""
        super().resizeEvent(event)
        line = self.fontMetrics().height()
        wide = self.width() >= _BESIDE_LINES * line
        if wide != (self._split.orientation() is Qt.Orientation.Horizontal):
            self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
            if not wide:
                self._split.setSizes([self.height() // 3, self.height() * 2 // 3])
        if wide and not self._placed:
            self._placed = True
            self._split.setSizes([_LIST_LINES * line, max(1, self.width() - _LIST_LINES * line)])

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: D102 - Qt's
        super().showEvent(event)
        self._keeper.look()

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: D102 - Qt's
        super().hideEvent(event)
        self.player.pause()


def _about(rows: list[Row], damage: str) -> str:
    """Beneath the player; `damage` is what playing has shown."""
    if not rows:
        return tr("Choose a recording; Enter plays it.")
    if len(rows) > 1:
        return tr("{count} recordings are marked", count=number(len(rows)))
    words = " · ".join(part for part in (rows[0].when, rows[0].about) if part)
    damage = damage or rows[0].damage
    return f"{words}\n▲ {damage}" if damage else words


def _empty() -> QWidget:
    box = QFrame()
    box.setObjectName("panel")
    column = QVBoxLayout(box)
    column.setContentsMargins(32, 28, 32, 28)
    column.setSpacing(8)
    title = QLabel(tr("Nothing is recorded"))
    theme.sized(title, 1.4, bold=True)
    text = label(tr("“Record…” on the Live page begins one; what of you is recorded is chosen before it starts."))
    for part in (title, text):
        part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(part)
    box.setFixedWidth(30 * box.fontMetrics().height())
    return box


def _centred(part: QWidget) -> QWidget:
    """In the middle, and scrolled where the window is small or the text large."""
    ground = QWidget()
    ground.setObjectName("pageground")
    column = QVBoxLayout(ground)
    column.addStretch(2)
    row = QHBoxLayout()  # an alignment would not ask for the height of wrapped words
    row.addStretch(1)
    row.addWidget(part)
    row.addStretch(1)
    column.addLayout(row)
    column.addStretch(3)
    area = scrolling(tr("Recordings"))
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(ground)
    return area
