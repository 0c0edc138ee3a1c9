import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.ergonomics.camera import Camera, MeasureSettings, roll_from_level
from posture.ergonomics.vector import dot, length


def test_a_level_camera_has_gravity_along_its_columns():
    assert Camera().up == pytest.approx((0, -1, 0))
    assert Camera().away == pytest.approx((0, 0, 1))
    assert Camera().side == pytest.approx((1, 0, 0))


def test_a_camera_that_looks_straight_down_has_up_towards_itself():
    assert Camera(pitch_deg=90).up == pytest.approx((0, 0, -1))


def test_a_camera_turned_clockwise_sees_plumb_lines_lean_to_the_left():
    assert Camera(roll_deg=30).up == pytest.approx((-0.5, -math.sqrt(0.75), 0))


@given(st.floats(-90, 90), st.floats(-90, 90))
def test_the_directions_are_perpendicular_units(pitch, roll):
    camera = Camera(pitch, roll)
    axes = camera.up, camera.away, camera.side
    for i in range(3):
        assert length(axes[i]) == pytest.approx(1)
        assert dot(axes[i], axes[i - 1]) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("p", "q", "roll"),
    [
        ((0, 100), (200, 100), 0),  # level edge
        ((0, 100), (100, 90), math.degrees(math.atan2(10, 100))),  # rises to the right: camera turned clockwise
        ((100, 90), (0, 100), math.degrees(math.atan2(10, 100))),  # the same line, other order
        ((0, 90), (100, 100), -math.degrees(math.atan2(10, 100))),
        ((50, 300), (50, 0), 0),  # plumb edge
        ((50, 300), (30, 0), math.degrees(math.atan2(20, 300))),  # top leans to the left
    ],
)
def test_roll_from_level(p, q, roll):
    assert roll_from_level(p, q) == pytest.approx(roll, abs=1e-9)


@given(st.floats(-44, 44))
def test_roll_from_level_finds_the_roll_that_was_set(roll):
    x, y, _ = Camera(roll_deg=roll).up
    assert roll_from_level((500, 500), (500 + 100 * x, 500 + 100 * y)) == pytest.approx(roll, abs=1e-6)
    x, y, _ = Camera(roll_deg=roll).side
    assert roll_from_level((500, 500), (500 + 100 * x, 500 + 100 * y)) == pytest.approx(roll, abs=1e-6)


def test_one_point_gives_no_roll():
    with pytest.raises(ValueError, match="different points"):
        roll_from_level((3, 4), (3, 4))


def test_settings_describe_the_camera():
    settings = msgspec.convert({"camera_pitch_deg": 12, "min_presence": 0.7}, MeasureSettings)
    assert settings.camera == Camera(12, 0, 0.5, 0.7)


@pytest.mark.parametrize("bad", [{"camera_pitch_deg": 91}, {"min_visibility": 1.5}, {"tilt": 3}])
def test_settings_refuse_what_makes_no_sense(bad):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, MeasureSettings)


def test_the_assumption_is_a_sentence():
    assert "assumed to stand level" in Camera().assumption
    assert "look down by 12.5 degrees" in Camera(12.5, -3).assumption
    assert "clockwise by -3 degrees" in Camera(12.5, -3).assumption
