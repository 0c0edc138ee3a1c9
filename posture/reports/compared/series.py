"""What of an analysis goes into a comparison: values over time of one person, and how they came about."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, PARTS
from posture.errors import NoInput, VideoUnreadable, printable
from posture.reports.exposure import views
from posture.reports.node import Scalar
from posture.reports.schema import PersonSummary, Summary
from posture.reports.scores import COLUMNS, Scored
from posture.reports.table import ZONES, Table

Array = NDArray[np.float64]
READABLE = (".json", ".csv")
"""Reports that a comparison can be made of, by their suffix."""
COMPARED_ZONES = ("acceptable", "conditional", "not_recommended")
_CODE = {zone: float(code) for code, zone in enumerate(COMPARED_ZONES)}


@dataclass(frozen=True, eq=False)
class Series:
    """One person of one analysis; N moments in the order of time."""

    name: str
    """For reading: the label of the report, or the name of the file."""
    time_s: Array
    """[N]"""
    duration_s: Array
    """[N] seconds that each moment stands for."""
    angles: Mapping[str, Array]
    """[N] by measurement; NaN where not measurable."""
    zones: Mapping[str, Array]
    """[N] by body part: the index of one of `COMPARED_ZONES`; NaN where not judged."""
    scores: Mapping[str, Array]
    """[N] by the names of `scores.COLUMNS`; NaN where not scored."""
    views_s: Mapping[str, float]
    """Seconds in each view of the trunk; empty where the file does not say."""
    sha256: str = ""
    model: str = ""
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    """By key path; empty where the file does not say (CSV)."""
    rate_hz: float = math.nan

    @classmethod
    def of(cls, table: Table, scored: Scored, identity: int, name: str, **facts: Any) -> "Series":  # noqa: ANN401
        """From the table of an analysis that was just made."""
        person = table.person(identity)
        zones = np.array([_CODE.get(zone.value, math.nan) for zone in ZONES])[person.zones]
        rows = scored.rows[person.rows].astype(np.float64)
        return cls(
            name=name,
            time_s=person.time_s,
            duration_s=person.duration_s,
            angles={one: person.value(one) for one in MEASURE_NAMES},
            zones={part: zones[:, i] for i, part in enumerate(PARTS)},
            scores={one: np.where(rows[:, i] > 0, rows[:, i], np.nan) for i, one in enumerate(COLUMNS)},
            views_s=views(person),
            rate_hz=_rate(person.time_s),
            **facts,
        )


def read_series(path: Path, person: int | None = None) -> Series:
    """From a report: `.json` (its timeline: at most 480 steps) or `.csv` (every frame).

    `person`: whom; None is the one with the most time. Raises NoInput or VideoUnreadable.
    """
    try:
        return _of_json(path, person) if path.suffix.lower() == ".json" else _of_csv(path, person)
    except FileNotFoundError as exc:
        raise NoInput(f"{path}: no such file") from exc
    except OSError as exc:
        raise VideoUnreadable(f"{path} cannot be read: {exc.strerror}") from exc
    except (msgspec.DecodeError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as exc:
        name = printable(path.name)
        raise VideoUnreadable(f"{name} is no report of this program ({printable(str(exc))}): write it again") from exc


def _of_json(path: Path, wanted: int | None) -> Series:
    summary = msgspec.json.decode(path.read_bytes(), type=Summary)
    person = _chosen(summary, wanted, path)
    line = person.timeline
    if line is None:
        raise VideoUnreadable(f"{printable(path.name)}: too little was judged for a comparison")
    steps = len(next(iter(line.curves.values())).median)
    edges = np.linspace(line.start_s, line.end_s, steps + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    zones = {part: np.full(steps, np.nan) for part in PARTS}
    for part, spans in line.zones.items():
        for span in spans:
            inside = (middle >= span.start_s) & (middle < span.end_s)
            zones[part][inside] = _CODE.get(span.zone, np.nan)
    here = np.zeros(steps, np.bool_)
    for span in line.zones[PARTS[0]]:  # a step in which the person was away has no span
        here |= (middle >= span.start_s) & (middle < span.end_s)
    scores = {}
    for score in person.scores:
        stem = f"{score.method}_{score.side}" if score.side else score.method
        if score.curve is not None:
            scores[f"{stem}_low"] = _column(score.curve.median)
            scores[f"{stem}_high"] = _column(score.curve.highest)
    return Series(
        name=summary.label or printable(path.stem),
        time_s=middle[here],
        duration_s=np.full(int(here.sum()), line.step_s),
        angles={name: _column(curve.median)[here] for name, curve in line.curves.items()},
        zones={part: codes[here] for part, codes in zones.items()},
        scores={name: values[here] for name, values in scores.items()},
        views_s=person.views_s,
        sha256=summary.source.sha256,
        model=summary.engine.model_sha256 or summary.engine.model,
        settings=summary.settings,
        rate_hz=summary.quality.median_rate_hz or math.nan,
    )


def _chosen(summary: Summary, wanted: int | None, path: Path) -> PersonSummary:
    people = [person for person in summary.people if wanted is None or person.person == wanted]
    if not people:
        whom = "nobody" if wanted is None else f"no person {wanted}"
        raise VideoUnreadable(f"{printable(path.name)} has {whom} with figures")
    return max(people, key=lambda person: person.judged_s)


def _of_csv(path: Path, wanted: int | None) -> Series:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = {"time_s", "duration_s", "person", "view"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"it has no column {sorted(missing)[0]}")
        rows = [row for row in reader if row["person"] and (wanted is None or int(row["person"]) == wanted)]
    if not rows:
        raise ValueError("nobody is in it" if wanted is None else f"it has no person {wanted}")
    if wanted is None:
        spent: dict[str, float] = {}
        for row in rows:
            spent[row["person"]] = spent.get(row["person"], 0.0) + float(row["duration_s"])
        longest = max(spent, key=lambda one: spent[one])
        rows = [row for row in rows if row["person"] == longest]
    time_s, duration_s = _numbers(rows, "time_s"), _numbers(rows, "duration_s")
    view = np.array([row["view"] for row in rows])
    return Series(
        name=printable(path.stem),
        time_s=time_s,
        duration_s=duration_s,
        angles={name: _numbers(rows, name) for name in MEASURE_NAMES if name in rows[0]},
        zones={part: np.array([_CODE.get(row[f"{part}_zone"], np.nan) for row in rows]) for part in PARTS},
        scores={name: _numbers(rows, name) for name in COLUMNS if name in rows[0]},
        views_s={str(one): float(duration_s[view == one].sum()) for one in np.unique(view)},
        rate_hz=_rate(time_s),
    )


def _numbers(rows: list[dict[str, str]], name: str) -> Array:
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


def _column(values: tuple[float | None, ...]) -> Array:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _rate(time_s: Array) -> float:
    return float(1 / np.median(np.diff(time_s))) if len(time_s) > 1 else math.nan
