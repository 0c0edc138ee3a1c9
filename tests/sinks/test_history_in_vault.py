"""The history under the keys of a real vault: locked, unlocked, expired."""

import itertools
import sqlite3
from datetime import date, timedelta

import pytest
from lived import DAY_S, NOON, Wall, lived, over

from posture.audit.events import Event
from posture.ergonomics.sitting import State
from posture.errors import Locked
from posture.sinks.today import Shut
from posture.vault.historykeys import HistoryKeys
from posture.vault.hpke import secret_of
from posture.vault.keyfile import Cost
from posture.vault.ring import USES, Other, OtherKey, seed
from posture.vault.sealed import key_ids
from posture.vault.store import Vault

DAY = date(2026, 11, 24)
PASSPHRASE = "correct horse"
CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)


@pytest.fixture
def vault(tmp_path, erased):
    vault = Vault(tmp_path / "vault", cost=CHEAP, record=lambda event, **fields: erased.append(event))
    vault.create(PASSPHRASE, DAY).close()
    return vault


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def erased():
    """What the audit log would get."""
    return []


@pytest.fixture
def history(vault, wall):
    keys = HistoryKeys(vault)
    history = over(vault.folder / "history.sqlite", keys, keep_days=5, wall=wall)
    yield history
    history.close()


def days(history, wall, count):
    """So many days, ten minutes of each."""
    for n in range(count):
        wall.now = NOON + n * DAY_S
        history.begin()
        lived(history, wall, (600, State.SLUMP), t=n * DAY_S)
        history.end()


def headers(path):
    sql = sqlite3.connect(path)
    found = sql.execute("SELECT day, header FROM stream ORDER BY day").fetchall()
    sql.close()
    return {date.fromisoformat(day): header for day, header in found}


def test_locked_only_today_is_readable_and_unlocked_every_day(vault, history, wall):
    days(history, wall, 3)
    assert [bool(day.known.seconds) for day in history.days(3)] == [False, False, True]
    assert [day.shut for day in history.days(3)] == [{Shut.LOCKED}, {Shut.LOCKED}, frozenset()]
    with vault.unlock(PASSPHRASE) as unlocked:
        read = history.days(3, unlocked.secrets)
    assert [day.known.poor_s for day in read] == pytest.approx([599, 599, 599], abs=1)
    assert not any(day.shut for day in read)


def test_after_retention_nothing_of_an_expired_day_opens_with_any_key_on_the_disk(vault, history, wall, erased):
    path, backup = vault.folder / "history.sqlite", vault.folder.parent / "backup.sqlite"
    days(history, wall, 5)
    sql = sqlite3.connect(path)
    sql.execute(f"VACUUM INTO '{backup}'")
    sql.close()
    wall.now = NOON + 8 * DAY_S
    history.begin()
    expired = {DAY + timedelta(days=n) for n in range(3)}
    assert set(headers(path)) == {DAY + timedelta(days=n) for n in (3, 4)}, "the rows are gone"
    left = b"".join(file.read_bytes() for file in path.parent.glob("history.sqlite*"))
    assert all(headers(backup)[day] not in left for day in expired), "and overwritten, also in the journal"
    assert erased.count(Event.KEY_ERASED) == 3

    again = over(backup, HistoryKeys(vault), keep_days=5, wall=wall)
    with vault.unlock(PASSPHRASE) as unlocked:
        read = {day.day: day for day in again.days(9, unlocked.secrets)}
        sealed_halves = [*unlocked._state.content.halves.values()]
        assert {day for day in expired if read[day].known.seconds} == set()
        assert all(read[day].shut == {Shut.EXPIRED} for day in expired)
        assert read[DAY + timedelta(days=3)].known.poor_s == pytest.approx(599, abs=1), "the others are still there"
    again.close()

    ring = vault.ring()
    left = {key_id for day in expired for key_id in key_ids(headers(backup)[day])}
    made = {
        secret_of(key.kem, seed(sealed, key.half, day, None, use)).recipient.key_id
        for sealed, key in zip(sealed_halves, itertools.cycle(ring.keys), strict=False)
        for day in expired
        for use in USES
    }
    assert not left & made
    assert not left & {key.key_id for key in ring.keys}


def test_pictures_expire_without_the_history_and_the_history_without_pictures(vault, history, wall):
    days(history, wall, 5)
    today = DAY + timedelta(days=4)
    vault.expire(today, 0)
    with vault.unlock(PASSPHRASE) as unlocked:
        assert all(day.known.seconds for day in history.days(5, unlocked.secrets))
    vault.expire(today, 0, "history")
    with vault.unlock(PASSPHRASE) as unlocked:
        read = history.days(5, unlocked.secrets)
    assert [bool(day.known.seconds) for day in read] == [False] * 4 + [True]
    assert vault.recipients(today)
    with pytest.raises(Locked):
        vault.recipients(today - timedelta(days=1))


def test_another_reader_of_recordings_gets_no_history(vault):
    with vault.unlock(PASSPHRASE) as unlocked:
        other = secret_of(0x0020, bytes(32)).recipient
        unlocked.set_others((Other("office", (OtherKey(DAY, other.public, other.kem),)),), DAY)
    assert len(vault.recipients(DAY)) == 2
    assert other not in HistoryKeys(vault).recipients(DAY)


def test_no_key_is_left_after_35_days_and_memory_takes_over(vault, history, wall):
    wall.now = NOON + 35 * DAY_S
    history.begin()
    with pytest.raises(Locked, match="no key for the history of 2026-12-29"):
        lived(history, wall, (61, State.GOOD))
    lived(history, wall, (61, State.GOOD), t=100)
    assert history.today().good_s == pytest.approx(60 + 10 + 60), "in between, nobody looked for longer than 10 s"
    with vault.unlock(PASSPHRASE) as unlocked:
        unlocked.refill(DAY + timedelta(days=35))
    lived(history, wall, (61, State.GOOD), t=200)
    assert set(headers(vault.folder / "history.sqlite")) == {DAY + timedelta(days=35)}, "the next minute finds the key"


def test_a_clock_that_runs_a_year_ahead_deletes_nothing_the_first_time(vault, history, wall):
    days(history, wall, 2)
    wall.now = NOON + 365 * DAY_S
    history.begin()
    assert set(headers(vault.folder / "history.sqlite")) == {DAY, DAY + timedelta(days=1)}
    with vault.unlock(PASSPHRASE) as unlocked:
        wall.now = NOON + DAY_S
        assert all(day.known.seconds for day in history.days(2, unlocked.secrets))
