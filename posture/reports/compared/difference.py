"""Differences between two series, each with an interval.

Moments of one recording are alike, so single frames are no independent sample. Whole blocks of time are drawn with
replacement instead, from each side for itself (non-overlapping block bootstrap; Kuensch 1989, Annals of Statistics
17:1217-1241; Efron and Tibshirani 1993, chapter 8). The interval goes from the 2.5th to the 97.5th percentile of the
differences that were drawn. It says how much the difference would vary over other stretches of the same work; it knows
nothing of other days or people. Few blocks vary less than they should, so the interval is stretched as Student's t is
wider than the normal distribution.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from posture.reports.compared.check import refuse
from posture.reports.compared.series import COMPARED_ZONES, Array, Series
from posture.reports.exposure import percentile
from posture.reports.node import Node

DRAWS, SEED = 2000, 11226
ENDS = (0.025, 0.975)
BLOCKS = 12
"""A recording is cut into about so many blocks, none shorter or longer than these seconds."""
SHORTEST_S, LONGEST_S = 5.0, 120.0
FEWEST_BLOCKS = 8
LEAST_S = 30.0
"""Least time in which a quantity is known, on each side."""
_BIN_DEG, _BIN_RATIO = 0.1, 0.001

Kind = Literal["angle", "zone", "score"]


class Difference(Node, frozen=True, kw_only=True):
    """One figure before and after. Angles in degrees, shares 0 to 1, scores in points."""

    kind: Kind
    name: str
    """Measurement, body part, or column of a score."""
    figure: str
    """p50, p90, mean, or the zone whose share it is."""
    before: float
    after: float
    change: float
    low: float
    high: float
    """The interval of `change`."""

    @property
    def shown(self) -> bool:
        """Whether the interval leaves out that nothing changed."""
        return self.low > 0 or self.high < 0


class Comparison(Node, frozen=True, kw_only=True):
    """All that two analyses have in common."""

    schema: Literal["posture.comparison/1"] = "posture.comparison/1"
    language: str = "en"
    before: str
    after: str
    before_sha256: str
    after_sha256: str
    before_s: float
    after_s: float
    block_s: tuple[float, float]
    draws: int = DRAWS
    seed: int = SEED
    differences: tuple[Difference, ...]
    left_out: dict[str, str]
    """Quantities that could not be compared, and why."""
    reviewer: str = ""
    reviewed_on: str = ""


def compare(before: Series, after: Series, *, language: str = "en") -> Comparison:
    """Compare. Raises ConfigError for what `refuse` refuses."""
    refuse(before, after)
    drawn = tuple(_Drawn(side, np.random.default_rng([SEED, number])) for number, side in enumerate((before, after)))
    found: list[Difference] = []
    left_out: dict[str, str] = {}
    for kind, name in _quantities(before, after):
        values = [_values(side, kind, name) for side in (before, after)]
        reason = next(filter(None, (one.too_little(value) for one, value in zip(drawn, values, strict=True))), "")
        if reason:
            left_out[name] = reason
            continue
        found += _differences(kind, name, (drawn[0], values[0]), (drawn[1], values[1]))
    return Comparison(
        language=language,
        before=before.name,
        after=after.name,
        before_sha256=before.sha256,
        after_sha256=after.sha256,
        before_s=round(float(before.duration_s.sum()), 3),
        after_s=round(float(after.duration_s.sum()), 3),
        block_s=(drawn[0].block_s, drawn[1].block_s),
        differences=tuple(found),
        left_out=left_out,
    )


def _quantities(before: Series, after: Series) -> Iterator[tuple[Kind, str]]:
    yield from (("angle", name) for name in before.angles if name in after.angles)
    yield from (("zone", name) for name in before.zones if name in after.zones)
    yield from (("score", name) for name in before.scores if name in after.scores and not name.startswith("owas"))


def _values(side: Series, kind: Kind, name: str) -> Array:
    held = {"angle": side.angles, "zone": side.zones, "score": side.scores}[kind]
    return held[name]


class _Drawn:
    """The blocks of one side, and how often each was drawn."""

    def __init__(self, side: Series, random: np.random.Generator) -> None:
        whole_s = float(side.time_s[-1] - side.time_s[0])
        self.block_s = float(np.clip(whole_s / BLOCKS, SHORTEST_S, LONGEST_S))
        self.duration_s = side.duration_s
        _, self.block = np.unique(np.floor((side.time_s - side.time_s[0]) / self.block_s), return_inverse=True)
        self.count = int(self.block.max()) + 1
        self.times = random.multinomial(self.count, np.full(self.count, 1 / self.count), DRAWS).astype(np.float64)
        """[draws, blocks]"""

    def too_little(self, values: Array) -> str:
        """Why these values are too few; empty where they are enough."""
        known = np.isfinite(values)
        if float(self.duration_s[known].sum()) < LEAST_S:
            return "too_short"
        return "too_few_blocks" if len(np.unique(self.block[known])) < FEWEST_BLOCKS else ""

    def table(self, bins: NDArray[np.int64], known: NDArray[np.bool_], size: int) -> Array:
        """[draws, bins] seconds in each bin, by draw."""
        seconds = np.zeros((self.count, size))
        np.add.at(seconds, (self.block[known], bins), self.duration_s[known])
        return self.times @ seconds


Side = tuple[_Drawn, Array]


def _differences(kind: Kind, name: str, before: Side, after: Side) -> Iterator[Difference]:
    lowest = min(float(np.nanmin(values)) for _, values in (before, after))
    step = {"angle": _BIN_DEG if name.endswith("_deg") else _BIN_RATIO, "zone": 1.0, "score": 1.0}[kind]
    start = 0.0 if kind == "zone" else lowest
    highest = max(float(np.nanmax(values)) for _, values in (before, after))
    size = len(COMPARED_ZONES) if kind == "zone" else round((highest - start) / step) + 1
    tables = []
    stretch = _stretch(min(len(np.unique(drawn.block[np.isfinite(values)])) for drawn, values in (before, after)))
    for drawn, values in (before, after):
        known = np.isfinite(values)
        tables.append(drawn.table(np.rint((values[known] - start) / step).astype(np.int64), known, size))
    if kind == "zone":
        for at, zone in enumerate(COMPARED_ZONES):
            if name == "desk" and zone == "conditional":
                continue  # sitting is well or poorly
            exact = [_share(drawn, values, at) for drawn, values in (before, after)]
            yield _difference(kind, name, zone, exact, [_drawn_share(table, at) for table in tables], stretch)
        return
    centres: Array = start + step * np.arange(size, dtype=np.float64)
    for figure, percent in (("p50", 50), ("p90", 90)):
        exact = [_percentile(drawn, values, percent) for drawn, values in (before, after)]
        yield _difference(kind, name, figure, exact, [_drawn_percentile(t, centres, percent) for t in tables], stretch)
    if kind == "score":
        exact = [_mean(drawn, values) for drawn, values in (before, after)]
        yield _difference(kind, name, "mean", exact, [_drawn_mean(table, centres) for table in tables], stretch)


def _stretch(blocks: int) -> float:
    """By how much an interval from so many blocks is too narrow: Student's t against the normal distribution."""
    degrees = blocks - 1
    z = 1.959964
    t = z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)  # Cornish-Fisher
    return float(t / z * (blocks / degrees) ** 0.5)


