"""Faces in a whole picture, also small ones: a pyramid of overlapping tiles, each as large as the model's input.

The full-range model sees a face whose box has 8 of its 192 pixels (measured on eight photos: 0.4 or more in most
places at 10 pixels, 0.1 to 0.5 at 8). The finest tiles show half of the picture's resolution, so that a face of 24
pixels from hair line to chin, whose box has about 20, keeps 10.
"""

import itertools
import math
from collections.abc import Iterable
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Picture
from posture.pose.catalogue import Catalogue
from posture.pose.crop import Region
from posture.pose.face import FULL_RANGE, SHORT_RANGE, Face, faces
from posture.pose.sure import SureSession

INPUT = FULL_RANGE.size
FINEST_PX = 384
"""Side of the finest tiles in picture pixels."""
COARSER = 3
"""Each level's tiles are larger by this. A face that a tile's overlap cannot hold has 14 pixels in the next level."""
OVERLAP = 0.22
"""Of neighbouring tiles, in sides: at the finest level 84 pixels of the picture."""
ENOUGH = 1.1
"""A picture larger than a tile by less than this is one tile."""
THOROUGH_TILES = 9
"""Levels of at most this many tiles are searched on their sides and upside down, too."""

MIN_SCORE = 0.3
"""Probability from which a candidate is covered. MediaPipe takes 0.5, and so do some wheels, hands and shoes. Of 81
faces of photos, scaled to exactly 24 pixels, the finest tiles give 96 % this much, and 95 % 0.35."""
SMALL_PX = 16
"""Box in pixels of the input up to which a face is small. Larger ones have clearer scores:"""
MIN_LARGE_SCORE = 0.35
MIN_CLOSE_SCORE = 0.65
"""Of the short-range model, which gives 0.7 and more to faces that fill a quarter or more of its input, and up to 0.59
to trees and to the back of a chair."""
LARGE_PX = 28
"""Box in pixels of the input from which a face is large: easy for both models, and a false one hides much."""
MIN_LARGEST_SCORE = 0.55
"""Of such a face: trees, shelves and clothes reach 0.52."""
MIN_LARGE_EDGE_SCORE = 0.6
"""Of such a face at the edge: clothes that the edge cuts off reach 0.55."""
MIN_TURNED_SCORE = 0.6
"""The same for faces on their sides and upside down, which are rare, and false ones three times as many."""

EDGED_TILES = 30
"""Levels of at most this many tiles are searched beyond the edges of the picture."""
BEYOND: tuple[tuple[int, Literal["constant", "edge"]], ...] = ((48, "edge"), (48, "constant"), (80, "constant"))
"""Pixels of a level around the picture, repeated or black, where such levels are searched again: a face that the
picture's edge cuts off is seen as one only if there is something beyond the edge, and not with every amount of it."""
FEW_LEVELS = 2
"""Pictures with more levels, of more than 1.2 megapixels or so, are only given the first of these: it is tried at every
level, and all three would take a quarter of the time."""
TEXTURE_PX = 9
"""Side of a neighbourhood in pixels of a level, about as large as the smallest face."""
MIN_TEXTURE = 12
"""A tile in which brightness (0..255) never differs by this within a neighbourhood shows walls, sky or blur alone."""
Level = NDArray[np.uint8]


class Tile(NamedTuple):
    """A window of `INPUT` x `INPUT` pixels of a level; `left` and `top` in pixels of that level."""

    side: float
    """Side in picture pixels, the name of the level."""
    left: int
    top: int

    @property
    def square(self) -> Region:
        """The same window in picture pixels."""
        scale = self.side / INPUT
        return Region((self.left + INPUT / 2) * scale, (self.top + INPUT / 2) * scale, self.side, 0.0)


def sides(width: int, height: int) -> tuple[float, ...]:
    """The levels for a picture of that size, finest first; the last one holds the whole picture."""
    longer, finer = max(width, height), []
    side = FINEST_PX
    while side * ENOUGH < longer:
        finer.append(float(side))
        side *= COARSER
    return (*finer, float(longer))


def tiles(width: int, height: int, side: float) -> tuple[Tile, ...]:
    """The tiles that cover a picture of that size at one level, row by row."""
    across, down = (_starts(length * INPUT / side) for length in (width, height))
    return tuple(Tile(side, left, top) for top in down for left in across)


