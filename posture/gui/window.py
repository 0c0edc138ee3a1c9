"""The main window: rail, pages, status bar, keys. Made anew when theme, language or size of text change."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from posture.appearance import ViewName
from posture.gui.analyse.bench import Bench
from posture.gui.analyse.changes import Changes
from posture.gui.analyse.page import AnalysePage, Exported
from posture.gui.analyse.work_parts import KEYS as REVIEW_KEYS
from posture.gui.batch.jobs import Jobs
from posture.gui.batch.page import BatchPage
from posture.gui.dropped import files_of
from posture.gui.focus import FocusRing
from posture.gui.help_sheet import HelpSheet
from posture.gui.history.page import TodayPage
from posture.gui.history.past import PastOf
from posture.gui.live_page import Desk, LivePage
from posture.gui.models.curator import Curator
from posture.gui.models.page import ModelsPage
from posture.gui.privacy.page import PrivacyPage
from posture.gui.privacy.steward import Steward
from posture.gui.rail import Rail
from posture.gui.record_dialog import RecordDialog
from posture.gui.recording import RecordingBar, in_short
from posture.gui.recordings.keeper import Keeper
from posture.gui.recordings.page import RecordingsPage
from posture.gui.recordings.parts import KeysBar
from posture.gui.recordings.player import KEYS as PLAYER_KEYS
from posture.gui.reports.page import NOTHING_TO_REPORT, Reporting, ReportsPage
from posture.gui.settings_file import SettingsFile
from posture.gui.settings_page import SettingsPage
from posture.gui.shortcuts import SHORTCUTS, is_letter
from posture.gui.status_bar import Layers, StatusBar
from posture.gui.undo_bar import UndoBar
from posture.gui.words import mark, tr
from posture.live.clerk import said
from posture.live.snapshot import Phase, Snapshot
from posture.reminders import Reminder
from posture.sinks.recorder_settings import Content

PAGES = {
    "live": mark("Live"),
    "analyse": mark("Analyse"),
    "recordings": mark("Recordings"),
    "today": mark("Today"),
    "reports": mark("Reports"),
    "privacy": mark("Privacy"),
    "batch": mark("Batch"),
    "models": mark("Models"),
    "settings": mark("Settings"),
}
_SIZE = (1280, 860)


@dataclass(frozen=True, slots=True)
class House:
    """What the window stands on; outlives it."""

    desk: Desk
    file: SettingsFile
    past: PastOf
    layers: Layers
    language: Callable[[], str]
    keeper: Keeper
    steward: Steward
    bench: Bench
    curator: Curator
    reviews: dict[int, Changes] = field(default_factory=dict)
    """Of the files on the bench, by their numbers."""
    exported: Exported = lambda form, path: None
    """Hears of every report that was written, for the audit log."""
    reporting: Reporting = NOTHING_TO_REPORT


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
        house.keeper.changed.connect(self._show_keys)
        house.keeper.changed.connect(lambda: self.today.refresh())
        house.keeper.locked.connect(lambda: self.today.forget())
        house.keeper.locked.connect(lambda: self.reports.forget())
        house.keeper.changed.connect(lambda: self.reports.refresh())
        self.build()

    def build(self) -> None:
        """Make everything inside; what was there before goes."""
        self.close_down()
        window = self.house.file.settings.window
        whole = QWidget()
        self.rail = Rail({name: tr(title) for name, title in PAGES.items()})
        self.rail.chosen.connect(self._chosen)
        self.live = LivePage(self.house.desk, window)
        self.analyse = AnalysePage(
            self.house.bench, self.house.reviews, lambda: self.house.file.settings, self.house.language(),
            self.house.exported,
        )  # fmt: skip
        self.recordings = RecordingsPage(self.house.keeper, self.house.file.settings.vault.keep_days)
        self.today = TodayPage(self.house.past, self.house.file.settings.live.history_days)
        self.reports = ReportsPage(self.house.reporting, "de" if self.house.language() == "de" else "en")
        self.settings = SettingsPage(self.house.file, self.house.language())
        self.privacy = PrivacyPage(
            self.house.steward, self.house.keeper, "de" if self.house.language() == "de" else "en", self._records
        )
        self.jobs = Jobs(self)
        self.batch = BatchPage(self.jobs)
        self.models = ModelsPage(self.house.curator)
        self.pages = QStackedWidget()
        pages = (
            self.live, self.analyse, self.recordings, self.today, self.reports, self.privacy, self.batch, self.models,
            self.settings,
        )  # fmt: skip
        for page in pages:
            self.pages.addWidget(page)
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
        self._bind(letters=window.single_letter_keys)
        self.show_page(self._page)
        self.recording.show_recording(self.house.desk.bridge.newest.snapshot.recording)
        self.rebuilt.emit()

    def close_down(self) -> None:
        """End the threads of what is inside."""
        if hasattr(self, "today"):
            self.today.close_down()
            self.reports.close_down()
            self.analyse.close_down()
            self.jobs.close()

    def show_page(self, name: str) -> None:
        """One of `PAGES`."""
        self._page = name
        self.pages.setCurrentIndex(list(PAGES).index(name))
        self.rail.show_page(name)
        if name == "live":
            self.live.picture.setFocus()
        elif name == "analyse":
            self.analyse.take_focus()
        elif name == "recordings":
            self.recordings.take_focus()
        elif name == "reports":
            self.reports.take_focus()
        elif name == "settings":
            self.settings.search.setFocus()
        elif name == "privacy":
            self.privacy.take_focus()
        elif name == "batch":
            self.batch.take_focus()
        elif name == "models":
            self.models.take_focus()
        self._show_keys()

    def show_help(self) -> None:
        """The sheet of keys."""
        letters = self.house.file.settings.window.single_letter_keys
        more = {"analyse": REVIEW_KEYS, "recordings": PLAYER_KEYS}.get(self._page, ())
        HelpSheet(letters=letters, more=[one for one in more if letters or not is_letter(one[0])], parent=self).exec()

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
        self.analyse.failed.connect(self.tell)
        self.analyse.told.connect(lambda text: self.undo.offer(text, None))
        self.live.record_asked.connect(self.record)
        self.recording.stopped.connect(self.house.desk.commands.stop_recording)
        self.recordings.failed.connect(self.tell)
        self.recordings.told.connect(lambda text: self.undo.offer(text, None))
        self.reports.failed.connect(self.tell)
        self.reports.told.connect(lambda text: self.undo.offer(text, None))
        self.privacy.failed.connect(self.tell)
        self.batch.failed.connect(self.tell)
        self.privacy.told.connect(lambda text: self.undo.offer(text, None))
        self.models.failed.connect(self.tell)
        self.models.told.connect(lambda text: self.undo.offer(text, None))
        self.privacy.erasing.connect(self.panic)
        self.privacy.erased.connect(self._end_erased)
        self.keys.asked.connect(partial(self.show_page, "recordings"))
        self.today.unlock_asked.connect(self._unlock)

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
            "reports": self.reports.save,
            "analyse": self.analyse.ask_export,
            "recordings": self.recordings.ask_export,
        }
        if (ask := asks.get(self._page)) is not None:
            ask()

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
            self.analyse.add_files(files_of(event.mimeData()))

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: D102 - Qt's
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.WindowStateChange and hasattr(self, "live"):
            self.live.aim()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: D102 - Qt's
        self.closing.emit(event)
        if event is not None and event.isAccepted():
            super().closeEvent(event)
