"""The main window: rail, pages, status bar, keys. Made anew when theme, language or size of text change."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from posture.appearance import ViewName
from posture.gui.dropped import DropBar, files_of
from posture.gui.focus import FocusRing
from posture.gui.help_sheet import HelpSheet
from posture.gui.live_page import Desk, LivePage
from posture.gui.places import report_folder
from posture.gui.rail import Rail
from posture.gui.settings_file import SettingsFile
from posture.gui.settings_page import SettingsPage
from posture.gui.shortcuts import SHORTCUTS
from posture.gui.status_bar import Layers, StatusBar
from posture.gui.today_page import TodayPage
from posture.gui.undo_bar import UndoBar
from posture.gui.words import mark, tr
from posture.live.clerk import said
from posture.live.snapshot import Snapshot
from posture.reminders import Reminder
from posture.sinks.today import Today

PAGES = {"live": mark("Live"), "today": mark("Today"), "settings": mark("Settings")}
_SIZE = (1280, 860)


@dataclass(frozen=True, slots=True)
class House:
    """What the window stands on; outlives it."""

    desk: Desk
    file: SettingsFile
    today: Callable[[], Today | None]
    layers: Layers
    language: Callable[[], str]


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
        house.desk.bridge.connect(self._newest)
        house.file.refused.connect(self._refused)
        self.build()

    def build(self) -> None:
        """Make everything inside; what was there before goes."""
        window = self.house.file.settings.window
        whole = QWidget()
        self.rail = Rail({name: tr(title) for name, title in PAGES.items()})
        self.rail.chosen.connect(self._chosen)
        self.live = LivePage(self.house.desk, window)
        self.today = TodayPage(self.house.today)
        self.settings = SettingsPage(self.house.file, self.house.language())
        self.pages = QStackedWidget()
        for page in (self.live, self.today, self.settings):
            self.pages.addWidget(page)
        self.undo, self.drop = UndoBar(), DropBar(report_folder(self.house.file.settings.output.folder))
        self.status = StatusBar(self.house.layers)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.drop)
        column.addWidget(self.undo)
        row.addLayout(column, 1)
        outer = QVBoxLayout(whole)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(row, 1)
        outer.addWidget(self.status)
        self._wire()
        self.setCentralWidget(whole)
        self._bind(letters=window.single_letter_keys)
        self.show_page(self._page)
        self.rebuilt.emit()

    def show_page(self, name: str) -> None:
        """Live, today or settings."""
        self._page = name
        self.pages.setCurrentIndex(list(PAGES).index(name))
        self.rail.show_page(name)
        if name == "live":
            self.live.picture.setFocus()
        elif name == "settings":
            self.settings.search.setFocus()

    def show_help(self) -> None:
        """The sheet of keys."""
        HelpSheet(letters=self.house.file.settings.window.single_letter_keys, parent=self).exec()

    def tell(self, text: str) -> None:
        """Something went wrong: what, and the next step, in a dialog."""
        box = QMessageBox(QMessageBox.Icon.Warning, tr("Something went wrong"), text, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.exec()

    def _wire(self) -> None:
        self.live.viewed.connect(self._keep_view)
        self.live.seen.connect(self._seen)
        self.live.state_said.connect(self.status.state.say)
        self.live.failed.connect(self.tell)
        self.settings.changed.connect(self._offer_undo)
        self.drop.refused.connect(self.tell)

    def _bind(self, *, letters: bool) -> None:
        self._shortcuts = []
        acts = self._acts()
        for shortcut in SHORTCUTS:
            if shortcut.letter and not letters:
                continue
            over = self.live.picture if shortcut.letter else self.centralWidget()
            bound = QShortcut(QKeySequence(shortcut.keys), over)
            if shortcut.letter:
                bound.setContext(Qt.ShortcutContext.WidgetShortcut)
            bound.activated.connect(acts[shortcut.name])
            self._shortcuts.append(bound)

    def _acts(self) -> dict[str, Callable[[], object]]:
        commands = self.house.desk.commands
        return {
            "toggle": commands.toggle,
            "calibrate": self.live.open_calibration,
            "blurred": partial(self._view_or_video, "blurred"),
            "skeleton": partial(self._view_or_video, "skeleton"),
            "mute": lambda: commands.mute(not commands.is_muted),
            "sheet": self.show_help,
            "page1": partial(self.show_page, "live"),
            "page2": partial(self.show_page, "today"),
            "settings": partial(self.show_page, "settings"),
            "full_screen": lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen(),
            "help": self.show_help,
            "mini": self.miniRequested.emit,
            "quit": self.quitRequested.emit,
        }

    def _view_or_video(self, view: ViewName) -> None:
        self.live.set_view("video" if self.live.picture.mode == view else view)

    def _chosen(self, name: str) -> None:
        if name == "help":
            self.show_help()
        else:
            self.show_page(name)

    def _keep_view(self, view: str) -> None:
        self.house.file.change({"window.view": view})
        self.settings.show_settings()

    def _offer_undo(self, text: str, before: object) -> None:
        self.undo.offer(text, partial(self._undo_settings, before) if before is not None else None)

    def _undo_settings(self, before: object) -> None:
        self.settings.undo(before)  # type: ignore[arg-type]  # it came from the page's own signal

    def _refused(self, paths: list[str], error: BaseException) -> None:
        """Settings that could not be logged or kept: said in their rows, or over another page."""
        self.settings.refused(paths, error)
        if self._page != "settings":
            self.tell(said(error))

    def _newest(self) -> None:
        self.live.newest()

    def _seen(self, snapshot: Snapshot) -> None:
        self.status.show_snapshot(snapshot)
        self.snapshotShown.emit(snapshot)
        if snapshot.reminder != self._reminder:
            self._reminder = snapshot.reminder
            self.reminderChanged.emit(snapshot.reminder)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None and files_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None:
            self.drop.take(files_of(event.mimeData()))

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: D102 - Qt's
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.WindowStateChange and hasattr(self, "live"):
            self.live.aim()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: D102 - Qt's
        self.closing.emit(event)
        if event is not None and event.isAccepted():
            self.drop.stop()
            super().closeEvent(event)
