"""Files that take long to read for their hash: who waits hears that it goes on, and can end it."""

import errno
import hashlib
import os
import threading

import pytest
from faulty_share import READ, FaultyShare, needs_fuse
from watched import Desk

from posture import digest as digest_module
from posture.batch import moving, single, watching
from posture.batch.manifest import path_of
from posture.batch.plan import JobPlan
from posture.batch.single import Control, run_task
from posture.batch.work import new_task
from posture.bench.clips import generate
from posture.digest import Digest
from posture.errors import SinkError, SourceError, Stalled

ORDERS = JobPlan(inputs=("in",), output="out", settings={"output": {"formats": ["json"]}}).orders()
MIB = 1 << 20


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    generate(path, height=144, seconds=1.0)
    return path


@pytest.fixture
def talks(monkeypatch):
    """A worker says after each piece that it goes on."""
    monkeypatch.setattr(single, "SAY_S", 0.0)


def task_of(clip, tmp_path, what):
    orders = JobPlan(inputs=("in",), output="out", what=what).orders() if what != "analyze" else ORDERS
    return new_task(clip, tmp_path / "out" / "clip", orders)


@pytest.mark.parametrize("what", ["redact", "scrub"])
def test_whoever_waits_for_the_hash_of_a_copy_hears_that_it_goes_on_and_can_end_it(what, clip, tmp_path, talks):
    said, control, last = [], Control(), []

    def stop_at_the_end(progress):
        said.append(progress)
        if said.count(progress) > 1 and progress.frames:  # the copy is made, and the file is read for its hash
            last.append(progress)
            control.stop()

    outcome = run_task(task_of(clip, tmp_path, what), stop_at_the_end, control=control)
    assert last, said
    assert outcome.state == "stopped"
    assert not path_of(task_of(clip, tmp_path, what)).exists()


def test_looking_whether_a_file_was_done_is_heard_and_ends_when_it_is_stopped(clip, tmp_path, talks):
    task = task_of(clip, tmp_path, "scrub")
    assert run_task(task, lambda _: None).state == "done"
    control, said = Control(), []

    def stop(progress):
        said.append(progress)
        control.stop()

    assert run_task(task, stop, control=control).state == "stopped"
    assert said
    assert run_task(task, lambda _: None).state == "done", "what was done is found again"


def test_a_hash_that_nobody_wants_any_more_is_given_up(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(bytes(64 * MIB))
    with pytest.raises(SourceError, match="stopped; run it again"):
        Digest(path).wait(wanted=lambda: False)
    whole = Digest(path)
    whole.wait()
    assert whole.sha256 == hashlib.sha256(bytes(64 * MIB)).hexdigest()


def test_a_file_that_hangs_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    needs_fuse()
    monkeypatch.setattr(digest_module, "_ENDS_S", 0.1)
    answered, grew = threading.Event(), []
    with FaultyShare(tmp_path / "share", {b"a.mp4": bytes(4 * MIB)}) as share:
        share.fault = lambda opcode, name: int(opcode == READ and share.reads > 8 and answered.wait() and errno.EIO)
        try:
            with pytest.raises(Stalled, match=r"nothing was read for 0\.5 s"):
                Digest(share.folder / "a.mp4", 0.5).wait(lambda: grew.append(1))
        finally:
            answered.set()
    assert len(grew) <= 1, "of a share that hangs nobody says that it goes on"


def test_a_move_to_another_disk_that_is_ended_leaves_the_file_where_it_was(tmp_path, monkeypatch):
    def elsewhere(*_):
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(moving.os, "link", elsewhere)
    source = tmp_path / "in.mp4"
    source.write_bytes(os.urandom(3 * MIB))
    sha256, pieces = hashlib.sha256(source.read_bytes()).hexdigest(), []

    def ends(after):
        def meanwhile():
            pieces.append(1)
            if len(pieces) > after:
                raise SinkError("stopped")

        return meanwhile

    for after in (1, 4):  # while it is copied, and while the copy is compared
        pieces.clear()
        with pytest.raises(SinkError, match="stopped"):
            moving.move(source, tmp_path / "done" / "in.mp4", sha256, ends(after))
        assert source.exists()
        assert not list((tmp_path / "done").iterdir())
    assert moving.move(source, tmp_path / "done" / "in.mp4", sha256).exists()
    assert not source.exists()


def test_a_watch_that_is_stopped_while_it_compares_a_file_does_nothing_more(tmp_path, monkeypatch):
    desk = Desk(tmp_path, once=True)
    first = desk.put("a.mp4", bytes(2 * MIB), at_s=1e9)
    assert desk.run() == [("done", "a.mp4")]
    first.rename(desk.folder / "b.mp4")
    digest, stops = watching.digest, [True]

    def stopped(path, meanwhile):
        if stops.pop():
            desk.watching.stop()
        return digest(path, meanwhile)

    monkeypatch.setattr(watching, "digest", stopped)
    assert desk.run() == []
    stops.append(False)
    assert desk.run() == [("renamed", "b.mp4")]
    assert desk.workers.done == [str(first)]
