"""Zones and angles over time, thinned to a bounded number of steps."""

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, PARTS, Zone
from posture.ergonomics.iso11226 import PART_MEASURES
from posture.reports.node import Curve
from posture.reports.schema import Span, Timeline
from posture.reports.table import TIME_STEP, ZONES, Person

STEPS = 480
"""Most steps of a timeline: one every two pixels of a chart."""

# Where two zones take the same time of a step, the worse one shows.
_WORST_FIRST = [ZONES.index(z) for z in (Zone.NOT_RECOMMENDED, Zone.CONDITIONAL, Zone.ACCEPTABLE, Zone.UNKNOWN)]


def timeline(person: Person, start_s: float, end_s: float) -> Timeline | None:
    """The timeline of one person between two times; None where no time passes."""
    if end_s <= start_s:
        return None
    edges = edges_of(person, start_s, end_s)
    steps = len(edges) - 1
    return Timeline(
        start_s=start_s,
        end_s=end_s,
        step_s=(end_s - start_s) / steps,
        zones={part: _spans(person, i, edges) for i, part in enumerate(PARTS)},
        curves=_curves(person, edges),
    )


def edges_of(person: Person, start_s: float, end_s: float) -> NDArray[np.float64]:
    """[steps + 1] times between which the steps lie."""
    return np.linspace(start_s, end_s, int(min(STEPS, max(1, len(person.time_s)))) + 1)


def seconds_in_steps(person: Person, chosen: NDArray[np.bool_], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds of the `chosen` rows that fall between each pair of edges; a row's time may lie in several steps."""
    time_s, duration_s = person.time_s, person.duration_s
    seconds = duration_s * chosen
    until = np.cumsum(seconds)
    knots = np.column_stack([time_s, time_s + duration_s]).ravel()
    spent = np.column_stack([until - seconds, until]).ravel()
    return np.diff(np.interp(edges, knots, spent))


def _spans(person: Person, part: int, edges: NDArray[np.float64]) -> tuple[Span, ...]:
    spent = np.array([seconds_in_steps(person, person.zones[:, part] == code, edges) for code in _WORST_FIRST])
    half_step = (edges[1] - edges[0]) / 2
    absent = spent.sum(axis=0) < half_step  # the person was away for most of the step
    zone = np.where(absent, -1, np.array(_WORST_FIRST)[np.argmax(spent, axis=0)])
    starts = np.flatnonzero(np.diff(zone, prepend=-2))
    ends = np.append(starts[1:], len(zone))
    return tuple(
        Span(start_s=round(float(edges[a]), 3), end_s=round(float(edges[b]), 3), zone=ZONES[zone[a]].value)
        for a, b in zip(starts, ends, strict=True)
        if zone[a] >= 0
    )


def _curves(person: Person, edges: NDArray[np.float64]) -> dict[str, Curve]:
    """Of every measurement that was measurable at some time; those that decide about a zone in any case."""
    values = person.values[:, : len(MEASURE_NAMES)]
    median, lowest, highest = _of_steps(person, values, edges)
    wanted = np.isfinite(values).any(axis=0) | np.isin(MEASURE_NAMES, list(PART_MEASURES.values()))
    return {
        name: Curve(
            median=_column(median[:, i], name), lowest=_column(lowest[:, i], name), highest=_column(highest[:, i], name)
        )
        for i, name in enumerate(MEASURE_NAMES)
        if wanted[i]
    }


def score_curve(person: Person, low: NDArray[np.int8], high: NDArray[np.int8], edges: NDArray[np.float64]) -> Curve:
    """A score over time: median of the lower ends, lowest and highest that was possible. 0 = no score."""
    ends = np.where(np.stack([low, high], axis=1) > 0, np.stack([low, high], axis=1), np.nan)
    median, lowest, highest = _of_steps(person, ends, edges)
    return Curve(
        median=_column(np.ceil(median[:, 0] - 0.5), "score"),
        lowest=_column(lowest[:, 0], "score"),
        highest=_column(highest[:, 1], "score"),
    )


def _of_steps(person: Person, values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """[3, steps, M] median, lowest and highest of each column of `values` in each step; NaN where none is known."""
    first = np.searchsorted(person.time_s, edges - TIME_STEP / 2)  # a row on an edge begins there, however rounded
    steps = [
        _of_step(_rows_of_step(person, first[i], first[i + 1], edges[i : i + 2]), values) for i in range(len(edges) - 1)
    ]
    return np.moveaxis(np.array(steps), 1, 0)


def _rows_of_step(person: Person, first: int, end: int, step: NDArray[np.float64]) -> slice:
    """The rows that begin in a step or, where none does, the one that still lasts."""
    lasts = first == end > 0 and person.time_s[first - 1] + person.duration_s[first - 1] > step.mean()
    return slice(first - 1, first) if lasts else slice(first, end)


def _of_step(rows: slice, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """[3, M] median, lowest and highest of each column over `rows`; NaN where none is known."""
    here = np.sort(values[rows], axis=0)  # NaN comes last
    if not len(here):
        return np.full((3, values.shape[1]), np.nan)
    count, columns = np.isfinite(here).sum(axis=0), np.arange(here.shape[1])
    median = (here[(count - 1) // 2, columns] + here[count // 2, columns]) / 2
    return np.array([median, here[0], here[count - 1, columns]])


def _column(values: NDArray[np.float64], name: str) -> tuple[float | None, ...]:
    decimals = 2 if name.endswith("_deg") else 4
    return tuple(value if value == value else None for value in values.round(decimals).tolist())
