"""What redaction does to pixels, with answers that can be counted."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.data import Oval
from posture.errors import ModelError
from posture.privacy import redact

SEED = 7


@pytest.fixture
def noise():
    return np.random.default_rng(SEED).integers(0, 256, (120, 160, 3), dtype=np.uint8)


ovals = st.builds(
    Oval, st.floats(-60, 220), st.floats(-60, 180), st.floats(0.5, 90), st.floats(0.5, 90), st.floats(-4, 4)
)


def inside(oval, shape, shrink=0.0):
    """Boolean [h, w]: the pixels whose middle lies in the oval, by its equation."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    c, s = math.cos(oval.rotation), math.sin(oval.rotation)
    across, along = (x - oval.x) * c + (y - oval.y) * s, -(x - oval.x) * s + (y - oval.y) * c
    return (across / (oval.across - shrink)) ** 2 + (along / (oval.along - shrink)) ** 2 <= 1


@given(ovals)
@settings(max_examples=150, deadline=None)
def test_every_pixel_of_an_oval_is_covered(oval):
    """Also of turned ones and of those that the edge cuts; half a pixel is what rounding the middle may cost."""
    pixels = np.zeros((120, 160, 3), np.uint8)
    redact.cover_ovals(pixels, [oval], (1, 2, 3))
    covered = (pixels == (1, 2, 3)).all(-1)
    assert covered[inside(oval, pixels.shape)].all() or min(oval.across, oval.along) < 2
    left, top, right, bottom = redact.bounds(oval)
    rows, columns = np.nonzero(covered)
    assert not len(rows) or (columns.min() >= left - 2.5 and columns.max() <= right + 2.5)
    assert not len(rows) or (rows.min() >= top - 2.5 and rows.max() <= bottom + 2.5)


@given(ovals)
@settings(max_examples=100, deadline=None)
def test_bounds_hold_the_oval(oval):
    angles = np.linspace(0, 2 * math.pi, 60)
    c, s = math.cos(oval.rotation), math.sin(oval.rotation)
    x, y = oval.across * np.cos(angles), oval.along * np.sin(angles)
    left, top, right, bottom = redact.bounds(oval)
    xs, ys = oval.x + x * c - y * s, oval.y + x * s + y * c
    assert left - 1e-6 <= xs.min()
    assert xs.max() <= right + 1e-6
    assert top - 1e-6 <= ys.min()
    assert ys.max() <= bottom + 1e-6


def test_the_colour_of_a_cover_does_not_depend_on_what_it_covers(noise):
    dark = noise // 8
    oval = Oval(80, 60, 30, 40)
    for pixels in (noise, dark):
        redact.cover_ovals(pixels, [oval])
    where = inside(oval, noise.shape)
    assert (noise[where] == redact.COVER).all()
    assert (dark[where] == redact.COVER).all()


def test_boxes_are_covered_to_the_pixel_and_cut_at_the_edge(noise):
    before = noise.copy()
    redact.cover_boxes(noise, [(-5, 100, 3, 500), (1e4, 0, 2e4, 9)], (9, 9, 9))
    changed = (noise != before).any(-1)
    assert (noise[100:, :4] == 9).all()
    assert changed.sum() <= 20 * 4


@pytest.mark.parametrize("nothing", [math.nan, math.inf])
def test_an_oval_that_is_no_number_is_an_error(noise, nothing):
    with pytest.raises(ModelError, match="cannot be covered"):
        redact.cover_ovals(noise, [Oval(nothing, 0, 1, 1)])


@pytest.mark.parametrize("size", [12, 60])
def test_a_blur_keeps_25_colours_of_a_face_however_large(size):
    """Two faces that differ, but not in the means of the cells, look the same; a checkerboard is fine detail."""
    a = np.full((120, 160, 3), 100, np.uint8)
    b = a.copy()
    b[np.indices(b.shape[:2]).sum(0) % 2 == 0] = 101
    b[np.indices(b.shape[:2]).sum(0) % 2 == 1] = 99
    oval = Oval(80, 60, size / 2, size / 2)
    where = inside(oval, a.shape)
    for pixels in (a, b):
        redact.blur_ovals(pixels, [oval])
    assert np.abs(a[where].astype(int) - b[where]).max() <= 1
    assert len(np.unique(b[where])) <= 3


