"""What all single-shot detectors of the BlazeFace family share: anchors, scores and the merging of candidates.

Bazarevsky et al. 2019 (arXiv:1907.05047); the anchors are those of MediaPipe's ssd_anchors_calculator with one fixed
size, so that a box is read in pixels of the input, relative to the middle of a cell.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.errors import ModelMismatch

MAX_OVERLAP = 0.3
"""Detections that overlap the best one more than this (intersection over union) are averaged into it."""


def sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    """Logistic function, element by element, without overflow: exp(88) is the last that float32 holds."""
    chances: NDArray[Any] = 1 / (1 + np.exp(-np.maximum(x, -80)))
    return chances


def grid(size: int, strides: Sequence[int], per_layer: int) -> Array:
    """[anchors, 2] anchor centres x, y in 0..1 of an input of `size` pixels.

    Row by row, all anchors of a cell together; layers of the same stride are merged, `per_layer` anchors a cell each.
    """
    layers = []
    for stride in dict.fromkeys(strides):
        cells = size // stride
        y, x = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) / cells
        layers.append(np.repeat(centres, per_layer * strides.count(stride), axis=0))
    return np.concatenate(layers)


def weighted_nms(boxes: Array, points: Array, scores: Array) -> Iterable[tuple[float, Array]]:
    """Clusters of overlapping candidates as (best score, points averaged by score), best first.

    boxes [n, 2, 2] (low corner, high corner), points [n, k, 2], scores [n] above 0. Blazeface's blending strategy:
    Bazarevsky et al. 2019 (arXiv:1907.05047), section 3.3.
    """
    left = np.argsort(-scores, kind="stable")
    while len(left):
        best = left[0]
        same = box_overlap(boxes[left], boxes[best]) > MAX_OVERLAP
        same[0] = True  # a box without area overlaps nothing, not even itself
        cluster, left = left[same], left[~same]
        yield float(scores[best]), np.average(points[cluster], axis=0, weights=scores[cluster])


def box_overlap(boxes: Array, box: Array) -> Array:
    """Intersection over union [n] of boxes [n, 2, 2] with one box [2, 2]."""
    low, high = np.maximum(boxes[:, 0], box[0]), np.minimum(boxes[:, 1], box[1])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(np.maximum(boxes[:, 1] - boxes[:, 0], 0), axis=1)
    union = area + np.prod(np.maximum(box[1] - box[0], 0)) - common
    shares: Array = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return shares


def by_size(outputs: Mapping[str, NDArray[Any]], *sizes: int) -> dict[int, NDArray[Any]]:
    """The tensors by number of elements: names and order differ between converters, these sizes do not."""
    found = {tensor.size: tensor for tensor in outputs.values()}
    missing = [size for size in sizes if size not in found]
    if missing:
        has = ", ".join(f"{name} {tensor.shape}" for name, tensor in outputs.items())
        raise ModelMismatch(
            f"the model has no output with {missing[0]} values (it gives {has}): not a model of this kind"
        )
    return found
