"""A pose as a body: segments in space, the directions of trunk and head, and which keypoints are to be believed.

A segment takes its direction *in the picture* from the pixels and its slope *in depth* from the world coordinates.
Neither alone is good enough with BlazePose: the depth of the pixel coordinates is about three times too large (eyes
to ears over ear to ear: 2.3 instead of 0.74 on seven clips), and the world coordinates turn within the picture (head
tilt of -9 to -15 degrees for a man whose eyes are level within 2 degrees).
"""

import math
from functools import cached_property

from posture.data import Pose, Reason, View
from posture.ergonomics.camera import Camera
from posture.ergonomics.vector import SHORTEST, Vector, add, cross, dot, unit, without
from posture.skeleton import Skeleton

Joint = tuple[str, ...]
"""The mean of these keypoints."""

LEFT_SHOULDER, RIGHT_SHOULDER = ("left_shoulder",), ("right_shoulder",)
LEFT_HIP, RIGHT_HIP = ("left_hip",), ("right_hip",)
LEFT_EAR, RIGHT_EAR = ("left_ear",), ("right_ear",)
LEFT_EYE, RIGHT_EYE = ("left_eye",), ("right_eye",)
SHOULDERS, HIPS, EARS, EYES = (
    LEFT_SHOULDER + RIGHT_SHOULDER,
    LEFT_HIP + RIGHT_HIP,
    LEFT_EAR + RIGHT_EAR,
    LEFT_EYE + RIGHT_EYE,
)

FRONT_WITHIN_DEG, OBLIQUE_WITHIN_DEG, SIDE_WITHIN_DEG = 30.0, 60.0, 120.0
"""Azimuths at which the view changes. The estimate is 5 to 15 degrees short of the truth on oblique and side clips."""


def view_of(azimuth_deg: float) -> View:
    """The view in which a body part with this azimuth is seen (0 faces the camera); UNKNOWN for NaN."""
    turned = abs(azimuth_deg)
    if math.isnan(turned):
        return View.UNKNOWN
    if turned <= FRONT_WITHIN_DEG:
        return View.FRONT
    if turned <= OBLIQUE_WITHIN_DEG:
        return View.OBLIQUE
    return View.SIDE if turned <= SIDE_WITHIN_DEG else View.BACK


def wrapped(angle_deg: float) -> float:
    """The same angle within (-180, 180]; NaN stays NaN."""
    return 180.0 - (180.0 - angle_deg) % 360.0


class Body:
    """Geometry of one pose in a picture of `width` x `height` pixels. Coordinates are the camera's, in metres."""

    def __init__(self, pose: Pose, skeleton: Skeleton, width: int, height: int, camera: Camera) -> None:
        self.camera = camera
        self.width = width
        self.up = camera.up
        self._index = skeleton.index
        self._pixels: list[list[float]] = pose.points_px.tolist()
        self._world: list[list[float]] = pose.world_m.tolist()
        self._reasons = [
            _reason(x, y, seen, present, width, height, camera)
            for (x, y, _), seen, present in zip(
                self._pixels, pose.visibility.tolist(), pose.presence.tolist(), strict=True
            )
        ]

    def reason(self, joint: Joint) -> Reason:
        """MEASURED where every keypoint of `joint` is visible, present and inside the picture; else what is wrong."""
        if any(name not in self._index for name in joint):
            return Reason.NOT_IN_LAYOUT
        found = {self._reasons[self._index[name]] for name in joint}
        for worst in (Reason.OUT_OF_PICTURE, Reason.LOW_VISIBILITY):
            if worst in found:
                return worst
        return Reason.MEASURED

    def segment(self, start: Joint, end: Joint) -> Vector:
        """The vector from `start` to `end`, metres; see the module docstring."""
        x, y, _ = self._difference(self._pixels, start, end)
        world_x, world_y, depth = self._difference(self._world, start, end)
        pixels = math.hypot(x, y)
        metres_per_pixel = math.hypot(world_x, world_y) / pixels if pixels > SHORTEST else 0.0
        return (x * metres_per_pixel, y * metres_per_pixel, depth)

    def pixels(self, start: Joint, end: Joint) -> float:
        """The length in the picture from `start` to `end`."""
        x, y, _ = self._difference(self._pixels, start, end)
        return math.hypot(x, y)

    def azimuth_deg(self, right: Vector) -> float:
        """Azimuth about gravity of a part whose own right points along `right`: 0 faces the camera, +90 has turned to
        its right, so that its left side is seen. NaN where `right` is vertical.
        """
        away, side = self.camera.away, cross(self.camera.away, self.up)
        x, z = -dot(right, side), dot(right, away)
        return math.degrees(math.atan2(z, x)) if math.hypot(x, z) > SHORTEST else math.nan

    @cached_property
    def shoulder_line(self) -> Vector:
        """Unit vector from the left to the right shoulder."""
        return unit(self.segment(LEFT_SHOULDER, RIGHT_SHOULDER))

    @cached_property
    def hip_line(self) -> Vector:
        """Unit vector from the left to the right hip."""
        return unit(self.segment(LEFT_HIP, RIGHT_HIP))

    @cached_property
    def trunk_right(self) -> Vector:
        """Horizontal unit vector to the right of the trunk: shoulders and hips, or shoulders alone where the hips are
        not to be seen. NaN where the shoulders are not either.
        """
        if self.reason(SHOULDERS) is not Reason.MEASURED:
            return unit((0.0, 0.0, 0.0))
        both = self.reason(HIPS) is Reason.MEASURED
        line = add(self.shoulder_line, self.hip_line) if both else self.shoulder_line
        return unit(without(line, self.up))

    @cached_property
    def trunk_forward(self) -> Vector:
        """Horizontal unit vector in the direction that the trunk faces."""
        return cross(self.up, self.trunk_right)

    @cached_property
    def facing_deg(self) -> float:
        """Azimuth of the trunk, (-180, 180]; NaN where unknown."""
        return self.azimuth_deg(self.trunk_right)

    @cached_property
    def head_line(self) -> Vector:
        """Unit vector from the left to the right side of the head: ears and eyes."""
        return unit(add(unit(self.segment(LEFT_EAR, RIGHT_EAR)), unit(self.segment(LEFT_EYE, RIGHT_EYE))))

    @cached_property
    def head_forward(self) -> Vector:
        """Horizontal unit vector in the direction that the head faces."""
        return cross(self.up, unit(without(self.head_line, self.up)))

    @cached_property
    def head_facing_deg(self) -> float:
        """Azimuth of the head; NaN where unknown."""
        if self.reason(EARS + EYES) is not Reason.MEASURED:
            return math.nan
        return self.azimuth_deg(self.head_line)

    def _difference(self, points: list[list[float]], start: Joint, end: Joint) -> Vector:
        a, b = self._mean(points, start), self._mean(points, end)
        return (b[0] - a[0], b[1] - a[1], b[2] - a[2])

    def _mean(self, points: list[list[float]], joint: Joint) -> Vector:
        rows = [points[self._index[name]] for name in joint]
        x, y, z = (sum(column) / len(rows) for column in zip(*rows, strict=True))
        return (x, y, z)


def _reason(x: float, y: float, visibility: float, presence: float, width: int, height: int, camera: Camera) -> Reason:
    """Pixel centres are whole numbers, so the picture ends half a pixel beyond them. NaN is nowhere inside."""
    inside = -0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5
    if not inside or not presence >= camera.min_presence:
        return Reason.OUT_OF_PICTURE
    return Reason.MEASURED if visibility >= camera.min_visibility else Reason.LOW_VISIBILITY
