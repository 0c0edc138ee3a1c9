"""Reports: what was observed becomes one pure `Summary`, and every format writes that.

    Table (append observations) ─► summarise ─► Summary ─► FORMATS[name].write(summary, rows, out)

A format is a function `(summary, rows, out)`: it writes bytes to a stream and does nothing else, so that a report holds
nothing but its input. `rows` are read once and never all at once. Same input, same bytes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from posture.reports import csv, html, json, pdf
from posture.reports.provenance import Provenance
from posture.reports.schema import Summary
from posture.reports.summary import summarise
from posture.reports.table import Row, Table

__all__ = ["FORMATS", "Provenance", "ReportFormat", "Row", "Summary", "Table", "summarise"]


@dataclass(frozen=True)
class ReportFormat:
    """One kind of report file."""

    suffix: str
    """Of the file name, without the dot."""
    media_type: str
    write: Callable[[Summary, Iterable[Row], BinaryIO], None]


FORMATS: dict[str, ReportFormat] = {
    "html": ReportFormat("html", "text/html", html.write),
    "pdf": ReportFormat("pdf", "application/pdf", pdf.write),
    "json": ReportFormat("json", "application/json", json.write),
    "csv": ReportFormat("csv", "text/csv", csv.write),
}
