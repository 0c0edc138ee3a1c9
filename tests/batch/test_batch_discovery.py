"""Which files a job finds, and what it knows of them by their names."""

import os

import pytest

from posture.batch.discovery import discover
from posture.batch.plan import JobPlan, PriorityRule
from posture.errors import NoInput


def found(plan, troubles=None):
    return list(discover(plan, (troubles if troubles is not None else []).append))


def names(plan, **more):
    return [one.below for one in found(plan, **more)]


@pytest.fixture
def tree(tmp_path):
    for name in ("b.mp4", "a.MP4", "c.txt", ".hidden.mp4", "in/d.jpg", "in/.git/e.mp4", "out/f.mp4", "z.redacted.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * 7)
    return tmp_path


def test_a_folder_is_walked_in_order_without_results_and_hidden_files(tree):
    plan = JobPlan(inputs=(str(tree),), output=str(tree / "out"))
    assert names(plan) == [b"a.MP4", b"b.mp4", b"in/d.jpg", b"z.redacted.mp4"]
    assert {one.size_bytes for one in found(plan)} == {7}


def test_copies_of_a_redaction_are_not_redacted_again(tree):
    plan = JobPlan(inputs=(str(tree),), output=str(tree / "out"), what="redact")
    assert names(plan) == [b"a.MP4", b"b.mp4", b"in/d.jpg"]


def test_a_folder_that_cannot_be_read_does_not_stop_the_others(tree, monkeypatch):
    scandir, troubles = os.scandir, []

    def refusing(path):
        if path == os.fsencode(tree / "in"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    plan = JobPlan(inputs=(str(tree),), output=str(tree / "out"))
    assert names(plan, troubles=troubles) == [b"a.MP4", b"b.mp4", b"z.redacted.mp4"]
    assert [words.partition(": ")[2] for words in troubles] == ["Permission denied; what lies in it was left out"]


def test_a_name_that_matches_nothing_is_said(tmp_path):
    with pytest.raises(NoInput):
        found(JobPlan(inputs=(str(tmp_path / "nothing"),), output="o"))


def test_person_task_day_and_priority_come_from_the_path(tmp_path):
    path = tmp_path / "anna" / "packing_2026-03-07.mp4"
    path.parent.mkdir()
    path.touch()
    (tmp_path / "20260411 other.mp4").touch()
    plan = JobPlan(
        inputs=(str(tmp_path),),
        output="o",
        groups=r"/(?P<person>[a-z]+)/(?P<task>[a-z]+)_",
        priority=(PriorityRule(match="anna/*", priority=3), PriorityRule(match="*", priority=-1)),
    )
    other, anna = found(plan)
    assert (anna.person, anna.task, anna.day, anna.priority) == ("anna", "packing", "2026-03-07", 3)
    assert (other.person, other.task, other.day, other.priority) == ("", "", "2026-04-11", -1)


def test_without_a_date_in_the_name_the_day_is_that_of_the_last_change(tmp_path):
    (tmp_path / "a.mp4").touch()
    os.utime(tmp_path / "a.mp4", (86400 * 365, 86400 * 365))
    (one,) = found(JobPlan(inputs=(str(tmp_path),), output="o"))
    assert one.day == "1971-01-01"
