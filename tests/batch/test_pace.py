"""When a job will be done, from what was measured."""

import math

import pytest

from posture.batch.journal import Found, Journal
from posture.batch.pace import Pace
from posture.batch.work import FileOutcome

DONE = FileOutcome(state="done", frames=50)


@pytest.fixture
def pace(tmp_path):
    """Of a job over four files of 100 bytes that begins at 0 s, and the files."""
    with Journal(tmp_path) as journal:
        journal.add(Found(b"/%d" % number, b"%d" % number, 100) for number in range(4))
        return Pace(journal.counts(), 0.0), list(journal.entries(order="id"))


def test_files_that_are_done_say_how_long_the_others_take(pace):
    pace, (first, second, *_) = pace
    pace.ended(first, DONE)
    assert pace.eta_s(9.0) is None
    assert pace.eta_s(20.0) == 60.0
    pace.ended(second, FileOutcome(state="failed"))
    assert (pace.eta_s(30.0), pace.done, pace.failed, pace.left) == (30.0, 1, 1, 2)
    assert pace.frames_per_s(25.0) == 2.0


def test_a_long_file_in_hand_says_it_too(pace):
    pace, (first, *_) = pace
    pace.ahead(first, math.nan)
    assert pace.eta_s(20.0) is None
    pace.ahead(first, 0.0)
    pace.ahead(first, 0.5)
    assert pace.eta_s(20.0) == 140.0
    pace.ended(first, DONE)
    assert pace.eta_s(40.0) == 120.0


def test_what_an_earlier_run_did_of_a_file_does_not_count_as_fast(pace):
    pace, (first, *_) = pace
    pace.ahead(first, 0.8)
    assert pace.eta_s(20.0) is None
    pace.ahead(first, 0.9)
    assert pace.eta_s(20.0) == pytest.approx(620.0)
    pace.ended(first, DONE)
    assert pace.eta_s(40.0) == pytest.approx(600.0)


def test_what_was_stopped_is_no_outcome(pace):
    pace, (first, *_) = pace
    pace.ahead(first, 0.0)
    pace.ahead(first, 0.5)
    pace.ended(first, FileOutcome(state="stopped"))
    assert (pace.left, pace.eta_s(20.0)) == (4, None)
