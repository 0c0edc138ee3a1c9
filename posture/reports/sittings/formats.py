"""The formats of a report of live sittings."""

import csv
import hashlib
import io
from collections import Counter
from datetime import datetime
from typing import BinaryIO

import msgspec

from posture.reports import cover, html, pdf, svg, words
from posture.reports.facts import Table
from posture.reports.language import say, speaking
from posture.reports.layout import Chapter, Page, Strip, Tile
from posture.reports.schema import Cover
from posture.reports.score_page import Block
from posture.reports.sittings import words as lw
from posture.reports.sittings.schema import SatDay, SittingsReport
from posture.reports.svg import Svg

FORMATS = ("html", "pdf", "xlsx", "csv", "json")
COLUMNS = ("day", "good_s", "poor_s", "sat_s", "longest_sitting_s", "breaks", "reminders")
_WIDTH, _HEIGHT = 525.0, 16.0
_EPOCH = datetime(1980, 1, 1)  # the earliest time of a ZIP archive: says nothing
_GOOD, _FAIR = 80.0, 60.0
"""Scores from which on a day is good or fair; a choice of this program."""


def write(report: SittingsReport, name: str, out: BinaryIO) -> None:
    """Write in the format `name`, one of `FORMATS`. Same input, same bytes."""
    with speaking(report.language):
        match name:
            case "json":
                out.write(encoded(report))
            case "csv":
                out.write(_csv(report).encode())
            case "xlsx":
                _xlsx(report, out)
            case "html":
                html.render(page(report), out)
            case _:
                pdf.render(page(report), out)


def encoded(report: SittingsReport) -> bytes:
    """The JSON file."""
    return msgspec.json.format(msgspec.json.encode(report, order="sorted"), indent=2) + b"\n"


def page(report: SittingsReport) -> Page:
    """Lay it out, in the language that is spoken."""
    about = [(say("What"), lw.TITLES[report.preset]), (say("Program"), f"posture {report.program_version}")]
    digest = hashlib.sha256(encoded(report)).hexdigest()
    held = ((say("Pictures"), say("none")), (say("SHA-256 of the same report as JSON"), digest))
    shut = dict.fromkeys(why for day in report.days for why in day.shut)
    notices = [lw.SHUT[why] for why in shut]
    if not report.enough:
        notices.append(lw.too_little(report.judged_s))
    heads = {"report": lw.TEXTS["report"], "timeline": lw.TEXTS["days"], "timeline_note": lw.TEXTS["score_note"]}
    return Page(
        language=report.language,
        label="",
        stamp=cover.stamp(Cover(reviewer=report.reviewer, reviewed_on=report.reviewed_on)),
        final=bool(report.reviewer),
        cover=Table(lw.TEXTS["about"], tuple(words.FACTS_TABLE), tuple(about)),
        privacy_table=Table(words.HEADINGS["privacy_facts"], tuple(words.FACTS_TABLE), held),
        lead=lw.lead(report),
        words=dict(words.HEADINGS) | heads,
        chapters=(_chapter(report),),
        limits=tuple(map(say, lw.LIMITS)),
        privacy=tuple(map(say, lw.HOLDS)),
        notices=tuple(notices),
    )


def _chapter(report: SittingsReport) -> Chapter:
    several = [day for day in report.days if day.seconds] if len(report.days) > 1 else []
    return Chapter(
        heading=lw.TITLES[report.preset],
        lead=lw.lead(report),
        tiles=_tiles(report) if report.enough else (),
        blocks=tuple(_blocks(report)),
        strips=tuple(_strip(day) for day in several),
        strips_axis=_axis() if several else svg.NOTHING,
    )


def _tiles(report: SittingsReport) -> tuple[Tile, ...]:
    good_s = sum(day.good_s for day in report.days)
    score = 100 * good_s / report.judged_s
    icon = "good" if score >= _GOOD else "fair" if score >= _FAIR else "poor"
    text = say("{good} well, {poor} poorly", good=words.length(good_s), poor=words.length(report.judged_s - good_s))
    longest = max(day.longest_sitting_s for day in report.days)
    breaks = sum(day.breaks for day in report.days)
    reminded = say("{count} reminders", count=sum(day.reminders for day in report.days))
    rested = say("{count} breaks of at least 5 min", count=breaks)
    return (
        Tile(lw.TEXTS["score"], lw.score(score), text, icon),
        Tile(lw.TEXTS["longest"], words.length(longest), rested, "good" if longest <= 3600 else "fair"),
        Tile(lw.TEXTS["desk"], words.length(sum(day.sat_s for day in report.days)), reminded, "none"),
    )


