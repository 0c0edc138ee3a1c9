"""Heads of stick figures, from points that can be worked out by hand."""

import math

import pytest

from posture.reports.head import EARS, EYES, MOUTH, NOSE, SHOULDERS, corners, drawn, head, neck, neck_and_shoulders

FRONT = {
    EYES[0]: (112.0, 100.0), EYES[1]: (88.0, 100.0), EARS[0]: (120.0, 104.0), EARS[1]: (80.0, 104.0),
    NOSE: (100.0, 110.0), MOUTH[0]: (108.0, 120.0), MOUTH[1]: (92.0, 120.0),
    SHOULDERS[0]: (190.0, 180.0), SHOULDERS[1]: (10.0, 180.0),
}  # fmt: skip
"""Eyes to mouth 20, ear to ear 40."""
PROFILE = {
    EYES[0]: (112.0, 100.0), EYES[1]: (113.0, 100.0), EARS[0]: (90.0, 104.0), EARS[1]: (91.0, 104.0),
    NOSE: (122.0, 108.0), MOUTH[0]: (114.0, 120.0), MOUTH[1]: (115.0, 120.0),
}  # fmt: skip


def turned(points, degrees, factor=1.0):
    """The same points turned clockwise (y points down) about (100, 100)."""
    c, s = factor * math.cos(math.radians(degrees)), factor * math.sin(math.radians(degrees))
    return {
        i: (100 + c * (x - 100) - s * (y - 100), 100 + s * (x - 100) + c * (y - 100)) for i, (x, y) in points.items()
    }


def test_a_head_from_the_front():
    found = head(FRONT)
    assert found.centre == pytest.approx((100, 100))
    assert found.up == pytest.approx((0, -1))
    assert found.half_height == pytest.approx(3.1 * 20 / 2)
    assert found.half_width == pytest.approx(0.7 * 31 + (0.86 - 0.7) * 31 * (1 - 40 * 1.4 / 62))


def test_a_head_in_profile_is_deeper_than_wide_and_its_middle_is_between_the_ears():
    found, front = head(PROFILE), head(FRONT)
    assert found.centre[0] == pytest.approx(90.5, abs=0.5)
    assert found.half_width / found.half_height > 0.85 > front.half_width / front.half_height


@pytest.mark.parametrize("degrees", [-40, -15, 15, 90])
def test_a_head_turns_and_grows_with_its_points(degrees):
    found, upright = head(turned(FRONT, degrees, 2.0)), head(FRONT)
    assert math.degrees(math.atan2(found.up[0], -found.up[1])) == pytest.approx(degrees)
    assert found.half_height == pytest.approx(2 * upright.half_height)
    assert found.centre == pytest.approx((100, 100))


def test_a_head_without_a_face_stands_across_its_ears():
    """From behind only the ears are seen."""
    found = head(turned({ear: FRONT[ear] for ear in EARS}, 20))
    assert math.degrees(math.atan2(found.up[0], -found.up[1])) == pytest.approx(20)
    assert found.half_height == pytest.approx(1.4 * 40 / 2)


def test_one_point_is_no_head():
    assert head({NOSE: (1.0, 2.0)}) is None
    assert head({}) is None


def test_the_box_holds_the_whole_head():
    (left, top), (right, bottom) = corners(head(FRONT))
    for across, up in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        x, y = head(FRONT).at(across, up)
        assert left <= x <= right
        assert top <= y <= bottom


def test_only_a_large_head_has_a_face_and_round_shoulders():
    found = head(FRONT)
    large, small = drawn(found, FRONT, 200), drawn(found, FRONT, 1000)
    assert sum("<circle" in piece for piece in large) == 2
    assert len(large) == 1 + 2 + 1 + 1 + 2  # outline, eyes, nose, mouth, ears
    assert len(small) == 2  # outline, and where the nose points
    assert len(neck_and_shoulders(found, FRONT, 200)) == 2
    assert neck_and_shoulders(found, FRONT, 1000) == []


def test_shoulders_in_profile_or_unseen_have_no_outline():
    found = head(FRONT)
    narrow = FRONT | {SHOULDERS[0]: (110.0, 180.0), SHOULDERS[1]: (90.0, 180.0)}
    alone = {i: point for i, point in FRONT.items() if i != SHOULDERS[1]}
    assert neck_and_shoulders(found, narrow, 200) == neck_and_shoulders(found, alone, 200) == []
    assert len(neck(found, narrow, 200)) == 1
    assert neck(found, alone, 200) == []
