"""Jobs whose files lie on a share that refuses, is slow, goes away or hangs: real workers, a real file system."""

import errno
import threading
import time
from datetime import UTC, datetime

import batch_kill
import pytest
from faulty_share import LOOKUP, OPEN, READ, FaultyShare, needs_fuse

from posture.batch import runner as runner_module
from posture.batch import standing
from posture.batch import watching as watching_module
from posture.batch import workers as workers_module
from posture.batch.discovery import discover, stem_of
from posture.batch.fleet_bench import Assigned, Bench, encoder, replies
from posture.batch.incoming import Incoming
from posture.batch.journal import Journal
from posture.batch.plan import JobPlan
from posture.batch.runner import End, Runner
from posture.batch.seen import Seen
from posture.batch.shares import Share
from posture.batch.single import run_task
from posture.batch.watching import Options, Watching
from posture.batch.work import new_task
from posture.batch.workers import LocalWorkers

STALL_S = 60.0
OPTIONS = {
    "pose": {"model": "lite", "providers": ["cpu"]},
    "output": {"formats": ["json"]},
    "job": {"stall_s": STALL_S},
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    needs_fuse()
    folder = tmp_path_factory.mktemp("clips") / "in"
    batch_kill.make_clips(folder, 1)
    return (folder / "clip-00000.mp4").read_bytes()


@pytest.fixture
def share(clip, tmp_path):
    with FaultyShare(tmp_path / "share", {b"a.mp4": clip, b"b.mp4": clip}) as share:
        share.on_wait = lambda: None
        yield share


@pytest.fixture
def job(share, tmp_path, monkeypatch):
    """Runs a job over the share; how it ended, and what became of its files."""
    monkeypatch.setattr(runner_module, "RETRY_S", 0.01)
    monkeypatch.setattr(runner_module, "WAIT_S", 0.01)
    monkeypatch.setattr(runner_module, "ROOT_S", 1.0)
    told = []

    class Listener:
        def begun(self, entry): ...
        def progress(self, entry, progress): ...
        def ended(self, entry, outcome):
            told.append((outcome.state, outcome.error, outcome.message))

        def waits(self, words, seconds):
            told.append(("waits", "", words))
            share.on_wait()

    def run(**more):
        plan = JobPlan(inputs=(str(share.folder),), output=str(tmp_path / "out"), settings=OPTIONS, **more)
        with Journal(tmp_path / "job") as journal:
            journal.add(discover(plan, print))
            journal.name_results(stem_of)
            workers = LocalWorkers(1, tmp_path / "job" / "checkpoints")
            runner = Runner(plan, plan.orders(), journal, workers, Listener(), now=lambda: datetime.now(UTC))
            try:
                end = runner.run()
            finally:
                workers.close()
            return end, {entry.below: (entry.state, entry.message) for entry in journal.entries()}, told

    return run


def reports(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def whole_reports(clip, tmp_path):
    """Of a job whose files lie on a disk without faults."""
    (tmp_path / "disk").mkdir()
    for name in ("a", "b"):
        (tmp_path / "disk" / f"{name}.mp4").write_bytes(clip)
        plan = JobPlan(inputs=("disk",), output="plain", settings=OPTIONS)
        task = new_task(tmp_path / "disk" / f"{name}.mp4", tmp_path / "plain" / name, plan.orders())
        assert run_task(task, lambda _: None).state == "done"
    return reports(tmp_path / "plain")


def test_what_is_read_with_an_error_at_first_gives_the_same_results_later(job, share, clip, tmp_path):
    refused = []

    def fault(opcode, name):
        if opcode == READ and name == b"a.mp4" and share.reads >= 1 and len(refused) < 2:
            refused.append(name)
            return errno.EIO
        return 0

    share.fault = fault
    end, files, told = job()
    assert end is End.COMPLETE
    assert any("reading failed (Input/output error)" in words for _, _, words in told)
    assert {state for state, _ in files.values()} == {"done"}
    assert reports(tmp_path / "out") == whole_reports(clip, tmp_path)


@pytest.mark.parametrize(
    ("what", "opcode", "error", "words"),
    [
        ("analyze", OPEN, errno.EACCES, "cannot be opened (Permission denied)"),
        ("analyze", READ, errno.EAGAIN, "another program hold it"),
        ("redact", READ, errno.EIO, "is its disk still there"),
        ("scrub", READ, errno.EIO, "is its disk still there"),
    ],
)
def test_what_stays_locked_or_unreadable_fails_alone_and_says_why(job, share, tmp_path, what, opcode, error, words):
    share.fault = lambda code, name: error if (code, name) == (opcode, b"a.mp4") else 0
    end, files, told = job(what=what, tries=2)
    assert end is End.COMPLETE
    assert (files[b"a.mp4"][0], files[b"b.mp4"][0]) == ("failed", "done")
    assert words in files[b"a.mp4"][1]
    assert sum(words in said for _, _, said in told) == 2, "it is tried as often as asked for"
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(("a", "."))]


def test_a_share_that_goes_away_in_the_middle_of_a_file_is_waited_for(job, share, clip, tmp_path):
    def goes_away(opcode, name):
        if share.reads:
            share.fault = lambda opcode, name: errno.ENOTCONN
            share.on_wait = lambda: setattr(share, "fault", lambda opcode, name: 0)
        return 0

    share.fault = goes_away
    end, files, told = job(tries=1)
    assert end is End.COMPLETE
    assert {state for state, _ in files.values()} == {"done"}, told
    assert any("is away" in words for _, _, words in told)
    assert reports(tmp_path / "out") == whole_reports(clip, tmp_path)


def test_a_slow_share_takes_longer_and_changes_nothing(job, share, clip, tmp_path):
    def fault(opcode, name):
        if opcode in (READ, LOOKUP, OPEN):
            time.sleep(0.05)  # what makes it slow
        return 0

    share.fault = fault
    end, files, _ = job()
    assert end is End.COMPLETE
    assert {state for state, _ in files.values()} == {"done"}
    assert reports(tmp_path / "out") == whole_reports(clip, tmp_path)


def unanswered(share):
    """The first read of `a.mp4` waits for an event from now on. Returns it, and a list that says whether one waits."""
    answered, hung = threading.Event(), []

    def fault(opcode, name):
        if opcode == READ and name == b"a.mp4" and not hung:
            hung.append(name)
            answered.wait()
        return 0

    share.fault = fault
    return answered, hung


def test_a_read_that_never_comes_back_costs_the_worker_and_one_try(job, share, monkeypatch):
    monkeypatch.setattr(workers_module, "SILENCE_S", 12.0 - STALL_S)
    answered, _ = unanswered(share)
    try:
        end, files, told = job()
    finally:
        answered.set()
        while workers_module.left_behind:
            workers_module.left_behind.pop().close()
    assert end is End.COMPLETE
    assert {state for state, _ in files.values()} == {"done"}
    assert any("died or hung" in words for _, _, words in told)


@pytest.fixture
def stalls(share):
    """The first read of `a.mp4` is never answered; others are, and the share is there. Orders with little patience."""
    answered, hung = unanswered(share)
    plan = JobPlan(inputs=("in",), output="out", settings=OPTIONS | {"job": {"stall_s": 6.0}})
    yield plan.orders()
    answered.set()
    assert hung


def test_a_watch_tries_a_file_again_of_which_nothing_came(share, stalls, tmp_path, monkeypatch):
    monkeypatch.setattr(watching_module, "RETRY_S", 0.1)
    events, over, seen = [], threading.Event(), Seen(tmp_path / "seen.sqlite")
    workers = LocalWorkers(1)
    watching = Watching(
        standing.Folder(share.folder, "analyze"), stalls, Options(target=tmp_path / "out", settle_s=0.1, once=True),
        seen, workers, now=time.monotonic, wait=lambda seconds: over.wait(min(seconds, 0.1)),
        on_event=lambda event, _: events.append((event.event, event.file, event.message)),
    )  # fmt: skip
    try:
        assert watching.run() is watching_module.End.COMPLETE
    finally:
        workers.close()
        seen.close()
    assert any(event[:2] == ("waits", "a.mp4") and "6 s" in event[2] for event in events), events
    assert {file for event, file, _ in events if event == "done"} == {"a.mp4", "b.mp4"}


def test_a_worker_of_a_fleet_says_that_a_file_of_which_nothing_came_may_be_tried_again(share, stalls, tmp_path):
    bench = Bench(1, [Share.parse(str(share.folder)), Share.parse(str(tmp_path))], Incoming(tmp_path / "incoming"))
    task = new_task(share.folder / "a.mp4", tmp_path / "out" / "a", stalls)
    try:
        first, second = (replies.decode(bench.perform(encoder.encode(Assigned((task,), "job", "1")))) for _ in "12")
    finally:
        bench.close()
    (stalled,), (done,) = first.outcomes, second.outcomes
    assert (stalled.state, stalled.error, stalled.passing) == ("failed", "Stalled", True), stalled
    assert not first.silent, "its share answers: the machine goes on getting files"
    assert done.state == "done"


def test_a_watched_share_is_polled_and_one_that_does_not_answer_is_away(share, monkeypatch):
    monkeypatch.setattr(standing, "ANSWER_S", 0.5)
    assert standing.watched_by(share.folder) == "polling"
    folder = standing.Folder(share.folder, "analyze")
    assert set(folder.look()) == {b"a.mp4", b"b.mp4"}
    answered = threading.Event()
    share.fault = lambda opcode, name: int(answered.wait() and 0)
    try:
        with pytest.raises(standing.Away, match="does not answer"):
            folder.look()
    finally:
        answered.set()
    share.fault = lambda opcode, name: errno.ENOTCONN
    with pytest.raises(standing.Away, match="not connected"):
        folder.look()
    share.fault = lambda opcode, name: 0
    assert set(folder.look()) == {b"a.mp4", b"b.mp4"}, "the same share again"
