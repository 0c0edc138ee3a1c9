"""Which tasks go to a worker together, and how a bundle is done.

A video is a bundle of its own. Pictures go together, because starting a child process takes longer than a picture.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from posture.batch.single import Control, failure, redact_together, run_task
from posture.batch.work import FileOutcome, FileTask, Progress
from posture.errors import PostureError
from posture.redaction.outputs import is_picture

PICTURES = 24
"""In one bundle. A child takes about as long to start as ten pictures; more would only leave other workers idle."""

Bundle = tuple[FileTask, ...]
OnEvent = Callable[[FileTask, Progress | FileOutcome], None]


def bundled(tasks: Iterable[FileTask | None], most: int = PICTURES) -> Iterator[Bundle | None]:
    """The same tasks in their order; pictures with the same orders together. None stays None, behind what waits."""
    held: list[FileTask] = []
    for task in tasks:
        if held and (task is None or not _fits(task, held)):
            yield tuple(held)
            held = []
        if task is None:
            yield None
        elif together(task):
            held.append(task)
            if len(held) == most:
                yield tuple(held)
                held = []
        else:
            yield (task,)
    if held:
        yield tuple(held)


def together(task: FileTask) -> bool:
    """Whether the file can share a child process with others."""
    return is_picture(task.source)


def _fits(task: FileTask, held: Sequence[FileTask]) -> bool:
    return together(task) and task.orders == held[0].orders and task.overwrite == held[0].overwrite


def run_bundle(
    tasks: Sequence[FileTask], on_event: OnEvent, checkpoints: Path | None = None, control: Control | None = None
) -> None:
    """Do all of them; each gets exactly one outcome, in the order in which they are done."""
    control = control or Control()
    if len(tasks) > 1 and tasks[0].orders.what == "redact":
        _redact(tasks, on_event, control)
        return
    for task in tasks:
        if control.stopped:
            on_event(task, FileOutcome(state="stopped", resumes=task.resumes))
            continue
        on_event(task, run_task(task, partial(on_event, task), checkpoints, control))


def _redact(tasks: Sequence[FileTask], on_event: OnEvent, control: Control) -> None:
    left = {id(task): task for task in tasks}
    try:
        for task, outcome in redact_together(
            tasks, lambda progress: on_event(next(iter(left.values())), progress), control
        ):
            del left[id(task)]
            on_event(task, outcome)
    except PostureError as exc:  # of a model: it concerns every file
        for task in left.values():
            on_event(task, failure(task, exc, stopped=control.stopped))
