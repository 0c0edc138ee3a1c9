"""Movements that a person repeats: knees, elbows, trunk and upper arms going out of their usual range and back.

The two angles of each movement are edges of the bands that observation methods use, far enough apart (15 degrees or
more) that the 5 to 10 degrees of error of an angle make no movement: RULA (McAtamney and Corlett 1993) for elbows
(60, 100) and upper arms (20, 45), REBA (Hignett and McAtamney 2000) for knees (30, 60) and the trunk (20 and, because
its next edge at 60 would miss most bends, 40, which is ours).
"""

from itertools import compress

import numpy as np

from posture.ergonomics.exposure import Cycle, find_cycles
from posture.reports.exposure import seconds
from posture.reports.schema import Movement, Repetition
from posture.reports.table import Person

BANDS_DEG: dict[str, tuple[float, float]] = {
    "trunk_inclination_deg": (20.0, 40.0),
    "left_upper_arm_elevation_deg": (20.0, 45.0),
    "right_upper_arm_elevation_deg": (20.0, 45.0),
    "left_elbow_flexion_deg": (60.0, 100.0),
    "right_elbow_flexion_deg": (60.0, 100.0),
    "left_knee_flexion_deg": (30.0, 60.0),
    "right_knee_flexion_deg": (30.0, 60.0),
}
"""A movement rises above the second and falls below the first again."""
LEAST_COUNT = 3
"""Two may be a coincidence. Ours."""
LONGEST_S = 30.0
"""What takes longer to come back is a posture, such as sitting, and no movement. Ours."""
TURNED_DEG = 15.0
"""A movement that the end of the recording cuts off counts if it had come back by so much from its peak."""
MOVEMENTS_LISTED = 100


def repetitions(person: Person) -> tuple[Repetition, ...]:
    """Of each measurement of `BANDS_DEG` that was repeated often enough, in that order."""
    found = (_repetition(person, name, low, high) for name, (low, high) in BANDS_DEG.items())
    return tuple(one for one in found if one is not None)


def _repetition(person: Person, name: str, low_deg: float, high_deg: float) -> Repetition | None:
    angles = person.value(name)
    cycles = find_cycles(person.time_s, angles, low_deg, high_deg)
    ends = angles[np.searchsorted(person.time_s, [cycle.end_s for cycle in cycles])]
    cycles = list(compress(cycles, map(_counts, cycles, ends.tolist(), [low_deg] * len(cycles))))
    measurable_s = seconds(person.duration_s, np.isfinite(angles))
    if len(cycles) < LEAST_COUNT or not measurable_s:
        return None
    return Repetition(
        measure=name,
        low_deg=low_deg,
        high_deg=high_deg,
        count=len(cycles),
        per_minute=round(60 * len(cycles) / measurable_s, 3),
        median_duration_s=round(float(np.median([cycle.end_s - cycle.start_s for cycle in cycles])), 3),
        median_peak_deg=round(float(np.median([cycle.peak_deg for cycle in cycles])), 2),
        movements=tuple(_movement(cycle) for cycle in cycles[:MOVEMENTS_LISTED]),
    )


def _counts(cycle: Cycle, end_deg: float, low_deg: float) -> bool:
    whole = end_deg < low_deg or cycle.peak_deg - end_deg >= TURNED_DEG
    return whole and cycle.end_s - cycle.start_s <= LONGEST_S


def _movement(cycle: Cycle) -> Movement:
    return Movement(
        start_s=round(cycle.start_s, 6),
        peak_s=round(cycle.peak_s, 6),
        end_s=round(cycle.end_s, 6),
        peak_deg=round(cycle.peak_deg, 2),
    )
