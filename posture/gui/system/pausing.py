"""A pause that ends by itself: "for 15 minutes". By the wall clock, so that time asleep counts too."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from posture.gui.commands import Commands
from posture.gui.words import mark
from posture.live.snapshot import Pause

PAUSE_MINUTES = (15, 60)
PAUSE_WORDS = {15: mark("15 minutes"), 60: mark("1 hour")}
_LOOK_EVERY_MS = 1000


class Pausing(QObject):
    """One for the program."""

    changed = pyqtSignal(object)
    """Until when (datetime, aware), or None where the person resumes."""

    def __init__(self, commands: Commands, now: Callable[[], datetime] = lambda: datetime.now().astimezone()) -> None:
        super().__init__()
        self._commands, self._now = commands, now
        self.until: datetime | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def pause(self, minutes: int | None = None) -> None:
        """Close the camera for so long, or until the person resumes."""
        self._commands.pause()
        self._set(None if minutes is None else self._now() + timedelta(minutes=minutes))

    def resume(self) -> None:
        """Go on now."""
        self._set(None)
        self._commands.start()

    def look(self) -> None:
        """Once a second: go on when it is time; forget it where the person has resumed elsewhere."""
        if self.until is None:
            return
        if Pause.PERSON not in self._commands.monitor.newest.pauses:
            self._set(None)
        elif self._now() >= self.until:
            self.resume()

    def _set(self, until: datetime | None) -> None:
        self.until = until
        if until is None:
            self._timer.stop()
        else:
            self._timer.start()
        self.changed.emit(until)
