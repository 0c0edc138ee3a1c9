"""What the person is busy with, as the reminders ask for it: looked at on the main thread, told to any thread."""

from collections.abc import Callable
from datetime import datetime

from PyQt6.QtCore import QObject, QTimer

from posture.gui.system.microphone import listening
from posture.reminders import Surroundings

_LOOK_EVERY_MS = 1000


class Around(QObject):
    """Looks once a second on the main thread; `surroundings` may be asked from any thread."""

    def __init__(
        self,
        full_screen: Callable[[], bool | None],
        in_call: Callable[[], bool | None] = listening,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._full_screen, self._in_call, self._now = full_screen, in_call, now
        self._seen: tuple[bool | None, bool | None] = (None, None)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def look(self) -> None:
        """See how it is now."""
        self._seen = (self._full_screen(), self._in_call())

    def surroundings(self) -> Surroundings:
        """For the reminders."""
        full_screen, in_call = self._seen
        return Surroundings(self._now(), full_screen, in_call)
