"""What a person was exposed to beside the scores: time of each joint in its bands, sitting, changes, OWAS."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES
from posture.ergonomics.bouts import bouts, changes, sitting
from posture.ergonomics.evidence import SIDES, Evidence
from posture.ergonomics.factors import SIDE_FACTORS
from posture.ergonomics.method_data import scale
from posture.ergonomics.ranges import Range
from posture.ergonomics.sampling import ENOUGH_SAMPLES, samples
from posture.ergonomics.scoring import METHODS, NOT_SCORED, factors_at, range_of
from posture.ergonomics.task import Task
from posture.reports.exposure import seconds
from posture.reports.score_schema import BandTime, Exposure, JointBands, OwasSummary, Sitting
from posture.reports.table import Person

JOINTS: tuple[tuple[str, str, str], ...] = (
    ("rula", "trunk_deg", "trunk"),
    ("rula", "neck_deg", "neck"),
    ("rula", "upper_arm_deg", "upper_arm"),
    ("rula", "lower_arm_deg", "lower_arm"),
    ("reba", "knee_deg", "knee"),
)
"""Method, factor and scale of each joint whose time in bands is told."""
LEAST_S = 60.0
"""In view for less than this, changes are not given per hour."""
OPEN = "open"


def exposure(person: Person, evidence: Evidence) -> Exposure:
    """Exposure over the whole time in view."""
    values = person.values[:, : len(MEASURE_NAMES)]
    moments, in_view_s = changes(person.time_s, values), seconds(person.duration_s)
    per_hour = round(3600 * len(moments) / in_view_s, 1) if in_view_s >= LEAST_S else None
    return Exposure(
        joints=tuple(
            _bands(person, evidence, method, factor, name, side)
            for method, factor, name in JOINTS
            for side in (SIDES if factor in SIDE_FACTORS else ("",))
        ),
        sitting=_sitting(person),
        posture_changes=len(moments),
        posture_changes_per_hour=per_hour,
    )


def _bands(person: Person, evidence: Evidence, method: str, factor: str, name: str, side: str) -> JointBands:
    column, bands = evidence.column(method, factor, side), scale(method, name, evidence.settings)
    assert column is not None  # all of `JOINTS` can be measured
    which, edges = bands.bands(column), (None, *bands.bounds, None)
    return JointBands(
        method=method,
        factor=factor,
        side=side,
        measurable_s=seconds(person.duration_s, which >= 0),
        bands=tuple(
            BandTime(
                from_deg=edges[band],
                to_deg=edges[band + 1],
                points=points,
                seconds=seconds(person.duration_s, which == band),
            )
            for band, points in enumerate(bands.scores)
        ),
    )


def _sitting(person: Person) -> Sitting:
    sits = sitting(person.values[:, : len(MEASURE_NAMES)])
    found = bouts(person.time_s, person.duration_s, sits)
    longest = max(found, key=lambda bout: bout.duration_s, default=None)
    return Sitting(
        sitting_s=round(sum(bout.duration_s for bout in found), 6),
        known_s=seconds(person.duration_s, np.isfinite(sits)),
        longest_start_s=round(longest.start_s, 6) if longest else None,
        longest_s=round(longest.duration_s, 6) if longest else 0.0,
    )


def owas_summary(person: Person, evidence: Evidence, low: NDArray[np.int8], task: Task) -> OwasSummary | None:
    """OWAS by interval sampling; None where nothing could be sampled. `low`: [N] lowest category of each row."""
    interval_s = evidence.settings.owas_interval_s
    rows = [row for row in samples(person.time_s, person.duration_s, interval_s).tolist() if low[row] != NOT_SCORED]
    if not rows:
        return None
    found = [_at(row, person, evidence, task) for row in rows]
    return OwasSummary(
        interval_s=interval_s,
        samples=len(rows),
        enough=len(rows) >= ENOUGH_SAMPLES,
        digits={part: _counted([_code(one, part) for one in found]) for part in METHODS["owas"].parts},
        category_low=_counted([str(one.interval.low) for one in found]),
        category_high=_counted([str(one.interval.high) for one in found]),
    )


def _at(row: int, person: Person, evidence: Evidence, task: Task) -> Range:
    time_s = float(person.time_s[row])
    return range_of("owas", factors_at("owas", "", evidence, row, task, time_s), evidence.settings)


def _code(found: Range, part: str) -> str:
    codes = found.parts[part]
    return str(min(codes)) if len(codes) == 1 else OPEN


def _counted(codes: list[str]) -> dict[str, int]:
    return dict(sorted(Counter(codes).items()))
