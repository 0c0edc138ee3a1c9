"""What a report for reading shows, in order: texts, tables and charts, the same for HTML and PDF.

The templates only arrange this; they know no measurement and compute nothing.
"""

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO

from posture.data import PARTS
from posture.ergonomics.iso11226 import PART_MEASURES
from posture.reports import (
    angles,
    body_map,
    charts,
    cover,
    criteria_page,
    curves,
    json,
    review_page,
    score_page,
    score_words,
    statements,
    svg,
    two_views,
    words,
)
from posture.reports.facts import Table, fact_tables, lead, why_no_figures
from posture.reports.figure import figure, overlay
from posture.reports.findings import judged_enough
from posture.reports.language import say
from posture.reports.layout import Chapter, Entry, Measure, Page, Picture, Strip, Tile
from posture.reports.repetition import LONGEST_S
from posture.reports.schema import (
    HoldSummary,
    MeasureSummary,
    Moment,
    PartSummary,
    PersonSummary,
    Quality,
    Repetition,
    Summary,
    Timeline,
)
from posture.reports.score_page import blocks
from posture.reports.still import NO_STILLS, Still, Stills
from posture.reports.svg import Svg

TIMELINE_ROWS = 200
"""Most rows of the table beside the timeline; the CSV has every frame."""
_GRADE_ICONS = {"good": "good", "fair": "fair", "poor": "poor", "too_little": "none"}
_WEIGHT_ICONS = {"act": "poor", "watch": "fair", "fine": "good", "note": "none"}
_ZONE_ICONS = {"acceptable": "good", "conditional": "fair", "not_recommended": "poor", "unknown": "none"}


def page(summary: Summary, stills: Stills = NO_STILLS) -> Page:
    """Lay out a summary, with a picture for each moment that `stills` has one of."""
    several = len(summary.people) > 1
    return Page(
        language=summary.language,
        label=summary.label,
        stamp=cover.stamp(summary.cover),
        final=summary.status == "final",
        cover=_facts("cover", cover.rows(summary)),
        privacy_table=_facts("privacy_facts", cover.privacy_rows(summary, _sha256(summary), len(stills))),
        lead=lead(summary),
        notices=_notices(summary),
        words=dict(words.HEADINGS),
        zone_columns=tuple(words.ZONE_COLUMNS),
        legend=tuple((svg.swatch(zone), name) for zone, name in words.ZONES.items() if zone != "unknown"),
        sides=tuple((curves.sample(second), words.SIDES[second]) for second in (False, True)),
        chapters=tuple(_chapter(person, summary, stills, several=several) for person in summary.people),
        people=_people(summary.people) if several else None,
        glimpses=_glimpses(summary),
        review=review_page.tables(summary),
        facts=(*score_page.fact_tables(summary), *fact_tables(summary)),
        assumptions=summary.assumptions,
        limits=summary.limits,
        privacy=statements.privacy(named=_named(summary), pictures=True) if stills else summary.privacy,
        pictures=bool(stills),
    )


def _facts(heading: str, rows: Sequence[tuple[str, str]]) -> Table:
    return Table(words.HEADINGS[heading], tuple(words.FACTS_TABLE), tuple(rows))


def _sha256(summary: Summary) -> str:
    """Of the JSON report of the same summary."""
    written = BytesIO()
    json.write(summary, (), written)
    return sha256(written.getvalue()).hexdigest()


def _named(summary: Summary) -> bool:
    """Whether somebody gave names."""
    return (
        summary.review is not None
        or any(person.name for person in summary.people)
        or bool(summary.task and summary.task.entered_by)
    )


def _notices(summary: Summary) -> tuple[str, ...]:
    source = summary.source
    found = [say(words.DEMO)] if source.kind == "demo" else []
    if source.damage or source.truncated:
        found.append(words.damaged(words.damage(source)))
    if source.stopped_early:
        found.append(say(words.STOPPED))
    return tuple(filter(None, (*found, why_no_figures(summary))))


