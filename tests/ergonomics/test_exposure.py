import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import Zone
from posture.ergonomics.exposure import coverage_s, dwell, find_cycles
from posture.ergonomics.iso11226 import zones_of


def test_each_sample_stands_for_the_time_until_the_next():
    assert coverage_s(np.array([0.0, 0.1, 0.3, 0.4])) == pytest.approx([0.1, 0.2, 0.1, 0.1])


def test_a_long_gap_is_not_filled():
    times = np.array([0.0, 0.1, 0.2, 30.2, 30.3])
    assert coverage_s(times) == pytest.approx([0.1, 0.1, 1.0, 0.1, 0.1])
    assert coverage_s(times, longest_gap_s=0.5)[2] == pytest.approx(0.5)


def test_slow_sampling_is_no_gap():
    assert coverage_s(np.array([0.0, 5.0, 10.0])) == pytest.approx([5, 5, 5])


def test_one_picture_takes_no_time():
    assert coverage_s(np.array([7.0])) == pytest.approx([0])
    assert len(coverage_s(np.empty(0))) == 0


def test_dwell():
    times = np.arange(0, 10, 0.5)
    angles = np.where(times < 4, 10.0, np.where(times < 9, 30.0, math.nan))
    found = dwell(times, zones_of("trunk", angles))
    assert found == pytest.approx({Zone.ACCEPTABLE: 4, Zone.CONDITIONAL: 5, Zone.NOT_RECOMMENDED: 0, Zone.UNKNOWN: 1})


@given(st.lists(st.tuples(st.floats(0.01, 20), st.integers(0, 3)), min_size=1, max_size=50))
def test_dwell_times_add_up_to_the_observed_time(samples):
    times = np.cumsum([gap for gap, _ in samples])
    zones = np.array([zone for _, zone in samples], np.uint8)
    assert sum(dwell(times, zones).values()) == pytest.approx(coverage_s(times).sum())


@pytest.mark.parametrize("fps", [2, 5, 12, 30, 60])
def test_cycles_at_any_rate(fps):
    times = np.arange(0, 30, 1 / fps)
    knees = 50 - 50 * np.cos(2 * math.pi * times / 10)  # three bends to 100 degrees, deepest at 5, 15 and 25 s
    found = find_cycles(times, knees, low_deg=35, high_deg=60)
    assert [c.peak_s for c in found] == pytest.approx([5, 15, 25], abs=1 / fps)
    assert [c.start_s for c in found] == pytest.approx([2.82, 12.82, 22.82], abs=1 / fps)  # cos = -0.2
    assert [c.end_s for c in found] == pytest.approx([7.985, 17.985, 27.985], abs=1 / fps)  # cos = 0.3
    assert [c.peak_deg for c in found] == pytest.approx([100, 100, 100], abs=13)  # 2 Hz sees the peak


def test_noise_around_one_threshold_is_one_movement():
    times = np.arange(100) / 10
    angles = np.where(times < 2, 10.0, np.where(times < 8, 60 + 5 * np.sin(20 * times), 10.0))
    assert len(find_cycles(times, angles, low_deg=35, high_deg=60)) == 1


def test_a_movement_that_the_recording_cuts_off_counts():
    (cycle,) = find_cycles(np.arange(4.0), np.array([0.0, 80.0, 90.0, 85.0]), low_deg=35, high_deg=60)
    assert (cycle.start_s, cycle.peak_s, cycle.end_s, cycle.peak_deg) == (1, 2, 3, 90)


def test_not_seen_is_no_end():
    angles = np.array([0.0, 80.0, math.nan, 90.0, 0.0])
    assert len(find_cycles(np.arange(5.0), angles, low_deg=35, high_deg=60)) == 1


def test_thresholds_must_be_in_order():
    with pytest.raises(ValueError, match="must lie below"):
        find_cycles(np.zeros(1), np.zeros(1), low_deg=60, high_deg=35)
