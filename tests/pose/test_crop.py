import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.pose.crop import MARGIN, Region, affine, body_region, letterbox, rotated, to_picture, to_region, wrapped

# Without numbers below 1e-308: the runtime, once loaded, makes this process take them as 0.
reals = partial(st.floats, allow_subnormal=False)
coordinates = reals(-5000, 5000)
angles = reals(-math.pi, math.pi)
regions = st.builds(Region, coordinates, coordinates, reals(1, 8000), angles)
points = st.tuples(reals(-2, 3), reals(-2, 3)).map(np.array)


@given(regions, points)
def test_there_and_back(region, point):
    assert to_region(to_picture(point, region), region) == pytest.approx(point, abs=1e-6)


@given(regions, points, st.sampled_from([64, 224, 256]))
def test_the_affine_map_takes_crop_pixel_i_to_i_over_size(region, point, size):
    column, row = point * size
    assert affine(region, size) @ [column, row, 1] == pytest.approx(to_picture(point, region), abs=1e-5)


@given(regions)
def test_the_middle_of_the_crop_is_the_centre_of_the_region(region):
    assert affine(region, 256) @ [128, 128, 1] == pytest.approx([region.x, region.y], abs=1e-6)


@given(coordinates, coordinates, reals(1, 3000), angles)
def test_the_scale_point_lies_straight_up_in_the_crop(x, y, radius, angle):
    """Turning the body turns the region with it: in the crop nothing changes."""
    up = rotated(np.array([0.0, -radius]), angle)
    region = body_region(np.array([x, y]), np.array([x, y]) + up)
    assert region.side == pytest.approx(2 * radius * MARGIN)
    assert to_region(np.array([x, y]) + up, region) == pytest.approx([0.5, 0.5 - 0.5 / MARGIN], abs=1e-6)


@pytest.mark.parametrize(
    ("scale_point", "degrees"),
    [((0, -10), 0), ((10, 0), 90), ((-10, 0), -90), ((0, 10), -180), ((10, -10), 45)],
)
def test_rotation_is_clockwise_from_upright(scale_point, degrees):
    region = body_region(np.zeros(2), np.array(scale_point, float))
    assert math.degrees(region.rotation) == pytest.approx(degrees)


@given(reals(-100, 100))
def test_wrapped_angles_are_the_same_direction_within_half_a_turn(angle):
    result = wrapped(angle)
    assert -math.pi - 1e-9 <= result <= math.pi
    assert (math.cos(result), math.sin(result)) == pytest.approx((math.cos(angle), math.sin(angle)), abs=1e-9)


def test_letterbox_of_a_wide_picture():
    """1280 x 720: 224 pixels show 1280, so the picture starts at row (224 - 126) / 2 = 49."""
    square = letterbox(1280, 720)
    assert square == Region(640, 360, 1280, 0)
    assert affine(square, 224) @ [0, 49, 1] == pytest.approx([0, 0])


@given(regions, points)
def test_a_mirrored_region_shows_the_mirror_image(region, point):
    width = 1000
    mirrored = Region(width - region.x, region.y, region.side, -region.rotation)
    x, y = to_picture(point, region)
    assert to_picture(np.array([1 - point[0], point[1]]), mirrored) == pytest.approx([width - x, y], abs=1e-6)
