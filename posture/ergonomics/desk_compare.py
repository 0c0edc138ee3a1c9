"""How a person sits now against the baseline: lengths in metres and angles in degrees, perspective taken out.

Apparent size gives distance, distance times position gives place. A head that comes closer to a camera above it looks
larger and lower although it keeps its height; heights are therefore taken from the horizon, the row of the picture in
which everything at the height of the camera lies:

    height = (row of the horizon - row of the point) * metres per picture width at the distance of the point

Where the horizon lies follows from the head at calibration: it is taken to look level, so the slope that the camera
sees is the camera's own view from above. That is true within about 8 degrees, so a height is uncertain by 1 cm for a
change of distance by a tenth; `Compared.doubt_m` carries this, and rules widen their limits by it.

The metre comes from the breadth of the head, the distance from the field of view: a head that is 5 % broader than
average makes every centimetre 5 % longer, which no limit is fine enough to notice.
"""

import math
from typing import NamedTuple

from posture.ergonomics.baseline import Baseline
from posture.ergonomics.body import wrapped
from posture.ergonomics.desk_features import EAR_BREADTH_M, EAR_TO_NOSE_M, Features, Near

EYES_APART_M = 0.107
"""Between the outer corners of the eyes in the metres of `EAR_BREADTH_M`: 0.72 of it on five test clips."""
CAMERA_HEIGHT_DOUBT_M = 0.08
"""How far the height of the camera over the eyes is off when the head at calibration nods by 7 degrees, at 70 cm."""
MOST_DEPRESSION_DEG = 20.0
"""A steeper view onto the face at calibration is a face that looks down, not a camera: a laptop 25 cm below the eyes and
65 cm away sees it under 21 degrees."""
WAIST_M = 0.3
"""A lean to the side by an angle moves the shoulders by this times its tangent or more: half of the trunk bends."""
SMALLEST = 1e-6
"""Of a length in picture widths that something is divided by."""


class Compared(NamedTuple):
    """The change since calibration; NaN where something it rests on is not visible. Lateral: to the own right +."""

    head_distance: float
    """Distance of the head from the camera now, as a share of what it was."""
    shoulder_distance: float
    head_drop_m: float
    shoulder_drop_m: float
    doubt_m: float
    """How uncertain the drops are because the horizon is."""
    head_forward_m: float
    """Of the head before the shoulders."""
    head_ahead_m: float
    """Of the head in the room."""
    shift_m: float
    """Of the shoulders to the own right."""
    lean_deg: float
    """The smaller of what the tilt and what the shift of the shoulders says: a chair that rolls shifts without tilting,
    one raised shoulder tilts without shifting."""
    pitch_deg: float
    yaw_deg: float
    facing_deg: float
    trunk_deg: float
    """Not a change: the inclination itself, and its change."""
    trunk_change_deg: float
    ear_shoulder_deg: float
    """Not a change; from the side only."""

    @property
    def neck_drop_m(self) -> float:
        """Of the ears towards the shoulders."""
        return self.head_drop_m - self.shoulder_drop_m


class Scale(NamedTuple):
    """What turns picture widths into metres at the calibrated place."""

    metres: float
    """Per picture width at the distance of the head."""
    focal: float
    """In picture widths."""
    horizon_y: float


def scale_of(baseline: Baseline, fov_deg: float) -> Scale:
    """The scale at calibration, for a camera that sees `fov_deg` across."""
    was = baseline.features
    focal = 0.5 / math.tan(math.radians(fov_deg / 2))
    known = [
        (metres, apart)
        for metres, apart in (
            (EAR_BREADTH_M, was.ears_apart if baseline.near is Near.BOTH else math.nan),
            (EYES_APART_M, was.eyes_apart if baseline.near is Near.BOTH else math.nan),
            (EAR_TO_NOSE_M, was.cheek),
        )
        if apart > SMALLEST
    ]
    metres = known[0][0] / known[0][1] if known else math.nan
    depression = was.head_pitch_deg if math.isfinite(was.head_pitch_deg) else 0.0
    depression = max(-MOST_DEPRESSION_DEG, min(MOST_DEPRESSION_DEG, depression))
    eye_row = was.ears_y if math.isfinite(was.ears_y) else was.eyes_y
    return Scale(metres, focal, eye_row - focal * math.tan(math.radians(depression)))


