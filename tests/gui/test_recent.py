import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.ergonomics.sitting import Deviation, State
from posture.gui.recent import SPAN_S, Reading, Recent, Sample, share
from posture.gui.theme import Verdict


def sample(t, value=0.0, verdict=Verdict.GOOD):
    return Sample(t, verdict, State.GOOD, (Deviation("head_drop", value, 2.0, "cm"),))


def filled(*samples):
    recent = Recent()
    for one in samples:
        recent.add(one)
    return recent


def test_one_sample_a_second_whatever_the_frame_rate():
    assert len(filled(*(sample(t / 30) for t in range(301)))) == 11


def test_the_ring_holds_ten_minutes():
    recent = filled(*(sample(float(t)) for t in range(1000)))
    assert recent.samples[0].t_s == 999 - SPAN_S


def test_a_clock_that_went_back_starts_anew():
    assert len(filled(sample(100.0), sample(3.0))) == 1


def test_a_gap_parts_the_curve_and_the_strip():
    recent = filled(sample(0.0, 1.0), sample(1.0, 1.0), sample(60.0, 1.0))
    times, values = recent.curve("head_drop")
    assert times == [-60.0, -59.0, -59.0, 0.0]
    assert [math.isnan(value) for value in values] == [False, False, True, False]
    assert recent.spells() == [(-60.0, -59.0, Verdict.GOOD), (-1.0, 0.0, Verdict.GOOD)]


def test_what_is_not_known_is_a_gap_and_no_zero():
    _, values = filled(sample(0.0, math.nan)).curve("head_drop")
    assert math.isnan(values[0])
    _, values = filled(sample(0.0, 1.0)).curve("something else")
    assert math.isnan(values[0])


def test_minutes_for_the_table():
    samples = [sample(float(t), 1.0 if t < 60 else 3.0, Verdict.GOOD if t < 60 else Verdict.POOR) for t in range(120)]
    newest, before = filled(*samples).minutes("head_drop")
    assert newest == (0, 3.0, 3.0, Verdict.POOR)
    assert before == (1, 1.0, 1.0, Verdict.GOOD)


@pytest.mark.parametrize(
    ("values", "trend"), [((1.0, 1.0), 0), ((0.2, 1.8), 1), ((1.8, 0.2), -1), ((math.nan, 1.0), 0), ((1.0, 1.1), 0)]
)
def test_the_trend_is_the_last_ten_seconds_against_the_minute_before(values, trend):
    early, late = values
    samples = [sample(float(t), early if t < 50 else late) for t in range(61)]
    assert filled(*samples).trend("head_drop", 2.0) == trend


@pytest.mark.parametrize(
    ("name", "value", "limit", "verdict"),
    [
        ("head_drop", 1.9, 2.0, Verdict.GOOD),
        ("head_drop", 2.1, 2.0, Verdict.FAIR),
        ("head_drop", -9.0, 2.0, Verdict.GOOD),  # higher than at calibration
        ("lean", -9.0, 8.0, Verdict.FAIR),
        ("ear_shoulder", 40.0, 45.0, Verdict.FAIR),
        ("ear_shoulder", 60.0, 45.0, Verdict.GOOD),
        ("ear_shoulder", -1.0, 45.0, Verdict.FAIR),
        ("head_drop", math.nan, 2.0, Verdict.NONE),
        ("head_drop", 1.0, math.nan, Verdict.NONE),
    ],
)
def test_the_verdict_on_a_reading(name, value, limit, verdict):
    assert Reading(name, value, limit, "cm").verdict is verdict


@given(st.floats(-100, 100), st.floats(0.1, 100))
def test_the_share_is_one_at_the_limit_and_only_beyond_it_more(value, limit):
    assert share("head_drop", limit, limit) == 1
    assert (share("head_drop", value, limit) > 1) == (value / limit > 1)
    assert share("lean", value, limit) == share("lean", -value, limit)
