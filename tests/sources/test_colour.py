import numpy as np
import pytest

from posture.sources import colour

# Red of 8 bit, limited range: Y' = 16 + 219 Kr, Cb = 128 - 224 Kr / (2 (1 - Kb)), Cr = 128 + 112.
RED = {5: (81.5, 90.2, 240.0), 1: (62.6, 102.3, 240.0), 9: (73.5, 96.7, 240.0)}


@pytest.mark.parametrize("matrix", RED)
def test_red_of_each_standard(matrix):
    assert colour.to_rgb(matrix, False, 8) @ [*RED[matrix], 1] == pytest.approx([255, 0, 0], abs=0.5)


def test_a_stream_that_says_nothing_is_bt601():
    assert np.array_equal(colour.to_rgb(colour.UNSPECIFIED, False, 8), colour.to_rgb(5, False, 8))


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("full", [False, True])
def test_black_white_and_grey_at_every_depth(bits, full):
    step = 2 ** (bits - 8)
    dark, neutral = colour.black(full, bits)
    bright = 2**bits - 1 if full else 235 * step
    to_rgb = colour.to_rgb(1, full, bits)
    assert to_rgb @ [dark, neutral, neutral, 1] == pytest.approx([0, 0, 0], abs=1e-9)
    assert to_rgb @ [bright, neutral, neutral, 1] == pytest.approx([255, 255, 255])
    assert colour.to_luma(full, bits) @ [bright, 1] == pytest.approx([255])
    assert colour.to_luma(full, bits) @ [dark, 1] == pytest.approx([0])


def test_ycgco_green_and_orange():
    # H.273: G = Y + Cg, R = Y - Cg + Co, B = Y - Cg - Co; full range.
    to_rgb = colour.to_rgb(colour.YCGCO, True, 8)
    assert to_rgb @ [100, 128 + 50, 128, 1] == pytest.approx([50, 150, 50])
    assert to_rgb @ [100, 128, 128 + 50, 1] == pytest.approx([150, 100, 50])
