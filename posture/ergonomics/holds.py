"""Static holds: one posture of a body part, conditional or worse after ISO 11226, held for longer than 4 s.

Everything is decided from timestamps; the same motion sampled at another rate gives the same holds to one sample.
"""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from posture.data import MEASURE_INDEX, PARTS, Array, Zone
from posture.ergonomics.bands import PART_MEASURES, edges_of, holding_limit_s, zone_of

STATIC_AFTER_S = 4.0
"""ISO 11226 calls a posture static when it is held for longer than this."""
VARIATION_DEG = 10.0
"""Largest range of the angle within any `STATIC_AFTER_S` of a hold. The standard says "slight or no variation" without
a number; ours is three times the range that keypoint noise has on a still person (1 to 3 degrees), and far below that
of a swinging arm (30 and more)."""
BRIDGE_S = 1.0
"""A hold survives not being seen, or leaving its zone, for at most this long, if it does not move more than the range
above on the way. Ours: shorter than a deliberate rest."""
EDGE_DEG = 2.0
"""A hold ends only this far outside its zone, or noise at an edge would cut it into pieces. Ours."""


class HoldVerdict(StrEnum):
    """What ISO 11226 says about a hold."""

    WITHIN_LIMIT = "within_limit"
    OVER_LIMIT = "over_limit"
    NOT_RECOMMENDED = "not_recommended"


@dataclass(frozen=True, slots=True)
class Hold:
    """One static hold of one body part."""

    part: str
    zone: Zone
    """CONDITIONAL or NOT_RECOMMENDED: the zone of the median angle."""
    start_s: float
    end_s: float
    """Times of the first and the last sample in the posture."""
    median_angle_deg: float
    limit_s: float
    """Maximum holding time at the median angle; 0 where not recommended."""

    @property
    def duration_s(self) -> float:
        """Seconds from the first to the last sample."""
        return self.end_s - self.start_s

    @property
    def verdict(self) -> HoldVerdict:
        """Judged by zone, then by duration against the limit."""
        if self.zone is Zone.NOT_RECOMMENDED:
            return HoldVerdict.NOT_RECOMMENDED
        return HoldVerdict.OVER_LIMIT if self.duration_s > self.limit_s else HoldVerdict.WITHIN_LIMIT


def holds(times_s: Array, values: Array) -> list[Hold]:
    """Holds of all parts of one person, by start. `values`: float64 [T, M] in the order of `MEASURE_NAMES`."""
    found = [
        hold for part in PARTS for hold in find_holds(part, times_s, values[:, MEASURE_INDEX[PART_MEASURES[part]]])
    ]
    return sorted(found, key=lambda hold: (hold.start_s, PARTS.index(hold.part)))


def find_holds(part: str, times_s: Array, angles: Array) -> list[Hold]:
    """Holds of `part`, by start. `times_s`: float64 [T], strictly increasing; `angles`: float64 [T], NaN = not seen.

    A hold is a stretch in one conditional or worse zone that moves by at most `VARIATION_DEG` within any
    `STATIC_AFTER_S`. Times without a value end it after `BRIDGE_S` (plus one usual interval between samples: the last
    sample stands for that long), and so does every other zone.
    """
    seen = np.isfinite(angles)
    times, degrees = times_s[seen].tolist(), angles[seen].tolist()
    bridge_s = BRIDGE_S + (float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0)
    found = []
    for first, last in _stretches(part, times, degrees, bridge_s):
        for start, end in _still(times, degrees, first, last):
            if times[end] - times[start] > STATIC_AFTER_S:
                found.append(_hold(part, times[start], times[end], np.array(degrees[start : end + 1])))
    return [hold for hold in found if hold.zone is not Zone.ACCEPTABLE]


def _hold(part: str, start_s: float, end_s: float, angles: Array) -> Hold:
    median = float(np.median(angles))
    return Hold(part, zone_of(part, median), start_s, end_s, median, holding_limit_s(part, median))


def _stretches(part: str, times: list[float], angles: list[float], bridge_s: float) -> Iterator[tuple[int, int]]:
    """Index ranges (first, last) that stay in one zone other than acceptable, bridged and with soft edges."""
    first = 0
    while first < len(times):
        if zone_of(part, angles[first]) is Zone.ACCEPTABLE:
            first += 1
            continue
        low, high = _around(part, angles[first])
        last = first
        for i in range(first + 1, len(times)):
            if times[i] - times[last] > bridge_s:
                break
            if low <= angles[i] <= high:
                last = i
        yield first, last
        first = last + 1


def _around(part: str, angle: float) -> tuple[float, float]:
    """The zone around `angle`, widened by `EDGE_DEG`."""
    edges, _ = edges_of(part)
    edges = (-math.inf, *edges, math.inf)
    above = bisect_left(edges, angle)
    return edges[above - 1] - EDGE_DEG, edges[above] + EDGE_DEG


def _still(times: list[float], angles: list[float], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Cut (first, last) into parts that move by at most `VARIATION_DEG` within any `STATIC_AFTER_S`, from the left."""
    window: deque[int] = deque()
    start = first
    for i in range(first, last + 1):
        window.append(i)
        while times[i] - times[window[0]] > STATIC_AFTER_S:
            window.popleft()
        if _moved(angles, window) <= VARIATION_DEG:
            continue
        yield start, i - 1
        if times[i - 1] - times[start] > STATIC_AFTER_S:  # that was a hold: the next one begins after it
            window = deque([i])
        while _moved(angles, window) > VARIATION_DEG:
            window.popleft()
        start = window[0]
    yield start, last


def _moved(angles: list[float], window: deque[int]) -> float:
    recent = [angles[i] for i in window]
    return max(recent) - min(recent)
