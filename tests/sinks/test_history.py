import itertools
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import MEASURE_NAMES, Measurements, Reason, View
from posture.ergonomics.sitting import Doubt, Judgement, State
from posture.errors import SinkError
from posture.sinks.history import COLUMNS, DAY_S, STATES, History, connect
from posture.sinks.today import Today

NOON = 1_795_521_600.0  # 2026-11-24 12:00 UTC


class Wall:
    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    if hasattr(__import__("time"), "tzset"):
        monkeypatch.setenv("TZ", "UTC")
        __import__("time").tzset()


def judgement(state, doubt=Doubt.NONE):
    return Judgement(state, doubt, 0.0)


def measurements(value):
    values = np.full(len(MEASURE_NAMES), float(value))
    return Measurements(View.FRONT, 0.0, values, (Reason.MEASURED,) * len(MEASURE_NAMES))


def lived(history, wall, *parts, step=1.0, t=0.0):
    """Judge `parts` of (seconds, state), a look every `step` seconds; the time after the last look."""
    for seconds, state in parts:
        doubt = Doubt.TURNED if state is State.UNRELIABLE else Doubt.NONE
        for _ in range(round(seconds / step)):
            history.add(t, judgement(state, doubt), measurements(t))
            t += step
            wall.now += step
    return t


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


def test_the_layout_is_as_it_is_documented(history, wall):
    lived(history, wall, (61, State.GOOD))
    row = history._connection.execute("SELECT began, seconds, samples FROM minute").fetchone()
    assert row[0] == NOON
    assert np.frombuffer(row[1], "<f4")[STATES.index(State.GOOD)] == 60
    samples = np.frombuffer(row[2], "<f4").reshape(-1, len(COLUMNS))
    assert np.array_equal(samples[:, 0], np.arange(0, 61, 2))
    assert np.array_equal(samples[:, 1], samples[:, 0])
    assert len(row[2]) <= 3200


def test_what_is_too_old_is_forgotten(wall):
    history = History(wall=wall, keep_days=7)
    for day in range(10):
        wall.now = NOON + day * DAY_S
        history.begin()
        lived(history, wall, (120, State.SLUMP))
        history.end()
    history.begin()
    rows = history._connection.execute("SELECT (SELECT count(*) FROM minute), (SELECT count(*) FROM event)").fetchone()
    assert rows[0] == 2 * 7
    sessions = history._connection.execute("SELECT count(*) FROM session").fetchone()[0]
    assert sessions == 9, "those that ended within seven days, and the one that runs"
    history.close()


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


CRASH = """
import os, sys, time
sys.path.insert(0, sys.argv[2])
from test_history import History, Judgement, State, Doubt, Wall, connect, lived
wall = Wall()
history = History(connect(sys.argv[1]), wall=wall)
history.begin()
lived(history, wall, (200, State.GOOD), (150, State.SLUMP))
print("lived", flush=True)
sys.stdin.read()
"""


def test_a_killed_program_loses_at_most_the_last_minute(tmp_path, wall):
    path = tmp_path / "history.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-c", CRASH, str(path), str(Path(__file__).parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "TZ": "UTC"},
    )
    with child:
        assert child.stdout.readline().strip() == b"lived"
        child.kill()
    assert child.returncode != 0
    history = History(connect(str(path)), wall=wall)
    today = history.today()
    assert sum(today.seconds.values()) >= 350 - 60
    assert today.seconds[State.GOOD] == 200
    assert next(s.seconds for s in today.spells if s.kind == "sitting") >= 350 - 60 - 1
    history.begin()
    lived(history, wall, (70, State.GOOD))
    assert history.today().seconds[State.GOOD] == pytest.approx(269, abs=1)
    history.close()


def test_a_history_of_another_layout_is_refused(tmp_path, wall):
    path = str(tmp_path / "history.sqlite")
    History(connect(path), wall=wall).close()
    with sqlite3.connect(path) as sql:
        sql.execute("UPDATE meta SET value = '2' WHERE name = 'schema'")
    sql.close()
    connection = connect(path)
    with pytest.raises(SinkError, match="layout 2"):
        History(connection, wall=wall)
    connection.close()


def test_a_disk_that_fails_is_an_error_with_a_name_and_the_next_minute_is_tried(tmp_path, wall):
    connection = connect(str(tmp_path / "history.sqlite"))
    history = History(connection, wall=wall)
    history.begin()
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(SinkError, match="the history cannot be written"):
        lived(history, wall, (100, State.SLUMP))
    connection.execute("PRAGMA query_only = OFF")
    lived(history, wall, (100, State.SLUMP), t=200.0)
    assert connection.execute("SELECT count(*) FROM event").fetchone()[0] >= 1
    history.close()


def test_no_folder_is_an_error_with_a_name(tmp_path):
    with pytest.raises(SinkError, match="cannot be opened"):
        connect(str(tmp_path / "nowhere" / "history.sqlite"))


def test_a_month_of_working_days_stays_small(wall):
    history = History(wall=wall, keep_days=30)
    history.begin()
    for t in itertools.count(0, 5):
        if t >= 8 * 3600:
            break
        history.add(float(t), judgement(State.GOOD), measurements(1.0))
    pages, size = (history._connection.execute(f"PRAGMA page_{what}").fetchone()[0] for what in ("count", "size"))
    assert pages * size < 2_000_000
    history.close()
