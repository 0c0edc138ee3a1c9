"""Figures of one person: time in zones, distributions of angles, static holds. Over valid time only, in seconds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_INDEX, MEASURE_NAMES, PARTS, Reason, View, Zone
from posture.ergonomics.iso11226 import PART_MEASURES, holds
from posture.ergonomics.support import by_support
from posture.reports.schema import Histogram, HoldSummary, MeasureSummary, PartSummary
from posture.reports.table import REASONS, VIEWS, ZONES, Person

BINS = 10, 36
"""Fewest and most bins of a histogram."""
WIDTHS_DEG, WIDTHS_RATIO = (1.0, 2.0, 5.0, 10.0), (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Widths of a bin; the finest that needs no more than the most bins is taken."""


def percentile(values: NDArray[np.float64], duration_s: NDArray[np.float64], percent: int) -> float:
    """The smallest of `values` that was not exceeded for at least `percent` % of the time.

    Time-weighted, without interpolation (the inverted CDF; `numpy.percentile(values, percent, method="inverted_cdf",
    weights=duration_s)` up to rounding), so a figure is always a value that was measured. Computed in whole
    microseconds. Where no time passes (one frame) every value counts the same.
    """
    order = np.argsort(values, kind="stable")
    weights = np.rint(duration_s[order] * 1e6).astype(np.int64)
    until = np.cumsum(weights if weights.any() else np.ones_like(weights))
    return float(values[order][np.searchsorted(until * 100, percent * until[-1])])


def seconds(duration_s: NDArray[np.float64], chosen: NDArray[np.bool_] | slice = slice(None)) -> float:
    """Sum of the chosen durations, exact to the microsecond."""
    return int(np.rint(duration_s[chosen] * 1e6).astype(np.int64).sum()) / 1e6


def seconds_by(
    codes: NDArray[np.int16], duration_s: NDArray[np.float64], names: Sequence[Reason] | Sequence[View]
) -> dict[str, float]:
    """Seconds for each code that occurs."""
    return {name.value: seconds(duration_s, codes == code) for code, name in enumerate(names) if (codes == code).any()}


def judged_parts(person: Person) -> NDArray[np.bool_]:
    """[N, P] whether each part was judged."""
    return np.asarray(person.zones != ZONES.index(Zone.UNKNOWN))


def views(person: Person) -> dict[str, float]:
    """Seconds in each view."""
    return seconds_by(person.views, person.duration_s, VIEWS)


def measure_summary(person: Person, name: str) -> MeasureSummary:
    """Distribution of one measurement."""
    index = MEASURE_NAMES.index(name)
    values = person.values[:, index]
    known = np.isfinite(values)
    measurable_s, all_s = seconds(person.duration_s, known), seconds(person.duration_s)
    some, weights = values[known], person.duration_s[known]
    marks = [percentile(some, weights, p) for p in (10, 50, 90)] if len(some) else [None] * 3
    return MeasureSummary(
        name=name,
        measurable_s=measurable_s,
        measurable_share=measurable_s / all_s if all_s else float(known.mean()),
        not_measurable_reasons_s=seconds_by(person.reasons[~known, index], person.duration_s[~known], REASONS),
        lowest=_fixed(some.min(), name) if len(some) else None,
        p10=_fixed(marks[0], name),
        p50=_fixed(marks[1], name),
        p90=_fixed(marks[2], name),
        highest=_fixed(some.max(), name) if len(some) else None,
        histogram=_histogram(some, weights, WIDTHS_DEG if name.endswith("_deg") else WIDTHS_RATIO)
        if len(some)
        else None,
    )


def _histogram(values: NDArray[np.float64], duration_s: NDArray[np.float64], widths: Sequence[float]) -> Histogram:
    span = float(values.max() - values.min())
    width = next((width for width in widths if span / width < BINS[1]), widths[-1])
    bins = np.floor(values / width + 1e-9).astype(np.int64)  # 0.15 / 0.05 must be bin 3 in spite of rounding
    missing = max(BINS[0] - int(np.ptp(bins)) - 1, 0)  # empty bins on both sides, or two bars would fill a chart
    lowest = int(bins.min()) - missing // 2
    count = max(int(bins.max()) - lowest + 1, BINS[0])
    spent = np.bincount(bins - lowest, np.rint(duration_s * 1e6), count) / 1e6
    return Histogram(start=round(lowest * width, 4), width=width, seconds=tuple(spent.tolist()))


def part_summary(person: Person, part: str, found: Sequence[HoldSummary]) -> PartSummary:
    """Time of one part in each zone."""
    index = PARTS.index(part)
    zones = person.zones[:, index]
    unknown = zones == ZONES.index(Zone.UNKNOWN)
    spent = {zone: seconds(person.duration_s, zones == code) for code, zone in enumerate(ZONES)}
    own = [hold for hold in found if hold.part == part]
    return PartSummary(
        part=part,
        measure=PART_MEASURES[part],
        judged_s=seconds(person.duration_s, ~unknown),
        acceptable_s=spent[Zone.ACCEPTABLE],
        acceptable_by_support_s=seconds(person.duration_s, by_support(part, person.value(PART_MEASURES[part]), zones)),
        conditional_s=spent[Zone.CONDITIONAL],
        not_recommended_s=spent[Zone.NOT_RECOMMENDED],
        not_judged_s=spent[Zone.UNKNOWN],
        not_judged_reasons_s=seconds_by(person.zone_reasons[unknown, index], person.duration_s[unknown], REASONS),
        longest_hold_s=max((hold.duration_s for hold in own), default=0.0),
        holds_too_long=sum(hold.verdict != "within_limit" for hold in own),
    )


def hold_summaries(person: Person) -> tuple[HoldSummary, ...]:
    """Static holds of one person, longest first."""
    values = person.values[:, : len(MEASURE_NAMES)].copy()
    for part, measure in PART_MEASURES.items():  # what support makes acceptable is no hold
        supported = by_support(part, person.value(measure), person.zones[:, PARTS.index(part)])
        values[supported, MEASURE_INDEX[measure]] = np.nan
    found = holds(person.time_s, values)
    longest_first = sorted(found, key=lambda hold: (-hold.duration_s, hold.start_s, PARTS.index(hold.part)))
    return tuple(
        HoldSummary(
            part=hold.part,
            zone=hold.zone.value,
            start_s=round(hold.start_s, 6),
            duration_s=round(hold.duration_s, 6),
            angle_deg=round(hold.median_angle_deg, 2),
            limit_s=round(hold.limit_s, 3) or None,
            verdict=hold.verdict.value,
        )
        for hold in longest_first
    )


def _fixed(value: float | None, name: str) -> float | None:
    return None if value is None else round(float(value), 2 if name.endswith("_deg") else 4)
