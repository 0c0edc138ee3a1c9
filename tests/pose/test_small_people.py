"""Somebody small in a large picture: what the thorough search is for, with the real models."""

import cv2
import numpy as np
import pytest

from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.settings import PoseSettings
from posture.sources import demo
from posture.sources.picture import Picture

SIDE = 90
"""Of the portrait, in pixels."""
PLACE = (0.68, 0.6)
"""Where its left upper corner is, in sides of the picture."""
NOSE = (0.43, 0.26)
"""In sides of the portrait."""


@pytest.fixture(scope="module", params=[(3840, 2160), (1920, 1080)], ids=["4K", "1080p"])
def wide(request):
    """A grey wall, lighter to the right, and the portrait of an astronaut on it; where that is."""
    width, height = request.param
    left, top = (int(share * side) for share, side in zip(PLACE, request.param, strict=True))
    picture = np.full((height, width, 3), (118, 122, 128), np.uint8)
    picture += np.linspace(0, 60, width)[None, :, None].astype(np.uint8)
    portrait = cv2.cvtColor(cv2.imread(str(demo.PORTRAIT)), cv2.COLOR_BGR2RGB)
    picture[top : top + SIDE, left : left + SIDE] = cv2.resize(portrait, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return Picture.of_rgb(picture), (left, top)


def people(frame, search):
    estimator = Estimator(Catalogue.load(), PoseSettings(search=search, providers=("cpu",)), still=True)
    return estimator.tracker(2, smooth=False)(frame)[0]


def test_a_quick_search_does_not_see_them(wide):
    assert people(wide[0], "quick") == ()


def test_a_thorough_search_does_and_sees_nobody_else(wide):
    frame, corner = wide
    (pose,) = people(frame, "thorough")
    assert (pose.points_px[0, :2] - corner) / SIDE == pytest.approx(NOSE, abs=0.03)
