"""How a reminder shows on the screens. What is shown is never older than the newest moment.

A cue goes as soon as the monitor says so, rests, or is silent for too long. Its windows belong to this process and die
with it. Where a screen cannot carry what was asked for, the next quieter level is shown:

    dim     needs translucent windows (on X11: a compositor), else edge
    edge    needs windows at a place of their own (not on Wayland), else tray
    tray    is the icon's, or the mini window's where there is no tray
"""

import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSlot
from PyQt6.QtGui import QGuiApplication, QScreen

from posture.gui.system.foreground import Foreground
from posture.gui.system.overlay import Overlay, glows, shades
from posture.live.snapshot import Phase, Snapshot
from posture.reminders import Level

SILENT_S, SILENT_LOOKS = 1.0, 2.5
"""The monitor is silent after so long, or after so many looks of its present rate, whichever is more."""
LEAST_BETWEEN_S = 1.0
"""Between the end of one cue and the next: whatever happens, nothing flashes (WCAG 2.3.1: three a second)."""
_AGAIN_MS = 1000


class Cues(QObject):
    """One for the program; main thread."""

    def __init__(
        self,
        foreground: Foreground,
        sound: Callable[[], None],
        *,
        reduced_motion: Callable[[], bool] = lambda: False,
        over_windows: bool = True,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """`over_windows`: False in safe mode, where nothing is drawn over other windows."""
        super().__init__(parent)
        self._foreground, self._sound, self._reduced_motion = foreground, sound, reduced_motion
        self._over_windows, self._clock = over_windows, clock
        self._windows: dict[QScreen, list[Overlay]] = {}
        self.level = Level.NONE
        """What is shown now."""
        self._ended_s = -LEAST_BETWEEN_S + clock()
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setTimerType(Qt.TimerType.PreciseTimer)
        self._silence.timeout.connect(self.clear)
        self._again = QTimer(self)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._keep)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._added)
            application.screenRemoved.connect(self._forget)
            application.aboutToQuit.connect(self.clear)

    @property
    def windows(self) -> tuple[Overlay, ...]:
        """All that are on the screens now."""
        return tuple(window for windows in self._windows.values() for window in windows)

    def see(self, snapshot: Snapshot) -> None:
        """The newest moment: every one, also where nothing changed, for silence means that nobody watches."""
        level = wanted(snapshot)
        if level is Level.NONE:
            self.clear()
            return
        self._silence.start(round(1000 * silent_after_s(snapshot)))
        if level is not self.level and self._clock() - self._ended_s >= LEAST_BETWEEN_S:
            self._begin(level)
        elif level is self.level is Level.SOUND and snapshot.reminder.fired:
            self._sound()  # the same posture, reminded of once more

    @pyqtSlot()
    def clear(self) -> None:
        """Nothing is shown when this returns."""
        self._silence.stop()
        self._again.stop()
        if self.level is not Level.NONE:
            self._ended_s = self._clock()
        self.level = Level.NONE
        for screen in list(self._windows):
            self._forget(screen)

    def shows_as(self, level: Level) -> Level:
        """What can be shown here where `level` was asked for."""
        if level is Level.DIM and not self._foreground.translucent():
            level = Level.EDGE
        if level in (Level.EDGE, Level.DIM) and not (self._over_windows and self._foreground.overlays()):
            return Level.TRAY
        return level

    def _begin(self, level: Level) -> None:
        for screen in list(self._windows):
            self._forget(screen)
        self.level = level
        if level is Level.SOUND:
            self._sound()
        self._again.start()
        self._keep()

    @pyqtSlot(QScreen)
    def _added(self, _: QScreen) -> None:
        self._keep()

    def _keep(self) -> None:
        """Every screen has its windows, on top, but for one that another program fills."""
        shown = self.shows_as(self.level)
        if shown not in (Level.EDGE, Level.DIM):
            return
        for screen in QGuiApplication.screens():
            moved = screen in self._windows and self._windows[screen][0].screen_box != screen.geometry()
            if self._foreground.covered(screen) or moved:
                self._forget(screen)
            if not self._foreground.covered(screen) and screen not in self._windows:
                self._cover(screen, shown)
            for window in self._windows.get(screen, ()):
                window.raise_()

    def _cover(self, screen: QScreen, level: Level) -> None:
        translucent = self._foreground.translucent()
        self._windows[screen] = shades(screen) if level is Level.DIM else glows(screen, translucent=translucent)
        for window in self._windows[screen]:
            window.rise(at_once=self._reduced_motion() or not translucent)

    @pyqtSlot(QScreen)
    def _forget(self, screen: QScreen) -> None:
        for window in self._windows.pop(screen, ()):
            window.hide()
            window.deleteLater()


def wanted(snapshot: Snapshot) -> Level:
    """What this moment asks for: nothing unless it is watched right now."""
    reminder = snapshot.reminder
    if snapshot.phase is not Phase.RUNNING or snapshot.pauses or reminder.cue is None:
        return Level.NONE
    return reminder.level


def silent_after_s(snapshot: Snapshot) -> float:
    """How long this moment holds if none follows."""
    rate = snapshot.figures.fps_target
    return max(SILENT_S, SILENT_LOOKS / rate) if rate > 0 else SILENT_S  # NaN is not above 0
