"""The formula of each measurement, the keypoints it needs and the views it holds in; `measure` has the conventions."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from posture.data import View
from posture.ergonomics.body import (
    EARS,
    EYES,
    HIPS,
    LEFT_SHOULDER,
    RIGHT_SHOULDER,
    SHOULDERS,
    Body,
    Joint,
    view_of,
    wrapped,
)
from posture.ergonomics.vector import SHORTEST, Vector, angle_deg, dot, length, scale, unit, without

EAR_EYE_LINE_DEG = 10.0
"""How far the line from the ears to the eyes points above the horizontal in a person who looks level. Anatomy gives
about 11 (ear canal and outer eye corner against the Frankfort plane). With BlazePose's points the median over twelve
people of the test pictures who look into the camera or straight ahead is 9.5, with a standard deviation of 4."""
LATERAL_WITHIN_DEG = 15.0
"""The ear-shoulder angle holds only this close to a side view."""
FURTHEST_BACK_DEG = 120.0
"""An upper arm that is further from hanging than this was lifted to the front, even if it points backward now:
shoulders extend by 60 to 80 degrees."""

ANY = frozenset(View)
FROM_AHEAD = frozenset({View.FRONT, View.OBLIQUE, View.SIDE})
ACROSS = frozenset({View.FRONT, View.OBLIQUE, View.BACK})
FRONT_BACK = frozenset({View.FRONT, View.BACK})
SIDE = frozenset({View.SIDE})
FRONT_OBLIQUE = frozenset({View.FRONT, View.OBLIQUE})
OBLIQUE_SIDE = frozenset({View.OBLIQUE, View.SIDE})

HEAD, TRUNK = EARS + EYES, SHOULDERS + HIPS


@dataclass(frozen=True)
class Measure:
    """How one value is obtained."""

    points: Joint
    """Every keypoint that the value rests on."""
    value: Callable[[Body], float]
    """NaN where a segment has no direction."""
    trunk_views: frozenset[View] = ANY
    head_views: frozenset[View] = ANY
    lateral_only: bool = False
    flat_views: frozenset[View] = frozenset()
    """Views in which the picture plane alone tells the value, for models that know nothing of depth."""

    def holds_flat(self, body: Body) -> bool:
        """Whether a body without depth has this value; of the head alone where only that is looked at."""
        facing = body.facing_deg if self.trunk_views is not ANY or self.head_views is ANY else body.head_facing_deg
        return view_of(facing) in self.flat_views

    def holds_in(self, body: Body) -> bool:
        """Whether the value can be read in the view that `body` is seen in."""
        if self.lateral_only and not abs(abs(body.facing_deg) - 90.0) <= LATERAL_WITHIN_DEG:
            return False
        if self.trunk_views is not ANY and view_of(body.facing_deg) not in self.trunk_views:
            return False
        return self.head_views is ANY or view_of(body.head_facing_deg) in self.head_views


def _bearing_deg(of: Vector, zero: Vector, towards: Vector) -> float:
    """Angle from `zero` to `of` in the plane of the perpendicular unit vectors `zero` and `towards`."""
    along, across = dot(of, zero), dot(of, towards)
    return math.degrees(math.atan2(across, along)) if math.hypot(along, across) > SHORTEST else math.nan


def _lean_deg(of: Vector, towards: Vector) -> float:
    """Angle of `of` out of the plane that is perpendicular to the unit vector `towards`, -90 to 90."""
    return math.degrees(math.atan2(dot(of, towards), length(without(of, towards))))


def head_inclination_deg(body: Body) -> float:
    """Downward slope of the line from the ears to the eyes, against that of a level gaze."""
    elevation = _bearing_deg(body.segment(EARS, EYES), body.head_forward, body.up)
    return wrapped(EAR_EYE_LINE_DEG - elevation)


def trunk_inclination_deg(body: Body) -> float:
    """Forward lean of the line from the hips to the shoulders."""
    return _bearing_deg(body.segment(HIPS, SHOULDERS), body.up, body.trunk_forward)


def _neck_flexion(body: Body) -> float:
    return wrapped(head_inclination_deg(body) - trunk_inclination_deg(body))


def _trunk_side_bend(body: Body) -> float:
    return _lean_deg(body.segment(HIPS, SHOULDERS), body.trunk_right)


def _trunk_twist(body: Body) -> float:
    return wrapped(body.azimuth_deg(body.shoulder_line) - body.azimuth_deg(body.hip_line))


def _head_tilt(body: Body) -> float:
    return -_lean_deg(body.head_line, body.up)


def _head_yaw(body: Body) -> float:
    return wrapped(body.head_facing_deg - body.azimuth_deg(body.shoulder_line))


def _shoulder_tilt(body: Body) -> float:
    return -_lean_deg(body.shoulder_line, body.up)


def _ear_shoulder(body: Body) -> float:
    return _bearing_deg(body.segment(SHOULDERS, EARS), body.trunk_forward, body.up)


def _shoulder_width(body: Body) -> float:
    """The part of the shoulder line that lies in depth is added back, so that a turn does not look like distance."""
    x, y, _ = body.shoulder_line
    seen = math.hypot(x, y)
    pixels = body.pixels(LEFT_SHOULDER, RIGHT_SHOULDER)
    return pixels / seen / body.width if seen > SHORTEST else math.nan


def _side(side: str) -> dict[str, Measure]:
    """The measurements that exist once a side."""
    shoulder, elbow, wrist = ((f"{side}_{name}",) for name in ("shoulder", "elbow", "wrist"))
    hip, knee, ankle = ((f"{side}_{name}",) for name in ("hip", "knee", "ankle"))

    def shoulder_raise(body: Body) -> float:
        width = length(body.segment(LEFT_SHOULDER, RIGHT_SHOULDER))
        return dot(body.segment(EARS, shoulder), body.up) / width if width > SHORTEST else math.nan

    def arm_elevation(body: Body) -> float:
        return angle_deg(body.segment(shoulder, elbow), scale(body.up, -1.0))

    def arm_flexion(body: Body) -> float:
        arm, trunk = body.segment(shoulder, elbow), body.segment(HIPS, SHOULDERS)
        forward = dot(arm, unit(without(body.trunk_forward, unit(trunk))))
        angle = angle_deg(arm, scale(trunk, -1.0))
        return -angle if -forward > abs(dot(arm, body.trunk_right)) and angle < FURTHEST_BACK_DEG else angle

    def arm_abduction(body: Body) -> float:
        return _lean_deg(body.segment(shoulder, elbow), scale(body.trunk_right, 1.0 if side == "right" else -1.0))

    def hip_flexion(body: Body) -> float:
        # Against the middle line: the shoulders are wider than the hips, so a line on one side leans by 9 degrees.
        return angle_deg(body.segment(HIPS, SHOULDERS), body.segment(knee, hip))

    def bend(first: Joint, middle: Joint, last: Joint, flat_views: frozenset[View] = frozenset()) -> Measure:
        points = first + middle + last
        return Measure(
            points,
            lambda body: angle_deg(body.segment(first, middle), body.segment(middle, last)),
            flat_views=flat_views,
        )

    return {
        f"{side}_shoulder_raise_ratio": Measure(
            EARS + SHOULDERS, shoulder_raise, trunk_views=ACROSS, flat_views=FRONT_BACK
        ),
        f"{side}_upper_arm_elevation_deg": Measure(shoulder + elbow, arm_elevation),
        f"{side}_upper_arm_flexion_deg": Measure(TRUNK + elbow, arm_flexion, trunk_views=FROM_AHEAD),
        f"{side}_upper_arm_abduction_deg": Measure(SHOULDERS + elbow, arm_abduction, trunk_views=ACROSS),
        f"{side}_elbow_flexion_deg": bend(shoulder, elbow, wrist),
        f"{side}_hip_flexion_deg": Measure(TRUNK + knee, hip_flexion, flat_views=SIDE),
        f"{side}_knee_flexion_deg": bend(hip, knee, ankle, SIDE),
    }


MEASURES: dict[str, Measure] = {
    "head_inclination_deg": Measure(HEAD, head_inclination_deg, head_views=FROM_AHEAD, flat_views=SIDE),
    "head_tilt_deg": Measure(HEAD, _head_tilt, head_views=ACROSS, flat_views=FRONT_BACK),
    "head_yaw_deg": Measure(HEAD + SHOULDERS, _head_yaw, trunk_views=FROM_AHEAD),
    "neck_flexion_deg": Measure(
        HEAD + TRUNK, _neck_flexion, trunk_views=OBLIQUE_SIDE, head_views=FROM_AHEAD, flat_views=SIDE
    ),
    "trunk_inclination_deg": Measure(TRUNK, trunk_inclination_deg, trunk_views=FROM_AHEAD, flat_views=SIDE),
    "trunk_side_bend_deg": Measure(TRUNK, _trunk_side_bend, trunk_views=FRONT_BACK, flat_views=FRONT_BACK),
    "trunk_twist_deg": Measure(TRUNK, _trunk_twist, trunk_views=FRONT_OBLIQUE),
    "shoulder_tilt_deg": Measure(SHOULDERS, _shoulder_tilt, trunk_views=ACROSS, flat_views=FRONT_BACK),
    "ear_shoulder_angle_deg": Measure(EARS + SHOULDERS, _ear_shoulder, lateral_only=True, flat_views=SIDE),
    "shoulder_width_ratio": Measure(SHOULDERS, _shoulder_width, trunk_views=FRONT_OBLIQUE, flat_views=FRONT_BACK),
    **_side("left"),
    **_side("right"),
}
