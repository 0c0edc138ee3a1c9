"""A model that finds everybody at once, and a detector, in front of outputs that are made up."""

import numpy as np
import pytest

from posture.pose.brought.eyes import BoxDetector, CrowdEyes
from posture.pose.brought.use import InputUse, Use
from posture.pose.crop import Region
from posture.sources.picture import Picture

SIDE = 64
SHOWN = InputUse(width=SIDE, height=SIDE, layout="NHWC", dtype="uint8", fit="letterbox")
CROWD = Use(head="movenet-multi", skeleton="coco-17", input=SHOWN)
BODY = np.random.default_rng(3).uniform(-6, 6, (17, 2))
BODY[11:13] = (-2, 4), (2, 4)


class Runs:
    """Gives what it was made with, and counts how often it was asked."""

    def __init__(self, output):
        self.output, self.asked = output, 0

    def run(self, values):
        assert values.shape == (1, SIDE, SIDE, 3)
        self.asked += 1
        return {"people": self.output}


def crowd(*people):
    """(middle x, middle y, score of each point) in pixels of the input."""
    rows = np.zeros((1, 6, 56), np.float32)
    for i, (x, y, score) in enumerate(people):
        points = (BODY + (x, y) + 0.5) / SIDE
        rows[0, i, :51] = np.column_stack([points[:, ::-1], np.full(17, score)]).ravel()
        rows[0, i, -1] = score
    return Runs(rows)


def frame():
    return Picture.of_rgb(np.zeros((2 * SIDE, 2 * SIDE, 3), np.uint8))


def test_everybody_is_found_by_one_run_a_frame_best_first():
    runs = crowd((16, 16, 0.7), (48, 40, 0.9), (30, 50, 0.2))
    eyes, shown = CrowdEyes(runs, CROWD, 0.5), frame()
    found = eyes.detect(shown)
    assert [one.score for one in found] == pytest.approx([0.9, 0.7]), "who is no more likely than 0.5 is nobody"
    for one, (x, y) in zip(found, ((48, 40), (16, 16)), strict=True):
        body = eyes.look(shown, one.region)
        assert body is not None
        assert body.points_px[23:25, :2].mean(0) == pytest.approx([2 * x + 0.5, 2 * (y + 4) + 0.5], abs=0.1)
    assert runs.asked == 1
    eyes.detect(frame())
    assert runs.asked == 2


def test_who_is_far_from_the_region_is_somebody_else():
    eyes = CrowdEyes(crowd((48, 40, 0.9)), CROWD, 0.5)
    assert eyes.look(frame(), Region(10, 10, 30, 0.0)) is None


def test_nobody_is_nobody():
    eyes, shown = CrowdEyes(crowd(), CROWD, 0.5), frame()
    assert eyes.detect(shown) == ()
    assert eyes.look(shown, Region(64, 64, 128, 0.0)) is None


def test_a_box_in_a_part_of_the_picture_lies_where_it_is_in_the_picture():
    """The first cell of 32 pixels, its sides a cell away; the part is the right lower quarter."""
    use = Use(head="nanodet", classes=1, input=SHOWN)
    rows = np.zeros((1, 84, 1 + 4 * 8), np.float32)
    rows[0, 80, 0] = 0.8
    rows[0, 80, 1:] = np.tile(np.where(np.arange(8) == 1, 0.0, -50.0), 4)
    (found,) = BoxDetector(Runs(rows), use, 0.5).within(frame(), Region(96, 96, 64, 0.0))
    assert found.score == pytest.approx(0.8)
    assert found.points_px[0] == pytest.approx([64 + 16, 64 + 16], abs=0.6)
    assert BoxDetector(Runs(rows), use, 0.9).within(frame(), Region(96, 96, 64, 0.0)) == ()
