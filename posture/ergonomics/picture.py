"""Angles in the plane of the picture, as a person with a protractor would take them: to compare with hand labels.

    ear_shoulder_vs_vertical  line shoulder -> ear against the vertical, 0 = upright
    neck_forward_signed       the same, + = ear in front of the shoulder
    trunk_vs_vertical         line hip -> shoulder against the vertical
    trunk_forward_signed      the same, + = leaning towards the side that the person faces
    hip_angle                 shoulder - hip - knee, 180 = straight
    knee_flexion              0 = straight
    elbow_flexion             0 = straight

Degrees. The picture shortens every segment that points towards the camera, so these agree with the angles of
`measure` in a side view only.
"""

import math
from typing import Literal

from posture.data import Measurements, Pose
from posture.ergonomics.vector import Vector, angle_deg
from posture.skeleton import BLAZEPOSE_33

Side = Literal["left", "right"]
_UP: Vector = (0.0, -1.0, 0.0)


def picture_angles(pose: Pose, side: Side) -> dict[str, float]:
    """The angles above from the keypoints of one side; NaN where a segment has no length.

    The signed ones take the direction that the person faces from the nose and the ear of that side.
    """
    row = {name: i for i, name in enumerate(BLAZEPOSE_33.names)}

    def segment(start: str, end: str) -> Vector:
        x, y, _ = (pose.points_px[row[end]] - pose.points_px[row[start]]).tolist()
        return (x, y, 0.0)

    shoulder, elbow, wrist, hip, knee, ankle, ear = (
        f"{side}_{name}" for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "ear")
    )
    neck, trunk = segment(shoulder, ear), segment(hip, shoulder)
    faces = segment(ear, "nose")[0]
    return {
        "ear_shoulder_vs_vertical": angle_deg(neck, _UP),
        "neck_forward_signed": math.copysign(angle_deg(neck, _UP), neck[0] * faces),
        "trunk_vs_vertical": angle_deg(trunk, _UP),
        "trunk_forward_signed": math.copysign(angle_deg(trunk, _UP), trunk[0] * faces),
        "hip_angle": 180.0 - angle_deg(trunk, segment(knee, hip)),
        "knee_flexion": angle_deg(segment(hip, knee), segment(knee, ankle)),
        "elbow_flexion": angle_deg(segment(shoulder, elbow), segment(elbow, wrist)),
    }


def measured_angles(measurements: Measurements, side: Side) -> dict[str, float]:
    """What the measurements in space say about the same columns; NaN where not measurable."""
    neck, trunk = 90.0 - measurements["ear_shoulder_angle_deg"], measurements["trunk_inclination_deg"]
    return {
        "ear_shoulder_vs_vertical": abs(neck),
        "neck_forward_signed": neck,
        "trunk_vs_vertical": abs(trunk),
        "trunk_forward_signed": trunk,
        "hip_angle": 180.0 - measurements[f"{side}_hip_flexion_deg"],
        "knee_flexion": measurements[f"{side}_knee_flexion_deg"],
        "elbow_flexion": measurements[f"{side}_elbow_flexion_deg"],
    }
