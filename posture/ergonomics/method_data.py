"""The data file of a method: bands of angles, tables, levels, and where they come from.

A *scale* turns an angle into points. Its edges ascend; each says which band owns an angle that lies exactly on it, for
instance the one below 20 degrees and the one above -20 degrees, so that the inner band includes its edge.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.ergonomics.score_settings import ScoreSettings


class ScaleData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bands of one angle as the file has them."""

    edges: tuple[tuple[float | Literal["deadband", "-deadband"], Literal["below", "above"]], ...]
    scores: tuple[int, ...]


class TableData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table: `cells` is nested along `axes`, all of which count from 1."""

    axes: tuple[str, ...]
    cells: list[Any]


class Level(msgspec.Struct, frozen=True, rename={"lowest": "from", "highest": "to"}, forbid_unknown_fields=True):
    """What the scores from `lowest` to `highest` ask for."""

    lowest: int
    highest: int
    level: int
    text: str


class MethodData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole data file of a method."""

    reference: str
    provenance: dict[str, str]
    scales: dict[str, ScaleData]
    clamps: dict[str, tuple[int, int]]
    static_after_min: dict[str, float]
    tables: dict[str, TableData]
    levels: tuple[Level, ...]

    def level(self, score: int) -> Level:
        """The level that `score` belongs to."""
        return next(level for level in self.levels if level.lowest <= score <= level.highest)


@cache
def method_data(method: str) -> MethodData:
    """The file of "rula", "reba" or "owas"."""
    text = resources.files("posture.ergonomics").joinpath(f"{method}.json").read_bytes()
    return msgspec.json.decode(text, type=MethodData)


@dataclass(frozen=True)
class Cell:
    """One look into a table."""

    table: str
    index: tuple[tuple[str, int], ...]
    """Name of each axis and the position on it, from 1, as far as the table reaches."""
    value: int


def look_up(method: str, table: str, position: Mapping[str, int]) -> Cell:
    """The cell of `table`; a position beyond the last row or column means the last. Raises KeyError for an unknown
    axis, ValueError for a position below 1.
    """
    data = method_data(method).tables[table]
    cells: Any = data.cells
    index = []
    for axis in data.axes:
        at = min(position[axis], len(cells))
        if at < 1:
            raise ValueError(f"{method} {table}: {axis} {position[axis]} lies before the table")
        index.append((axis, at))
        cells = cells[at - 1]
    return Cell(table, tuple(index), cells)


@dataclass(frozen=True, eq=False)
class Scale:
    """Bands of one angle, with the settings applied."""

    edges: tuple[float, ...]
    """Ascending; an edge that the band above owns is the largest number below it."""
    bounds: tuple[float, ...]
    """The same as they are printed."""
    scores: tuple[int, ...]

    def band(self, angle_deg: float) -> int:
        """Number of the band that `angle_deg` lies in, from 0. Raises ValueError for NaN: not measured is no angle."""
        if math.isnan(angle_deg):
            raise ValueError("an angle that was not measured has no band")
        return bisect_left(self.edges, angle_deg)

    def bands(self, angles: Array) -> NDArray[np.int64]:
        """The same for many; -1 for NaN."""
        return np.asarray(np.where(np.isnan(angles), -1, np.searchsorted(self.edges, angles)))

    def points(self, angle_deg: float) -> int:
        """Points of the band."""
        return self.scores[self.band(angle_deg)]

    @property
    def inside(self) -> tuple[float, ...]:
        """One angle within each band, in their order."""
        first, last = self.bounds[0] - 10.0, self.bounds[-1] + 10.0
        return (first, *((low + high) / 2 for low, high in pairwise(self.bounds)), last)


@cache
def scale(method: str, name: str, settings: ScoreSettings) -> Scale:
    """The bands of one angle of a method."""
    data = method_data(method).scales[name]
    edges, bounds, scores = [], [], list(data.scores)
    for value, owner in data.edges:
        dead = isinstance(value, str)
        bound = (settings.deadband_deg if value == "deadband" else -settings.deadband_deg) if dead else float(value)
        above = (owner == "above") ^ (settings.band_edge == "upper" and not dead)
        bounds.append(bound)
        edges.append(math.nextafter(bound, -math.inf) if above else bound)
    if (method, name, settings.reba_trunk_extension) == ("reba", "trunk", "worksheet"):
        scores[0] = scores[1]
    return Scale(tuple(edges), tuple(bounds), tuple(scores))
