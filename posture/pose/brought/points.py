"""Heads that find the keypoints of one person in a region: heatmaps, MoveNet, SimCC. Pure functions."""

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.pose.brought.found import Keypoints, Outputs, count, part, scored
from posture.pose.brought.use import Use

Cells = NDArray[np.intp]


def heatmap(outputs: Outputs, use: Use) -> Keypoints:
    """One map a keypoint, in the layout of the input; the part `heatmap`. The highest cell is the point.

    Where cells are larger than pixels, it moves by a quarter towards the higher neighbour (Newell et al. 2016,
    arXiv:1603.06937, appendix of the evaluation code).
    """
    points = count(use)
    if use.input.layout == "NCHW":
        maps = part(outputs, use, "heatmap", (1, points, None, None))[0]
    else:
        maps = part(outputs, use, "heatmap", (1, None, None, points))[0].transpose(2, 0, 1)
    height, width = maps.shape[1:]
    best = maps.reshape(points, -1).argmax(1)
    rows, columns = np.divmod(best, width)
    cells = np.stack([columns, rows], 1).astype(np.float64)
    stride = np.array([use.input.width / width, use.input.height / height])
    if (stride > 1).any():
        cells += 0.25 * _uphill(maps, rows, columns)
    found = (cells + 0.5) * stride - 0.5
    return Keypoints(found[None], scored(maps.reshape(points, -1).max(1), use)[None])


def _uphill(maps: Array, rows: Cells, columns: Cells) -> Array:
    """[K, 2] direction of the higher neighbour in x and y: -1, 0 or 1; 0 at the edge."""
    _, height, width = maps.shape
    k = np.arange(len(maps))
    inner_x, inner_y = (columns > 0) & (columns < width - 1), (rows > 0) & (rows < height - 1)
    right, left = np.minimum(columns + 1, width - 1), np.maximum(columns - 1, 0)
    below, above = np.minimum(rows + 1, height - 1), np.maximum(rows - 1, 0)
    x = np.sign(maps[k, rows, right] - maps[k, rows, left]) * inner_x
    y = np.sign(maps[k, below, columns] - maps[k, above, columns]) * inner_y
    return np.stack([x, y], 1)


def movenet(outputs: Outputs, use: Use) -> Keypoints:
    """MoveNet for one person: [1, 1, K, 3] with y, x (0..1 of the input) and score; the part `keypoints`.

    Model card of MoveNet.SinglePose, Google 2021.
    """
    raw = part(outputs, use, "keypoints", (1, 1, count(use), 3))[0]
    found = raw[..., 1::-1] * (use.input.width, use.input.height) - 0.5
    return Keypoints(found, scored(raw[..., 2], use))


def simcc(outputs: Outputs, use: Use) -> Keypoints:
    """One row of bins for each axis and keypoint, `use.split` bins a pixel; the parts `x` and `y`.

    The highest bin of each axis is the coordinate, the lower of both heights the score (Li et al. 2022,
    arXiv:2107.03332; RTMPose, arXiv:2303.07399, decodes like this).
    """
    points = count(use)
    x = part(outputs, use, "x", (1, points, round(use.input.width * use.split)))
    y = part(outputs, use, "y", (1, points, round(use.input.height * use.split)))
    found = np.stack([x.argmax(2), y.argmax(2)], 2) / use.split
    return Keypoints(found, scored(np.minimum(x.max(2), y.max(2)), use))
