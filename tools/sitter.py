"""A kinematic sitter before a camera: joint angles in, the keypoints of a pose out. It knows nothing of any judge.

    room frame    x to the sitter's left, y up, z forward (towards the screen); metres, hips of the seated person at (0, 0)
    camera frame  x right, y down, z away
    angles        flexion and pitch forward/down +, side and roll to the sitter's left +, yaw and twist to the left +;
                  neck flexion is relative to the trunk, the head's three angles are against the room

The spine has two segments of which the upper bends more, as a slumped back does; the neck turns at its root, the head at
the ears. Lengths are those of an adult of medium size (seated eyes 79 cm above the seat, shoulders 37 cm apart).
"""

from dataclasses import dataclass, field

import numpy as np

from posture.data import Array
from posture.skeleton import BLAZEPOSE_33

LOWER_SPINE_M, UPPER_SPINE_M, ROOT_OF_NECK_M, NECK_M = 0.24, 0.23, 0.06, 0.14
"""Hips to the middle of the spine, to the shoulder line, on to the root of the neck, on to the ears."""
LOWER_SHARE, UPPER_SHARE = 0.8, 1.2
"""How much of the trunk's angle each spine segment takes."""
SHOULDER_M, HIP_M, THIGH_M, SHANK_M = 0.18, 0.095, 0.42, 0.42
EYES_M = np.array([0.0, 0.015, 0.085])
"""From the ears to the eyes: 10 degrees upwards, as the program's own measurements take it."""
STAND_M = 0.41
"""How far the hips rise when the person stands up: seat height to standing."""
DESK_M = 0.18
"""Height of the desk over the hips of a seated person."""

# From the middle between the ears, left side; the right side mirrors it. Left, up, forward.
_FACE = {
    "eye_inner": (0.018, 0.015, 0.088), "eye": (0.032, 0.015, 0.085), "eye_outer": (0.053, 0.015, 0.075),
    "ear": (0.075, 0.0, 0.0), "mouth": (0.025, -0.055, 0.095),
}  # fmt: skip
_NOSE = (0.0, -0.022, 0.115)
# From the shoulder, in the frame of the upper trunk: elbow and wrist, left side.
ARMS = {
    "desk": ((0.03, -0.27, 0.08), (-0.02, -0.28, 0.33)),
    "hang": ((0.04, -0.29, 0.0), (0.04, -0.54, 0.03)),
    "front": ((0.05, -0.15, 0.22), (-0.14, -0.04, 0.30)),
    "chin": ((0.00, -0.24, 0.16), (-0.13, 0.08, 0.14)),
}


@dataclass(frozen=True)
class Stance:
    """What a sitter does, all numbers; linear blends of two stances are stances."""

    trunk_flexion_deg: float = 0.0
    trunk_side_deg: float = 0.0
    trunk_twist_deg: float = 0.0
    neck_flexion_deg: float = 0.0
    head_pitch_deg: float = 0.0
    head_yaw_deg: float = 0.0
    head_roll_deg: float = 0.0
    shoulder_shrug_m: float = 0.0
    distance_m: float = 0.7
    """Of the eyes from the plane of the front camera."""
    x_m: float = 0.0
    """Of the seat, to the sitter's left."""
    seat_m: float = 0.0
    """How much higher the seat is than at first."""
    standing: float = 0.0
    """0 sits, 1 stands."""
    scale: float = 1.0
    """Size of the person; 1 is an adult of medium size."""

    def blended(self, other: "Stance", share: float) -> "Stance":
        """This stance with `share` of the other one."""
        return Stance(**{name: (1 - share) * value + share * vars(other)[name] for name, value in vars(self).items()})


