"""XLSX with live formulas: whoever doubts a figure changes a cell and sees what follows.

    Summary     what was analysed, how good the data are, and each person's scores
    Zones       time in the zones of ISO 11226, summed over the sheet Frames
    Worksheets  each score's worst moment: points of each part, every table looked up by formula, and a column that is
                free for a reviewer's points
    Tables      the tables that the worksheets look into
    Angles, Holds, Criteria (what ISO 11226 asks for beside inclinations, and support)
    Exposure    time in bands and at action levels, OWAS, repetition, what the scores rest on, what to do
    Review      draft or final, who says so, and every change by a person
    About       cover, quality of the data, source, engine, limits, privacy
    Settings
    Frames      the rows of the CSV, whose names and fixed words no language changes

No author, no time of day: the same input gives the same bytes. Rows go to the file as they come, through private
temporary files that are gone afterwards, so that memory does not grow.
"""

import math
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from posture.reports import cover, criteria_page, csv, sheet_sections, words
from posture.reports import score_words as sw
from posture.reports.facts import why_no_figures
from posture.reports.language import Heads, say, speaking
from posture.reports.schema import PersonSummary, Summary
from posture.reports.score_schema import PartShown, StepShown
from posture.reports.sheet_sections import Section
from posture.reports.sheet_tables import Looked, looked_up, tables_of
from posture.reports.still import NO_STILLS, Stills
from posture.reports.table import Row

MOST_ROWS = 1_048_576
"""Of a sheet (Microsoft, "Excel specifications and limits"). Further frames are left out, and sums are then values."""
_EPOCH = datetime(1980, 1, 1)  # the earliest time of a ZIP archive: says nothing
_ZONES = ("acceptable", "conditional", "not_recommended")
_WIDE, _NARROW = 36, 14
_LINE_HEIGHT = 15  # points
_HEAD = {"bold": True, "font_color": "#ffffff", "bg_color": "#16191d", "text_wrap": True, "valign": "top"}


class _Formats(NamedTuple):
    """How cells look."""

    head: Any
    title: Any
    fact: Any
    seconds: Any
    share: Any
    degrees: Any
    ratio: Any
    wrapped: Any
    yours: Any
    result: Any


class _Book:
    """The workbook, its formats, and where its next row goes on each sheet."""

    def __init__(self, out: BinaryIO, folder: str) -> None:
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(out, options)
        self.book.set_properties({"title": say("Posture report"), "created": _EPOCH})
        self.book.set_calc_mode("auto")
        add = self.book.add_format
        self.looks = _Formats(
            add(_HEAD), add({"bold": True, "font_size": 13}), add({"align": "left"}),
            add({"num_format": "0.0"}), add({"num_format": "0%", "valign": "top"}), add({"num_format": "0.0"}),
            add({"num_format": "0.00"}), add({"text_wrap": True, "valign": "top"}),
            add({"bg_color": "#fff3cc", "locked": False, "border": 1}), add({"bold": True, "top": 1}),
        )  # fmt: skip
        self._rows: dict[str, int] = {}
        self._widths: dict[str, Sequence[float]] = {}

    def sheet(self, name: str, widths: Sequence[float], *, header: Sequence[str] = ()) -> Worksheet:
        """A new sheet with columns of these widths, the last for all that follow."""
        sheet = self.book.add_worksheet(name)
        self._rows[name], self._widths[name] = 0, widths
        for column, width in enumerate(widths):
            sheet.set_column(column, 200 if column == len(widths) - 1 else column, width)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        if header:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            self.add(sheet, header, self.looks.head)
        return sheet

    def rows(self, sheet: Worksheet) -> int:
        """How many rows a sheet has."""
        return self._rows[sheet.name]

    def add(self, sheet: Worksheet, cells: Sequence[object], look: Any = None) -> int:  # noqa: ANN401 - a format
        """Write a row below the last one; its number from 0. None and NaN are empty cells."""
        row = self._rows[sheet.name]
        self._rows[sheet.name] += 1
        if look in (self.looks.head, self.looks.wrapped):
            sheet.set_row(row, _LINE_HEIGHT * self._lines(sheet.name, cells) + 2)
        for column, value in enumerate(cells):
            self.put(sheet, row, column, value, look)
        return row

    def _lines(self, name: str, cells: Sequence[object]) -> int:
        """Of the highest cell. Text breaks between words, so a tenth of a line is taken to be lost."""
        widths = self._widths[name]
        at_column = (widths[min(column, len(widths) - 1)] for column in range(len(cells)))
        lines = (math.ceil(len(str(cell)) / (0.9 * width)) for cell, width in zip(cells, at_column, strict=True))
        return max(1, *lines, 1)

    def put(self, sheet: Worksheet, row: int, column: int, value: object, look: Any = None) -> None:  # noqa: ANN401
        """Write one cell of the row in hand."""
        if isinstance(value, _Formula):
            sheet.write_formula(row, column, value.text, look or value.look, value.value)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, look)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, look)
        elif isinstance(value, int | float) and math.isfinite(value):
            sheet.write_number(row, column, value, look)
        elif look is not None:
            sheet.write_blank(row, column, None, look)