def _blocks(report: SittingsReport) -> list[Block]:
    spent: Counter[str] = Counter()
    doubts: Counter[str] = Counter()
    for day in report.days:
        spent.update(day.seconds)
        doubts.update(day.doubts)
    if not spent:
        return [Block(lw.TEXTS["states"], lw.TEXTS["nothing"], level=2)]
    whole = sum(spent.values()) or 1.0
    order = [state for state in lw.STATES if spent[state] > 0]
    rows = tuple((lw.STATES[s], words.length(spent[s]), words.percent(spent[s] / whole)) for s in order)
    found = [_block("states", Table(lw.TEXTS["states"], tuple(lw.STATE_HEADS), rows, numeric=(1, 2)))]
    if doubts:
        why = tuple(
            (lw.DOUBTS[one], words.length(lasted), words.percent(lasted / whole))
            for one, lasted in doubts.most_common()
        )
        found.append(_block("doubts", Table(lw.TEXTS["doubts"], tuple(lw.STATE_HEADS), why, numeric=(1, 2))))
    if len(report.days) > 1:
        listed = tuple(lw.day_rows(report))
        found.append(_block("days", Table(lw.TEXTS["days"], tuple(lw.DAY_HEADS), listed, numeric=tuple(range(1, 8)))))
    if report.angles:
        angles = tuple(
            (
                words.MEASURES[one.name][0],
                *(_angle(one.name, value) for value in (one.p10, one.p50, one.p90)),
                words.length(one.measurable_s),
            )
            for one in report.angles
        )
        found.append(_block("angles", Table(lw.TEXTS["angles"], tuple(lw.ANGLE_HEADS), angles, numeric=(1, 2, 3, 4))))
    return found


def _block(key: str, table: Table) -> Block:
    note = lw.TEXTS.get(f"{key}_note", "")
    return Block(table.caption, note, table, level=2)


def _angle(name: str, value: float) -> str:
    return f"{words.number(value)}°" if name.endswith("_deg") else words.number(value, 2)


def _strip(day: SatDay) -> Strip:
    """Well and poorly of a day as one bar; dashed for too little."""
    judged = day.good_s + day.poor_s
    pieces = []
    if day.score is None:
        pieces.append(svg.element("rect", x=0.5, y=0.5, width="99.8%", height=_HEIGHT - 1, class_=svg.FILL["unknown"]))
    else:
        for zone, start, lasted in (("acceptable", 0.0, day.good_s), ("not_recommended", day.good_s, day.poor_s)):
            x, wide = svg.share(start, judged), svg.share(lasted, judged)
            pieces.append(svg.element("rect", x=x, width=wide, height=_HEIGHT, class_=svg.FILL[zone]))
    alt = f"{lw.named(day.day)}: {lw.score(day.score)}"
    chart = svg.chart(alt, pieces, width=_WIDTH, height=_HEIGHT)
    return Strip(f"{lw.named(day.day, year=False)}: {lw.score(day.score)}", chart, alt)


def _axis() -> Svg:
    pieces = []
    for share in (0, 50, 100):
        anchor = "start" if not share else "end" if share == 100 else "middle"
        pieces.append(svg.text(f"{share} %", x=f"{share}%", y=15, text_anchor=anchor))
    return svg.chart("", pieces, width=_WIDTH, height=18)


def _csv(report: SittingsReport) -> str:
    """RFC 4180: one row a day, in seconds, and a column for each state."""
    out = io.StringIO()
    table = csv.writer(out)
    states = list(lw.STATES)
    table.writerow((*COLUMNS, "score", *(f"{state}_s" for state in states)))
    for day in report.days:
        row = [getattr(day, name) for name in COLUMNS]
        lasted = [round(day.seconds.get(state, 0.0), 3) for state in states]
        table.writerow((*row, "" if day.score is None else round(day.score, 2), *lasted))
    return out.getvalue()


def _xlsx(report: SittingsReport, out: BinaryIO) -> None:
    """Days with the score as a live formula, and the states. No text becomes a formula."""
    import xlsxwriter

    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": lw.TEXTS["report"], "created": _EPOCH})
    bold, seconds = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "0"})
    sheet = book.add_worksheet(say("Days"))
    states = list(lw.STATES)
    heads = (*lw.DAY_HEADS, *(lw.STATES[state] for state in states))
    unit = [f"{head}, s" if i in (1, 2, 3, 4) or i > 7 else head for i, head in enumerate(heads)]
    for column, head in enumerate(unit):
        sheet.write_string(0, column, head, bold)
    sheet.set_column(0, len(unit), 14)
    sheet.freeze_panes(1, 1)
    for row, day in enumerate(report.days, 1):
        sheet.write_string(row, 0, lw.named(day.day))
        for column, name in enumerate(COLUMNS[1:], 1):
            sheet.write_number(row, column, getattr(day, name), seconds)
        rule = f'=IF(B{row + 1}+C{row + 1}<300,"",100*B{row + 1}/MAX(1,B{row + 1}+C{row + 1}))'
        sheet.write_formula(row, 7, rule, seconds, "" if day.score is None else day.score)
        for column, state in enumerate(states, 8):
            sheet.write_number(row, column, day.seconds.get(state, 0.0), seconds)
    note = len(report.days) + 2
    texts = [] if report.enough else [lw.too_little(report.judged_s)]
    stamp = cover.stamp(Cover(reviewer=report.reviewer, reviewed_on=report.reviewed_on))
    for at, text in enumerate((stamp, *texts, *map(say, lw.LIMITS)), note):
        sheet.write_string(at, 0, text)
    book.close()
