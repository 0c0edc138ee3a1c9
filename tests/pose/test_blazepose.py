import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import ModelMismatch
from posture.pose.blazepose import anchors, detections, landmarks, refined
from posture.pose.crop import Region, letterbox
from posture.pose.ssd import sigmoid

LOW = -50.0


def test_anchors_count_and_order():
    """28 x 28 cells with 2 anchors, 14 x 14 with 2, 7 x 7 with 6: 1568 + 392 + 294."""
    a = anchors()
    assert a.shape == (2254, 2)
    assert a[[0, 1, 2, 3]] * 28 == pytest.approx(np.array([[0.5, 0.5], [0.5, 0.5], [1.5, 0.5], [1.5, 0.5]]))
    assert a[2 * 28] * 28 == pytest.approx([0.5, 1.5])
    assert a[1568] * 14 == pytest.approx([0.5, 0.5])
    assert a[1960] * 7 == pytest.approx([0.5, 0.5])
    assert a[1960 + 6] * 7 == pytest.approx([1.5, 0.5])
    assert a[-1] * 7 == pytest.approx([6.5, 6.5])


def outputs(rows):
    """{anchor: (logit, twelve values)} as detector tensors."""
    boxes, scores = np.zeros((1, 2254, 12), np.float32), np.full((1, 2254, 1), LOW, np.float32)
    for anchor, (logit, values) in rows.items():
        scores[0, anchor, 0], boxes[0, anchor] = logit, values
    return {"b": boxes, "s": scores}


def test_a_detection_in_picture_pixels():
    """Anchor 0 lies at 0.5 / 28 of 1280 px = 22.857 px; offsets are pixels of the 224 crop: 1 px = 5.714 px."""
    values = [0, 0, 10, 10, 28, 0, 28, -14, 0, 0, 0, 0]
    (found,) = detections(outputs({0: (math.log(3), values)}), letterbox(1280, 720), 0.5)
    assert found.score == pytest.approx(0.75)
    left, top = 22.857, 22.857 - 280
    assert found.points_px[0] == pytest.approx([left + 160, top], abs=1e-2)
    assert found.points_px[1] == pytest.approx([left + 160, top - 80], abs=1e-2)
    assert found.region == pytest.approx((left + 160, top, 200, 0), abs=1e-2)


def test_candidates_below_the_threshold_are_nobody():
    assert detections(outputs({0: (-0.01, [0] * 12)}), letterbox(100, 100), 0.5) == ()
    assert detections(outputs({}), letterbox(100, 100), 0.0)[0].score < 1e-9


def test_every_cluster_is_returned_best_first():
    near = [0, 0, 40, 40, *[0] * 8]
    rows = {0: (2.0, near), 1: (1.0, near), 2253: (3.0, near)}
    found = detections(outputs(rows), letterbox(224, 224), 0.5)
    assert [round(d.score, 3) for d in found] == [round(float(sigmoid(np.array(x))), 3) for x in (3.0, 2.0)]


def test_other_tensors_are_no_blazepose():
    with pytest.raises(ModelMismatch, match="no output with 2254 values"):
        detections({"b": np.zeros((1, 2254, 12))}, letterbox(10, 10), 0.5)


def heatmap(cells, height=39):
    """Logits of 64 x 64 x `height`, low everywhere but for {(row, column, point): probability}."""
    logits = np.full((64, 64, height), LOW, np.float32)
    for (row, column, point), chance in cells.items():
        logits[row, column, point] = math.log(chance / (1 - chance))
    return logits


def test_refinement_is_the_centre_of_mass_of_the_window():
    """0.6 at column 10 and 0.3 at column 13: (6 + 3.9) / 0.9 = 11.0; rows 20 and 23: 21.0."""
    cells = {(20, 10, 0): 0.6, (23, 13, 0): 0.3}
    assert refined(np.array([[11 / 64, 21 / 64]]), heatmap(cells)) == pytest.approx(np.array([[11 / 64, 21 / 64]]))
    assert refined(np.array([[12.9 / 64, 20.2 / 64]]), heatmap(cells))[0] * 64 == pytest.approx([11, 21], abs=1e-4)


@pytest.mark.parametrize(("distance", "moves"), [(4, True), (5, False)])
def test_the_window_is_nine_wide(distance, moves):
    start = np.array([[30.0 / 64, 30.0 / 64]])
    found = refined(start, heatmap({(30, 30 + distance, 0): 0.9}))[0] * 64
    assert found == pytest.approx([30 + distance if moves else 30, 30], abs=1e-4)


@pytest.mark.parametrize(("peak", "moves"), [(0.51, True), (0.49, False)])
def test_a_flat_heatmap_moves_nothing(peak, moves):
    found = refined(np.array([[30.0 / 64, 30.0 / 64]]), heatmap({(30, 32, 0): peak}))[0] * 64
    assert found == pytest.approx([32 if moves else 30, 30], abs=1e-4)


def test_the_window_is_cut_at_the_border_and_points_outside_stay():
    """Column 63 would wrap to column 0 of the next row if cells were not masked."""
    full = heatmap({(5, 63, 0): 0.9, (6, 0, 0): 0.9, (0, 0, 1): 0.9})
    points = np.array([[63.5 / 64, 5.0 / 64], [-0.2, -0.2]])
    assert refined(points, full) * 64 == pytest.approx(np.array([[63, 5], [-12.8, -12.8]]), abs=1e-4)


def test_each_point_reads_its_own_map():
    full = heatmap({(10, 11, 0): 0.9, (10, 12, 1): 0.9})
    assert refined(np.full((2, 2), 10 / 64), full)[:, 0] * 64 == pytest.approx([11, 12], abs=1e-4)


def tensors(score=0.9):
    raw = np.zeros((39, 5), np.float32)
    raw[:, :2] = 128  # the middle of the crop
    raw[0] = (192, 128, 64, 0, math.log(3))
    world = np.zeros((39, 3), np.float32)
    world[0] = (1, 0, 0.5)
    return {
        "landmarks": raw.reshape(1, 195),
        "flag": np.array([[score]], np.float32),
        "heatmap": np.full((1, 64, 64, 39), LOW, np.float32),
        "world": world.reshape(1, 117),
    }


def test_projection_of_a_turned_region():
    """Point 0 lies a quarter of the side to the right; turned by +90 degrees that is down. z: 64/256 of the side."""
    body = landmarks(tensors(), Region(100, 50, 400, math.pi / 2), 0.5)
    assert body is not None
    assert body.points_px[0] == pytest.approx([100, 150, 100])
    assert body.points_px[33] == pytest.approx([100, 50, 0])
    assert body.world_m[0] == pytest.approx([0, 1, 0.5])
    assert body.visibility[0] == pytest.approx(0.5)
    assert body.presence[0] == pytest.approx(0.75)
    assert body.visibility.shape == body.presence.shape == (33,)


def test_the_score_must_be_above_the_threshold():
    region = Region(0, 0, 10, 0)
    assert landmarks(tensors(0.5), region, 0.5) is None
    assert landmarks(tensors(float("nan")), region, 0.5) is None
    assert landmarks(tensors(0.501), region, 0.5) is not None


@given(st.permutations(["landmarks", "flag", "heatmap", "world"]))
def test_tensors_are_found_by_size_and_not_by_name_or_order(order):
    shuffled = {f"out{i}": tensors()[name] for i, name in enumerate(order)}
    body = landmarks(shuffled, Region(100, 50, 400, 0), 0.5)
    assert body is not None
    assert body.points_px[0] == pytest.approx([200, 50, 100])
