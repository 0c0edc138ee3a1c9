"""Each head on tensors that are made after the published definition of its outputs, with the answer known."""

import msgspec
import numpy as np
import pytest

from posture.errors import ModelMismatch
from posture.pose.brought.boxes import nanodet, nanodet_cells, rtmdet, yolox, yolox_cells
from posture.pose.brought.eyes import averaged, back
from posture.pose.brought.found import Keypoints, even
from posture.pose.brought.heads import BOX_HEADS
from posture.pose.brought.people import movenet_multi, rtmo, yolo_pose
from posture.pose.brought.points import heatmap, movenet, simcc
from posture.pose.brought.posenet import EDGES, posenet
from posture.pose.brought.use import InputUse, Quantum, Use
from posture.skeleton import COCO_17

K = 17
rng = np.random.default_rng(9)


def use(head, *, width=64, height=64, layout="NHWC", **fields):
    fit = "region" if head in ("heatmap", "movenet", "simcc") else "letterbox"
    shown = InputUse(width=width, height=height, layout=layout, dtype="float32", fit=fit)
    return Use(head=head, input=shown, **{"skeleton": "coco-17", **fields})


def detector(head, size=64):
    shown = InputUse(width=size, height=size, layout="NCHW", dtype="float32", fit="corner")
    return Use(head=head, input=shown)


def maps_with(cells, height=16, width=16, peak=0.8):
    maps = np.zeros((1, height, width, len(cells)), np.float32)
    for k, (column, row) in enumerate(cells):
        maps[0, row, column, k] = peak
    return maps


def test_a_heatmap_cell_is_a_square_of_pixels():
    cells = [(k % 14 + 1, (k * 5) % 14 + 1) for k in range(K)]
    found = heatmap({"maps": maps_with(cells)}, use("heatmap"))
    assert found.points[0] == pytest.approx((np.array(cells) + 0.5) * 4 - 0.5)
    assert found.scores[0] == pytest.approx(np.full(K, 0.8))


def test_a_heatmap_leans_to_the_higher_neighbour_and_knows_channels_first():
    maps = maps_with([(5, 5)] * K)
    maps[0, 5, 6] = 0.4
    first = {"maps": np.ascontiguousarray(maps.transpose(0, 3, 1, 2))}
    found = heatmap(first, use("heatmap", layout="NCHW"))
    assert found.points[0, 0] == pytest.approx([(5.25 + 0.5) * 4 - 0.5, 5.5 * 4 - 0.5])


def test_a_heatmap_at_the_edge_stays_inside():
    found = heatmap({"maps": maps_with([(0, 15)] * K)}, use("heatmap"))
    assert found.points[0, 0] == pytest.approx([1.5, 61.5])


def test_the_output_that_is_named_is_read():
    near, far = maps_with([(2, 2)] * K), maps_with([(9, 9)] * K)
    found = heatmap({"a": near, "b": far}, use("heatmap", outputs={"heatmap": "b"}))
    assert found.points[0, 0, 0] > 32
    with pytest.raises(ModelMismatch, match="there is not exactly one output"):
        heatmap({"a": near, "b": far}, use("heatmap"))


def test_movenet_says_y_first():
    raw = np.zeros((1, 1, K, 3), np.float32)
    raw[0, 0, :, 0], raw[0, 0, :, 1], raw[0, 0, :, 2] = 0.25, 0.75, 0.6
    found = movenet({"o": raw}, use("movenet"))
    assert found.points[0, 3] == pytest.approx([47.5, 15.5])
    assert found.scores[0, 3] == pytest.approx(0.6)


def test_simcc_takes_the_highest_bins_and_the_lower_height():
    x, y = np.zeros((1, K, 96), np.float32), np.zeros((1, K, 128), np.float32)
    x[0, :, 31], y[0, :, 100] = 0.9, 0.4
    found = simcc({"simcc_x": x, "simcc_y": y}, use("simcc", width=48, height=64))
    assert found.points[0, 0] == pytest.approx([15.5, 50.0])
    assert found.scores[0, 0] == pytest.approx(0.4)


