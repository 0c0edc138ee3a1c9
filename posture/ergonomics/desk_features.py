"""What the judge reads off one pose: where head and shoulders are in the picture, how large, how turned.

Positions and lengths are in picture widths (x right, y down), so that another resolution changes nothing. NaN = not
visible. The middle between the ears stands for the head, because nodding and turning hardly move it; the eyes stand in
where an ear is hidden. Signs are those of `measure`: to the person's own right +, forward and down +.
"""

import math
from enum import StrEnum

import msgspec

from posture.data import Pose, Reason, Subject
from posture.ergonomics.angles import EAR_EYE_LINE_DEG, head_inclination_deg
from posture.ergonomics.body import (
    EARS,
    EYES,
    LEFT_EAR,
    LEFT_SHOULDER,
    RIGHT_EAR,
    RIGHT_SHOULDER,
    SHOULDERS,
    Body,
    Joint,
    wrapped,
)
from posture.ergonomics.camera import Camera
from posture.ergonomics.vector import SHORTEST
from posture.skeleton import BLAZEPOSE_33, LAYOUTS

EAR_BREADTH_M = 0.15
"""Between the ear points of the pose model in its own metres: 0.14 to 0.16 on the faces of the test clips."""
EAR_TO_EYE_M = 0.087
"""From the line of the ears to the line of the eyes; 0.074 to 0.1 in the model's metres on seven clips."""
EAR_TO_NOSE_M = 0.115
"""From the ears forward to the tip of the nose (bitragion to pronasale, adults: 0.11 to 0.13)."""
NOSE_SLOPE_DEG = 145.0
"""Degrees of nodding for each unit that the nose moves between eyes (0) and mouth (1): its tip lies about 3 cm before
the eyes, and eyes and mouth 7 cm apart."""
RATIO_WITHIN_DEG = 45.0
"""Ratios of the face in the picture tell its pitch and yaw only while both cheeks are seen."""

OUTER_EYES: Joint = ("left_eye_outer", "right_eye_outer")
MOUTH: Joint = ("mouth_left", "mouth_right")
NOSE: Joint = ("nose",)
_LEVEL = Camera()


class Near(StrEnum):
    """Which side of the person is turned to the camera; BOTH from the front."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """See the module docstring; angles in degrees."""

    ears_x: float = math.nan
    ears_y: float = math.nan
    """From the side: the near ear."""
    eyes_x: float = math.nan
    eyes_y: float = math.nan
    shoulders_x: float = math.nan
    shoulders_y: float = math.nan
    """From the side: the near shoulder."""
    ears_apart: float = math.nan
    """In a head that faces the camera: the part that a turn hides is added back."""
    eyes_apart: float = math.nan
    """Outer corners, likewise."""
    cheek: float = math.nan
    """Near ear to nose, from the side."""
    shoulders_apart: float = math.nan
    """Likewise with the turn added back."""
    shoulder_tilt_deg: float = math.nan
    """Right one lower: +."""
    head_pitch_deg: float = math.nan
    """Of the line from the ears to the eyes."""
    nose_pitch_deg: float = math.nan
    """The same from eyes, nose and mouth, up to a constant; for a head whose ears are hidden."""
    head_yaw_deg: float = math.nan
    """Azimuth of the head against the camera."""
    facing_deg: float = math.nan
    """Azimuth of the shoulders."""
    trunk_deg: float = math.nan
    """Forward inclination of the trunk, where the hips are seen."""
    ear_shoulder_deg: float = math.nan
    """From the side: elevation of the line from shoulder to ear, 90 = ear above; falls as the head comes forward."""


class Seen(msgspec.Struct, frozen=True):
    """The features of one look, and why head or shoulders are missing from them."""

    features: Features
    head: Reason
    shoulders: Reason
    loose: Features
    """As above, from the model's guess where a point is hidden or outside the picture: enough to tell who stands."""
    person: int


