"""How the tracker sees: a detector that finds people, and a model that finds the keypoints of one of them.

The models of the program are BlazePose; others come with an entry that says how they are used (`posture.pose.brought`).
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from posture.data import Array, Frame, Picture
from posture.pose import blazepose
from posture.pose.blazepose import BODY, CENTRE, Detection, Landmarks
from posture.pose.body import Box
from posture.pose.crop import Region, affine, letterbox, to_region
from posture.pose.runtimes import Runs

HIPS = slice(23, 25)
SEEN = 0.3
"""Visibility of the points that say how far a body reaches."""
REACH, TRUNKS = 1.1, 1.75
"""A body reaches further from its hips than its outermost keypoint, and at least so many trunk lengths: to the top of
the head. Of 1.0 and 1.6, these, 1.2 and 1.9, and 1.25 and 2.2, these suit BlazePose best on the labelled pictures."""


class Detects(Protocol):
    """Finds people."""

    @property
    def runs(self) -> Runs:
        """Of the detector."""

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """Everybody the detector sees, best first; the boxes `hidden` are painted over. Raises ModelError."""


class Sees(Protocol):
    """Finds the keypoints of a person."""

    runs: Runs

    def look(self, frame: Frame, region: Region) -> Landmarks | None:
        """The body in `region`; None where the model sees none. Raises ModelError."""


class BlazeDetector:
    """The detector of the program."""

    def __init__(self, runs: Runs, min_score: float) -> None:
        self.runs, self._min_score = runs, min_score

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """See `Detects`."""
        return self.within(frame, letterbox(frame.width, frame.height), hidden)

    def within(self, frame: Frame, square: Region, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """The same in one upright square of the picture."""
        picture = frame.crop(affine(square, blazepose.DETECTOR_SIZE), blazepose.DETECTOR_SIZE, "black")
        outputs = self.runs.run(painted(picture, [in_crop(box, square) for box in hidden])[None])
        return blazepose.detections(outputs, square, self._min_score)


class BlazeEyes:
    """The landmark models of the program."""

    def __init__(self, runs: Runs, min_score: float) -> None:
        self.runs, self._min_score = runs, min_score

    def look(self, frame: Frame, region: Region) -> Landmarks | None:
        """See `Sees`."""
        picture = frame.crop(affine(region, blazepose.LANDMARK_SIZE), blazepose.LANDMARK_SIZE, "edge")
        return blazepose.landmarks(self.runs.run(picture[None]), region, self._min_score)


def painted(picture: Picture, boxes: Sequence[Array]) -> Picture:
    """A copy with `boxes` ([2, 2] each: low and high corner in pixels) in the mean colour of the picture."""
    if not boxes:
        return picture
    copy, colour = picture.copy(), picture.mean((0, 1)).astype(np.uint8)
    for box in boxes:
        (left, top), (right, bottom) = np.clip(box, 0, (picture.shape[1], picture.shape[0])).astype(int)
        copy[top:bottom, left:right] = colour
    return copy


def in_crop(box: Box, square: Region) -> Array:
    """[2, 2] both corners of `box` in pixels of the detector's crop of `square`."""
    corners = np.array([[box.left, box.top], [box.right, box.bottom]])
    return to_region(corners, square) * blazepose.DETECTOR_SIZE


def pointed_at(body: Landmarks) -> Detection:
    """A body as a detection that leads back to it."""
    middle = body.points_px[CENTRE, :2]
    shoulders = body.points_px[11:13, :2].mean(0)
    return Detection(body.score, np.array([middle, body.points_px[CENTRE + 1, :2], shoulders, shoulders]))


def around_hips(body: Landmarks) -> Detection:
    """A body of another model as a detection with the region that BlazePose's landmark models are made for.

    That is a circle about the hips that holds the body, its top where the trunk points to.
    """
    points = body.points_px[BODY, :2]
    hips, shoulders = points[HIPS].mean(0), points[11:13].mean(0)
    trunk = max(float(np.hypot(*(shoulders - hips))), 1.0)
    away = np.hypot(*(points[body.visibility > SEEN] - hips).T).max(initial=0.0)
    top = hips + (shoulders - hips) / trunk * max(REACH * away, TRUNKS * trunk)
    return Detection(body.score, np.array([hips, top, shoulders, shoulders]), rough=True, confirmed=True)
