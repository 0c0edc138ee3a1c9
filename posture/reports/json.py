"""JSON: the whole summary, keys sorted, so that two reports can be compared by line. Schema: `report.schema.json`."""

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from posture.reports.schema import Summary
from posture.reports.still import NO_STILLS, Stills
from posture.reports.table import Row


def write(summary: Summary, rows: Iterable[Row], out: BinaryIO, stills: Stills = NO_STILLS) -> None:
    """Write `summary` as UTF-8 JSON; `rows` and `stills` are not used. Not measurable is null."""
    del rows, stills
    out.write(msgspec.json.format(msgspec.json.encode(summary, order="sorted"), indent=2) + b"\n")
