"""The thorough search, with models that miss whoever is small in what they look at."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.pose import scout as module
from posture.pose.blazepose import Detection
from posture.pose.body import extent
from posture.pose.eyes import around_hips
from posture.pose.scout import EVERY_S, OVERLAP, SHARES, SMALLEST_PX, Scout, parts
from posture.pose.track import RESCUE_S, Tracker

SMALLEST = 0.1
"""Share of a square that a body's radius has to take to be seen in it."""


def seen(body, square):
    radius, (x, y) = abs(body.points_px[34, 1] - body.points_px[33, 1]), body.points_px[33, :2]
    inside = max(abs(x - square.x), abs(y - square.y)) < square.side / 2
    return inside and radius >= SMALLEST * square.side


class Parts:
    """Finds the scripted people in any square; it sees ghosts too."""

    def __init__(self, ghosts=()):
        self.ghosts, self.squares = list(ghosts), []

    def within(self, shot, square):
        self.squares.append(square)
        return tuple(body for body in [*shot.people, *self.ghosts] if seen(body, square))


class Own:
    """The detector of the program: the scripted people in any square, or `sees`."""

    def __init__(self, models, sees):
        self.models, self.sees = models, sees

    def within(self, shot, square):
        if self.sees is not None:
            return self.sees
        return tuple(self.models.detect(replace(shot, people=[body for body in shot.people if seen(body, square)])))

    def detect(self, shot, hidden):
        return self.within(shot, parts(shot.width, shot.height)[0])


@pytest.fixture
def scouted(models, monkeypatch):
    """(ghosts, what the program's detector sees, Scout options) -> scout, what finds"""
    monkeypatch.setattr(module, "SMALLEST_PX", 256)  # the pictures here have 1,000 pixels

    def make(ghosts=(), sees=None, **options):
        finds = Parts(ghosts)
        return Scout(Own(models, sees), finds, models, **options), finds

    return make


def middles(detections):
    return sorted((int(one.points_px[0, 0]), int(one.points_px[0, 1])) for one in detections)


def test_who_is_small_in_the_picture_is_found_in_a_part_of_it(scouted, shot, person):
    people = [person(500, 500, 150), person(200, 800, 40), person(850, 150, 40)]
    scout, finds = scouted(still=True)
    frame = shot(0.0, people)
    assert len(finds.within(frame, parts(frame.width, frame.height)[0])) == 1
    assert middles(scout.detect(frame)) == [(200, 800), (500, 500), (850, 150)]


def test_the_detectors_region_is_kept_where_it_agrees_with_the_body(scouted, shot, person):
    scout, _ = scouted(still=True)
    frame = shot(0.0, [person(500, 500, 150), person(200, 800, 40)])
    by_rough = {one.rough: one for one in scout.detect(frame)}
    assert by_rough[False].points_px[0] == pytest.approx([500, 500])
    assert by_rough[False].region.side == pytest.approx(2 * 1.25 * 150)
    assert by_rough[True].points_px[0] == pytest.approx([200, 800])
    assert all(one.confirmed for one in by_rough.values())


@pytest.mark.parametrize(("moved", "larger"), [(60, 1.0), (0, 1.6), (0, 0.6)])
def test_a_region_that_does_not_agree_gives_way_to_one_about_the_hips(scouted, shot, person, moved, larger):
    body = person(500, 500, 150)
    points = np.array([[500 + moved, 500], [500 + moved, 500 - 150 * larger], [500, 420], [500, 350]], float)
    scout, _ = scouted(sees=(Detection(0.9, points),), still=True)
    (found,) = scout.detect(shot(0.0, [body]))
    assert found.rough
    assert found.points_px[0] == pytest.approx([500, 500])


def test_the_region_about_the_hips_holds_the_body(person):
    body = person(300, 400, 100)
    region = around_hips(body).region
    assert (region.x, region.y, region.rotation) == pytest.approx((300, 400, 0))
    reach = np.hypot(*(body.points_px[:33, :2] - (300, 400)).T).max()
    assert region.side == pytest.approx(2 * 1.25 * 1.1 * reach, rel=1e-6)


