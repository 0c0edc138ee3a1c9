"""One task from its start to its end, in the process that calls: with the runner that `posture analyze` has."""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from posture.analysis import Analysis, Range, Result
from posture.batch import manifest
from posture.batch.rows import row_of
from posture.batch.sealing import Sealing, sealed
from posture.batch.work import FileOutcome, FileTask, OnProgress, Progress, ResultFile
from posture.errors import CannotRead, NoInput, OutputExists, PostureError, SinkError, SourceError, Stalled
from posture.output import Plainly, refuse_existing
from posture.redaction import Outcome, Plan, Redaction
from posture.redaction import Task as RedactTask
from posture.redaction.outputs import is_picture
from posture.resuming import Checkpoints
from posture.scrubbing import Plan as ScrubPlan
from posture.scrubbing import Scrubbing, copy_suffix
from posture.scrubbing import Task as ScrubTask

SAY_S = 1.0
"""So often a worker says that it goes on while it reads a file for its hash; a silent one would be ended."""
_NOTHING_YET = Progress(0.0, math.nan, 0)


def together(task: FileTask) -> bool:
    """Whether the file can share a child process with others: a picture, by its name."""
    return is_picture(task.source)


class _Stoppable(Protocol):
    def stop(self) -> None: ...


class Control:
    """The way to stop what is in hand, from any thread or signal handler."""

    def __init__(self) -> None:
        self.stopped = False
        self._work: _Stoppable | None = None

    def stop(self) -> None:
        """End early; what is being done comes back as stopped."""
        self.stopped = True
        if self._work is not None:
            self._work.stop()

    def over(self, work: _Stoppable) -> None:
        """From here on `stop` stops this."""
        self._work = work
        if self.stopped:
            work.stop()


def run_task(
    task: FileTask, on_progress: OnProgress, checkpoints: Path | None = None, control: Control | None = None
) -> FileOutcome:
    """Do one task. Never raises a PostureError: it becomes the outcome.

    `checkpoints`: the folder in which tasks keep how far they are; None keeps nothing.
    """
    began_s = time.monotonic()
    control = control or Control()
    try:
        outcome = manifest.adopted(task, _Meanwhile(control, lambda: on_progress(_NOTHING_YET)))
        if outcome is None:
            refuse_existing(manifest.path_of(task), overwrite=task.overwrite)
            outcome = _DO[task.orders.what](task, on_progress, checkpoints, control)
    except PostureError as exc:
        outcome = failure(task, exc, stopped=control.stopped)
    return msgspec.structs.replace(outcome, seconds=round(time.monotonic() - began_s, 3))


def failure(task: FileTask, error: PostureError, *, stopped: bool = False) -> FileOutcome:
    """The outcome of a task that ended with this error."""
    if stopped:
        return FileOutcome(state="stopped", resumes=task.resumes)
    state = "refused" if isinstance(error, OutputExists) else "failed"
    passing = isinstance(error, NoInput | CannotRead | Stalled | SinkError) or isinstance(error.__cause__, OSError)
    return FileOutcome(
        state="refused" if state == "refused" else "failed",
        error=type(error).__name__,
        message=str(error),
        passing=passing and state == "failed",
        resumes=task.resumes,
    )


def _analyze(task: FileTask, on_progress: OnProgress, checkpoints: Path | None, control: Control) -> FileOutcome:
    orders = task.orders
    part = Range(orders.start_s, orders.end_s)
    kept, writing, secret = None, manifest.writing_of(task), task.checkpoint_secret
    if checkpoints is not None and not together(task) and (secret or not task.seal_for):  # they hold keypoints
        kept = Checkpoints(checkpoints / task.checkpoint_name, secret=secret)
    analysis = Analysis(
        task.source, orders.settings, part, orders.told, key=task.key, checkpoints=kept, writing=writing
    )
    control.over(analysis)
    result = analysis.run(
        task.target,
        lambda time_s, duration_s, frames: on_progress(Progress(time_s, duration_s, frames)),
        overwrite=task.overwrite,
    )
    outcome = analysed(task, result, writing)
    manifest.write(task, outcome)
    return outcome


def analysed(task: FileTask, result: Result, writing: Plainly | Sealing) -> FileOutcome:
    """The outcome of an analysis that ended with its reports."""
    summary = result.summary
    row = msgspec.msgpack.encode(row_of(summary))
    return FileOutcome(
        state="done",
        results=tuple(
            _result_file(task, name.partition(" ")[0], file, writing)
            for name, path in result.outputs.items()
            for file in _files(path)
        ),
        source_sha256=summary.source.sha256,
        source_bytes=summary.source.size_bytes,
        model_sha256=summary.engine.model_sha256,
        frames=result.finished.frames_decoded,
        media_s=summary.quality.analysed_s,
        resumes=task.resumes,
        row=sealed(row, task.seal_for) if task.seal_for else row,
    )


def _redact(task: FileTask, on_progress: OnProgress, checkpoints: Path | None, control: Control) -> FileOutcome:
    ((_, outcome),) = redact_together([task], on_progress, control)
    return outcome


