"""The window as a program: one QApplication, theme and language in force, and no traceback for a person."""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from PyQt6.QtCore import Qt, QThread, QTimer
from PyQt6.QtWidgets import QApplication

from posture import config
from posture.config import Settings
from posture.errors import PostureError
from posture.gui import theme
from posture.gui.analyse.bench import Analyse, Bench, no_key, uncached
from posture.gui.analyse.changes import Changes
from posture.gui.analyse.page import Exported
from posture.gui.analyse.rescue import NothingKept, Rescue, Store
from posture.gui.commands import Commands
from posture.gui.history.past import Past, PastOf
from posture.gui.models.curator import Curator
from posture.gui.models.shelf import Shelf, UserShelf
from posture.gui.moments import Desk
from posture.gui.monitor import Bridge, LiveMonitor
from posture.gui.pages import House
from posture.gui.privacy.office import Office
from posture.gui.privacy.steward import Steward
from posture.gui.recent import Recent
from posture.gui.recordings.keeper import Keeper, Safe
from posture.gui.reports.page import NOTHING_TO_REPORT, Reporting
from posture.gui.settings_file import SettingsFile, Write, at_once
from posture.gui.status_bar import Layers
from posture.gui.theme import Theme
from posture.gui.toolbar import Cameras, Device
from posture.gui.window import MainWindow
from posture.gui.words import Language, language_of, tr
from posture.privacy import guard

LOOK_AND_WORDS = ("window.theme", "window.language", "window.text_scale_percent", "window.reduced_motion")
"""Settings that everything inside the window is made with."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the program is composed of; the command line puts it together."""

    monitor: LiveMonitor
    settings_path: Path
    record: Callable[[list[str]], None]
    """Key paths of settings that changed, for the audit log."""
    in_force: Callable[[Settings], None]
    """New settings for the monitor, and whoever else reads them."""
    devices: Callable[[], tuple[Device, ...]]
    safe: Safe
    """The vault and its recordings."""
    office: Office
    """What the Privacy page looks at, copies and erases."""
    past: PastOf = lambda count: Past()
    """The last days, as far as they can be read now."""
    reporting: Reporting = NOTHING_TO_REPORT
    """What the Reports page reads, and tells of what it wrote."""
    try_demo: Callable[[], None] | None = None
    shelf: Shelf = field(default_factory=UserShelf)
    """What the Models page looks at, measures, adds and removes."""
    clip_key: Callable[[Path], bytes] = no_key
    """What opens one recording of the open vault for the Analyse page, and nothing else. Raises PostureError."""
    analyse: Analyse = uncached
    """Makes the analyses of that page; through the cache of results, where there is one."""
    unsaved: Store = field(default_factory=NothingKept)
    """Where what is on the Analyse page is kept for after a crash."""
    layers: Layers = guard.layers
    exported: Exported = lambda form, path: None
    """Hears of every report that was written, for the audit log; called in another thread."""
    write: Write = at_once
    """Writes settings and their entries in the audit log, which may take as long as the disk does."""


