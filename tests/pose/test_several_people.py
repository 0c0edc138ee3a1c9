"""Several people at once, with the real models: found by NanoDet alone, and by the thorough search it is part of."""

import cv2
import numpy as np
import pytest

from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.settings import PoseSettings
from posture.skeleton import BLAZEPOSE_33
from posture.sources import demo
from posture.sources.picture import Picture

HIGH, WIDE = 360, 640
NOSE = (0.43, 0.26)
"""In sides of the portrait."""
PLACES = ((20, 60, 260), (380, 110, 220))
"""Left, top and side of each portrait, in pixels."""


@pytest.fixture(scope="module", params=["quick", "thorough"])
def people(request):
    """(picture) -> poses, by one estimator for all tests"""
    estimator = Estimator(
        Catalogue.load(),
        PoseSettings(
            detector="nanodet" if request.param == "quick" else "blazepose", search=request.param, providers=("cpu",)
        ),
        still=True,
    )
    return lambda pixels: estimator.tracker(6, smooth=False)(Picture.of_rgb(pixels))[0]


def test_both_of_two_people_are_found_where_they_are(people):
    picture = np.full((HIGH, WIDE, 3), (118, 122, 128), np.uint8)
    portrait = cv2.cvtColor(cv2.imread(str(demo.PORTRAIT)), cv2.COLOR_BGR2RGB)
    for left, top, side in PLACES:
        picture[top : top + side, left : left + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    noses = sorted(tuple(pose.points_px[BLAZEPOSE_33.index["nose"], :2]) for pose in people(picture))
    assert len(noses) == len(PLACES)
    for nose, (left, top, side) in zip(noses, PLACES, strict=True):
        assert (np.array(nose) - (left, top)) / side == pytest.approx(NOSE, abs=0.05)


def test_an_empty_picture_holds_nobody(people):
    flat, noise = np.full((HIGH, WIDE, 3), 90, np.uint8), np.random.default_rng(1).integers(0, 256, (HIGH, WIDE, 3))
    wall = np.broadcast_to(np.linspace(40, 200, WIDE)[None, :, None], (HIGH, WIDE, 3)).astype(np.uint8)
    assert [people(picture.astype(np.uint8)) for picture in (flat, noise, wall)] == [()] * 3
