"""Heads that are no longer seen: how long they stay covered, and where."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import Oval
from posture.pose.hold import (
    DOUBTFUL_GRACE_S,
    GRACE_S,
    GROWTH_PER_S,
    LONGEST_UNSEEN_S,
    MARGIN,
    SMALL_PX,
    UNCHANGED,
    Hold,
    distinct,
    same,
)

HEAD = Oval(100, 100, 20, 24)
FRAME_S = 0.1


def lost(_):
    """The looks of a head are not found again."""


def there(oval):
    """It looks as it did."""
    return oval, UNCHANGED


def changed(oval):
    """It is found again, but looks different."""
    return oval, UNCHANGED - 0.01


def held_for(hold, looks, *, since_s=0.0, until_s=10.0):
    """Seconds of the last frame in which one head is held that nobody sees after `since_s`."""
    count = round((until_s - since_s) / FRAME_S)
    times = [since_s + step * FRAME_S for step in range(1, count + 1)]
    return max((time_s for time_s in times if hold([], [], time_s, looks)), default=since_s)


def test_a_head_stays_for_its_grace_and_no_longer():
    hold = Hold()
    assert hold([HEAD], [], 0.0, lost) == ()
    for time_s in (0.1, GRACE_S):
        (held,) = hold([], [], time_s, lost)
        grown = 1 + MARGIN + GROWTH_PER_S * time_s
        assert held == pytest.approx((100, 100, 20 * grown, 24 * grown, 0))
    assert hold([], [], GRACE_S + 0.01, lost) == ()


def test_a_head_that_is_seen_is_not_held():
    hold = Hold()
    hold([HEAD], [], 0.0, lost)
    assert hold([HEAD._replace(x=105)], [], 0.1, lost) == ()
    assert [round(oval.x) for oval in hold([], [], 0.2, lost)] == [108], "half of 50 px/s for 0.1 s"


@pytest.mark.parametrize("late_s", [DOUBTFUL_GRACE_S + 0.01, GRACE_S])
def test_what_was_never_sure_goes_sooner(late_s):
    hold = Hold()
    hold([], [HEAD], 0.0, lost)
    assert len(hold([], [], DOUBTFUL_GRACE_S, lost)) == 1
    assert hold([], [], late_s, lost) == ()


def test_once_sure_is_sure():
    hold = Hold()
    hold([HEAD], [], 0.0, lost)
    hold([], [HEAD], 0.1, lost)
    assert len(hold([], [], 0.1 + GRACE_S, lost)) == 1


def test_a_held_head_goes_where_its_looks_are_found():
    hold = Hold()
    hold([HEAD], [], 0.0, lost)
    for step in range(1, 4):
        (held,) = hold([], [], step / 10, lambda oval: (oval._replace(x=oval.x + 10), UNCHANGED))
        assert held.x == pytest.approx(100 + 10 * step)


def test_where_its_looks_are_not_found_it_goes_on_and_slows_down():
    hold = Hold()
    hold([HEAD], [], 0.0, lost)
    hold([], [], 0.1, lambda oval: (oval._replace(x=oval.x + 10), UNCHANGED))
    places = [hold([], [], 0.1 + step / 10, lost)[0].x for step in range(1, 5)]
    steps = [b - a for a, b in itertools.pairwise([110, *places])]
    assert steps[0] == pytest.approx(5), "half of a new speed of 100 px/s, for 0.1 s"
    assert all(0 < later < sooner for sooner, later in itertools.pairwise(steps))


def test_a_small_head_that_looks_the_same_stays_and_grows_no_further():
    hold = Hold()
    hold([], [HEAD], 0.0, lost)
    assert held_for(hold, there, until_s=LONGEST_UNSEEN_S) == pytest.approx(LONGEST_UNSEEN_S)
    (held,) = hold([], [], LONGEST_UNSEEN_S + 0.1, there)
    assert held.along == pytest.approx(24 * (1 + MARGIN + GROWTH_PER_S * DOUBTFUL_GRACE_S))


@pytest.mark.parametrize(("sure", "grace_s"), [(True, GRACE_S), (False, DOUBTFUL_GRACE_S)])
def test_looks_alone_keep_no_head_for_ever(sure, grace_s):
    hold = Hold()
    hold([HEAD] if sure else [], [] if sure else [HEAD], 0.0, lost)
    assert held_for(hold, there) == pytest.approx(LONGEST_UNSEEN_S + grace_s, abs=1.1 * FRAME_S)


def test_a_head_that_is_seen_again_may_stay_as_long_once_more():
    hold = Hold()
    hold([], [HEAD], 0.0, lost)
    held_for(hold, there, until_s=2.0)
    hold([], [HEAD], 2.1, lost)
    assert held_for(hold, there, since_s=2.1) == pytest.approx(
        2.1 + LONGEST_UNSEEN_S + DOUBTFUL_GRACE_S, abs=1.1 * FRAME_S
    )


@pytest.mark.parametrize("once", [changed, lost])
def test_once_its_looks_changed_what_looks_the_same_is_the_background(once):
    hold = Hold()
    hold([], [HEAD], 0.0, lost)
    held_for(hold, there, until_s=1.0)
    hold([], [], 1.1, once)
    assert held_for(hold, there, since_s=1.1) == pytest.approx(1.0 + DOUBTFUL_GRACE_S, abs=1.1 * FRAME_S)


@pytest.mark.parametrize(
    ("along", "looks", "until_s"),
    [
        (SMALL_PX, there, LONGEST_UNSEEN_S + DOUBTFUL_GRACE_S),
        (SMALL_PX + 0.1, there, DOUBTFUL_GRACE_S),
        (SMALL_PX, changed, DOUBTFUL_GRACE_S),
    ],
)
def test_only_small_heads_that_look_the_same_stay(along, looks, until_s):
    hold = Hold()
    hold([], [HEAD._replace(along=along)], 0.0, lost)
    assert held_for(hold, looks) == pytest.approx(until_s, abs=1.1 * FRAME_S)


def test_a_cut_forgets():
    hold = Hold()
    hold([HEAD], [], 0.0, lost)
    hold.forget()
    assert hold([], [], 0.1, lost) == ()


def test_two_heads_side_by_side_are_two():
    """Faces of adjacent people are at least a head's width apart."""
    other = HEAD._replace(x=HEAD.x + 2 * HEAD.across)
    assert distinct([HEAD, other]) == (HEAD, other)


@given(st.floats(1, 500), st.floats(-math.pi, math.pi), st.floats(0, 0.8), st.floats(0.5, 2.0))
def test_same_is_symmetric_and_knows_small_steps(size, direction, step, ratio):
    a = Oval(0, 0, size, size)
    b = Oval(step * size * math.cos(direction), step * size * math.sin(direction), size * ratio, size * ratio)
    assert same(a, b) == same(b, a)
    assert same(a, b) == (step < 0.45 * (1 + ratio))


def test_a_head_appears_once_and_again_after_it_was_forgotten():
    hold = Hold()
    hold([HEAD], [], 0.0, lost)
    (appeared,) = hold.appeared
    assert appeared == pytest.approx((100, 100, 20 * (1 + MARGIN), 24 * (1 + MARGIN), 0))
    hold([HEAD._replace(x=104)], [HEAD._replace(x=300)], 0.1, lost)
    assert [oval.x for oval in hold.appeared] == [300]
    hold([], [], 0.2, lost)
    assert hold.appeared == ()
    hold.forget()
    hold([HEAD], [], 0.3, lost)
    assert len(hold.appeared) == 1
