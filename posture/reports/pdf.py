"""PDF by typst: tagged, with its language, the same bytes on every machine.

All content goes in as data (`sys.inputs`), never as typst source, so no text can become code. The template imports no
package and reads no file; only the fonts inside typst are used, so neither the network nor the machine's fonts matter.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib import resources
from typing import BinaryIO

from posture.errors import SinkError
from posture.reports import svg
from posture.reports.language import speaking
from posture.reports.layout import Page
from posture.reports.page import page
from posture.reports.schema import Summary
from posture.reports.still import NO_STILLS, Stills
from posture.reports.table import Row


def write(summary: Summary, rows: Iterable[Row], out: BinaryIO, stills: Stills = NO_STILLS) -> None:
    """Write `summary` as PDF/UA-1; `rows` is not used. Raises SinkError if typst refuses the content.

    `stills` are decoded by typst, in this process: the one place outside the sandbox that looks into a picture.
    """
    del rows
    with speaking(summary.language):
        render(page(summary, stills), out)


def render(shown: Page, out: BinaryIO) -> None:
    """Write any page as PDF/UA-1. Raises SinkError if typst refuses the content."""
    # Loaded when there is a PDF to write: its compiler and fonts take 25 MB, and most runs write none.
    import typst

    content = json.dumps(_self_contained(asdict(shown)), ensure_ascii=False, sort_keys=True)
    template = resources.files("posture.reports").joinpath("templates", "report.typ").read_bytes()
    try:
        made = typst.compile(
            template, sys_inputs={"page": content}, ignore_system_fonts=True, format="pdf", pdf_standards=["ua-1"]
        )
    except typst.TypstError as exc:
        raise SinkError(f"the PDF report cannot be set: {exc}; choose another format with --format") from exc
    out.write(made)


def _self_contained(value: object) -> object:
    """The page with colours, hatchings and fonts put into every chart."""
    match value:
        case dict():
            return {key: _self_contained(below) for key, below in value.items()}
        case list() | tuple():
            return [_self_contained(below) for below in value]
        case svg.Svg() if value:
            return svg.embedded(value)
    return value