def people(*middles):
    """[n, 17, 2] people of 40 pixels around their middles."""
    shape = np.stack([(np.arange(K) % 5 - 2) * 8.0, (np.arange(K) - 8) * 2.5], 1)
    return np.array([shape + middle for middle in middles])


def multipose_rows(*rows):
    """Six rows of MoveNet MultiPose: points of each person, and the score."""
    raw = np.zeros((1, 6, 3 * K + 5), np.float32)
    for i, (middle, score) in enumerate(rows):
        points = (people(middle)[0] + 0.5) / 64
        raw[0, i, : 3 * K] = np.column_stack([points[:, 1], points[:, 0], np.full(K, 0.7)]).ravel()
        raw[0, i, -1] = score
    return raw


def test_multipose_gives_whoever_has_a_score():
    raw = multipose_rows(((20, 30), 0.6), ((44, 30), 0.04), ((40, 20), 0.3))
    found = movenet_multi({"o": raw}, use("movenet-multi"))
    assert found.points == pytest.approx(people((20, 30), (40, 20)), abs=1e-4)
    assert found.scores == pytest.approx(np.full((2, K), 0.7))


def test_rtmo_gives_people_with_scores_and_drops_the_padding():
    points = np.zeros((1, 3, K, 3), np.float32)
    points[0, :2, :, :2], points[0, :2, :, 2] = people((20, 30), (44, 30)), 0.7
    boxes = np.zeros((1, 3, 5), np.float32)
    boxes[0, :2, 4] = 0.9, 0.5
    found = rtmo({"dets": boxes, "keypoints": points}, use("rtmo"))
    assert found.points == pytest.approx(people((20, 30), (44, 30)))
    assert found.scores[:, 0] == pytest.approx([0.7, 0.5]), "no point is surer than its person"


def yolo_rows(*rows):
    """Raw rows of YOLO: middle, size, score and points of each."""
    raw = np.zeros((1, 5 + 3 * K, 40), np.float32)
    for i, (middle, score) in enumerate(rows):
        points = people(middle)[0]
        raw[0, :5, i] = (*middle, 32, 40, score)
        raw[0, 5:, i] = np.column_stack([points, np.full(K, 0.8)]).ravel()
    return raw


def test_yolo_gives_each_person_once():
    raw = yolo_rows(((20, 30), 0.6), ((21, 30), 0.9), ((52, 30), 0.5))
    found = yolo_pose({"output0": raw}, use("yolo-pose"))
    assert len(found.points) == 2
    assert found.points[0] == pytest.approx(people((21, 30))[0], abs=1e-4)


def test_yolo_with_its_own_end():
    rows = np.zeros((1, 300, 6 + 3 * K), np.float32)
    rows[0, 0, 4] = 0.9
    rows[0, 0, 6:] = np.column_stack([people((30, 30))[0], np.full(K, 0.8)]).ravel()
    found = yolo_pose({"output0": rows}, use("yolo-pose"))
    assert found.points == pytest.approx(people((30, 30)))


def posenet_tensors(bodies, width=113, height=113, stride=16):
    """Outputs of a PoseNet that sees `bodies` [n, 17, 2] in pixels, exactly."""
    columns, rows = width // stride + 1, height // stride + 1
    maps = np.full((1, rows, columns, K), -6.0)
    offsets, steps = np.zeros((1, rows, columns, 2 * K)), np.zeros((1, rows, columns, 4 * len(EDGES)))
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1) * float(stride)
    nearest = lambda points: np.hypot(*(grid[None] - points[:, None, None]).transpose(3, 0, 1, 2)).argmin(0)  # noqa: E731
    index = COCO_17.index
    for k in range(K):
        body = nearest(bodies[:, k])
        away = bodies[body, k] - grid
        offsets[0, ..., k], offsets[0, ..., K + k] = away[..., 1], away[..., 0]
        for points in bodies[:, k]:
            column, row = np.rint(points / stride).astype(int)
            maps[0, row, column, k] = 3.0 - 0.01 * k
    for e, (parent, child) in enumerate(EDGES):
        for place, source, target in ((0, parent, child), (2 * len(EDGES), child, parent)):
            body = nearest(bodies[:, index[source]])
            step = bodies[body, index[target]] - bodies[body, index[source]]
            steps[0, ..., place + e], steps[0, ..., place + len(EDGES) + e] = step[..., 1], step[..., 0]
    return {"h": maps, "o": offsets, "d": steps}


