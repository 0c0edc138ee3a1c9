"""One frame through the model: who is in it, how they sit, how bright it is, where the background lies.

Belongs to the estimate thread. The model is the only part that takes long; `busy_since_s` says since when it has.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from posture.capture import Captured
from posture.data import Frame, Observation, Pose, Subject
from posture.ergonomics.camera import MeasureSettings
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.ergonomics.sitting import Look
from posture.live.background import UNKNOWN, Background, Shift, background, thumbnail

BACKGROUND_EVERY_S = 1.5
"""Between two looks at the background, which take 1 ms each; the judge holds on to the last one for 3 s."""


class Estimates(Protocol):
    """What is needed of `posture.pose.estimator.Estimator`."""

    @property
    def providers(self) -> tuple[str, ...]:
        """Where the models run."""

    @property
    def fallback_reason(self) -> str:
        """Why that is not the first choice; empty if it is."""

    def __call__(self, frame: Frame) -> tuple[tuple[Pose, ...], int]:
        """The people in the frame, and how many others."""

    def forget(self) -> None:
        """The next frame has nothing to do with those before."""

    def close(self) -> None:
        """End a call that hangs; from any thread."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one frame showed."""

    observation: Observation
    look: Look
    background: Background | None
    """At most `BACKGROUND_EVERY_S` old; `look.camera_shift` is known where it is of this very frame."""


class Looking:
    """Runs frames through the model."""

    def __init__(self, estimator: Estimates, clock: Callable[[], float]) -> None:
        self.estimator = estimator
        self.busy_since_s = math.inf
        """When the call began that the model is working on; infinite while there is none."""
        self._clock = clock
        self._last_time_s, self._scene = -math.inf, 0
        self._background: Background | None = None
        self._background_s = -math.inf

    def __call__(self, captured: Captured, camera: MeasureSettings, shift: Callable[[Background], Shift]) -> Seen:
        """Raises ModelError if the model fails or is ended. `shift` compares a background with the kept one."""
        frame = captured.frame
        # Where the camera was opened anew, its time begins at 0 again.
        if frame.time_s <= self._last_time_s or captured.scene != self._scene:
            self.estimator.forget()
        self._last_time_s, self._scene = frame.time_s, captured.scene
        self.busy_since_s = self._clock()
        try:
            poses, others = self.estimator(frame)
        finally:
            self.busy_since_s = math.inf
        people = tuple(_subject(pose, frame, camera) for pose in poses)
        observation = Observation(frame.index, frame.time_s, people, others, frame.corrupt)
        where = shift(self._background) if self._look_behind(captured, poses) and self._background else UNKNOWN
        look = Look(people, frame.width, frame.height, captured.luma, where)
        return Seen(observation, look, self._background)

    def _look_behind(self, captured: Captured, poses: tuple[Pose, ...]) -> bool:
        """Whether the background was looked at anew."""
        if captured.packet_s - self._background_s < BACKGROUND_EVERY_S:
            return False
        self._background_s = captured.packet_s
        self._background = background(thumbnail(captured.frame), poses, captured.frame.width)
        return True


def _subject(pose: Pose, frame: Frame, camera: MeasureSettings) -> Subject:
    measurements = measure(pose, frame.width, frame.height, camera.camera)
    return Subject(pose, measurements, assess(measurements))
