"""PoseNet: heatmaps, offsets inside a cell and displacements along the skeleton, for several people. Pure functions.

Papandreou et al. 2018 (arXiv:1803.08225), section 3.1, without its masks: every local maximum is the seed of a person,
best first; from it the other points follow along the displacements, each corrected by the offset of the cell it falls
into. A seed that lies on a point of somebody who is there already is none; what lies on another's points does not count
for the score.
"""

import numpy as np

from posture.data import Array
from posture.pose.brought.found import Keypoints, Outputs, part, scored
from posture.pose.brought.use import Use
from posture.skeleton import COCO_17

EDGES = (
    ("nose", "left_eye"), ("left_eye", "left_ear"), ("nose", "right_eye"), ("right_eye", "right_ear"),
    ("nose", "left_shoulder"), ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("left_shoulder", "left_hip"), ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
    ("nose", "right_shoulder"), ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
    ("right_shoulder", "right_hip"), ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
)  # fmt: skip
"""From parent to child, in the order of the displacements (google-coral/project-posenet and tfjs-models)."""
POINTS = 17
NEAR_CELLS = 1.25
"""Points of the same kind nearer than this, in cells of about 16 pixels, are the same: 20 pixels in tfjs-models."""
STEPS = 3
"""How often the offset of a cell leads on to another one. Offsets reach two cells, but only 10 pixels in 8 bits. With
one step the median errors on five pictures are 0.14 to 0.26 of the trunk, with two 0.06 to 0.08, with three 0.05.
"""
AROUND = 1
"""A seed is the highest within this many cells."""
MOST_PEOPLE = 20
SEED_SHARE = 0.6
"""Seeds need this share of `Use.half`: they are one keypoint, and the mean of all decides."""
_PAIRS = tuple((COCO_17.index[a], COCO_17.index[b]) for a, b in EDGES)


def posenet(outputs: Outputs, use: Use) -> Keypoints:
    """Parts `heatmap` [1, h, w, 17], `offset` [1, h, w, 34] (y of all, then x) and `displacement` [1, h, w, 64].

    The last has y and x of the 16 edges from parent to child, then from child to parent. Pixels of the input.
    """
    maps = scored(part(outputs, use, "heatmap", (1, None, None, POINTS))[0], use)
    height, width = maps.shape[:2]
    offsets = _vectors(part(outputs, use, "offset", (1, height, width, 2 * POINTS))[0], POINTS)
    steps = part(outputs, use, "displacement", (1, height, width, 4 * len(EDGES)))[0]
    forward, backward = (_vectors(half, len(EDGES)) for half in np.split(steps, 2, axis=2))
    grid = _Grid(maps, offsets, use)
    people: list[tuple[Array, Array]] = []
    for row, column, kind in _seeds(maps, SEED_SHARE * use.half):
        start = grid.refined(np.array([column, row]) * grid.stride, kind)
        if not any(np.hypot(*(points[kind] - start)) < grid.near for points, _ in people):
            points, scores = _grown(grid, kind, start, forward, backward)
            people.append((points, scores * _own(points, people, grid.near)))
        if len(people) == MOST_PEOPLE:
            break
    if not people:
        return Keypoints(np.empty((0, POINTS, 2)), np.empty((0, POINTS)))
    points, scores = (np.stack(column) for column in zip(*people, strict=True))
    return Keypoints(points, scores)


class _Grid:
    """Scores and offsets by place in the input."""

    def __init__(self, maps: Array, offsets: Array, use: Use) -> None:
        self.maps, self.offsets = maps, offsets
        height, width = maps.shape[:2]
        # Cells lie on both edges of the input: 23 of them over 353 pixels are 16 apart.
        self.stride = np.array([(use.input.width - 1) / max(width - 1, 1), (use.input.height - 1) / max(height - 1, 1)])
        self.near = NEAR_CELLS * float(self.stride.max())

    def cell(self, point: Array) -> tuple[int, int]:
        """Row and column of the cell that is nearest to `point` [2]."""
        column, row = np.rint(point / self.stride)
        height, width = self.maps.shape[:2]
        return int(np.clip(row, 0, height - 1)), int(np.clip(column, 0, width - 1))

    def refined(self, point: Array, kind: int) -> Array:
        """[2] where the keypoint lies that the cell at `point` leads to."""
        for _ in range(STEPS):
            row, column = self.cell(point)
            point = np.array([column, row]) * self.stride + self.offsets[row, column, kind]
        return point


def _vectors(values: Array, number: int) -> Array:
    """[h, w, 2 n] (all y, then all x) as [h, w, n, 2] (x, y)."""
    return np.stack([values[..., number:], values[..., :number]], -1)


def _seeds(maps: Array, least: float) -> list[tuple[int, int, int]]:
    """Row, column and kind of every local maximum of at least that score, best first."""
    height, width, _ = maps.shape
    padded = np.pad(maps, ((AROUND, AROUND), (AROUND, AROUND), (0, 0)), constant_values=-np.inf)
    span = range(2 * AROUND + 1)
    highest = np.max([padded[y : y + height, x : x + width] for y in span for x in span], axis=0)
    rows, columns, kinds = np.nonzero((maps >= highest) & (maps >= least))
    order = np.argsort(-maps[rows, columns, kinds], kind="stable")
    return [(int(rows[i]), int(columns[i]), int(kinds[i])) for i in order]


def _grown(grid: _Grid, kind: int, start: Array, forward: Array, backward: Array) -> tuple[Array, Array]:
    """All points [17, 2] and scores [17] of the person with the keypoint `kind` at `start`."""
    points, scores = np.zeros((POINTS, 2)), np.zeros(POINTS)
    known = {kind}
    points[kind], scores[kind] = start, grid.maps[(*grid.cell(start), kind)]
    waiting = [kind]
    while waiting:
        at = waiting.pop(0)
        for edge, (parent, child) in enumerate(_PAIRS):
            for source, target, steps in ((parent, child, forward), (child, parent, backward)):
                if source != at or target in known:
                    continue
                row, column = grid.cell(points[at])
                points[target] = grid.refined(points[at] + steps[row, column, edge], target)
                scores[target] = grid.maps[(*grid.cell(points[target]), target)]
                known.add(target)
                waiting.append(target)
    return points, scores


def _own(points: Array, people: list[tuple[Array, Array]], near: float) -> Array:
    """[17] 1 where a point is not one of somebody found before, else 0."""
    taken = np.zeros(POINTS, bool)
    for others, _ in people:
        steps = others - points
        taken |= np.hypot(steps[:, 0], steps[:, 1]) < near
    own: Array = 1.0 - taken
    return own
