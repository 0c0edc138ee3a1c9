"""How long and how often: seconds in each zone, and repeated movements. From timestamps, never from frame counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.data import Array, Zone
from posture.ergonomics.bands import ZONES

LONGEST_GAP_S = 1.0
"""A sample stands for the time until the next one, but for no longer than this (or two usual intervals, where sampling
is slower): what happened in a longer gap is not known. Ours."""


def coverage_s(times_s: Array, longest_gap_s: float = LONGEST_GAP_S) -> Array:
    """Seconds that each sample stands for, float64 [T]. `times_s`: float64 [T], strictly increasing.

    The last sample stands for one usual (median) interval; a single sample for no time.
    """
    if len(times_s) < 2:
        return np.zeros(len(times_s))
    gaps = np.diff(times_s)
    usual = float(np.median(gaps))
    covered: Array = np.minimum(np.append(gaps, usual), max(longest_gap_s, 2 * usual))
    return covered


def dwell(times_s: Array, zones: NDArray[np.uint8], longest_gap_s: float = LONGEST_GAP_S) -> dict[Zone, float]:
    """Seconds spent in each zone; together they are the observed time. `zones`: [T] codes of `bands.ZONES`."""
    covered = np.bincount(zones, weights=coverage_s(times_s, longest_gap_s), minlength=len(ZONES))
    return dict(zip(ZONES, covered.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Cycle:
    """One movement away from rest and, unless the recording ends first, back."""

    start_s: float
    """When the angle rose above the upper threshold."""
    peak_s: float
    end_s: float
    """When it fell below the lower threshold again, or the last time it was seen."""
    peak_deg: float


def find_cycles(times_s: Array, angles: Array, low_deg: float, high_deg: float) -> list[Cycle]:
    """Movements that rise above `high_deg` and fall below `low_deg` again (a Schmitt trigger, so noise does not count).

    `times_s`, `angles`: float64 [T]; NaN = not seen, which neither starts nor ends a movement. Raises ValueError where
    the thresholds are not in order.
    """
    if not low_deg < high_deg:
        raise ValueError(f"low_deg {low_deg} must lie below high_deg {high_deg}")
    seen = np.isfinite(angles)
    times, degrees = times_s[seen], angles[seen]
    cycles, start = [], -1
    for i, angle in enumerate(degrees.tolist()):
        if start < 0 and angle > high_deg:
            start = i
        elif start >= 0 and angle < low_deg:
            cycles.append(_cycle(times[start : i + 1], degrees[start : i + 1]))
            start = -1
    if start >= 0:
        cycles.append(_cycle(times[start:], degrees[start:]))
    return cycles


def _cycle(times: Array, degrees: Array) -> Cycle:
    peak = int(np.argmax(degrees))
    return Cycle(float(times[0]), float(times[peak]), float(times[-1]), float(degrees[peak]))
