"""The five seconds that everything is compared with."""

import math
from dataclasses import replace

import numpy as np
import pytest
from sitting import Room, without

from posture.ergonomics import calibration
from posture.ergonomics.desk_features import Near
from posture.ergonomics.sitting import Look

EARS_EYES = ("left_ear", "right_ear", "left_eye", "right_eye")


@pytest.fixture(scope="module")
def room():
    return Room()


def held(looks, step_s=0.2, seat=None):
    """The calibration after these looks."""
    now = calibration.begin(0.0, seat)
    for number, look in enumerate(looks):
        now = calibration.step(look, now, number * step_s)
    return now


@pytest.mark.parametrize("rate", [2, 5, 12, 60])
def test_five_seconds_whatever_the_rate(room, rate):
    look = room.look({})
    early, done = (held([look] * math.ceil(seconds * rate), 1 / rate) for seconds in (4.8, 5.7))
    assert early.baseline is None
    assert early.progress == pytest.approx(0.95, abs=0.12)
    assert early.quality == ("good",)
    assert done.baseline is not None
    assert (done.progress, done.failed) == (1.0, False)


def test_at_one_look_a_second_it_takes_as_many_looks_as_it_needs(room):
    assert held([room.look({})] * 7, 1.0).baseline is None
    assert held([room.look({})] * 9, 1.0).baseline is not None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda room: replace(room.look({}), luma=5.0), "too_dark"),
        (lambda room: room.look(), "no_person"),
        (lambda room: room.look({}, {"x_m": 0.35}), "several_people"),
        (lambda room: without(room.look({}), *EARS_EYES), "head_not_visible"),
        (lambda room: without(room.look({}), "left_shoulder"), "shoulders_not_visible"),
        (lambda room: room.look({"head_yaw_deg": 55}), "turned"),
        (lambda room: room.look({"trunk_side_deg": 16}), "not_upright"),
        (lambda room: room.look({"x_m": -0.3, "distance_m": 0.6}), "shoulders_not_visible"),
        (lambda room: room.look({"seat_m": 0.145}), "too_near_edge"),
    ],
)
def test_what_is_wrong_is_said_in_a_word_and_in_the_end_it_gives_up(room, change, word):
    now = held([change(room)] * 20)
    assert now.quality == (word,)
    assert (now.progress, now.baseline, now.failed) == (0.0, None, False)
    now = held([change(room)] * 160)
    assert (now.failed, now.quality) == (True, (word,))


def test_somebody_behind_does_not_matter(room):
    assert held([room.look({}, {"distance_m": 1.4, "x_m": 0.3})] * 30).baseline is not None


def test_moving_starts_the_hold_anew(room):
    still, moving = room.look({}), [room.look({"x_m": 0.02 * i}) for i in range(25)]
    now = held([still] * 15 + moving)
    assert now.progress < 0.6
    assert held([still] * 15 + moving + [room.look({"x_m": 0.1})] * 27).baseline is not None


def test_somebody_who_never_sits_still_fails(room):
    looks = [room.look({"x_m": 0.1 * math.sin(i / 4)}) for i in range(160)]
    now = held(looks)
    assert (now.failed, now.quality) == (True, ("move_less",))


def test_a_short_loss_does_not_end_the_hold(room):
    still = room.look({})
    assert held([still] * 13 + [room.look()] * 3 + [still] * 12).baseline is not None
    assert held([still] * 13 + [room.look()] * 6 + [still] * 12).baseline is None


@pytest.mark.parametrize(("view", "near"), [("front", Near.BOTH), ("left", Near.LEFT), ("right", Near.RIGHT)])
def test_the_seat_is_found(view, near):
    baseline = held([Room({"view": view}).look({})] * 30).baseline
    assert (baseline.near, baseline.seat) == (near, "front" if view == "front" else "side")


def test_the_seat_may_be_given():
    assert held([Room({"view": "left"}).look({})] * 30, seat="front").baseline is None  # turned, for a front seat
    assert held([Room({"view": "left"}).look({})] * 30, seat="side").baseline is not None


def test_the_baseline_is_a_median_and_knows_its_noise(room):
    draw, look = np.random.default_rng(3), room.look({})
    sitter = look.people[0]

    def noisy(number: int) -> Look:
        pixels = sitter.pose.points_px + draw.normal(0, 1.5, (33, 3))
        if number == 9:
            pixels = pixels + 60.0  # one look far off
        return replace(look, people=(replace(sitter, pose=replace(sitter.pose, points_px=pixels)),))

    baseline, true = held([noisy(i) for i in range(30)]).baseline, held([look] * 30).baseline
    assert baseline.values["shoulders_y"] == pytest.approx(true.values["shoulders_y"], abs=0.5 / 1280)
    assert baseline.spread["shoulders_y"] == pytest.approx(1.5 / math.sqrt(2) / 1280, rel=0.6)
    assert true.spread["shoulders_y"] == 0.0


def test_done_is_done(room):
    now = held([room.look({})] * 30)
    assert calibration.step(room.look(), now, 99.0) is now
