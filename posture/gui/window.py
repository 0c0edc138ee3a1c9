"""The main window: rail, pages, status bar, keys. Made anew when theme, language or size of text change."""

from collections.abc import Callable
from datetime import date
from functools import partial

from PyQt6.QtCore import QEvent, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QMainWindow, QMessageBox, QVBoxLayout, QWidget

from posture.appearance import ViewName
from posture.gui.analyse.page import PAGE_KEYS
from posture.gui.analyse.work_parts import KEYS as REVIEW_KEYS
from posture.gui.condition import Condition
from posture.gui.dropped import files_of
from posture.gui.focus import FocusRing
from posture.gui.help_sheet import HelpSheet
from posture.gui.live_page import LivePage
from posture.gui.moments import Moments
from posture.gui.monitor import Shown
from posture.gui.pages import TITLES, House, Pages
from posture.gui.rail import Rail
from posture.gui.record_dialog import RecordDialog
from posture.gui.recording import RecordingBar, in_short
from posture.gui.recordings import clip_words
from posture.gui.recordings.parts import KeysBar
from posture.gui.recordings.player import KEYS as PLAYER_KEYS
from posture.gui.shortcuts import SHORTCUTS, Shortcut, is_letter
from posture.gui.status_bar import StatusBar
from posture.gui.undo_bar import UndoBar
from posture.gui.words import tr
from posture.live.clerk import said
from posture.live.snapshot import Phase, Snapshot
from posture.reminders import Reminder
from posture.sinks.recorder_settings import Content

_SIZE = (1280, 860)


