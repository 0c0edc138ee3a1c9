"""Locked, asleep, another account in front: why the camera has to be off, whatever the person was doing.

One class for each platform says it; all of them are a `Session`, which is also what tests use to say it themselves.
"""

import sys
from collections.abc import Callable

from PyQt6.QtCore import QObject, QThread, QTimer, pyqtSignal

from posture.live.snapshot import Pause

LONGEST_DELAY_S = 4.0
"""How long sleep is held up for the camera: login1 waits 5 s (logind.conf(5), InhibitDelayMaxSec)."""
_ASK_EVERY_MS = 20


class Session(QObject):
    """What holds now, and a signal for every change. Several sources may say the same; it ends with the last one."""

    changed = pyqtSignal(object, bool)
    """A `Pause`, and whether it begins or ends."""
    deaf = ""
    """What cannot be heard here, in a sentence with the next step; empty where everything can."""

    def __init__(self, camera_is_off: Callable[[], bool], parent: QObject | None = None) -> None:
        """`camera_is_off` is asked before the computer sleeps, until it says so or time is up."""
        super().__init__(parent)
        self._camera_is_off = camera_is_off
        self._sources: dict[Pause, set[str]] = {Pause.LOCKED: set(), Pause.SLEEP: set(), Pause.SWITCHED: set()}

    @property
    def holding(self) -> frozenset[Pause]:
        """Why the camera has to be off now."""
        return frozenset(why for why, sources in self._sources.items() if sources)

    def say(self, why: Pause, on: bool, source: str = "") -> None:
        """`source` says that `why` begins or ends."""
        sources = self._sources[why]
        before = bool(sources)
        if on:
            sources.add(source)
        else:
            sources.discard(source)
        if bool(sources) != before:
            self.changed.emit(why, on)

    def when_off(self, then: Callable[[], None], longest_s: float = LONGEST_DELAY_S) -> None:
        """Call `then` as soon as the camera is off, at the latest after `longest_s`; events go on meanwhile."""
        left = [round(longest_s * 1000)]
        timer = QTimer(self)
        timer.setInterval(_ASK_EVERY_MS)

        def ask() -> None:
            left[0] -= _ASK_EVERY_MS
            if self._camera_is_off() or left[0] <= 0:
                timer.stop()
                timer.deleteLater()
                then()

        timer.timeout.connect(ask)
        timer.start()

    def hold_until_off(self, longest_s: float) -> None:
        """The same for a system that sleeps as soon as its message was answered: no event is handled meanwhile."""
        for _ in range(round(longest_s * 1000 / _ASK_EVERY_MS)):
            if self._camera_is_off():
                return
            QThread.msleep(_ASK_EVERY_MS)

    def close(self) -> None:
        """Hear nothing more, and hold nothing up."""


def session(camera_is_off: Callable[[], bool], parent: QObject | None = None) -> Session:
    """The one of this platform; one that never says anything where there is none."""
    if sys.platform == "win32":
        from posture.gui.system.session_windows import WindowsSession

        return WindowsSession(camera_is_off, parent)
    if sys.platform == "darwin":
        from posture.gui.system.session_macos import MacSession

        return MacSession(camera_is_off, parent)
    from posture.gui.system.session_linux import LoginSession

    return LoginSession(camera_is_off, parent)
