"""Somebody who stands upright and faces the camera, for tests of what a reviewer corrects; a pixel is 4 mm."""

import numpy as np

from posture import wire
from posture.analysis import Observed
from posture.data import Damage, Observation, Pose, SourceInfo, Subject, frozen
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.skeleton import BLAZEPOSE_33

SIZE = 640, 640
SHA256 = "ab" * 32
_UPRIGHT = {
    "nose": (0, -62), "left_eye": (9, -70), "right_eye": (-9, -70), "left_ear": (20, -66), "right_ear": (-20, -66),
    "left_shoulder": (50, 0), "right_shoulder": (-50, 0), "left_elbow": (60, 70), "right_elbow": (-60, 70),
    "left_wrist": (60, 135), "right_wrist": (-60, 135), "left_hip": (30, 135), "right_hip": (-30, 135),
    "left_knee": (30, 245), "right_knee": (-30, 245), "left_ankle": (30, 350), "right_ankle": (-30, 350),
}  # fmt: skip


def stander(person: int = 1, at: tuple[int, int] = (320, 150)) -> Pose:
    """Middle of the shoulders at `at`."""
    points = np.array([_UPRIGHT.get(name, (0, 0)) for name in BLAZEPOSE_33.names], float)
    world = np.column_stack([(points - [0, 135]) * 0.004, np.zeros(33)])
    pixels = np.column_stack([points + np.array(at), np.zeros(33)])
    seen = np.full(33, 0.9)
    return Pose(person, frozen(pixels), frozen(world), frozen(seen), frozen(seen.copy()), 0.9, (*at, 600.0, 0.0))


def measured(pose):
    return measure(pose, *SIZE)


def session(rate_hz, seconds=6.0, people=1):
    """Nobody moves."""
    poses = [stander(1), stander(2, at=(480, 170))][:people]
    still = tuple(Subject(pose, (found := measured(pose)), assess(found)) for pose in poses)
    return [Observation(i, i / rate_hz, still) for i in range(round(seconds * rate_hz))]


def observed(rate_hz=5.0, seconds=6.0, people=1) -> Observed:
    """As the decoding process would have said it."""
    info = SourceInfo("keypoints", *SIZE, rate_hz, seconds)
    return Observed(
        tuple(session(rate_hz, seconds, people)),
        wire.Started(info, "a model", "cd" * 32, "cpu", "", ()),
        wire.Finished(Damage(), round(rate_hz * seconds), False, 1.0, 1 << 20),
        SHA256,
        1000,
    )