def _chapter(person: PersonSummary, summary: Summary, stills: Stills, *, several: bool) -> Chapter:
    timeline = person.timeline
    measured = [measure for measure in person.measures if measure.histogram]
    return Chapter(
        heading=person.name or words.person(person.person),
        lead=words.presence(person.first_s, person.last_s, person.present_s, person.judged_s),
        tiles=_tiles(person, summary.quality, several=several) if person.enough else (),
        rated=score_page.rated(person, person.grade),
        rated_columns=tuple(score_words.OVERVIEW_TABLE),
        recommendations=tuple(
            Measure(f"{one.rank}", score_words.KINDS[one.kind], one.text, f"{one.driver}: {one.evidence}")
            for one in person.recommendations
        ),
        body=body_map.body_map(person) if person.enough else Svg(),
        body_alt=body_map.told(person) if person.enough else "",
        findings=tuple(Entry(f.text, f.advice, _WEIGHT_ICONS[f.weight]) for f in person.findings),
        zones=tuple(_zone_strip(part, told=judged_enough(part, person.present_s)) for part in person.parts),
        zones_table=_zones_table(person.parts) if person.enough else None,
        strips=_strips(person),
        strips_axis=charts.time_axis(timeline, width=charts.STRIP_WIDTH) if timeline else Svg(),
        strips_table=_strips_table(person) if timeline else None,
        curves=angles.with_zones(person),
        curves_axis=charts.time_axis(timeline, width=curves.CURVE_WIDTH) if timeline else Svg(),
        others=angles.others(person),
        others_axis=_small_axis(timeline) if timeline else Svg(),
        histograms=tuple(_histogram(measure) for measure in measured),
        measures_table=_measures_table(measured) if person.enough else None,
        missing_table=_missing_table(person.measures) if person.enough else None,
        holds_table=_holds_table(person.holds) if person.holds else None,
        holds_note=words.holds_note(person.holds_found, len(person.holds)) if person.enough else "",
        repetitions_table=_repetitions_table(person.repetitions) if person.repetitions else None,
        repetitions_note=words.repetitions_note(LONGEST_S),
        pictures=tuple(_picture(moment, summary, stills.get(moment.time_s)) for moment in person.moments),
        pictures_note=words.moments_note(
            sum(moment.kind == "worst" for moment in person.moments), pictures=bool(stills)
        ),
        pictures_table=_pictures_table(person.moments) if person.moments else None,
        blocks=(*blocks(person), *criteria_page.blocks(person), *two_views.blocks(summary)),
    )


def _tiles(person: PersonSummary, quality: Quality, *, several: bool) -> tuple[Tile, ...]:
    grade = person.grade if several else quality.grade
    told = [part for part in person.parts if judged_enough(part, person.present_s)]
    share = person.judged_s / person.present_s if several and person.present_s else quality.judged_share
    seen = words.judged_share(share, len(told), len(person.parts), several=several)
    tiles = [Tile(words.HEADINGS["quality"], words.GRADES[grade], seen, _GRADE_ICONS[grade])]
    return (*tiles, *_outside_tile(told), _hold_tile(person.holds))


def _people(people: Sequence[PersonSummary]) -> Table:
    rows = []
    for person in people:
        told = [part for part in person.parts if judged_enough(part, person.present_s)]
        worst = max(told, key=_outside, default=None)
        outside = f"{words.PARTS[worst.part]} {words.percent(_outside(worst))}" if worst else "–"
        scores = (_highest(person, method) for method in ("rula", "reba"))
        who = person.name or words.person(person.person)
        rows.append((who, words.length(person.present_s), words.GRADES[person.grade], outside, *scores))
    return Table(words.HEADINGS["people"], tuple(words.PEOPLE_TABLE), tuple(rows), numeric=(1, 4, 5))


def _highest(person: PersonSummary, method: str) -> str:
    """P90 of the worse side."""
    found = [(score.p90_low, score.p90_high) for score in person.scores if score.method == method]
    return score_words.interval(*max(found)) if found else "–"


