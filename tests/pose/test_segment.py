"""Masks: the pure parts with exact answers, and the models on the portrait."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import posture.sources.demo as demo
from posture.pose.body import Box
from posture.pose.catalogue import Catalogue
from posture.pose.segment import CROP_MARGIN, WORK_PX, Segmenter, guided, soft_edge, square_around
from posture.sources.picture import Picture


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter(Catalogue.load(), ("cpu",), 1)


@pytest.fixture(scope="module")
def portrait():
    return cv2.cvtColor(cv2.imread(str(demo.PORTRAIT)), cv2.COLOR_BGR2RGB)


def test_a_guided_filter_gives_back_a_constant():
    guide = np.random.default_rng(2).random((40, 50), np.float32)
    assert guided(guide, np.full((40, 50), 0.7, np.float32), 3, 1e-3) == pytest.approx(0.7, abs=1e-3)


def test_a_guided_filter_moves_an_edge_to_the_edge_of_the_picture():
    """The picture's edge is at column 50, the model's, blurred, at 46: afterwards 50 divides what is above one half."""
    guide = np.zeros((60, 100), np.float32)
    guide[:, 50:] = 1
    values = cv2.GaussianBlur((np.arange(100) >= 46).astype(np.float32)[None].repeat(60, 0), (0, 0), 3)
    above = guided(guide, values, 8, 1e-4)[30] > 0.5
    assert above.argmax() == pytest.approx(50, abs=1)


@given(st.integers(0, 255))
@settings(deadline=None, max_examples=20)
def test_certain_masks_stay_what_they_are(luma):
    picture = np.full((30, 30), luma, np.uint8)
    assert (soft_edge(np.ones((30, 30), np.float32), picture) == 255).all()
    assert (soft_edge(np.zeros((30, 30), np.float32), picture) == 0).all()


def test_the_edge_lies_inside_of_one_half():
    """Eroded: where the model says 0.5 the old background would shine through."""
    halfway = soft_edge(np.full((30, 30), 0.5, np.float32), np.zeros((30, 30), np.uint8))
    assert halfway.max() < 64


def test_a_crop_holds_the_person_with_a_margin():
    square = square_around(Box(10, 20, 30, 120))
    assert square == pytest.approx((20, 70, 100 * CROP_MARGIN, 0))


def test_where_nobody_is_nothing_stays(segmenter, portrait):
    assert not segmenter(Picture.of_rgb(portrait), []).any()


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_a_person_stays_and_the_background_goes(segmenter, portrait, scale):
    """Near the camera, and small in a large picture."""
    size = int(512 * scale)
    picture = np.full((900, 1300, 3), 150, np.uint8)
    picture[300 : 300 + size, 500 : 500 + size] = cv2.resize(portrait, (size, size), interpolation=cv2.INTER_AREA)
    mask = segmenter(Picture.of_rgb(picture), [Box(500, 300, 500 + size, 300 + size)])
    assert max(mask.shape) == WORK_PX
    k = WORK_PX / 1300

    def at(x, y):
        return mask[int((300 + y * scale) * k), int((500 + x * scale) * k)]

    assert at(226, 119) == at(160, 350) == 255
    assert at(450, 60) == 0
    assert mask[int(100 * k), int(200 * k)] == 0


def test_the_shape_of_a_small_picture_is_its_own(segmenter):
    mask = segmenter(Picture.of_rgb(np.zeros((7, 5, 3), np.uint8)), [Box(0, 0, 5, 7)])
    assert mask.shape == (7, 5)
