"""The map of data flows as a file: the drawing alone (SVG), or with the list of everything beneath it (HTML, PDF)."""

import base64
import hashlib
import json
from datetime import datetime
from importlib import resources
from typing import Any, BinaryIO, Literal

from posture.errors import SinkError
from posture.privacy.flow import FlowMap, Found, Outside
from posture.privacy.flow_words import STAGES, Language, filled, now, outside_now, places_said, word
from posture.reports import flow_chart, svg
from posture.touchpoint import Stage

Format = Literal["svg", "html", "pdf"]
FORMATS: dict[str, Format] = {"svg": "svg", "html": "html", "pdf": "pdf"}
"""Ending of a file's name to the format."""
COLUMNS = ("what", "where, and what is there now", "key", "until when", "who can read it")
DECLARED = "Outside the program, as declared"


def write(format: Format, found: FlowMap, language: Language, when: datetime, *, blocked: bool, out: BinaryIO) -> None:
    """Write it. Raises SinkError where typst refuses the content."""
    drawn = flow_chart.drawing(found, language, when, blocked=blocked)
    if format == "svg":
        out.write(drawn.coloured(svg.LIGHT).encode())
    elif format == "html":
        out.write(_html(drawn, found, language).encode())
    else:
        out.write(_pdf(drawn, found, language))


def groups(found: FlowMap, language: Language) -> list[dict[str, Any]]:
    """The list: a title for each group, and a row of `COLUMNS` for each touchpoint; a cell may have several lines."""
    made = [
        {
            "title": word(STAGES[stage], language),
            "rows": [_row(one, found, language) for one in found.found if one.touchpoint.stage is stage],
        }
        for stage in Stage
    ]
    rows = [_outside_row(one, language) for one in found.outside]
    return [*made, {"title": word(DECLARED, language), "rows": rows}] if rows else made


def _row(one: Found, found: FlowMap, language: Language) -> list[list[str]]:
    point = one.touchpoint

    def said(text: str) -> str:
        return filled(text, language, found.settings)

    where = [*places_said(one), said(point.where), now(one, language)]
    cells = ([said(point.title), said(point.data)], where, [said(point.key)], [said(point.kept)], [said(point.readers)])
    return [[line for line in cell if line] for cell in cells]


def _outside_row(one: Outside, language: Language) -> list[list[str]]:
    given = one.declared
    cells = (
        [given.name, f"{word('receives', language)}: {given.receives}", given.how],
        [given.where, outside_now(one, language)],
        *([word(text, language)] for text in (given.key, given.kept, given.readers)),
    )
    return [[line for line in cell if line] for cell in cells]


def _html(drawn: flow_chart.Drawing, found: FlowMap, language: Language) -> str:
    """One file without script, whose own policy forbids it to load or run anything."""
    from markupsafe import Markup

    from posture.reports.html import environment

    sheet = resources.files("posture.reports").joinpath("templates", "flow.css").read_text("utf-8")
    style = sheet + flow_chart.RULES % svg.LIGHT
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment().get_template("flow.html").render(
        language=language, title=word(flow_chart.HEADING, language), style=Markup(style), style_sha256=digest,
        chart=svg.scaled(drawn.chart, drawn.width, drawn.height), groups=groups(found, language),
        columns=[word(column, language) for column in COLUMNS],
    )  # fmt: skip


def _pdf(drawn: flow_chart.Drawing, found: FlowMap, language: Language) -> bytes:
    """PDF/UA-1 by typst: the drawing fills the first page. Content goes in as data, never as typst source."""
    import typst

    page = {
        "language": language, "title": word(flow_chart.HEADING, language), "chart": drawn.coloured(svg.LIGHT),
        "groups": groups(found, language), "columns": [word(column, language) for column in COLUMNS],
    }  # fmt: skip
    template = resources.files("posture.reports").joinpath("templates", "flow.typ").read_bytes()
    content = json.dumps(page, ensure_ascii=False, sort_keys=True)
    try:
        made = typst.compile(
            template, sys_inputs={"page": content}, ignore_system_fonts=True, format="pdf", pdf_standards=["ua-1"]
        )
    except typst.TypstError as exc:
        raise SinkError(f"the PDF cannot be set: {exc}; choose another format (.html, .svg)") from exc
    return bytes(made)
