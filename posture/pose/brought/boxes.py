"""Heads of person detectors: NanoDet, RTMDet, YOLOX. Pure functions. BlazePose's own is in `posture.pose.blazepose`."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from posture.data import Array
from posture.errors import ModelMismatch
from posture.pose.brought.found import CANDIDATES, LEAST, Boxes, Outputs, apart, no_part, part, scored
from posture.pose.brought.use import HeadName, Use

YOLOX_STRIDES = (8, 16, 32)
NANODET_STRIDES = ((8, 16, 32), (8, 16, 32, 64))
"""Of NanoDet and of NanoDet-Plus."""


def rtmdet(outputs: Outputs, use: Use) -> Boxes:
    """Boxes that are apart already, [1, n, 5] (corners, score), and their labels [1, n]; parts `boxes` and `labels`.

    Lyu et al. 2022 (arXiv:2212.07784), as mmdeploy exports it with its end: `dets`, `labels`.
    """
    boxes = part(outputs, use, "boxes", (1, None, 5))[0]
    labels = part(outputs, use, "labels", (1, None))[0]
    rows = boxes[labels == use.person] if len(labels) == len(boxes) else boxes[:0]
    return _apart(rows[:, :4].reshape(-1, 2, 2), scored(rows[:, 4], use))


def yolox(outputs: Outputs, use: Use) -> Boxes:
    """The part `boxes`, [1, n, 5 + classes]: middle and size of the box in cells, scores of box and classes.

    Ge et al. 2021 (arXiv:2107.08430): cells of 8, 16 and 32 pixels, row by row; sizes are exponents.
    """  # fmt: skip
    cells, strides = _cells(use.input.width, use.input.height, YOLOX_STRIDES)
    rows = part(outputs, use, "boxes", (1, len(cells), None))[0]
    check_yolox_row(rows.shape[1], use)
    scores = scored(rows[:, 4] * rows[:, 5 + use.person], use)
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    middle = (rows[best, :2] + cells[best]) * strides[best, None]
    half = np.exp(np.minimum(rows[best, 2:4], 20.0)) * strides[best, None] / 2
    return _apart(np.stack([middle - half, middle + half], 1), scores[best])


def nanodet(outputs: Outputs, use: Use) -> Boxes:
    """The part `boxes`, [1, n, classes + 4 bins]: probability of each class, then how far each side is, in cells.

    A side (left, top, right, bottom) is the mean of its bins 0, 1, 2, ... weighted by their softmax (Li et al. 2020,
    arXiv:2006.04388). NanoDet (m, g) measures from the middles of cells of 8, 16 and 32 pixels, NanoDet-Plus from the
    upper left corners of these and of 64 pixels (RangiLyu/nanodet 1.0).
    """
    rows = part(outputs, use, "boxes", (1, None, None))[0]
    counts = nanodet_cells(use.input.width, use.input.height)
    if len(rows) not in counts:
        shapes = {name: each.shape for name, each in outputs.items()}
        raise ModelMismatch(no_part(use, "boxes", (1, counts[0], None), shapes))
    check_nanodet_row(rows.shape[1], use)
    plus = counts.index(len(rows))
    cells, strides = _cells(use.input.width, use.input.height, NANODET_STRIDES[plus])
    scores = scored(rows[:, use.person], use)
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    bins = rows[best, use.classes :].reshape(len(best), 4, -1)
    weights = np.exp(bins - bins.max(2, keepdims=True))
    reach = (weights @ np.arange(bins.shape[2])) / weights.sum(2)
    origin = cells[best] + (0.0 if plus else 0.5)
    corners = np.stack([origin - reach[:, :2], origin + reach[:, 2:]], 1)
    return _apart(corners * strides[best, None, None], scores[best])


def check_yolox_row(length: int, use: Use) -> None:
    """Raise ModelMismatch unless rows of so many numbers hold the class that people are."""
    if length <= 5 + use.person:
        raise ModelMismatch(f"person = {use.person}: the model knows {max(length - 5, 0)} classes, the first is 0")


def check_nanodet_row(length: int, use: Use) -> None:
    """Raise ModelMismatch unless rows of so many numbers hold the classes and four sides beside them."""
    if length <= use.classes or (length - use.classes) % 4:
        raise ModelMismatch(f"classes = {use.classes}: rows of {length} numbers hold no four sides beside them")


ROWS: dict[HeadName, Callable[[int, Use], None]] = {"nanodet": check_nanodet_row, "yolox": check_yolox_row}
"""What else is known of the rows of a head than how many there are."""


def yolox_cells(width: int, height: int) -> int:
    """How many boxes a YOLOX of that input gives."""
    return len(_cells(width, height, YOLOX_STRIDES)[0])


def nanodet_cells(width: int, height: int) -> tuple[int, ...]:
    """How many boxes a NanoDet of that input gives, and a NanoDet-Plus."""
    return tuple(len(_cells(width, height, strides)[0]) for strides in NANODET_STRIDES)


def _cells(width: int, height: int, all_strides: Sequence[int]) -> tuple[Array, Array]:
    """[n, 2] column and row of every cell, [n] its side in pixels."""
    cells, strides = [], []
    for stride in all_strides:
        y, x = np.mgrid[0 : math.ceil(height / stride), 0 : math.ceil(width / stride)]
        cells.append(np.stack([x, y], -1).reshape(-1, 2).astype(np.float64))
        strides.append(np.full(x.size, float(stride)))
    return np.concatenate(cells), np.concatenate(strides)


def _apart(corners: Array, scores: Array) -> Boxes:
    some = scores >= LEAST
    corners, scores = corners[some], scores[some]
    kept = apart(corners, scores)
    return Boxes(corners[kept], scores[kept])
