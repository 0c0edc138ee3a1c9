import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import PARTS, Zone
from posture.ergonomics.iso11226 import zone_of
from posture.reports import charts, curves, svg
from posture.reports.figure import figure
from posture.reports.node import Curve
from posture.reports.schema import Moment, PartSummary, Timeline
from posture.skeleton import BLAZEPOSE_33

BONES = tuple((BLAZEPOSE_33.index[a], BLAZEPOSE_33.index[b]) for a, b in BLAZEPOSE_33.bones)


def part_of(**seconds: float) -> PartSummary:
    spent = {"acceptable_s": 0.0, "conditional_s": 0.0, "not_recommended_s": 0.0} | seconds
    return PartSummary(
        part="trunk", measure="trunk_inclination_deg", judged_s=sum(spent.values()), not_judged_s=0.0,
        not_judged_reasons_s={}, longest_hold_s=0.0, holds_too_long=0, **spent,
    )  # fmt: skip


def test_zone_bar_is_divided_as_the_time_is():
    bar = ElementTree.fromstring(charts.zone_bar(part_of(acceptable_s=30.0, conditional_s=10.0)))
    rects = [(r.get("x"), r.get("width"), r.get("class")) for r in bar.iter("{http://www.w3.org/2000/svg}rect")]
    assert rects == [("0%", "75%", "z-acceptable"), ("75%", "25%", "z-conditional")]


def test_zone_bar_of_nothing_is_no_blank():
    assert "z-unknown" in charts.zone_bar(part_of())


@pytest.mark.parametrize("part", PARTS)
def test_shaded_bands_are_the_zones_that_are_judged(part):
    for low, high, zone in curves.bands(part):
        inside = max(low, -200.0) / 2 + min(high, 200.0) / 2
        assert zone_of(part, inside) == Zone(zone)


@given(st.floats(0, 1e5), st.floats(0.1, 1e5))
def test_ticks_are_few_in_order_and_inside(start_s, length_s):
    found = charts.ticks(start_s, start_s + length_s)
    assert len(found) <= 7
    assert all(a < b for a, b in pairwise(found))
    assert all(start_s <= time_s <= start_s + length_s for time_s in found)


def test_curve_breaks_where_nothing_was_measured():
    values = (1.0, 2.0, None, None, 5.0, 6.0)
    curve = Curve(median=values, lowest=values, highest=values)
    line = Timeline(start_s=0.0, end_s=6.0, step_s=1.0, zones={}, curves={})
    chart = curves.angle_chart("trunk_inclination_deg", curve, curves.bands("trunk"), line)
    assert chart.count('class="c-curve"') == 2


def test_small_chart_has_a_second_line_and_round_levels():
    left = Curve(median=(10.0, 52.0, 98.0), lowest=(8.0, 50.0, 95.0), highest=(12.0, 55.0, 101.0))
    right = Curve(median=(11.0, None, 90.0), lowest=(11.0, None, 90.0), highest=(11.0, None, 90.0))
    line = Timeline(start_s=0.0, end_s=3.0, step_s=1.0, zones={}, curves={})
    chart = curves.small_chart("Knee flexion", "°", [left, right], line)
    assert chart.count('class="c-curve"') == 1
    assert chart.count('class="c-curve c-second"') == 2  # it breaks where nothing was measured
    labels = [text.text for text in ElementTree.fromstring(curves.small_axis("°", [left, right])).iter() if text.text]
    assert labels == ["30°", "60°", "90°"]


def test_small_chart_of_an_hour_keeps_its_extremes():
    """Two steps are drawn as one, so a single high step is still inside the range that is drawn."""
    median = tuple([10.0] * 480)
    highest = (*median[:100], 90.0, *median[101:])
    curve = Curve(median=median, lowest=median, highest=highest)
    line = Timeline(start_s=0.0, end_s=3600.0, step_s=7.5, zones={}, curves={})
    chart = ElementTree.fromstring(curves.small_chart("Head tilt", "°", [curve], line))
    shade = next(path for path in chart.iter("{http://www.w3.org/2000/svg}path") if path.get("class") == "c-range")
    points = re.findall(r"([\d.]+) ([\d.]+)", shade.get("d"))
    assert len(points) == 2 * 240
    assert [float(x) for x, y in points if float(y) < 10] == [pytest.approx(50.5 * curves.SMALL_WIDTH / 240, abs=0.1)]


def test_small_chart_does_not_blow_up_noise():
    still = Curve(median=(3.0, 3.4), lowest=(3.0, 3.4), highest=(3.0, 3.4))
    labels = [text.text for text in ElementTree.fromstring(curves.small_axis("°", [still])).iter() if text.text]
    assert labels == ["10°", "5°", "0°", "−5°"][::-1]


def test_curve_of_nothing():
    nothing = Curve(median=(None,), lowest=(None,), highest=(None,))
    line = Timeline(start_s=0.0, end_s=1.0, step_s=1.0, zones={}, curves={})
    chart = curves.angle_chart("trunk_inclination_deg", nothing, curves.bands("trunk"), line)
    assert "not measurable" in chart


def moment(points) -> Moment:
    return Moment(
        kind="worst", time_s=1.0, frame_index=0, view="front", zones={}, values={}, reasons={}, keypoints=tuple(points)
    )


def test_figure_lies_inside_its_square_and_leaves_out_what_was_not_seen(make):
    points = [(x, y, 0.9 if y < 720 else 0.05) for x, y, _ in make.keypoints(0.1, 0.0).tolist()]
    drawn = ElementTree.fromstring(figure(moment(points), BONES, size=180))
    circles = list(drawn.iter("{http://www.w3.org/2000/svg}circle"))
    assert all(0 <= float(c.get("cx")) <= 180 and 0 <= float(c.get("cy")) <= 180 for c in circles)
    assert len(circles) == 2 + 6  # eyes, shoulders, elbows, wrists; hips and legs are below the picture
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}ellipse"))) == 1


@given(
    st.lists(
        st.tuples(st.none() | st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.floats(0, 1)), min_size=33, max_size=33
    )
)
def test_figure_of_anything_is_sound(points):
    ElementTree.fromstring(figure(moment(points), BONES))


def test_text_from_outside_is_escaped():
    assert svg.text("<b>&", x=1) == '<text x="1" class="c-label">&lt;b&gt;&amp;</text>'
    assert 'title="&quot;&gt;"' in svg.element("g", title='">')


def test_embedded_carries_its_colours():
    chart = svg.embedded(charts.zone_bar(part_of(acceptable_s=1.0)))
    assert svg.LIGHT["good"] in chart
    assert "var(" not in chart
    ElementTree.fromstring(chart)
