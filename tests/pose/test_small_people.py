"""Somebody small in a 4K picture: what the thorough search is for, with the real models."""

import cv2
import numpy as np
import pytest

from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.settings import PoseSettings
from posture.sources import demo
from posture.sources.picture import Picture

LEFT, TOP, SIDE = 2600, 1300, 110
"""Where the portrait stands in 3840 x 2160, in pixels."""
NOSE = (0.43, 0.26)
"""In sides of the portrait."""


@pytest.fixture(scope="module")
def wide():
    """A grey wall, lighter to the right, and the portrait of an astronaut on it."""
    picture = np.full((2160, 3840, 3), (118, 122, 128), np.uint8)
    picture += np.linspace(0, 60, 3840)[None, :, None].astype(np.uint8)
    portrait = cv2.cvtColor(cv2.imread(str(demo.PORTRAIT)), cv2.COLOR_BGR2RGB)
    picture[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = cv2.resize(portrait, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return Picture.of_rgb(picture)


def people(frame, search):
    estimator = Estimator(Catalogue.load(), PoseSettings(search=search, providers=("cpu",)), still=True)
    return estimator.tracker(2, smooth=False)(frame)[0]


def test_a_quick_search_does_not_see_them(wide):
    assert people(wide, "quick") == ()


def test_a_thorough_search_does_and_sees_nobody_else(wide):
    (pose,) = people(wide, "thorough")
    assert (pose.points_px[0, :2] - (LEFT, TOP)) / SIDE == pytest.approx(NOSE, abs=0.03)
