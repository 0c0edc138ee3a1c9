import numpy as np
import pytest

from posture.errors import ModelMismatch
from posture.pose.ssd import box_overlap, by_size, grid, sigmoid, weighted_nms


def test_anchors_of_layers_with_one_stride_are_merged():
    """2 x 2 cells with one anchor, then one cell with two layers of one."""
    expected = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75], [0.5, 0.5], [0.5, 0.5]]
    assert grid(8, (4, 8, 8), 1) == pytest.approx(np.array(expected))


def test_what_is_not_there_is_named_with_what_is():
    with pytest.raises(ModelMismatch, match=r"no output with 7 values \(it gives a \(2, 3\)\)"):
        by_size({"a": np.zeros((2, 3))}, 6, 7)


def test_weighted_nms_averages_by_score():
    """Boxes 1 and 2 share 2/3 with box 0 and join it; box 3 is elsewhere. (0.8*0 + 0.6*10 + 0.2*20) / 1.6 = 6.25."""
    boxes = np.array([[[0, 0], [4, 4]], [[0, 0], [4, 6]], [[0, 0], [6, 4]], [[9, 9], [10, 10]]], float)
    points = np.array([[[0, 0]], [[10, 0]], [[20, 0]], [[30, 0]]], float)
    clusters = list(weighted_nms(boxes, points, np.array([0.8, 0.6, 0.2, 0.7])))
    assert [score for score, _ in clusters] == [0.8, 0.7]
    assert clusters[0][1] == pytest.approx(np.array([[6.25, 0]]))
    assert clusters[1][1] == pytest.approx(np.array([[30, 0]]))


def test_boxes_without_area_end():
    clusters = list(weighted_nms(np.zeros((3, 2, 2)), np.zeros((3, 1, 2)), np.array([0.5, 0.6, 0.7])))
    assert [score for score, _ in clusters] == [0.7, 0.6, 0.5]


@pytest.mark.parametrize(
    ("box", "share"), [([[0, 0], [2, 2]], 1), ([[1, 0], [3, 2]], 1 / 3), ([[2, 2], [3, 3]], 0), ([[1, 1], [0, 0]], 0)]
)
def test_box_overlap(box, share):
    assert box_overlap(np.array([box], float), np.array([[0, 0], [2, 2]], float)) == pytest.approx([share])


def test_sigmoid_has_no_overflow():
    assert sigmoid(np.array([-1e4, 0, 1e4], np.float32)) == pytest.approx([0, 0.5, 1])
