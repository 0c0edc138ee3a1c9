"""Monitoring without a window that hears the desktop all the same: it rests while that is locked or asleep."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer, pyqtSignal

from posture.gui.system import x11
from posture.gui.system.around import Around
from posture.gui.system.power import Power, power
from posture.gui.system.session import Session, session
from posture.live.snapshot import Pause

if TYPE_CHECKING:
    from posture.live.monitor import Monitor

LOOK_MS = 1000
"""It is looked this often whether to go on, even where nothing wakes."""


class _Bell(QObject):
    """Ends the wait of the main thread from any thread."""

    rung = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.rung.connect(self.hear, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    def hear(self) -> None:
        """An event is what the wait ends with."""


class Unseen:
    """Implements `posture.cli.live.Watch`."""

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        pause_on_battery: bool,
        session: Callable[[Callable[[], bool], QObject], Session] = session,
        power: Callable[[QObject], Power] = power,
    ) -> None:
        """`say` tells the person, once, what cannot be heard here."""
        self._say, self._pause_on_battery = say, pause_on_battery
        self._session, self._power = session, power

    def __call__(self, monitor: "Monitor", step: Callable[[], bool]) -> None:
        """Call `step` whenever the monitor wakes, and once a second, until it says False."""
        application = QCoreApplication.instance() or _application()
        errors: list[BaseException] = []
        before, sys.excepthook = sys.excepthook, lambda _kind, error, _trace: errors.append(error)
        owner, bell, timer = QObject(), _Bell(), QTimer()
        timer.start(LOOK_MS)
        monitor.on_wake = bell.rung.emit
        heard = self._tie(monitor, owner)
        try:
            while step():
                application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
                if errors:  # of a slot: Qt itself would end the program without a word
                    raise errors[0]
        finally:
            sys.excepthook = before
            timer.stop()
            heard.close()
            monitor.on_wake = _nobody

    def _tie(self, monitor: "Monitor", owner: QObject) -> Session:
        """What the desktop says reaches the monitor; `owner` holds what hears it."""
        around = Around(_full_screen(), parent=owner)
        monitor.surroundings = around.surroundings
        heard = self._session(lambda: monitor.dark, owner)
        heard.changed.connect(lambda why, on: (monitor.pause if on else monitor.resume)(why))
        for why in heard.holding:
            monitor.pause(why)
        if heard.deaf:
            self._say(heard.deaf)
        if self._pause_on_battery:
            supply = self._power(owner)
            supply.changed.connect(lambda on: (monitor.pause if on else monitor.resume)(Pause.BATTERY))
            if supply.on_battery:
                monitor.pause(Pause.BATTERY)
        return heard


def _application() -> QCoreApplication:
    """Windows and macOS tell of the session to programs that could show a window, and to no other."""
    if sys.platform in ("win32", "darwin"):
        from PyQt6.QtGui import QGuiApplication

        return QGuiApplication(sys.argv[:1])
    return QCoreApplication(sys.argv[:1])


def _full_screen() -> Callable[[], bool | None]:
    """Whether something fills a screen, where an X server knows: the one inside a Wayland desktop does not."""
    server = x11.connect() if os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") else None
    return lambda: server.full_screen() if server is not None and server.alive else None


def _nobody() -> None:
    """Nobody waits any more."""
