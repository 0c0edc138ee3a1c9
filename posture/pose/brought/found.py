"""What heads give, and what they share: finding outputs, scales of scores, leaving out what is there twice."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.errors import ModelMismatch, ModelRefused
from posture.pose.brought.use import Use
from posture.pose.ssd import box_overlap, sigmoid
from posture.skeleton import LAYOUTS

Outputs = Mapping[str, NDArray[Any]]

MAX_OVERLAP = 0.65
"""Boxes that overlap a better one by more (intersection over union) are the same person; YOLOX takes 0.65."""
CANDIDATES = 200
"""So many of the best candidates are looked at; more are never people in one picture."""
LEAST = 0.05
"""Scores below are nothing, whatever `Use.half` says: it keeps thousands of anchors out of what follows."""


class Keypoints(NamedTuple):
    """N people with K points in pixels of the input."""

    points: Array
    """[N, K, 2]"""
    scores: Array
    """[N, K] after the logistic function where the use says logit; not yet compared with `Use.half`."""


class Boxes(NamedTuple):
    """N people without keypoints, in pixels of the input."""

    corners: Array
    """[N, 2, 2]: low and high corner."""
    scores: Array
    """[N] as in `Keypoints`."""


def count(use: Use) -> int:
    """Keypoints of the layout of `use`."""
    return len(LAYOUTS[use.layout])


def part(outputs: Outputs, use: Use, name: str, fits: tuple[int | None, ...]) -> NDArray[np.float64]:
    """The output that plays the part `name`: the one that the use names, or the only one of the shape `fits`.

    In `fits` None stands for any size. Whole numbers are turned into what `use.quanta` says. Raises ModelMismatch,
    ModelRefused where it holds NaN or infinity.
    """
    named = use.outputs.get(name)
    chosen = [named] if named is not None else [key for key, each in outputs.items() if has_shape(each.shape, fits)]
    if len(chosen) != 1 or chosen[0] not in outputs or not has_shape(outputs[chosen[0]].shape, fits):
        raise ModelMismatch(no_part(use, name, fits, {key: each.shape for key, each in outputs.items()}))
    check_finite({name: outputs[chosen[0]]})
    values = outputs[chosen[0]].astype(np.float64)
    quantum = use.quanta.get(chosen[0])
    return values if quantum is None else (values - quantum.zero) * quantum.scale


def check_finite(outputs: Outputs) -> None:
    """Raise ModelRefused where a model gives NaN or infinity: a picture is shown that it cannot compute, as happens in
    half precision.
    """
    for name, values in outputs.items():
        if not np.isfinite(values).all():
            raise ModelRefused(
                f"the model gives numbers that are not finite ({name}): input.mean and input.std of its entry are "
                "wrong, or it computes with too few bits"
            )


def has_shape(shape: tuple[int, ...], fits: tuple[int | None, ...]) -> bool:
    """Whether a shape fits; 0 in `shape` is an open size."""
    return len(shape) == len(fits) and all(a == b or b is None or a == 0 for a, b in zip(shape, fits, strict=True))


def no_part(use: Use, name: str, fits: tuple[int | None, ...], shapes: Mapping[str, tuple[int, ...]]) -> str:
    """What is wrong where no output, or more than one, can play a part."""
    wanted = f"[{', '.join('any' if size is None else str(size) for size in fits)}]"
    has = ", ".join(f"{key} [{', '.join(str(size or 'any') for size in shape)}]" for key, shape in shapes.items())
    said = use.outputs.get(name)
    which = f"outputs.{name} = {said!r} is not" if said is not None else "there is not exactly one output that is"
    points = f" with skeleton = {use.skeleton!r} ({count(use)} points)" if use.skeleton else ""
    return f"head {use.head}{points}: {which} of the shape {wanted} for {name}; the model gives {has}"


def scored(values: NDArray[np.float64], use: Use) -> Array:
    """Scores on the scale of probabilities, as far as the model has one."""
    scores: Array = sigmoid(values) if use.score == "logit" else values
    return scores


def even(scores: Array, use: Use) -> Array:
    """Scores as probabilities 0..1 in which `use.half` is an even chance: straight lines from 0 to half to 1.

    A score of 1 or more is certain; models whose scores end below 1 never say so.
    """
    top = max(1.0, 2 * use.half)
    return np.interp(scores, [0.0, use.half, top], [0.0, 0.5, 1.0])


def apart(corners: Array, scores: Array) -> list[int]:
    """Which boxes are left when each is compared with the better ones, best first. corners [n, 2, 2], scores [n]."""
    waiting = np.argsort(-scores, kind="stable")[:CANDIDATES]
    kept = []
    while len(waiting):
        best, waiting = int(waiting[0]), waiting[1:]
        kept.append(best)
        waiting = waiting[box_overlap(corners[waiting], corners[best]) <= MAX_OVERLAP]
    return kept
