"""A pose as a body: segments in space, the directions of trunk and head, and which keypoints are to be believed.

A segment takes its direction *in the picture* from the pixels and its slope *in depth* from the world coordinates.
Neither alone is good enough with BlazePose: the depth of the pixel coordinates is about three times too large (eyes
to ears over ear to ear: 2.3 instead of 0.74 on seven clips), and the world coordinates turn within the picture (head
tilt of -9 to -15 degrees for a man whose eyes are level within 2 degrees).
"""

import math
from functools import cache, cached_property

from posture.data import Pose, Reason, View
from posture.ergonomics.camera import Camera
from posture.ergonomics.vector import SHORTEST, Vector, add, cross, dot, unit, without
from posture.skeleton import BLAZEPOSE_33, Skeleton

Joint = tuple[str, ...]
"""One keypoint, or the middle of two."""
Row = tuple[float, float, float, float, float]
"""x and y in pixels, then the world coordinates in metres."""

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


FLAT_ACROSS_FROM, FLAT_SIDE_UP_TO = 0.6, 0.3
"""Shoulder width over trunk length in the picture, of a body without depth: about 0.72 straight from the front, times
the cosine of the azimuth. Between the two the view is not known."""
BETWEEN_EARS = 0.15
"""The nose of a head seen from the front lies at least this share of their distance away from both ears."""


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
        self._index = _places(skeleton)
        pixels, world = pose.points_px.tolist(), pose.world_m.tolist()
        self.flat = all(math.isnan(x) for x, _, _ in world)
        """Whether nothing is known of depth. Then lengths are pixels, everything lies in the picture plane, and the
        view is judged by proportions."""
        if self.flat:
            world = [(x, y, 0.0) for x, y, _ in pixels]
        self._rows: list[Row] = [(x, y, *metres) for (x, y, _), metres in zip(pixels, world, strict=True)]
        self._means: dict[Joint, Row] = {}
        self._reasons = [
            _reason(x, y, seen, present, width, height, camera)
            for (x, y, *_), seen, present in zip(
                self._rows, pose.visibility.tolist(), pose.presence.tolist(), strict=True
            )
        ]

    def reason(self, joint: Joint) -> Reason:
        """MEASURED where every keypoint of `joint` is visible, present and inside the picture; else what is wrong."""
        if any(name not in self._index for name in joint):
            return Reason.NOT_IN_LAYOUT
        found = [self._reasons[self._index[name]] for name in joint]
        if Reason.OUT_OF_PICTURE in found:
            return Reason.OUT_OF_PICTURE
        return Reason.LOW_VISIBILITY if Reason.LOW_VISIBILITY in found else Reason.MEASURED

    def segment(self, start: Joint, end: Joint) -> Vector:
        """The vector from `start` to `end`, metres; see the module docstring."""
        (x0, y0, across0, down0, away0), (x1, y1, across1, down1, away1) = self._mean(start), self._mean(end)
        pixels = math.hypot(x1 - x0, y1 - y0)
        metres_per_pixel = math.hypot(across1 - across0, down1 - down0) / pixels if pixels > SHORTEST else 0.0
        return ((x1 - x0) * metres_per_pixel, (y1 - y0) * metres_per_pixel, away1 - away0)

    def pixels(self, start: Joint, end: Joint) -> float:
        """The length in the picture from `start` to `end`."""
        a, b = self._mean(start), self._mean(end)
        return math.hypot(b[0] - a[0], b[1] - a[1])

    def azimuth_deg(self, right: Vector) -> float:
        """Azimuth about gravity of a part whose own right points along `right`: 0 faces the camera, +90 has turned to
        its right, so that its left side is seen. NaN where `right` is vertical.
        """
        away, side = self.camera.away, self.camera.side
        x, z = -dot(right, side), dot(right, away)
        return math.degrees(math.atan2(z, x)) if math.hypot(x, z) > SHORTEST else math.nan

    @cached_property
    def _flat_side(self) -> Vector | None:
        """To the right of a flat body that is seen from the side: into depth, by where the nose points. Else None."""
        nose = ("nose",)
        if not self.flat or not self._shoulders_to_trunk <= FLAT_SIDE_UP_TO:
            return None
        ears = [ear for ear in (LEFT_EAR, RIGHT_EAR) if self.reason(ear) is Reason.MEASURED]
        if not ears or self.reason(nose) is not Reason.MEASURED:
            return None
        ahead = self._mean(nose)[0] - sum(self._mean(ear)[0] for ear in ears) / len(ears)
        x, y, z = self.camera.away
        return (x, y, z) if ahead < 0 else (-x, -y, -z)

    @cached_property
    def _shoulders_to_trunk(self) -> float:
        """Shoulder width over trunk length in the picture; NaN where one of them is not seen."""
        if self.reason(SHOULDERS + HIPS) is not Reason.MEASURED:
            return math.nan
        trunk = self.pixels(HIPS, SHOULDERS)
        return self.pixels(LEFT_SHOULDER, RIGHT_SHOULDER) / trunk if trunk > SHORTEST else math.nan

    @cached_property
    def shoulder_line(self) -> Vector:
        """Unit vector from the left to the right shoulder."""
        return self._flat_side or unit(self.segment(LEFT_SHOULDER, RIGHT_SHOULDER))

    @cached_property
    def hip_line(self) -> Vector:
        """Unit vector from the left to the right hip."""
        return self._flat_side or unit(self.segment(LEFT_HIP, RIGHT_HIP))

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
        if self.flat and self._flat_side is None and not self._shoulders_to_trunk >= FLAT_ACROSS_FROM:
            return math.nan
        return self.azimuth_deg(self.trunk_right)

    @cached_property
    def head_line(self) -> Vector:
        """Unit vector from the left to the right side of the head: ears and eyes."""
        return self._flat_side or unit(
            add(unit(self.segment(LEFT_EAR, RIGHT_EAR)), unit(self.segment(LEFT_EYE, RIGHT_EYE)))
        )

    @cached_property
    def head_forward(self) -> Vector:
        """Horizontal unit vector in the direction that the head faces."""
        return cross(self.up, unit(without(self.head_line, self.up)))

    @cached_property
    def head_facing_deg(self) -> float:
        """Azimuth of the head; NaN where unknown."""
        if self.reason(EARS + EYES) is not Reason.MEASURED:
            return math.nan
        if self.flat and self._flat_side is None and not self._nose_between_ears:
            return math.nan
        return self.azimuth_deg(self.head_line)

    @property
    def _nose_between_ears(self) -> bool:
        left, nose, right = (self._mean((name,))[0] for name in ("left_ear", "nose", "right_ear"))
        return left != right and BETWEEN_EARS <= (nose - left) / (right - left) <= 1 - BETWEEN_EARS

    def _mean(self, joint: Joint) -> Row:
        if joint not in self._means:
            rows = [self._rows[self._index[name]] for name in joint]
            self._means[joint] = rows[0] if len(rows) == 1 else _middle(rows[0], rows[1])
        return self._means[joint]


@cache
def _places(skeleton: Skeleton) -> dict[str, int]:
    """Where the points of a layout stand among the 33."""
    ours = BLAZEPOSE_33.index
    return {name: ours[name] for name in skeleton.names if name in ours}


def _middle(a: Row, b: Row) -> Row:
    return ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2, (a[3] + b[3]) / 2, (a[4] + b[4]) / 2)


def _reason(x: float, y: float, visibility: float, presence: float, width: int, height: int, camera: Camera) -> Reason:
    """Pixel centres are whole numbers, so the picture ends half a pixel beyond them. NaN is nowhere inside."""
    inside = -0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5
    if not inside or not presence >= camera.min_presence:
        return Reason.OUT_OF_PICTURE
    return Reason.MEASURED if visibility >= camera.min_visibility else Reason.LOW_VISIBILITY
