"""Where the head of a body is, from its keypoints, and whether that is certain.

A head is a head: seen from the front, the side or behind. The keypoints of the face give its middle, the body's scale
(metres of the model against pixels of the picture) its size, because the face alone shrinks where it is turned away.
"""

import math

import numpy as np

from posture.data import Array, Oval, Pose
from posture.pose.blazepose import Landmarks

Body = Landmarks | Pose
"""Both hold points in the picture, points in metres, and visibilities."""

FACE = slice(0, 11)
NOSE, EARS, SHOULDERS = 0, [7, 8], [11, 12]
EYES, MOUTH, HIPS = [2, 5], [9, 10], [23, 24]
SCALED_BY = slice(0, 25)
"""Legs are often hidden, and then guessed: their scale says nothing."""
BELOW_HEAD = slice(11, 25)
"""Shoulders, arms and hips, by which a head is judged."""

HEAD_RADIUS_M = 0.155
"""Half of the height of a head, 0.24 m for tall men (DIN 33402, 95th percentile), with hair and a margin."""
HEAD_HEIGHT_RATIO = 1.15
SHOULDERS_M, TRUNK_M, FACE_OVER_SHOULDERS_M = 0.36, 0.5, 0.2
"""From joint to joint, of adults (DIN 33402, rounded): for models without depth, which know no metres."""
UPWARDS_M = 0.02
"""How far the middle of the head lies above ears and nose."""
AROUND_FACE = 1.3
"""The head reaches at least this much further than the outermost keypoint of the face."""

MIN_VISIBILITY = 0.5
"""Mean of nose, eyes and ears; below, the head is hidden or guessed."""
LONGEST_NECK_M = 0.5
"""From the middle of the shoulders to the middle of the head. More, or a face wider than a head, contradicts itself."""
WIDEST_FACE_M = 0.16
"""From the middle of the face to its outermost keypoint."""


def scale(body: Body, by: slice = SCALED_BY) -> float:
    """Pixels of the picture a metre at this body, by these of its points; 0 for a body without extent."""
    points, world = body.points_px[by, :2], body.world_m[by, :2]
    if math.isnan(world[-1, 0]):  # no depth, and so no metres
        return _scale_of_trunk(body)
    points, world = points - points.mean(0), world - world.mean(0)
    return math.sqrt(float((points**2).sum()) / max(float((world**2).sum()), 1e-12))


def middle(body: Body) -> Array:
    """[2] middle of the head in picture pixels."""
    points = body.points_px[:, :2]
    centre: Array = 0.6 * points[EARS].mean(0) + 0.4 * points[NOSE]
    if math.isnan(centre[0]):  # a layout without a face
        centre = points[SHOULDERS].mean(0) - _down(body) * (FACE_OVER_SHOULDERS_M * scale(body))
    return centre - _down(body) * (UPWARDS_M * scale(body))


def head(body: Body) -> Oval:
    """The whole head with hair and a margin."""
    centre, down = middle(body), _down(body)
    radius = max(HEAD_RADIUS_M * scale(body), AROUND_FACE * _spread(body))
    return Oval(float(centre[0]), float(centre[1]), radius, HEAD_HEIGHT_RATIO * radius, math.atan2(-down[0], down[1]))


def certain(body: Body, width: int, height: int) -> bool:
    """Whether the place of the head can be relied on, in a picture of that size.

    It cannot where the keypoints are not seen, lie outside of the picture or contradict the body.
    """
    x, y = middle(body)
    metre = scale(body, BELOW_HEAD)
    neck = math.dist((x, y), body.points_px[SHOULDERS, :2].mean(0))
    return bool(
        body.visibility[[NOSE, *EYES, *EARS]].mean() >= MIN_VISIBILITY
        and 0 <= x < width
        and 0 <= y < height
        and metre > 0
        and neck <= LONGEST_NECK_M * metre
        and _spread(body) <= WIDEST_FACE_M * metre
    )


def _spread(body: Body) -> float:
    steps = body.points_px[FACE, :2] - middle(body)
    return float(np.nan_to_num(np.hypot(steps[:, 0], steps[:, 1])).max())


def _scale_of_trunk(body: Body) -> float:
    """Pixels a metre by shoulders and trunk, whichever is seen less end on."""
    shoulders, hips = body.points_px[SHOULDERS, :2], body.points_px[HIPS, :2]
    across = math.dist(*shoulders) / SHOULDERS_M
    along = math.dist(shoulders.mean(0), hips.mean(0)) / TRUNK_M
    return max(across, along)


def _down(body: Body) -> Array:
    """[2] unit vector from head to trunk in the picture; straight down where both coincide."""
    points = body.points_px[:, :2]
    step = points[SHOULDERS].mean(0) - points[EARS].mean(0)
    if math.isnan(step[0]):
        step = points[HIPS].mean(0) - points[SHOULDERS].mean(0)
    length = float(np.hypot(*step))
    return step / length if length > 0 else np.array([0.0, 1.0])
