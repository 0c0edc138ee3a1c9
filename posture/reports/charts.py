"""The charts of a report. Each returns one SVG; sizes are pixels, see `svg`."""

from collections.abc import Sequence

from posture.reports import svg, words
from posture.reports.language import say
from posture.reports.schema import Histogram, MeasureSummary, PartSummary, Span, Timeline
from posture.reports.svg import Svg

BAR_WIDTH, STRIP_WIDTH = 340, 525
"""Widths of the charts where nothing stretches them: what a page of A4 leaves beside their labels."""
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)


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
    title = say("{part}: zones over time", part=words.PARTS[part])
    return svg.chart(title, pieces, width=STRIP_WIDTH, height=height)


def time_axis(timeline: Timeline, *, width: float, most: int = 6) -> Svg:
    """Times under charts of the same width; about `most` of them."""
    pieces = []
    for time_s in ticks(timeline.start_s, timeline.end_s, most=most):
        x = svg.share(time_s - timeline.start_s, timeline.end_s - timeline.start_s)
        pieces.append(svg.element("line", x1=x, x2=x, y1=0, y2=4, class_="c-grid"))
        anchor = "start" if x == "0%" else "middle"
        pieces.append(svg.text(words.clock(time_s), x=x, y=15, text_anchor=anchor))
    return svg.chart("", pieces, width=width, height=18)


def ticks(start_s: float, end_s: float, *, most: int = 6) -> list[float]:
    """Round times between two times, at most `most` + 1."""
    step = next((s for s in _STEPS_S if (end_s - start_s) / s <= most), _STEPS_S[-1])
    first = -int(-start_s // step)
    margin_s = (end_s - start_s) * 0.03  # a label at the very end would be cut off
    return [i * step for i in range(first, int((end_s - margin_s) // step) + 1)]


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
    pieces.append(_total(found, floor))
    title = words.MEASURES[measure.name][0]
    return svg.chart(
        title, pieces, width=width, height=height, description=say("Distribution over the measurable time")
    )


def _total(found: Histogram, floor: float) -> str:
    """The share of the time at or below each value (CDF), from the floor to ten pixels below the top."""
    whole, done, points = sum(found.seconds) or 1.0, 0.0, [(0.0, floor)]
    for i, seconds in enumerate(found.seconds, 1):
        done += seconds
        points.append((100 * i / len(found.seconds), floor - (floor - 10) * done / whole))
    return svg.stretched([svg.element("path", d=svg.path(points), class_="c-total")], width=100, height=floor)


def _marks(measure: MeasureSummary, floor: float) -> list[tuple[float, float]]:
    found = [(measure.p10, 6.0), (measure.p50, floor), (measure.p90, 6.0)]
    return [(value, tall) for value, tall in found if value is not None]


def _mark(value: float, found: Histogram, floor: float, tall: float) -> str:
    x = svg.share(value - found.start, found.width * len(found.seconds))
    return svg.element("line", x1=x, x2=x, y1=floor - tall, y2=floor, class_="c-mark")


def _edge(found: Histogram, index: int) -> str:
    value = found.start + index * found.width
    return f"{words.number(value)}°" if found.width >= 1 else words.number(value, 2)
