import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import frozen
from posture.live.background import UNKNOWN, background, shift, thumbnail
from posture.sources.picture import Picture

WIDTH, HEIGHT = 640, 360
MARGIN = 100


def room(seed, plain=False):
    """A wall with furniture and pictures, larger than what the camera sees."""
    rng = np.random.default_rng(seed)
    wall = np.full((HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN), rng.integers(60, 180), np.uint8)
    for _ in range(0 if plain else 25):
        x, y, w, h = (int(v) for v in rng.integers((0, 0, 13, 13), (WIDTH + 180, HEIGHT + 180, 170, 170)))
        cv2.rectangle(wall, (x, y), (x + w, y + h), int(rng.integers(20, 235)), -1)
    return cv2.GaussianBlur(wall, (0, 0), 1.0)


def seen(wall, pose, shift_px=(0, 0), person_px=(0, 0), gain=1.0, noise=4.0, seed=0, shirt=90):
    """The background of one look: the wall moved by `shift_px`, a person painted over it, noise."""
    dx, dy = shift_px
    view = wall[MARGIN - dy : MARGIN - dy + HEIGHT, MARGIN - dx : MARGIN - dx + WIDTH].astype(float) * gain
    points = pose.points_px.copy()
    points[:, :2] += person_px
    pose = replace(pose, points_px=frozen(points))
    (left, right), chin = np.sort(points[11:13, 0]), points[9:11, 1].mean()
    cv2.rectangle(view, (int(left - 8), int(chin)), (int(right + 8), HEIGHT), shirt, -1)
    cv2.circle(view, (int(points[0, 0]), int(points[0, 1])), int(0.3 * (right - left)), 170, -1)
    view += np.random.default_rng(seed).normal(0, noise, view.shape)
    pixels = np.clip(view, 0, 255).astype(np.uint8)[:, :, None].repeat(3, 2)
    return background(thumbnail(Picture.of_rgb(pixels)), [pose], WIDTH)


@pytest.mark.parametrize("shift_px", [(0, 0), (10, 0), (-16, 9), (25, -8), (3, 2)])
@pytest.mark.parametrize("seed", range(4))
def test_a_camera_that_moved_is_measured(sitter, seed, shift_px):
    wall = room(seed)
    found = shift(seen(wall, sitter), seen(wall, sitter, shift_px, seed=1))
    assert found == pytest.approx((shift_px[0] / WIDTH, shift_px[1] / WIDTH), abs=0.005)


@given(
    seed=st.integers(0, 20),
    x=st.integers(-60, 60),
    y=st.integers(-10, 30),
    gain=st.floats(0.4, 1.2),
    shirt=st.integers(20, 230),
)
def test_a_camera_that_stands_still_never_moved(sitter, seed, x, y, gain, shirt):
    wall = room(seed)
    now = seen(wall, sitter, person_px=(x, y), gain=gain, shirt=shirt, seed=seed + 1)
    found = shift(seen(wall, sitter), now)
    assert found == UNKNOWN or math.hypot(*found) < 0.012 or math.isnan(found[0])


def test_a_person_who_moves_and_light_that_changes_move_nothing(sitter):
    wall = room(1)
    now = seen(wall, sitter, person_px=(40, 10), gain=0.5, shirt=200, seed=2)
    assert math.hypot(*shift(seen(wall, sitter), now)) < 0.005


@pytest.mark.parametrize(
    "unsure",
    [
        lambda wall, sitter: seen(room(1, plain=True), sitter),
        lambda wall, sitter: seen(wall, sitter, gain=0.02),
        lambda wall, sitter: seen(room(77), sitter),
        lambda wall, sitter: background(np.zeros((90, 160), np.uint8), [], WIDTH),
        lambda wall, sitter: background(np.zeros((120, 160), np.uint8), [], WIDTH),
    ],
    ids=["plain wall", "dark", "another room", "black", "another shape"],
)
def test_what_is_not_sure_is_unknown(sitter, unsure):
    wall = room(1)
    assert all(math.isnan(value) for value in shift(seen(wall, sitter), unsure(wall, sitter)))


def test_a_picture_full_of_people_is_unknown(sitter):
    wall = room(1)
    wide = replace(sitter, points_px=frozen(sitter.points_px * [4, 1, 1] - [WIDTH, 0, 0]))
    now = seen(wall, sitter)
    assert all(math.isnan(v) for v in shift(now, background(now.brightness.astype(np.uint8), [wide], WIDTH)))
