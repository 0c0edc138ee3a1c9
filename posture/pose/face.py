"""BlazeFace: what the tensors of the two face detectors mean, and how much of a head their boxes stand for.

Bazarevsky et al. 2019 (arXiv:1907.05047); the constants are those of MediaPipe 0.10.21 (mediapipe/modules/
face_detection). Pure functions, no model.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from posture.data import Array, Oval
from posture.pose.crop import Region, rotated, to_picture
from posture.pose.ssd import by_size, grid, sigmoid, weighted_nms

POINTS = 6
"""Right eye, left eye, tip of the nose, middle of the mouth, right ear, left ear; the person's own sides."""
RIGHT_EYE, LEFT_EYE, MOUTH = 0, 1, 3

# A box reaches from the brows to the chin and is about as wide as the face. A head reaches further: hair above, ears
# and hair beside. In sides of the box, tuned on the labelled faces of the test media (tools/check_redaction.py).
ACROSS, ALONG = 0.78, 0.95
UPWARDS = 0.12
"""How far the middle of the head lies above the middle of the box, towards the brows."""


class Detector(NamedTuple):
    """One of the two models. `strides` and `per_layer` say where its anchors lie."""

    model: str
    size: int
    strides: tuple[int, ...]
    per_layer: int

    @property
    def anchors(self) -> int:
        """How many candidates it gives."""
        return len(_anchors(self))


SHORT_RANGE = Detector("face_detection_short_range", 128, (8, 16, 16, 16), 2)
"""896 anchors; for faces of at least a seventh of its input."""
FULL_RANGE = Detector("face_detection_full_range_sparse", 192, (4,), 1)
"""2304 anchors; also sees faces of a twentieth of its input."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face as a detector sees it."""

    score: float
    centre: Array
    """[2] middle of the box in picture pixels."""
    size: float
    """Side of the box in picture pixels."""
    points_px: Array
    """[6, 2], see `POINTS`."""

    @property
    def roll(self) -> float:
        """How far the head is turned in the picture, in radians, clockwise as seen: by eyes and mouth."""
        down = self.points_px[MOUTH] - self.points_px[[RIGHT_EYE, LEFT_EYE]].mean(0)
        return math.atan2(-down[0], down[1])

    @property
    def head(self) -> Oval:
        """The whole head, with hair and ears and a margin."""
        x, y = self.centre + rotated(np.array([0.0, -UPWARDS * self.size]), self.roll)
        return Oval(float(x), float(y), ACROSS * self.size, ALONG * self.size, self.roll)


def faces(
    outputs: Mapping[str, NDArray[Any]], detector: Detector, square: Region, min_score: float
) -> tuple[Face, ...]:
    """The faces that `detector` found in `square`, best first.

    `outputs`: one tensor of anchors x 16 (box centre, box size, six points; pixels of the input, relative to the
    anchor) and one logit per anchor. `min_score` lies between 0 and 1. Raises ModelMismatch for anything else.
    """
    count = detector.anchors
    tensors = by_size(outputs, count * 16, count)
    logits = tensors[count].reshape(count)
    rows = np.flatnonzero(logits > math.log(min_score / (1 - min_score)))
    if not len(rows):
        return ()
    chances = sigmoid(logits[rows].astype(np.float64))
    raw = tensors[count * 16].reshape(count, 2 + POINTS, 2)[rows].astype(np.float64) / detector.size
    anchor = _anchors(detector)[rows]
    middle, half = raw[:, 0] + anchor, raw[:, 1] / 2
    boxes = np.stack([middle - half, middle + half], 1)
    candidates = np.concatenate([boxes, raw[:, 2:] + anchor[:, None]], 1)
    return tuple(_face(score, merged, square) for score, merged in weighted_nms(boxes, candidates, chances))


def _face(score: float, merged: Array, square: Region) -> Face:
    """`merged` [8, 2]: both corners of the box, then the points, in 0..1 of the square."""
    sides = np.abs(merged[1] - merged[0])
    centre = to_picture(merged[:2].mean(0), square)
    return Face(score, centre, float(sides.max()) * square.side, to_picture(merged[2:], square))


@cache
def _anchors(detector: Detector) -> Array:
    return grid(detector.size, detector.strides, detector.per_layer)