def test_a_blurred_portrait_has_no_more_detail_than_its_cells(noise):
    """The blur can be made again from 5 x 5 values: nothing else of the face is in the picture."""
    oval = Oval(80, 60, 40, 40)
    redact.blur_ovals(noise, [oval])
    part = noise[20:101, 40:121]
    again = cv2.resize(cv2.resize(part, (5, 5), interpolation=cv2.INTER_AREA), (81, 81))
    middle = inside(Oval(40, 40, 30, 30), part.shape)
    assert np.abs(part.astype(int) - again)[middle].mean() < 8
    assert np.abs(part.astype(int) - part.mean((0, 1)))[middle].mean() < 25, "noise of 74 on average before"


def test_a_flat_background(noise):
    before = noise.copy()
    keep = np.zeros((12, 16), np.uint8)
    keep[:, 8:] = 255
    redact.fill_background(noise, keep, (10, 20, 30))
    assert (noise[:, :74] == (10, 20, 30)).all()
    assert (noise[:, 86:] == before[:, 86:]).all()


def test_between_is_a_mixture():
    pixels = np.full((4, 4, 3), 200, np.uint8)
    redact.fill_background(pixels, np.full((4, 4), 51, np.uint8), (100, 100, 100))
    assert (pixels == 120).all()


def test_a_picture_larger_than_a_block_is_blended_everywhere():
    pixels = np.full((redact.BLOCK_PX * 2 + 7, 5, 3), 200, np.uint8)
    redact.fill_background(pixels, np.zeros((3, 3), np.uint8), (1, 1, 1))
    assert (pixels == 1).all()


def test_a_picture_behind(noise):
    behind = redact.filled(np.full((30, 30, 3), 77, np.uint8), 160, 120)
    redact.replace_background(noise, np.zeros((2, 2), np.uint8), behind)
    assert (noise == 77).all()


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90))
@settings(max_examples=60, deadline=None)
def test_filling_has_the_size_that_is_asked_for(width, height, old_width, old_height):
    picture = np.full((old_height, old_width, 3), 5, np.uint8)
    filled = redact.filled(picture, width, height)
    assert filled.shape == (height, width, 3)
    assert (filled == 5).all()


def test_a_person_does_not_shine_into_a_blurred_background():
    """A red person on blue ground: the ground stays blue up to the person's edge."""
    pixels = np.zeros((400, 400, 3), np.uint8)
    pixels[:, :, 2] = 200
    keep = np.zeros((400, 400), np.uint8)
    keep[:, 150:250] = 255
    pixels[:, 150:250] = (200, 0, 0)
    redact.blur_background(pixels, keep)
    assert pixels[:, :150, 0].max() <= 4
    assert (pixels[:, 150:250] == (200, 0, 0)).all()


def test_a_blurred_background_has_few_cells():
    """Stripes of 2 px vanish: 40 cells over 400 pixels are 10 px wide."""
    pixels = np.zeros((400, 400, 3), np.uint8)
    pixels[:, ::4] = pixels[:, 1::4] = 255
    redact.blur_background(pixels, np.zeros((8, 8), np.uint8))
    assert np.ptp(pixels.astype(int)) < 60


def test_a_mask_covers_hard(noise):
    mask = np.zeros((120, 160), np.uint8)
    mask[10:20, 30:50] = 255
    before = noise.copy()
    redact.cover_mask(noise, mask, (0, 0, 0))
    assert (noise[10:20, 30:50] == 0).all()
    mask = mask > 0
    assert (noise[~mask] == before[~mask]).all()


def test_the_share_of_an_oval_that_changed():
    before = np.zeros((100, 100, 3), np.uint8)
    after = before.copy()
    after[:50] = 1
    assert redact.changed_share(before, after, Oval(50, 49.5, 20, 20)) == pytest.approx(0.5, abs=0.03)
    assert redact.changed_share(before, before, Oval(50, 50, 20, 20)) == 0
    assert redact.changed_share(before, before, Oval(500, 50, 20, 20)) == 1, "nothing of it is in the picture"


def test_an_oval_is_gone_only_where_nothing_of_it_is_kept():
    keep = np.zeros((30, 40), np.uint8)
    keep[10:20, 10:20] = 1
    for scale in (1, 4):
        size = 40 * scale, 30 * scale
        assert redact.gone(Oval(32 * scale, 15 * scale, 4 * scale, 4 * scale), keep, *size)
        assert not redact.gone(Oval(22 * scale, 15 * scale, 4 * scale, 4 * scale), keep, *size)
        assert not redact.gone(Oval(25 * scale, 15 * scale, 5 * scale, 5 * scale), keep, *size), (
            "its edge is next to it"
        )
    assert not redact.gone(Oval(0, 0, 12, 12), keep, 40, 30)
    assert redact.gone(Oval(-50, -50, 4, 4), keep, 40, 30)
