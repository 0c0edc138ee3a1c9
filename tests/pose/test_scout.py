"""The thorough search, with a detector that misses whoever is small in what it looks at."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.pose.body import extent
from posture.pose.scout import EVERY_S, OVERLAP, SHARES, Scout, parts
from posture.pose.track import RESCUE_S, Tracker

SMALLEST = 0.1
"""Share of a square that a body's radius has to take to be seen in it."""


class Parts:
    """The detector of the scripted people, for any square; it sees ghosts in small squares too."""

    runs = None

    def __init__(self, models, ghosts=()):
        self.models, self.ghosts, self.squares = models, list(ghosts), []

    def within(self, shot, square, hidden=()):
        self.squares.append(square)
        people = [body for body in [*shot.people, *self.ghosts] if self._sees(body, square)]
        return tuple(self.models.detect(replace(shot, people=people), hidden))

    def detect(self, shot, hidden=()):
        return self.within(shot, parts(shot.width, shot.height)[0], hidden)

    @staticmethod
    def _sees(body, square):
        radius, (x, y) = abs(body.points_px[34, 1] - body.points_px[33, 1]), body.points_px[33, :2]
        inside = max(abs(x - square.x), abs(y - square.y)) < square.side / 2
        return inside and radius >= SMALLEST * square.side


@pytest.fixture
def scouted(models):
    """(ghosts, Scout options) -> scout, detector"""

    def make(ghosts=(), **options):
        detector = Parts(models, ghosts)
        return Scout(detector, models, **options), detector

    return make


def middles(detections):
    return sorted((int(one.points_px[0, 0]), int(one.points_px[0, 1])) for one in detections)


def test_who_is_small_in_the_picture_is_found_in_a_part_of_it(scouted, shot, person):
    people = [person(500, 500, 150), person(200, 800, 40), person(850, 150, 40)]
    scout, detector = scouted()
    assert middles(detector.detect(shot(0.0, people))) == [(500, 500)]
    assert middles(scout.detect(shot(0.0, people))) == [(200, 800), (500, 500), (850, 150)]


def test_who_is_seen_in_the_whole_picture_keeps_the_detectors_region(scouted, shot, person):
    scout, detector = scouted()
    frame = shot(0.0, [person(500, 500, 150), person(200, 800, 40)])
    (sure,) = detector.detect(frame)
    by_rough = {one.rough: one for one in scout.detect(frame)}
    assert np.array_equal(by_rough[False].points_px, sure.points_px)
    assert by_rough[True].region.x == pytest.approx(200)
    assert all(one.confirmed for one in by_rough.values())


def test_what_the_second_model_does_not_see_is_nobody(scouted, shot, person):
    scout, _ = scouted(ghosts=[person(700, 700, 40)])
    assert scout.detect(shot(0.0, [])) == ()


def test_a_video_is_searched_by_time_and_a_still_always(scouted, shot, person):
    """Between the searches only the whole picture is looked at."""
    small = [person(200, 800, 40)]
    times = [0.0, 0.1, EVERY_S - 0.1, EVERY_S, EVERY_S + 0.1]
    scout, _ = scouted()
    assert [len(scout.detect(shot(t, small))) for t in times] == [1, 0, 0, 1, 0]
    scout, _ = scouted(still=True)
    assert [len(scout.detect(shot(0.0, small))) for _ in range(3)] == [1, 1, 1]


def test_one_frame_is_searched_once_however_often_it_is_asked(scouted, shot, person):
    scout, detector = scouted()
    frame = shot(0.0, [person(500, 500)])
    first = scout.detect(frame)
    looked = len(detector.squares)
    assert scout.detect(frame, (extent(frame.people[0]),)) is first
    assert len(detector.squares) == looked


def test_a_rough_region_is_looked_at_once_more(models, scouted, shot, person):
    scout, detector = scouted(still=True)
    track = Tracker(scout.detect, models.look, people=2, near=detector.within)
    track(shot(0.0, [person(500, 500, 150), person(200, 800, 40)]))
    by_confirming = 2 * 2  # each find of both people, at least
    assert len([region for region in models.looks if region.x == pytest.approx(200)]) > by_confirming / 2 + 1


def test_who_was_lost_for_a_moment_is_found_again_where_they_were(models, scouted, shot, person):
    """Too small for the whole picture, and covered for half a second."""
    _, detector = scouted()
    small = person(200, 800, 40)

    def followed(near):
        track = Tracker(scouted()[0].detect, models.look, people=2, near=near)
        return [[pose.person for pose in track(shot(n / 10, [] if 10 <= n < 15 else [small]))[0]] for n in range(20)]

    assert followed(detector.within)[9:17] == [[1], [], [], [], [], [], [1], [1]]
    assert followed(None)[15:] == [[]] * 5


def test_nobody_is_looked_for_longer_than_that(models, scouted, shot, person):
    _, detector = scouted()
    track = Tracker(models.detect, models.look, near=detector.within)
    for n in range(10):
        track(shot(n / 10, [person(500, 500)]))
    for n in range(10, 60):
        track(shot(n / 10, []))
    assert len(detector.squares) == pytest.approx(RESCUE_S * 10, abs=1)


@given(width=st.integers(16, 4096), height=st.integers(16, 4096))
def test_parts_cover_the_picture_and_share_half_of_themselves(width, height):
    squares = parts(width, height)
    for side in {square.side for square in squares[1:]}:
        same = [square for square in squares[1:] if square.side == side]
        for length, middles in ((width, {s.x for s in same}), (height, {s.y for s in same})):
            ordered = sorted(middles)
            assert ordered[0] - side / 2 <= 1e-6
            assert ordered[-1] + side / 2 >= length - 1e-6
            assert all(b - a <= side * (1 - OVERLAP) + 1e-6 for a, b in pairwise(ordered))
    assert {square.side for square in squares[1:]} == {share * max(width, height) for share in SHARES}
