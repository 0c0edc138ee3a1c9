"""What the window and `posture live` get to see: one immutable picture of everything, the newest only."""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from posture.capture import CameraStatus, Captured
from posture.data import Observation, Picture
from posture.ergonomics.calibration import Calibration
from posture.ergonomics.sitting import Judgement
from posture.reminders import Reminder
from posture.sinks.recording import Recording


class Phase(StrEnum):
    """What the monitor is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    CALIBRATING = "calibrating"
    PAUSED = "paused"
    CAMERA = "camera"
    """It waits for the camera; `Snapshot.camera` says why."""
    FAILED = "failed"


class Pause(StrEnum):
    """Why monitoring rests. The camera is closed while any of them holds."""

    PERSON = "person"
    LOCKED = "locked"
    SLEEP = "sleep"
    SWITCHED = "switched"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True)
class Figures:
    """Rates in frames a second and delays in milliseconds over the last seconds; NaN where unknown."""

    fps_in: float = math.nan
    fps_done: float = math.nan
    fps_target: float = math.nan
    decoded_to_paint_p50_ms: float = math.nan
    decoded_to_paint_p95_ms: float = math.nan
    packet_to_paint_p95_ms: float = math.nan
    dropped: int = 0
    limited_by: str = ""
    """Why the target rate is not reached: "camera", "decoder", "model", "economy"; empty where it is."""
    provider: str = ""
    fallback_reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One consistent moment. What is None is not known now; nothing here is ever older than `captured`."""

    phase: Phase
    pauses: frozenset[Pause] = frozenset()
    camera: CameraStatus | None = None
    captured: Captured | None = None
    picture: Picture | None = None
    """The frame at the size that the view asked for, as `Frame.shown` gives it; None where no view wants it."""
    observation: Observation | None = None
    judgement: Judgement | None = None
    reminder: Reminder = field(default_factory=Reminder)
    figures: Figures = field(default_factory=Figures)
    calibration: Calibration | None = None
    """The calibration that is under way in `Phase.CALIBRATING`, and afterwards how the last one ended."""
    recording: Recording = field(default_factory=Recording)
    """What the recorder is doing. While `recording.shows`, so does a sign of it."""
    message: str = ""
    """One sentence for the person, where something failed."""

    def after(self, unseen: "Snapshot") -> "Snapshot":
        """The same where nobody saw `unseen`, the one before: a cue that began there begins here, if it still shows."""
        if not unseen.reminder.fired or self.reminder.cue is not unseen.reminder.cue:
            return self
        return replace(self, reminder=replace(self.reminder, fired=True))