def seen(subject: Subject, width: int, height: int, near: Near = Near.BOTH) -> Seen:
    """Read the features of one person in a picture of `width` x `height` pixels."""
    pose = subject.pose
    layout = LAYOUTS.get(pose.skeleton)
    if layout is None or all(math.isnan(x) for x in pose.world_m[:, 0].tolist()):  # what follows compares metres
        return Seen(Features(), Reason.NOT_IN_LAYOUT, Reason.NOT_IN_LAYOUT, Features(), pose.person)
    body = Body(pose, layout, width, height, _LEVEL)
    shoulder_points = {Near.BOTH: SHOULDERS, Near.LEFT: LEFT_SHOULDER, Near.RIGHT: RIGHT_SHOULDER}[near]
    head, shoulders = _head_reason(body, near), body.reason(shoulder_points)
    trunk = subject.measurements["trunk_inclination_deg"]
    strict = _features(pose, body, near, trunk, believe_all=False)
    whole = head is shoulders is Reason.MEASURED
    return Seen(
        strict, head, shoulders, strict if whole else _features(pose, body, near, trunk, believe_all=True), pose.person
    )


def _head_reason(body: Body, near: Near) -> Reason:
    """MEASURED where the ears, the near ear or the eyes are to be seen; else what is wrong with the eyes."""
    ears = {Near.BOTH: EARS, Near.LEFT: LEFT_EAR, Near.RIGHT: RIGHT_EAR}[near]
    if body.reason(ears) is Reason.MEASURED:
        return Reason.MEASURED
    return body.reason(EYES) if near is Near.BOTH else body.reason(ears)


def _features(pose: Pose, body: Body, near: Near, trunk_deg: float, *, believe_all: bool) -> Features:
    look = _Points(pose, body, believe_all)
    ears, shoulders = _near(near)
    ears_x, ears_y = look.at(ears)
    eyes_x, eyes_y = look.at(EYES)
    shoulders_x, shoulders_y = look.at(shoulders)
    yaw = _yaw_deg(look, near)
    facing = body.azimuth_deg(body.shoulder_line) if look.known(SHOULDERS) else math.nan
    unturned = max(math.cos(math.radians(yaw)), 0.2) if math.isfinite(yaw) else 1.0
    return Features(
        ears_x=ears_x, ears_y=ears_y, eyes_x=eyes_x, eyes_y=eyes_y, shoulders_x=shoulders_x, shoulders_y=shoulders_y,
        ears_apart=look.apart(LEFT_EAR, RIGHT_EAR) / unturned,
        eyes_apart=look.apart(("left_eye_outer",), ("right_eye_outer",)) / unturned,
        cheek=look.apart(ears, NOSE) if near is not Near.BOTH else math.nan,
        shoulders_apart=_shoulders_apart(look),
        shoulder_tilt_deg=look.slope_deg(LEFT_SHOULDER, RIGHT_SHOULDER),
        head_pitch_deg=_pitch_deg(look, near, yaw),
        nose_pitch_deg=_nose_pitch_deg(look),
        head_yaw_deg=yaw,
        facing_deg=facing,
        trunk_deg=trunk_deg,
        ear_shoulder_deg=_ear_shoulder_deg(look, near),
    )  # fmt: skip


def _near(near: Near) -> tuple[Joint, Joint]:
    if near is Near.BOTH:
        return EARS, SHOULDERS
    return (LEFT_EAR, LEFT_SHOULDER) if near is Near.LEFT else (RIGHT_EAR, RIGHT_SHOULDER)


class _Points:
    """The points of a pose in picture widths; NaN where they are not to be believed."""

    def __init__(self, pose: Pose, body: Body, believe_all: bool) -> None:
        self.body = body
        self._all = believe_all
        self._rows: list[list[float]] = (pose.points_px[:, :2] / body.width).tolist()
        self._index = BLAZEPOSE_33.index

    def known(self, joint: Joint) -> bool:
        return self._all or self.body.reason(joint) is Reason.MEASURED

    def at(self, joint: Joint) -> tuple[float, float]:
        """x, y of a point or of the middle of two."""
        if not self.known(joint):
            return math.nan, math.nan
        rows = [self._rows[self._index[name]] for name in joint]
        return sum(x for x, _ in rows) / len(rows), sum(y for _, y in rows) / len(rows)

    def apart(self, a: Joint, b: Joint) -> float:
        (x0, y0), (x1, y1) = self.at(a), self.at(b)
        return math.hypot(x1 - x0, y1 - y0)

    def slope_deg(self, left: Joint, right: Joint) -> float:
        """How much lower the right one lies, whichever way round the two appear."""
        (x0, y0), (x1, y1) = self.at(left), self.at(right)
        return math.degrees(math.atan2(y1 - y0, abs(x1 - x0)))


