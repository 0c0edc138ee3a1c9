"""CSV of keypoints (RFC 4180, UTF-8, CRLF), for spreadsheets and statistics programs; empty where something is missing.

    wide    one row a person and frame: frame, time_s, person, then NAME_x_px, NAME_y_px, NAME_x_m, NAME_y_m, NAME_z_m,
            NAME_confidence for each keypoint, then the angles
    long    one row a keypoint ("tidy"): frame, time_s, person, keypoint, x_px, y_px, x_m, y_m, z_m, confidence

A frame with nobody in view is one row with an empty person. Times are seconds of the stream; `frame` counts from 0.
Axes are ours (`motion.py`): x right, y down, z away from the camera.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from posture.data import frozen
from posture.interchange.motion import Dense, Motion, new_motion

PARTS = ("x_px", "y_px", "x_m", "y_m", "z_m", "confidence")
"""What is said of a keypoint."""
FIXED = ("frame", "time_s", "person")
LONG = (*FIXED, "keypoint", *PARTS)
_FORMS = ("%.3f", "%.3f", "%.5f", "%.5f", "%.5f", "%.4f")  # of PARTS
_ANGLE_FORM = "%.3f"


def write_wide(motion: Motion, target: Path) -> None:
    """Write the file `target`."""
    header = [*FIXED, *(f"{name}_{part}" for name in motion.names for part in PARTS), *motion.angle_names]
    form = [*_FORMS * len(motion.names), *[_ANGLE_FORM] * len(motion.angle_names)]
    parts = parts_of(motion)
    whole = np.concatenate([parts.reshape(*parts.shape[:2], -1), *([motion.angles] if motion.angle_names else [])], -1)
    there = motion.seen | np.isfinite(whole).any(-1)

    def rows() -> Iterator[Sequence[str]]:
        for frame in range(len(motion.time_s)):
            fixed = [str(frame), f"{motion.time_s[frame]:.6f}"]
            for place in np.flatnonzero(there[frame]):
                yield [*fixed, motion.people[place], *map(_cell, form, whole[frame, place])]
            if not there[frame].any():
                yield [*fixed, *[""] * (len(header) - 2)]

    _write(target, header, rows())


def write_long(motion: Motion, target: Path) -> None:
    """Write the file `target`: keypoints alone."""
    parts, seen = parts_of(motion), motion.seen

    def rows() -> Iterator[Sequence[str]]:
        for frame in range(len(motion.time_s)):
            fixed = [str(frame), f"{motion.time_s[frame]:.6f}"]
            for place in np.flatnonzero(seen[frame]):
                for name, point in zip(motion.names, parts[frame, place], strict=True):
                    yield [*fixed, motion.people[place], name, *map(_cell, _FORMS, point)]
            if not seen[frame].any():
                yield [*fixed, *[""] * (len(LONG) - 2)]

    _write(target, LONG, rows())


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read either kind; `rate_hz` replaces its times. Raises ValueError, OSError."""
    with source.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines, restkey="", restval="")
        header = tuple(rows.fieldnames or ())
        if header[: len(FIXED)] != FIXED:
            raise ValueError(f"its first columns are not {', '.join(FIXED)}")
        table = list(rows)
    if any("" in row for row in table):
        raise ValueError("a row has more cells than the header")
    long = header[len(FIXED) : len(FIXED) + 1] == ("keypoint",)
    return (_of_long if long else _of_wide)(header, table, rate_hz)


def parts_of(motion: Motion) -> Dense:
    """[F, P, K, 6] in the order of `PARTS`."""
    return np.concatenate([motion.image_px, motion.world_m, motion.confidence[..., None]], -1)


def of_parts(times: Dense, people: Sequence[str], names: Sequence[str], parts: Dense) -> Motion:
    """The motion of [F, P, K, 6] in the order of `PARTS`. Raises ValueError."""
    return new_motion(times, people, names, image_px=parts[..., :2], world_m=parts[..., 2:5], confidence=parts[..., 5])


def _of_long(header: Sequence[str], table: list[dict[str, str]], rate_hz: float | None) -> Motion:
    times, row = _frames(table, rate_hz)
    people, names = _distinct(table, "person"), _distinct(table, "keypoint")
    parts = np.full((len(times), len(people), len(names), len(PARTS)), np.nan)
    for line in table:
        if line["person"]:
            if not line["keypoint"]:
                raise ValueError(f"frame {line['frame']} has a row without a keypoint")
            place = row[line["frame"]], people[line["person"]], names[line["keypoint"]]
            parts[place] = [_number(line.get(part, "")) for part in PARTS]
    return of_parts(times, list(people), list(names), parts)


def _of_wide(header: Sequence[str], table: list[dict[str, str]], rate_hz: float | None) -> Motion:
    times, row = _frames(table, rate_hz)
    people = _distinct(table, "person")
    ends = tuple(f"_{part}" for part in PARTS)
    columns = {name: next((end for end in ends if name.endswith(end)), "") for name in header[len(FIXED) :]}
    names = list(dict.fromkeys(name.removesuffix(end) for name, end in columns.items() if end))
    angle_names = tuple(name for name, end in columns.items() if not end)
    parts = np.full((len(times), len(people), len(names), len(PARTS)), np.nan)
    angles = np.full((len(times), len(people), len(angle_names)), np.nan)
    for line in table:
        if line["person"]:
            place = row[line["frame"]], people[line["person"]]
            parts[place] = [[_number(line.get(f"{name}{end}", "")) for end in ends] for name in names]
            angles[place] = [_number(line[name]) for name in angle_names]
    found = of_parts(times, list(people), names, parts)
    return Motion(
        found.time_s, found.people, found.names, found.image_px, found.world_m, found.confidence, (0, 0),
        angle_names, frozen(angles),
    )  # fmt: skip


def _frames(table: Iterable[dict[str, str]], rate_hz: float | None) -> tuple[Dense, dict[str, int]]:
    """[F] times, and the place of each frame's number among them."""
    times = {line["frame"]: _number(line["time_s"]) for line in table}
    stamps = list(times.values()) if rate_hz is None else [int(frame) / rate_hz for frame in times]
    return np.array(stamps, float), {frame: place for place, frame in enumerate(times)}


def _distinct(table: Iterable[dict[str, str]], column: str) -> dict[str, int]:
    found = dict.fromkeys(line[column] for line in table)
    found.pop("", None)
    return {name: place for place, name in enumerate(found)}


def _write(target: Path, header: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)


def _cell(form: str, value: float) -> str:
    return form % value if math.isfinite(value) else ""


def _number(cell: str) -> float:
    return float(cell) if cell else math.nan
