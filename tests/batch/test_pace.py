"""How far a run is and when it will be done: by the bytes of what is done, and by shares of what is in hand."""

import math

import pytest

from posture.batch.discovery import discover, stem_of
from posture.batch.journal import Journal
from posture.batch.pace import SHOWN, Going, InHand, Pace, going_of
from posture.batch.plan import JobPlan
from posture.batch.work import FileOutcome, Progress

DONE = FileOutcome(state="done", frames=50)


@pytest.fixture
def journal(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(4):
        (tmp_path / "in" / f"{number}.mp4").write_bytes(bytes(1000))
    with Journal(tmp_path / "job") as made:
        made.add(discover(JobPlan(inputs=(str(tmp_path / "in"),), output=str(tmp_path / "out")), print))
        made.name_results(stem_of)
        yield made


def at(share, duration_s=200.0):
    return Progress(share * duration_s, duration_s, 1)


def test_one_long_file_is_foretold_by_its_share(journal):
    first, *_ = journal.entries()
    pace = Pace(journal.counts(), 0.0)
    pace.begun(first)
    assert pace.going(20.0) == Going((InHand("0.mp4", None),), None)
    pace.ahead(first, at(0.25))
    assert pace.eta_s(9.0) is None
    assert pace.going(20.0) == Going((InHand("0.mp4", 0.25),), eta_s=15 * 20.0)  # 3750 bytes are left, 250 are done


def test_what_an_earlier_run_did_of_a_file_is_no_speed_of_this_one(journal):
    first, *_ = journal.entries()
    pace = Pace(journal.counts(), 0.0)
    pace.begun(first._replace(resumes=1))
    pace.ahead(first, at(0.5))
    assert pace.eta_s(20.0) is None
    pace.ahead(first, at(0.75))
    assert pace.eta_s(20.0) == 13 * 20.0  # 3250 bytes are left, 250 were done
    pace.ended(first, DONE)
    assert pace.going(20.0) == Going((), None)
    pace.ahead(first, at(0.8))  # a heartbeat that came late
    assert pace.going(20.0).in_hand == ()


def test_a_file_that_was_given_to_another_worker_may_fall_back(journal):
    first, *_ = journal.entries()
    pace = Pace(journal.counts(), 0.0)
    pace.begun(first)
    pace.ahead(first, at(0.5))
    pace.ahead(first, at(0.1))
    assert pace.going(100.0) == Going((InHand("0.mp4", 0.1),), eta_s=3900.0)


def test_files_without_a_length_and_pictures_count_when_they_are_done(journal):
    first, second, *_ = journal.entries()
    pace = Pace(journal.counts(), 0.0)
    for entry in (first, second):
        pace.begun(entry)
        pace.ahead(entry, at(0.5, math.nan))
        pace.ended(entry, DONE)
    assert pace.eta_s(20.0) == 20.0
    assert (pace.done, pace.left, pace.frames_per_s(20.0)) == (2, 2, 5.0)


def test_a_stopped_file_is_not_done(journal):
    first, *_ = journal.entries()
    pace = Pace(journal.counts(), 0.0)
    pace.begun(first)
    pace.ended(first, FileOutcome(state="stopped"))
    assert (pace.left, pace.in_hand) == (4, {})


def test_a_thousand_places_are_a_short_note(journal):
    first, *_ = journal.entries()
    pace = Pace(journal.counts(), 0.0)
    for number in range(1000):
        pace.begun(first._replace(id=number))
    assert len(pace.going(0.0).in_hand) == SHOWN
    assert going_of(journal) == Going()