def test_posenet_follows_each_skeleton():
    bodies = people((30, 52), (86, 60))
    shown = use("posenet", width=113, height=113, score="logit")
    found = posenet(posenet_tensors(bodies), shown)
    assert len(found.points) == 2
    order = np.argsort(found.points[:, 0, 0])
    assert found.points[order] == pytest.approx(bodies, abs=1e-6)
    assert (found.scores > 0.9).mean() > 0.7, "points that share a cell count for one person only"


def test_posenet_goes_on_where_an_offset_is_too_short():
    """Offsets in 8 bits end at 10 pixels, and displacements miss by more."""
    bodies = people((30, 52), (86, 60))
    made = posenet_tensors(bodies)
    made["o"] = np.clip(made["o"], -10, 10)
    made["d"] += 14 * np.sign(made["d"])
    found = posenet(made, use("posenet", width=113, height=113, score="logit"))
    order = np.argsort(found.points[:, 0, 0])
    assert found.points[order] == pytest.approx(bodies, abs=1e-6)


def test_posenet_of_an_empty_picture():
    empty = {name: np.full(values.shape, -6.0) for name, values in posenet_tensors(people((50, 50))).items()}
    assert len(posenet(empty, use("posenet", width=113, height=113, score="logit")).points) == 0


def test_whole_numbers_stand_for_others():
    maps = (maps_with([(5, 5)] * K) * 100 + 128).astype(np.uint8)
    found = heatmap({"m": maps}, use("heatmap", quanta={"m": Quantum(0.01, 128)}))
    assert found.scores[0, 0] == pytest.approx(0.8)


def test_rtmdet_takes_people_only():
    boxes = np.array([[[10, 10, 30, 50, 0.9], [5, 5, 60, 60, 0.8], [0, 0, 0, 0, 0]]], np.float32)
    found = rtmdet({"dets": boxes, "labels": np.array([[0, 2, -1]])}, detector("rtmdet"))
    assert found.corners.tolist() == [[[10, 10], [30, 50]]]


def test_yolox_decodes_its_grid():
    raw = np.zeros((1, yolox_cells(64, 64), 85), np.float32)
    row = 64 + 16 + 1 * 2 + 1  # of the coarsest grid, 2 x 2 cells of 32 pixels: the last one
    raw[0, row, :6] = (0.5, 0.5, np.log(1.0), np.log(0.5), 0.9, 0.8)
    found = yolox({"o": raw}, detector("yolox"))
    assert found.scores == pytest.approx([0.72])
    assert found.corners[0] == pytest.approx(np.array([[32.0, 40.0], [64.0, 56.0]]))


@pytest.mark.parametrize(("kind", "classes", "bins", "origin"), [(0, 80, 11, 0.5), (1, 80, 8, 0.0), (1, 1, 8, 0.0)])
def test_nanodet_measures_from_its_cells_in_bins(kind, classes, bins, origin):
    """The second of two cells of 32 pixels in the second row; four sides of 1, 1.5, 0 and 2 cells."""
    raw = np.zeros((1, nanodet_cells(64, 64)[kind], classes + 4 * bins), np.float32)
    sides = np.full((4, bins), -50.0)
    for side, weights in enumerate(({1: 0.0}, {1: 0.0, 2: 0.0}, {0: 0.0}, {2: 0.0})):
        sides[side, list(weights)] = list(weights.values())
    raw[0, 64 + 16 + 3, 0] = 0.8
    raw[0, 64 + 16 + 3, classes:] = sides.ravel()
    shown = msgspec.structs.replace(detector("nanodet"), classes=classes)
    found = nanodet({"o": raw}, shown)
    assert found.scores == pytest.approx([0.8])
    left, top, right, bottom = 1 + origin - 1, 1 + origin - 1.5, 1 + origin, 1 + origin + 2
    assert found.corners[0] == pytest.approx(32 * np.array([[left, top], [right, bottom]]), abs=1e-3)


