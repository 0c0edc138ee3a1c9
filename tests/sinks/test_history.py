import pytest
from hypothesis import given
from hypothesis import strategies as st
from lived import DAY_S, NOON, Wall, judgement, lived

from posture.ergonomics.sitting import Doubt, State
from posture.sinks.history import History
from posture.sinks.today import Shut, Today


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def history(wall):
    history = History(wall=wall)
    history.begin()
    yield history
    history.close()


def test_the_score_is_good_of_good_and_poor_and_the_rest_is_told_apart(history, wall):
    parts = [(300, State.GOOD), (100, State.SLUMP), (50, State.LOOKING_DOWN), (40, State.UNRELIABLE), (60, State.AWAY)]
    t = lived(history, wall, *parts)
    history.add(t, judgement(State.AWAY), None)
    today = history.today()
    assert today.seconds == {
        State.GOOD: 300, State.SLUMP: 100, State.LOOKING_DOWN: 50, State.UNRELIABLE: 40, State.AWAY: 60
    }  # fmt: skip
    assert today.score == 75.0
    assert today.excluded_s == 150
    assert today.doubts == {Doubt.TURNED: 40}
    assert today.judged_s + today.excluded_s == 550


def test_five_minutes_are_needed_for_a_score(history, wall):
    t = lived(history, wall, (299, State.GOOD))
    history.add(t, judgement(State.GOOD), None)
    assert history.today().score is None
    history.add(t + 1, judgement(State.GOOD), None)
    assert history.today().score == 100.0
    assert Today().score is None


def test_a_posture_is_one_event_however_many_minutes_it_takes(history, wall):
    t = lived(history, wall, (30, State.GOOD), (200, State.LEAN_LEFT), (30, State.GOOD), (10, State.LEAN_RIGHT))
    history.add(t, judgement(State.GOOD), None)
    postures = [spell for spell in history.today().spells if spell.kind == "posture"]
    assert [(s.state, s.seconds, s.began) for s in postures] == [
        (State.LEAN_LEFT, 200, NOON + 30),
        (State.LEAN_RIGHT, 10, NOON + 260),
    ]


def test_a_bout_goes_on_through_a_short_absence_and_a_break_ends_it(history, wall):
    lived(history, wall, (600, State.GOOD), (50, State.AWAY), (600, State.SLUMP), (400, State.AWAY), (120, State.GOOD))
    today = history.today()
    sitting = [spell.seconds for spell in today.spells if spell.kind == "sitting"]
    assert sitting == pytest.approx([1250, 119], abs=1)
    assert today.longest_sitting_s == pytest.approx(1250, abs=1)
    assert today.breaks == 1


def test_standing_is_a_break_too_and_reminders_are_counted(history, wall):
    t = lived(history, wall, (100, State.GOOD), (301, State.STANDING), (5, State.GOOD))
    history.add(t, judgement(State.SLUMP), None, reminded=True)
    assert (history.today().breaks, history.today().reminders) == (1, 1)


def test_a_pause_is_nobodys_time(history, wall):
    t = lived(history, wall, (100, State.GOOD))
    history.rest()
    wall.now += 4000
    lived(history, wall, (100, State.GOOD), t=t + 4000)
    today = history.today()
    assert today.seconds == {State.GOOD: pytest.approx(198, abs=1)}
    assert today.longest_sitting_s == pytest.approx(99, abs=1)


def test_nobody_looked_for_long_is_not_the_last_posture(history, wall):
    history.add(0.0, judgement(State.SLUMP), None)
    wall.now += 1000
    history.add(1000.0, judgement(State.SLUMP), None)
    assert history.today().seconds == {State.SLUMP: 10.0}


def test_yesterday_is_not_today(history, wall):
    wall.now = NOON - DAY_S / 2 - 60  # a minute before midnight
    t = lived(history, wall, (100, State.GOOD))
    history.add(t, judgement(State.GOOD), None)
    today = history.today()
    assert today.seconds[State.GOOD] == pytest.approx(40, abs=1)
    assert today.longest_sitting_s == pytest.approx(40, abs=1)


@given(st.lists(st.tuples(st.floats(0.05, 30), st.sampled_from(State)), min_size=1, max_size=60))
def test_every_second_is_counted_once(steps):
    wall = Wall()
    history = History(wall=wall)
    history.begin()
    t = 0.0
    for seconds, state in steps:
        history.add(t, judgement(state), None)
        t += seconds
        wall.now += seconds
    history.add(t, judgement(State.GOOD), None)
    total = sum(history.today().seconds.values())
    assert total == pytest.approx(sum(min(seconds, 10.0) for seconds, _ in steps), rel=1e-5)
    for spell in history.today().spells:
        assert 0 <= spell.seconds <= t + 1e-6
    history.end()
    assert sum(history.today().seconds.values()) == pytest.approx(total, rel=1e-5)
    history.close()


def test_days_are_in_order_and_the_oldest_are_over(history, wall):
    for _ in range(3):
        lived(history, wall, (120, State.SLUMP))
        history.end()
        wall.now += DAY_S - 120
    days = history.days(5)
    assert [day.day.isoformat() for day in days] == [f"2026-11-{n}" for n in (23, 24, 25, 26, 27)]
    assert [day.known.poor_s for day in days] == pytest.approx([0, 119, 119, 119, 0], abs=1)
    assert all(not day.shut for day in days)


def test_what_is_too_old_is_forgotten_and_said(wall):
    history = History(wall=wall, keep_days=7)
    for _ in range(10):
        history.begin()
        lived(history, wall, (120, State.SLUMP))
        history.end()
        wall.now += DAY_S - 120
    history.begin()
    days = history.days(12)
    assert [day.known.judged_s > 0 for day in days] == [False] * 4 + [True] * 7 + [False]
    assert [Shut.EXPIRED in day.shut for day in days] == [True] * 4 + [False] * 8
    history.close()


def test_at_midnight_what_lasts_is_cut_and_no_second_is_lost(history, wall):
    wall.now = NOON + DAY_S / 2 - 90
    history.begin()
    t = lived(history, wall, (200, State.SLUMP))
    history.add(t, judgement(State.GOOD), None)
    before, after = (day.known for day in history.days(2))
    assert (before.poor_s, after.poor_s) == pytest.approx((90, 110))
    midnight = NOON + DAY_S / 2
    assert [(s.began, s.seconds) for s in before.spells if s.kind == "posture"] == [(midnight - 90, 90)]
    assert [(s.began, s.seconds) for s in after.spells if s.kind == "posture"] == [(midnight, 110)]


@pytest.mark.parametrize("jump", [-3 * DAY_S, -3600.0 * 13, 3600.0 * 13, 40 * DAY_S])
def test_a_clock_that_is_set_to_another_day_moves_no_second_twice(history, wall, jump):
    t = lived(history, wall, (100, State.GOOD))
    wall.now += jump
    t = lived(history, wall, (100, State.GOOD), t=t)
    history.end()
    assert sum(sum(day.known.seconds.values()) for day in history.days(60)) >= 98 - 60 * (jump > 30 * DAY_S)
    assert sum(history.today().seconds.values()) <= 200
