import math

import numpy as np
import pytest

from posture.ergonomics.exposure import find_cycles


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
