"""CSV (RFC 4180, UTF-8, CRLF): one row for each frame and person, streamed, so that memory does not grow.

A measurement that is empty was not measurable; the column of its name with `_reason` instead of the unit says why. A
frame with nobody in view is one row with an empty person. `duration_s` is the time that the row stands for: the sum of
it over the rows in a zone is the time in that zone, and the percentiles of the report are weighted with it. Scores are
intervals: the lowest and the highest that is possible with what was measured and entered; empty where not scored.

What people were seen for (`privacy.purpose`) does not stand here: RFC 4180 knows rows and no place beside them, and a
line of comment breaks its readers. It stands in the JSON, XLSX, HTML and PDF of the same report.
"""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from posture.data import MEASURE_NAMES, PARTS, Reason, Zone
from posture.reports.schema import Summary
from posture.reports.scores import COLUMNS as SCORE_COLUMNS
from posture.reports.still import NO_STILLS, Stills
from posture.reports.table import Row
from posture.skeleton import BLAZEPOSE_33

_VALUES = (*MEASURE_NAMES, "facing_deg", "pose_score_ratio", "visibility_ratio")
_DECIMALS = ["%.2f" if name.endswith("_deg") else "%.4f" for name in _VALUES]
_VALUE_FORMAT = ",".join(_DECIMALS)
_KEYPOINT_FORMAT = ",".join(["%.1f,%.1f,%.4f"] * len(BLAZEPOSE_33))
_REASON_TEXT = {reason: "" if reason is Reason.MEASURED else reason.value for reason in Reason}
_ZONE_TEXT = {zone: "" if zone is Zone.UNKNOWN else zone.value for zone in Zone}
_EMPTY = "," * (len(_VALUES) + len(MEASURE_NAMES) + 2 * len(PARTS) + len(SCORE_COLUMNS))
_NO_SCORES = (0,) * len(SCORE_COLUMNS)
_AT_ONCE = 256  # rows that are written with one call


def header(*, keypoints: bool = False) -> list[str]:
    """Column names."""
    names = ["time_s", "duration_s", "frame_index", "corrupt", "others_seen", "person", "view", *_VALUES]
    names += [f"{name.rpartition('_')[0]}_reason" for name in MEASURE_NAMES]
    names += [f"{part}_zone" for part in PARTS] + [f"{part}_zone_reason" for part in PARTS] + list(SCORE_COLUMNS)
    if keypoints:
        names += [f"{point}_{what}" for point in BLAZEPOSE_33.names for what in ("x_px", "y_px", "visibility")]
    return names


def write(summary: Summary, rows: Iterable[Row], out: BinaryIO, stills: Stills = NO_STILLS) -> None:
    """Write every row, and nothing else. Every field is a number or a fixed word, so none needs quotes."""
    del summary, stills
    lines: list[str] = []
    keypoints: bool | None = None
    for row in rows:
        if keypoints is None:
            keypoints = row.keypoints is not None
            lines.append(",".join(header(keypoints=keypoints)))
        lines.append(_line(row, keypoints=keypoints))
        if len(lines) >= _AT_ONCE:
            _flush(lines, out)
    if keypoints is None:
        lines.append(",".join(header()))
    _flush(lines, out)


def cells(row: Row) -> list[float | str | None]:
    """The same as numbers and words in the order of `header()`, without keypoints; None where a field is empty."""
    frame = [row.time_s, row.duration_s, row.frame_index, int(row.corrupt), row.others]
    if not row.person:
        return [*frame]
    values = [value if value == value else None for value in row.values]
    words = [_REASON_TEXT[reason] or None for reason in row.reasons] + [_ZONE_TEXT[zone] or None for zone in row.zones]
    words += [_REASON_TEXT[reason] or None for reason in row.zone_reasons]
    return [*frame, row.person, row.view, *values, *words, *(score or None for score in row.scores)]


def _flush(lines: list[str], out: BinaryIO) -> None:
    out.write(("\r\n".join(lines) + "\r\n").encode() if lines else b"")
    lines.clear()


def _line(row: Row, *, keypoints: bool) -> str:
    frame = f"{row.time_s:.6f},{row.duration_s:.6f},{row.frame_index},{row.corrupt:d},{row.others}"
    points = "," * 3 * len(BLAZEPOSE_33) if keypoints else ""
    if not row.person:
        return f"{frame},,{_EMPTY}{points}"
    if row.keypoints is not None:
        points = "," + _numbers(_KEYPOINT_FORMAT, row.keypoints)
    reasons = [_REASON_TEXT[reason] for reason in row.reasons]
    zones = [_ZONE_TEXT[zone] for zone in row.zones] + [_REASON_TEXT[reason] for reason in row.zone_reasons]
    values = _numbers(_VALUE_FORMAT, row.values)
    scores = ",".join(str(score) if score else "" for score in row.scores or _NO_SCORES)
    return f"{frame},{row.person},{row.view},{values},{','.join(reasons)},{','.join(zones)},{scores}{points}"


def _numbers(form: str, values: Sequence[float]) -> str:
    return (form % tuple(values)).replace("nan", "")
