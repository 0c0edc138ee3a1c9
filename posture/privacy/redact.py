"""What redaction does to pixels: arrays in, arrays out. Who and what is covered is decided elsewhere and handed in.

All functions change `pixels`, uint8 RGB [height, width, 3], in place, so that a large picture is held once.

Covering is the default because it leaves nothing: the colour is fixed and not taken from what it covers. A blur is a
number of means over parts of the face; these are fewer than recognition needs today, but they are values of the face,
and for a face in many frames of a video there are many of them.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Oval, Picture
from posture.errors import ModelError

COVER = (88, 92, 100)
"""RGB of what covers a face: a grey that neither shouts nor looks like a shadow."""
BLUR_CELLS = 5
"""A blurred face is made of the means of this many cells across and along, however large it is: 25 colours."""
BACKGROUND_CELLS = 40
"""A blurred background is made of this many cells on its longer side, however large the picture is."""
SUBPIXEL_BITS = 4
"""Positions given to OpenCV are in sixteenths of a pixel."""
FURTHEST_PX = 1e5
"""No position and no size of a head in a picture reaches this."""
BLOCK_PX = 256
"""A picture is blended in blocks of this side: most are wholly kept or gone, and memory does not grow with it."""

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom in pixels."""
Mask = NDArray[np.uint8]
"""[h, w] of any resolution, 255 where the picture stays: stretched to the picture."""


def cover_ovals(pixels: Picture, ovals: Iterable[Oval], colour: tuple[int, int, int] = COVER) -> None:
    """Fill each oval with `colour`."""
    for oval in ovals:
        _fill(pixels, oval, colour)


def cover_boxes(pixels: Picture, boxes: Iterable[Rectangle], colour: tuple[int, int, int] = COVER) -> None:
    """Fill each rectangle with `colour`."""
    for box in boxes:
        rows, columns = _window(box, pixels.shape)
        pixels[rows, columns] = colour


def cover_mask(pixels: Picture, mask: Mask, colour: tuple[int, int, int] = COVER) -> None:
    """Fill where `mask`, of any resolution, is above 0."""
    _blend(pixels, 255 - mask, lambda rows: np.broadcast_to(np.array(colour, np.uint8), pixels[rows].shape), hard=True)


def blur_ovals(pixels: Picture, ovals: Iterable[Oval]) -> None:
    """Replace each oval by a smooth picture of `BLUR_CELLS` x `BLUR_CELLS` means of its surrounding square.

    Nothing finer is kept, so nothing can be sharpened again; the part of the square beyond the picture's edge repeats
    the edge.
    """
    for oval in ovals:
        rows, columns = _window(bounds(oval), pixels.shape)
        part = pixels[rows, columns]
        if not part.size:
            continue
        smooth = _few_cells(part, (BLUR_CELLS, BLUR_CELLS))
        inside = np.zeros(part.shape[:2], np.uint8)
        _fill(inside, oval._replace(x=oval.x - columns.start, y=oval.y - rows.start), 255)
        part[inside > 0] = smooth[inside > 0]


def bounds(oval: Oval) -> Rectangle:
    """The upright rectangle around an oval."""
    c, s = math.cos(oval.rotation), math.sin(oval.rotation)
    half_width = math.hypot(oval.across * c, oval.along * s)
    half_height = math.hypot(oval.across * s, oval.along * c)
    return oval.x - half_width, oval.y - half_height, oval.x + half_width, oval.y + half_height


def gone(oval: Oval, keep: Mask, width: int, height: int) -> bool:
    """Whether nothing of an oval is left in a picture of that size where `keep`, of any resolution, is 0."""
    across, down = keep.shape[1] / width, keep.shape[0] / height
    left, top, right, bottom = bounds(oval)
    # One more sample around: between two samples the mask is interpolated.
    box = left * across - 1, top * down - 1, right * across + 1, bottom * down + 1
    return not keep[_window(box, keep.shape)].any()


def fill_background(pixels: Picture, keep: Mask, colour: tuple[int, int, int]) -> None:
    """One flat colour where `keep` is 0, soft where it lies between."""
    _blend(pixels, keep, lambda rows: np.broadcast_to(np.array(colour, np.uint8), pixels[rows].shape))


def replace_background(pixels: Picture, keep: Mask, behind: Picture) -> None:
    """`behind`, a picture of the same size, where `keep` is 0, soft where it lies between."""
    _blend(pixels, keep, lambda rows: behind[rows])


