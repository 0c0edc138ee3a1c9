"""How long somebody sat at a stretch, and how often the posture changed."""

from dataclasses import dataclass

import numpy as np

from posture.data import MEASURE_INDEX, Array
from posture.ergonomics.activity import still_stretches
from posture.ergonomics.holds import BRIDGE_S

SITTING_HIP_DEG, SITTING_KNEE_DEG = 60.0, 45.0
"""Somebody whose hips and knees of both legs are bent by more than this sits, or squats. Ours."""
UNSEEN_S, UP_S = 10.0, 2.0
"""A bout survives so many seconds of not being seen, and of standing up. Ours: shorter than a walk to a printer, and as
long as it takes to shift a chair."""
LEAST_BOUT_S = 20.0
"""What is over sooner is taken for a squat. Ours."""
CHANGE_DEG = 10.0
"""Two still postures that differ by more than this are different ones; `holds.VARIATION_DEG` is the same figure."""
CHANGE_MEASURES = (
    "trunk_inclination_deg",
    "trunk_side_bend_deg",
    "head_inclination_deg",
    "left_hip_flexion_deg",
    "right_hip_flexion_deg",
)
_TOGETHER_S = 4.0
"""Changes of several angles within this time are one change of posture."""


@dataclass(frozen=True)
class Bout:
    """A stretch of sitting."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.end_s - self.start_s


def sitting(values: Array) -> Array:
    """[T] 1 where the person sits or squats, 0 where not, NaN where neither leg was seen. `values` [T, M]."""
    legs = []
    for side in ("left", "right"):
        hip, knee = (values[:, MEASURE_INDEX[f"{side}_{joint}_flexion_deg"]] for joint in ("hip", "knee"))
        bent = (hip > SITTING_HIP_DEG) & (knee > SITTING_KNEE_DEG)
        legs.append(np.where(np.isnan(hip) | np.isnan(knee), np.nan, bent))
    both = np.stack(legs)
    seen = np.isfinite(both)
    return np.asarray(np.where(seen.any(axis=0), np.where(seen, both, 1.0).min(axis=0), np.nan))


def bouts(times_s: Array, durations_s: Array, sits: Array) -> list[Bout]:
    """Stretches of sitting in order of time. All float64 [T]."""
    rows = np.flatnonzero(sits == 1.0)
    if not len(rows):
        return []
    up_s = np.concatenate([[0.0], np.cumsum(durations_s * (sits == 0.0))])
    starts, ends = times_s[rows], times_s[rows] + durations_s[rows]
    apart = (starts[1:] - ends[:-1] > UNSEEN_S) | (up_s[rows[1:]] - up_s[rows[:-1]] > UP_S)
    first = np.flatnonzero(np.append(True, apart))
    last = np.append(first[1:], len(rows)) - 1
    found = [Bout(float(starts[a]), float(ends[b])) for a, b in zip(first, last, strict=True)]
    return [bout for bout in found if bout.duration_s >= LEAST_BOUT_S]


def changes(times_s: Array, values: Array) -> list[float]:
    """When the posture changed: an angle was still, moved, and was still again at another value. In rising order."""
    moments = sorted(time for name in CHANGE_MEASURES for time in _changes(times_s, values[:, MEASURE_INDEX[name]]))
    found: list[float] = []
    for time_s in moments:
        if not found or time_s - found[-1] > _TOGETHER_S:
            found.append(time_s)
    return found


def _changes(times_s: Array, angles: Array) -> list[float]:
    seen = np.isfinite(angles)
    times, degrees = times_s[seen], angles[seen]
    if len(times) < 2:
        return []
    bridge_s = BRIDGE_S + float(np.median(np.diff(times_s)))
    found, before = [], np.nan
    for first, last in still_stretches(times, degrees, bridge_s):
        level = float(np.median(degrees[first : last + 1]))
        if abs(level - before) > CHANGE_DEG:
            found.append(float(times[first]))
        before = level
    return found