def _difference(
    kind: Kind, name: str, figure: str, exact: list[float], drawn: list[Array], stretch: float
) -> Difference:
    spread = drawn[1] - drawn[0]
    middle = float(np.nanmedian(spread))
    low, high = (middle + stretch * (end - middle) for end in np.nanquantile(spread, ENDS))
    decimals = 4 if kind == "zone" or name.endswith("_ratio") else 2
    before, after = (round(value, decimals) for value in exact)
    return Difference(
        kind=kind,
        name=name,
        figure=figure,
        before=before,
        after=after,
        change=round(after - before, decimals),
        low=round(float(low), decimals),
        high=round(float(high), decimals),
    )


def _share(drawn: _Drawn, values: Array, zone: int) -> float:
    known = np.isfinite(values)
    return float(drawn.duration_s[values == zone].sum() / drawn.duration_s[known].sum())


def _percentile(drawn: _Drawn, values: Array, percent: int) -> float:
    known = np.isfinite(values)
    return float(percentile(values[known], drawn.duration_s[known], percent))


def _mean(drawn: _Drawn, values: Array) -> float:
    known = np.isfinite(values)
    return float(np.average(values[known], weights=drawn.duration_s[known]))


def _whole(table: Array) -> Array:
    """[draws] seconds in all; NaN where a draw caught no known moment."""
    whole = table.sum(axis=1)
    return np.where(whole > 0, whole, np.nan)


def _drawn_share(table: Array, zone: int) -> Array:
    return np.asarray(table[:, zone] / _whole(table))


def _drawn_mean(table: Array, centres: Array) -> Array:
    return np.asarray(table @ centres / _whole(table))


def _drawn_percentile(table: Array, centres: Array, percent: int) -> Array:
    """As `exposure.percentile`: the smallest value that was not exceeded for that share of the time."""
    reached = np.cumsum(table, axis=1) >= (percent / 100 - 1e-9) * table.sum(axis=1, keepdims=True)
    return np.where(table.sum(axis=1) > 0, centres[np.argmax(reached, axis=1)], np.nan)
