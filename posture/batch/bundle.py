"""Which tasks go to a worker together, and how a bundle is done.

A video is a bundle of its own. Pictures go together, because starting a child process takes longer than a picture.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from posture.batch import manifest
from posture.batch.pictures import analyze_together
from posture.batch.single import Control, failure, redact_together, run_task, scrub_together, together
from posture.batch.work import FileOutcome, FileTask, OnProgress, Progress, What
from posture.errors import PostureError

PICTURES = 24
"""In one bundle. A child takes about as long to start as ten pictures; more would only leave other workers idle."""

Bundle = tuple[FileTask, ...]
OnEvent = Callable[[FileTask, Progress | FileOutcome], None]


class Bundles:
    """Takes tasks in their order, pictures with the same orders together, and holds what it took too early."""

    def __init__(self, tasks: Iterator[FileTask | None], most: int = PICTURES) -> None:
        self._tasks, self._most = tasks, most
        self._held: list[FileTask] = []

    def next(self) -> Bundle:
        """The next bundle; empty where there is nothing just now. Raises StopIteration at the end."""
        taken, self._held = self._held, []
        while len(taken) < (self._most if taken and together(taken[0]) else 1):
            task = next(self._tasks, None) if taken else next(self._tasks)
            if task is None:
                break
            if taken and not _fits(task, taken):
                self._held = [task]
                break
            taken.append(task)
        return tuple(taken)

    def give_up(self) -> list[FileTask]:
        """What was taken and not handed out; there is nothing more."""
        held, self._held = self._held, []
        return held


def _fits(task: FileTask, held: Sequence[FileTask]) -> bool:
    return together(task) and task.orders == held[0].orders and task.overwrite == held[0].overwrite


def run_bundle(
    tasks: Sequence[FileTask], on_event: OnEvent, checkpoints: Path | None = None, control: Control | None = None
) -> None:
    """Do all of them; each gets exactly one outcome, in the order in which they are done."""
    control = control or Control()
    rest = list(tasks)
    if len(tasks) > 1 and tasks[0].orders.what in _TOGETHER:
        rest = [task for task in tasks if manifest.path_of(task).exists()]
        fresh = [task for task in tasks if task not in rest]
        rest += _TOGETHER[tasks[0].orders.what](fresh, on_event, control)
    for task in rest:
        if control.stopped:
            on_event(task, FileOutcome(state="stopped", resumes=task.resumes))
            continue
        on_event(task, run_task(task, partial(on_event, task), checkpoints, control))


def _analyze(tasks: Sequence[FileTask], on_event: OnEvent, control: Control) -> list[FileTask]:
    """Those that have to be done alone, or again with another child."""
    alone, rest = [], list(tasks)
    while rest:
        for task, outcome in analyze_together(rest, control):
            rest = rest[1:]
            if outcome is None:
                alone.append(task)
            else:
                on_event(task, outcome)
    return alone


def _copy(do: "_DoTogether", tasks: Sequence[FileTask], on_event: OnEvent, control: Control) -> list[FileTask]:
    if not tasks:
        return []
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
    return []


_DoTogether = Callable[[Sequence[FileTask], OnProgress, Control], Iterator[tuple[FileTask, FileOutcome]]]
_TOGETHER: dict[What, Callable[[Sequence[FileTask], OnEvent, Control], list[FileTask]]] = {
    "analyze": _analyze,
    "redact": partial(_copy, redact_together),
    "scrub": partial(_copy, scrub_together),
}
"""How pictures are done that share a child; given back are those that have to be done alone."""
