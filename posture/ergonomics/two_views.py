"""One person filmed from two sides at once: each measurement from the view that measures it, the disagreement told.

The first view is the one whose time counts. At each of its moments the nearest moment of the second view is looked up;
what only one of them measures is taken from there, and what both measure from the view that sees that plane best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, Array, Measurements, Observation, Reason, Subject, View, frozen
from posture.ergonomics.iso11226 import assess

FRONTAL = frozenset(
    name
    for name in MEASURE_NAMES
    if name.endswith(("tilt_deg", "yaw_deg", "side_bend_deg", "twist_deg", "abduction_deg", "_ratio"))
)
"""Seen best from the front or the back; all others, which bend forward, from the side (ergonomics.md, section 11)."""
_FROM_SIDE = {View.SIDE: 3, View.OBLIQUE: 2, View.FRONT: 1, View.BACK: 1, View.UNKNOWN: 0}
_FROM_FRONT = {View.FRONT: 3, View.BACK: 2, View.OBLIQUE: 1, View.SIDE: 0, View.UNKNOWN: 0}
MOST_APART_S = 0.5
"""Two moments that are further apart than this, or than the frames of the second view, are none of the same time."""


@dataclass(frozen=True, eq=False)
class Fused:
    """Two views as one, on the time of the first."""

    observations: tuple[Observation, ...]
    """With one person, whose number is 1."""
    taken: NDArray[np.int8]
    """[N, M] of each moment with the person in view and each measurement: 1 or 2 for the view it was taken from, 0 for
    neither."""
    both: Array
    """[N, M] second view minus first where both measured; NaN elsewhere."""
    duration_s: Array
    """[N] until the next moment, at most `MOST_APART_S`."""
    paired_s: float
    """Time in which both views saw the person."""


def fuse(
    first: Sequence[Observation],
    second: Sequence[Observation],
    offset_s: float,
    people: tuple[int, int],
) -> Fused:
    """`offset_s`: what is at t in the first is at t + `offset_s` in the second. `people`: whose number in each."""
    times = np.array([one.time_s for one in second])
    apart_s = _apart(times)
    found: list[Observation] = []
    taken, both, moments, paired = [], [], [], []
    for one in first:
        mine = _person(one, people[0])
        other = _nearest(second, times, one.time_s + offset_s, apart_s)
        theirs = _person(other, people[1]) if other is not None else None
        subject, source, difference = _fused(mine, theirs)
        found.append(replace(one, people=() if subject is None else (subject,)))
        if subject is not None:
            taken.append(source)
            both.append(difference)
            moments.append(one.time_s)
            paired.append(mine is not None and theirs is not None)
    duration_s = _durations(np.array(moments))
    size = len(MEASURE_NAMES)
    return Fused(
        tuple(found),
        np.array(taken, np.int8).reshape(-1, size),
        np.array(both, np.float64).reshape(-1, size),
        duration_s,
        float(duration_s[np.array(paired, np.bool_)].sum()) if paired else 0.0,
    )


def most_seen(observations: Sequence[Observation]) -> int:
    """The number of whoever is in most moments; 0 for nobody."""
    seen: dict[int, int] = {}
    for one in observations:
        for subject in one.people:
            seen[subject.pose.person] = seen.get(subject.pose.person, 0) + 1
    return max(seen, key=lambda person: (seen[person], -person), default=0)


def _person(observation: Observation, wanted: int) -> Subject | None:
    return next((one for one in observation.people if one.pose.person == wanted), None)


def _apart(times: Array) -> float:
    """How far apart two moments of the same time may be: as far as the frames of the second view."""
    return min(MOST_APART_S, float(np.median(np.diff(times))) * 0.75) if len(times) > 1 else MOST_APART_S


def _nearest(second: Sequence[Observation], times: Array, time_s: float, apart_s: float) -> Observation | None:
    at = int(np.searchsorted(times, time_s))
    near = [i for i in (at - 1, at) if 0 <= i < len(second)]
    best = min(near, key=lambda i: abs(times[i] - time_s), default=None)
    return second[best] if best is not None and abs(times[best] - time_s) <= apart_s else None


def _fused(mine: Subject | None, theirs: Subject | None) -> tuple[Subject | None, NDArray[np.int8], Array]:
    """The person, where each value is from, and second minus first."""
    size = len(MEASURE_NAMES)
    nothing = np.full(size, np.nan)
    if mine is None or theirs is None:
        one, view = (mine, 1) if mine is not None else (theirs, 2)
        if one is None:
            return None, np.zeros(size, np.int8), nothing
        known = np.isfinite(one.measurements.values)
        return _as_one(one, one.measurements), np.where(known, view, 0).astype(np.int8), nothing
    values, reasons = np.full(size, np.nan), []
    source = np.zeros(size, np.int8)
    for i, name in enumerate(MEASURE_NAMES):
        which = _view(name, i, mine, theirs)
        measured = (mine if which == 1 else theirs).measurements
        values[i] = measured.values[i]
        reasons.append(measured.reasons[i])
        source[i] = which if measured.reasons[i] is Reason.MEASURED else 0
    fused = replace(mine.measurements, values=frozen(values), reasons=tuple(reasons))
    return _as_one(mine, fused), source, theirs.measurements.values - mine.measurements.values


def _as_one(subject: Subject, measured: Measurements) -> Subject:
    return Subject(replace(subject.pose, person=1), measured, assess(measured))


def _view(name: str, at: int, mine: Subject, theirs: Subject) -> int:
    """1 or 2: which view this measurement is taken from."""
    known = [np.isfinite(one.measurements.values[at]) for one in (mine, theirs)]
    if known[0] != known[1]:
        return 1 if known[0] else 2
    best = _FROM_FRONT if name in FRONTAL else _FROM_SIDE
    ranks = [(best[one.measurements.view], float(one.pose.visibility.mean())) for one in (mine, theirs)]
    return 1 if ranks[0] >= ranks[1] else 2


def _durations(times: Array) -> Array:
    if len(times) < 2:
        return np.zeros(len(times))
    steps = np.diff(times)
    return np.minimum(np.append(steps, np.median(steps)), MOST_APART_S)
