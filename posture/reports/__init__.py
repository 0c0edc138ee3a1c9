"""Reports: what was observed becomes one pure `Summary`, and every format writes that.

    Table (append observations) ─► score_table, summarise ─► Summary ─► FORMATS[name].write(summary, rows, out)

A format is a function `(summary, rows, out, stills={})`: it writes bytes to a stream and does nothing else, so that a
report holds nothing but its input. `rows` are read once and never all at once. `stills` are pictures for the moments;
without them a report holds none. Same input, same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from posture.reports import csv, html, json, pdf, review_csv, xlsx
from posture.reports.provenance import Provenance
from posture.reports.reviewed import Reviewed
from posture.reports.schema import Summary
from posture.reports.scores import Scored, score_table
from posture.reports.still import Still, Stills
from posture.reports.summary import summarise
from posture.reports.table import Row, Table

__all__ = [
    "FORMATS",
    "REVIEW",
    "WRITERS",
    "Provenance",
    "ReportFormat",
    "Reviewed",
    "Row",
    "Scored",
    "Still",
    "Summary",
    "Table",
    "score_table",
    "summarise",
]


class Write(Protocol):
    """How a report is written."""

    def __call__(self, summary: Summary, rows: Iterable[Row], out: BinaryIO, stills: Stills = ...) -> None: ...


@dataclass(frozen=True)
class ReportFormat:
    """One kind of report file."""

    suffix: str
    """Of the file name, without the dot."""
    media_type: str
    write: Write
    shows_stills: bool = False


FORMATS: dict[str, ReportFormat] = {
    "html": ReportFormat("html", "text/html", html.write, shows_stills=True),
    "pdf": ReportFormat("pdf", "application/pdf", pdf.write, shows_stills=True),
    "json": ReportFormat("json", "application/json", json.write),
    "csv": ReportFormat("csv", "text/csv", csv.write),
    "xlsx": ReportFormat("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.write),
}
REVIEW = "review"
WRITERS: dict[str, ReportFormat] = FORMATS | {REVIEW: ReportFormat("review.csv", "text/csv", review_csv.write)}
"""The formats, and what goes beside the CSV of a recording that somebody reviewed."""