def _outside(part: PartSummary) -> float:
    """Share of the judged time outside the acceptable zone."""
    return (part.conditional_s + part.not_recommended_s) / part.judged_s


def _outside_tile(told: Sequence[PartSummary]) -> list[Tile]:
    if not told:
        return []
    worst = max(told, key=_outside)
    outside_s = worst.conditional_s + worst.not_recommended_s
    icon = "good" if not outside_s else "poor" if worst.not_recommended_s > worst.conditional_s else "fair"
    detail = words.outside(worst.part, worst.conditional_s, worst.not_recommended_s)
    if not outside_s:
        detail = words.all_acceptable([part.part for part in told])
    return [Tile(words.HEADINGS["outside"], words.percent(_outside(worst)), detail, icon)]


def _hold_tile(holds: Sequence[HoldSummary]) -> Tile:
    heading = words.HEADINGS["longest_hold"]
    if not holds:
        return Tile(heading, words.HEADINGS["none"], say(words.NO_HOLDS), "good")
    longest = max(holds, key=lambda hold: hold.duration_s)
    detail = words.hold_detail(longest.part, longest.angle_deg, longest.limit_s)
    return Tile(
        heading, words.length(longest.duration_s), detail, "fair" if longest.verdict == "within_limit" else "poor"
    )


def _zone_strip(part: PartSummary, *, told: bool) -> Strip:
    spent = (part.acceptable_s, part.conditional_s, part.not_recommended_s)
    cells = tuple(words.percent(s / part.judged_s) if told else "–" for s in spent)
    alt = f"{words.PARTS[part.part]}: {', '.join(cells)}"
    judged = words.judged(part.judged_s, part.not_judged_s, part.not_judged_reasons_s)
    return Strip(words.PARTS[part.part], charts.zone_bar(part, told=told), alt, cells, judged)


def _zones_table(parts: Sequence[PartSummary]) -> Table:
    rows = [
        (
            words.PARTS[part.part],
            *(words.length(s) for s in (part.acceptable_s, part.conditional_s, part.not_recommended_s)),
            words.length(part.judged_s),
            words.length(part.not_judged_s),
            words.reasons(part.not_judged_reasons_s),
        )
        for part in parts
    ]
    return Table(words.HEADINGS["zones_table"], tuple(words.ZONES_TABLE), tuple(rows), numeric=(1, 2, 3, 4, 5))


def _strips(person: PersonSummary) -> tuple[Strip, ...]:
    if person.timeline is None:
        return ()
    line = person.timeline
    return tuple(
        Strip(words.PARTS[part], charts.strip(part, line.zones[part], line), words.strip_alt(part)) for part in PARTS
    )


def _strips_table(person: PersonSummary) -> Table | None:
    assert person.timeline is not None
    spans = [(span, part) for part in PARTS for span in person.timeline.zones[part] if span.zone != "unknown"]
    longest = sorted(spans, key=lambda pair: pair[0].start_s - pair[0].end_s)[:TIMELINE_ROWS]
    rows = [
        (words.clock(span.start_s), words.clock(span.end_s), words.PARTS[part], words.ZONES[span.zone])
        for span, part in sorted(longest, key=lambda pair: (pair[0].start_s, PARTS.index(pair[1])))
    ]
    return Table(words.strips_caption(len(rows), len(spans)), tuple(words.STRIPS_TABLE), tuple(rows), numeric=(0, 1))


def _small_axis(timeline: Timeline) -> Svg:
    return charts.time_axis(timeline, width=curves.SMALL_WIDTH, most=curves.SMALL_TICKS)


def _histogram(measure: MeasureSummary) -> Strip:
    label, _ = words.MEASURES[measure.name]
    marks = tuple(_value(value, measure.name) for value in (measure.p10, measure.p50, measure.p90))
    return Strip(label, charts.histogram(measure), words.histogram_alt(label, marks), marks)


