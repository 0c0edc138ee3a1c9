"""Tiles: that they cover the picture, and that the real models find faces of 24 px on them, wherever they lie."""

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import posture.sources.demo as demo
from posture.errors import ModelError
from posture.pose.catalogue import Catalogue
from posture.pose.crop import Region
from posture.pose.search import FINEST_PX, INPUT, OVERLAP, FaceSearch, crop, levels, sides, textured, tiles
from posture.pose.watch import AGAIN_S, FaceWatch

# By eye: from the hair line to the chin, ear to ear.
FACE_BOX = (172, 58, 108, 122)
GROUND = 150
sizes = st.integers(1, 4500)


@pytest.fixture(scope="module")
def portrait():
    return cv2.cvtColor(cv2.imread(str(demo.PORTRAIT)), cv2.COLOR_BGR2RGB)


@pytest.fixture(scope="module")
def search():
    return FaceSearch(Catalogue.load(), ("cpu",), 1)


@pytest.fixture(scope="module")
def pasted(portrait):
    """(picture size, [(x, y, height of the face in pixels)]) -> a picture, and the middles of its faces."""
    x, y, w, h = FACE_BOX
    head = portrait[max(y - 50, 0) : y + h + 90, x - 60 : x + w + 60]
    middle = np.array([60 + w / 2, min(50, y) + h / 2])

    def pasted(width, height, places):
        picture = np.full((height, width, 3), GROUND, np.uint8)
        middles = []
        for left, top, size in places:
            scale = size / h
            small = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            picture[top : top + small.shape[0], left : left + small.shape[1]] = small
            middles.append(middle * scale + (left, top))
        return picture, np.array(middles)

    return pasted


@given(sizes, sizes)
@settings(deadline=None, max_examples=100)
def test_tiles_cover_the_picture_and_overlap(width, height):
    for side in sides(width, height):
        parts = tiles(width, height, side)
        scale = side / INPUT
        for length, at in ((width, "left"), (height, "top")):
            starts = sorted({getattr(tile, at) for tile in parts})
            assert starts[0] == 0
            assert (starts[-1] + INPUT) * scale >= length - scale
            assert all(b - a <= INPUT * (1 - OVERLAP) + 1 for a, b in itertools.pairwise(starts))


@given(sizes, sizes)
def test_the_last_level_is_the_whole_picture(width, height):
    *finer, last = sides(width, height)
    assert last == max(width, height)
    assert len(tiles(width, height, last)) == 1
    assert not finer or finer[0] == FINEST_PX
    assert all(b <= 3.4 * a for a, b in itertools.pairwise((*finer, last)))


@given(st.integers(1, 900), st.integers(1, 900))
@settings(deadline=None, max_examples=30)
def test_levels_hold_their_tiles(width, height):
    picture = np.zeros((height, width, 3), np.uint8)
    for side, level in levels(picture).items():
        for tile in tiles(width, height, side):
            assert level[tile.top : tile.top + INPUT, tile.left : tile.left + INPUT].shape == (INPUT, INPUT, 3)


def found_all(search, picture, middles, reach):
    heads = [face.head for face in search.whole(levels(picture), (picture.shape[1], picture.shape[0]))]
    return [any(math.dist((head.x, head.y), middle) < reach for head in heads) for middle in middles]


@pytest.mark.parametrize("height", [40, 50, 60, 110, 180, 300])
def test_faces_of_any_size_are_found_anywhere(search, pasted, height):
    """In a picture of 1700 x 1300: in corners, on the seams of tiles, and in the middle."""
    room = int(height * 2.2)
    places = [(0, 0), (1699 - room, 1299 - room), (190, 250), (317, 600), (850, 333)]
    places = [(x, y, height) for x, y in places if height < 200 or (x, y) in ((0, 0), (850, 333))]
    picture, middles = pasted(1700, 1300, places)
    assert all(found_all(search, picture, middles, 0.4 * height))


@pytest.mark.parametrize("quarter", range(4))
def test_a_turned_or_mirrored_picture_hides_nobody(search, pasted, quarter):
    picture, (middle,) = pasted(640, 480, [(250, 100, 90)])
    turned = np.rot90(picture, quarter)
    x, y = middle
    width, height = 640, 480
    for _ in range(quarter):
        x, y, width, height = y, width - 1 - x, height, width
    assert found_all(search, np.ascontiguousarray(turned), [(x, y)], 40) == [True]
    mirrored = np.ascontiguousarray(turned[:, ::-1])
    assert found_all(search, mirrored, [(width - 1 - x, y)], 40) == [True]


def test_a_face_that_fills_the_picture_is_found(search, portrait):
    x, y, w, h = FACE_BOX
    close = np.ascontiguousarray(cv2.resize(portrait[y - 10 : y + h + 10, x - 8 : x + w + 8], (480, 540)))
    assert found_all(search, close, [(240, 270)], 150) == [True]


