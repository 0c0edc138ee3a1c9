"""What is known at this moment, under one lock, and the newest snapshot of it.

Whatever ends what is being looked at (a pause, a lost camera, a calibration, the end) begins a new epoch and puts an
empty snapshot into the slot. A frame that was on its way through the model then belongs to an epoch that is over and is
thrown away, so that no skeleton and no cue comes back after it.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from posture.capture import CameraState, CameraStatus, Captured
from posture.data import Picture
from posture.ergonomics.baseline import Profile
from posture.ergonomics.sitting import Judgement
from posture.live.background import Background, Shift
from posture.live.figures import Meter
from posture.live.judging import Judging, Wanted
from posture.live.looking import Seen
from posture.live.pace import Pace, pace
from posture.live.settings import Sections, ViewMode
from posture.live.slot import Slot
from posture.live.snapshot import Figures, Pause, Phase, Snapshot
from posture.reminders import Reminder, Silence
from posture.sinks.recording import Recording
from posture.sources.camera import Clock

SEEING = frozenset({CameraState.RUNNING, CameraState.BLACK})
"""States of a camera in which its pictures are news."""


class Moments:
    """Every method may be called from any thread and returns at once. Waking the consumer is left to the caller."""

    def __init__(self, judging: Judging, clock: Clock) -> None:
        self.slot = Slot(Snapshot(Phase.STOPPED))
        self.meter = Meter(clock)
        self.provider = self.fallback_reason = ""
        self.dropped = 0
        """Frames that reached the hand-over and never the model."""
        self._judging, self._clock = judging, clock
        self._lock = threading.Lock()
        self._running = False
        self._run = 0
        self._failure = self._note = ""
        self._pauses: frozenset[Pause] = frozenset()
        self._camera: CameraStatus | None = None
        self._view: tuple[int, int] | None = None
        self._mode: ViewMode = "video"
        self._cue = False
        self._person_s = clock()
        self._epoch = 0
        self.recorded_hz: Callable[[], float] = float
        """Frames a second that a recording needs."""
        self._recording = Recording()
        self.rested = 0
        """How often the camera was to be closed; a pause that is over at once closes it all the same."""

    @property
    def settings(self) -> Sections:
        """What holds now."""
        return self._judging.settings

    @property
    def running(self) -> bool:
        """Whether somebody started it, nobody closed it and nothing failed."""
        return self._running and not self._failure

    @property
    def resting(self) -> bool:
        """Whether the camera is to be closed."""
        return bool(self._pauses) or not self.running

    def is_over(self, run: int) -> bool:
        """Whether another run has begun."""
        return run != self._run

    @property
    def pauses(self) -> frozenset[Pause]:
        """Why it rests."""
        return self._pauses

    @property
    def camera(self) -> CameraStatus | None:
        """What the capture thread said last."""
        return self._camera

    @property
    def view(self) -> tuple[int, int] | None:
        """Size of the view, None where nobody looks."""
        return self._view

    @property
    def mode(self) -> ViewMode:
        """What the picture shows."""
        return self._mode

    @property
    def failure(self) -> str:
        """Why it stopped."""
        return self._failure

    def pace(self) -> Pace:
        """What is asked of camera and model now."""
        return pace(
            self.settings.live,
            viewed=self._view is not None and self._mode != "hidden",
            calibrating=self._judging.calibrating,
            cue=self._cue,
            alone_s=self._clock() - self._person_s,
            recorded_hz=self.recorded_hz(),
        )

    def begin(self, note: str) -> int:
        """Somebody started it; `note` is said to the person. Gives the number of this run, see `end` and `fail`."""
        with self._lock:
            self._running, self._failure, self._note, self._camera = True, "", note, None
            self._run += 1
            self._rest()
            return self._run

    def end(self, run: int | None = None) -> None:
        """Somebody closed it, or the stream of this run is over: nothing where another run has begun."""
        with self._lock:
            if run in (None, self._run):
                self._running = False
                self._rest()

    def fail(self, message: str, run: int) -> bool:
        """Run number `run` cannot go on; whether that is news."""
        with self._lock:
            if not self.running or run != self._run:
                return False
            self._failure = message
            self._rest()
            return True

    def say(self, note: str) -> None:
        """Something went wrong that monitoring goes on without."""
        with self._lock:
            self._note = note
            self.slot.revise(message=note)

    def set_recording(self, recording: Recording) -> None:
        """What the recorder says."""
        with self._lock:
            self._recording = recording
            self.slot.revise(recording=recording)

    def set_pauses(self, pauses: frozenset[Pause]) -> None:
        """Why it rests from now on."""
        with self._lock:
            changed = bool(pauses) != bool(self._pauses)
            self.rested += bool(pauses) and changed
            self._pauses = pauses
            if changed:
                self._rest()
            else:
                self.slot.revise(pauses=pauses)

    def show(self, view: tuple[int, int] | None, mode: ViewMode) -> None:
        """What the view wants. A picture that it does not want any more is gone at once."""
        with self._lock:
            if (view, mode) == (self._view, self._mode):
                return
            unwanted = view is None or mode != self._mode
            self._view, self._mode = view, mode
            if unwanted and self.slot.newest.picture is not None:
                self.slot.revise(picture=None)

    def set_camera(self, status: CameraStatus) -> None:
        """What the capture thread says."""
        with self._lock:
            if not self._running:
                return
            self._camera = status
            if status.state in SEEING:
                self.slot.revise(camera=status, phase=self._phase(), message=self._message())
            else:
                self._rest()

    def quiet(self, change: Callable[[Judging], None], why: Silence | None) -> None:
        """Change the reminders; with `why`, the cue that shows is gone at once."""
        with self._lock:
            change(self._judging)
            if why is not None:
                self._cue = False
                self.slot.revise(reminder=Reminder(silence=why))

    def calibrate(self, wanted: Wanted) -> None:
        """Begin a calibration."""
        self.judge_by(lambda judging: judging.calibrate(wanted, self._clock()))

    def snooze(self, until: datetime | None) -> None:
        """No reminder before `until`."""
        self.quiet(lambda judging: judging.snooze(until), None if until is None else Silence.SNOOZED)

    def mute(self, on: bool) -> None:
        """No reminder at all."""
        self.quiet(lambda judging: judging.mute(on), Silence.MUTED if on else None)

    def choose(self, person: int | None) -> None:
        """Judge this one of those in view; a cue was for whoever was judged before."""
        self.quiet(lambda judging: judging.choose(person, self._clock()), Silence.NONE)

    def put_off(self) -> None:
        """The person has seen the prompt."""
        with self._lock:
            self._judging.put_off(self._clock())
            self.slot.revise(reminder=replace(self.slot.newest.reminder, prompt=None))

    def moved(self, **to: str) -> None:
        """Another `camera` sees from now on, or other `screens` are there: see `Place`."""
        with self._lock:
            place = replace(self._judging.place, **to)
            if place != self._judging.place:
                self._judging.at(place, self._clock())
                self._rest()

    def judge_by(self, change: Callable[[Judging], None]) -> None:
        """Change what is judged by; what was judged before is gone at once."""
        with self._lock:
            change(self._judging)
            self._rest()

    def rest(self) -> None:
        """What was seen is not true any more."""
        with self._lock:
            self._rest()

    def shift(self, background: Background) -> Shift:
        """How far the camera was moved; for the estimate thread."""
        return self._judging.shift(background)

    def looking(self) -> tuple[int, Pace, tuple[int, int] | None, ViewMode] | None:
        """Epoch, pace and what the view wants, for the next frame; None where no frame is wanted."""
        with self._lock:
            seeing = self._camera is None or self._camera.state in SEEING | {CameraState.OPENING}
            if self.resting or not seeing:
                return None
            return self._epoch, self.pace(), self._view, self._mode

    def judged(
        self, epoch: int, captured: Captured, seen: Seen, shown: Picture | None, view: tuple[int, int] | None
    ) -> tuple[Snapshot | None, Profile | None]:
        """Judge what was seen in a frame of `epoch`: its snapshot, None where the epoch is over; and the profile of a
        calibration that is done with it.
        """
        t = captured.packet_s
        with self._lock:
            if epoch != self._epoch:
                return None, None
            judgement: Judgement | None = None
            profile: Profile | None = None
            if seen.observation.people:
                self._person_s = t
            if self._judging.calibrating:
                profile = self._judging.calibrated(seen.look, seen.background, t)
                reminder = self._judging.rest(t)
            else:
                judgement, reminder = self._judging.judge(seen.look, seen.background, t)
            self._cue = reminder.cue is not None
            self.meter.done()
            snapshot = Snapshot(
                phase=Phase.CALIBRATING if self._judging.calibrating else Phase.RUNNING,
                camera=self._camera,
                captured=captured,
                picture=shown if view is not None and view == self._view else None,
                observation=seen.observation,
                judgement=judgement,
                reminder=reminder,
                figures=self._figures(),
                calibration=self._judging.calibration,
                recording=self._recording,
                message=self._message(),
            )
            self.slot.put(snapshot)
            return snapshot, profile

    def _rest(self) -> None:
        """Begin a new epoch with nothing in it."""
        self._epoch += 1
        self._cue = False
        self._person_s = self._clock()
        if self._phase() is not Phase.RUNNING:
            self.meter.clear()
        self.slot.put(
            Snapshot(
                phase=self._phase(),
                pauses=self._pauses,
                camera=self._camera,
                reminder=self._judging.rest(self._clock()),
                figures=self._figures(),
                calibration=self._judging.calibration,
                recording=self._recording,
                message=self._message(),
            )
        )

    def _phase(self) -> Phase:
        if self._failure:
            return Phase.FAILED
        if not self._running:
            return Phase.STOPPED
        if self._pauses:
            return Phase.PAUSED
        if self._camera is None or self._camera.state in (CameraState.OPENING, CameraState.CLOSED):
            return Phase.STARTING
        if self._camera.state not in SEEING:
            return Phase.CAMERA
        return Phase.CALIBRATING if self._judging.calibrating else Phase.RUNNING

    def _message(self) -> str:
        return self._failure or (self._camera.message if self._camera else "") or self._note

    def _figures(self) -> Figures:
        live, asked = self.settings.live, self.pace()
        return self.meter.figures(
            target=asked.rate_hz,
            wanted=live.rate,
            dropped=self.dropped,
            provider=self.provider,
            fallback_reason=self.fallback_reason,
        )
