"""How often: repeated movements, from timestamps, never from frame counts."""

from dataclasses import dataclass

import numpy as np

from posture.data import Array


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
