"""Notes under aliases: encrypted where there is a vault, kept for three years, withdrawn and erased."""

import stat
import sys
from datetime import UTC, datetime, timedelta

import pytest

from posture.errors import ConfigError, Damaged, Locked
from posture.rights.consents import KEEP_DAYS, Consents

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALIAS = "P07 by the door"


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def notes(user, clock, unlocked=None):
    return Consents(user.data, user.vault, unlocked, clock)


def test_in_a_vault_no_alias_is_on_the_disk(user, clock):
    with user.unlock() as unlocked:
        note = notes(user, clock, unlocked).add(ALIAS, "consent", "own-posture", "a" * 64)
        (shown,) = notes(user, clock, unlocked).listed()
    assert shown.known == note
    assert (shown.encrypted, note.given, note.document) == (True, NOON, "a" * 64)
    (locked,) = notes(user, clock).listed()
    assert (locked.note, locked.known) == (note.note, None)
    assert not [path for path in user.files() if ALIAS.encode() in path.read_bytes()]
    assert [fields for event, fields in user.events if event == "consent.noted"] == [
        {"note": note.note, "kind": "consent"}
    ]


def test_without_a_vault_it_is_plain_and_for_the_owner_alone(user, clock):
    user.vault.destroy()
    note = notes(user, clock).add(ALIAS, "notice", "own-posture")
    (shown,) = notes(user, clock).listed()
    assert (shown.known, shown.encrypted) == (note, False)
    path = user.data / "consents.json"
    assert ALIAS.encode() in path.read_bytes(), "negative control of the test above"
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_adding_needs_the_vault_open(user, clock):
    with pytest.raises(Locked, match="unlock the vault first"):
        notes(user, clock).add(ALIAS, "consent", "own-posture")
    assert not (user.data / "consents.json").exists()


def test_withdrawing_is_noted_once(user, clock):
    with user.unlock() as unlocked:
        note = notes(user, clock, unlocked).add(ALIAS, "consent", "own-posture")
        clock.now += timedelta(days=3)
        changed = notes(user, clock, unlocked).withdraw(ALIAS)
        assert (changed.note, changed.withdrawn) == (note.note, clock.now)
        with pytest.raises(ConfigError, match="no note that holds"):
            notes(user, clock, unlocked).withdraw(ALIAS)
        (shown,) = notes(user, clock, unlocked).listed()
    assert shown.known.withdrawn == clock.now


def test_two_of_one_alias_are_told_apart_by_their_id(user, clock):
    with user.unlock() as unlocked:
        mine = notes(user, clock, unlocked)
        first, second = mine.add(ALIAS, "consent", "own-posture"), mine.add(ALIAS, "notice", "own-posture")
        with pytest.raises(ConfigError, match="2 notes that hold"):
            mine.withdraw(ALIAS)
        assert mine.withdraw(first.note[:8]).note == first.note
        assert mine.withdraw(ALIAS).note == second.note


def test_after_three_years_the_key_and_the_note_are_gone(user, clock):
    with user.unlock() as unlocked:
        notes(user, clock, unlocked).add(ALIAS, "consent", "own-posture")
    kept = (user.data / "consents.json").read_bytes()
    clock.now = NOON + timedelta(days=KEEP_DAYS)
    assert len(notes(user, clock).listed()) == 1, "negative control: the last day"
    # a jump of three years of the clock is believed the second time, a day later
    for days in (1, 2):
        clock.now = NOON + timedelta(days=KEEP_DAYS + days)
        left = notes(user, clock).listed()
    assert left == []
    (user.data / "consents.json").write_bytes(kept)
    with user.unlock() as unlocked:
        assert [one.known for one in notes(user, clock, unlocked).listed()] == []


@pytest.mark.parametrize("alias", ["", "  ", "ada@example.com", "x" * 61, "P07\n"[:3] + "\x07"])
def test_what_is_no_alias_is_refused(user, clock, alias):
    with user.unlock() as unlocked, pytest.raises(ConfigError, match="an alias has 1 to 60 letters"):
        notes(user, clock, unlocked).add(alias, "consent", "own-posture")


def test_a_cut_file_is_damage(user, clock):
    (user.data / "consents.json").write_text('{"version": 1, "notes": [')
    with pytest.raises(Damaged, match=r"consents\.json was altered or cut"):
        notes(user, clock).listed()