def _measures_table(measures: Sequence[MeasureSummary]) -> Table:
    rows = [
        (
            words.MEASURES[m.name][0],
            words.MEASURES[m.name][1],
            *(_value(value, m.name) for value in (m.lowest, m.p10, m.p50, m.p90, m.highest)),
            words.percent(m.measurable_share),
        )
        for m in measures
    ]
    return Table(words.HEADINGS["measures"], tuple(words.MEASURES_TABLE), tuple(rows), numeric=(2, 3, 4, 5, 6, 7))


def _missing_table(measures: Sequence[MeasureSummary]) -> Table | None:
    rows = [
        (words.MEASURES[m.name][0], words.percent(m.measurable_share), words.reasons(m.not_measurable_reasons_s))
        for m in measures
        if m.not_measurable_reasons_s
    ]
    return Table(words.HEADINGS["missing"], tuple(words.MISSING_TABLE), tuple(rows), numeric=(1,)) if rows else None


def _holds_table(holds: Sequence[HoldSummary]) -> Table:
    rows = [
        (
            words.PARTS[hold.part],
            words.clock(hold.start_s),
            words.length(hold.duration_s),
            f"{words.number(hold.angle_deg)}°",
            words.ZONES[hold.zone],
            words.length(hold.limit_s) if hold.limit_s else "–",
            words.VERDICTS[hold.verdict],
        )
        for hold in holds
    ]
    return Table(words.HEADINGS["holds"], tuple(words.HOLDS_TABLE), tuple(rows), numeric=(1, 2, 3, 5))


def _repetitions_table(repetitions: Sequence[Repetition]) -> Table:
    rows = [
        (
            words.MEASURES[found.measure][0],
            words.band(found.low_deg, found.high_deg),
            f"{found.count}",
            words.number(found.per_minute, 0 if found.per_minute >= 10 else 1),
            words.length(found.median_duration_s),
            f"{words.number(found.median_peak_deg)}°",
            words.times([movement.peak_s for movement in found.movements], found.count),
        )
        for found in repetitions
    ]
    return Table(words.HEADINGS["repetitions"], tuple(words.REPETITIONS_TABLE), tuple(rows), numeric=(2, 3, 4, 5))


def _picture(moment: Moment, summary: Summary, still: Still | None) -> Picture:
    order = list(_ZONE_ICONS)
    zones = [zone for zone in moment.zones.values() if zone != "unknown"]
    worst = max(zones, key=order.index, default="unknown")
    lines = [
        words.part_at(part, _value(moment.values[angle], angle), moment.zones[part])
        for part, angle in PART_MEASURES.items()
        if moment.zones[part] != "unknown"
    ]
    heading = words.moment(moment.kind, moment.time_s)
    drawn = overlay(moment, summary.bones, still) if still else figure(moment, summary.bones)
    alt = words.figure_alt(moment.time_s, picture=still is not None)
    return Picture(heading, drawn, alt, _ZONE_ICONS[worst], tuple(lines))


def _pictures_table(moments: Sequence[Moment]) -> Table:
    columns = ("", *(words.moment_column(m.kind, m.time_s) for m in moments))
    rows = [
        (label, *(_value(m.values[name], name) for m in moments))
        for name, (label, _) in words.MEASURES.items()
        if any(m.values[name] is not None for m in moments)
    ]
    return Table(words.HEADINGS["moments_table"], columns, tuple(rows), numeric=tuple(range(1, len(columns))))


def _glimpses(summary: Summary) -> Table | None:
    rows = [
        (words.person(g.person), words.clock(g.first_s), words.clock(g.last_s), words.length(g.present_s))
        for g in summary.glimpses
    ]
    return (
        Table(words.HEADINGS["glimpses"], tuple(words.GLIMPSES_TABLE), tuple(rows), numeric=(1, 2, 3)) if rows else None
    )


def _value(value: float | None, name: str) -> str:
    if value is None:
        return "–"
    return f"{words.number(value)}°" if name.endswith("_deg") else words.number(value, 2)