def _starts(length: float) -> list[int]:
    """Where tiles begin on a line of `length` level pixels: spread evenly, overlapping by at least `OVERLAP`."""
    spare = max(round(length) - INPUT, 0)
    count = 1 + math.ceil(spare / (INPUT * (1 - OVERLAP)))
    return [round(spare * i / max(count - 1, 1)) for i in range(count)]


def levels(pixels: Picture) -> dict[float, Level]:
    """Each level's picture by its side, at least `INPUT` pixels both ways (black beyond the edges)."""
    height, width = pixels.shape[:2]
    made: dict[float, Level] = {}
    source = pixels
    for side in sides(width, height):
        size = max(round(width * INPUT / side), 1), max(round(height * INPUT / side), 1)
        shrinks = size[0] < source.shape[1]
        source = cv2.resize(source, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR).astype(
            np.uint8, copy=False
        )
        beyond = (max(INPUT - source.shape[0], 0), max(INPUT - source.shape[1], 0))
        made[side] = np.pad(source, ((0, beyond[0]), (0, beyond[1]), (0, 0))) if any(beyond) else source
    return made


def textured(level: Level, parts: Iterable[Tile]) -> frozenset[Tile]:
    """Those of the tiles in which anything is to be seen. Noise of single pixels is averaged out first."""
    gray = cv2.blur(cv2.cvtColor(level, cv2.COLOR_RGB2GRAY), (3, 3))
    ranges = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((TEXTURE_PX, TEXTURE_PX), np.uint8))
    return frozenset(
        tile
        for tile in parts
        if ranges[tile.top : tile.top + INPUT, tile.left : tile.left + INPUT].max() >= MIN_TEXTURE
    )


class FaceSearch:
    """Both face detectors, and how a picture is shown to them. It remembers nothing."""

    def __init__(self, catalogue: Catalogue, providers: tuple[str, ...], threads: int) -> None:
        """Load the models. Raises ModelError: missing, altered, or refused by every provider."""
        self._full = SureSession(catalogue.reader(FULL_RANGE.model), providers, threads)
        self._short = SureSession(catalogue.reader(SHORT_RANGE.model), providers, threads)

    def whole(self, made: dict[float, Level], size: tuple[int, int], keep: Picture | None = None) -> list[Face]:
        """Every face of a picture of `size` (width, height) whose levels are `made`.

        `keep`, uint8 [h, w] of any resolution: only tiles in which it is not 0 throughout are searched.
        """
        found: list[Face] = []
        for side, level in made.items():
            parts = tiles(*size, side)
            thorough = len(parts) <= THOROUGH_TILES
            shown = textured(level, parts)
            for tile in parts:
                if tile in shown and (keep is None or _any(keep, tile, size)):
                    found += self.tile(level, tile, turned=thorough)
            if len(parts) <= EDGED_TILES:
                found += self.edges(level, side, size, keep)
        return [*found, *self.close_up(level, side)]

    def tile(self, level: Level, tile: Tile, *, turned: bool = False) -> tuple[Face, ...]:
        """The faces in one tile; with `turned` also those that lie on a side or are upside down."""
        window = level[tile.top : tile.top + INPUT, tile.left : tile.left + INPUT]
        found: tuple[Face, ...] = ()
        for quarter in range(4 if turned else 1):
            square = tile.square._replace(rotation=quarter * math.pi / 2)
            picture = np.ascontiguousarray(np.rot90(window, quarter))
            found += self._seen(picture, square, MIN_TURNED_SCORE if quarter else MIN_SCORE)
        return found

    def _seen(self, picture: Level, square: Region, min_score: float) -> tuple[Face, ...]:
        found = faces(self._full.run(picture[None]), FULL_RANGE, square, min_score)
        pixel = square.side / INPUT
        return tuple(face for face in found if face.score > _least(face.size / pixel))

    def edges(self, level: Level, side: float, size: tuple[int, int], keep: Picture | None = None) -> list[Face]:
        """The faces at the edges of one level as it looks with something beyond the edges of the picture."""
        found: list[Face] = []
        small = len(sides(*size)) <= FEW_LEVELS
        for beyond, border in BEYOND if small else BEYOND[:1]:
            places = _outermost(level, beyond)
            wider = np.pad(level, ((beyond, beyond), (beyond, beyond), (0, 0)), mode=border)
            for top, left in places:
                tile = Tile(side, left - beyond, top - beyond)
                if keep is None or _any(keep, tile, size):
                    window = np.ascontiguousarray(wider[top : top + INPUT, left : left + INPUT])
                    found += self._seen(window, tile.square, MIN_LARGE_SCORE)
        large = LARGE_PX * side / INPUT
        sure = [face for face in found if face.score > MIN_LARGE_EDGE_SCORE or face.size <= large]
        return [face for face in sure if _cut_off(face, size)]

    def close_up(self, level: Level, side: float) -> tuple[Face, ...]:
        """The faces that fill much of the whole picture, whose level is given: there the full-range model fails."""
        tile = Tile(side, 0, 0)
        small = cv2.resize(level[:INPUT, :INPUT], (SHORT_RANGE.size, SHORT_RANGE.size), interpolation=cv2.INTER_AREA)
        outputs = self._short.run(small.astype(np.uint8, copy=False)[None])
        return faces(outputs, SHORT_RANGE, tile.square, MIN_CLOSE_SCORE)

    def close(self) -> None:
        """End a model call that hangs, from any thread. The search cannot be used afterwards."""
        self._full.terminate()
        self._short.terminate()


