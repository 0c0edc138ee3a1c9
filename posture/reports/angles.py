"""Which measurements a chapter shows over time: those with zones one by one, the others as small charts."""

from dataclasses import dataclass

from posture.data import MEASURE_NAMES
from posture.ergonomics.iso11226 import PART_MEASURES
from posture.reports import curves, words
from posture.reports.schema import PersonSummary, Timeline
from posture.reports.svg import Svg

MIN_SHARE = 0.25
"""Share of the person's time for which a measurement without zones was measurable, from which on it is drawn."""


@dataclass(frozen=True)
class Drawn:
    """A chart over time with its axis and the convention of what it shows."""

    label: str
    note: str
    chart: Svg
    axis: Svg
    alt: str
    paired: bool = False
    """Left as the first line, right as the second."""


def with_zones(person: PersonSummary) -> tuple[Drawn, ...]:
    """The angles that decide about a zone, where ever measurable."""
    if person.timeline is None:
        return ()
    found = []
    for part, name in PART_MEASURES.items():
        curve = person.timeline.curves[name]
        if any(value is not None for value in curve.median):
            label, convention = words.MEASURES[name]
            bands = curves.bands(part)
            chart = curves.angle_chart(name, curve, bands, person.timeline)
            found.append(Drawn(label, convention, chart, curves.angle_axis(curve, bands), words.curve_alt(label)))
    return tuple(found)


def others(person: PersonSummary) -> tuple[Drawn, ...]:
    """All other measurements that were measurable for long enough; left and right of the same joint in one chart."""
    if person.timeline is None:
        return ()
    shown = {m.name for m in person.measures if m.measurable_share >= MIN_SHARE} - set(PART_MEASURES.values())
    found = []
    for name in MEASURE_NAMES:
        pair = (name, name.replace("left_", "right_"))
        if name.startswith("left_") and shown.issuperset(pair):
            label, convention = words.PAIRS[name.removeprefix("left_")]
            found.append(_small(label, convention, pair, person.timeline))
        elif name in shown and not (name.startswith("right_") and name.replace("right_", "left_") in shown):
            found.append(_small(*words.MEASURES[name], (name,), person.timeline))
    return tuple(found)


def _small(label: str, convention: str, names: tuple[str, ...], timeline: Timeline) -> Drawn:
    unit = "°" if names[0].endswith("_deg") else ""
    lines = [timeline.curves[name] for name in names]
    chart, axis = curves.small_chart(label, unit, lines, timeline), curves.small_axis(unit, lines)
    return Drawn(label, convention, chart, axis, words.curve_alt(label), paired=len(names) > 1)
