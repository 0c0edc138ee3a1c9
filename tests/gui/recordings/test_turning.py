"""Playing, seeking and stepping, on a clip of numbered pictures and a clock that leaps to where somebody waits."""

from dataclasses import replace

import numpy as np
import pytest

from posture.errors import VideoUnreadable
from posture.gui.recordings.turning import Turning, Wish

FRAME_S = 0.1


class Numbered:
    """One frame; it knows how often it was scaled for a screen."""

    width, height, corrupt, index = 32, 18, False, 0

    def __init__(self, number):
        self.number = number

    def shown(self, width, height):
        return np.zeros((height, width, 4), np.uint8)


class Numbers:
    """A clip whose pictures are 0.1 s apart."""

    frame_s, torn = FRAME_S, False

    def __init__(self, count):
        self.count, self.opened, self.decoded = count, 0, 0

    @property
    def length_s(self):
        return self.count * FRAME_S

    def frames(self, start_s):
        self.opened += 1
        return Coming(self, max(0, int(np.ceil(start_s / FRAME_S - 1e-6))))

    def people(self, time_s):
        return None

    def close(self):
        pass


class Coming:
    def __init__(self, clip, first):
        self.clip, self.first = clip, first

    def __iter__(self):
        for number in range(self.first, self.clip.count):
            self.clip.decoded += 1
            yield number * FRAME_S, Numbered(number)
        if self.first >= self.clip.count:
            raise VideoUnreadable("no frame")

    def close(self):
        pass


class Table:
    """What is wished at which time of the clock; what came is noted with the time at which it came."""

    def __init__(self, *wishes, until_s=100.0):
        self.now_s, self.came = 0.0, []
        self.wishes, self.until_s = sorted(wishes, key=lambda pair: pair[0]), until_s
        self.wish = Wish(view=(32, 18))

    def next_wish(self, until_s):
        if self.wishes and (until_s is None or self.wishes[0][0] <= until_s):
            at_s, changes = self.wishes.pop(0)
            self.now_s = max(self.now_s, at_s)
            self.wish = replace(self.wish, **changes)
        elif until_s is None or until_s > self.until_s:
            return None
        else:
            self.now_s = max(self.now_s, until_s)
        asked, self.wish = self.wish, replace(self.wish, seek_s=None, step=0)
        return asked

    def put(self, moment):
        self.came.append((round(self.now_s, 3), round(moment.time_s, 3), moment.playing))
        self.last = moment

    def play(self, clip):
        Turning(clip, self.next_wish, self.put, lambda: self.now_s).turn()
        return self.came


def test_it_opens_at_its_beginning_and_stands_still():
    assert Table().play(Numbers(10)) == [(0.0, 0.0, False)]


def test_pictures_come_when_they_are_due_and_the_last_one_stays():
    came = Table((1.0, {"playing": True})).play(Numbers(5))
    assert came[1:] == [(1.0, 0.0, True), (1.1, 0.1, True), (1.2, 0.2, True), (1.3, 0.3, True), (1.4, 0.4, True),
                        (1.5, 0.4, False)]  # fmt: skip


@pytest.mark.parametrize(("speed", "last_s"), [(0.25, 4.0), (2.0, 0.5), (8.0, 0.125)])
def test_speed(speed, last_s):
    table = Table((0.0, {"playing": True, "speed": speed}))
    came = table.play(Numbers(10))
    ended_s = next(at_s for at_s, _, playing in came[1:] if not playing)
    assert ended_s == pytest.approx(last_s, abs=0.02)


def test_a_wish_between_two_pictures_brings_neither_early():
    came = Table((0.0, {"playing": True}), (0.05, {"view": (64, 36)}), (0.07, {"overlay": False})).play(Numbers(4))
    assert [(at_s, time_s) for at_s, time_s, _ in came[1:5]] == [(0.0, 0.0), (0.05, 0.0), (0.07, 0.0), (0.1, 0.1)]


def test_any_moment_is_found_and_playing_goes_on_from_there():
    came = Table((0.0, {"playing": True}), (0.15, {"seek_s": 3.0})).play(Numbers(40))
    place = next(place for place, (_, time_s, _) in enumerate(came) if time_s == 3.0)
    assert came[place][0] == 0.15
    assert came[place + 1] == (0.25, 3.1, True)


def test_a_moment_after_the_end_is_the_last_picture():
    table = Table((0.0, {"seek_s": 99.0}))
    assert table.play(Numbers(10))[-1] == (0.0, 0.9, False)


def test_steps_on_and_back():
    table = Table((0.0, {"seek_s": 0.5}), (1.0, {"step": 2}), (2.0, {"step": -1}), (3.0, {"step": -99}))
    assert [time_s for _, time_s, _ in table.play(Numbers(10))] == [0.0, 0.5, 0.7, 0.6, 0.0]


def test_backwards_in_leaps_to_the_beginning():
    came = Table((0.0, {"seek_s": 0.8}), (1.0, {"playing": True, "speed": -2.0})).play(Numbers(20))
    assert [time_s for _, time_s, _ in came[2:]] == [0.8, 0.6, 0.4, 0.2, 0.0]
    assert not came[-1][2]


def test_play_at_the_end_begins_anew():
    came = Table((0.0, {"playing": True}), (1.0, {"playing": False}), (2.0, {"playing": True})).play(Numbers(3))
    again = [time_s for at_s, time_s, playing in came if at_s >= 2.0 and playing]
    assert again == [0.0, 0.1, 0.2]


def test_a_clip_that_is_shorter_than_it_says_ends_where_it_ends():
    clip = Numbers(10)
    clip.__class__ = type("Short", (Numbers,), {"length_s": 60.0})
    table = Table((0.0, {"seek_s": 50.0}))
    assert table.play(clip)[-1] == (0.0, 0.0, False)


def test_nothing_is_scaled_for_a_view_that_is_not_there():
    table = Table((0.0, {"view": (0, 0), "seek_s": 0.3}))
    table.play(Numbers(10))
    assert table.last.shown.image is None
    assert table.last.shown.snapshot.captured.frame.number == 3
