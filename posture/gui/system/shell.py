"""Ties the desktop to the monitor and the window. Made after the window, closed before the monitor.

What it needs of the window are its signals; what it does to the monitor goes through `Commands` or is a `Pause`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QCloseEvent

from posture import config
from posture.ergonomics.sitting import State
from posture.gui.system.around import Around
from posture.gui.system.autostart import Entry
from posture.gui.system.cues import Cues
from posture.gui.system.foreground import Foreground, foreground
from posture.gui.system.mini import MiniWindow
from posture.gui.system.onboarding import Onboarding, is_first, welcome
from posture.gui.system.pausing import Pausing
from posture.gui.system.power import Power, power
from posture.gui.system.screens import Screens
from posture.gui.system.session import Session, session
from posture.gui.system.single import Single, to_front
from posture.gui.system.sound import sound
from posture.gui.system.tray import Tray
from posture.gui.window import MainWindow
from posture.live.snapshot import Figures, Pause, Phase, Snapshot
from posture.reminders import Level, Reminder, ReminderSettings

TRY_S = 2.0
"""How long a reminder is shown that the person wants to see once."""


@dataclass(frozen=True, slots=True)
class Surface:
    """The parts of the desktop; each has a fake that tests put in its place."""

    foreground: Callable[[], Foreground] = foreground
    session: Callable[[Callable[[], bool], QObject], Session] = session
    power: Callable[[QObject], Power] = power
    sound: Callable[[], Callable[[], None]] = sound


class Shell(QObject):
    """`around.surroundings` is for the monitor; everything else ties itself."""

    def __init__(
        self,
        window: MainWindow,
        folder: Path,
        *,
        single: Single | None = None,
        login: Entry | None = None,
        safe_mode: bool = False,
        surface: Surface | None = None,
    ) -> None:
        super().__init__(window)
        parts = surface or Surface()
        self._window, self._folder, self._login = window, folder, login
        self._desk, self._file = window.house.desk, window.house.file
        self._trying = False
        there = parts.foreground()
        self.around = Around(there.full_screen, parent=self)
        self.cues = Cues(
            there, parts.sound(), reduced_motion=lambda: self._file.settings.window.reduced_motion,
            over_windows=not safe_mode, parent=self,
        )  # fmt: skip
        self.screens = Screens(self._on_screens, self)
        self.pausing = Pausing(self._desk.commands)
        self.tray = Tray(self._desk.commands, self.pausing, parent=self)
        self.mini: MiniWindow | None = None
        self.session = parts.session(lambda: self._desk.bridge.monitor.dark, self)
        self.power = parts.power(self)
        self.onboarding: Onboarding | None = None
        self._wire(single)

    def begin(self) -> None:
        """After the window was shown: the first steps, where nobody has been through them."""
        if is_first(self._folder):
            self.set_up()

    def set_up(self) -> None:
        """The four steps, over the window."""
        to_front(self._window)
        level = self._reminders().level
        self.onboarding = Onboarding(self._desk, self._change, level, self._login, self._window)
        self.onboarding.tried.connect(self.try_level)
        self.onboarding.finished.connect(self._set_up)
        welcome(self._folder, self.onboarding, self._window.tell)

    def try_level(self, level: Level) -> None:
        """Show a reminder once, whatever the posture."""
        self._trying = True
        played = Snapshot(Phase.RUNNING, reminder=Reminder(State.SLUMP, level), figures=Figures(fps_target=1 / TRY_S))
        self.cues.see(played)
        QTimer.singleShot(round(TRY_S * 1000), self._tried)

    def show_mini(self) -> None:
        """The mini window, or away with it."""
        if self.mini is None:
            self.mini = MiniWindow(self.pausing)
            self.mini.opened.connect(lambda: to_front(self._window))
        if self.mini.isVisible():
            self.mini.close()
        else:
            self.mini.see(self._desk.bridge.monitor.newest)
            self.mini.show()

    def close(self) -> None:
        """Nothing of the program is left on the desktop."""
        self.cues.clear()
        self.session.close()
        self.tray.icon.hide()
        if self.mini is not None:
            self.mini.close()

    def restyle(self) -> None:
        """Theme or language are others."""
        self.tray.restyle()
        if self.mini is not None and self.mini.isVisible():
            self.mini.close()
            self.mini = None
            self.show_mini()
        else:
            self.mini = None

    def _wire(self, single: Single | None) -> None:
        window = self._window
        window.snapshotShown.connect(self.see)
        window.rebuilt.connect(self.restyle)
        window.closing.connect(self._closing)
        window.quitRequested.connect(self.close)
        window.miniRequested.connect(self.show_mini)
        self._desk.commands.rests.connect(self.cues.clear)
        self.session.changed.connect(self._pause)
        for why in self.session.holding:
            self._pause(why, True)
        self.power.changed.connect(lambda _: self.look_at_power())
        self.look_at_power()
        self.tray.opened.connect(lambda: to_front(window))
        self.tray.mini.connect(self.show_mini)
        self.tray.setup.connect(self.set_up)
        self.tray.recalibrate.connect(self._recalibrate)
        self.tray.panicked.connect(window.panic)
        self.tray.recording_stopped.connect(self._desk.commands.stop_recording)
        self.tray.quitted.connect(window.quitRequested)
        if single is not None:
            single.raised.connect(lambda: to_front(window))

    def see(self, snapshot: Snapshot) -> None:
        """Every moment that arrives."""
        if not self._trying:
            self.cues.see(snapshot)
        self.tray.see(snapshot)
        if self.mini is not None and self.mini.isVisible():
            self.mini.see(snapshot)
        if self.onboarding is not None:
            self.onboarding.newest(snapshot)

    def look_at_power(self) -> None:
        """On battery, where the person wants that, the camera is off; also after the setting changed."""
        monitor = self._desk.bridge.monitor
        wanted = bool(self.power.on_battery) and self._file.settings.shell.pause_on_battery
        if wanted != (Pause.BATTERY in monitor.newest.pauses):
            self._pause(Pause.BATTERY, wanted)

    def _pause(self, why: Pause, on: bool) -> None:
        if on:
            self._desk.commands.rest(why)
            if why is not Pause.BATTERY:  # nobody is there, or somebody else: the recordings are locked
                self._window.house.keeper.lock()
        else:
            self._desk.bridge.monitor.resume(why)

    def _on_screens(self, key: str) -> None:
        self._desk.bridge.monitor.screens = key

    def _closing(self, event: QCloseEvent) -> None:
        """The window closes; with a tray the program stays."""
        if self.tray.is_there and self._file.settings.shell.keep_in_tray:
            event.ignore()
            self._window.hide()
        else:
            self._window.quitRequested.emit()  # also where other windows of the program are open

    def _recalibrate(self) -> None:
        to_front(self._window)
        self._window.show_page("live")
        self._window.pages.live.open_calibration()

    def _tried(self) -> None:
        self._trying = False
        self.cues.clear()

    def _set_up(self, _: int) -> None:
        self.onboarding = None
        self._window.pages.live.aim()

    def _reminders(self) -> ReminderSettings:
        found = getattr(self._file.settings, "reminders", None)
        return found if isinstance(found, ReminderSettings) else ReminderSettings()

    def _change(self, values: dict[str, object]) -> None:
        """Settings that this program has; not every section is there in every build."""
        known = {path: value for path, value in values.items() if path in config.key_paths()}
        if known:
            self._file.change(known)
