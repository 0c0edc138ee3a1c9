"""Figures in place of people: skeletons drawn on a flat ground, with nothing of the picture in them.

Widths follow the size of each body. A head is an oval of the body's scale, not of the face: a drawn face would show
whose it is no more than a mask does, but it would look like one.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from posture.data import Array, Oval, Picture
from posture.skeleton import BLAZEPOSE_33, Skeleton

GROUND = (244, 245, 247)
LEFT, RIGHT, MIDDLE, HEAD = (214, 104, 60), (44, 112, 178), (84, 92, 104), (148, 156, 168)
"""RGB of the person's left side, right side, trunk, and head."""
JOINT = (255, 255, 255)
MIN_VISIBILITY = 0.3
"""Points less visible than this are guessed, and not drawn."""
WIDTH_RATIO, JOINT_RATIO = 1 / 22, 1 / 40
"""Width of a bone and radius of a joint in sizes of the body, the way from head to hips and the shoulders' breadth."""
OVER_RATIO = 1 / 9
"""Width of a bone over a picture, in half heads."""
MOST_PX = 1000
"""The widest bone; OpenCV refuses more than 32767."""
_BITS = 4  # positions in sixteenths of a pixel
_FACE = {name for name in BLAZEPOSE_33.names if any(part in name for part in ("nose", "eye", "ear", "mouth"))}


def draw(pixels: Picture, points_px: Array, visibility: Array, head: Oval, layout: Skeleton = BLAZEPOSE_33) -> None:
    """Draw one person into `pixels`, uint8 RGB, in place. points_px [K, >= 2], visibility [K]."""
    size = 2 * head.along + math.dist(
        points_px[[layout.index["left_shoulder"], layout.index["right_shoulder"]], :2].mean(0),
        points_px[[layout.index["left_hip"], layout.index["right_hip"]], :2].mean(0),
    )
    thickness = min(max(round(float(np.nan_to_num(size)) * WIDTH_RATIO), 1), MOST_PX)
    seen = {name: points_px[i, :2] for name, i in layout.index.items() if visibility[i] >= MIN_VISIBILITY}
    limbs = [(a, b) for a, b in layout.bones if a in seen and b in seen and not {a, b} <= _FACE]
    _neck(pixels, seen, head, thickness)
    for a, b in limbs:
        cv2.line(pixels, _at(seen[a]), _at(seen[b]), _colour(a, b), thickness, cv2.LINE_AA, _BITS)
    for name in {end for limb in limbs for end in limb}:
        _dot(pixels, seen[name], thickness * JOINT_RATIO / WIDTH_RATIO)
    _head(pixels, head, thickness)


def over(pixels: Picture, points_px: Array, visibility: Array, head: Oval, lines: Sequence[str]) -> None:
    """Draw one person over a picture, in place: bones of half the width, and lines of plain ASCII beside the head."""
    size = max(head.along, 4.0)
    thickness = min(max(round(size * OVER_RATIO), 1), MOST_PX)
    layout = BLAZEPOSE_33
    seen = {name: points_px[i, :2] for name, i in layout.index.items() if visibility[i] >= MIN_VISIBILITY}
    limbs = [(a, b) for a, b in layout.bones if a in seen and b in seen and not {a, b} <= _FACE]
    for wide, dark in ((thickness + 2, True), (thickness, False)):  # dark below light, to be seen on any picture
        for a, b in limbs:
            colour = (0, 0, 0) if dark else _colour(a, b)
            cv2.line(pixels, _at(seen[a]), _at(seen[b]), colour, wide, cv2.LINE_AA, _BITS)
    for name in {end for limb in limbs for end in limb}:
        _dot(pixels, seen[name], thickness * 0.8)
    caption(pixels, lines, (head.x + 1.4 * head.along, head.y - head.along), size)


def caption(pixels: Picture, lines: Sequence[str], at: tuple[float, float], size: float) -> None:
    """Lines of plain ASCII from `at` downwards, white on dark, as tall as a fifth of `size` pixels."""
    if not lines:
        return
    scale = min(max(size / 110, pixels.shape[0] / 1500, 0.4), 2.0)
    thin = max(1, round(scale * 1.2))
    wide = max(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, scale, thin)[0][0] for line in lines)
    step = round(26 * scale)
    height, width = pixels.shape[:2]
    x = int(np.clip(np.nan_to_num(at[0]), 4, max(4, width - wide - 8)))
    y = int(np.clip(np.nan_to_num(at[1]), 4, max(4, height - step * len(lines) - 8)))
    box = pixels[y : y + step * len(lines) + 6, x : x + wide + 8]
    box[:] = box // 4
    for i, line in enumerate(lines):
        place = (x + 4, y + step * (i + 1) - round(6 * scale))
        cv2.putText(pixels, line, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thin, cv2.LINE_AA)


def _neck(pixels: Picture, seen: dict[str, Array], head: Oval, thickness: int) -> None:
    if {"left_shoulder", "right_shoulder"} <= seen.keys():
        shoulders = (seen["left_shoulder"] + seen["right_shoulder"]) / 2
        cv2.line(pixels, _at(np.array(head[:2])), _at(shoulders), MIDDLE, thickness, cv2.LINE_AA, _BITS)


def _head(pixels: Picture, head: Oval, thickness: int) -> None:
    """Smaller than the oval that a cover takes: that one has a margin."""
    axes = _at(np.maximum([0.6 * head.across, 0.6 * head.along], 0.1))
    middle, turn = _at(np.array(head[:2])), math.degrees(head.rotation)
    cv2.ellipse(pixels, middle, axes, turn, 0, 360, HEAD, cv2.FILLED, cv2.LINE_AA, _BITS)
    cv2.ellipse(pixels, middle, axes, turn, 0, 360, MIDDLE, max(thickness // 2, 1), cv2.LINE_AA, _BITS)


def _dot(pixels: Picture, point: Array, radius: float) -> None:
    cv2.circle(pixels, _at(point), max(round(radius * (1 << _BITS)), 1), JOINT, cv2.FILLED, cv2.LINE_AA, _BITS)


def _at(point: Array) -> tuple[int, int]:
    x, y = np.clip(np.nan_to_num(point), -1e5, 1e5) * (1 << _BITS)
    return round(float(x)), round(float(y))


def _colour(a: str, b: str) -> tuple[int, int, int]:
    sides: Sequence[str] = [name.partition("_")[0] for name in (a, b)]
    return MIDDLE if sides[0] != sides[1] else LEFT if sides[0] == "left" else RIGHT
