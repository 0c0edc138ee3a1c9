"""A thorough search: more than the program's detector sees, which misses who is small in the picture or beside others.

Another detector (NanoDet) looks at the picture, and at parts of a large one; a pose model (MoveNet Thunder) confirms
each find and says where its hips are. What that is worth: README, "Which model".
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from posture.data import Frame
from posture.pose.blazepose import Detection, Landmarks
from posture.pose.body import Box, distance
from posture.pose.crop import Region, letterbox
from posture.pose.eyes import HIPS, SEEN, BlazeDetector, Sees, around_hips
from posture.pose.runtimes import Runs
from posture.pose.track import SAME_BODY

SHARES = (0.6, 0.35)
"""Sides of the parts in longer sides of the picture."""
SMALLEST_PX = 1024
"""Side of the smallest part in pixels, which NanoDet sees in 416: enough for a portrait of 90 pixels in 1920 x 1080 and
in 3840 x 2160. Parts of 640 find one of 50 in 1920 x 1080, for twice the time; smaller ones nobody more on the labelled
pictures."""
OVERLAP = 0.25
"""Neighbours share at least this much of their side."""
EVERY_S = 3.0
"""How often a video is searched so; in between only the program's detector looks, as quickly as ever."""
MOST = 40
"""So many finds are confirmed, best first."""
SAME_MIDDLE, SAME_SIDE = 0.15, 1.25
"""Regions agree whose middles are no further apart, in sides, and of which none is larger than the other by more than
this. With 1.5 one more of 8 people in a crowd is lost."""


class Finds(Protocol):
    """Finds several people at once: `posture.pose.brought.eyes.BoxDetector`."""

    runs: Runs

    def within(self, frame: Frame, square: Region) -> tuple[Detection, ...]:
        """Everybody in one upright square of the picture. Raises ModelError."""


class Scout:
    """Implements `posture.pose.eyes.Detects`; searches a frame once, however often it is asked."""

    def __init__(self, detector: BlazeDetector, finds: Finds, confirms: Sees, *, still: bool = False) -> None:
        """`still`: each frame is a picture of its own, whatever its time."""
        self._detector, self._finds, self._confirms, self._still = detector, finds, confirms, still
        self.searched_s = -math.inf
        """When a video was searched so last, in seconds of the stream."""
        self._frame: Frame | None = None
        self._found: tuple[Detection, ...] = ()

    @property
    def runs(self) -> Runs:
        """See `posture.pose.eyes.Detects`."""
        return self._detector.runs

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """See `posture.pose.eyes.Detects`. In a thorough search nothing is painted over: who is there is left out by
        the tracker.
        """
        if frame is self._frame:
            return self._found
        if not self._still and 0 <= frame.time_s - self.searched_s < EVERY_S:
            return self._detector.detect(frame, hidden)
        self._frame, self._found, self.searched_s = frame, self._searched(frame), frame.time_s
        return self._found

    def within(self, frame: Frame, square: Region) -> tuple[Detection, ...]:
        """See `BlazeDetector.within`."""
        return self._detector.within(frame, square)

    def close(self) -> None:
        """End a model call that hangs, from any thread."""
        self._detector.runs.terminate()
        self._finds.runs.terminate()
        self._confirms.runs.terminate()

    def _searched(self, frame: Frame) -> tuple[Detection, ...]:
        squares = parts(frame.width, frame.height)
        people: list[Landmarks] = []
        found: list[Detection] = []

        def add(region: Region, detection: Detection | None = None) -> None:
            body = self._confirms.look(frame, region)
            if body is not None and not _known(body, people):
                people.append(body)
                found.append(_best_region(frame, body, detection))

        for detection in self._detector.within(frame, squares[0]):
            add(detection.region, detection)
        looked_at: list[Region] = []
        finds = [find for square in squares for find in self._finds.within(frame, square)]
        for find in sorted(finds, key=lambda one: -one.score):
            if len(looked_at) == MOST:
                break
            if not any(_agree(find.region, one) for one in looked_at):
                looked_at.append(find.region)
                add(find.region)
        return tuple(sorted(found, key=lambda one: -one.score))


def _best_region(frame: Frame, body: Landmarks, detection: Detection | None) -> Detection:
    """The detector's own region where it agrees with the body, because the landmark model was trained on such; also
    where no hip is in the picture, as of somebody at a desk: the detector was trained to say where it would be.
    """
    guessed = around_hips(body)
    if detection is None:
        return guessed
    hips = body.points_px[HIPS, :2]
    inside = ((hips >= 0) & (hips < (frame.width, frame.height))).all(1)
    if not (inside & (body.visibility[HIPS] > SEEN)).any():
        return replace(detection, score=body.score, confirmed=True)
    alike = _agree(detection.region, guessed.region)
    return replace(detection, score=body.score, confirmed=True) if alike else guessed


def _agree(one: Region, other: Region) -> bool:
    apart = math.hypot(one.x - other.x, one.y - other.y) / other.side
    return apart <= SAME_MIDDLE and 1 / SAME_SIDE <= one.side / other.side <= SAME_SIDE


def _known(body: Landmarks, people: Sequence[Landmarks]) -> bool:
    return any(distance(body, one) <= SAME_BODY for one in people)


def parts(width: int, height: int) -> list[Region]:
    """The whole picture as a letterbox, then upright squares that cover it, for each of `SHARES`."""
    squares = [letterbox(width, height)]
    for side in (share * max(width, height) for share in SHARES):
        if side >= SMALLEST_PX:
            squares += [Region(x, y, side, 0.0) for y in _middles(height, side) for x in _middles(width, side)]
    return squares


def _middles(length: float, side: float) -> list[float]:
    """Middles of the fewest stretches of `side` that cover `length` and share `OVERLAP` of themselves."""
    if length <= side:
        return [length / 2]
    count = math.ceil((length - side) / (side * (1 - OVERLAP))) + 1
    return [float(middle) for middle in np.linspace(side / 2, length - side / 2, count)]