def compare(now: Features, baseline: Baseline, fov_deg: float) -> Compared:
    """`now` against the baseline."""
    was, scale = baseline.features, scale_of(baseline, fov_deg)
    head_r = _head_distance(now, was, baseline.near)
    shoulder_r = _ratio(was.shoulders_apart, now.shoulders_apart) if baseline.near is Near.BOTH else head_r
    head = _Moved(scale, was.ears_x, *_head_point(now, was), head_r)
    shoulders = _Moved(
        scale, was.ears_x, (now.shoulders_x, now.shoulders_y), (was.shoulders_x, was.shoulders_y), shoulder_r
    )
    sin, cos = _facing(was.facing_deg, baseline.near)
    aside, above = _ray_deg(now, was, scale.focal)
    forward = -sin * (head.right_m - shoulders.right_m) - cos * (head.away_m - shoulders.away_m)
    shift = -cos * shoulders.right_m + sin * shoulders.away_m
    return Compared(
        head_distance=head_r,
        shoulder_distance=shoulder_r,
        head_drop_m=head.down_m,
        shoulder_drop_m=shoulders.down_m,
        doubt_m=CAMERA_HEIGHT_DOUBT_M * abs(shoulder_r - 1.0),
        head_forward_m=forward,
        head_ahead_m=-sin * head.right_m - cos * head.away_m,
        shift_m=shift,
        lean_deg=_lean_deg(now.shoulder_tilt_deg - was.shoulder_tilt_deg, shift, baseline.near),
        pitch_deg=_pitch_change_deg(now, was) - above,
        yaw_deg=wrapped(now.head_yaw_deg - was.head_yaw_deg + aside),
        facing_deg=wrapped(now.facing_deg - was.facing_deg + aside),
        trunk_deg=now.trunk_deg,
        trunk_change_deg=now.trunk_deg - was.trunk_deg,
        ear_shoulder_deg=now.ear_shoulder_deg,
    )


class _Moved:
    """How far a point moved in the room, seen from the calibrated place."""

    def __init__(
        self, scale: Scale, axis_x: float, now: tuple[float, float], was: tuple[float, float], ratio: float
    ) -> None:
        metres = scale.metres * ratio
        self.right_m = (now[0] - axis_x) * metres - (was[0] - axis_x) * scale.metres
        self.down_m = (now[1] - scale.horizon_y) * metres - (was[1] - scale.horizon_y) * scale.metres
        self.away_m = scale.focal * scale.metres * (ratio - 1.0)


def _head_point(now: Features, was: Features) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ears now and before, or the eyes where the ears are hidden."""
    if math.isfinite(now.ears_x) and math.isfinite(was.ears_x):
        return (now.ears_x, now.ears_y), (was.ears_x, was.ears_y)
    return (now.eyes_x, now.eyes_y), (was.eyes_x, was.eyes_y)


def _ratio(was: float, now: float) -> float:
    """Of distances, from apparent lengths."""
    return was / now if now > SMALLEST else math.nan


def _head_distance(now: Features, was: Features, near: Near) -> float:
    """Least squares over all lengths of the face that are known then and now."""
    if near is not Near.BOTH:
        return _ratio(was.cheek, now.cheek)
    pairs = [
        (then, today)
        for then, today in ((was.ears_apart, now.ears_apart), (was.eyes_apart, now.eyes_apart))
        if math.isfinite(then) and math.isfinite(today)
    ]
    return _ratio(sum(then * then for then, _ in pairs), sum(then * today for then, today in pairs))


def _facing(facing_deg: float, near: Near) -> tuple[float, float]:
    """Sine and cosine of the azimuth at calibration; exactly a quarter turn from the side, where depth is noise."""
    if near is not Near.BOTH:
        return (1.0, 0.0) if near is Near.LEFT else (-1.0, 0.0)
    angle = math.radians(facing_deg) if math.isfinite(facing_deg) else 0.0
    return math.sin(angle), math.cos(angle)


def _ray_deg(now: Features, was: Features, focal: float) -> tuple[float, float]:
    """How much the line of sight to the head turned: a head that moves aside or down without turning is seen more from
    its other side or from above.
    """
    (x, y), (x0, y0) = _head_point(now, was)
    return math.degrees(math.atan((x - x0) / focal)), math.degrees(math.atan((y - y0) / focal))


def _pitch_change_deg(now: Features, was: Features) -> float:
    change = now.head_pitch_deg - was.head_pitch_deg
    return change if math.isfinite(change) else now.nose_pitch_deg - was.nose_pitch_deg


def _lean_deg(tilt_deg: float, shift_m: float, near: Near) -> float:
    if near is not Near.BOTH or math.isnan(tilt_deg) or math.isnan(shift_m):
        return math.nan
    if tilt_deg * shift_m <= 0:
        return 0.0
    size = min(abs(tilt_deg), math.degrees(math.atan(abs(shift_m) / WAIST_M)))
    return math.copysign(size, tilt_deg)