def _shoulders_apart(look: _Points) -> float:
    if not look.known(SHOULDERS):
        return math.nan
    x, y, _ = look.body.shoulder_line
    shown = math.hypot(x, y)
    return look.apart(LEFT_SHOULDER, RIGHT_SHOULDER) / shown if shown > SHORTEST else math.nan


def _across(look: _Points, joint: Joint) -> tuple[float, float]:
    """Where `joint` lies from the middle of the ears, along the line of the ears (to the picture's right) and
    perpendicular to it (down), in widths of that line; NaN where that is not known.
    """
    (lx, ly), (rx, ry), (x, y) = look.at(LEFT_EAR), look.at(RIGHT_EAR), look.at(joint)
    ax, ay = lx - rx, ly - ry  # a face that looks at the camera has its left ear on the right
    size = math.hypot(ax, ay)
    if not size > SHORTEST:
        return math.nan, math.nan
    dx, dy = x - (lx + rx) / 2, y - (ly + ry) / 2
    return (dx * ax + dy * ay) / size**2, (dy * ax - dx * ay) / size**2


def _yaw_deg(look: _Points, near: Near) -> float:
    """The mean of what depth and what the picture says (the nose between the ears), or the one that is there."""
    body = look.body
    world = body.azimuth_deg(body.head_line) if look.known(EARS + EYES) else math.nan
    if near is not Near.BOTH or abs(world) > RATIO_WITHIN_DEG:
        return world
    beside, _ = _across(look, NOSE)
    return _mean(world, -math.degrees(math.atan(beside * EAR_BREADTH_M / EAR_TO_NOSE_M)))


def _pitch_deg(look: _Points, near: Near, yaw_deg: float) -> float:
    """From the front the picture alone: how far the eyes are above the ears, in breadths of the head. Depth makes it
    worse there, because the model's metres and the pixels belong to two lines of sight. From the side the slope itself.
    """
    if not look.known(EARS + EYES):
        return math.nan
    _, below = _across(look, EYES)
    if near is not Near.BOTH or not abs(yaw_deg) <= RATIO_WITHIN_DEG or math.isnan(below):
        return head_inclination_deg(look.body)
    rise = -below * math.cos(math.radians(yaw_deg)) * EAR_BREADTH_M / EAR_TO_EYE_M
    return EAR_EYE_LINE_DEG - math.degrees(math.asin(max(-1.0, min(1.0, rise))))


def _nose_pitch_deg(look: _Points) -> float:
    (ex, ey), (nx, ny), (mx, my) = look.at(OUTER_EYES), look.at(NOSE), look.at(MOUTH)
    dx, dy = mx - ex, my - ey
    size = dx * dx + dy * dy
    return NOSE_SLOPE_DEG * ((nx - ex) * dx + (ny - ey) * dy) / size if size > SHORTEST**2 else math.nan


def _ear_shoulder_deg(look: _Points, near: Near) -> float:
    if near is Near.BOTH:
        return math.nan
    ears, shoulders = _near(near)
    (sx, sy), (ex, ey) = look.at(shoulders), look.at(ears)
    forward = (sx - ex) if near is Near.LEFT else (ex - sx)  # whose left side is seen looks to the picture's left
    return math.degrees(math.atan2(sy - ey, forward))


def _mean(a: float, b: float) -> float:
    if math.isnan(a) or math.isnan(b):
        return b if math.isnan(a) else a
    return wrapped(a + wrapped(b - a) / 2)
