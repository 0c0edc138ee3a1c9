import itertools
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from lived import DAY_S, NOON, Keys, Wall, judgement, lived, measurements, over

from posture.ergonomics.sitting import State
from posture.errors import Locked, SinkError
from posture.sinks.archive import LABEL, SAMPLES, SCHEMA, Archive, connect
from posture.sinks.history import History
from posture.sinks.minutes import COLUMNS
from posture.sinks.today import Shut
from posture.vault.sealed import open_stream

DAY = date(2026, 11, 24)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def keys():
    return Keys(*(DAY + timedelta(days=n) for n in range(5)))


@pytest.fixture
def opened(path, wall, keys):
    """Makes histories over the same file: restarts of the program."""
    made = []

    def again(**more):
        made.append(over(path, keys, wall=wall, **more))
        made[-1].begin()
        return made[-1]

    yield again
    for history in made:
        history.close()


def rows(path, query):
    with sqlite3.connect(path) as sql:
        found = sql.execute(query).fetchall()
    sql.close()
    return found


def test_the_running_day_is_readable_without_a_key_and_after_a_restart_with_one(opened, keys, wall):
    history = opened()
    lived(history, wall, (400, State.GOOD))
    history.end()
    assert history.today().judged_s == pytest.approx(399)
    again = opened()
    (day,) = again.days(1)
    assert (day.known.judged_s, day.shut) == (0.0, {Shut.LOCKED})
    lived(again, wall, (100, State.GOOD))
    assert again.today().judged_s == pytest.approx(99), "what this program saw itself"
    (day,) = again.days(1, keys.secrets)
    assert (day.known.judged_s, day.shut) == (pytest.approx(498), frozenset())


def test_yesterday_needs_a_key_also_for_the_program_that_wrote_it(opened, keys, wall):
    history = opened()
    wall.now += DAY_S / 2 - 100
    lived(history, wall, (200, State.SLUMP))
    before, after = history.days(2)
    assert (before.known.poor_s, before.shut) == (0.0, {Shut.LOCKED})
    assert after.known.poor_s == pytest.approx(99)
    before, after = history.days(2, keys.secrets)
    assert before.known.poor_s == pytest.approx(100)
    assert after.known.poor_s == pytest.approx(99)
    assert not before.shut | after.shut


def test_without_its_key_nobody_reads_a_day(opened, keys, wall, path):
    history = opened()
    lived(history, wall, (200, State.SLUMP))
    history.end()
    wall.now += DAY_S
    lived(history, wall, (200, State.SLUMP), t=1000)
    history.end()
    keys.erase(DAY)
    before, after = history.days(2, keys.secrets)
    assert (before.known.seconds, before.shut) == ({}, {Shut.EXPIRED})
    assert after.known.poor_s == pytest.approx(199)
    opened()
    assert rows(path, "SELECT day FROM stream") == [("2026-11-25",)], "what nobody can read is deleted"


