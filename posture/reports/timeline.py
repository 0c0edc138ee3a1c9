"""Zones and angles over time, thinned to a bounded number of steps."""

import numpy as np
from numpy.typing import NDArray

from posture.data import PARTS, Zone
from posture.ergonomics.iso11226 import PART_MEASURES
from posture.reports.schema import Curve, Span, Timeline
from posture.reports.table import DEGREE_STEP, ZONES, Person

STEPS = 480
"""Most steps of a timeline: one every two pixels of a chart."""

# Where two zones take the same time of a step, the worse one shows.
_WORST_FIRST = [ZONES.index(z) for z in (Zone.NOT_RECOMMENDED, Zone.CONDITIONAL, Zone.ACCEPTABLE, Zone.UNKNOWN)]


def timeline(person: Person, start_s: float, end_s: float) -> Timeline | None:
    """The timeline of one person between two times; None where no time passes."""
    if end_s <= start_s:
        return None
    steps = int(min(STEPS, max(1, len(person.time_s))))
    edges = np.linspace(start_s, end_s, steps + 1)
    return Timeline(
        start_s=start_s,
        end_s=end_s,
        step_s=(end_s - start_s) / steps,
        zones={part: _spans(person, i, edges) for i, part in enumerate(PARTS)},
        curves={name: _curve(person, person.value(name), edges) for name in PART_MEASURES.values()},
    )


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


def _curve(person: Person, values: NDArray[np.float64], edges: NDArray[np.float64]) -> Curve:
    first = np.searchsorted(person.time_s, edges)
    steps = [_of_step(person, values, first[i], first[i + 1], edges[i : i + 2]) for i in range(len(edges) - 1)]
    median, lowest, highest = zip(*steps, strict=True)
    return Curve(median=median, lowest=lowest, highest=highest)


def _of_step(
    person: Person, values: NDArray[np.float64], first: int, end: int, step: NDArray[np.float64]
) -> tuple[float | None, float | None, float | None]:
    here = values[first:end]
    here = here[np.isfinite(here)]
    if not len(here) and first:  # no row begins here, but one may still last
        before = first - 1
        lasts = person.time_s[before] + person.duration_s[before] > step.mean()
        here = values[before : before + 1] if lasts and np.isfinite(values[before]) and first == end else here
    if not len(here):
        return None, None, None
    return _degrees(np.median(here)), _degrees(here.min()), _degrees(here.max())


def _degrees(value: float) -> float:
    return round(float(value) / DEGREE_STEP) / round(1 / DEGREE_STEP)