class Program:
    """Everything that lives as long as the application.

    It hears of the desktop's colours by a slot of its window, which Qt drops together with the window; and afterwards,
    because nothing can be made anew while Qt restyles all windows there are.
    """

    hidden = False
    """Whether it begins in the tray: its window is not shown, and no page is made."""

    def __init__(self, application: QApplication, parts: Parts) -> None:
        self._parts = parts
        self._theme, self._language = Theme(application), Language(application)
        self.file = SettingsFile(parts.settings_path, parts.record, self._changed, parts.write)
        self._dress()
        self.commands = Commands(parts.monitor)
        cameras = Cameras(parts.devices, lambda: _device_of(self.file.settings), self._choose)
        self.bridge = Bridge(parts.monitor)
        desk = Desk(
            self.bridge, self.commands, cameras, Recent(), try_demo=parts.try_demo, remember=self._remember,
            platform=sys.platform,
        )  # fmt: skip
        self.keeper = Keeper(parts.safe, lambda: 60.0 * self.file.settings.vault.lock_after_min)
        self.commands.panicked.connect(self.keeper.lock)
        self.bench = Bench(lambda: self.file.settings, analyse=parts.analyse, key_of=parts.clip_key)
        reviews: dict[int, Changes] = {}
        self.rescue = Rescue(parts.unsaved, parts.safe.secrets, self.bench, reviews, self.keeper)
        self.keeper.locked.connect(self.rescue.lock)
        self.steward = Steward(parts.office)
        self.curator = Curator(parts.shelf)
        house = House(
            desk, self.file, parts.past, parts.layers, lambda: self._language.name, self.keeper, self.steward,
            self.bench, self.rescue, self.curator, reviews, exported=parts.exported, reporting=parts.reporting,
        )  # fmt: skip
        self.window = MainWindow(house)
        self.keeper.look()
        self._hints = application.styleHints()
        if self._hints is not None:
            later = Qt.ConnectionType.QueuedConnection
            self._hints.colorSchemeChanged.connect(self.window.ask_look, type=later)  # type: ignore[call-arg]
        self.window.lookAsked.connect(self._redress)
        self.window.quitRequested.connect(self._quit)

    def _dress(self) -> None:
        window = self.file.settings.window
        self._theme.use(window)
        self._language.use(language_of(window.language))
        self.window_title = tr("posture")
        self._look = self._of_look()

    def _redress(self) -> None:
        """Theme, language or size of text may be others: then everything inside the window is made anew."""
        if self._of_look() != self._look:
            self._dress()
            self.window.build()

    def _changed(self, settings: Settings) -> None:
        self._parts.in_force(settings)
        if self._of_look() != self._look:
            QTimer.singleShot(0, self.window.ask_look)  # the control that was pressed has to finish first

    def _of_look(self) -> tuple[object, ...]:
        window = self.file.settings.window
        return theme.chosen(window.theme), *(getattr(window, path.partition(".")[2]) for path in LOOK_AND_WORDS)

    def _choose(self, device: str) -> None:
        self.file.change({"camera.device": device})
        self.commands.reopen()

    def _remember(self, on: bool) -> None:
        self._parts.monitor.remember_profiles(on)
        if "live.remember_profiles" in config.key_paths():
            self.file.change({"live.remember_profiles": on})

    def close(self) -> None:
        """Nothing of it is left in the application: another program in the same process begins anew."""
        if self._hints is not None:
            self._hints.colorSchemeChanged.disconnect(self.window.ask_look)
        self.window.lookAsked.disconnect(self._redress)
        self._language.use("en")
        self.rescue.close()
        self.keeper.close()
        self.steward.close()
        self.curator.close()
        self.window.close_down()
        self.bench.close()
        self.window.quitRequested.disconnect(self._quit)

    def _quit(self) -> None:
        leave()


def run(
    parts: Parts,
    *,
    application: QApplication | None = None,
    attach: Callable[[Program], Callable[[], None]] = lambda _: lambda: None,
) -> int:
    """Show the window until it is closed; the exit code. The monitor is closed whatever happens.

    `attach` ties the program to the desktop around it before the window shows, and returns what unties it.
    """
    application = application or QApplication(sys.argv[:1])
    application.setApplicationName("posture")
    application.setDesktopFileName("posture")
    program = Program(application, parts)
    before, sys.excepthook = sys.excepthook, Hook(program.window.tell)
    detach = attach(program)
    try:
        if not program.hidden:
            program.window.show()
        return application.exec()
    finally:
        sys.excepthook = before
        detach()
        parts.monitor.close()
        program.close()


def leave() -> None:
    """End the program, also while a dialog asks. `QApplication.quit` would ask the windows, and one that stays in the
    tray says no; but `exit` without a loop would keep every later one from waiting.
    """
    thread = QThread.currentThread()
    if thread is not None and thread.loopLevel() > 0:
        QApplication.exit(0)


class Hook:
    """What Python calls for an error that nobody caught in a slot: a sentence and the next step, no traceback."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._telling = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """See sys.excepthook."""
        if issubclass(kind, KeyboardInterrupt):
            leave()
            return
        if self._telling:  # an error about an error: the first one is enough
            return
        self._telling = True
        try:
            self._tell(sentence(error))
        finally:
            self._telling = False


def sentence(error: BaseException) -> str:
    """What a person reads of `error`."""
    if isinstance(error, PostureError):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(where[-1].filename).name}:{where[-1].lineno})" if where else ""
    text = tr("An unexpected error: {error}{place}. Monitoring goes on where it can.", error=repr(error), place=place)
    return f"{text} {tr('Please report it together with the output of “posture doctor --bundle FILE”.')}"


def _device_of(settings: Settings) -> str:
    """The chosen camera; empty where none was chosen."""
    return str(getattr(getattr(settings, "camera", None), "device", ""))
