"""Geometry of the square region that a model looks at.

A region is a square with any rotation in pixels of the upright picture. Crop pixel i of `size` lies at the continuous
coordinate i (not i + 0.5) of the region: the convention of BlazePose's training and of MediaPipe's affine crop.
"""

import math
from typing import NamedTuple

import numpy as np

from posture.data import Array

MARGIN = 1.25
"""Region side over body diameter (MediaPipe: scale_x and scale_y of pose_detection_to_roi, pose_landmarks_to_roi)."""


class Region(NamedTuple):
    """Centre x, y and side in pixels, rotation in radians, positive = clockwise on the screen (y points down)."""

    x: float
    y: float
    side: float
    rotation: float


def body_region(centre: Array, scale_point: Array) -> Region:
    """The square around the circle about `centre` [2] through `scale_point` [2], with margin.

    The ray from centre to scale point becomes "up" of the crop: rotation = pi/2 - atan2(-(dy), dx), in [-pi, pi).
    """
    dx, dy = float(scale_point[0] - centre[0]), float(scale_point[1] - centre[1])
    angle = math.pi / 2 - math.atan2(-dy, dx)
    return Region(float(centre[0]), float(centre[1]), 2 * math.hypot(dx, dy) * MARGIN, wrapped(angle))


def letterbox(width: int, height: int) -> Region:
    """The smallest upright square that holds a picture of that size, centred on it."""
    return Region(width / 2, height / 2, float(max(width, height)), 0.0)


def affine(region: Region, size: int) -> Array:
    """[2, 3]: maps crop pixel (column, row, 1) of a `size` x `size` crop to (x, y) of the picture."""
    c = math.cos(region.rotation) * region.side / size
    s = math.sin(region.rotation) * region.side / size
    half = size / 2
    return np.array([[c, -s, region.x - (c - s) * half], [s, c, region.y - (s + c) * half]])


def to_picture(points: Array, region: Region) -> Array:
    """Region coordinates (0..1 across the crop) [..., 2] to picture pixels [..., 2]."""
    return rotated(np.asarray(points) - 0.5, region.rotation) * region.side + (region.x, region.y)


def to_region(points_px: Array, region: Region) -> Array:
    """Inverse of `to_picture`. The region must have a side above 0."""
    return rotated((np.asarray(points_px) - (region.x, region.y)) / region.side, -region.rotation) + 0.5


def rotated(vectors: Array, angle: float) -> Array:
    """Vectors [..., 2] turned by `angle` radians (from x towards y)."""
    c, s = math.cos(angle), math.sin(angle)
    turned: Array = vectors @ np.array([[c, s], [-s, c]])
    return turned


def wrapped(angle: float) -> float:
    """The same angle in [-pi, pi)."""
    return angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))
