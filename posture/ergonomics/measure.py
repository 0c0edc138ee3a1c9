"""Angles of one pose. The signs of the whole program are written here, once.

    flexion, inclination   forward +, backward (extension) -, whichever way the person faces
    lateral quantities     towards the person's own right +, left -
                           (tilt and side bend: leans to that side; yaw and twist: turned to that side)
    elevation, limb angles unsigned, 0 to 180: 0 = arm hanging, limb straight
    facing                 0 faces the camera, +90 the person's left side is turned to it, 180 the back

A mirrored picture therefore swaps left_x with right_x, flips lateral signs and leaves flexion alone; turning the
person leaves everything alone. Inclinations and tilts are against gravity (`Camera.up`); the rest is relative to the
neighbouring part. "Side" and "front" below are views of the trunk, or of the head where only the head is measured.

    name                      from                           0 is                     range       views
    head_inclination_deg      ears -> eyes, less 10 degrees  looking level            -180..180   front oblique side
    head_tilt_deg             ear and eye lines              eyes level               -90..90     front oblique back
    head_yaw_deg              head against shoulders         looks ahead              -180..180   front oblique side
    neck_flexion_deg          head less trunk inclination    in line                  -180..180   oblique side
    trunk_inclination_deg     hips -> shoulders, sagittal    upright                  -180..180   front oblique side
    trunk_side_bend_deg       hips -> shoulders, lateral     upright                  -90..90     front back
    trunk_twist_deg           shoulders against hips         untwisted                -180..180   front oblique
    shoulder_tilt_deg         shoulder line                  level (right lower: +)   -90..90     front oblique back
    *_shoulder_raise_ratio    ears -> shoulder, vertical,    level with the ears      any         front oblique back
                              in shoulder widths             (about -0.5 at rest)
    *_upper_arm_elevation_deg shoulder -> elbow              hanging                  0..180      any
    *_upper_arm_flexion_deg   shoulder -> elbow, trunk line  hanging along trunk    -180..180   front oblique side
    *_upper_arm_abduction_deg shoulder -> elbow, lateral     along the trunk        -90..90     front oblique back
    *_elbow, *_knee           180 less the interior angle    straight                 0..180      any
    *_hip_flexion_deg         trunk middle line - thigh      straight                 0..180      any
    ear_shoulder_angle_deg    shoulders -> ears, sagittal    level, ears in front;    -180..180   15 of lateral
                                                             90 = ears above
    shoulder_width_ratio      shoulder width in pixels, turn ratio to picture width   0..         front oblique
                              undone

Why views: depth is the model's guess. On two pairs of pictures of one work posture, trunk and head inclination from the
front agree with those from the side within 10 degrees; on five pairs a view from behind makes the head look up by 13
to 39 and the trunk lean back by 9 to 22 degrees more. Twist needs two depth differences and wanders by 10 degrees even
from the front. Neck flexion is the difference of two angles that rest on depth when seen from the front, and its band
begins at 0, which such noise would cross all the time. Side bend in an oblique view takes up part of a forward lean.
A model without depth (all of `world_m` is NaN) gives what the picture plane tells: from the front and from behind
tilts, side bend, raise and width of the shoulders; from the side inclinations, neck, hips and knees. The view is then
judged by shoulder width over trunk length. All else is not in its layout.
The upper arm's flexion is its whole angle to the trunk line, as RULA and REBA take it; it is negative (extension) where
the arm points backward more than sideways. Abduction is away from the body +, across it -.
The ear-shoulder angle is a proxy for the craniovertebral angle: these layouts have neither C7 nor the tragus.
"""

import math

import numpy as np

from posture.data import MEASURE_NAMES, Measurements, Pose, Reason, View, frozen
from posture.ergonomics.angles import MEASURES, Measure
from posture.ergonomics.body import Body, view_of
from posture.ergonomics.camera import Camera, MeasureSettings, roll_from_level
from posture.skeleton import LAYOUTS

__all__ = ["Camera", "MeasureSettings", "measure", "roll_from_level"]

_LEVEL = Camera()


def measure(pose: Pose, width: int, height: int, camera: Camera = _LEVEL) -> Measurements:
    """Measure `pose`, seen in a picture of `width` x `height` pixels by `camera` (default: level, usual limits).

    A value is measurable where all its keypoints have visibility and presence above the camera's limits and lie inside
    the picture, and the view is one of those in the module docstring; else it is NaN and its reason says why.
    """
    layout = LAYOUTS.get(pose.skeleton)
    if layout is None:
        nothing = np.full(len(MEASURE_NAMES), np.nan)
        return Measurements(View.UNKNOWN, math.nan, frozen(nothing), (Reason.NOT_IN_LAYOUT,) * len(MEASURE_NAMES))
    body = Body(pose, layout, width, height, camera)
    found = [_measured(MEASURES[name], body) for name in MEASURE_NAMES]
    values = np.array([value for value, _ in found])
    return Measurements(view_of(body.facing_deg), body.facing_deg, frozen(values), tuple(why for _, why in found))


def _measured(what: Measure, body: Body) -> tuple[float, Reason]:
    reason = body.reason(what.points)
    if reason is not Reason.MEASURED:
        return math.nan, reason
    if body.flat and not what.holds_flat(body):
        return math.nan, Reason.NOT_IN_LAYOUT
    if not what.holds_in(body):
        return math.nan, Reason.WRONG_VIEW
    value = what.value(body)
    # A segment that is seen end on or has no length gives no angle.
    return (value, Reason.MEASURED) if math.isfinite(value) else (math.nan, Reason.WRONG_VIEW)