class _Formula(NamedTuple):
    """A formula, what it gives here, and how that looks."""

    text: str
    value: float | str
    look: Any = None


def write(summary: Summary, rows: Iterable[Row], out: BinaryIO, stills: Stills = NO_STILLS) -> None:
    """Write the workbook. No text becomes a formula, whatever it says."""
    del stills
    with speaking(summary.language):
        _write(summary, rows, out)


def _write(summary: Summary, rows: Iterable[Row], out: BinaryIO) -> None:
    name = getattr(out, "name", None)
    beside = Path(name).parent if isinstance(name, str | Path) else None  # never in a folder of the system
    with tempfile.TemporaryDirectory(prefix=".posture-", dir=beside) as folder:
        book = _Book(out, folder)
        sheets = {
            "Summary": book.sheet(say("Summary"), (_WIDE, 22, _NARROW)),
            "Zones": book.sheet(say("Zones"), (10, 18, _NARROW), header=_ZONE_HEADER),
            "Worksheets": book.sheet(say("Worksheets"), (_WIDE, _NARROW)),
            "Tables": book.sheet(say("Tables"), (24, _NARROW)),
            "Angles": book.sheet(say("Angles"), (10, 30, _NARROW), header=_ANGLE_HEADER),
            "Holds": book.sheet(say("Holds"), (10, 18, _NARROW), header=_HOLD_HEADER),
            "Criteria": book.sheet(say("Criteria"), (10, 34, _NARROW), header=_CRITERIA_HEADER),
            "Exposure": book.sheet(say("Exposure"), (26, 34, 40, 24, 24, _NARROW)),
            "Review": book.sheet(say("Review"), (26, 20, 32)),
            "About": book.sheet(say("About"), (_WIDE, 110)),
            "Settings": book.sheet(say("Settings"), (_WIDE, _WIDE), header=(say("Setting"), say("Value"))),
            "Frames": book.sheet(say("Frames"), (_NARROW,), header=csv.header()),
        }
        last = _frames(book, sheets["Frames"], rows)
        places = tables_of(summary)
        for row in places.rows:
            book.add(sheets["Tables"], row, book.looks.title if len(row) == 1 else None)
        _summary(book, sheets["Summary"], summary)
        for person in summary.people:
            _zones(book, sheets["Zones"], person, last)
            _angles(book, sheets["Angles"], person)
            _holds(book, sheets["Holds"], person)
            _criteria(book, sheets["Criteria"], person)
            _worksheets(book, sheets["Worksheets"], person, places.looked)
            for section in sheet_sections.exposure(person):
                title = f"{_who(person)}: {section.title}"
                _section(book, sheets["Exposure"], section, title)
        for name, sections in (("Review", sheet_sections.review(summary)), ("About", sheet_sections.about(summary))):
            for section in sections:
                _section(book, sheets[name], section, section.title)
        for name in ("Zones", "Worksheets", "Tables", "Angles", "Holds", "Criteria", "Exposure"):
            if book.rows(sheets[name]) <= 1:  # nothing, or the heads of the columns
                book.add(sheets[name], [why_no_figures(summary) or say(words.NONE_OF_IT)])
        for name, value in summary.settings.items():
            book.add(sheets["Settings"], (name, value))
        book.book.close()


def _frames(book: _Book, sheet: Worksheet, rows: Iterable[Row]) -> int | None:
    """Number of the last row as a spreadsheet counts; None where not all of them have room."""
    number = 1
    for row in rows:
        if number == MOST_ROWS:
            return None
        book.add(sheet, csv.cells(row))
        number += 1
    sheet.autofilter(0, 0, number - 1, len(csv.header()) - 1)
    return number


