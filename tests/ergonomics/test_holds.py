import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import MEASURE_INDEX, MEASURE_NAMES, Zone
from posture.ergonomics.iso11226 import HoldVerdict, find_holds, holds, zones_of

RATES = (2, 5, 12, 30, 60)


def sampled(seconds, fps, angle_at):
    """Times and angles of `angle_at(t)` over `seconds` at `fps`."""
    times = np.arange(round(seconds * fps)) / fps
    return times, np.array([float(angle_at(t)) for t in times])


def steps(*pieces):
    """An angle that stays at each (angle, seconds) in turn."""
    ends = np.cumsum([seconds for _, seconds in pieces])
    return lambda t: pieces[min(int(np.searchsorted(ends, t, side="right")), len(pieces) - 1)][0]


@pytest.mark.parametrize("fps", RATES)
def test_one_hold_at_any_rate(fps):
    times, angles = sampled(30, fps, steps((5, 10), (40, 8), (5, 12)))
    (hold,) = find_holds("trunk", times, angles)
    assert hold.zone is Zone.CONDITIONAL
    assert hold.start_s == pytest.approx(10, abs=1 / fps)
    assert hold.end_s == pytest.approx(18, abs=1.001 / fps)
    assert hold.median_angle_deg == 40
    assert hold.limit_s == 150
    assert hold.verdict is HoldVerdict.WITHIN_LIMIT


@pytest.mark.parametrize("fps", RATES)
def test_a_restless_signal_gives_the_same_holds_at_any_rate(fps):
    def trunk(t):
        """Still, then swaying widely, then still again, steeper, once straightening a little for a moment."""
        if t < 20:
            return 30 + 2 * math.sin(t)
        if t < 40:
            return 40 + 15 * math.sin(2 * math.pi * (t - 20) / 4)
        return 57 if 50 <= t < 50.6 else 63 + math.sin(3 * t)

    first, second = find_holds("trunk", *sampled(60, fps, trunk))
    assert (first.zone, second.zone) == (Zone.CONDITIONAL, Zone.NOT_RECOMMENDED)
    assert first.start_s == 0
    assert first.end_s == pytest.approx(20.3, abs=0.5 + 1 / fps)
    assert second.start_s == pytest.approx(40, abs=1 / fps)
    assert second.end_s == pytest.approx(60, abs=1.001 / fps)


def test_longer_than_4_seconds_means_longer():
    times = np.arange(0, 4.01, 0.5)
    assert find_holds("trunk", times, np.full(9, 30.0)) == []
    assert len(find_holds("trunk", np.append(times, 4.1), np.full(10, 30.0))) == 1


def test_verdicts():
    times = np.arange(0, 200, 0.5)
    (long,) = find_holds("trunk", times, np.full(400, 40.0))  # allowed for 150 s
    assert long.verdict is HoldVerdict.OVER_LIMIT
    (steep,) = find_holds("left_upper_arm", times, np.full(400, 90.0))
    assert (steep.verdict, steep.limit_s, steep.duration_s) == (HoldVerdict.NOT_RECOMMENDED, 0, 199.5)
    assert find_holds("trunk", times, np.full(400, 15.0)) == []


def test_a_neck_beyond_25_degrees_has_no_holding_time():
    times = np.arange(0, 10, 0.5)
    (hold,) = find_holds("neck", times, np.full(20, 30.0))
    assert hold.verdict is HoldVerdict.NOT_RECOMMENDED


@pytest.mark.parametrize("fps", RATES)
def test_a_swinging_arm_is_no_hold(fps):
    """Within the conditional band all the time, but it moves: 40 degrees +- 15 once a second."""
    times, angles = sampled(60, fps, lambda t: 40 + 15 * math.sin(2 * math.pi * t / 1.07))
    assert set(zones_of("left_upper_arm", angles)) == {1}
    assert find_holds("left_upper_arm", times, angles) == []


def test_a_slow_drift_is_a_hold():
    """From 25 to 55 degrees in ten minutes: slight variation at any moment."""
    times, angles = sampled(600, 5, lambda t: 25 + t / 20)
    (hold,) = find_holds("trunk", times, angles)
    assert hold.duration_s == pytest.approx(599.8)
    assert hold.median_angle_deg == pytest.approx(40, abs=0.1)


def test_moving_from_one_held_posture_to_another_gives_two_holds_that_do_not_overlap():
    times, angles = sampled(40, 10, steps((25, 20), (55, 20)))
    first, second = find_holds("trunk", times, angles)
    assert (first.median_angle_deg, second.median_angle_deg) == (25, 55)
    assert first.end_s < second.start_s


@pytest.mark.parametrize(("gap_s", "count"), [(0.8, 1), (1.3, 2)])
@pytest.mark.parametrize("missing", ["nan", "no samples", "another zone"])
def test_a_short_gap_does_not_end_a_hold(gap_s, count, missing):
    times, angles = sampled(20, 10, lambda t: 30)
    gone = (times > 10) & (times < 10 + gap_s - 0.05)
    if missing == "no samples":
        times, angles = times[~gone], angles[~gone]
    else:
        angles[gone] = math.nan if missing == "nan" else 17  # upright, and further from the edge than noise
    if missing == "another zone":
        angles[~gone] = 24
    assert len(find_holds("trunk", times, angles)) == count


def test_noise_at_an_edge_does_not_cut_a_hold():
    noise = np.random.default_rng(1).normal(0, 1, 600)
    times = np.arange(600) / 10
    (hold,) = find_holds("trunk", times, 21 + noise)
    assert hold.duration_s > 58
    assert len(find_holds("trunk", times, 61 + noise)) == 1
    assert find_holds("trunk", times, 19 + noise) == []  # the median is upright


def test_a_hold_just_above_the_edge_counts_even_after_an_upright_start():
    times, angles = sampled(20, 10, steps((19, 10), (21, 10)))
    (hold,) = find_holds("trunk", times, angles)
    assert hold.start_s == pytest.approx(10)


@given(st.lists(st.floats(-180, 180) | st.just(math.nan), max_size=80), st.sampled_from([0.1, 0.5, 1.0]))
def test_holds_never_overlap_and_stay_inside_the_recording(angles, interval):
    times = np.arange(len(angles)) * interval
    found = find_holds("trunk", times, np.array(angles, dtype=float))
    for hold in found:
        assert hold.duration_s > 4
        assert hold.zone in (Zone.CONDITIONAL, Zone.NOT_RECOMMENDED)
        assert hold.start_s in times
        assert hold.end_s in times
    assert all(a.end_s < b.start_s for a, b in itertools.pairwise(found))


def test_holds_of_all_parts():
    times = np.arange(100) / 10
    values = np.full((100, len(MEASURE_NAMES)), math.nan)
    values[:, MEASURE_INDEX["trunk_inclination_deg"]] = 30
    values[:, MEASURE_INDEX["right_upper_arm_elevation_deg"]] = 70
    values[:20, MEASURE_INDEX["trunk_inclination_deg"]] = 0
    assert [hold.part for hold in holds(times, values)] == ["right_upper_arm", "trunk"]


@pytest.mark.parametrize("interval", [1.0, 2.0])
def test_slow_sampling_is_no_gap(interval):
    times = np.arange(0, 60, interval)
    (hold,) = find_holds("trunk", times, np.full(len(times), 30.0))
    assert hold.end_s == times[-1]


def test_no_samples_no_holds():
    assert find_holds("trunk", np.empty(0), np.empty(0)) == []
