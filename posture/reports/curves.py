"""Angles over time as SVG: a large chart with the zones behind, and small ones, two side by side, without zones."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from math import ceil, floor, inf

from posture.ergonomics import bands as iso11226
from posture.reports import svg, words
from posture.reports.charts import ticks
from posture.reports.language import say
from posture.reports.node import Curve
from posture.reports.schema import Timeline
from posture.reports.svg import Svg

CURVE_WIDTH, SMALL_WIDTH = 600, 266
"""Widths of the charts where nothing stretches them: what a page of A4 leaves beside their axes."""
ANGLE_HEIGHT, SMALL_HEIGHT, AXIS_WIDTH, LABEL_HEIGHT = 110, 76, 34, 12
SMALL_STEPS = 240
"""A small chart of more steps draws every two as one: two would fall on one pixel."""
SMALL_TICKS = 4
"""Most times under a small chart."""
_LEAST_SPAN = {"°": 20.0, "": 0.2, "points": 4.0}
"""Least height of a small chart by unit, so that noise does not look like movement."""
_LEVELS = {"°": (5.0, 10.0, 15.0, 30.0, 45.0, 90.0), "": (0.05, 0.1, 0.2, 0.5, 1.0), "points": (1.0, 2.0, 3.0, 5.0)}
_MOST_LEVELS = 4
_CLASSES = ("c-curve", "c-curve c-second")
"""Of the first and the second line of a chart; the second is dashed."""
Bands = Sequence[tuple[float, float, str]]
"""Zones of an angle: from, to, zone; degrees."""


def bands(part: str) -> Bands:
    """Zones of the angle that decides about `part`, from low to high."""
    edges, codes = iso11226.edges_of(part)
    limits = pairwise((-inf, *edges, inf))
    return [(a, b, iso11226.ZONES[code].value) for (a, b), code in zip(limits, codes, strict=True)]


def angle_chart(name: str, curve: Curve, bands: Bands, timeline: Timeline, *, height: float = ANGLE_HEIGHT) -> Svg:
    """An angle over time: the median as a line, the range as a shade, the zones behind. Its axis: `angle_axis`."""
    low, high = _extent(curve, bands)
    scale = height / (high - low)
    tinted = [
        (max(a, low), min(b, high), zone) for a, b, zone in bands if zone != "acceptable" and a < high and b > low
    ]
    pieces = [_shade(zone, a, b, high, scale) for a, b, zone in tinted]
    pieces += [_tick_line(time_s, timeline, height) for time_s in ticks(timeline.start_s, timeline.end_s)]
    pieces += [_limit(value, high, scale) for value in _levels(bands, low, high)]
    pieces += [_zone_name(zone, a, b, high, scale) for a, b, zone in tinted]
    runs = _runs(curve)
    plane = [svg.element("path", d=_range_path(run, curve, high, scale, CURVE_WIDTH), class_="c-range") for run in runs]
    plane += [svg.element("path", d=_line_path(run, curve, high, scale, CURVE_WIDTH), class_="c-curve") for run in runs]
    pieces += [svg.stretched(plane, width=CURVE_WIDTH, height=height)] if plane else []
    known = [value for value in curve.median if value is not None]
    told = say("not measurable")
    if known:
        low_deg, high_deg = words.number(min(known)), words.number(max(known))
        told = say("between {low} and {high} degrees", low=low_deg, high=high_deg)
    return svg.chart(words.MEASURES[name][0], pieces, width=CURVE_WIDTH, height=height, description=told)


def angle_axis(curve: Curve, bands: Bands, *, height: float = ANGLE_HEIGHT, width: float = AXIS_WIDTH) -> Svg:
    """The limits of the zones, and zero, beside an angle chart; labels that would touch an earlier one are left out."""
    low, high = _extent(curve, bands)
    pieces: list[str] = []
    taken: list[float] = []
    for value in _levels(bands, low, high):
        y = (high - value) * height / (high - low)
        if all(abs(y - other) >= LABEL_HEIGHT for other in taken):
            label = f"{words.number(value)}°"
            pieces.append(svg.text(label, x="100%", y=_label_y(y, height), text_anchor="end"))
            taken.append(y)
    return svg.chart("", pieces, width=width, height=height, class_="axis")


def _levels(bands: Bands, low: float, high: float) -> list[float]:
    """Angles at which a line is drawn, the most important first."""
    limits = [b for _, b, _ in reversed(bands) if low < b < high]
    return [*limits, 0.0] if low <= 0 <= high and 0.0 not in limits else limits


def _extent(curve: Curve, bands: Bands) -> tuple[float, float]:
    """Lowest and highest angle of the axis: what was measured and the first limit, with a margin, in tens."""
    limit = min((a for a, _, zone in bands if zone != "acceptable" and a > 0), default=20.0)
    low = min([value for value in curve.lowest if value is not None], default=0.0)
    high = max([value for value in curve.highest if value is not None], default=limit)
    return min(low - 3, 0.0) // 10 * 10.0, -(-max(high + 3, limit + 8) // 10) * 10.0


def _shade(zone: str, a: float, b: float, high: float, scale: float) -> str:
    tint = f"tint-{zone.replace('_', '-')}"
    return svg.element("rect", y=(high - b) * scale, width="100%", height=(b - a) * scale, class_=tint)


def _zone_name(zone: str, a: float, b: float, high: float, scale: float) -> str:
    """The name of a zone at the right, where the zone is high enough for a line of text."""
    if (b - a) * scale < 14:
        return ""
    return svg.text(words.adjective(words.ZONES[zone]), x="99.3%", y=(high - b) * scale + 11, text_anchor="end")


def _bookmark(time_s: float, timeline: Timeline) -> str:
    x = svg.share(time_s - timeline.start_s, timeline.end_s - timeline.start_s)
    return svg.element("line", x1=x, x2=x, y1=0, y2=9, class_="c-bookmark")


def _limit(value: float, high: float, scale: float) -> str:
    y = (high - value) * scale
    return svg.element("line", x1="0%", x2="100%", y1=y, y2=y, class_="c-limit" if value else "c-grid")


def _tick_line(time_s: float, timeline: Timeline, height: float) -> str:
    x = svg.share(time_s - timeline.start_s, timeline.end_s - timeline.start_s)
    return svg.element("line", x1=x, x2=x, y1=0, y2=height, class_="c-grid")


def _runs(curve: Curve) -> list[range]:
    """Stretches of steps without a gap."""
    known = [i for i, value in enumerate(curve.median) if value is not None]
    groups = groupby(enumerate(known), key=lambda pair: pair[1] - pair[0])
    runs = [[index for _, index in group] for _, group in groups]
    return [range(run[0], run[-1] + 1) for run in runs]


def _line_path(run: range, curve: Curve, high: float, scale: float, width: float) -> str:
    step = width / len(curve.median)
    points = [((i + 0.5) * step, (high - (curve.median[i] or 0.0)) * scale) for i in run]
    ends = [(run[0] * step, points[0][1]), *points, ((run[-1] + 1) * step, points[-1][1])]  # one step is a line too
    return svg.path(ends)


def _range_path(run: range, curve: Curve, high: float, scale: float, width: float) -> str:
    step = width / len(curve.median)
    upper = [((i + 0.5) * step, (high - (curve.highest[i] or 0.0)) * scale) for i in run]
    lower = [((i + 0.5) * step, (high - (curve.lowest[i] or 0.0)) * scale) for i in reversed(run)]
    return svg.path([*upper, *lower], closed=True)


def small_chart(
    label: str, unit: str, curves: Sequence[Curve], timeline: Timeline, marks_s: Sequence[float] = ()
) -> Svg:
    """One or two measurements over time, the second dashed, with bookmarks at these times. Its axis: `small_axis`."""
    drawn = [_halved(curve) if len(curve.median) > SMALL_STEPS else curve for curve in curves]
    low, high = _span(curves, unit)
    scale = SMALL_HEIGHT / (high - low)
    times = ticks(timeline.start_s, timeline.end_s, most=SMALL_TICKS)
    pieces = [_tick_line(time_s, timeline, SMALL_HEIGHT) for time_s in times]
    pieces += [_level(value, high, scale) for value in _round_levels(low, high, unit)]
    pieces += [_bookmark(time_s, timeline) for time_s in marks_s]
    plane = []
    for curve, class_ in zip(drawn, _CLASSES, strict=False):
        for run in _runs(curve):
            shape = _range_path(run, curve, high, scale, SMALL_WIDTH)
            line = _line_path(run, curve, high, scale, SMALL_WIDTH)
            plane.append(svg.element("path", d=shape, class_="c-range"))
            plane.append(svg.element("path", d=line, class_=class_))
    pieces.append(svg.stretched(plane, width=SMALL_WIDTH, height=SMALL_HEIGHT))
    told = say("between {low} and {high}", low=_written(low, unit), high=_written(high, unit))
    return svg.chart(label, pieces, width=SMALL_WIDTH, height=SMALL_HEIGHT, description=told)


def small_axis(unit: str, curves: Sequence[Curve]) -> Svg:
    """Round values beside a small chart."""
    low, high = _span(curves, unit)
    scale = SMALL_HEIGHT / (high - low)
    pieces = [
        svg.text(_written(value, unit), x="100%", y=_label_y((high - value) * scale, SMALL_HEIGHT), text_anchor="end")
        for value in _round_levels(low, high, unit)
    ]
    return svg.chart("", pieces, width=AXIS_WIDTH, height=SMALL_HEIGHT, class_="axis")


def sample(second: bool) -> Svg:
    """A line of a legend: the first or the second of a chart."""
    return svg.line_sample(_CLASSES[second])


def _written(value: float, unit: str) -> str:
    return f"{words.number(value, 0 if unit else 2)}{unit if unit == '°' else ''}"


def _span(curves: Sequence[Curve], unit: str) -> tuple[float, float]:
    """Lowest and highest value of a small chart: all that was measured, with a margin."""
    low = min(value for curve in curves for value in curve.lowest if value is not None)
    high = max(value for curve in curves for value in curve.highest if value is not None)
    wanting = max(_LEAST_SPAN[unit] - (high - low), 0.0) / 2 + 0.04 * (high - low)
    return low - wanting, high + wanting


def _round_levels(low: float, high: float, unit: str) -> list[float]:
    steps = _LEVELS[unit]
    step = next((s for s in steps if floor(high / s) - ceil(low / s) < _MOST_LEVELS), steps[-1])
    return [i * step for i in range(ceil(low / step), floor(high / step) + 1)]


def _level(value: float, high: float, scale: float) -> str:
    y = (high - value) * scale
    return svg.element("line", x1="0%", x2="100%", y1=y, y2=y, class_="c-grid" if value else "c-zero")


def _label_y(y: float, height: float) -> float:
    """Baseline of a label for a line at `y`, inside the chart."""
    return min(max(y + 4, 9), height - 1)


def _halved(curve: Curve) -> Curve:
    """Every two steps as one: the range of both, and the middle between their medians."""
    pairs = range(0, len(curve.median), 2)
    return Curve(
        median=tuple(_middle(_known(curve.median[i : i + 2])) for i in pairs),
        lowest=tuple(min(_known(curve.lowest[i : i + 2]), default=None) for i in pairs),
        highest=tuple(max(_known(curve.highest[i : i + 2]), default=None) for i in pairs),
    )


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _middle(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
