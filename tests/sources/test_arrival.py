from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.sources.arrival import MOST_APART_S, ArrivalTime


def times(pairs):
    clock = ArrivalTime()
    return [clock(stamp, arrival) for stamp, arrival in pairs]


def test_stamps_are_believed_while_they_agree_with_the_arrivals():
    jitter = [0, 0.02, -0.01, 0.2, 0]
    pairs = [(500 + n / 10, 7 + n / 10 + late) for n, late in enumerate(jitter)]
    assert times(pairs) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("jump", [-1e9, -2.0, 2.0, 1e9])
def test_after_a_jump_of_the_stamps_time_goes_on_as_it_arrives(jump):
    pairs = [(n / 10 + (jump if n >= 5 else 0), n / 10) for n in range(10)]
    assert times(pairs) == pytest.approx([n / 10 for n in range(10)], abs=1e-6)


def test_without_stamps_the_arrivals_count():
    assert times([(None, 3.0), (None, 3.5), (None, 4.5)]) == [0.0, 0.5, 1.5]


def test_a_pause_is_a_pause():
    assert times([(0.0, 0.0), (600.0, 600.0)]) == [0.0, 600.0]


stamps = st.one_of(st.none(), st.floats(-1e6, 1e6))


@given(st.lists(st.tuples(stamps, st.floats(0, 2)), min_size=1, max_size=40))
def test_time_rises_whatever_a_device_says_and_stays_near_the_arrivals(steps):
    arrival, pairs = 100.0, []
    for stamp, step in steps:
        pairs.append((stamp, arrival))
        arrival += step
    found = times(pairs)
    assert found[0] == 0
    assert all(a < b for a, b in pairwise(found))
    slack = MOST_APART_S + 0.001 * len(pairs)
    assert all(abs(time - (at - 100.0)) <= slack for time, (_, at) in zip(found, pairs, strict=True))