def _summary(book: _Book, sheet: Worksheet, summary: Summary) -> None:
    quality, source = summary.quality, summary.source
    book.add(sheet, [summary.label or say("Posture report")], book.looks.title)
    facts: tuple[tuple[str, object], ...] = (
        (say("Status"), cover.stamp(summary.cover)),
        (say("Source, SHA-256"), source.sha256 or say(words.DEMO)),
        (say("Analysed from, s"), round(source.analysed_from_s, 1)),
        (say("Analysed to, s"), round(source.analysed_to_s, 1)),
        (say("Frames analysed"), quality.frames_analysed),
        (say("Frames with a person"), quality.frames_with_person),
        (say("Share of time judged"), words.percent(quality.judged_share)),
        (say("Data"), words.GRADES[quality.grade]),
        (say("Damage"), words.damage(source) or say("none")),
        (say("Program"), summary.engine.program_version),
        (say("Model"), summary.engine.model),
        (say("Model, SHA-256"), summary.engine.model_sha256),
    )
    for name, value in facts:
        book.put(sheet, book.add(sheet, [name]), 1, value, book.looks.fact)
    book.add(sheet, ())
    book.add(sheet, _SCORE_HEADER, book.looks.head)
    for person in summary.people:
        for score in person.scores:
            book.add(
                sheet,
                (
                    f"{_who(person)}: {sw.title(score.method, score.side)}",
                    round(score.scored_s, 1), round(score.not_scored_s, 1), score.p50_low, score.p50_high,
                    score.p90_low, score.p90_high, score.peak_low, score.peak_high,
                ),
            )  # fmt: skip
    book.add(sheet, ())
    book.add(sheet, summary.limits[:1])


def _section(book: _Book, sheet: Worksheet, section: Section, title: str) -> None:
    """A title and rows below it; where there is an amount, its share within the rows that begin alike, live."""
    book.add(sheet, [title], book.looks.title)
    if section.heads:
        book.add(sheet, section.heads, book.looks.head)
    first, at = book.rows(sheet) + 1, section.amount  # as a spreadsheet counts
    last = book.rows(sheet) + len(section.rows)
    rows = [[round(cell, 2) if isinstance(cell, float) else cell for cell in row] for row in section.rows]
    for row in rows:
        number = book.add(sheet, row, book.looks.wrapped)
        if at is not None:
            amount, whole = row[at], sum(float(other[at] or 0) for other in rows if other[0] == row[0])
            letter = xl_col_to_name(at)
            alike = f"SUMIFS({letter}${first}:{letter}${last},A${first}:A${last},A{number + 1})"
            share = float(amount or 0) / whole if whole else ""
            text = f'=IF({alike}>0,{letter}{number + 1}/{alike},"")'
            book.put(sheet, number, len(row), _Formula(text, share, book.looks.share))
    book.add(sheet, ())


_SCORE_HEADER = Heads(
    "Person and method", "Scored, s", "Not scored, s", "P50 lowest", "P50 highest", "P90 lowest", "P90 highest",
    "Peak lowest", "Peak highest",
)  # fmt: skip
_ZONE_HEADER = Heads(
    "Person", "Part", "Acceptable, s", "Conditional, s", "Not recommended, s", "Judged, s", "Not judged, s",
    "Not recommended, share of judged", "Sum of zones = judged",
)  # fmt: skip
_ANGLE_HEADER = Heads("Person", "Measurement", "Unit", "Measurable, s", "Lowest", "P10", "P50", "P90", "Highest")
_STEP_HEADER = Heads("Part or step", "Lowest", "Highest", "Yours", "How")
_HOLD_HEADER = Heads("Person", "Part", "Zone", "Start, s", "Duration, s", "Angle, degrees", "Limit, s", "Verdict")
_CRITERIA_HEADER = Heads(
    "Person", "Asked for", "From, degrees", "To, degrees", "Met, s", "Not met, s", "Not judged, s", "Does not sit, s",
    "Held over 4 s, times", "Longest, s", "Why not",
)  # fmt: skip


def _zones(book: _Book, sheet: Worksheet, person: PersonSummary, last: int | None) -> None:
    """Time of each part in each zone: sums over Frames, or values where Frames holds not all."""
    look, yes, no = book.looks.seconds, say("yes"), say("no")
    columns = {name: xl_col_to_name(i) for i, name in enumerate(csv.header())}

    def over(column: str) -> str:
        letter = columns[column]
        return f"{say('Frames')}!${letter}$2:${letter}${last}"

    for part in person.parts:
        known = {"acceptable": part.acceptable_s, "conditional": part.conditional_s}
        known |= {"not_recommended": part.not_recommended_s}
        mine = f"{over('duration_s')},{over('person')},{person.person}" if last else ""
        sums: list[object] = [
            _Formula(f'=SUMIFS({mine},{over(f"{part.part}_zone")},"{zone}")', known[zone], look)
            if last
            else known[zone]
            for zone in _ZONES
        ]
        row = book.add(sheet, (_who(person), words.PARTS[part.part], *sums))
        cell = {name: xl_rowcol_to_cell(row, 2 + i) for i, name in enumerate((*_ZONES, "judged", "not"))}
        judged = f"SUM({cell['acceptable']}:{cell['not_recommended']})"
        share = part.not_recommended_s / part.judged_s if part.judged_s else ""
        for column, formula in enumerate(
            (
                _Formula(f"={judged}", part.judged_s, look),
                _Formula(f"=SUMIFS({mine})-{cell['judged']}", part.not_judged_s, look) if last else part.not_judged_s,
                _Formula(
                    f'=IF({cell["judged"]}>0,{cell["not_recommended"]}/{cell["judged"]},"")', share, book.looks.share
                ),
                _Formula(f'=IF(ABS({cell["judged"]}-{part.judged_s})<0.001,"{yes}","{no}")', yes),
            ),
            5,
        ):
            book.put(sheet, row, column, formula)