def test_hidden_legs_do_not_make_the_region_smaller_than_the_trunk(person):
    body = person(300, 400, 100)
    seen = np.zeros(33)
    seen[[11, 12, 23, 24]] = 0.9
    trunk = float(np.hypot(*(body.points_px[11:13, :2].mean(0) - body.points_px[23:25, :2].mean(0))))
    assert around_hips(replace(body, visibility=seen)).region.side == pytest.approx(2 * 1.25 * 1.75 * trunk)


def test_whom_the_second_model_does_not_see_is_nobody(scouted, shot, person):
    scout, _ = scouted(ghosts=[person(700, 700, 40)], still=True)
    assert scout.detect(shot(0.0, [])) == ()


def test_a_video_is_searched_by_time_and_a_still_always(scouted, shot, person):
    small = [person(200, 800, 40)]
    times = [0.0, 0.1, EVERY_S - 0.1, EVERY_S, EVERY_S + 0.1]
    scout, _ = scouted()
    assert [len(scout.detect(shot(t, small))) for t in times] == [1, 0, 0, 1, 0]
    scout, _ = scouted(still=True)
    assert [len(scout.detect(shot(0.0, small))) for _ in range(3)] == [1, 1, 1]


def test_one_person_in_several_parts_is_confirmed_once(models, scouted, shot, person):
    scout, _ = scouted(sees=(), still=True)
    assert len(scout.detect(shot(0.0, [person(500, 500, 200)]))) == 1
    assert len(models.looks) == 1


def test_one_frame_is_searched_once_however_often_it_is_asked(scouted, shot, person):
    scout, finds = scouted()
    frame = shot(0.0, [person(500, 500)])
    first = scout.detect(frame)
    looked = len(finds.squares)
    assert scout.detect(frame, (extent(frame.people[0]),)) is first
    assert len(finds.squares) == looked


def test_a_rough_region_is_looked_at_once_more(models, scouted, shot, person):
    scout, _ = scouted(sees=(), still=True)
    track = Tracker(scout.detect, models.look, near=scout.within)
    track(shot(0.0, [person(200, 800, 40)]))
    assert len(models.looks) == 3, "to confirm, in the region about the hips, and around what was seen there"


def test_who_was_lost_for_a_moment_is_found_again_where_they_were(models, scouted, shot, person):
    """Too small for the whole picture, and covered for half a second."""
    scout, _ = scouted()
    small = person(200, 800, 40)

    def followed(near):
        track = Tracker(scouted()[0].detect, models.look, people=2, near=near)
        return [[pose.person for pose in track(shot(n / 10, [] if 10 <= n < 15 else [small]))[0]] for n in range(20)]

    assert followed(scout.within)[9:17] == [[1], [], [], [], [], [], [1], [1]]
    assert followed(None)[15:] == [[]] * 5


def test_nobody_is_looked_for_longer_than_that(models, shot, person):
    squares = []
    track = Tracker(models.detect, models.look, near=lambda _, square: squares.append(square) or ())
    for n in range(10):
        track(shot(n / 10, [person(500, 500)]))
    for n in range(10, 60):
        track(shot(n / 10, []))
    assert len(squares) == pytest.approx(RESCUE_S * 10, abs=1)


def test_closing_ends_whichever_model_hangs():
    ended = []
    models = [SimpleNamespace(runs=SimpleNamespace(terminate=lambda n=n: ended.append(n))) for n in range(3)]
    Scout(*models).close()
    assert ended == [0, 1, 2]


@given(width=st.integers(16, 4096), height=st.integers(16, 4096))
def test_parts_cover_the_picture_and_overlap(width, height):
    squares = parts(width, height)
    for side in {square.side for square in squares[1:]}:
        same = [square for square in squares[1:] if square.side == side]
        for length, middles in ((width, {s.x for s in same}), (height, {s.y for s in same})):
            ordered = sorted(middles)
            assert ordered[0] - side / 2 <= 1e-6
            assert ordered[-1] + side / 2 >= length - 1e-6
            assert all(b - a <= side * (1 - OVERLAP) + 1e-6 for a, b in pairwise(ordered))
    sides = {share * max(width, height) for share in SHARES}
    assert {square.side for square in squares[1:]} == {side for side in sides if side >= SMALLEST_PX}
