import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.data import Oval
from posture.privacy import figures
from posture.skeleton import BLAZEPOSE_33

INDEX = BLAZEPOSE_33.index


@pytest.fixture
def standing():
    """Arms spread, 400 px tall, middle at x = 250."""
    points = np.full((33, 2), 250.0)
    for side, sign in (("left", 1), ("right", -1)):
        for name, x, y in (("shoulder", 40, 120), ("elbow", 90, 120), ("wrist", 140, 120), ("index", 150, 120)):
            points[INDEX[f"{side}_{name}"]] = 250 + sign * x, y
        for name, x, y in (("hip", 30, 250), ("knee", 30, 350), ("ankle", 30, 440), ("foot_index", 40, 450)):
            points[INDEX[f"{side}_{name}"]] = 250 + sign * x, y
    return points


HEAD = Oval(250, 70, 30, 36)


def drawn(points, visibility=None, head=HEAD, size=500):
    pixels = np.full((size, size, 3), figures.GROUND, np.uint8)
    figures.draw(pixels, points, np.ones(33) if visibility is None else visibility, head)
    return pixels


def test_sides_have_their_colours(standing):
    pixels = drawn(standing)
    assert tuple(pixels[120, 365]) == figures.LEFT
    assert tuple(pixels[120, 135]) == figures.RIGHT
    assert tuple(pixels[70, 250]) == figures.HEAD
    assert tuple(pixels[120, 340]) == figures.JOINT
    assert tuple(pixels[490, 10]) == figures.GROUND


def test_what_is_not_seen_is_not_drawn(standing):
    visibility = np.ones(33)
    visibility[INDEX["left_wrist"]] = 0.1
    assert tuple(drawn(standing, visibility)[120, 365]) == figures.GROUND


def test_widths_follow_the_size_of_the_body(standing):
    large = drawn(standing * 2, head=Oval(*(2 * v for v in HEAD[:4])), size=1000)
    widths = [
        (picture[:, column] == figures.LEFT).all(-1).sum() for picture, column in ((drawn(standing), 365), (large, 730))
    ]
    assert widths[1] == pytest.approx(2 * widths[0], abs=4)


@given(st.lists(st.floats(-1e7, 1e7), min_size=66, max_size=66))
@settings(deadline=None, max_examples=40)
def test_points_far_away_are_no_crash(values):
    points = np.array(values).reshape(33, 2)
    assert drawn(points, head=Oval(*points[0], 30, 36), size=50).shape == (50, 50, 3)


def test_points_that_are_no_numbers_are_no_crash():
    drawn(np.full((33, 2), np.nan), head=Oval(0, 0, 1, 1), size=20)
