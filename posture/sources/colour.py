"""From Y'CbCr code values to R'G'B' in 0..255 as one affine matrix for `cv2.transform`.

Coefficients: ITU-R BT.601-7 (2.5), BT.709-6 (3.2), BT.2020-2 (table 4), SMPTE 240M; Y'CgCo: ITU-T H.273 (8.3).
Code ranges: limited 16..235 / 16..240, full 0..255 (JFIF), scaled by 2^(bits - 8).
Primaries and transfer functions come after this (`srgb.py`).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# ITU-T H.273 matrix coefficients -> (Kr, Kb). What is not listed is BT.601, like a stream that says nothing.
BT601 = (0.299, 0.114)
LUMA_WEIGHTS = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: BT601,  # BT.470 B/G
    6: BT601,  # SMPTE 170M
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020, non-constant luminance
    10: (0.2627, 0.0593),  # BT.2020, constant luminance: approximated by the other
}
UNSPECIFIED = 2
YCGCO = 8


@lru_cache
def to_rgb(matrix: int, full: bool, bits: int) -> NDArray[np.float64]:
    """float64 [3, 4]: (Y', Cb, Cr, 1) code values -> R', G', B' in 0..255."""
    step = 2.0 ** (bits - 8)
    top = 2.0**bits - 1  # a full-range code reaches the last one, 1023 at 10 bits
    y_gain, c_gain = (255 / top, 255 / top) if full else (255 / 219 / step, 255 / 224 / step)
    y_zero, c_zero = black(full, bits)
    linear = _ycgco() if matrix == YCGCO else _ycbcr(*LUMA_WEIGHTS.get(matrix, BT601))
    linear = linear * [y_gain, c_gain, c_gain]
    return np.column_stack([linear, -linear @ [y_zero, c_zero, c_zero]])


@lru_cache
def to_luma(full: bool, bits: int) -> NDArray[np.float64]:
    """float64 [1, 2]: (Y', 1) code value -> brightness in 0..255."""
    gain = to_rgb(0, full, bits)[0, 0]
    return np.array([[gain, -gain * black(full, bits)[0]]])


@lru_cache
def black(full: bool, bits: int) -> tuple[float, float]:
    """Code values of black: (Y', Cb = Cr)."""
    step = 2.0 ** (bits - 8)
    return (0.0 if full else 16 * step), 128 * step


def _ycbcr(kr: float, kb: float) -> NDArray[np.float64]:
    kg = 1 - kr - kb
    return np.array(
        [
            [1, 0, 2 * (1 - kr)],
            [1, -2 * (1 - kb) * kb / kg, -2 * (1 - kr) * kr / kg],
            [1, 2 * (1 - kb), 0],
        ]
    )


def _ycgco() -> NDArray[np.float64]:
    """Planes in the order Y', Cg, Co."""
    return np.array([[1.0, -1, 1], [1, 1, 0], [1, -1, -1]])
