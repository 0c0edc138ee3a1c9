"""What a recording shows: figures, a redacted picture, or the picture as it is.

Figures cost next to nothing, because the poses are there already: no model runs for them. Redacted pictures run the
models for faces and backgrounds, in the encode thread, at the size of the recording: about 100 ms of one processor for
a picture of 720 lines.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from posture.data import Frame, Observation, Picture
from posture.pose import heads
from posture.pose.settings import PoseSettings
from posture.privacy import figures, redact
from posture.privacy.settings import RedactSettings
from posture.redactor import LookBack, Redactor
from posture.sinks.recorder_settings import Content
from posture.sinks.recording import Painter
from posture.sources.picture import Picture as ScaledFrame

Painted = list[tuple[Picture, int]]
Size = tuple[int, int]

REDACTED: dict[Content, RedactSettings] = {
    "background-removed": RedactSettings(faces="blur", background="remove"),
    "background-blurred": RedactSettings(faces="blur", background="blur"),
    "faces-blurred": RedactSettings(faces="blur"),
}


def painter(content: Content, pose: PoseSettings) -> Painter:
    """What makes the pictures of `content`. Raises ModelError where a model is missing or altered."""
    if content == "skeleton":
        return Figures()
    return Pictures() if content == "full" else Redactions(REDACTED[content], pose)


class Figures:
    """Implements `Painter`: the poses of the observation on a flat ground."""

    def __init__(self) -> None:
        self._ground = redact.flat(1, 1, figures.GROUND)

    def __call__(self, frame: Frame, observation: Observation | None, number: int, size: Size) -> Painted:
        """See `Painter`."""
        if self._ground.shape[:2] != size[::-1]:
            self._ground = redact.flat(*size, figures.GROUND)
        pixels, scale = self._ground.copy(), size[0] / frame.width
        for subject in observation.people if observation is not None else ():
            pose = replace(subject.pose, points_px=subject.pose.points_px * scale)
            figures.draw(pixels, pose.points_px, pose.visibility, heads.head(pose))
        return [(pixels, number)]

    def rest(self) -> Painted:
        """See `Painter`."""
        return []

    def close(self) -> None:
        """See `Painter`."""


class Pictures(Figures):
    """Implements `Painter`: everything."""

    def __call__(self, frame: Frame, observation: Observation | None, number: int, size: Size) -> Painted:
        """See `Painter`."""
        return [(frame.scaled(*size), number)]


class Redactions:
    """Implements `Painter`: the picture without faces. Who is found late is hidden in the pictures before, too."""

    def __init__(self, settings: RedactSettings, pose: PoseSettings) -> None:
        from posture.pose.catalogue import Catalogue

        self._catalogue, self._settings, self._pose = Catalogue.load(), settings, pose
        self._numbers: deque[int] = deque()
        self._last_s = -math.inf
        self._redactor = self._new()
        self._waiting = LookBack(self._redactor)

    def __call__(self, frame: Frame, observation: Observation | None, number: int, size: Size) -> Painted:
        """See `Painter`. Raises ModelError: then there is no picture at all."""
        left: Painted = []
        if frame.time_s <= self._last_s:  # another stream of the camera: what was seen before says nothing of it
            left = self.rest()
            self.close()
            self._redactor = self._new()
            self._waiting = LookBack(self._redactor)
        self._last_s = frame.time_s
        small = frame if size == (frame.width, frame.height) else ScaledFrame.of_rgb(frame.scaled(*size), frame.time_s)
        redacted = self._redactor(small)
        due = self._finished(self._waiting.due(frame.time_s))
        self._waiting.add(redacted, frame.time_s)
        self._numbers.append(number)
        return [*left, *due]

    def rest(self) -> Painted:
        """See `Painter`."""
        return self._finished(self._waiting.due())

    def close(self) -> None:
        """See `Painter`."""
        self._redactor.close()

    def _new(self) -> Redactor:
        """One that has seen nothing yet."""
        return Redactor(self._catalogue, self._settings, self._pose, still=False)

    def _finished(self, pictures: Iterable[tuple[Picture, float]]) -> Painted:
        return [(pixels, self._numbers.popleft()) for pixels, _ in pictures]
