"""Scores of one person over time: what was measured and what a person said, as an interval for every moment.

A moment is scored where the factors of `NEEDED` are measured or entered; elsewhere there is no score, and the time
counts as not scored. Everything else that is not known widens the interval. Measured angles matter only by their band,
so the many moments of a recording fall into few different cases, and each case is gone through once.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.ergonomics.evidence import SIDES, Evidence
from posture.ergonomics.factors import SCALE_OF, Factor, Origin, owas_limit, possible_values
from posture.ergonomics.method_data import method_data, scale
from posture.ergonomics.owas import OWAS
from posture.ergonomics.ranges import Range, possible
from posture.ergonomics.reba import REBA
from posture.ergonomics.rula import RULA
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.task import Segment, Task
from posture.ergonomics.worksheet import Method, Value

METHODS: dict[str, Method] = {method.name: method for method in (RULA, REBA, OWAS)}
SCORED: tuple[tuple[str, str], ...] = (*((name, side) for name in ("rula", "reba") for side in SIDES), ("owas", ""))
"""Method and side of each score; OWAS looks at both sides at once."""
NEEDED: dict[str, tuple[str, ...]] = {
    "rula": ("trunk_deg", "upper_arm_deg"),
    "reba": ("trunk_deg", "upper_arm_deg"),
    "owas": ("trunk_deg",),
}
NOT_SCORED = 0

Said = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, eq=False)
class Series:
    """Lowest and highest possible score of every moment, int8 [T]; `NOT_SCORED` where there is none."""

    method: str
    side: str
    low: NDArray[np.int8]
    high: NDArray[np.int8]


def segments_at(times_s: Array, task: Task) -> NDArray[np.int64]:
    """[T] number of the segment of each moment, -1 outside of all. The end belongs to what follows."""
    found = np.full(len(times_s), -1)
    for number, segment in enumerate(task.segments):
        found[(times_s >= segment.start_s) & (times_s < segment.end_s)] = number
    return found


def rows_of_segments(times_s: Array, task: Task) -> Iterator[tuple[NDArray[np.int64], Segment | None]]:
    """The rows of each segment that any moment lies in, and with None those outside of all: every row once."""
    where = segments_at(times_s, task)
    for number in np.unique(where).tolist():
        yield np.flatnonzero(where == number), task.segments[number] if number >= 0 else None


def series(method: str, side: str, evidence: Evidence, times_s: Array, task: Task) -> Series:
    """Scores of all moments. `times_s` float64 [T]."""
    low, high = np.zeros((2, len(times_s)), np.int8)
    for rows, segment in rows_of_segments(times_s, task):
        low[rows], high[rows] = _score_rows(method, side, evidence, rows, said(method, side, task, segment))
    return Series(method, side, low, high)


def said(method: str, side: str, task: Task, segment: Segment | None) -> dict[str, tuple[Value, ...]]:
    """What was said about the factors of a method.

    OWAS has a factor for each knee; what is said is how far the one is bent that is bent more. So the other one may be
    straight. Which of them is which makes no difference to the score.
    """
    found = task.said(side or "left", segment)
    if method == "owas":
        same = {"trunk_twisted": "back_twist_deg", "trunk_side_bent": "back_side_deg"}
        found |= {name: found[one] for one, name in same.items() if one in found}
        if knee := found.get("knee_deg"):
            found |= {"left_knee_deg": knee, "right_knee_deg": tuple(dict.fromkeys((0.0, *knee)))}
    return {name: values for name, values in found.items() if name in METHODS[method].factors}


def _score_rows(
    method: str, side: str, evidence: Evidence, rows: NDArray[np.int64], told: Said
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Low and high of some moments, all with the same things said."""
    settings = evidence.settings
    codes = {}
    for factor in METHODS[method].factors:
        column = None if factor in told else evidence.column(method, factor, side)
        if column is not None:
            codes[factor] = _codes(method, factor, column[rows], settings)
    scored = np.ones(len(rows), np.bool_)
    for factor in NEEDED[method]:
        if factor not in told:
            scored &= codes[factor] >= 0
    low, high = np.zeros((2, len(rows)), np.int8)
    if scored.any():
        cases, which = _cases([column[scored] for column in codes.values()])
        intervals = [
            possible(METHODS[method], _known(method, dict(zip(codes, case, strict=True)), told, settings), settings)
            for case in cases
        ]
        low[scored] = np.array([found.interval.low for found in intervals], np.int8)[which]
        high[scored] = np.array([found.interval.high for found in intervals], np.int8)[which]
    return low, high


def _cases(columns: list[NDArray[np.int64]]) -> tuple[list[list[int]], NDArray[np.int64]]:
    """The different rows of codes, and which of them each moment is."""
    sizes = [int(column.max()) + 2 for column in columns]  # a code of -1 becomes 0
    keys = np.zeros(len(columns[0]), np.int64)
    for column, size in zip(columns, sizes, strict=True):
        keys = keys * size + column + 1
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return np.stack(columns, axis=1)[first].tolist(), which


def _codes(method: str, factor: str, column: Array, settings: ScoreSettings) -> NDArray[np.int64]:
    """Number of the possible value that each measured one stands for; -1 for NaN."""
    if factor in SCALE_OF and SCALE_OF[factor] in method_data(method).scales:
        return scale(method, SCALE_OF[factor], settings).bands(column)
    if factor.endswith("_deg"):  # OWAS: on which side of its one limit; the back counts either way
        limit = owas_limit(factor, settings)
        size = np.abs(column) if factor.startswith(("back_", "trunk_")) else column
        reached = size >= (settings.owas_back_bent_deg if limit is None else limit)
        column = np.where(np.isnan(column), np.nan, reached)
    return np.where(np.isnan(column), -1, column).astype(np.int64)


def _known(method: str, case: Mapping[str, int], told: Said, settings: ScoreSettings) -> dict[str, tuple[Value, ...]]:
    known = {}
    for factor in METHODS[method].factors:
        everything = possible_values(method, factor, settings)
        code = case.get(factor, -1)
        known[factor] = told.get(factor) or ((everything[code],) if code >= 0 else everything)
    return known


def factors_at(method: str, side: str, evidence: Evidence, row: int, task: Task, time_s: float) -> tuple[Factor, ...]:
    """Every factor of one moment with its own value (not that of its band) and where it came from."""
    number = int(segments_at(np.array([time_s]), task)[0])
    told = said(method, side, task, task.segments[number] if number >= 0 else None)
    found = []
    for name in METHODS[method].factors:
        column = evidence.column(method, name, side)
        value = math.nan if column is None else float(column[row])
        if name in told:
            origin = Origin.ENTERED if math.isnan(value) else Origin.OVERRIDDEN
            found.append(Factor(name, told[name], origin))
        elif math.isnan(value):
            found.append(Factor(name, possible_values(method, name, evidence.settings), Origin.ASSUMED))
        else:
            measured: Value = value if name.endswith("_deg") else bool(value)
            found.append(Factor(name, (measured,), Origin.MEASURED))
    return tuple(found)


def range_of(method: str, factors: tuple[Factor, ...], settings: ScoreSettings) -> Range:
    """Every score that these factors allow."""
    return possible(METHODS[method], {factor.name: factor.values for factor in factors}, settings)
