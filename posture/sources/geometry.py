"""Where an upright pixel lies among the stored ones: quarter turns, mirroring and pixel aspect as one affine map.

A display matrix (ISO/IEC 14496-12, 6.2.2; also what FFmpeg makes of an EXIF orientation) maps a stored point to the
upright picture: x' = a x + c y, y' = b x + d y. Only its eight axis-parallel forms are honoured; any other angle is
rounded to the nearest quarter turn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Orientation:
    """Stored to upright: first mirror left-right if asked, then turn clockwise by `quarter_turns` of 90 degrees."""

    quarter_turns: int = 0
    mirrored: bool = False

    @classmethod
    def from_rotation(cls, degrees: float) -> "Orientation":
        """`degrees` counter-clockwise, as `av.VideoFrame.rotation` gives it."""
        if not -360 <= degrees <= 360:  # a matrix of zeros gives the smallest integer
            return cls()
        return cls(round(-degrees / 90) % 4)

    @classmethod
    def from_display_matrix(cls, matrix: Sequence[int]) -> "Orientation":
        """`matrix`: the nine integers of FFmpeg's display matrix, row by row."""
        a, b, c, d = (float(matrix[i]) for i in (0, 1, 3, 4))
        determinant = a * d - b * c
        if determinant == 0:
            return cls()
        mirrored = determinant < 0
        x, y = (-a, -b) if mirrored else (a, b)  # where the stored x axis points once the mirror is taken out
        return cls(round(math.degrees(math.atan2(y, x)) / 90) % 4, mirrored)

    @property
    def swaps_axes(self) -> bool:
        """Whether width and height change places."""
        return self.quarter_turns % 2 == 1


@lru_cache(maxsize=64)
def upright_size(width: int, height: int, aspect: Fraction, orientation: Orientation) -> tuple[int, int]:
    """Size in square pixels of the upright picture: the stored width x pixel aspect, rounded, then turned."""
    size = max(1, round(width * aspect)), height
    return size[::-1] if orientation.swaps_axes else size


@lru_cache(maxsize=64)
def upright_to_stored(width: int, height: int, aspect: Fraction, orientation: Orientation) -> NDArray[np.float64]:
    """float64 [3, 3]: (x, y, 1) of the upright picture -> of the stored `width` x `height` pixels.

    Pixel centres are whole numbers on both sides, so a turn maps pixels exactly on pixels.
    """
    shown, high = max(1, round(width * aspect)), height
    result = np.diag([width / shown, 1.0, 1.0])
    result[0, 2] = 0.5 * width / shown - 0.5
    if orientation.mirrored:
        result = result @ np.array([[-1, 0, shown - 1], [0, 1, 0], [0, 0, 1.0]])
    for _ in range(orientation.quarter_turns):
        # Upright (x, y) after one more clockwise turn was (y, high - 1 - x) before it.
        result = result @ np.array([[0, 1, 0], [-1, 0, high - 1], [0, 0, 1.0]])
        shown, high = high, shown
    return result


def turn(picture: NDArray[np.uint8], orientation: Orientation) -> NDArray[np.uint8]:
    """The picture [height, width, ...] made upright, contiguous."""
    turned = picture[:, ::-1] if orientation.mirrored else picture
    return np.ascontiguousarray(np.rot90(turned, -orientation.quarter_turns))