def redact_together(
    tasks: Sequence[FileTask], on_progress: OnProgress, control: Control
) -> Iterator[tuple[FileTask, FileOutcome]]:
    """One child process for all of these; they have the same orders. A copy appears whole or not at all."""
    orders = tasks[0].orders
    plan = Plan(orders.start_s, orders.end_s, jobs=1, overwrite=any(task.overwrite for task in tasks))
    work = Redaction(orders.settings, plan)
    control.over(work)
    copies = [RedactTask(task.source, _copy(task), task.key) for task in tasks]
    left, watcher = dict(enumerate(tasks)), _Watcher(on_progress)
    for one in work.run(copies, watcher):
        task = left.pop(one.number)
        yield task, _redacted(task, one, control, watcher)
    for task in left.values():
        yield task, FileOutcome(state="stopped", resumes=task.resumes)


def _redacted(task: FileTask, one: Outcome, control: Control, watcher: "_Watcher") -> FileOutcome:
    if one.result is None:
        assert one.error is not None
        return failure(task, one.error, stopped=control.stopped)
    result = one.result
    meanwhile = _Meanwhile(control, watcher.again)
    return _copied(task, result.begun.suffix, result.output, result.done.frames, result.seconds, meanwhile)


def _copied(
    task: FileTask, suffix: str, output: Path, frames: int, seconds: float, meanwhile: "_Meanwhile"
) -> FileOutcome:
    """The outcome of a copy that is complete, with its manifest written."""
    try:
        digest, size = manifest.digest(task.source, meanwhile)
        outcome = FileOutcome(
            state="done",
            results=(_result_file(task, suffix, output, Plainly(), meanwhile),),
            source_sha256=digest,
            source_bytes=size,
            frames=max(frames, 1),
            seconds=round(seconds, 3),
            resumes=task.resumes,
        )
        manifest.write(task, outcome)
    except PostureError as exc:
        return failure(task, exc, stopped=meanwhile.stopped)
    return outcome


def _scrub(task: FileTask, on_progress: OnProgress, checkpoints: Path | None, control: Control) -> FileOutcome:
    ((_, outcome),) = scrub_together([task], on_progress, control)
    return outcome


def scrub_together(
    tasks: Sequence[FileTask], on_progress: OnProgress, control: Control
) -> Iterator[tuple[FileTask, FileOutcome]]:
    """The same for copies without metadata."""
    work = Scrubbing(tasks[0].orders.settings, ScrubPlan(overwrite=any(task.overwrite for task in tasks)))
    control.over(work)
    copies = [ScrubTask(task.source, _scrubbed_name(task)) for task in tasks]
    left, watcher = dict(enumerate(tasks)), _Watcher(on_progress)
    for one in work.run(copies, watcher):
        task = left.pop(one.number)
        if one.result is None or one.result.output is None:
            error = one.error or SinkError(f"{task.source.name}: no copy was written")
            yield task, failure(task, error, stopped=control.stopped)
            continue
        output, frames, meanwhile = one.result.output, one.result.frames, _Meanwhile(control, watcher.again)
        yield task, _copied(task, output.suffix[1:], output, frames, one.result.seconds, meanwhile)
    for task in left.values():
        yield task, FileOutcome(state="stopped", resumes=task.resumes)


def _scrubbed_name(task: FileTask) -> Path:
    suffix = copy_suffix(task.source)
    return task.target.with_name(f"{task.target.name}{manifest.MARK['scrub']}{suffix}")


class _Watcher:
    """Implements `redaction.run.Watcher`."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._last = _NOTHING_YET

    def begin(self, name: str) -> None:
        """Who is worked on is known already."""

    def update(self, time_s: float, duration_s: float, frames: int) -> None:
        """Parts of files."""
        self._last = Progress(time_s, duration_s, frames)
        self.again()

    def again(self) -> None:
        """It goes on."""
        self._on_progress(self._last)


class _Meanwhile:
    """What a worker does while it reads a large file for its hash: who waits for it hears that it goes on."""

    def __init__(self, control: Control, say: Callable[[], None]) -> None:
        self._control, self._say = control, say
        self._said_s = time.monotonic()

    @property
    def stopped(self) -> bool:
        """Whether somebody wants no more."""
        return self._control.stopped

    def __call__(self) -> None:
        """Raises SourceError where it is stopped."""
        if self.stopped:
            raise SourceError("stopped")  # nobody reads it: the outcome is "stopped"
        if (now_s := time.monotonic()) - self._said_s >= SAY_S:
            self._said_s = now_s
            self._say()


def _copy(task: FileTask) -> Path:
    return task.target.with_name(task.target.name + manifest.MARK[task.orders.what])


def _result_file(
    task: FileTask, name: str, path: Path, writing: Plainly | Sealing, meanwhile: manifest.Meanwhile = lambda: None
) -> ResultFile:
    digest, size = writing.digests[path] if isinstance(writing, Sealing) else manifest.digest(path, meanwhile)
    return ResultFile(name, os.fsencode(path.relative_to(task.target.parent)), digest, size)


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


_DO = {"analyze": _analyze, "redact": _redact, "scrub": _scrub}
