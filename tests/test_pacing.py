import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.pacing import LivePacer, Pacer, frames_a_look


def looks(times, rate, frame_s=1 / 30):
    pacer = LivePacer(rate, frame_s)
    return [time_s for time_s in times if pacer.due(time_s)]


def stream(frame_rate, seconds, jitter=lambda n: 0.0):
    return [n / frame_rate + jitter(n) for n in range(round(frame_rate * seconds))]


@pytest.mark.parametrize("rate", [30, 31, 60, "all"])
def test_at_the_rate_of_the_camera_every_frame_is_due_in_spite_of_jitter(rate):
    shaken = stream(30, 10, lambda n: (0.012, -0.009, 0.004, -0.014)[n % 4])
    assert looks(shaken, rate) == shaken


@pytest.mark.parametrize("rate", [0.1, 1, 2, 7, 12, 15, 20, 25, 29])
def test_looks_are_as_many_as_the_rate_says(rate):
    found = looks(stream(30, 60), rate)
    assert len(found) == pytest.approx(60 * rate, abs=1)


def test_each_look_is_the_frame_nearest_to_its_tick():
    found = looks(stream(30, 10, lambda n: (n % 3 - 1) * 0.003), 5)
    assert found == pytest.approx([n / 5 for n in range(len(found))], abs=0.02)


def test_after_a_gap_nothing_is_made_up_for():
    times = stream(30, 2) + [10 + time_s for time_s in stream(30, 2)]
    assert len([time_s for time_s in looks(times, 1) if time_s >= 10]) == 2


def test_it_says_how_long_nothing_is_due():
    pacer = LivePacer(1, 0.04)
    assert pacer.left_s(0.0) < 0
    assert pacer.due(0.0)
    assert pacer.left_s(0.0) == pytest.approx(0.968)
    assert pacer.left_s(0.969) < 0
    assert LivePacer("all", 0.04).left_s(5.0) == 0


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=200), st.floats(0.1, 60))
def test_there_are_never_more_looks_than_the_rate_allows(steps, rate):
    times, now = [], 0.0
    for step in steps:
        times.append(now)
        now += step
    found = looks(times, rate)
    assert found[0] == 0
    assert len(found) <= (times[-1] + 1 / 60) * rate + 2


@pytest.mark.parametrize(("rate", "step"), [("all", 1), ("1/2", 2), ("1/3", 3), ("1/5", 5), ("1/10", 10)])
def test_every_nth_frame_is_due_whatever_its_time(rate, step):
    pacer = Pacer(rate)
    uneven = [n**1.3 for n in range(31)]
    assert [n for n, time_s in enumerate(uneven) if pacer.due(time_s)] == list(range(0, 31, step))
    assert frames_a_look(rate) == step


def test_a_rate_of_time_counts_no_frames():
    assert frames_a_look(10.0) is None