def crop(pixels: Picture, square: Region, size: int) -> Picture:
    """`square` of the picture as [size, size, ...], black beyond the edges. Large squares are shrunk by area first."""
    c, s = math.cos(square.rotation) * size / square.side, math.sin(square.rotation) * size / square.side
    reach = square.side * 0.71 + 2  # half of the diagonal
    left, top = max(math.floor(square.x - reach), 0), max(math.floor(square.y - reach), 0)
    part = pixels[top : max(math.ceil(square.y + reach), 0), left : max(math.ceil(square.x + reach), 0)]
    if not part.size:
        return np.zeros((size, size, *pixels.shape[2:]), np.uint8)
    shrink = max(square.side / (2 * size), 1.0)
    if shrink > 1:
        smaller = max(round(part.shape[1] / shrink), 1), max(round(part.shape[0] / shrink), 1)
        shrink_x, shrink_y = part.shape[1] / smaller[0], part.shape[0] / smaller[1]
        part = cv2.resize(part, smaller, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    else:
        shrink_x = shrink_y = 1.0
    x, y = square.x - left, square.y - top
    there = np.array([[c, s, size / 2 - c * x - s * y], [-s, c, size / 2 + s * x - c * y]])
    there[:, 0] *= shrink_x
    there[:, 1] *= shrink_y
    return cv2.warpAffine(part, there, (size, size), flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _least(size_px: float) -> float:
    """The score that a face of the full-range model needs, by its box in pixels of the input."""
    if size_px > LARGE_PX:
        return MIN_LARGEST_SCORE
    return MIN_LARGE_SCORE if size_px > SMALL_PX else MIN_SCORE


def _outermost(level: Level, beyond: int) -> list[tuple[int, int]]:
    """Where (top, left) the tiles lie that reach over the edges of a level with that much around it."""
    down, across = (_starts(length + 2 * beyond) for length in level.shape[:2])
    every = itertools.product(down, across)
    return [(top, left) for top, left in every if top in (down[0], down[-1]) or left in (across[0], across[-1])]


def _cut_off(face: Face, size: tuple[int, int]) -> bool:
    """Whether the edge of a picture of `size` (width, height) cuts through the box of a face."""
    half = face.size / 2
    return any(min(at, length - at) < half for at, length in zip(face.centre, size, strict=True))


def _any(keep: Picture, tile: Tile, size: tuple[int, int]) -> bool:
    across, down = keep.shape[1] / size[0], keep.shape[0] / size[1]
    square = tile.square
    left, top = max(int((square.x - square.side / 2) * across), 0), max(int((square.y - square.side / 2) * down), 0)
    right, bottom = (square.x + square.side / 2) * across, (square.y + square.side / 2) * down
    return bool(keep[top : math.ceil(bottom) + 1, left : math.ceil(right) + 1].any())
