"""Whether the camera was moved: the background of now against the background at calibration.

A small picture of the brightness without the people is kept in memory and nowhere else. Its shift is found by phase
correlation (Kuglin and Hines 1975), which does not care how bright the room is. What is not sure is NaN: a dark room, a
plain wall, a person who covers most of the picture, another scene.

Slow changes of brightness are taken out first and the edges of the masks are soft: the outline of a person who sits
where they sat would otherwise say that nothing moved.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Frame, Picture, Pose, frozen

ACROSS_PX = 160
"""Width of the thumbnail; its height follows the shape of the picture."""
DETAIL_PX = 6.0
"""Sigma in thumbnail pixels of what counts as detail; light that falls off along a wall is wider."""
SOFT_PX = 3.0
"""Width of the soft edge of a mask."""
TAPER = 0.1
"""Share of the picture along each edge in which it fades out, for the Fourier transform."""
MIN_DETAIL = 1.5
"""Least standard deviation of the detail (of 255). Noise of a dark webcam picture is below 1 at this size."""
MIN_FREE = 0.3
"""Smallest share of the picture that nobody covers."""
MIN_ALIKE = 0.8
"""Least correlation of what both show once the shift is undone. On rendered rooms with people and noise: another room
0.25 and less, the right shift 0.85 and more."""
AROUND_BODY = 0.35
"""How far hair, clothes and arms reach beyond the keypoints, in widths of the shoulders."""
SHOULDERS = 11, 12
"""Keypoints of every layout of the program."""

Plane = NDArray[np.float32]
Shift = tuple[float, float]

UNKNOWN: Shift = (math.nan, math.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What is seen beside the people. Arrays [height, width] of the thumbnail, read-only."""

    brightness: Plane
    free: NDArray[np.bool_]
    """Where nobody is."""
    detail: Plane
    """The brightness without what changes slowly, fading to 0 towards people and edges."""

    @property
    def good(self) -> bool:
        """Whether a shift can be seen in it at all."""
        return float(self.free.mean()) >= MIN_FREE and float(self.detail[self.free].std()) >= MIN_DETAIL


def thumbnail(frame: Frame) -> Picture:
    """The brightness of the frame, uint8, `ACROSS_PX` wide."""
    return frame.glance(ACROSS_PX, max(16, round(ACROSS_PX * frame.height / frame.width)))


def background(small: Picture, poses: Sequence[Pose], frame_width: int) -> Background:
    """The background of a thumbnail, in which the people of `poses` (pixels of a frame `frame_width` wide) are."""
    free = np.ones(small.shape, np.bool_)
    for pose in poses:
        _cover(free, pose.points_px[:, :2] * (small.shape[1] / frame_width))
    brightness = small.astype(np.float32)
    return Background(frozen(brightness), frozen(free), frozen(_detail(brightness, free)))


def shift(reference: Background, now: Background) -> Shift:
    """How far the background moved from `reference`: x (right), y (down) in picture widths; `UNKNOWN` if unsure."""
    if reference.brightness.shape != now.brightness.shape or not (reference.good and now.good):
        return UNKNOWN
    found, _ = cv2.phaseCorrelate(reference.detail, now.detail)
    width = now.brightness.shape[1]
    for x, y in (found, (0.0, 0.0)):  # a weak peak lies anywhere; a camera that stands still explains most pictures
        if _alike(reference, now, x, y) >= MIN_ALIKE:
            return x / width, y / width
    return UNKNOWN


def _cover(free: NDArray[np.bool_], points: NDArray[np.float64]) -> None:
    """Mark what the body with these keypoints [K, 2] (thumbnail pixels) covers: down to the edge, desk or not."""
    one, other = SHOULDERS
    margin = AROUND_BODY * max(float(np.hypot(*(points[one] - points[other]))), 1.0)
    points = points[np.isfinite(points[:, 0])]  # not every model knows all of them
    (left, top), right = points.min(0) - margin, points[:, 0].max() + margin
    height, width = free.shape
    free[round(min(max(top, 0), height)) :, round(min(max(left, 0), width)) : round(min(max(right, 0), width))] = False


def _detail(brightness: Plane, free: NDArray[np.bool_]) -> Plane:
    """See `Background.detail`. Slow changes are means over what is free, so that people do not shine into them."""
    seen = free.astype(np.float32)
    around = cv2.GaussianBlur(brightness * seen, (0, 0), DETAIL_PX)
    slow = around / np.maximum(cv2.GaussianBlur(seen, (0, 0), DETAIL_PX), 1e-3)
    reach = 2 * round(SOFT_PX) + 1
    inside = cv2.erode(seen, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(inside, (0, 0), SOFT_PX / 2)
    detail: Plane = ((brightness - slow) * seen * soft * _fading(*brightness.shape)).astype(np.float32)
    return detail


@lru_cache(maxsize=4)
def _fading(height: int, width: int) -> Plane:
    """[height, width]: 1 inside, falling to 0 at the edges (Tukey's window)."""

    def along(count: int) -> NDArray[np.float64]:
        part = np.linspace(0.0, 1.0, count)
        return 0.5 - 0.5 * np.cos(np.pi * np.minimum(np.minimum(part, 1 - part) / TAPER, 1.0))

    window: Plane = np.outer(along(height), along(width)).astype(np.float32)
    return window


def _alike(reference: Background, now: Background, x: float, y: float) -> float:
    """Correlation, -1 to 1, of what both show once the shift (pixels) is undone; 0 where that is too little."""
    size = (now.brightness.shape[1], now.brightness.shape[0])
    back = np.array([[1.0, 0, x], [0, 1.0, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(now.brightness, back, size, flags=flags)
    seen = cv2.warpAffine(now.free.astype(np.float32), back, size, flags=flags) > 0.99
    common = seen & reference.free
    if float(common.mean()) < MIN_FREE:
        return 0.0
    one, other = reference.brightness[common], moved[common]
    if min(float(one.std()), float(other.std())) < MIN_DETAIL:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
