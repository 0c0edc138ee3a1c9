"""What a workbook holds beside scores and frames: sections of rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from posture.reports import cover, review_page, words
from posture.reports import score_words as sw
from posture.reports.facts import Table, fact_tables
from posture.reports.language import Heads, say
from posture.reports.schema import PersonSummary, Summary
from posture.reports.score_page import joint_name, owas_rows

Cell = float | str | None

BANDS = Heads("Joint", "From, degrees", "To, degrees", "Points", "Time, s", "Share")
LEVELS = Heads("Score", "From score", "It asks for", "At least, s", "At most, s")
ORIGINS = Heads("Score", "Factor", "Measured", "Entered", "Overridden", "Open")
REPETITIONS = Heads("Measurement", "Above, degrees", "Back below, degrees", "Times", "Per minute", "Each takes, s",
                    "Peak, degrees")  # fmt: skip
MEASURES = Heads("Rank", "Where", "What to do", "Driver", "Figure")


@dataclass(frozen=True)
class Section:
    """A title, the heads of the columns, and rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    amount: int | None = None
    """Column of which each row has a share of the sum over the rows that begin alike; the share follows the row."""


def about(summary: Summary) -> Iterator[Section]:
    """Cover, quality of the data, source, engine, privacy; then what the figures rest on and cannot say."""
    yield Section(words.HEADINGS["cover"], (), cover.rows(summary))
    for table in fact_tables(summary):
        if table.caption != words.HEADINGS["settings"]:  # they have a sheet of their own
            yield _section(table)
    yield Section(words.HEADINGS["privacy_facts"], (), cover.privacy_rows(summary, "", 0))
    for heading in ("assumptions", "limits", "privacy"):
        yield Section(words.HEADINGS[heading], (), [("", text) for text in getattr(summary, heading)])


def review(summary: Summary) -> Iterator[Section]:
    """Whether it is final and who says so, what was changed by whom, and what that did."""
    return map(_section, review_page.tables(summary) or (review_page.signature(summary),))


def exposure(person: PersonSummary) -> Iterator[Section]:
    """Time in bands, action levels, origins, OWAS, repetition and what to do; only what there is."""
    found = (_bands(person), _levels(person), _origins(person), _owas(person), _repetitions(person), _measures(person))
    return (section for section in found if section.rows)


def _section(table: Table) -> Section:
    return Section(table.caption, table.columns if any(table.columns) else (), table.rows)


def _bands(person: PersonSummary) -> Section:
    joints = person.exposure.joints if person.exposure and person.enough else ()
    rows = [
        (joint_name(joint), band.from_deg, band.to_deg, band.points, band.seconds)
        for joint in joints
        if joint.measurable_s
        for band in joint.bands
    ]
    return Section(sw.HEADINGS["joints"], tuple(BANDS), rows, amount=4)


def _levels(person: PersonSummary) -> Section:
    rows = [
        (sw.title(score.method, score.side), level.lowest_score, say(level.text), level.at_least_s, level.at_most_s)
        for score in person.scores
        if score.method != "owas"
        for level in score.levels
    ]
    return Section(sw.HEADINGS["levels"], tuple(LEVELS), rows)


def _origins(person: PersonSummary) -> Section:
    rows = [
        (sw.title(score.method, score.side), sw.FACTORS[one.name],
         *(words.percent(share) for share in (one.measured, one.entered, one.overridden, one.assumed)))
        for score in person.scores
        for one in score.origins
    ]  # fmt: skip
    return Section(sw.HEADINGS["origins"], tuple(ORIGINS), rows)


def _owas(person: PersonSummary) -> Section:
    rows = tuple(owas_rows(person.owas)) if person.owas else ()
    return Section(sw.HEADINGS["owas"], tuple(sw.OWAS_TABLE), rows, amount=3)


def _repetitions(person: PersonSummary) -> Section:
    rows = [
        (words.MEASURES[one.measure][0], one.high_deg, one.low_deg, one.count, one.per_minute, one.median_duration_s,
         one.median_peak_deg)
        for one in person.repetitions
    ]  # fmt: skip
    return Section(words.HEADINGS["repetitions"], tuple(REPETITIONS), rows)


def _measures(person: PersonSummary) -> Section:
    rows = [(one.rank, sw.KINDS[one.kind], one.text, one.driver, one.evidence) for one in person.recommendations]
    return Section(words.HEADINGS["recommendations"], tuple(MEASURES), rows)
