"""How our REBA agrees with human raters and with motion capture on photographs of work postures.

Each photograph is scored alone; load, coupling and activity, which no photograph shows, are taken from the rater, and
everything else that cannot be measured stays open, so a part is an interval. The raters do not say which side they
scored; ours is the side with the higher lower end. *one value*: pictures in which only one score is possible; exact,
+-1 and kappa (weighted quadratically, Cohen 1968) are over those. *held*: share of pictures whose interval holds the
score of the reference. Rows whose own total contradicts the published tables are reported both with and without.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from posture.data import Frame
from posture.ergonomics.evidence import SIDES, Evidence, find_activity
from posture.ergonomics.measure import measure
from posture.ergonomics.ranges import Interval, Range
from posture.ergonomics.score_settings import PAPER
from posture.ergonomics.scoring import factors_at, range_of
from posture.ergonomics.task import Task
from posture.errors import NoInput, VideoUnreadable
from posture.pose.estimator import Estimator
from posture.pose.track import Tracker
from posture.sources.opening import open_source

PARTS = ("neck", "trunk", "legs", "upper_arm", "lower_arm", "wrist", "table_a", "table_b", "table_c", "reba")
HIGHEST = {"neck": 3}
LOADS_KG = (1.0, 7.0, 15.0)
COUPLINGS = ("good", "fair", "poor", "unacceptable")
Pair = tuple[Interval, int]


def scored(frame: Frame, estimator: Estimator, rated: dict[str, Any]) -> Range | None:
    """The range of the side that scores higher; None where nobody was found."""
    poses, _ = Tracker(estimator.detect, estimator.look, smooth=False)(frame)
    if not poses:
        return None
    values, times = measure(poses[0], frame.width, frame.height).values[None, :], np.zeros(1)
    evidence = Evidence(values, find_activity(times, values, PAPER), PAPER)
    points = rated["activity"]
    said = {
        "force_kg": LOADS_KG[rated["force_load"]],
        "force_pattern": "intermittent",
        "coupling": COUPLINGS[rated["coupling"]],
        "arm_static": False,
        "body_static": points > 1,
        "arm_repeated": points > 0,
        "body_repeated": False,
        "rapid_change": points > 2,
    }
    task = msgspec.convert(said, Task)
    ranges = [range_of("reba", factors_at("reba", side, evidence, 0, task, 0.0), PAPER) for side in SIDES]
    return max(ranges, key=lambda one: (one.interval.low, one.interval.high))


def flagged(row: dict[str, Any]) -> bool:
    """Whether the reference contradicts the tables."""
    return row["neck"] > HIGHEST["neck"] or any(row[name] != value for name, value in row["recomputed"].items())


def pairs(items: list[tuple[Range, dict[str, Any]]], part: str) -> Iterator[Pair]:
    """Our interval and the reference."""
    for found, row in items:
        value = row["recomputed"].get(part, row.get(part))
        yield found.of(part), min(value, HIGHEST.get(part, value))


def kappa(ours: list[int], theirs: list[int]) -> float:
    """Quadratically weighted; NaN where neither varies."""
    if not ours:
        return float("nan")
    a, b = np.array(ours, float), np.array(theirs, float)
    by_chance = ((a[:, None] - b[None, :]) ** 2).mean()
    return float(1 - ((a - b) ** 2).mean() / by_chance) if by_chance else float("nan")


@dataclass(frozen=True)
class PartAgreement:
    """One part of the score against one reference."""

    part: str
    pictures: int
    single: int
    """Pictures in which only one score is possible."""
    exact: float
    """Share of those with the same score; NaN where there are none."""
    near: float
    """Share within one point."""
    kappa: float
    held: float
    """Share of all pictures whose interval holds the reference."""


@dataclass(frozen=True)
class Agreement:
    """All parts against one reference."""

    reference: str
    clean: bool
    """Without rows that contradict the published tables."""
    parts: tuple[PartAgreement, ...]


def agreement(folder: Path, estimator: Estimator) -> tuple[tuple[Agreement, ...], int]:
    """Against the raters and against motion capture, with and without flagged rows; pictures in which nobody was found.

    Raises NoInput or VideoUnreadable for a folder without a usable `reba_scores.json`.
    """
    found, missed = [], 0
    for item in _items(folder):
        with closing(open_source(folder / item["image"])) as source:
            one = scored(next(iter(source)), estimator, item["score"])
        if one is None:
            missed += 1
        else:
            found.append((one, item))
    raters = [(one, item["score"]) for one, item in found]
    motion = [(one, item["mocap_score"]) for one, item in found if item["mocap_score"] is not None]
    tables = []
    for reference, items in (("raters", raters), ("motion capture", motion)):
        clean = [(one, row) for one, row in items if not flagged(row)]
        tables.append(Agreement(reference, False, _parts(items)))
        tables.append(Agreement(reference, True, _parts(clean)))
    return tuple(tables), missed


def _items(folder: Path) -> list[dict[str, Any]]:
    try:
        items: list[dict[str, Any]] = json.loads((folder / "reba_scores.json").read_text("utf-8"))["items"]
    except OSError as exc:
        raise NoInput(f"{folder}: there is no reba_scores.json in it") from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise VideoUnreadable(f"{folder}: its reba_scores.json is no list of rated pictures") from exc
    return items


def _parts(items: list[tuple[Range, dict[str, Any]]]) -> tuple[PartAgreement, ...]:
    return tuple(_part(items, part) for part in PARTS)


def _part(items: list[tuple[Range, dict[str, Any]]], part: str) -> PartAgreement:
    both = list(pairs(items, part))
    single = [(one.low, value) for one, value in both if not one.open]
    ours, theirs = [one for one, _ in single], [value for _, value in single]
    count, nothing = len(single), float("nan")
    return PartAgreement(
        part,
        len(both),
        count,
        sum(one == value for one, value in single) / count if count else nothing,
        sum(abs(one - value) <= 1 for one, value in single) / count if count else nothing,
        kappa(ours, theirs),
        sum(one.low <= value <= one.high for one, value in both) / len(both) if both else nothing,
    )
