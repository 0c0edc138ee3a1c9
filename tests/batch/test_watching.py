"""Faults of a watched folder, one after the other, with a clock that only moves where the program waits.

`tools/watch_faults.py` does the same with the real clock, real mounts and real signals.
"""

import os

import pytest
from watched import Desk, digest, grow

from posture.batch.arrivals import Arrivals, Standing
from posture.batch.watching import TRIES, End
from posture.batch.work import FileOutcome


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_file_is_done_when_it_has_stood_still(desk):
    desk.put("a.mp4")
    began_s = desk.now_s
    desk.workers.on_task = lambda task: taken.append(desk.now_s)
    taken = []
    assert desk.run() == [("done", "a.mp4")]
    assert taken == [began_s + 5.0]
    assert desk.results() == {b"a.json": digest(b"video")}


def test_a_file_that_grows_is_done_once_and_whole(desk):
    path = desk.put("a.mp4", b"")
    for second in range(1, 60):
        desk.later(second, lambda: grow(path, b"x"))
    desk.run()
    assert desk.workers.done == [str(path)]
    assert desk.results() == {b"a.json": digest(b"x" * 59)}


def test_a_file_that_is_renamed_while_it_grows_is_done_under_its_last_name(desk):
    path = desk.put("a.mp4", b"x")
    desk.later(3, lambda: (grow(path, b"y"), path.rename(desk.folder / "b.mp4")))
    assert desk.run() == [("done", "b.mp4")]
    assert desk.results() == {b"b.json": digest(b"xy")}


def test_a_file_that_goes_away_before_it_arrived_is_nothing(desk):
    path = desk.put("a.mp4")
    desk.later(3, path.unlink)
    assert desk.run() == []


def test_a_file_that_goes_away_while_it_is_read_fails_and_waits_for_its_return(desk):
    path = desk.put("a.mp4")
    desk.workers.on_task = lambda task: path.unlink(missing_ok=True)
    assert desk.run() == [("waits", "a.mp4")]
    desk.workers.on_task = lambda task: None
    desk.put("a.mp4")
    assert desk.run() == [("done", "a.mp4")]


def test_a_file_that_is_replaced_is_done_again_under_another_name_of_its_results(desk):
    desk.put("a.mp4", b"one")
    desk.later(20, lambda: desk.put("a.mp4", b"two, longer"))
    assert desk.run() == [("done", "a.mp4")] * 2
    assert desk.results() == {b"a.json": digest(b"one"), b"a.mp4.json": digest(b"two, longer")}


def test_a_file_of_the_same_size_and_time_as_another_at_its_place_is_told_by_its_content(desk):
    desk.put("a.mp4", b"one")
    desk.later(20, lambda: desk.put("a.mp4", b"two", at_s=5))
    assert desk.run() == [("done", "a.mp4")] * 2


def test_a_file_that_changes_while_it_is_read_is_done_again(desk):
    path = desk.put("a.mp4", b"one")
    changes = [lambda: grow(path, b" two")]
    desk.workers.on_task = lambda task: changes and changes.pop()()
    assert desk.run() == [("waits", "a.mp4"), ("done", "a.mp4")]
    assert desk.results() == {b"a.json": digest(b"one two")}


def test_nothing_is_done_twice_after_a_restart_a_rename_or_a_new_time(desk):
    path = desk.put("a.mp4")
    desk.run()
    desk.later(1, lambda: path.rename(desk.folder / "b.mp4"))
    assert desk.run() == [("renamed", "b.mp4")]
    desk.later(1, lambda: os.utime(desk.folder / "b.mp4", (7, 7)))
    assert desk.run() == [("touched", "b.mp4")]
    assert desk.run() == []
    assert len(desk.workers.done) == 1


