from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.pose.blazepose import Detection
from posture.pose.body import Box, distance, extent, radius

# Without numbers below 1e-308: the runtime, once loaded, makes this process take them as 0.
reals = partial(st.floats, allow_subnormal=False)


def test_radius_is_the_distance_of_the_scale_point(person):
    assert radius(person(0, 0, 120)) == pytest.approx(120)


@given(x=reals(-500, 500), y=reals(-500, 500), size=reals(10, 400))
def test_distance_is_in_body_radii(person, x, y, size):
    here, there = person(0, 0, size), person(x, y, size)
    assert distance(here, there) == pytest.approx(np.hypot(x, y) / size, abs=1e-6)
    assert distance(here, there) == distance(there, here)


def test_one_moving_limb_is_not_another_body(person):
    here, there = person(0, 0), person(0, 0)
    there.points_px[13:23] += 500
    assert distance(here, there) == 0


def test_extent_holds_the_visible_body_only(person):
    body = person(500, 500, 100)
    box = extent(body)
    assert all(box.holds(point) for point in body.points_px[:33, :2])
    body.visibility[25:] = 0.0  # the legs, down to 590
    assert 500 < extent(body).bottom < 520


def test_extent_of_a_body_nobody_sees_is_not_empty(person):
    body = person(500, 500, 100)
    body.visibility[:] = 0.0
    assert extent(body).holds(body.points_px[0, :2])


def test_extent_of_a_detection_holds_trunk_and_head(person):
    body = person(500, 500, 100)
    shoulders = body.points_px[[11, 12], :2].mean(0)
    found = Detection(0.9, np.array([[500, 500], [500, 400], shoulders, shoulders]))
    box = extent(found)
    assert all(box.holds(point) for point in body.points_px[:13, :2])
    assert not box.holds(np.array([700.0, 500.0]))


def test_boxes_have_edges():
    box = Box(0, 0, 10, 5)
    assert box.holds(np.array([10, 5]))
    assert not box.holds(np.array([10.1, 5]))
    assert not box.holds(np.array([5, -0.1]))
