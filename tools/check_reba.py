"""How our REBA agrees with human raters and with motion capture on photographs of work postures.

    .venv/bin/python tools/check_reba.py ../shared/media/reba [--model full]

Each photograph is scored alone; load, coupling and activity, which no photograph shows, are taken from the rater, and
everything else that cannot be measured stays open, so a part is an interval. The raters do not say which side they
scored; ours is the side with the higher lower end. *one value*: pictures in which only one score is possible; exact,
+-1 and kappa (weighted quadratically, Cohen 1968) are over those. *held*: share of pictures whose interval holds the
score of the reference. Rows whose own total contradicts the published tables are reported both with and without.
"""

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from posture.data import Frame
from posture.ergonomics.evidence import SIDES, Evidence, find_activity
from posture.ergonomics.measure import measure
from posture.ergonomics.ranges import Interval, Range
from posture.ergonomics.score_settings import PAPER
from posture.ergonomics.scoring import factors_at, range_of
from posture.ergonomics.task import Task
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.settings import PoseSettings
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


def grid(title: str, items: list[tuple[Range, dict[str, Any]]]) -> Table:
    """Agreement of every part."""
    table = Table(title=f"{title}, {len(items)} pictures")
    for head in ("part", "one value", "exact", "+-1", "kappa", "held"):
        table.add_column(head, justify="left" if head == "part" else "right")
    for part in PARTS:
        both = list(pairs(items, part))
        single = [(one.low, value) for one, value in both if not one.open]
        ours, theirs = [one for one, _ in single], [value for _, value in single]
        exact = sum(one == value for one, value in single)
        near = sum(abs(one - value) <= 1 for one, value in single)
        held = sum(one.low <= value <= one.high for one, value in both)
        count = len(single)
        shares = (f"{exact / count:.2f}", f"{near / count:.2f}") if count else ("-", "-")
        table.add_row(part, str(count), *shares, f"{kappa(ours, theirs):.2f}", f"{held / max(len(both), 1):.2f}")
    return table


def main() -> None:
    """Print four tables: against photograph and motion capture, with and without flagged rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="full")
    arguments = parser.parse_args()
    estimator = Estimator(Catalogue.load(), PoseSettings(model=arguments.model))
    photograph, motion, missed = [], [], 0
    for item in json.loads((arguments.folder / "reba_scores.json").read_text("utf-8"))["items"]:
        with closing(open_source(arguments.folder / item["image"])) as source:
            found = scored(next(iter(source)), estimator, item["score"])
        if found is None:
            missed += 1
            continue
        photograph.append((found, item["score"]))
        if item["mocap_score"] is not None:
            motion.append((found, item["mocap_score"]))
    console = Console(width=100)
    console.print(f"nobody found in {missed} pictures")
    for title, items in (("against the raters", photograph), ("against motion capture", motion)):
        console.print(grid(title, items))
        clean = [(found, row) for found, row in items if not flagged(row)]
        if len(clean) < len(items):
            console.print(grid(f"{title}, without rows that contradict the tables", clean))


if __name__ == "__main__":
    main()
