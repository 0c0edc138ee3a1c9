"""How far the clocks of two recordings of the same movements are apart, from how fast the body moves in each.

The speed of the limbs, in lengths of the trunk a second, goes up and down at the same moments from whatever side one
looks. Both are brought to the same rate, and one is moved along the other; where they fit best is the offset
(normalised cross-correlation). It is certain only where no other place fits nearly as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posture.data import Array, Observation, Subject
from posture.skeleton import BLAZEPOSE_33

RATE_HZ = 10.0
SMOOTH_S = 0.5
LEAST_OVERLAP_S = 8.0
"""Two stretches that are shorter than this fit somewhere by chance."""
CERTAIN, RIVAL = 0.6, 0.45
"""Correlation from which on a place is believed, and how near the next best may come. A choice of this
program: of 20 pairs of other movements none passed, of 20 pairs of the same all did."""
TOP = 0.05
"""What lies within this of the best correlation is its top."""
NEAR_S = 1.0
"""Places closer than this are the same place."""
VISIBLE = 0.5
_INDEX = BLAZEPOSE_33.index
_LIMBS = [_INDEX[f"{side}_{name}"] for side in ("left", "right") for name in ("wrist", "elbow", "knee", "ankle")]
_LIMBS += [_INDEX["nose"]]
_TRUNK = [_INDEX[f"{side}_{name}"] for side in ("left", "right") for name in ("shoulder", "hip")]


@dataclass(frozen=True)
class Proposal:
    """Where two recordings fit together."""

    offset_s: float
    """What is at t in the first is at t + this in the second."""
    uncertainty_s: float
    """Half the width of the top of the correlation."""
    correlation: float
    runner_up: float
    """The correlation of the next best place."""
    rivalry: float
    """How near that place comes, 0 to 1: Fisher's z of both, by the root of what overlaps there."""

    @property
    def certain(self) -> bool:
        """Whether it may be used without a person's word."""
        return self.correlation >= CERTAIN and self.rivalry <= RIVAL


def propose(first: Sequence[Observation], second: Sequence[Observation], people: tuple[int, int]) -> Proposal | None:
    """The best offset; None where the recordings are too short or nothing moves."""
    sides = [_speed(side, person) for side, person in zip((first, second), people, strict=True)]
    if sides[0] is None or sides[1] is None:
        return None
    (a, a_start), (b, b_start) = sides[0], sides[1]
    least = round(LEAST_OVERLAP_S * RATE_HZ)
    lags = np.arange(-(len(a) - least), len(b) - least + 1)
    if not len(lags):
        return None
    fits = np.array([_correlation(a, b, int(lag)) for lag in lags])
    if not np.isfinite(fits).any():
        return None
    shared = np.minimum(len(a), len(b) - lags) - np.maximum(0, -lags)
    weight = np.arctanh(np.clip(fits, -0.999, 0.999)) * np.sqrt(shared)  # Fisher's z: a short overlap fits by chance
    best = int(np.nanargmax(weight))
    elsewhere = np.abs(lags - lags[best]) > NEAR_S * RATE_HZ
    others = weight[elsewhere]
    rival = float(np.nanmax(others)) if np.isfinite(others).any() else 0.0
    runner_up = float(fits[elsewhere][np.nanargmax(others)]) if np.isfinite(others).any() else 0.0
    top = np.flatnonzero((fits >= fits[best] - TOP) & ~elsewhere)
    width = (lags[top].max() - lags[top].min()) / RATE_HZ / 2
    offset_s = lags[best] / RATE_HZ + b_start - a_start
    return Proposal(
        round(float(offset_s), 3), round(max(float(width), 0.5 / RATE_HZ), 3), round(float(fits[best]), 3),
        round(runner_up, 3), round(rival / float(weight[best]), 3) if weight[best] > 0 else 1.0,
    )  # fmt: skip


def _speed(side: Sequence[Observation], person: int) -> tuple[Array, float] | None:
    """The logarithm of the limbs' speed at `RATE_HZ`, NaN where nobody is seen, and the time at which it begins."""
    seen = [(one.time_s, subject) for one in side for subject in one.people if subject.pose.person == person]
    if len(seen) < 3:
        return None
    times = np.array([time for time, _ in seen])
    points = np.array([_limbs(subject) for _, subject in seen])
    steps = np.diff(times)
    with np.errstate(invalid="ignore"):
        moved = np.linalg.norm(np.diff(points, axis=0), axis=2) / steps[:, None]
    known = np.isfinite(moved)
    total = np.where(known, moved, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    speed = np.where(known.any(axis=1) & (steps < 1.0), np.log1p(total), np.nan)
    middle = (times[1:] + times[:-1]) / 2
    grid = np.arange(middle[0], middle[-1], 1 / RATE_HZ)
    good = np.isfinite(speed)
    if good.sum() < 3:
        return None
    even = np.interp(grid, middle[good], speed[good])
    wide = max(1, round(SMOOTH_S * RATE_HZ))
    return np.convolve(even, np.ones(wide) / wide, "same"), float(grid[0])


def _limbs(subject: Subject) -> Array:
    """[9, 2] limbs and head in lengths of the trunk; NaN where hidden."""
    pose = subject.pose
    corners = pose.points_px[_TRUNK, :2]
    length = max(float(np.linalg.norm(corners[[0, 2]].mean(0) - corners[[1, 3]].mean(0))), 1.0)
    points = pose.points_px[_LIMBS, :2] / length
    return np.where(pose.visibility[_LIMBS, None] >= VISIBLE, points, np.nan)


def _correlation(a: Array, b: Array, lag: int) -> float:
    """Pearson's r of a[t] and b[t + lag] over what they share; NaN where one of them does not move."""
    start, end = max(0, -lag), min(len(a), len(b) - lag)
    one, other = a[start:end], b[start + lag : end + lag]
    one, other = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / norm) if norm > 1e-9 else float("nan")
