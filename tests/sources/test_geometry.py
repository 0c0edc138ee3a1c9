from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.sources.geometry import Orientation, turn, upright_size, upright_to_stored

orientations = st.builds(Orientation, st.integers(0, 3), st.booleans())
ONE = 65536

# EXIF orientation -> FFmpeg's display matrix (a, b, c, d) -> what it means. From the EXIF 2.32 table of orientations.
EXIF = {
    1: ((1, 0, 0, 1), Orientation(0)),
    2: ((-1, 0, 0, 1), Orientation(0, True)),
    3: ((-1, 0, 0, -1), Orientation(2)),
    4: ((1, 0, 0, -1), Orientation(2, True)),
    5: ((0, 1, 1, 0), Orientation(3, True)),
    6: ((0, 1, -1, 0), Orientation(1)),
    7: ((0, -1, -1, 0), Orientation(1, True)),
    8: ((0, -1, 1, 0), Orientation(3)),
}


@pytest.mark.parametrize("exif", EXIF)
def test_all_eight_orientations_are_told_apart(exif):
    (a, b, c, d), expected = EXIF[exif]
    assert Orientation.from_display_matrix([a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30]) == expected


@given(st.integers(1, 40), st.integers(1, 40), orientations)
def test_the_map_and_the_turned_array_agree_pixel_by_pixel(width, height, orientation):
    stored = np.arange(width * height).reshape(height, width).astype(np.uint8)
    upright = turn(stored, orientation)
    assert upright.shape[::-1] == upright_size(width, height, Fraction(1), orientation)
    matrix = upright_to_stored(width, height, Fraction(1), orientation)
    rows, columns = np.indices(upright.shape)
    x, y, _ = matrix @ np.stack([columns.ravel(), rows.ravel(), np.ones(upright.size)])
    assert np.array_equal(stored[y.round().astype(int), x.round().astype(int)], upright.ravel())
    assert np.array_equal(x, x.round())
    assert np.array_equal(y, y.round())


def test_a_clockwise_quarter_turn_brings_the_lower_left_corner_up():
    stored = np.array([[1, 2], [3, 4]], np.uint8)
    assert turn(stored, Orientation(1)).tolist() == [[3, 1], [4, 2]]


def test_rotation_is_counter_clockwise_as_the_decoder_reports_it():
    assert Orientation.from_rotation(-90) == Orientation(1)
    assert Orientation.from_rotation(90) == Orientation(3)
    assert Orientation.from_rotation(-180) == Orientation.from_rotation(180) == Orientation(2)
    assert Orientation.from_rotation(-(2**31)) == Orientation()


def test_a_matrix_of_zeros_turns_nothing():
    assert Orientation.from_display_matrix([0] * 9) == Orientation()


def test_wide_pixels_make_a_wide_picture_whose_edges_meet():
    assert upright_size(180, 640, Fraction(2), Orientation()) == (360, 640)
    assert upright_size(180, 640, Fraction(2), Orientation(1)) == (640, 360)
    matrix = upright_to_stored(180, 640, Fraction(2), Orientation())
    # The outer edges, half a pixel outside of the centres: -0.5 -> -0.5 and 359.5 -> 179.5.
    assert (matrix @ [-0.5, 0, 1])[0] == pytest.approx(-0.5)
    assert (matrix @ [359.5, 0, 1])[0] == pytest.approx(179.5)
