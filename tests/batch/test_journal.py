"""The journal: what is done next, names that no two files share, and what is left after the program was killed."""

import os
import sqlite3

import pytest

from posture.batch.discovery import MOST_BYTES, stem_of
from posture.batch.journal import Found, Journal, alone, is_running, results_of
from posture.batch.work import FileOutcome, ResultFile
from posture.errors import ConfigError, SinkError


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "job") as journal:
        yield journal


def enter(journal, *names, **more):
    journal.add(Found(b"/in/" + name, name, 10, **more) for name in names)
    journal.name_results(stem_of)


def stems(journal):
    return {entry.below: entry.stem for entry in journal.entries()}


def test_a_file_is_entered_once_and_keeps_its_name(journal):
    enter(journal, b"a.mp4", b"b.mp4")
    assert journal.add([Found(b"/in/a.mp4", b"a.mp4", 10)]) == 0
    enter(journal, b"a.mov")
    assert stems(journal) == {b"a.mp4": b"a", b"b.mp4": b"b", b"a.mov": b"a.mov"}


def test_names_that_a_file_system_takes_for_one_are_told_apart(journal):
    enter(journal, b"A.mp4", b"a.mp4", "Ä.mp4".encode(), "ä.mkv".encode(), b"a.mp4.avi")
    named = [os.fsdecode(stem).casefold() for stem in stems(journal).values()]
    assert len(set(named)) == 5


def test_a_name_that_is_no_unicode_survives(journal):
    enter(journal, b"caf\xe9.mp4", b"caf\xe8.mp4")
    assert stems(journal) == {b"caf\xe9.mp4": b"caf\xe9", b"caf\xe8.mp4": b"caf\xe8"}


def test_a_long_name_leaves_room_for_suffixes_and_stays_unicode(journal):
    long = "ü" * 120
    enter(journal, f"{long}.mp4".encode(), f"{long}.mkv".encode(), f"{long[:-1]}ö.mp4".encode())
    named = list(stems(journal).values())
    assert len(set(named)) == 3
    assert all(len(stem) <= MOST_BYTES + 20 and stem.decode() for stem in named)


def test_the_name_of_the_summary_is_taken(journal):
    enter(journal, b"posture-batch.mp4")
    assert stems(journal)[b"posture-batch.mp4"].startswith(b"posture-batch-")


def test_priority_comes_before_the_order_of_discovery(journal):
    enter(journal, b"a.mp4", b"b.mp4")
    journal.add([Found(b"/in/c.mp4", b"c.mp4", 10, priority=5)])
    assert journal.next(0).path == b"/in/c.mp4"
    journal.begin(journal.next(0).id, "")
    assert journal.next(0).path == b"/in/a.mp4"
    journal.postpone(journal.next(0).id, 100.0)
    assert journal.next(0).path == b"/in/b.mp4"
    assert journal.next(100.0).path == b"/in/b.mp4"


def test_what_was_running_waits_again_and_its_results_are_known_to_be_its_own(tmp_path):
    with Journal(tmp_path) as journal:
        enter(journal, b"a.mp4")
        journal.begin(journal.next(0).id, "seen")
    with Journal(tmp_path) as journal:  # as after a kill: nothing said that the run ended
        assert journal.next(0) is None
        assert journal.take_up() == 1
        entry = journal.next(0)
    assert (entry.begun, entry.resumes) == (True, 1)


def test_an_outcome_is_kept_whole(journal):
    enter(journal, b"a.mp4")
    result = ResultFile("json", b"a\xff.json", "0" * 64, 5)
    journal.record(journal.next(0).id, FileOutcome(state="done", results=(result,), frames=7, media_s=2.5), 0.5, "lift")
    (entry,) = journal.entries()
    assert results_of(entry) == (result,)
    assert (entry.state, entry.frames, entry.media_s, entry.task) == ("done", 7, 2.5, "lift")


def test_only_what_failed_is_tried_again(journal):
    enter(journal, b"a.mp4", b"b.mp4", b"c.mp4")
    for state, entry in zip(("done", "failed", "refused"), list(journal.entries()), strict=True):
        journal.record(entry.id, FileOutcome(state=state, error="X", message="why"))
    assert journal.retry() == 2
    assert journal.counts().files == {"waiting": 2, "running": 0, "done": 1, "failed": 0, "refused": 0}


def test_two_programs_cannot_run_one_job(tmp_path):
    assert not is_running(tmp_path)
    with alone(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(ConfigError, match="running already"), alone(tmp_path):
            pass
    assert not is_running(tmp_path)


def test_a_journal_of_a_newer_version_is_not_touched(tmp_path):
    Journal(tmp_path).close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ConfigError, match="newer version"):
        Journal(tmp_path)


def test_a_journal_that_is_none_is_said(tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(SinkError, match="journal"):
        Journal(tmp_path)
