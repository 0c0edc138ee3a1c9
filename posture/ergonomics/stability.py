"""How far a score may move by the noise of the measurement alone: seeded Monte Carlo, the same for the same data.

The noise of an angle follows from that of the keypoints it rests on. A keypoint errs by `BODY_NOISE` of the trunk's
length in each direction, points of the face by `FACE_NOISE`. A segment of length L between the means of m and of n
keypoints then turns by `noise * sqrt(1/m + 1/n) / L` radians, and an angle between two segments by the root of the
sum of the squares. Depth is taken to be no worse than the picture, so these ranges are rather too narrow than too wide.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, Array
from posture.ergonomics.evidence import Evidence
from posture.ergonomics.scoring import series
from posture.ergonomics.task import Task

BODY_NOISE = 0.05
"""Standard deviation along one axis in trunk lengths: 0.036 to 0.051 on hips, shoulders, elbows, wrists and knees of
the labelled pictures (tools/keypoint_noise.py: nine or ten labels of each kind, so a coarse figure)."""
FACE_NOISE = 0.012
"""From the spread of 4 degrees of the line from ears to eyes over people who look level (`angles`)."""
DRAWS = 400
SEED = 11226
PERCENTILES = (5, 95)

# Length in trunk lengths and keypoints at each end: proportions of an adult, trunk 0.50 m.
TRUNK, SHOULDERS, HIPS = (1.0, 2, 2), (0.72, 1, 1), (0.40, 1, 1)
UPPER_ARM, FOREARM, THIGH, SHANK = (0.60, 1, 1), (0.52, 1, 1), (0.86, 1, 1), (0.84, 1, 1)
EARS_EYES, HEAD_WIDTH = (0.16, 2, 2), (0.28, 1, 1)
Segment = tuple[float, int, int]

_BODY: dict[str, tuple[Segment, ...]] = {
    "trunk_inclination_deg": (TRUNK,),
    "trunk_side_bend_deg": (TRUNK,),
    "trunk_twist_deg": (SHOULDERS, HIPS),
    "shoulder_tilt_deg": (SHOULDERS,),
    "neck_flexion_deg": (TRUNK,),
    "head_yaw_deg": (SHOULDERS,),
    "upper_arm_elevation_deg": (UPPER_ARM,),
    "upper_arm_flexion_deg": (UPPER_ARM, TRUNK),
    "upper_arm_abduction_deg": (UPPER_ARM,),
    "elbow_flexion_deg": (UPPER_ARM, FOREARM),
    "hip_flexion_deg": (TRUNK, THIGH),
    "knee_flexion_deg": (THIGH, SHANK),
}
_FACE: dict[str, tuple[Segment, ...]] = {
    "head_inclination_deg": (EARS_EYES,),
    "neck_flexion_deg": (EARS_EYES,),
    "head_tilt_deg": (HEAD_WIDTH,),
    "head_yaw_deg": (HEAD_WIDTH,),
}


def noise_deg(name: str) -> float:
    """Standard deviation of a measurement in degrees; 0 for what no score uses."""
    bare = name.removeprefix("left_").removeprefix("right_")
    turns = [_turn(segment, BODY_NOISE) for segment in _BODY.get(bare, ())]
    turns += [_turn(segment, FACE_NOISE) for segment in _FACE.get(bare, ())]
    return math.degrees(math.hypot(*turns))


def _turn(segment: Segment, noise: float) -> float:
    length, first, last = segment
    return noise * math.sqrt(1 / first + 1 / last) / length


@cache
def _noises() -> Array:
    return np.array([noise_deg(name) for name in MEASURE_NAMES])


def stability(
    method: str, side: str, evidence: Evidence, times_s: Array, task: Task, draws: int = DRAWS
) -> NDArray[np.int64]:
    """[T, 2] between which scores the moments lie in 90 % of `draws`: 5th percentile of the lowest and 95th of the
    highest possible score; 0 where a moment has no score. What lasts (static, repeated) is left as it was found.
    """
    count = len(times_s)
    rows = np.repeat(np.arange(count), draws)
    drawn = np.random.default_rng(SEED).normal(0.0, 1.0, (draws, len(MEASURE_NAMES))) * _noises()
    noisy = Evidence(evidence.values[rows] + np.tile(drawn, (count, 1)), evidence.activity.at(rows), evidence.settings)
    found = series(method, side, noisy, times_s[rows], task)
    low, high = found.low.reshape(count, draws), found.high.reshape(count, draws)
    ends = (
        np.percentile(low, PERCENTILES[0], axis=1, method="lower"),
        np.percentile(high, PERCENTILES[1], axis=1, method="higher"),
    )
    return np.stack(ends, axis=1).astype(np.int64)
