from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.sources.clock import MAX_GAP_S, Clock


def times(stamps, frame_s=1.0, origin=None):
    clock = Clock(frame_s, origin)
    return [clock(None if stamp is None else Fraction(stamp)) for stamp in stamps]


@given(
    st.lists(st.none() | st.fractions(-(10**9), 10**9, max_denominator=90000), max_size=30),
    st.floats(1e-4, 100),
)
def test_time_always_rises(stamps, frame_s):
    got = times(stamps, frame_s)
    assert all(a < b for a, b in pairwise(got))
    assert got[:1] in ([], [0.0])


def test_good_stamps_are_believed_and_start_at_zero():
    assert times([5, 6, Fraction(13, 2), 9]) == [0, 1, 1.5, 4]


def test_a_missing_stamp_is_one_frame_later():
    assert times([5, None, 7, None, None, 10]) == [0, 1, 2, 3, 4, 5]


def test_without_any_stamps_frames_are_counted():
    assert times([None, None, None], 0.04) == pytest.approx([0, 0.04, 0.08])


def test_an_equal_stamp_shifts_nothing_that_follows():
    assert times([0, 2, 2, 4, 6]) == [0, 2, 3, 4, 6]


def test_after_a_jump_back_the_clock_goes_on():
    assert times([10, 11, 12, 0, 1, 2]) == [0, 1, 2, 3, 4, 5]


def test_after_a_jump_far_ahead_the_clock_goes_on():
    far = round(MAX_GAP_S) + 100
    assert times([0, 1, far, far + 1, far + 3]) == [0, 1, 2, 3, 5]


def test_a_pause_is_no_jump():
    assert times([0, 1, 1000, 1001]) == [0, 1, 1000, 1001]


def test_after_a_seek_the_times_are_those_of_the_file():
    assert times([15, 16], origin=Fraction(5)) == [10, 11]
