"""From keypoints of any layout to a body as the tracker and the measurements take it: 33 points, NaN where none is."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.pose.blazepose import Landmarks
from posture.skeleton import BLAZEPOSE_33, LAYOUTS

SEEN = 0.3
"""Visibility of the points that span the place of a body."""
TRUNK_REACH = 1.6
"""The region reaches at least so many trunk lengths from its middle: hips to head and beyond. MoveNet's own crop: 1.9
from the hips."""
SHARE = 0.5
"""The best half of the points says whether there is somebody: legs under a desk must not make a person doubtful."""


@cache
def _places(layout: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which points of a layout have a place among the 33, and which."""
    ours = BLAZEPOSE_33.index
    pairs = [(i, ours[name]) for i, name in enumerate(LAYOUTS[layout].names) if name in ours]
    theirs, places = (np.array(column, np.intp) for column in zip(*pairs, strict=True))
    return theirs, places


def certainty(visibility: Array) -> float:
    """How likely it is that the points are those of a person: the mean of the best half of them."""
    best = np.sort(visibility)[::-1][: max(math.ceil(SHARE * len(visibility)), 1)]
    return float(best.mean())


def lifted(points_px: Array, visibility: Array, layout: str) -> Landmarks:
    """A body for points [K, 2] in picture pixels and visibility [K] (probabilities) in the order of `layout`.

    There is no depth: z is 0 in pixels, and the metres are NaN.
    """
    theirs, places = _places(layout)
    points = np.full((len(BLAZEPOSE_33) + 2, 3), np.nan)
    points[places, :2], points[places, 2] = points_px[theirs], 0.0
    seen, present = np.zeros(len(BLAZEPOSE_33)), np.zeros(len(BLAZEPOSE_33))
    seen[places], present[places] = np.clip(visibility[theirs], 0.0, 1.0), 1.0
    middle, radius = _place(points[: len(BLAZEPOSE_33), :2], seen)
    points[-2], points[-1] = (*middle, 0.0), (middle[0], middle[1] - radius, 0.0)
    nowhere = np.full((len(BLAZEPOSE_33), 3), np.nan)
    return Landmarks(certainty(visibility), points, nowhere, seen, present, layout)


def _place(points: Array, seen: Array) -> tuple[Array, float]:
    """[2] middle and radius of the circle that holds the points that are seen."""
    chosen = points[seen > SEEN]
    if len(chosen) < 2:
        chosen = points[np.isfinite(points[:, 0])]
    low, high = chosen.min(0), chosen.max(0)
    radius = float((high - low).max()) / 2
    index = BLAZEPOSE_33.index
    trunk = [index[name] for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")]
    if (seen[trunk] > SEEN).all():
        length = points[trunk[:2]].mean(0) - points[trunk[2:]].mean(0)
        radius = max(radius, TRUNK_REACH * float(np.hypot(*length)))
    middle: Array = (low + high) / 2
    return middle, max(radius, 1.0)