def blur_background(pixels: Picture, keep: Mask) -> None:
    """A smooth picture of `BACKGROUND_CELLS` means on its longer side where `keep` is 0, soft where it lies between.

    Means are over the background alone, so that nobody who stays shines into it.
    """
    height, width = pixels.shape[:2]
    small = _smaller((width, height), 8 * BACKGROUND_CELLS)
    colours = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    weights = 1 - cv2.resize(keep, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    cells = _smaller((width, height), BACKGROUND_CELLS)
    shares = cv2.resize(weights, cells, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(colours * weights[..., None], cells, interpolation=cv2.INTER_AREA)
    wide = max(cells) / 8  # cells behind a person take the colours around
    spread = cv2.GaussianBlur(shares, (0, 0), wide)
    around = cv2.GaussianBlur(sums, (0, 0), wide) / np.maximum(spread, 1e-6)[..., None]
    means = (sums + around * 0.02) / (shares + 0.02)[..., None]
    means = cv2.GaussianBlur(np.clip(means, 0, 255), (0, 0), 1.0)

    def behind(rows: slice) -> Picture:
        return _stretched_rows(means, rows, (width, height))

    _blend(pixels, keep, behind)


def flat(width: int, height: int, colour: tuple[int, int, int]) -> Picture:
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def filled(picture: Picture, width: int, height: int) -> Picture:
    """`picture` scaled so that it fills width x height, its middle kept and what sticks out cut off."""
    factor = max(width / picture.shape[1], height / picture.shape[0])
    size = max(math.ceil(picture.shape[1] * factor), width), max(math.ceil(picture.shape[0] * factor), height)
    large = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return np.ascontiguousarray(large[top : top + height, left : left + width]).astype(np.uint8, copy=False)


def changed_share(before: Picture, after: Picture, oval: Oval) -> float:
    """Share of the pixels inside `oval` that differ; 1 for an oval outside of the picture: nothing of it is seen."""
    rows, columns = _window(bounds(oval), before.shape)
    inside = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    if inside.size:
        _fill(inside, oval._replace(x=oval.x - columns.start, y=oval.y - rows.start), 255)
    if not inside.any():
        return 1.0
    differs = (before[rows, columns] != after[rows, columns]).any(-1)
    return float(differs[inside > 0].mean())


def _fill(array: NDArray[np.uint8], oval: Oval, value: tuple[int, int, int] | int) -> None:
    """Fill an oval and one pixel more around: OpenCV draws it as a polygon, which lies inside of the curve."""
    if not all(abs(value) < FURTHEST_PX for value in oval):  # also false for NaN
        raise ModelError(f"a head was placed at {oval[:2]} with a size of {oval[2:4]} pixels, which cannot be covered")
    unit = 1 << SUBPIXEL_BITS
    middle = round(oval.x * unit), round(oval.y * unit)
    axes = round((max(oval.across, 0) + 1) * unit), round((max(oval.along, 0) + 1) * unit)
    turn = math.degrees(oval.rotation)
    cv2.ellipse(array, middle, axes, turn, 0, 360, value, cv2.FILLED, cv2.LINE_8, SUBPIXEL_BITS)


def _window(box: Rectangle, shape: Sequence[int]) -> tuple[slice, slice]:
    """Rows and columns of the part of `box` that lies in a picture of that shape; empty where none does."""
    height, width = shape[:2]
    left, top = min(max(math.floor(box[0]), 0), width), min(max(math.floor(box[1]), 0), height)
    right, bottom = min(max(math.ceil(box[2]) + 1, left), width), min(max(math.ceil(box[3]) + 1, top), height)
    return slice(top, bottom), slice(left, right)


def _few_cells(part: Picture, cells: tuple[int, int]) -> Picture:
    small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR).astype(
        np.uint8, copy=False
    )


def _smaller(size: tuple[int, int], longer: int) -> tuple[int, int]:
    factor = min(longer / max(size), 1.0)
    return max(round(size[0] * factor), 1), max(round(size[1] * factor), 1)


def _stretched_rows(means: NDArray[Any], rows: slice, size: tuple[int, int]) -> Picture:
    """Those rows of `means` stretched to `size` (width, height)."""
    across, down = means.shape[1] / size[0], means.shape[0] / size[1]
    there = np.array([[across, 0, 0.5 * across - 0.5], [0, down, (rows.start + 0.5) * down - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    wide = cv2.warpAffine(means, there, (size[0], rows.stop - rows.start), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return wide.astype(np.uint8)


def _blend(pixels: Picture, keep: Mask, behind: Callable[[slice], Picture], *, hard: bool = False) -> None:
    """Block by block: `behind(rows)` where `keep` is 0, a mixture where it lies between 0 and 255.

    `hard`: no mixture, `behind` everywhere below 255.
    """
    height, width = pixels.shape[:2]
    alpha = cv2.resize(keep, (width, height), interpolation=cv2.INTER_LINEAR)
    if hard:
        alpha = cv2.threshold(alpha, 254, 255, cv2.THRESH_BINARY)[1]
    for top in range(0, height, BLOCK_PX):
        rows = slice(top, min(top + BLOCK_PX, height))
        if alpha[rows].min() == 255:
            continue
        back = behind(rows)
        for left in range(0, width, BLOCK_PX):
            columns = slice(left, min(left + BLOCK_PX, width))
            _blend_block(pixels[rows, columns], alpha[rows, columns], back[:, columns])


def _blend_block(block: Picture, alpha: NDArray[Any], back: Picture) -> None:
    lowest, highest = int(alpha.min()), int(alpha.max())
    if highest == 0:
        block[:] = back
    elif lowest < 255:
        share = alpha.astype(np.float32) / np.float32(255)
        block[:] = cv2.blendLinear(np.ascontiguousarray(block), np.ascontiguousarray(back), share, 1 - share)
