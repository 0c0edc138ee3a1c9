"""The charts of a report. Each returns one SVG; sizes are pixels, see `svg`."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from math import inf

from posture.ergonomics import bands as iso11226
from posture.reports import svg, words
from posture.reports.schema import Curve, Histogram, MeasureSummary, PartSummary, Span, Timeline
from posture.reports.svg import Svg

BAR_WIDTH, STRIP_WIDTH, CURVE_WIDTH = 340, 525, 600
"""Widths of the charts where nothing stretches them: what a page of A4 leaves beside their labels."""
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_MOST_TICKS = 6
ANGLE_HEIGHT, AXIS_WIDTH, LABEL_HEIGHT = 110, 34, 12
Bands = Sequence[tuple[float, float, str]]
"""Zones of an angle: from, to, zone; degrees."""


def bands(part: str) -> Bands:
    """Zones of the angle that decides about `part`, from low to high."""
    edges, codes = iso11226.edges_of(part)
    limits = pairwise((-inf, *edges, inf))
    return [(a, b, iso11226.ZONES[code].value) for (a, b), code in zip(limits, codes, strict=True)]


def zone_bar(part: PartSummary, *, told: bool = True, width: float = BAR_WIDTH, height: float = 22) -> Svg:
    """Shares of the judged time in each zone as one bar; an empty dashed one where nothing is told of the part."""
    spent = [("acceptable", part.acceptable_s), ("conditional", part.conditional_s)]
    spent += [("not_recommended", part.not_recommended_s)]
    pieces, done = [], 0.0
    for zone, seconds in spent:
        if seconds and told:
            x, wide = svg.share(done, part.judged_s), svg.share(seconds, part.judged_s)
            pieces.append(svg.element("rect", x=x, width=wide, height=height, class_=svg.FILL[zone]))
        done += seconds
    if not pieces:
        box = svg.element("rect", x=0.5, y=0.5, width="99.8%", height=height - 1, class_=svg.FILL["unknown"])
        pieces.append(box)
    named = [f"{words.ZONES[zone]} {words.percent(s / part.judged_s)}" for zone, s in spent if s and told]
    return svg.chart(words.PARTS[part.part], pieces, width=width, height=height, description="; ".join(named))


def strip(part: str, spans: Sequence[Span], timeline: Timeline, *, height: float = 16) -> Svg:
    """Zones of one part over time."""
    length_s = timeline.end_s - timeline.start_s
    pieces = []
    for span in spans:
        x, wide = svg.share(span.start_s - timeline.start_s, length_s), svg.share(span.end_s - span.start_s, length_s)
        if span.zone == "unknown":
            end, middle = svg.share(span.end_s - timeline.start_s, length_s), height / 2
            pieces.append(svg.element("line", x1=x, x2=end, y1=middle, y2=middle, class_=svg.FILL["unknown"]))
        else:
            pieces.append(svg.element("rect", x=x, width=wide, height=height, class_=svg.FILL[span.zone]))
    title = f"{words.PARTS[part]}: zones over time"
    return svg.chart(title, pieces, width=STRIP_WIDTH, height=height)


def time_axis(timeline: Timeline, *, width: float) -> Svg:
    """Times under charts of the same width."""
    pieces = []
    for time_s in ticks(timeline.start_s, timeline.end_s):
        x = svg.share(time_s - timeline.start_s, timeline.end_s - timeline.start_s)
        pieces.append(svg.element("line", x1=x, x2=x, y1=0, y2=4, class_="c-grid"))
        anchor = "start" if x == "0%" else "middle"
        pieces.append(svg.text(words.clock(time_s), x=x, y=15, text_anchor=anchor))
    return svg.chart("", pieces, width=width, height=18)


def ticks(start_s: float, end_s: float) -> list[float]:
    """Round times between two times, at most seven."""
    step = next((s for s in _STEPS_S if (end_s - start_s) / s <= _MOST_TICKS), _STEPS_S[-1])
    first = -int(-start_s // step)
    margin_s = (end_s - start_s) * 0.03  # a label at the very end would be cut off
    return [i * step for i in range(first, int((end_s - margin_s) // step) + 1)]


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
    plane = [svg.element("path", d=_range_path(run, curve, high, scale), class_="c-range") for run in runs]
    plane += [svg.element("path", d=_line_path(run, curve, high, scale), class_="c-curve") for run in runs]
    pieces += [svg.stretched(plane, width=CURVE_WIDTH, height=height)] if plane else []
    known = [value for value in curve.median if value is not None]
    told = f"between {words.number(min(known))} and {words.number(max(known))} degrees" if known else "not measurable"
    return svg.chart(words.MEASURES[name][0], pieces, width=CURVE_WIDTH, height=height, description=told)


def angle_axis(curve: Curve, bands: Bands, *, height: float = ANGLE_HEIGHT, width: float = AXIS_WIDTH) -> Svg:
    """The limits of the zones, and zero, beside an angle chart; labels that would touch an earlier one are left out."""
    low, high = _extent(curve, bands)
    pieces: list[str] = []
    taken: list[float] = []
    for value in _levels(bands, low, high):
        y = (high - value) * height / (high - low)
        if all(abs(y - other) >= LABEL_HEIGHT for other in taken):
            pieces.append(
                svg.text(f"{words.number(value)}°", x="100%", y=min(max(y + 4, 9), height - 1), text_anchor="end")
            )
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
    return svg.text(words.ZONES[zone].lower(), x="99.3%", y=(high - b) * scale + 11, text_anchor="end")


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


def _line_path(run: range, curve: Curve, high: float, scale: float) -> str:
    step = CURVE_WIDTH / len(curve.median)
    points = [((i + 0.5) * step, (high - (curve.median[i] or 0.0)) * scale) for i in run]
    ends = [(run[0] * step, points[0][1]), *points, ((run[-1] + 1) * step, points[-1][1])]  # one step is a line too
    return svg.path(ends)


def _range_path(run: range, curve: Curve, high: float, scale: float) -> str:
    step = CURVE_WIDTH / len(curve.median)
    upper = [((i + 0.5) * step, (high - (curve.highest[i] or 0.0)) * scale) for i in run]
    lower = [((i + 0.5) * step, (high - (curve.lowest[i] or 0.0)) * scale) for i in reversed(run)]
    return svg.path([*upper, *lower], closed=True)


def histogram(measure: MeasureSummary, *, width: float = 200, height: float = 64) -> Svg:
    """Share of time for each value, with marks at P10, P50 and P90."""
    found = measure.histogram
    assert found is not None
    bins = len(found.seconds)
    most = max(max(found.seconds), 1e-9)
    floor = height - 14  # text below
    pieces = []
    for i, seconds in enumerate(found.seconds):
        tall = (floor - 10) * seconds / most
        place = {"x": svg.share(i + 0.06, bins), "width": svg.share(0.88, bins)}
        pieces.append(svg.element("rect", **place, y=floor - tall, height=tall, class_="c-bar"))
    pieces.append(svg.element("line", x1="0%", x2="100%", y1=floor, y2=floor, class_="c-grid"))
    pieces += [_mark(value, found, floor, tall) for value, tall in _marks(measure, floor)]
    pieces.append(svg.text(_edge(found, 0), x="0%", y=height - 2))
    pieces.append(svg.text(_edge(found, bins), x="100%", y=height - 2, text_anchor="end"))
    title = words.MEASURES[measure.name][0]
    return svg.chart(title, pieces, width=width, height=height, description="Distribution over the measurable time")


def _marks(measure: MeasureSummary, floor: float) -> list[tuple[float, float]]:
    found = [(measure.p10, 6.0), (measure.p50, floor), (measure.p90, 6.0)]
    return [(value, tall) for value, tall in found if value is not None]


def _mark(value: float, found: Histogram, floor: float, tall: float) -> str:
    x = svg.share(value - found.start, found.width * len(found.seconds))
    return svg.element("line", x1=x, x2=x, y1=floor - tall, y2=floor, class_="c-mark")


def _edge(found: Histogram, index: int) -> str:
    value = found.start + index * found.width
    return f"{words.number(value)}°" if found.width >= 1 else words.number(value, 2)
