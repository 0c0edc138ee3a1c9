"""How far the clocks of two recordings of the same movements are apart, from how limbs and head rise and sink in each.

What goes up goes up from whatever side one looks, as long as both cameras stand about level; what goes sideways in one
view may go unseen in the other. So the speeds upwards, in lengths of the trunk a second, are brought to the same rate,
and one recording is moved along the other; where they fit best is the offset (normalised cross-correlation over all
keypoints together, its top found between the steps by a parabola). It is certain only where no other place fits nearly
as well.
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
CERTAIN, RIVAL = 0.7, 0.45
"""Correlation from which on a place is believed, and how near the next best may come. A choice of this program: of 20
pairs of other movements (stick figures, noise of 2 pixels) and 6 of other videos none passed and none correlated by
more than 0.65; all 20 pairs of the same movement from front and side passed, by 0.95 and more."""
TOP = 0.05
"""What lies within this of the best correlation is its top."""
UPRIGHT_PERCENT = 90
"""The length of the trunk by which heights are told is this percentile of all: one that a moment of leaning, which one
view alone sees shortened, does not change."""
NEAR_S = 1.0
"""Places closer than this are the same place."""
VISIBLE = 0.5
MOSTLY = 0.7
"""A keypoint counts where it is seen for at least this share of the time, in both views."""
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
    sides = [_rising(side, person) for side, person in zip((first, second), people, strict=True)]
    if sides[0] is None or sides[1] is None:
        return None
    (a, a_start), (b, b_start) = sides[0], sides[1]
    known = ~(np.isnan(a).any(axis=0) | np.isnan(b).any(axis=0))
    least = round(LEAST_OVERLAP_S * RATE_HZ)
    lags = np.arange(-(len(a) - least), len(b) - least + 1)
    if not len(lags) or not known.any():
        return None
    fits = np.array([_correlation(a[:, known], b[:, known], int(lag)) for lag in lags])
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
    offset_s = (lags[best] + _beside(fits, best)) / RATE_HZ + b_start - a_start
    return Proposal(
        round(float(offset_s), 3), round(max(float(width), 0.5 / RATE_HZ), 3), round(float(fits[best]), 3),
        round(runner_up, 3), round(rival / float(weight[best]), 3) if weight[best] > 0 else 1.0,
    )  # fmt: skip


def _beside(fits: Array, best: int) -> float:
    """Where between the steps the top of the parabola through `best` and its neighbours lies, -0.5 to 0.5."""
    if not 0 < best < len(fits) - 1:
        return 0.0
    before, top, after = fits[best - 1 : best + 2].tolist()
    bend = before - 2 * top + after
    return min(max(0.5 * (before - after) / bend, -0.5), 0.5) if bend < 0 else 0.0


def _rising(side: Sequence[Observation], person: int) -> tuple[Array, float] | None:
    """[T, J] how fast each keypoint rises at `RATE_HZ`, all NaN where it is too often hidden; and when that begins."""
    seen = [(one.time_s, subject) for one in side for subject in one.people if subject.pose.person == person]
    if len(seen) < 3:
        return None
    times = np.array([time for time, _ in seen])
    heights = np.array([_heights(subject) for _, subject in seen])
    heights /= max(float(np.percentile([_trunk(subject) for _, subject in seen], UPRIGHT_PERCENT)), 1.0)
    grid = np.arange(times[0], times[-1], 1 / RATE_HZ)
    wide = max(1, round(SMOOTH_S * RATE_HZ))
    if len(grid) < 2 * wide:
        return None
    smooth = np.full((len(grid), heights.shape[1]), np.nan)
    for joint, height in enumerate(heights.T):
        good = np.isfinite(height)
        if good.mean() >= MOSTLY:
            even = np.interp(grid, times[good], height[good])
            smooth[:, joint] = np.convolve(np.pad(even, wide // 2, "edge"), np.ones(wide) / wide, "valid")[: len(grid)]
    return np.gradient(smooth, 1 / RATE_HZ, axis=0), float(grid[0])


def _heights(subject: Subject) -> Array:
    """[9] how high limbs and head are in the picture, in pixels; NaN where hidden."""
    pose = subject.pose
    return np.where(pose.visibility[_LIMBS] >= VISIBLE, -pose.points_px[_LIMBS, 1], np.nan)


def _trunk(subject: Subject) -> float:
    """Length of the trunk in the picture in pixels: shorter while it leans towards the camera."""
    corners = subject.pose.points_px[_TRUNK, :2]
    return float(np.linalg.norm(corners[[0, 2]].mean(0) - corners[[1, 3]].mean(0)))


def _correlation(a: Array, b: Array, lag: int) -> float:
    """Pearson's r of a[t] and b[t + lag] over what they share, all keypoints together; NaN where one does not move."""
    start, end = max(0, -lag), min(len(a), len(b) - lag)
    one, other = a[start:end], b[start + lag : end + lag]
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / norm) if norm > 1e-9 else float("nan")