class MainWindow(QMainWindow):
    """What tray, cues and mini window attach to: the signals say what happens, `house.desk.commands` does things."""

    snapshotShown = pyqtSignal(object)
    """Every `Snapshot` that arrives."""
    reminderChanged = pyqtSignal(object)
    """A `Reminder` that differs from the one before."""
    closing = pyqtSignal(object)
    """The `QCloseEvent`: whoever keeps the program in the tray ignores it and hides the window."""
    quitRequested = pyqtSignal()
    """Ctrl+Q."""
    miniRequested = pyqtSignal()
    """Ctrl+M."""
    lookAsked = pyqtSignal()
    """Theme, language or size of text may be others now."""
    rebuilt = pyqtSignal()
    """Everything inside was made anew: another theme, language or size of text."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        self._reminder = Reminder()
        self._page = "live"
        self.setWindowTitle("posture")
        self.setAcceptDrops(True)
        self.resize(*_SIZE)
        self.ring = FocusRing(self)
        self._acts = self._all_acts()
        self.moments = Moments(house.desk, self)
        self.moments.arrived.connect(self._arrived)
        self.moments.said.connect(self._said)
        house.file.refused.connect(self._refused)
        house.keeper.changed.connect(self._show_keys)
        house.keeper.failed.connect(self.tell)
        house.keeper.done.connect(self._kept)
        self.build()

    def build(self) -> None:
        """Make everything inside; what was there before goes. A page comes when somebody can see it."""
        self.close_down()
        whole = QWidget()
        self.rail = Rail({name: tr(title) for name, title in TITLES.items()})
        self.rail.chosen.connect(self._chosen)
        self.pages = Pages(self.house, self.moments, self._records)
        self.undo = UndoBar()
        self.status = StatusBar(self.house.layers)
        self.recording, self.keys = RecordingBar(), KeysBar()
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.recording)
        column.addWidget(self.pages, 1)
        column.addWidget(self.keys)
        column.addWidget(self.undo)
        row.addLayout(column, 1)
        outer = QVBoxLayout(whole)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(row, 1)
        outer.addWidget(self.status)
        self._wire()
        self.setCentralWidget(whole)
        self._shortcuts = [self._bound(one, whole) for one in SHORTCUTS if not one.letter]
        if self.isVisible():
            self.show_page(self._page)
        self._show_keys()
        self.recording.show_recording(self.house.desk.bridge.newest.snapshot.recording)
        self.rebuilt.emit()

    @pyqtSlot()
    def ask_look(self) -> None:
        """See `lookAsked`; what calls this by Qt's own means goes with the window."""
        self.lookAsked.emit()

    def close_down(self) -> None:
        """End the threads of what is inside."""
        if hasattr(self, "pages"):
            self.pages.close_down()

    def show_page(self, name: str) -> None:
        """One of `TITLES`."""
        self._page = name
        self.pages.show_page(name)
        self.rail.show_page(name)
        self._show_keys()

    def setVisible(self, visible: bool) -> None:
        """See QWidget. Before the window is laid out, its page is in it, whichever were made meanwhile in the tray."""
        if visible and not self.pages.is_shown(self._page):
            self.show_page(self._page)
        super().setVisible(visible)

    def show_help(self) -> None:
        """The sheet of keys."""
        letters = self.house.file.settings.window.single_letter_keys
        page, more = {"analyse": (PAGE_KEYS, REVIEW_KEYS), "recordings": ((), PLAYER_KEYS)}.get(self._page, ((), ()))
        shown = [one for one in more if letters or not is_letter(one[0])]
        HelpSheet(letters=letters, more=shown, page=page, parent=self).exec()

    def tell(self, text: str) -> None:
        """Something went wrong: what, and the next step, in a dialog."""
        box = QMessageBox(QMessageBox.Icon.Warning, tr("Something went wrong"), text, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.exec()

    def _wire(self) -> None:
        pages = self.pages
        pages.made.connect(self._bind_letters)
        pages.failed.connect(self.tell)
        pages.told.connect(self._told)
        pages.viewed.connect(self._keep_view)
        pages.record_asked.connect(self.record)
        pages.unlock_asked.connect(self._unlock)
        pages.erasing.connect(self.panic)
        pages.erased.connect(self._end_erased)
        pages.changed.connect(self._offer_undo)
        self.recording.stopped.connect(self.house.desk.commands.stop_recording)
        self.keys.asked.connect(partial(self.show_page, "recordings"))

    def record(self) -> None:
        """Ask what is to be recorded, and start; or stop."""
        now = self.house.desk.bridge.newest.snapshot
        if now.recording.shows:
            self.house.desk.commands.stop_recording()
        elif now.phase is Phase.RUNNING:
            dialog = RecordDialog(self.house.file.settings, self.house.keeper, date.today(), self)
            dialog.started.connect(self._start_recording)
            dialog.vault_asked.connect(partial(self.show_page, "recordings"))
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def _unlock(self) -> None:
        """With the keyring of the system where it opens the vault, and else where the passphrase is asked for."""
        if self.house.keeper.has_keyring:
            self.house.keeper.unlock(None)
        else:
            self.show_page("recordings")

    def _export(self) -> None:
        """Ctrl+E, on the pages that let something out."""
        asks = {
            "reports": lambda: self.pages.reports.save(),
            "analyse": lambda: self.pages.analyse.ask_export(),
            "recordings": lambda: self.pages.recordings.ask_export(),
        }
        asks.get(self._page, lambda: None)()

    def panic(self) -> None:
        """The camera off and the recordings locked, whatever is open."""
        self.house.desk.commands.panic()

    def _records(self) -> bool:
        return self.house.desk.bridge.newest.snapshot.recording.shows

    def _end_erased(self, text: str) -> None:
        """Nothing is left that a program could go on with."""
        box = QMessageBox(QMessageBox.Icon.Information, tr("Everything is erased"), text, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.setInformativeText(tr("The program ends now."))
        box.exec()
        self.quitRequested.emit()

    def _start_recording(self, content: Content) -> None:
        self.house.file.change({"recorder.content": content})
        self.house.desk.commands.record(content)

    def _show_keys(self) -> None:
        """Where unlocking is not in front of the person anyway."""
        keeper = self.house.keeper
        self.keys.show_days(keeper.days_left, shown=keeper.few_keys and self._page != "recordings")

    def _bind_letters(self, page: QWidget) -> None:
        """Keys without Ctrl belong to the picture, where the person wants any."""
        if isinstance(page, LivePage) and self.house.file.settings.window.single_letter_keys:
            self._shortcuts += [self._bound(one, page.picture) for one in SHORTCUTS if one.letter]

    def _bound(self, shortcut: Shortcut, over: QWidget) -> QShortcut:
        bound = QShortcut(QKeySequence(shortcut.keys), over)
        if shortcut.letter:
            bound.setContext(Qt.ShortcutContext.WidgetShortcut)
        bound.activated.connect(self._acts[shortcut.name])
        return bound

    def _all_acts(self) -> dict[str, Callable[[], object]]:
        commands = self.house.desk.commands
        return {
            "toggle": commands.toggle,
            "calibrate": lambda: self.pages.live.open_calibration(),
            "blurred": partial(self._view_or_video, "blurred"),
            "skeleton": partial(self._view_or_video, "skeleton"),
            "mute": lambda: commands.mute(not commands.is_muted),
            "sheet": self.show_help,
            "page1": partial(self.show_page, "live"),
            "page2": partial(self.show_page, "analyse"),
            "page3": partial(self.show_page, "recordings"),
            "page4": partial(self.show_page, "today"),
            "page5": partial(self.show_page, "reports"),
            "page6": partial(self.show_page, "privacy"),
            "export": self._export,
            "page7": partial(self.show_page, "batch"),
            "page8": partial(self.show_page, "models"),
            "record": self.record,
            "lock": self.house.keeper.lock,
            "panic": self.panic,
            "settings": partial(self.show_page, "settings"),
            "full_screen": lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen(),
            "help": self.show_help,
            "mini": self.miniRequested.emit,
            "quit": self.quitRequested.emit,
        }

    def _view_or_video(self, view: ViewName) -> None:
        live = self.pages.live
        live.set_view("video" if live.picture.mode == view else view)

    def _chosen(self, name: str) -> None:
        if name == "help":
            self.show_help()
        else:
            self.show_page(name)

    def _keep_view(self, view: str) -> None:
        self.house.file.change({"window.view": view})
        if self.pages.is_made("settings"):
            self.pages.settings.show_settings()

    def _offer_undo(self, text: str, before: object) -> None:
        self.undo.offer(text, partial(self._undo_settings, before) if before is not None else None)

    def _undo_settings(self, before: object) -> None:
        self.pages.settings.undo(before)  # type: ignore[arg-type]  # it came from the page's own signal

    def _refused(self, paths: list[str], error: BaseException) -> None:
        """Settings that could not be logged or kept: said in their rows, or over another page."""
        self.pages.settings.refused(paths, error)
        if self._page != "settings":
            self.tell(said(error))

    def _told(self, text: str) -> None:
        self.undo.offer(text, None)

    def _kept(self, what: str, how: object) -> None:
        self._told(clip_words.done(what, how))

    def _said(self, _: Snapshot, now: Condition) -> None:
        self.status.state.say(now.title)

    def _arrived(self, shown: Shown) -> None:
        snapshot = shown.snapshot
        self.status.show_snapshot(snapshot)
        self.recording.show_recording(snapshot.recording)
        self._name_it(in_short(snapshot.recording))
        self.snapshotShown.emit(snapshot)
        if snapshot.reminder != self._reminder:
            self._reminder = snapshot.reminder
            self.reminderChanged.emit(snapshot.reminder)

    def _name_it(self, recording: str) -> None:
        """The title says it too: it can be read where the window is covered or folded."""
        title = f"● {recording} – posture" if recording else "posture"
        if self.windowTitle() != title:
            self.setWindowTitle(title)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None and files_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None:
            self.show_page("analyse")
            self.pages.analyse.add_files(files_of(event.mimeData()))

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: D102 - Qt's
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.WindowStateChange and self.pages.is_made("live"):
            self.pages.live.aim()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: D102 - Qt's
        self.closing.emit(event)
        if event is not None and event.isAccepted():
            super().closeEvent(event)
