"""How our REBA agrees with human raters and with motion capture on photographs of work postures.

Each photograph is scored alone; load, coupling and activity, which no photograph shows, are taken from the rater, and
everything else that cannot be measured stays open, so a part is an interval. The raters do not say which side they
scored; ours is the side with the higher lower end. *one value*: pictures in which only one score is possible; exact,
+-1 and kappa (weighted quadratically, Cohen 1968) are over those. *lower end*: the same for the lowest possible score
in every picture, which takes the most favourable value of all that is open. *held*: share of pictures whose interval
holds the score of the reference; *width*: the mean from its lower to its upper end, in points. Rows whose own total
contradicts the published tables are reported both with and without.
"""

import math
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, cast

import msgspec
import numpy as np

from posture.data import Frame
from posture.ergonomics.evidence import SIDES, Evidence, find_activity
from posture.ergonomics.measure import measure
from posture.ergonomics.ranges import Range
from posture.ergonomics.score_settings import PAPER
from posture.ergonomics.scoring import factors_at, range_of
from posture.ergonomics.task import Task
from posture.errors import NoInput, VideoUnreadable
from posture.pose.estimator import Estimator
from posture.sources.opening import open_source

PARTS = ("neck", "trunk", "legs", "upper_arm", "lower_arm", "wrist", "table_a", "table_b", "table_c", "reba")
HIGHEST = {"neck": 3}
LOADS_KG = (1.0, 7.0, 15.0)
COUPLINGS = ("good", "fair", "poor", "unacceptable")


Total = Literal["table_a", "table_b", "score_a", "score_b", "table_c", "reba"]


class Rated(msgspec.Struct, frozen=True):
    """What a rater gave one picture: points of the work sheet."""

    neck: int
    trunk: int
    legs: int
    upper_arm: int
    lower_arm: int
    wrist: int
    table_a: int
    table_b: int
    score_a: int
    score_b: int
    table_c: int
    reba: int
    force_load: Annotated[int, msgspec.Meta(ge=0, le=len(LOADS_KG) - 1)]
    coupling: Annotated[int, msgspec.Meta(ge=0, le=len(COUPLINGS) - 1)]
    activity: int
    recomputed: dict[Total, int]
    """What the published tables give for these points."""

    @property
    def flagged(self) -> bool:
        """Whether it contradicts the tables."""
        return self.neck > HIGHEST["neck"] or any(getattr(self, name) != v for name, v in self.recomputed.items())

    def points(self, part: str) -> int:
        """Of one of `PARTS`, by the tables and within their limits."""
        value = self.recomputed.get(cast(Total, part), getattr(self, part))
        return int(min(value, HIGHEST.get(part, value)))


class RatedPicture(msgspec.Struct, frozen=True):
    """One picture of `reba_scores.json`; `image` is relative to its folder."""

    image: str
    score: Rated
    mocap_score: Rated | None


Items = list[tuple[Range, Rated]]


def scored(frame: Frame, estimator: Estimator, rated: Rated) -> Range | None:
    """The range of the side that scores higher; None where nobody was found."""
    poses, _ = estimator.tracker(1, smooth=False)(frame)
    if not poses:
        return None
    values, times = measure(poses[0], frame.width, frame.height).values[None, :], np.zeros(1)
    evidence = Evidence(values, find_activity(times, values, PAPER), PAPER)
    points = rated.activity
    said = {
        "force_kg": LOADS_KG[rated.force_load],
        "force_pattern": "intermittent",
        "coupling": COUPLINGS[rated.coupling],
        "arm_static": False,
        "body_static": points > 1,
        "arm_repeated": points > 0,
        "body_repeated": False,
        "rapid_change": points > 2,
    }
    task = msgspec.convert(said, Task)
    ranges = [range_of("reba", factors_at("reba", side, evidence, 0, task, 0.0), PAPER) for side in SIDES]
    return max(ranges, key=lambda one: (one.interval.low, one.interval.high))


def kappa(ours: list[int], theirs: list[int]) -> float:
    """Quadratically weighted; NaN where neither varies."""
    a, b = np.array(ours, float), np.array(theirs, float)
    by_chance = ((a[:, None] - b[None, :]) ** 2).mean()
    return float(1 - ((a - b) ** 2).mean() / by_chance) if by_chance else math.nan


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
    lowest_exact: float
    """The same three of the lowest possible score, over all pictures."""
    lowest_near: float
    lowest_kappa: float
    held: float
    """Share of all pictures whose interval holds the reference."""
    width: float
    """Mean of the highest less the lowest possible score, points."""


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
        with closing(open_source(folder / item.image)) as source:
            one = scored(next(iter(source)), estimator, item.score)
        if one is None:
            missed += 1
        else:
            found.append((one, item))
    raters = [(one, item.score) for one, item in found]
    motion = [(one, item.mocap_score) for one, item in found if item.mocap_score is not None]
    tables = []
    for reference, items in (("raters", raters), ("motion capture", motion)):
        clean = [(one, row) for one, row in items if not row.flagged]
        tables.append(Agreement(reference, False, _parts(items)))
        tables.append(Agreement(reference, True, _parts(clean)))
    return tuple(tables), missed


class _File(msgspec.Struct, frozen=True):
    items: tuple[RatedPicture, ...]


def _items(folder: Path) -> tuple[RatedPicture, ...]:
    try:
        return msgspec.json.decode((folder / "reba_scores.json").read_bytes(), type=_File).items
    except OSError as exc:
        raise NoInput(f"{folder}: there is no reba_scores.json in it") from exc
    except msgspec.DecodeError as exc:
        raise VideoUnreadable(f"{folder}: its reba_scores.json is no list of rated pictures: {exc}") from exc


def _parts(items: Items) -> tuple[PartAgreement, ...]:
    return tuple(_part(items, part) for part in PARTS)


def _part(items: Items, part: str) -> PartAgreement:
    both = [(one.of(part), rated.points(part)) for one, rated in items]
    single = [(one.low, value) for one, value in both if not one.open]
    exact, near, agreed = _figures(single)
    lowest = _figures([(one.low, value) for one, value in both])
    count, nothing = len(both), math.nan
    return PartAgreement(
        part=part,
        pictures=count,
        single=len(single),
        exact=exact,
        near=near,
        kappa=agreed,
        lowest_exact=lowest[0],
        lowest_near=lowest[1],
        lowest_kappa=lowest[2],
        held=sum(one.low <= value <= one.high for one, value in both) / count if count else nothing,
        width=sum(one.high - one.low for one, _ in both) / count if count else nothing,
    )


def _figures(pairs: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Share that is the same, share within one point, weighted kappa; NaN where there is nothing to compare."""
    if not pairs:
        return math.nan, math.nan, math.nan
    ours, theirs = (list(column) for column in zip(*pairs, strict=True))
    apart = [abs(one - other) for one, other in pairs]
    return apart.count(0) / len(pairs), sum(one <= 1 for one in apart) / len(pairs), kappa(ours, theirs)
