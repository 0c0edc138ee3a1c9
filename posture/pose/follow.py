"""Where a head went between two frames, by its looks alone: for the moments in which no model sees it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Oval, Picture
from posture.pose.crop import Region
from posture.pose.search import crop

LONGER_PX = 1280
"""Longer side of the pictures that are compared; a head of 24 pixels in a 4K picture has 8 there."""
SMALLEST_PX = 12
"""A smaller head is compared together with what is around it."""
PATCH_PX = 32
"""Side of the patch that is searched for, whatever the size of the head."""
WINDOW_PX = 72
"""Side of the window around, at the same scale: the head may move by 0.6 of its height in a frame."""
MIN_CONTRAST = 1.0
"""Standard deviation of brightness (0..255) below which a patch looks the same everywhere."""
MIN_CORRELATION = 0.6
"""Of the place found; below, the head is hidden or has turned."""


class Follower:
    """Compares each frame with the one before."""

    def __init__(self) -> None:
        self._before: Picture | None = None
        self._now: Picture | None = None
        self._scale = 1.0

    def next(self, pixels: Picture | None) -> None:
        """Take the next frame's picture, uint8 RGB, and keep its brightness; None where the scene changed."""
        self._before, self._now = self._now, None
        if pixels is None:
            return
        self._scale = min(LONGER_PX / max(pixels.shape[:2]), 1.0)
        gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        if self._scale < 1:
            gray = cv2.resize(gray, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_LINEAR)
        self._now = gray.astype(np.uint8, copy=False)

    def moved(self, oval: Oval) -> tuple[Oval, float] | None:
        """Where the head that was at `oval` in the frame before is now, and how alike both places look.

        Alike is a correlation, `MIN_CORRELATION` to 1. None where it is not found.
        """
        if self._before is None or self._now is None or self._before.shape != self._now.shape:
            return None
        x, y = oval.x * self._scale, oval.y * self._scale
        if not (0 <= x < self._now.shape[1] and 0 <= y < self._now.shape[0]):
            return None
        side = max(2 * max(oval.across, oval.along) * self._scale, SMALLEST_PX)
        patch = crop(self._before, Region(x, y, side, 0.0), PATCH_PX)
        where = crop(self._now, Region(x, y, side * WINDOW_PX / PATCH_PX, 0.0), WINDOW_PX)
        if patch.std() < MIN_CONTRAST:
            return None
        found = cv2.matchTemplate(where, patch, cv2.TM_CCOEFF_NORMED)
        _, best, _, (column, row) = cv2.minMaxLoc(found)
        if not best >= MIN_CORRELATION:
            return None
        pixel = side / PATCH_PX / self._scale
        step_x = column + _peak(found[row], column) - (found.shape[1] - 1) / 2
        step_y = row + _peak(found[:, column], row) - (found.shape[0] - 1) / 2
        return oval._replace(x=oval.x + step_x * pixel, y=oval.y + step_y * pixel), best


def _peak(line: NDArray[Any], at: int) -> float:
    """Where between the samples the peak at `at` lies, -0.5 to 0.5: the top of a parabola. Slow heads would stand."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, top, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * top + after
    return 0.0 if bend >= 0 else 0.5 * (before - after) / bend
