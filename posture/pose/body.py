"""Where a body is in the picture and how far two bodies are apart, in units that do not depend on its size."""

import math
from typing import NamedTuple

import numpy as np

from posture.data import Array
from posture.pose.blazepose import Detection, Landmarks
from posture.pose.crop import MARGIN

TRUNK_AND_HEAD = slice(0, 25)
"""Keypoints of head, arms and trunk: legs are often hidden, and then guessed."""
MIN_VISIBILITY = 0.3
MIN_POINTS = 4
SIDE_MARGIN, TOP_MARGIN = 0.15, 0.3
"""Flesh and hair around the keypoints, in trunk lengths."""


class Box(NamedTuple):
    """A rectangle of the picture, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Array) -> bool:
        """Whether `point` [2] lies inside."""
        return bool(self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom)


def radius(body: Landmarks | Detection) -> float:
    """Distance from the hips to the outermost point of the body in pixels, as the model sees it; never 0."""
    return max(body.region.side / (2 * MARGIN), 1e-6)


def distance(a: Landmarks, b: Landmarks) -> float:
    """Median distance between the keypoints of two bodies, in mean body radii.

    On the test clips the same person seen twice in one frame has 0.0-0.2, two people next to each other 0.64 or more.
    """
    steps = a.points_px[TRUNK_AND_HEAD, :2] - b.points_px[TRUNK_AND_HEAD, :2]
    lengths = np.sort(np.hypot(steps[:, 0], steps[:, 1]))  # ten times as fast as np.median
    known = len(lengths) - int(
        np.count_nonzero(lengths != lengths)
    )  # points that a layout lacks are NaN, and come last
    return float(lengths[known // 2]) * 2 / (radius(a) + radius(b))


def extent(body: Landmarks | Detection) -> Box:
    """The rectangle that the visible part of a body fills."""
    if isinstance(body, Detection):
        return _around(_guessed(body), SIDE_MARGIN * radius(body), SIDE_MARGIN * radius(body))
    points = body.points_px[: len(body.visibility), :2]
    seen = body.visibility > MIN_VISIBILITY
    trunk = math.dist(points[11:13].mean(0), points[23:25].mean(0))
    chosen = points[seen] if seen.sum() >= MIN_POINTS else points[np.isfinite(points[:, 0])]
    return _around(chosen, SIDE_MARGIN * trunk, TOP_MARGIN * trunk)


def _guessed(body: Detection) -> Array:
    """Points that enclose trunk and head of a body of which only hips and shoulders are known."""
    hips, shoulders = body.points_px[0], body.points_px[2]
    up = shoulders - hips
    across = np.array([-up[1], up[0]]) / 2
    return np.array([hips, shoulders + 0.6 * up, shoulders + across, shoulders - across])


def _around(points: Array, margin: float, top_margin: float) -> Box:
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return Box(left - margin, top - top_margin, right + margin, bottom + margin)
