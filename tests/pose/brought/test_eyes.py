"""A model that finds everybody at once, and a detector, in front of outputs that are made up."""

import numpy as np
import pytest

from posture.errors import ModelRefused
from posture.pose.brought.eyes import BoxDetector, CrowdEyes, LandmarkEyes, SsdDetector
from posture.pose.brought.use import InputUse, Use
from posture.pose.crop import Region
from posture.sources.picture import Picture

SIDE = 64
SHOWN = InputUse(width=SIDE, height=SIDE, layout="NHWC", dtype="uint8", fit="letterbox")
CROWD = Use(head="movenet-multi", skeleton="coco-17", input=SHOWN)
DETECTOR = Use(head="nanodet", classes=1, input=SHOWN)
SSD = Use(head="blazepose-detector", input=SHOWN)
"""Its size is that of the program's own."""
BODY = np.random.default_rng(3).uniform(-6, 6, (17, 2))
BODY[11:13] = (-2, 4), (2, 4)


class Runs:
    """Gives what it was made with, and counts how often it was asked."""

    def __init__(self, output, side=SIDE):
        self.output, self.side, self.asked = output, side, 0

    def run(self, values):
        assert values.shape == (1, self.side, self.side, 3)
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
    rows = np.zeros((1, 84, 1 + 4 * 8), np.float32)
    rows[0, 80, 0] = 0.8
    rows[0, 80, 1:] = np.tile(np.where(np.arange(8) == 1, 0.0, -50.0), 4)
    (found,) = BoxDetector(Runs(rows), DETECTOR, 0.5).within(frame(), Region(96, 96, 64, 0.0))
    assert found.score == pytest.approx(0.8)
    assert found.points_px[0] == pytest.approx([64 + 16, 64 + 16], abs=0.6)
    assert BoxDetector(Runs(rows), DETECTOR, 0.9).within(frame(), Region(96, 96, 64, 0.0)) == ()


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_an_error_of_the_model(wrong):
    """Half precision overflows for some pictures alone, so a trial run does not show it."""
    people = crowd((16, 16, 0.7))
    people.output[0, 3, 7] = wrong
    whole = Region(64, 64, 128, 0.0)
    looks = (
        lambda: CrowdEyes(people, CROWD, 0.5).detect(frame()),
        lambda: BoxDetector(Runs(np.full((1, 84, 33), wrong)), DETECTOR, 0.5).detect(frame()),
        lambda: SsdDetector(Runs(np.full((1, 2254, 12), wrong), 224), SSD, 0.5).detect(frame()),
        lambda: LandmarkEyes(Runs(np.full((1, 195), wrong), 256), SSD, 0.5).look(frame(), whole),
    )
    for look in looks:
        with pytest.raises(ModelRefused, match=r"numbers that are not finite \((people|boxes)\)"):
            look()