def test_a_copy_is_a_file_of_its_own(desk):
    desk.put("a.mp4", at_s=5)
    desk.later(20, lambda: desk.put("b.mp4"))
    desk.later(40, lambda: desk.put("c.mp4", at_s=5))  # as cp -p makes it
    assert desk.run() == [("done", "a.mp4"), ("done", "b.mp4"), ("done", "c.mp4")]


def test_a_share_that_goes_away_and_comes_back_costs_nothing(desk):
    desk.put("a.mp4")
    desk.later(20, lambda: setattr(desk, "away", "not mounted"))
    desk.later(60, lambda: (desk.put("b.mp4"), setattr(desk, "away", "")))
    assert desk.run() == [("done", "a.mp4"), ("away", ""), ("back", ""), ("done", "b.mp4")]
    assert len(desk.workers.done) == 2


def test_the_empty_folder_under_a_share_is_no_empty_share(desk, monkeypatch):
    desk.put("a.mp4")
    hidden = desk.folder.with_name("hidden")

    class Device:
        st_dev = 99

    real = os.stat

    def unmount():
        desk.folder.rename(hidden)
        desk.folder.mkdir()
        monkeypatch.setattr(
            os, "stat", lambda path, *a, **k: Device if path == os.fsencode(desk.folder) else real(path, *a, **k)
        )

    def mount():
        desk.folder.rmdir()
        hidden.rename(desk.folder)
        Device.st_dev = 100  # a share that was mounted again has another number

    desk.later(20, unmount)
    desk.later(60, mount)
    assert desk.run() == [("done", "a.mp4"), ("away", ""), ("back", "")]


def test_a_file_that_another_program_holds_waits_and_is_said_once(desk):
    desk.put("a.mp4")
    desk.held.add("a.mp4")
    desk.later(100, lambda: desk.held.clear())
    assert desk.run() == [("held", "a.mp4"), ("done", "a.mp4")]


def test_a_folder_that_cannot_be_written_costs_no_file(desk):
    desk.put("a.mp4")
    desk.workers.fails["a.mp4"] = FileOutcome(state="failed", error="OutputFull", message="full", passing=True)
    desk.later(400, lambda: desk.workers.fails.clear())
    events = desk.run()
    assert set(events) == {("waits", "a.mp4"), ("done", "a.mp4")}
    assert events.count(("waits", "a.mp4")) > TRIES


def test_a_failure_that_may_pass_is_tried_again_and_then_it_is_one(desk):
    desk.put("a.mp4")
    desk.workers.fails["a.mp4"] = FileOutcome(state="failed", error="SourceError", message="died", passing=True)
    assert desk.run() == [("waits", "a.mp4")] * (TRIES - 1) + [("failed", "a.mp4")]
    assert desk.run() == []


def test_what_failed_is_not_done_again_until_it_changes(desk):
    desk.put("a.mp4", b"bad")
    desk.workers.fails["a.mp4"] = FileOutcome(state="failed", error="VideoUnreadable", message="no video")
    assert desk.run() == [("failed", "a.mp4")]
    desk.workers.fails.clear()
    assert desk.run() == []
    desk.put("a.mp4", b"good!")
    assert desk.run() == [("done", "a.mp4")]


def test_after_kill_the_file_in_hand_is_done_under_its_own_name(desk):
    desk.put("a.mp4")

    def kill(task):
        task.target.parent.mkdir()
        task.target.with_name("a.json").write_text("of a run that was killed before its manifest")
        raise KeyboardInterrupt

    desk.workers.on_task = kill
    with pytest.raises(KeyboardInterrupt):
        desk.run()
    desk.workers.on_task = lambda task: None
    assert desk.run() == [("done", "a.mp4")]
    assert desk.results() == {b"a.json": digest(b"video")}


def test_a_stop_in_the_middle_loses_nothing(desk):
    for number in range(10):
        desk.put(f"{number}.mp4")
    desk.workers.on_task = lambda task: len(desk.workers.done) == 3 and desk.watching.stop()
    desk.run()
    assert desk.end is End.STOPPED
    assert len(desk.workers.done) == 3
    desk.workers.on_task = lambda task: None
    desk.run()
    assert sorted(desk.workers.done) == sorted(str(desk.folder / f"{number}.mp4") for number in range(10))


