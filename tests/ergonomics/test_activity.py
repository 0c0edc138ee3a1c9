import numpy as np
import pytest

from posture.data import MEASURE_INDEX, MEASURE_NAMES
from posture.ergonomics.activity import NO, UNKNOWN, UNSEEN, YES, any_of, repeated_answers, static_answers, turns
from posture.ergonomics.bouts import bouts, changes, sitting

RATES = (2, 5, 12, 30, 60)


def sampled(seconds, rate, angle_at):
    times = np.arange(round(seconds * rate)) / rate
    return times, np.array([float(angle_at(time)) for time in times])


def spans(times, chosen):
    """First and last time of each run of chosen samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(int), [0]])))
    return [(times[a], times[b - 1]) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize("rate", RATES)
def test_static_is_the_same_at_any_rate(rate):
    """Still at 30 degrees from 20 s to 95 s, moving before and after."""
    times, angles = sampled(120, rate, lambda t: 30 if 20 <= t < 95 else 30 + 40 * np.sin(t * 2))
    found = spans(times, static_answers(times, angles, 60.0) == YES)
    assert len(found) == 1
    assert found[0] == pytest.approx((20, 95), abs=1 / rate + 0.2)


def test_a_posture_that_is_cut_off_may_have_been_static():
    times, angles = sampled(40, 10, lambda t: 0 if t < 20 else 40 * np.sin(t * 2))
    answers = static_answers(times, angles, 60.0)
    assert answers[0] == UNKNOWN
    assert answers[-1] == NO
    assert (static_answers(times, np.full(len(times), np.nan), 60.0) == UNSEEN).all()


def test_a_posture_that_ends_and_begins_within_sight_was_not_static():
    times, angles = sampled(90, 10, lambda t: 0 if 20 < t < 60 else 40 * np.sin(t * 2))
    assert set(static_answers(times, angles, 60.0).tolist()) == {NO}


@pytest.mark.parametrize("rate", RATES)
def test_repetition_is_the_same_at_any_rate(rate):
    times, angles = sampled(120, rate, lambda t: 20 - 20 * np.cos(2 * np.pi * t / 12))
    found = spans(times, repeated_answers(times, angles) == YES)
    assert len(found) == 1
    assert found[0] == pytest.approx((6, 114), abs=1 / rate)


def test_four_a_minute_are_not_more_than_four():
    times, angles = sampled(300, 10, lambda t: 20 - 20 * np.cos(2 * np.pi * t / 15))
    assert set(repeated_answers(times, angles).tolist()) == {NO}


def test_half_a_minute_says_nothing_about_a_rate():
    times, angles = sampled(30, 10, lambda t: 20 - 20 * np.cos(2 * np.pi * t / 15))
    assert set(repeated_answers(times, angles).tolist()) == {UNKNOWN}


def test_small_movements_are_noise():
    times, angles = sampled(120, 10, lambda t: 6 * np.sin(2 * np.pi * t / 5))
    assert turns(angles) == []
    assert len(times) == len(angles)


def test_of_several_parts_the_most_certain_yes_counts():
    answers = [np.array([YES, NO, UNSEEN, UNKNOWN], np.int8), np.array([NO, UNSEEN, UNSEEN, NO], np.int8)]
    assert any_of(answers).tolist() == [YES, NO, UNSEEN, UNKNOWN]


def rows(count, **columns):
    values = np.full((count, len(MEASURE_NAMES)), np.nan)
    for name, column in columns.items():
        values[:, MEASURE_INDEX[name]] = column
    return values


@pytest.mark.parametrize("rate", RATES)
def test_bouts_of_sitting(rate):
    """Unseen for 5 s and up for 1 s at 200 s, up for 4 s at 300 s, a squat at 500 s."""
    times = np.arange(600 * rate) / rate
    hip = np.where(((times >= 60) & (times < 400)) | ((times >= 500) & (times < 505)), 90.0, 10.0)
    hip[(times >= 200) & (times < 205)] = np.nan
    hip[((times >= 205) & (times < 206)) | ((times >= 300) & (times < 304))] = 10.0
    sits = sitting(rows(len(times), left_hip_flexion_deg=hip, left_knee_flexion_deg=hip))
    found = bouts(times, np.full(len(times), 1 / rate), sits)
    assert [(one.start_s, one.end_s) for one in found] == [
        (pytest.approx(60, abs=1 / rate), pytest.approx(300, abs=1 / rate)),
        (pytest.approx(304, abs=1 / rate), pytest.approx(400, abs=1 / rate)),
    ]


def test_one_bent_leg_of_two_does_not_sit_and_unseen_legs_say_nothing():
    values = rows(3, left_hip_flexion_deg=90, left_knee_flexion_deg=90, right_hip_flexion_deg=[90, 0, np.nan])
    values[:, MEASURE_INDEX["right_knee_flexion_deg"]] = [90, 0, np.nan]
    assert sitting(values).tolist() == [1, 0, 1]
    assert np.isnan(sitting(rows(2))).all()
    assert bouts(np.arange(2.0), np.ones(2), np.zeros(2)) == []


@pytest.mark.parametrize("rate", RATES)
def test_posture_changes_are_the_same_at_any_rate(rate):
    times = np.arange(100 * rate) / rate
    trunk = np.select([times < 30, times < 60], [0.0, 30.0], 0.0)
    values = rows(len(times), trunk_inclination_deg=trunk, left_hip_flexion_deg=90 - trunk)
    assert changes(times, values) == pytest.approx([30, 60], abs=1 / rate + 1e-9)
