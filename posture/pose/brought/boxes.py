"""Heads of person detectors: RTMDet and YOLOX. Pure functions. BlazePose's own is in `posture.pose.blazepose`."""

import numpy as np

from posture.data import Array
from posture.pose.brought.found import CANDIDATES, LEAST, Boxes, Outputs, apart, part, scored
from posture.pose.brought.use import Use

YOLOX_STRIDES = (8, 16, 32)


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
    cells, strides = _cells(use.input.width, use.input.height)
    rows = part(outputs, use, "boxes", (1, len(cells), None))[0]
    scores = scored(rows[:, 4] * rows[:, 5 + use.person], use)
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    middle = (rows[best, :2] + cells[best]) * strides[best, None]
    half = np.exp(np.minimum(rows[best, 2:4], 20.0)) * strides[best, None] / 2
    return _apart(np.stack([middle - half, middle + half], 1), scores[best])


def yolox_cells(width: int, height: int) -> int:
    """How many boxes a YOLOX of that input gives."""
    return len(_cells(width, height)[0])


def _cells(width: int, height: int) -> tuple[Array, Array]:
    """[n, 2] column and row of every cell, [n] its side in pixels."""
    cells, strides = [], []
    for stride in YOLOX_STRIDES:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack([x, y], -1).reshape(-1, 2).astype(np.float64))
        strides.append(np.full(x.size, float(stride)))
    return np.concatenate(cells), np.concatenate(strides)


def _apart(corners: Array, scores: Array) -> Boxes:
    some = scores >= LEAST
    corners, scores = corners[some], scores[some]
    kept = apart(corners, scores)
    return Boxes(corners[kept], scores[kept])