def test_nanodet_of_another_size_is_named():
    with pytest.raises(ModelMismatch, match=r"\[1, 84, any\] for boxes; the model gives o \[1, 83, 124\]"):
        nanodet({"o": np.zeros((1, 83, 124), np.float32)}, detector("nanodet"))


@pytest.mark.parametrize(
    ("head", "columns", "words"),
    [
        ("nanodet", 80, "classes = 80: rows of 80 numbers"),
        ("nanodet", 83, "classes = 80: rows of 83 numbers"),
        ("yolox", 5, "person = 0: the model knows 0 classes"),
        ("yolox", 3, "person = 0: the model knows 0 classes"),
    ],
)
def test_rows_that_are_too_short_are_named(head, columns, words):
    """An open size is only seen when the model has run."""
    with pytest.raises(ModelMismatch, match=words):
        BOX_HEADS[head]({"o": np.zeros((1, 84, columns), np.float32)}, detector(head))


def test_nothing_is_nobody_for_every_head():
    nothing = lambda *shape: np.zeros((1, *shape), np.float32)  # noqa: E731
    assert len(movenet_multi({"m": nothing(6, 56)}, use("movenet-multi")).points) == 0
    assert len(rtmo({"b": nothing(9, 5), "k": nothing(9, K, 3)}, use("rtmo")).points) == 0
    assert len(yolo_pose({"p": nothing(56, 40)}, use("yolo-pose")).points) == 0
    assert len(rtmdet({"b": nothing(9, 5), "l": nothing(9)}, detector("rtmdet")).scores) == 0
    assert len(yolox({"b": nothing(yolox_cells(64, 64), 85)}, detector("yolox")).scores) == 0
    assert len(nanodet({"b": nothing(nanodet_cells(64, 64)[0], 124)}, detector("nanodet")).scores) == 0
    for found in (
        heatmap({"m": nothing(16, 16, K)}, use("heatmap")),
        movenet({"m": nothing(1, K, 3)}, use("movenet")),
        simcc({"x": nothing(K, 96), "y": nothing(K, 128)}, use("simcc", width=48)),
    ):
        assert found.scores.max() == 0, "a person at the corner has no score"


@pytest.mark.parametrize(("score", "chance"), [(0, 0), (0.15, 0.25), (0.3, 0.5), (1, 1), (7, 1)])
def test_half_is_an_even_chance(score, chance):
    assert even(np.array([score]), use("movenet", half=0.3))[0] == pytest.approx(chance)


def test_the_mirror_swaps_sides_and_both_looks_are_averaged():
    shown = use("movenet")
    points = rng.uniform(5, 59, (1, K, 2))
    scores = rng.uniform(0.2, 0.9, (1, K))
    there = Keypoints(points, scores)
    assert back(back(there, shown), shown).points == pytest.approx(points)
    left, right = COCO_17.index["left_wrist"], COCO_17.index["right_wrist"]
    assert back(there, shown).points[0, left, 0] == pytest.approx(63 - points[0, right, 0])
    twice = averaged(there, Keypoints(points + 2.0, scores))
    assert twice.points == pytest.approx(points + 1.0)


def test_an_entry_can_be_written_and_read():
    entry = use("simcc", width=48, half=0.25)
    assert msgspec.json.decode(msgspec.json.encode(entry), type=Use) == entry