def turn_x(deg: float) -> Array:
    """Rotation that bends forward: up goes forward, forward goes down."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def turn_y(deg: float) -> Array:
    """Rotation to the left: forward goes left."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def turn_z(deg: float) -> Array:
    """Bending to the left: up goes left."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


def body(stance: Stance, arms: tuple[Array, Array]) -> Array:
    """[33, 3] keypoints in the room frame; `arms`: elbow and wrist of both sides ([2, 3] each, left first)."""
    s = stance
    lower = turn_z(s.trunk_side_deg * LOWER_SHARE) @ turn_x(s.trunk_flexion_deg * LOWER_SHARE)
    upper = turn_z(s.trunk_side_deg * UPPER_SHARE) @ turn_x(s.trunk_flexion_deg * UPPER_SHARE)
    upper = upper @ turn_y(s.trunk_twist_deg)
    neck = turn_z(s.trunk_side_deg) @ turn_x(s.trunk_flexion_deg + s.neck_flexion_deg)
    head = turn_y(s.head_yaw_deg) @ turn_x(s.head_pitch_deg) @ turn_z(s.head_roll_deg)
    shoulders = lower[:, 1] * LOWER_SPINE_M + upper[:, 1] * UPPER_SPINE_M
    ears = shoulders + upper[:, 1] * ROOT_OF_NECK_M + neck[:, 1] * NECK_M
    points = np.zeros((33, 3))
    _put_head(points, ears, head)
    _put_arms(points, shoulders + upper[:, 1] * s.shoulder_shrug_m, upper, arms)
    _put_legs(points, s.standing)
    points *= s.scale
    eyes = (ears + EYES_M)[2] * s.scale  # of the head that looks ahead, so that a glance does not move the chair
    return points + np.array([s.x_m, s.seat_m + s.standing * STAND_M * s.scale, -s.distance_m - eyes])


def eyes_of(stance: Stance) -> Array:
    """[3] the middle between the eyes of the head that looks ahead, room frame."""
    points = body(stance, _arms("desk"))
    ears = (points[_I["left_ear"]] + points[_I["right_ear"]]) / 2
    found: Array = ears + EYES_M * stance.scale
    return found


def _arms(name: str) -> tuple[Array, Array]:
    """Elbow and wrist of both sides; "chin" is the left hand only."""
    mirror = np.array([-1.0, 1.0, 1.0])
    left, right = (np.array(ARMS[name]), np.array(ARMS["desk" if name == "chin" else name]))
    return left, right * mirror


def arms_of(before: str, now: str, share: float) -> tuple[Array, Array]:
    """Both arms on their way from one place of `ARMS` to another."""
    (a, b), (c, d) = _arms(before), _arms(now)
    return a + share * (c - a), b + share * (d - b)


_I = BLAZEPOSE_33.index


def _put_head(points: Array, ears: Array, head: Array) -> None:
    points[_I["nose"]] = ears + head @ _NOSE
    for part, (left, up, forward) in _FACE.items():
        names = ("mouth_left", "mouth_right") if part == "mouth" else (f"left_{part}", f"right_{part}")
        for name, side in zip(names, (1, -1), strict=True):
            points[_I[name]] = ears + head @ (side * left, up, forward)


def _put_arms(points: Array, middle: Array, upper: Array, arms: tuple[Array, Array]) -> None:
    for side, sign, (elbow, wrist) in zip(("left", "right"), (1, -1), arms, strict=True):
        shoulder = middle + upper[:, 0] * sign * SHOULDER_M
        hand = wrist + 0.08 * (wrist - elbow) / max(float(np.linalg.norm(wrist - elbow)), 1e-6)
        points[_I[f"{side}_shoulder"]] = shoulder
        points[_I[f"{side}_elbow"]] = shoulder + upper @ elbow
        points[_I[f"{side}_wrist"]] = shoulder + upper @ wrist
        for finger in ("pinky", "index", "thumb"):
            points[_I[f"{side}_{finger}"]] = shoulder + upper @ hand


def _put_legs(points: Array, standing: float) -> None:
    for side, sign in (("left", 1), ("right", -1)):
        hip = np.array([sign * HIP_M, 0.0, 0.0])
        thigh = (1 - standing) * np.array([sign * 0.03, 0.0, THIGH_M]) + standing * np.array([0.0, -THIGH_M, 0.0])
        ankle = hip + thigh - np.array([0.0, SHANK_M, 0.0])
        points[_I[f"{side}_hip"]], points[_I[f"{side}_knee"]] = hip, hip + thigh
        points[_I[f"{side}_ankle"]] = ankle
        points[_I[f"{side}_heel"]] = ankle + (0.0, -0.05, -0.04)
        points[_I[f"{side}_foot_index"]] = ankle + (0.0, -0.06, 0.15)


@dataclass(frozen=True)
class Lens:
    """A camera in the room: where it is, where it looks, how it draws."""

    place: Array
    axes: Array
    """[3, 3] rows: right, down, away in the room frame."""
    width: int
    height: int
    fov_deg: float
    """Across the width."""
    focal_px: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "focal_px", self.width / 2 / np.tan(np.radians(self.fov_deg / 2)))

    def turned(self, tilt_deg: float, pan_deg: float, roll_deg: float) -> "Lens":
        """The camera after a knock: down, to its right, clockwise."""
        right, down, away = np.eye(3)
        pan = _about(down, pan_deg)
        turn = pan @ _about(right, -tilt_deg) @ _about(away, roll_deg)
        return Lens(self.place, turn.T @ self.axes, self.width, self.height, self.fov_deg)

    def seen(self, points: Array) -> Array:
        """[n, 3] in the camera frame, metres."""
        found: Array = (points - self.place) @ self.axes.T
        return found

    def pixels(self, seen: Array) -> Array:
        """[n, 2] x, y in pixels; what lies behind the lens lands far outside."""
        away = np.maximum(seen[:, 2:], 0.02)
        found: Array = seen[:, :2] / away * self.focal_px + np.array([self.width - 1, self.height - 1]) / 2
        return found


def _about(axis: Array, deg: float) -> Array:
    """Rotation matrix about a unit axis (Rodrigues)."""
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    a = np.radians(deg)
    found: Array = np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * (k @ k)
    return found


EYES_FROM_TOP = 1 / 3
"""Where a person puts their eyes in the picture when they aim a webcam: a third of its height from the top."""


def lens(size: tuple[int, int], fov_deg: float, place: Array, target: Array) -> Lens:
    """A level camera at `place`, aimed so that `target` lies in the middle across and a third from the top."""
    towards = target - place
    away = np.array([towards[0], 0.0, towards[2]])
    distance = float(np.linalg.norm(away))
    away = away / distance
    down = np.array([0.0, -1.0, 0.0])
    level = Lens(place, np.array([np.cross(down, away), down, away]), size[0], size[1], fov_deg)
    above_middle = np.degrees(np.arctan((0.5 - EYES_FROM_TOP) * size[1] / level.focal_px))
    return level.turned(above_middle + np.degrees(np.arctan(-towards[1] / distance)), 0.0, 0.0)
