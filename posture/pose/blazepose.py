"""BlazePose: what the tensors of the person detector and of the landmark model mean. Pure functions, no model.

Bazarevsky et al. 2020 (arXiv:2006.10204); the constants are those of MediaPipe 0.10.21 (mediapipe/modules/
pose_detection and pose_landmark). `tools/compare_mediapipe.py` shows that they agree with MediaPipe's own output.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.pose.crop import Region, body_region, rotated, to_picture
from posture.pose.ssd import by_size, grid, sigmoid, weighted_nms

DETECTOR_SIZE = 224
LANDMARK_SIZE = 256
STRIDES = (8, 16, 32, 32, 32)
"""Of the detector's five anchor layers; each cell of a layer has two anchors."""
ANCHORS = 2254

MODEL_POINTS = 39
"""0-32 body, 33 centre and 34 scale point of the next region, 35-38 unused."""
BODY = slice(0, 33)
CENTRE, SCALE_POINT = 33, 34
USED_POINTS = 35
HEATMAP_SIZE = 64
HEATMAP_REACH = 4
"""Cells on each side of the centre: the window is 9 x 9. (The pbtxt says 7; the shipped binary behaves as 9.)"""
HEATMAP_MIN_PEAK = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One person as the detector sees it."""

    score: float
    points_px: Array
    """[4, 2]: middle of the hips, full-body scale point, middle of the shoulders, upper-body scale point."""
    rough: bool = False
    """Whether its region is not the one that the landmark model was trained for: it is to look once more around what it
    sees there."""
    confirmed: bool = False
    """Whether a second model has seen a person there too."""

    @property
    def region(self) -> Region:
        """Where the landmark model is to look."""
        return body_region(self.points_px[0], self.points_px[1])

    @property
    def shoulders(self) -> Array:
        """[2] middle of the shoulders in picture pixels."""
        return cast(Array, self.points_px[2])


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """What the landmark model says about one region, before smoothing."""

    score: float
    """Probability that the region holds a person."""
    points_px: Array
    """[35, 3] in picture pixels, z in the same unit; 33 and 34 span the next region."""
    world_m: Array
    """[33, 3] metres."""
    visibility: Array
    """[33] probabilities."""
    presence: Array
    """[33] probabilities."""
    skeleton: str = "blazepose-33"
    """The layout of the model. What it lacks is NaN here, neither seen nor present."""

    @property
    def region(self) -> Region:
        """The region that these points span."""
        return body_region(self.points_px[CENTRE, :2], self.points_px[SCALE_POINT, :2])


@cache
def anchors() -> Array:
    """[2254, 2] anchor centres x, y in 0..1."""
    return grid(DETECTOR_SIZE, STRIDES, 2)


def detections(outputs: Mapping[str, NDArray[Any]], square: Region, min_score: float) -> tuple[Detection, ...]:
    """Everybody the detector found in `square` (an upright region), best score first.

    `outputs`: one tensor of 2254 x 12 (box centre, box size, four points; pixels of the 224 crop, relative to the
    anchor) and one of 2254 logits. Raises ModelMismatch for anything else.
    """
    tensors = by_size(outputs, ANCHORS * 12, ANCHORS)
    chances = sigmoid(tensors[ANCHORS].reshape(ANCHORS).astype(np.float64))
    rows = np.flatnonzero(chances > min_score)
    raw = tensors[ANCHORS * 12].reshape(ANCHORS, 6, 2)[rows].astype(np.float64) / DETECTOR_SIZE
    centre = anchors()[rows]
    middle, half = raw[:, 0] + centre, raw[:, 1] / 2
    boxes = np.stack([middle - half, middle + half], 1)
    points = raw[:, 2:] + centre[:, None]
    return tuple(
        Detection(score, to_picture(merged, square)) for score, merged in weighted_nms(boxes, points, chances[rows])
    )


def landmarks(outputs: Mapping[str, NDArray[Any]], region: Region, min_score: float) -> Landmarks | None:
    """What the landmark model found in `region`; None where its score is not above `min_score`.

    `outputs`, told apart by their size: landmarks 39 x (x, y, z, visibility, presence) in crop pixels, score 1 (a
    probability already), heatmap 64 x 64 x 39 logits, world 39 x 3 metres. Raises ModelMismatch for anything else.
    """
    cells = HEATMAP_SIZE * HEATMAP_SIZE * MODEL_POINTS
    tensors = by_size(outputs, MODEL_POINTS * 5, 1, cells, MODEL_POINTS * 3)
    score = float(tensors[1].item())
    if not score > min_score:
        return None
    raw = tensors[MODEL_POINTS * 5].reshape(MODEL_POINTS, 5)[:USED_POINTS].astype(np.float64)
    xy = refined(raw[:, :2] / LANDMARK_SIZE, tensors[cells].reshape(HEATMAP_SIZE, HEATMAP_SIZE, MODEL_POINTS))
    z = raw[:, 2:3] * (region.side / LANDMARK_SIZE)
    chances = sigmoid(raw[BODY, 3:5])
    world = tensors[MODEL_POINTS * 3].reshape(MODEL_POINTS, 3)[BODY].astype(np.float64)
    return Landmarks(
        score,
        np.hstack([to_picture(xy, region), z]),
        np.hstack([rotated(world[:, :2], region.rotation), world[:, 2:]]),
        chances[:, 0],
        chances[:, 1],
    )


_STEPS = np.arange(-HEATMAP_REACH, HEATMAP_REACH + 1)
_ROW_STEPS, _COLUMN_STEPS = (axis.ravel() for axis in np.meshgrid(_STEPS, _STEPS, indexing="ij"))
_MOMENTS = np.stack([_COLUMN_STEPS, _ROW_STEPS, np.ones_like(_STEPS, shape=_ROW_STEPS.shape)], 1).astype(np.float64)


def refined(points: Array, heatmap: NDArray[Any]) -> Array:
    """Points [n, 2] (0..1 of the crop) moved to the centre of mass of their heatmap [64, 64, >= n] (logits).

    Only cells of the 9 x 9 window around the point count; a point outside the map, or with no cell of at least 0.5,
    stays (MediaPipe: refine_landmarks_from_heatmap_calculator). A cell's coordinate is its index over 64.
    """
    cell = np.trunc(points * HEATMAP_SIZE).astype(np.intp)
    columns, rows = cell[:, :1] + _COLUMN_STEPS, cell[:, 1:] + _ROW_STEPS
    inside = ((columns | rows) & -HEATMAP_SIZE) == 0  # neither is negative nor has a bit at 64 or above
    cells = np.where(inside, rows * HEATMAP_SIZE + columns, 0) * heatmap.shape[2] + np.arange(len(points))[:, None]
    weights = sigmoid(np.take(heatmap, cells)) * inside
    moments = weights @ _MOMENTS
    centre = (cell + moments[:, :2] / np.maximum(moments[:, 2:], 1e-9)) / HEATMAP_SIZE
    use = inside[:, len(_ROW_STEPS) // 2] & (weights.max(1) >= HEATMAP_MIN_PEAK)
    return np.where(use[:, None], centre, points)