def _angles(book: _Book, sheet: Worksheet, person: PersonSummary) -> None:
    for measure in person.measures:
        unit = say("degrees") if measure.name.endswith("_deg") else say("ratio")
        values = (measure.lowest, measure.p10, measure.p50, measure.p90, measure.highest)
        facts = (_who(person), words.MEASURES[measure.name][0], unit, measure.measurable_s)
        book.add(sheet, (*facts, *values), book.looks.degrees if measure.name.endswith("_deg") else book.looks.ratio)


def _who(person: PersonSummary) -> str:
    return person.name or words.person(person.person)


def _holds(book: _Book, sheet: Worksheet, person: PersonSummary) -> None:
    if person.enough and not person.holds:
        book.add(sheet, [f"{_who(person)}: {say(words.NO_HOLDS)}"])
    for hold in person.holds:
        facts = (hold.start_s, hold.duration_s, hold.angle_deg, hold.limit_s, words.VERDICTS[hold.verdict])
        zone = words.ZONES[hold.zone]
        book.add(sheet, (_who(person), words.PARTS[hold.part], zone, *facts), book.looks.degrees)


def _criteria(book: _Book, sheet: Worksheet, person: PersonSummary) -> None:
    """The criteria, then the supports: supported is met."""
    who = _who(person)
    for one in person.criteria:
        times = (one.met_s, one.not_met_s, one.not_judged_s, one.beside_s)
        name = sw.sided(criteria_page.CRITERIA[one.name], one.side)
        why = words.reasons(one.not_judged_reasons_s)
        book.add(sheet, (who, name, one.from_deg, one.to_deg, *times, one.held, one.longest_s, why))
    for support in person.support:
        name = sw.sided(sw.FACTORS[support.name], support.side)
        book.add(sheet, (who, name, None, None, support.supported_s, support.not_supported_s, support.not_entered_s))


def _worksheets(book: _Book, sheet: Worksheet, person: PersonSummary, looked: Looked) -> None:
    """The worst moment of each score, redone by formulas at its lowest end, at its highest, and with own points."""
    looks = book.looks
    if person.scores:
        book.add(sheet, [say("Write your own points into the coloured cells: the column below them follows.")])
        book.add(sheet, ())
    for score in person.scores:
        worst = score.worst
        told = {"who": _who(person), "score": sw.title(score.method, score.side)}
        told |= {"time": words.number(worst.time_s, 2)}
        book.add(sheet, [say("{who}: {score}, worst moment at {time} s", **told)], looks.title)
        book.add(sheet, _STEP_HEADER, looks.head)
        at: dict[str, int] = {}
        for part in worst.parts:
            low, high = (_point(part, worst.steps, end) for end in ("low", "high"))
            at[part.name] = row = book.add(sheet, (sw.PARTS[part.name], low, high))
            book.put(sheet, row, 3, low, looks.yours)
        for step in worst.steps:
            row = book.add(sheet, [sw.PARTS[step.name]], looks.result)
            for column, value in ((1, step.low), (2, step.high), (3, step.low)):
                letter = xl_col_to_name(column)
                cells = {name: f"{letter}{place + 1}" for name, place in at.items()}
                formula = looked_up(score.method, step, cells, looked)
                book.put(sheet, row, column, _Formula(formula, value), looks.result)
            how = (
                say("looked up in {table}", table=sw.PARTS.get(step.table, say("Table"))) if step.table else say("sum")
            )
            book.put(sheet, row, 4, f"  {how}")
            at[step.name] = row
        book.add(sheet, ())
    if not person.scores:
        book.add(sheet, [say("{who}: no score could be made", who=_who(person))])


def _point(part: PartShown, steps: Sequence[StepShown], end: str) -> int:
    """The points of a part with which a score ends lowest or highest: of a code, not the lowest or highest code."""
    used = (getattr(step, f"{end}_at") for step in steps)
    return int(next((at[part.name] for at in used if part.name in at), getattr(part, end)))
