"""Heads that find everybody in a picture at once, with keypoints: MoveNet, RTMO, keypoints of YOLO. Pure functions."""

import numpy as np

from posture.data import Array
from posture.errors import ModelMismatch
from posture.pose.brought.found import CANDIDATES, LEAST, Keypoints, Outputs, apart, count, no_part, part, scored
from posture.pose.brought.use import Use


def movenet_multi(outputs: Outputs, use: Use) -> Keypoints:
    """MoveNet for several people: the part `people`, [1, n, 3 K + 5], one row a person, most of them nobody.

    K times y, x (0..1 of the input) and score, then the box and the score of the person. Model card of
    MoveNet.MultiPose, Google 2021.
    """
    points = count(use)
    rows = part(outputs, use, "people", (1, None, 3 * points + 5))[0]
    rows = rows[scored(rows[:, -1], use) >= LEAST]
    raw = rows[:, : 3 * points].reshape(-1, points, 3)
    found = raw[..., 1::-1] * (use.input.width, use.input.height) - 0.5
    return Keypoints(found, scored(raw[..., 2], use))


def rtmo(outputs: Outputs, use: Use) -> Keypoints:
    """Boxes that are apart already, [1, n, 5] (corners, score), and keypoints [1, n, K, 3] (x, y, score).

    Parts `boxes` and `keypoints`. Lu et al. 2023 (arXiv:2312.07526), as mmdeploy exports it: `dets`, `keypoints`.
    """
    boxes = part(outputs, use, "boxes", (1, None, 5))[0]
    points = part(outputs, use, "keypoints", (1, None, count(use), 3))[0]
    if len(boxes) != len(points):
        raise ModelMismatch(f"head rtmo: {len(boxes)} boxes and {len(points)} sets of keypoints do not belong together")
    return _chosen(points, scored(boxes[:, 4], use), use)


def yolo_pose(outputs: Outputs, use: Use) -> Keypoints:
    """The part `people`, in pixels of the input; which of both published forms it is tells its shape.

    [1, 5 + 3 K, n]: middle and size of the box, score, K times x, y and score, many times the same person; or
    [1, n, 6 + 3 K]: corners of the box, score, class, the same points, each person once. Maji et al. 2022
    (arXiv:2204.06806); the exports of Ultralytics.
    """
    points = count(use)
    wide, once = 5 + 3 * points, 6 + 3 * points
    shapes = {name: each.shape for name, each in outputs.items()}
    if any(len(shape) == 3 and shape[2] == once for shape in shapes.values()):
        rows = part(outputs, use, "people", (1, None, once))[0]
        return _chosen(rows[:, 6:].reshape(-1, points, 3), scored(rows[:, 4], use), use)
    if not any(len(shape) == 3 and shape[1] == wide for shape in shapes.values()):
        raise ModelMismatch(no_part(use, "people", (1, wide, None), shapes))
    rows = part(outputs, use, "people", (1, wide, None))[0].T
    scores = scored(rows[:, 4], use)
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    rows, scores = rows[best], scores[best]
    half = rows[:, 2:4] / 2
    kept = apart(np.stack([rows[:, :2] - half, rows[:, :2] + half], 1), scores)
    return _chosen(rows[kept, 5:].reshape(-1, points, 3), scores[kept], use)


def _chosen(points: Array, scores: Array, use: Use) -> Keypoints:
    """Those whose score is not nothing; a keypoint is no surer than its person."""
    some = scores >= LEAST
    points, scores = points[some], scores[some]
    return Keypoints(points[..., :2], np.minimum(scored(points[..., 2], use), scores[:, None]))
