"""Muscle use as RULA and REBA mean it: which moments belong to a posture held long, or to a movement often repeated.

Both are decided from times in seconds, so the same motion at another rate gives the same answer to one sample. A part
that was still when the recording began or ended may have been still for longer: there the answer is "unknown", as it is
where nothing was measured and where too little was seen to count a rate.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.ergonomics.holds import BRIDGE_S, STATIC_AFTER_S, VARIATION_DEG

YES, UNKNOWN, NO, UNSEEN = 2, 1, 0, -1
"""Codes of an answer; of several body parts the highest holds for them together."""
Answers = NDArray[np.int8]

TURN_DEG = 15.0
"""A movement turns when the angle comes back by this much, three times the error of an angle at worst. Ours."""
OFTEN, MINUTE_S = 4, 60.0
"""More often than this in a minute is repeated: RULA and REBA."""


def static(times_s: Array, angles: Array, after_s: float) -> NDArray[np.bool_]:
    """[T] whether each moment belongs to a stretch of more than `after_s` seconds without movement."""
    return np.asarray(static_answers(times_s, angles, after_s) == YES)


def static_answers(times_s: Array, angles: Array, after_s: float) -> Answers:
    """The same with what cannot be known. `times_s` strictly increasing, `angles` degrees or NaN, both float64 [T]."""
    answers = np.full(len(times_s), UNSEEN, np.int8)
    seen = np.flatnonzero(np.isfinite(angles))
    if not len(seen):
        return answers
    answers[seen] = NO
    times, degrees = times_s[seen], angles[seen]
    bridge_s = BRIDGE_S + (float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0)
    for first, last in still_stretches(times, degrees, bridge_s):
        if times[last] - times[first] > after_s:
            answers[seen[first] : seen[last] + 1] = YES
        elif _cut(times, first, last, bridge_s):
            answers[seen[first : last + 1]] = np.maximum(answers[seen[first : last + 1]], UNKNOWN)
    return answers


def _cut(times: Array, first: int, last: int, bridge_s: float) -> bool:
    """Whether nothing was seen directly before or after a stretch."""
    before = first == 0 or times[first] - times[first - 1] > bridge_s
    after = last == len(times) - 1 or times[last + 1] - times[last] > bridge_s
    return bool(before or after)


def still_stretches(times: Array, angles: Array, bridge_s: float) -> list[tuple[int, int]]:
    """Index ranges (first, last) in which the angle moves by at most `VARIATION_DEG` within any `STATIC_AFTER_S`.

    `angles` without NaN; a gap of more than `bridge_s` ends a stretch. Each lasts more than `STATIC_AFTER_S`.
    """
    found = []
    low: deque[int] = deque()  # indices of the window whose values rise: the first is its lowest
    high: deque[int] = deque()
    ts, degrees = times.tolist(), angles.tolist()
    start = 0
    for i, time_s in enumerate(ts):
        gap = i > 0 and time_s - ts[i - 1] > bridge_s
        if gap:
            found.append((start, i - 1))
            low.clear()
            high.clear()
            start = i
        _push(low, high, i, degrees)
        while time_s - ts[min(low[0], high[0])] > STATIC_AFTER_S:
            _drop_first(low, high)
        if degrees[high[0]] - degrees[low[0]] <= VARIATION_DEG:
            continue
        found.append((start, i - 1))
        while degrees[high[0]] - degrees[low[0]] > VARIATION_DEG:
            dropped = _drop_first(low, high)
            start = dropped + 1
    found.append((start, len(ts) - 1))
    return [(first, last) for first, last in found if ts[last] - ts[first] > STATIC_AFTER_S]


def _push(low: deque[int], high: deque[int], i: int, degrees: list[float]) -> None:
    while low and degrees[low[-1]] >= degrees[i]:
        low.pop()
    while high and degrees[high[-1]] <= degrees[i]:
        high.pop()
    low.append(i)
    high.append(i)


def _drop_first(low: deque[int], high: deque[int]) -> int:
    """Take the oldest of the extremes out of the window; its index."""
    first = min(low[0], high[0])
    for extremes in (low, high):
        if extremes[0] == first:
            extremes.popleft()
    return first


def repeated(times_s: Array, angles: Array) -> NDArray[np.bool_]:
    """[T] whether each moment lies among movements that come more often than `OFTEN` a minute."""
    return np.asarray(repeated_answers(times_s, angles) == YES)


def repeated_answers(times_s: Array, angles: Array) -> Answers:
    """The same with what cannot be known: nothing seen, or less than a minute of it and no repetition in that."""
    seen = np.isfinite(angles)
    answers = np.full(len(times_s), UNSEEN, np.int8)
    times = times_s[seen]
    answers[seen] = NO if len(times) and times[-1] - times[0] >= MINUTE_S else UNKNOWN
    tops = [float(times[i]) for i in turns(angles[seen])]
    for first, last in zip(tops, tops[OFTEN:], strict=False):
        if last - first < MINUTE_S:
            answers[seen & (times_s >= first) & (times_s <= last)] = YES
    return answers


def turns(angles: Array, turn_deg: float = TURN_DEG) -> list[int]:
    """Indices of the upper turning points: the angle rose to there, and came back by `turn_deg` afterwards."""
    tops: list[int] = []
    rising, top, bottom = False, 0, 0
    degrees = angles.tolist()
    for i, angle in enumerate(degrees):
        if rising:
            if angle > degrees[top]:
                top = i
            elif degrees[top] - angle >= turn_deg:
                tops.append(top)
                rising, bottom = False, i
        elif angle < degrees[bottom]:
            bottom = i
        elif angle - degrees[bottom] >= turn_deg:
            rising, top = True, i
    return tops


def any_of(answers: list[Answers]) -> Answers:
    """Whether any of several body parts was; those that were not measured at a moment do not count as long as another
    was, so the answer is about what was measured.
    """
    return np.asarray(np.max(answers, axis=0), np.int8)