@pytest.mark.parametrize(("left", "top"), [(-50, 100), (300, -60)])
def test_a_face_that_the_edge_cuts_off_is_found(search, portrait, left, top):
    """About half of it is in the picture."""
    x, y, w, h = FACE_BOX
    picture = np.full((500, 600, 3), GROUND, np.uint8)
    wide = np.full((900, 1000, 3), GROUND, np.uint8)
    wide[200 + top - 40 : 200 + top + h + 90, 200 + left - 50 : 200 + left + w + 50] = portrait[
        y - 40 : y + h + 90, x - 50 : x + w + 50
    ]
    picture[:] = wide[200:700, 200:800]
    assert found_all(search, picture, [(max(left, 0) + 25, max(top, 0) + 30)], 90) == [True]
    inside = [face for level in (levels(picture),) for s in level for face in search.edges(level[s], s, (600, 500))]
    assert all(min(*f.centre, 600 - f.centre[0], 500 - f.centre[1]) < f.size / 2 for f in inside)


def test_nothing_is_searched_where_nothing_stays(search, pasted):
    """The picture has two faces; the mask keeps one half."""
    picture, middles = pasted(4800, 900, [(100, 300, 30), (4400, 300, 30)])
    keep = np.zeros((9, 48), np.uint8)
    keep[:, 24:] = 255
    faces = search.whole(levels(picture), (4800, 900), keep)
    small = [face for face in faces if face.size < 80]  # the whole picture is searched for those who fill it
    assert any(math.dist(face.centre, middles[1]) < 20 for face in small)
    assert not any(math.dist(face.centre, middles[0]) < 20 for face in small)


def test_flat_tiles_are_left_out_and_others_are_not():
    level = np.full((INPUT, 2 * INPUT, 3), 90, np.uint8)
    level[:, INPUT:] += np.linspace(0, 100, INPUT).astype(np.uint8)[:, None]
    parts = tiles(2 * INPUT, INPUT, INPUT)
    level[100:110, 20:30] = 104
    assert {tile.left for tile in textured(level, parts)} == {0}, "a slope is flat nearby, a small spot is not"


@pytest.mark.parametrize("rotation", [0.0, 0.5, -2.0])
@pytest.mark.parametrize("side", [40.0, 400.0])
def test_a_crop_has_the_place_in_its_middle(rotation, side):
    picture = np.zeros((300, 300, 3), np.uint8)
    cv2.circle(picture, (120, 140), int(side / 8), (255, 255, 255), cv2.FILLED)
    small = crop(picture, Region(120, 140, side, rotation), 64)
    assert small.shape == (64, 64, 3)
    rows, columns = np.nonzero(small[..., 0] > 127)
    assert (rows.mean(), columns.mean()) == pytest.approx((32, 32), abs=1)
    assert np.ptp(rows) + 1 == pytest.approx(16, abs=2)


def test_a_crop_off_the_picture_is_black():
    assert not crop(np.full((9, 9, 3), 255, np.uint8), Region(500, 500, 20, 0), 8).any()


def test_a_search_that_was_ended_says_so():
    ended = FaceSearch(Catalogue.load(), ("cpu",), 1)
    ended.close()
    with pytest.raises(ModelError, match="ended on request"):
        ended.whole(levels(np.zeros((50, 50, 3), np.uint8) + np.arange(50, dtype=np.uint8)[:, None] * 5), (50, 50))


class Counted:
    """Counts the tiles that a watch searches."""

    def __init__(self, watch, monkeypatch):
        self.seen = []
        inner = watch._search.tile
        monkeypatch.setattr(
            watch._search, "tile", lambda level, tile, **how: self.seen.append(tile) or inner(level, tile, **how)
        )

    def take(self):
        seen, self.seen[:] = list(self.seen), []
        return seen


def test_only_what_changed_is_searched_again(pasted, monkeypatch):
    watch = FaceWatch(Catalogue.load(), ("cpu",), 1, still=False)
    counted = Counted(watch, monkeypatch)
    empty, _ = pasted(1000, 500, [])
    picture, (middle,) = pasted(1000, 500, [(700, 200, 40)])
    every = [tile for side in sides(1000, 500) for tile in tiles(1000, 500, side)]
    watch(empty, 0.0)
    assert counted.take() == every
    watch(empty, 1.0)
    assert counted.take() == []
    found = watch(picture, 2.0)
    searched = counted.take()
    assert 0 < len(searched) < len(every)
    assert all(tile.square.x - tile.side / 2 - 60 < middle[0] < tile.square.x + tile.side / 2 + 60 for tile in searched)
    assert any(math.dist(face.centre, middle) < 20 for face in found)


def test_a_tile_that_keeps_changing_is_searched_at_intervals(pasted, monkeypatch):
    watch = FaceWatch(Catalogue.load(), ("cpu",), 1, still=False)
    counted = Counted(watch, monkeypatch)
    pictures = [pasted(1000, 500, [(300 + 40 * i, 200, 40)])[0] for i in range(3)]
    fine = FINEST_PX
    watch(pictures[0], 0.0)
    counted.take()
    watch(pictures[1], AGAIN_S / 2)
    assert [tile.side for tile in counted.take()] == [1000.0], "the whole picture whenever it changes"
    watch(pictures[2], AGAIN_S)
    assert fine in [tile.side for tile in counted.take()]
    watch.forget()
    watch(pictures[2], AGAIN_S * 1.1)
    assert len(counted.take()) == len(tiles(1000, 500, fine)) + 1
