"""What the tensors of the face detectors mean, on tensors made by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import ModelMismatch
from posture.pose.crop import Region, letterbox
from posture.pose.face import ACROSS, ALONG, FULL_RANGE, SHORT_RANGE, UPWARDS, Face, faces

LOW = -50.0
# Offsets from the anchor in pixels of the input: box centre, box size, then eyes, nose, mouth and ears of an upright
# face of 20 pixels, whose eyes lie 4 above and whose mouth lies 4 below its middle.
UPRIGHT = [0, 0, 20, 20, -4, -4, 4, -4, 0, 0, 0, 4, -9, -2, 9, -2]


def outputs(detector, rows):
    """{anchor: (logit, sixteen values)} as tensors."""
    boxes = np.zeros((1, detector.anchors, 16), np.float32)
    scores = np.full((1, detector.anchors, 1), LOW, np.float32)
    for anchor, (logit, values) in rows.items():
        scores[0, anchor, 0], boxes[0, anchor] = logit, values
    return {"boxes": boxes, "scores": scores}


def face_at(centre, size, down=(0.0, 1.0)):
    """A face whose eyes and mouth say where down is."""
    centre, down = np.array(centre, float), np.array(down) * size / 4
    points = np.stack([centre - down, centre - down, centre, centre + down, centre, centre])
    return Face(0.9, centre, size, points)


@pytest.mark.parametrize(("detector", "count"), [(SHORT_RANGE, 896), (FULL_RANGE, 2304)])
def test_number_of_anchors(detector, count):
    """16 x 16 cells with 2 anchors and 8 x 8 with 6; 48 x 48 with 1."""
    assert detector.anchors == count


@pytest.mark.parametrize(
    ("detector", "anchor", "x", "y"),
    [(SHORT_RANGE, 0, 4, 4), (SHORT_RANGE, 2, 12, 4), (SHORT_RANGE, 512 + 6, 24, 8), (FULL_RANGE, 49, 6, 6)],
)
def test_a_face_in_picture_pixels(detector, anchor, x, y):
    """Input pixels are doubled: the square has twice the side of the input. Anchors lie in the middle of a cell."""
    square = letterbox(2 * detector.size, 2 * detector.size)
    (found,) = faces(outputs(detector, {anchor: (math.log(3), UPRIGHT)}), detector, square, 0.5)
    assert found.score == pytest.approx(0.75)
    assert found.centre == pytest.approx([2 * x, 2 * y])
    assert found.size == pytest.approx(40)
    assert found.points_px[3] == pytest.approx([2 * x, 2 * y + 8])
    assert found.roll == pytest.approx(0)


@pytest.mark.parametrize("rotation", [0.0, math.pi / 2, -0.3])
def test_a_turned_square_turns_the_face(rotation):
    square = Region(100, 100, FULL_RANGE.size, rotation)
    (found,) = faces(outputs(FULL_RANGE, {48 * 24 + 24: (3.0, UPRIGHT)}), FULL_RANGE, square, 0.5)
    assert found.roll == pytest.approx(rotation)
    assert found.size == pytest.approx(20)


def test_the_head_reaches_above_the_brows():
    head = face_at((50, 60), 20).head
    assert head == pytest.approx((50, 60 - UPWARDS * 20, ACROSS * 20, ALONG * 20, 0))


def test_the_head_of_a_face_upside_down_reaches_below():
    head = face_at((50, 60), 20, down=(0.0, -1.0)).head
    assert (head.x, head.y) == pytest.approx((50, 60 + UPWARDS * 20))


@given(st.floats(-3, 3), st.floats(1, 500))
def test_a_head_holds_the_box_of_its_face(roll, size):
    """The middles of all four sides of the box, turned with the face, lie inside."""
    down = np.array([-math.sin(roll), math.cos(roll)])
    right = np.array([down[1], -down[0]])
    head = face_at((0, 0), size, down).head
    for side in (down, -down, right, -right):
        away = side * size / 2 - head[:2]
        turned = away @ right / head.across, away @ down / head.along
        assert math.hypot(*turned) < 1


def test_tiles_merge_faces_by_score():
    near = {100: (2.0, UPRIGHT), 101: (1.0, UPRIGHT), 2000: (3.0, UPRIGHT)}
    found = faces(outputs(FULL_RANGE, near), FULL_RANGE, letterbox(192, 192), 0.5)
    assert [round(face.score, 2) for face in found] == [0.95, 0.88]


def test_other_tensors_are_no_face_detector():
    with pytest.raises(ModelMismatch, match="no output with 36864 values"):
        faces({"boxes": np.zeros((1, 896, 16)), "s": np.zeros((1, 896, 1))}, FULL_RANGE, letterbox(1, 1), 0.5)
