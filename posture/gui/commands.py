"""What a person can ask of the monitor, wherever they ask it: window, tray, keys. Says what holds by signals."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PyQt6.QtCore import QObject, pyqtSignal

from posture.ergonomics.baseline import Seat
from posture.gui.monitor import LiveMonitor
from posture.gui.words import mark
from posture.live.snapshot import Pause, Phase
from posture.sinks.recorder_settings import Content

SNOOZE_MINUTES = (15, 30, 60)
SNOOZE_WORDS = {15: mark("15 minutes"), 30: mark("30 minutes"), 60: mark("1 hour")}
MORNING_HOUR = 4
""""Until tomorrow" ends at this hour: after every working day, and before the next."""


class Commands(QObject):
    """One for the program. Every method may be called at any time, from the main thread."""

    muted = pyqtSignal(bool)
    snoozed = pyqtSignal(object)
    """Until when (datetime, aware), or None."""

    panicked = pyqtSignal()
    """Whoever holds something open locks it now."""
    rests = pyqtSignal()
    """The camera is about to be closed: what shows a cue takes it away."""

    def __init__(self, monitor: LiveMonitor, now: Callable[[], datetime] = lambda: datetime.now().astimezone()) -> None:
        super().__init__()
        self.monitor = monitor
        self._now = now
        self.is_muted = False
        self.snoozed_until: datetime | None = None

    @property
    def phase(self) -> Phase:
        """What the monitor is doing."""
        return self.monitor.newest.phase

    def start(self) -> None:
        """Begin, or go on after a pause of the person."""
        snapshot = self.monitor.newest
        if snapshot.phase in (Phase.STOPPED, Phase.FAILED):
            self.monitor.start()
        for why in (Pause.PERSON, Pause.BATTERY):
            if why in snapshot.pauses:
                self.monitor.resume(why)

    def pause(self) -> None:
        """Close the camera until the person resumes."""
        self.rest(Pause.PERSON)

    def rest(self, why: Pause) -> None:
        """Close the camera for one more reason."""
        self.rests.emit()
        self.monitor.pause(why)

    def toggle(self) -> None:
        """Pause what runs; start or resume what does not."""
        if self.phase in (Phase.STOPPED, Phase.FAILED, Phase.PAUSED):
            self.start()
        else:
            self.pause()

    def reopen(self) -> None:
        """Close the camera and open it again: another one was chosen, or it hangs."""
        if self.phase not in (Phase.STOPPED, Phase.FAILED, Phase.PAUSED):
            self.pause()
            self.monitor.resume(Pause.PERSON)

    def mute(self, on: bool) -> None:
        """No reminders, or again."""
        self.is_muted = on
        self.monitor.mute(on)
        self.muted.emit(on)

    def snooze(self, minutes: int) -> None:
        """No reminders for so long."""
        self._snooze(self._now() + timedelta(minutes=minutes))

    def snooze_until_tomorrow(self) -> None:
        """No reminders for the rest of this day."""
        now = self._now()
        morning = now.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
        self._snooze(morning if morning > now else morning + timedelta(days=1))

    def unsnooze(self) -> None:
        """Reminders again."""
        self._snooze(None)

    def calibrate(self, seat: Seat, name: str, *, standing: bool = False) -> None:
        """Begin to measure how the person sits well, or stands."""
        self.monitor.calibrate(seat, name, standing=standing)

    def give_up_calibration(self) -> None:
        """End one that is under way."""
        self.monitor.give_up_calibration()

    def undo_calibration(self) -> None:
        """As before the last calibration."""
        self.monitor.undo_calibration()

    def record(self, content: Content) -> None:
        """Record from now on; what of the picture was chosen just before."""
        self.monitor.record(content)

    def stop_recording(self) -> None:
        """Record no more."""
        self.monitor.stop_recording()

    def panic(self) -> None:
        """The camera off and the recordings locked, at once."""
        self.panicked.emit()
        self.monitor.stop_recording()
        self.pause()

    def tick(self) -> None:
        """Once a second: forget a snooze that is over."""
        if self.snoozed_until is not None and self._now() >= self.snoozed_until:
            self.snoozed_until = None
            self.snoozed.emit(None)

    def _snooze(self, until: datetime | None) -> None:
        self.snoozed_until = until
        self.monitor.snooze(until)
        self.snoozed.emit(until)
