"""A desk session as the engine would observe it, with known phases, so that a report can be worked out by hand."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from posture.data import (
    MEASURE_INDEX,
    MEASURE_NAMES,
    Damage,
    Measurements,
    Observation,
    Pose,
    Reason,
    SourceInfo,
    Subject,
    View,
    frozen,
)
from posture.ergonomics.camera import Camera
from posture.ergonomics.iso11226 import assess
from posture.reports import Provenance, Summary, Table, summarise
from posture.skeleton import BLAZEPOSE_33

RATE_HZ = 10.0
UPRIGHT = {
    "head_inclination_deg": 8.0,
    "head_tilt_deg": -1.0,
    "head_yaw_deg": 3.0,
    "neck_flexion_deg": 4.0,
    "trunk_inclination_deg": 4.0,
    "shoulder_tilt_deg": 1.5,
    "left_shoulder_raise_ratio": -0.52,
    "right_shoulder_raise_ratio": -0.5,
    "left_upper_arm_elevation_deg": 14.0,
    "right_upper_arm_elevation_deg": 17.0,
    "left_elbow_flexion_deg": 80.0,
    "right_elbow_flexion_deg": 76.0,
    "shoulder_width_ratio": 0.31,
}
"""What a front view of a person at a desk measures; hips and knees are below the table."""

_BODY = {  # name: x, y relative to mid-shoulder, in shoulder widths
    "nose": (0, -0.62), "left_eye_inner": (0.05, -0.7), "left_eye": (0.09, -0.7), "left_eye_outer": (0.13, -0.7),
    "right_eye_inner": (-0.05, -0.7), "right_eye": (-0.09, -0.7), "right_eye_outer": (-0.13, -0.7),
    "left_ear": (0.2, -0.64), "right_ear": (-0.2, -0.64), "mouth_left": (0.06, -0.5), "mouth_right": (-0.06, -0.5),
    "left_shoulder": (0.5, 0), "right_shoulder": (-0.5, 0), "left_elbow": (0.62, 0.72), "right_elbow": (-0.66, 0.7),
    "left_wrist": (0.3, 1.02), "right_wrist": (-0.28, 1.05), "left_pinky": (0.22, 1.08), "right_pinky": (-0.2, 1.1),
    "left_index": (0.2, 1.04), "right_index": (-0.17, 1.06), "left_thumb": (0.22, 1.0), "right_thumb": (-0.2, 1.02),
    "left_hip": (0.3, 1.35), "right_hip": (-0.3, 1.35),
}  # fmt: skip


def keypoints(drop: float, lean: float) -> np.ndarray:
    """[33, 3] pixels of 1280 x 720. `drop` moves the head down and forward, `lean` all of it down; shoulder widths."""
    points = np.full((len(BLAZEPOSE_33), 3), 0.0)
    for i, name in enumerate(BLAZEPOSE_33.names):
        x, y = _BODY.get(name, (0.2 if name.startswith("left") else -0.2, 2.4))
        y += lean + (drop * (1 - x * x) if y < -0.3 else 0)
        points[i, :2] = 640 + 300 * x, 360 + 300 * y
    return points


def subject(angles: dict[str, float], *, person: int = 1, reason: Reason = Reason.OUT_OF_PICTURE, drop: float = 0.0):
    """A person with these measurements; all others are not measurable because of `reason`."""
    values = np.full(len(MEASURE_NAMES), np.nan)
    for name, value in angles.items():
        values[MEASURE_INDEX[name]] = value
    reasons = tuple(Reason.MEASURED if np.isfinite(value) else reason for value in values)
    measured = Measurements(View.FRONT, 4.0, frozen(values), reasons)
    points = keypoints(drop, angles.get("trunk_inclination_deg", 0.0) / 200)
    visibility = np.where(points[:, 1] < 720, 0.97, 0.05)
    pose = Pose(
        person=person,
        points_px=frozen(points),
        world_m=frozen(points / 1000),
        visibility=frozen(visibility),
        presence=frozen(visibility),
        score=0.98,
        region=(640.0, 400.0, 900.0, 0.0),
    )
    return Subject(pose, measured, assess(measured))


def desk_session(seconds: float = 480.0, rate_hz: float = RATE_HZ) -> Iterator[Observation]:
    """Eight minutes: upright, a slump with the head down, a reach, looking away, away, a gap in the file, upright.

    0-120 s upright · 120-240 s slump (trunk 26, head 45, neck 19) · 240-262 s right arm up 65 · 262-300 s upright ·
    300-330 s turned away: nothing measurable · 330-350 s nobody · 350-380 s no frames · 380-480 s upright, another
    person passes at 400-410 s.
    """
    noise = np.random.default_rng(7)
    for index in range(round(seconds * rate_hz)):
        time_s = index / rate_hz
        if 350 <= time_s < 380:
            continue
        passing = 1 if 400 <= time_s < 410 else 0
        corrupt = time_s == 381.0
        if 330 <= time_s < 350:
            yield Observation(index * 3, time_s)
            continue
        angles = {name: value + noise.normal(0, 0.01 if "ratio" in name else 0.8) for name, value in UPRIGHT.items()}
        if 120 <= time_s < 240:
            slump = min((time_s - 120) / 4, 1.0)
            angles["trunk_inclination_deg"] += 22 * slump
            angles["head_inclination_deg"] += 37 * slump
            angles["neck_flexion_deg"] += 15 * slump
        if 240 <= time_s < 262:
            angles["right_upper_arm_elevation_deg"] += 48
        reason = Reason.OUT_OF_PICTURE
        if 300 <= time_s < 330:
            angles, reason = {}, Reason.WRONG_VIEW
        drop = (angles.get("head_inclination_deg", 8.0) - 8.0) / 200
        yield Observation(index * 3, time_s, (subject(angles, reason=reason, drop=drop),), passing, corrupt)


def provenance(**changes: object) -> Provenance:
    """Of a plain recorded video."""
    info = SourceInfo("video", 1280, 720, 30.0, 480.0, "h264", "yuv420p", discarded_metadata=3)
    facts: dict[str, object] = {
        "info": info,
        "source_sha256": "3f0a" * 16,
        "source_bytes": 61_234_567,
        "frames_decoded": 13_500,
        "program_version": "0.1.0",
        "model": "pose_landmark_full",
        "model_sha256": "b8275dddd5087512" * 4,
        "provider": "cpu",
        "isolation": ("no network", "no file writing", "4096 MiB of memory"),
        "settings": {
            "pose": {"model": "full", "people": 1, "providers": (), "smooth": True},
            "measure": {"camera_pitch_deg": 0.0, "min_visibility": 0.5},
            "analysis": {"rate": 10.0},
            "output": {"folder": "/home/alice/secret-folder"},
        },
        "camera": Camera(),
    }
    return Provenance(**(facts | changes))


DAMAGED = Damage(1, 2, False, "1 frame is damaged; 47 frames could not be decoded.")


def filled(observations: Iterator[Observation] | list[Observation], *, keypoints: bool = False) -> Table:
    """A table of these observations."""
    table = Table(keypoints=keypoints)
    for observation in observations:
        table.append(observation)
    return table


@pytest.fixture(scope="session")
def desk() -> Table:
    return filled(desk_session())


@pytest.fixture(scope="session")
def desk_summary(desk: Table) -> Summary:
    return summarise(desk, provenance(damage=DAMAGED))


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The builders of this file."""
    builders = (subject, keypoints, desk_session, filled, provenance)
    return SimpleNamespace(UPRIGHT=UPRIGHT, DAMAGED=DAMAGED, **{build.__name__: build for build in builders})