def test_the_file_says_on_which_days_and_nothing_else(opened, wall, path):
    history = opened()
    lived(history, wall, (130, State.SLUMP))
    history.end()
    assert dict(_tables(path)) == {
        "meta": ["name", "value"],
        "stream": ["id", "day", "layout", "header"],
        "minute": ["id", "stream", "account", "samples"],
    }
    assert rows(path, "SELECT day, layout FROM stream") == [("2026-11-24", 1)]
    written = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"SLUMP" not in written.upper()
    lengths = rows(path, "SELECT DISTINCT length(account) FROM minute")
    assert len(lengths) == 1, "full and broken minutes look the same"
    if sys.platform != "win32":
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def _tables(path):
    for (table,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        yield table, [column for (column,) in rows(path, f"SELECT name FROM pragma_table_info('{table}')")]


def test_the_measurements_are_in_it_every_two_seconds(opened, keys, wall, path):
    lived(opened(), wall, (61, State.GOOD))
    ((header, blob),) = rows(path, "SELECT header, samples FROM minute JOIN stream ON stream.id = stream")
    content = open_stream(header, keys.secrets, LABEL).open(blob, SAMPLES)
    samples = np.frombuffer(content, "<f4").reshape(-1, len(COLUMNS))
    assert np.array_equal(samples[:, 0], np.arange(0, 61, 2))
    assert np.array_equal(samples[:, 1], samples[:, 0]), "the value of the test is its time"
    assert len(blob) < 4000


def test_blobs_that_changed_places_are_damage(opened, keys, wall, path):
    history = opened()
    lived(history, wall, (121, State.GOOD))
    history.close()
    sql = sqlite3.connect(path)
    sql.execute("UPDATE minute SET account = samples WHERE id = 1")
    sql.commit()
    sql.close()
    (day,) = opened().days(1, keys.secrets)
    assert day.shut == {Shut.DAMAGED}
    assert day.known.good_s == pytest.approx(60), "the other minute is still read"


def test_a_newer_layout_is_left_alone_and_said(opened, keys, wall, path):
    history = opened()
    lived(history, wall, (121, State.GOOD))
    history.close()
    sql = sqlite3.connect(path)
    sql.execute("UPDATE stream SET layout = 2")
    sql.commit()
    sql.close()
    (day,) = opened().days(1, keys.secrets)
    assert (day.known.seconds, day.shut) == ({}, {Shut.DAMAGED})
    assert rows(path, "SELECT count(*) FROM minute") == [(2,)]


def test_no_key_left_is_said_once_and_the_history_goes_on_in_memory(opened, keys, wall, path):
    keys.erase(DAY)
    history = opened()
    with pytest.raises(Locked, match="unlock"):
        lived(history, wall, (200, State.GOOD))
    lived(history, wall, (200, State.GOOD), t=wall.now - NOON)
    assert history.today().good_s == pytest.approx(259, abs=2)
    assert rows(path, "SELECT count(*) FROM stream") == [(0,)]
    wall.now += DAY_S
    lived(history, wall, (100, State.GOOD), t=10_000)
    assert rows(path, "SELECT day FROM stream") == [("2026-11-25",)], "the next day has a key again"
    assert history.days(2)[0].known.good_s == pytest.approx(259, abs=2), "memory needs no key"


def test_a_vault_that_is_made_while_the_program_runs_is_used_from_the_next_minute_on(path, keys, wall):
    made = []
    history = History(lambda: made[0] if made else None, wall=wall)
    history.begin()
    lived(history, wall, (61, State.GOOD))
    made.append(Archive(connect(path), keys))
    lived(history, wall, (61, State.GOOD), t=61)
    assert rows(path, "SELECT count(*) FROM minute") == [(1,)]
    assert history.today().good_s == pytest.approx(121)
    history.close()


def test_a_bout_that_began_in_memory_and_goes_on_in_the_vault_is_one(path, keys, wall):
    made = []
    history = History(lambda: made[0] if made else None, wall=wall)
    history.begin()
    lived(history, wall, (130, State.SLUMP))
    made.append(Archive(connect(path), keys))
    t = lived(history, wall, (200, State.SLUMP), t=130)
    history.add(t, judgement(State.GOOD), None)
    history.rest()
    (bout,) = [spell for spell in history.today().spells if spell.kind == "posture"]
    assert (bout.began, bout.seconds) == (NOON, pytest.approx(330))
    history.close()


def test_what_is_too_old_leaves_the_file(opened, wall, path):
    history = opened(keep_days=2)
    for n in range(5):
        wall.now = NOON + n * DAY_S
        lived(history, wall, (61, State.GOOD), t=n * DAY_S)
    days = [day for (day,) in rows(path, "SELECT day FROM stream")]
    assert days == ["2026-11-26", "2026-11-27", "2026-11-28"]
    assert rows(path, "SELECT count(*) FROM minute WHERE stream NOT IN (SELECT id FROM stream)") == [(0,)]


CRASH = """
import sys
from datetime import date
from pathlib import Path
from lived import Keys, State, Wall, lived, over
wall, keys = Wall(), Keys(date(2026, 11, 24))
history = over(Path(sys.argv[1]), keys, wall=wall)
history.begin()
lived(history, wall, (200, State.GOOD), (150, State.SLUMP))
print(keys._secrets[date(2026, 11, 24)].seed.hex(), flush=True)
sys.stdin.read()
"""


def test_a_killed_program_loses_at_most_the_last_minute(path, wall):
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", CRASH, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(root / "tests"))), "TZ": "UTC"},
    )
    with child:
        seed = bytes.fromhex(child.stdout.readline().decode())
        child.kill()
    assert child.returncode != 0
    keys = Keys.of({DAY: seed})
    history = over(path, keys, wall=wall)
    (day,) = history.days(1, keys.secrets)
    assert sum(day.known.seconds.values()) >= 350 - 60
    assert day.known.seconds[State.GOOD] == 200
    assert next(s.seconds for s in day.known.spells if s.kind == "sitting") >= 350 - 60 - 1
    history.begin()
    lived(history, wall, (70, State.GOOD))
    (day,) = history.days(1, keys.secrets)
    assert day.known.seconds[State.GOOD] == pytest.approx(269, abs=1)
    history.close()


def test_a_history_of_another_layout_is_refused(path, keys):
    Archive(connect(path), keys).close()
    sql = sqlite3.connect(path)
    sql.execute("UPDATE meta SET value = '3' WHERE name = 'schema'")
    sql.commit()
    sql.close()
    connection = connect(path)
    with pytest.raises(SinkError, match=f"layout 3, this version writes {SCHEMA}"):
        Archive(connection, keys)
    connection.close()


def test_a_disk_that_fails_is_an_error_with_a_name_and_the_next_minute_is_tried(path, keys, wall):
    connection = connect(path)
    archive = Archive(connection, keys)
    history = History(lambda: archive, wall=wall)
    history.begin()
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(SinkError, match="the history cannot be written"):
        lived(history, wall, (100, State.SLUMP))
    connection.execute("PRAGMA query_only = OFF")
    lived(history, wall, (100, State.SLUMP), t=200.0)
    assert history.today().poor_s >= 99
    assert rows(path, "SELECT count(*) FROM minute") == [(1,)]
    history.close()


def test_no_folder_is_an_error_with_a_name(tmp_path):
    with pytest.raises(SinkError, match="cannot be opened"):
        connect(tmp_path / "nowhere" / "history.sqlite")


def test_a_file_that_is_no_database_is_an_error_with_a_name(path, keys):
    path.write_bytes(b"no database at all, and long enough to be looked at" * 10)
    connection = connect(path)
    with pytest.raises(SinkError, match="not a database"):
        Archive(connection, keys)
    connection.close()


def test_eight_hours_stay_small(path, keys, wall):
    history = over(path, keys, wall=wall)
    history.begin()
    for t in itertools.count(0, 5):
        if t >= 8 * 3600:
            break
        history.add(float(t), judgement(State.GOOD), measurements(1.0))
    history.close()
    assert path.stat().st_size < 2_000_000