def test_names_that_are_no_unicode_or_differ_in_case_or_suffix_do_not_collide(desk):
    names = [b"\xff.mp4", b"a.mp4", b"A.mp4", b"a.mov", b"x" * 200 + b".mp4", "ü.mp4".encode()]
    for number, name in enumerate(names):
        desk.put(name, b"%d" % number)
    assert [event for event, _ in desk.run()] == ["done"] * len(names)
    assert len({name.lower() for name in desk.results()}) == len(names)


def test_symbolic_links_are_not_followed(desk):
    desk.put("a/b.mp4")
    (desk.folder / "a" / "up").symlink_to(desk.folder)
    (desk.folder / "link.mp4").symlink_to(desk.folder / "a" / "b.mp4")
    (desk.folder / "loop.mp4").symlink_to(desk.folder / "loop.mp4")
    assert desk.run() == [("done", "a/b.mp4")]


def test_a_burst_is_done_each_once(desk):
    desk.later(3, lambda: [desk.put(f"{number}.jpg", b"%d" % number) for number in range(300)])
    desk.run()
    assert len(desk.workers.done) == len(set(desk.workers.done)) == 300


def test_results_beside_the_files_and_copies_are_not_taken_for_new_ones(tmp_path):
    desk = Desk(tmp_path, what="redact", target=tmp_path / "in")
    desk.put("a.mp4")
    desk.put("b.redacted.mp4")
    desk.target = desk.folder
    assert desk.run() == [("done", "a.mp4")]


def test_nothing_is_moved_unless_asked_and_then_never_over_another_file(tmp_path):
    desk = Desk(tmp_path, move_to=tmp_path / "done")
    desk.put("sub/a.mp4", b"one")
    desk.later(20, lambda: desk.put("sub/a.mp4", b"two, longer"))
    desk.run()
    assert not any(path.is_file() for path in desk.folder.rglob("*"))
    moved = {path.name: path.read_bytes() for path in (tmp_path / "done" / "sub").iterdir()}
    assert moved == {"a.mp4": b"one", "a-2.mp4": b"two, longer"}


def test_once_ends_when_everything_that_is_there_has_its_outcome(tmp_path):
    desk = Desk(tmp_path, once=True)
    desk.put("a.mp4")
    desk.put("b.mp4")
    desk.held.add("b.mp4")
    assert desk.run(until_s=1e9) == [("done", "a.mp4"), ("held", "b.mp4")]
    assert desk.end is End.COMPLETE
    desk.away = "not mounted"
    desk.run(until_s=1e9)
    assert desk.end is End.AWAY


def test_what_has_arrived_is_decided_by_size_and_time_alone():
    arrivals = Arrivals(settle_s=5.0)
    assert arrivals.look(0.0, {b"a": Standing(1, 1), b"b": Standing(1, 1)}) == []
    assert arrivals.next_s(0.0) == 5.0
    assert arrivals.look(4.9, {b"a": Standing(1, 1), b"b": Standing(1, 2)}) == []
    assert arrivals.look(5.0, {b"a": Standing(1, 1), b"b": Standing(1, 2)}) == [b"a"]
    assert arrivals.look(9.9, {b"a": Standing(1, 1), b"b": Standing(1, 2)}, leave=[b"a"]) == [b"b"]
    assert arrivals.waiting == 1


def test_a_name_that_holds_anything_is_said_in_one_line(tmp_path):
    desk = Desk(tmp_path, once=True, move_to=tmp_path / "done")
    desk.put("a\n\x1b[31mb.mp4")
    desk.run()
    (moved,) = (event.message for event in desk.events if event.event == "moved")
    assert moved.isprintable()
