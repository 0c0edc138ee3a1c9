"""The review as CSV (RFC 4180, UTF-8, CRLF): a row for every change, beside the CSV of the frames.

Each row says whether the report is final and who reviewed it; where nobody changed anything there is one row that says
that alone. Names of columns, keypoints and factors are those of the JSON report, whatever the language is. `person` 0
is everybody, an empty `end_s` the end of the recording. `before` and `after` are the values that stood and stand there,
lowest and highest, or x, y (pixels) and visibility of a keypoint, with spaces between them.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from posture.reports.node import Scalar
from posture.reports.schema import Summary
from posture.reports.still import NO_STILLS, Stills
from posture.reports.table import Row

SIGNED = ("status", "reviewer", "reviewed_on")
CHANGE = ("kind", "what", "person", "side", "start_s", "end_s", "before", "after", "by", "on", "reason")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a text (OWASP, "CSV Injection")."""


def write(summary: Summary, rows: Iterable[Row], out: BinaryIO, stills: Stills = NO_STILLS) -> None:
    """Write every change; `rows` and `stills` are not used."""
    del rows, stills
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow((*SIGNED, *CHANGE))
    signed = (summary.status, plain(summary.cover.reviewer), summary.cover.reviewed_on)
    writer.writerows((*signed, *change) for change in list(_changes(summary)) or [("",) * len(CHANGE)])
    out.write(text.getvalue().encode())


def _changes(summary: Summary) -> Iterator[tuple[Scalar, ...]]:
    for one in summary.review.changes if summary.review else ():
        span = (one.start_s, "" if one.end_s is None else one.end_s)
        values = _values(one.before), _values(one.after)
        yield one.kind, one.what, one.person, one.side, *span, *values, *map(plain, (one.by, one.at, one.reason))


def _values(found: tuple[Scalar, ...]) -> str:
    return " ".join(f"{value:g}" if isinstance(value, float) else str(value).lower() for value in found)


def plain(text: str) -> str:
    """What a person wrote, so that no spreadsheet computes it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
