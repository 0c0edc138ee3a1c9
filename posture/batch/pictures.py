"""Pictures that share a child process: analysed one after the other, each with reports as if it were alone."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from posture import wire
from posture.analysis import Analysis, Range
from posture.batch import manifest
from posture.batch.single import Control, analysed, failure
from posture.batch.work import FileOutcome, FileTask
from posture.errors import PostureError, SourceError, printable
from posture.job import Job, rebuilt
from posture.output import refuse_existing
from posture.picturesjob import NOT_A_PICTURE


def analyze_together(tasks: Sequence[FileTask], control: Control) -> Iterator[tuple[FileTask, FileOutcome | None]]:
    """The tasks in their order with their outcomes; None where the file has to be done alone.

    A child that dies costs the picture it was at; the pictures behind it are not among the answers then.
    """
    settings = tasks[0].orders.settings
    spec = wire.PicturesSpec(
        paths=tuple(task.path for task in tasks),
        pose=settings.pose,
        measure=settings.measure,
        analysis=settings.analysis,
        memory_bytes=settings.job.memory_mib << 20,
    )
    job = Job(spec, settings.job)
    control.over(job)
    alive, messages = True, iter(job)
    try:
        for task in tasks:
            if not alive and not control.stopped:
                return
            if control.stopped:
                yield task, FileOutcome(state="stopped", resumes=task.resumes)
                continue
            job.begin(printable(task.source.name))
            one = _One(messages)
            yield task, _analyzed(task, one, control)
            alive = one.ended
    finally:
        job.close()


class _One:
    """What the child says of the next picture, as if it did this one alone."""

    def __init__(self, messages: Iterator[wire.Message]) -> None:
        self._messages = messages
        self.ended = False
        """Whether the child is done with this picture and goes on."""

    def __iter__(self) -> Iterator[wire.Message]:
        """Raises the PostureError that ended the picture."""
        for message in self._messages:
            match message:
                case wire.Analysed():
                    self.ended = True
                    yield wire.Finished(message.damage, message.frames_decoded, False, 0.0, 0)
                    return
                case wire.Refused():
                    self.ended = True
                    raise rebuilt(message)
                case wire.Finished():
                    break
            yield message
        raise SourceError("the decoding process ended before its work; nothing was written of this file")

    def skip(self) -> None:
        """Up to the next picture, where this one was given up before its end."""
        with suppress(PostureError):
            for message in self._messages:
                if isinstance(message, wire.Analysed | wire.Refused):
                    self.ended = True
                    return


def _analyzed(task: FileTask, messages: _One, control: Control) -> FileOutcome | None:
    began_s, orders = time.monotonic(), task.orders
    try:
        refuse_existing(manifest.path_of(task), overwrite=task.overwrite)
        analysis = Analysis(task.source, orders.settings, Range(), orders.told, messages=messages)
        result = analysis.run(task.target, lambda *_: None, overwrite=task.overwrite)
        outcome = analysed(task, result)
        manifest.write(task, outcome)
    except PostureError as exc:
        if str(exc).endswith(NOT_A_PICTURE):
            return None
        if not messages.ended:
            messages.skip()
        outcome = failure(task, exc, stopped=control.stopped)
    return msgspec.structs.replace(outcome, seconds=round(time.monotonic() - began_s, 3))
