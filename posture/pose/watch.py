"""Which parts of a video frame are searched for faces: those that changed since they were last searched.

A search of every tile of every frame would take most of the time, and mostly for the same answer. What has not changed
has no face that was not there before, and a head that was there is held and looked at where it is expected.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Picture
from posture.pose.catalogue import Catalogue
from posture.pose.face import Face
from posture.pose.search import INPUT, THOROUGH_TILES, FaceSearch, Level, Tile, levels, tiles

CELL = 8
"""Pixels of a level whose mean is compared: a face of 24 pixels in the picture fills one at the finest level."""
CHANGE = 6
"""Brightness (0..255) by which a cell's mean has to differ. Noise of a dark camera moves it by 1 to 3."""
AGAIN_S = 0.1
"""A tile is searched again after this time at the earliest; the one of the whole picture whenever it changes."""
TURNED_EVERY_S = 1.0
"""How often a tile is searched for faces that lie on a side, are upside down or are cut off by the edge."""


@dataclass(slots=True)
class _Searched:
    """What is known of one tile."""

    cells: NDArray[np.int16]
    time_s: float
    turned_s: float
    faces: tuple[Face, ...]
    """They are there for as long as the tile does not change."""


class FaceWatch:
    """Finds the faces of a stream, or of pictures that have nothing to do with each other (`still`)."""

    def __init__(self, catalogue: Catalogue, providers: tuple[str, ...], threads: int, *, still: bool) -> None:
        """Load the models. Raises ModelError: missing, altered, or refused by every provider."""
        self._search = FaceSearch(catalogue, providers, threads)
        self._still = still
        self._searched: dict[Tile, _Searched] = {}
        self._edges_s = -math.inf
        self._edges: list[Face] = []

    def __call__(self, pixels: Picture, time_s: float, keep: Picture | None = None) -> list[Face]:
        """The faces found in `pixels` (upright RGB) at `time_s`. Raises ModelError.

        `keep`, [h, w] of any resolution: of still pictures, nothing is searched where it is 0.
        """
        size = pixels.shape[1], pixels.shape[0]
        made = levels(pixels)
        if self._still:
            return self._search.whole(made, size, keep)
        found: list[Face] = []
        for side, level in made.items():
            found += self._changed(level, tiles(*size, side), time_s)
        found += self._search.close_up(level, side)  # the last level holds the whole picture
        if time_s - self._edges_s >= TURNED_EVERY_S:
            self._edges_s = time_s
            self._edges = self._search.edges(level, side, size)
        return found + self._edges

    def forget(self) -> None:
        """The scene changed: search everything."""
        self._searched.clear()
        self._edges_s, self._edges = -math.inf, []

    def close(self) -> None:
        """End a model call that hangs, from any thread. The watch cannot be used afterwards."""
        self._search.close()

    def _changed(self, level: Level, parts: Sequence[Tile], time_s: float) -> Iterable[Face]:
        """Search the tiles of one level whose picture changed."""
        few = len(parts) <= THOROUGH_TILES
        cells = cell_means(level)
        for tile in parts:
            now = _cells_of(cells, tile)
            last = self._searched.get(tile)
            if last is not None:
                if np.abs(now - last.cells).max() <= CHANGE:
                    yield from last.faces
                    continue
                if len(parts) > 1 and time_s - last.time_s < AGAIN_S:
                    continue
            turned = few and (last is None or time_s - last.turned_s >= TURNED_EVERY_S)
            turned_s = time_s if turned or last is None else last.turned_s
            faces = self._search.tile(level, tile, turned=turned)
            self._searched[tile] = _Searched(now, time_s, turned_s, faces)
            yield from faces


def cell_means(level: Level) -> NDArray[np.int16]:
    """The brightness of each `CELL` x `CELL` pixels of a level."""
    size = math.ceil(level.shape[1] / CELL), math.ceil(level.shape[0] / CELL)
    small = cv2.resize(level, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.int16)


def _cells_of(cells: NDArray[np.int16], tile: Tile) -> NDArray[np.int16]:
    top, left, count = tile.top // CELL, tile.left // CELL, INPUT // CELL
    return cells[top : top + count + 1, left : left + count + 1]
