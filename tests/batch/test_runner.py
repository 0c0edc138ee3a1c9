"""What a run does with each outcome and each mischief of a share. Time moves only where somebody waits."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from posture.batch import runner as runner_module
from posture.batch.discovery import discover, stem_of
from posture.batch.journal import Journal
from posture.batch.plan import JobPlan, checked
from posture.batch.runner import STOP_FILE, End, Runner
from posture.batch.work import FileOutcome
from posture.errors import Locked

MIDNIGHT = datetime(2030, 1, 1, tzinfo=UTC)


class Workers:
    """Implements `Workers` in this thread. `outcome(task)` says what becomes of a task."""

    def __init__(self, outcome):
        self.outcome, self.done, self.cancelled = outcome, [], False

    def run(self, tasks):
        self.cancelled = False
        for task in tasks:
            if task is None:
                continue
            self.done.append(task)
            yield task, FileOutcome(state="stopped") if self.cancelled else self.outcome(task)

    def cancel(self):
        self.cancelled = True

    def close(self):
        pass


class Listener:
    def __init__(self):
        self.waited = []

    def begun(self, entry): ...
    def progress(self, entry, progress): ...
    def ended(self, entry, outcome): ...
    def waits(self, words, seconds):
        self.waited.append(words)


class Job:
    """A job over a folder with files, on a clock of its own."""

    def __init__(self, folder, **plan):
        self.inputs, self.output = folder / "in", folder / "out"
        self.inputs.mkdir()
        self.plan = checked(JobPlan(inputs=(str(self.inputs),), output=str(self.output), **plan))
        self.journal, self.listener = Journal(folder / "job"), Listener()
        self.now, self.on_wait = MIDNIGHT, []

    def add(self, *names):
        for name in names:
            path = self.inputs / name
            path.write_bytes(b"x")
            os.utime(path, (0, 0))
        return [self.inputs / name for name in names]

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        if self.on_wait:
            self.on_wait.pop(0)()

    def run(self, outcome, **more):
        self.journal.add(discover(self.plan, print))
        self.journal.name_results(stem_of)
        self.workers = Workers(outcome)
        self.runner = Runner(
            self.plan, self.plan.orders(), self.journal, self.workers, self.listener,
            now=lambda: self.now, wait=self.wait, **more,
        )  # fmt: skip
        return self.runner.run()

    @property
    def states(self):
        return {Path(os.fsdecode(entry.path)).name: entry.state for entry in self.journal.entries()}

    @property
    def messages(self):
        return [entry.message for entry in self.journal.entries()]


@pytest.fixture
def job(tmp_path):
    made = []

    def job(**plan):
        made.append(Job(tmp_path, **plan))
        return made[-1]

    yield job
    for one in made:
        one.journal.close()


def done(task):
    return FileOutcome(state="done")


def failed(words, *, passing=False, error="SourceError"):
    return FileOutcome(state="failed", error=error, message=words, passing=passing)


def test_every_file_gets_its_outcome_and_a_second_run_does_nothing(job):
    job = job()
    job.add("a.mp4", "b.mp4", "c.mp4")
    assert job.run(lambda task: failed("broken") if task.path.endswith(b"b.mp4") else done(task)) is End.COMPLETE
    assert job.states == {"a.mp4": "done", "b.mp4": "failed", "c.mp4": "done"}
    assert job.run(done) is End.COMPLETE
    assert job.workers.done == []


def test_a_failure_that_may_pass_is_tried_again_and_no_more_often_than_asked(job):
    job = job(tries=3)
    job.add("a.mp4", "b.mp4")
    tried = []

    def outcome(task):
        tried.append(task.source.name)
        recovers = task.source.name == "a.mp4" and tried.count("a.mp4") == 2
        return done(task) if recovers else failed("locked by another program", passing=True)

    assert job.run(outcome) is End.COMPLETE
    assert (tried.count("a.mp4"), tried.count("b.mp4")) == (2, 3)
    assert job.states == {"a.mp4": "done", "b.mp4": "failed"}
    assert job.now > MIDNIGHT


def test_results_of_an_earlier_try_are_replaced_and_those_of_others_are_not(job):
    job = job()
    job.add("a.mp4")
    job.run(lambda task: failed("killed", passing=True))
    assert [task.overwrite for task in job.workers.done] == [False, True, True]


def test_a_file_that_grows_waits_until_it_has_stopped(job):
    job = job(settle_s=10)
    (path,) = job.add("a.mp4")

    def grow():
        path.write_bytes(b"x" * (path.stat().st_size + 1))
        os.utime(path, (job.now.timestamp(), job.now.timestamp()))

    grow()
    job.on_wait = [grow, grow, grow]
    assert job.run(done) is End.COMPLETE
    assert job.workers.done[0].source == path
    assert path.stat().st_size == 5
    assert (job.now - MIDNIGHT).total_seconds() >= 13


def test_a_clock_of_the_share_that_goes_ahead_does_not_keep_a_file_waiting_for_ever(job):
    job = job(settle_s=10)
    (path,) = job.add("a.mp4")
    os.utime(path, (MIDNIGHT.timestamp() + 5, MIDNIGHT.timestamp() + 5))
    assert job.run(done) is End.COMPLETE
    assert job.states == {"a.mp4": "done"}


def test_what_came_of_a_file_that_changed_meanwhile_does_not_count(job):
    job = job()
    (path,) = job.add("a.mp4")
    sizes = []

    def outcome(task):
        sizes.append(path.stat().st_size)
        if len(sizes) == 1:
            path.write_bytes(b"longer")
            os.utime(path, (0, 0))
        return done(task)

    assert job.run(outcome) is End.COMPLETE
    assert sizes == [1, 6]
    assert job.states == {"a.mp4": "done"}


def test_a_share_that_goes_away_costs_no_try_and_loses_nothing(job):
    job = job(tries=1)
    job.add("a.mp4", "b.mp4", "c.mp4")
    away = job.inputs.with_name("unmounted")

    def outcome(task):
        if task.path.endswith(b"b.mp4") and not away.exists() and not job.on_wait and job.now == MIDNIGHT:
            job.inputs.rename(away)
            job.on_wait = [lambda: None, lambda: away.rename(job.inputs)]
            return failed("no such file", passing=True, error="NoInput")
        return done(task)

    assert job.run(outcome) is End.COMPLETE
    assert set(job.states.values()) == {"done"}
    assert any("is away" in words for words in job.listener.waited)


def test_a_mount_point_without_its_share_is_away(job, monkeypatch):
    """An empty folder on another device is what is left of a share that was unmounted."""
    job = job(tries=1)
    job.add("a.mp4")
    devices = iter([(7, False), (7, False), (1, True), (1, True), (9, False)])
    monkeypatch.setattr(runner_module, "_device", lambda root: next(devices, (9, False)))
    answers = iter([failed("no such file", passing=True, error="NoInput")])
    assert job.run(lambda task: next(answers, done(task))) is End.COMPLETE
    assert job.states == {"a.mp4": "done"}


def test_a_share_that_stays_away_ends_the_run_in_time(job):
    job = job()
    job.add("a.mp4", "b.mp4")

    def outcome(task):
        shutil.rmtree(job.inputs)
        return failed("no such file", passing=True, error="NoInput")

    assert job.run(outcome, patience_s=120) is End.AWAY
    assert set(job.states.values()) == {"waiting"}
    assert 120 <= (job.now - MIDNIGHT).total_seconds() < 300


def test_a_file_that_is_gone_while_its_share_is_there_has_failed(job):
    job = job()
    job.add("a.mp4", "b.mp4")

    def outcome(task):
        return done(task) if task.path.endswith(b"a.mp4") else failed("no such file", passing=True, error="NoInput")

    assert job.run(outcome) is End.COMPLETE
    assert job.states == {"a.mp4": "done", "b.mp4": "failed"}


@pytest.mark.parametrize(("error", "path_is_file"), [("OutputFull", False), ("SinkError", True)])
def test_where_nothing_can_be_written_the_run_ends_and_the_files_wait(job, error, path_is_file):
    job = job()
    job.add("a.mp4", "b.mp4", "c.mp4")

    def outcome(task):
        if task.path.endswith(b"a.mp4"):
            return done(task)
        if path_is_file:
            job.output.write_bytes(b"")
        return failed("no room", passing=True, error=error)

    assert job.run(outcome) is End.FULL
    assert job.states == {"a.mp4": "done", "b.mp4": "waiting", "c.mp4": "waiting"}
    job.output.unlink(missing_ok=True)
    assert job.run(done) is End.COMPLETE


def test_outside_its_window_a_job_waits(job):
    job = job(windows=("22:00 to 06:00",))
    job.add("a.mp4")
    job.now = MIDNIGHT.replace(hour=20)
    assert job.run(lambda task: done(task) if job.now.hour >= 22 else failed("too early")) is End.COMPLETE
    assert job.now == MIDNIGHT.replace(hour=22)
    assert job.states == {"a.mp4": "done"}


def test_when_the_window_closes_what_is_left_waits_for_the_next(job):
    job = job(windows=("22:00 to 06:00",))
    job.add("a.mp4", "b.mp4")
    times = []

    def outcome(task):
        times.append(job.now)
        job.now = job.now.replace(hour=7) if len(times) == 1 else job.now
        return done(task)

    assert job.run(outcome) is End.COMPLETE
    assert [time.hour for time in times] == [0, 22]


@pytest.mark.parametrize(
    ("what", "begun", "state"),
    [
        ("redact", 22, "failed"),
        ("scrub", 22, "failed"),
        ("redact", 23, "waiting"),  # it had less than the window: the next one it has whole
        ("analyze", 22, "waiting"),  # it goes on from its checkpoint
    ],
)
def test_a_copy_that_a_whole_window_is_too_short_for_does_not_begin_again_for_ever(job, what, begun, state):
    job = job(windows=("22:00 to 06:00",), what=what)
    job.add("a.mp4")
    job.now = MIDNIGHT.replace(hour=begun)

    def outcome(task):
        job.now = MIDNIGHT.replace(day=2, hour=6)
        return FileOutcome(state="stopped")

    job.on_wait = [lambda: job.runner.stop()]
    job.run(outcome)
    assert job.states == {"a.mp4": state}
    assert (state == "failed") == any("make it without --window" in words for words in job.messages)


def test_a_run_that_is_stopped_goes_on_with_the_next(job):
    job = job()
    job.add("a.mp4", "b.mp4", "c.mp4")

    def outcome(task):
        job.runner.stop()
        return done(task)

    assert job.run(outcome) is End.STOPPED
    assert sorted(job.states.values()) == ["done", "waiting", "waiting"]
    assert job.run(done) is End.COMPLETE


def test_the_wish_to_stop_of_an_earlier_run_is_forgotten(job):
    job = job()
    job.add("a.mp4")
    (job.journal.folder / STOP_FILE).touch()
    assert job.run(done) is End.COMPLETE


def test_what_was_stopped_keeps_its_place(job):
    job = job()
    job.add("a.mp4")
    answers = iter([FileOutcome(state="stopped", resumes=4)])
    assert job.run(lambda task: next(answers, done(task))) is End.COMPLETE
    assert [task.resumes for task in job.workers.done] == [0, 4]


def test_a_recording_of_a_locked_vault_has_failed_and_says_so(job):
    job = job()
    job.add("a.mp4", "b.pclip")
    keys = {"a.mp4": b"", "b.pclip": Locked("the vault is locked")}
    assert job.run(done, key_of=lambda path: keys[path.name]) is End.COMPLETE
    assert job.states == {"a.mp4": "done", "b.pclip": "failed"}
    assert "the vault is locked" in job.messages
