"""A run over files: which child process works on what, and the outcomes in the order of the files.

Pictures that follow each other share one child; a video has one that writes and one that compares. A child that dies
costs the file it was at, and another one goes on behind it.
"""

import math
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

from posture import wire
from posture.config import Settings
from posture.errors import PostureError, SinkError, printable
from posture.job import Job
from posture.output import probe
from posture.scrubbing.plan import Outcome, Plan, Scrubbed, Task
from posture.scrubbing.reception import Refusal, await_ready, hindrance, looked_at, receive

_PICTURES = frozenset(
    (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif", ".bmp", ".jp2")
)
"""By their names; decides who shares a process, and nothing else: the child looks into the file."""


class Watcher(Protocol):
    """Who shows progress."""

    def begin(self, name: str) -> None:
        """Files that are worked on together."""

    def update(self, time_s: float, duration_s: float, frames: int) -> None:
        """How many files are done, parts included, of how many (NaN: cannot say), and the pictures so far."""


class _Nobody:
    def begin(self, name: str) -> None:
        pass

    def update(self, time_s: float, duration_s: float, frames: int) -> None:
        pass


def scrub_file(path: Path, output: Path, settings: Settings, plan: Plan = Plan()) -> Scrubbed:  # noqa: B008 - frozen
    """Scrub one file: the entry point for whoever has a list of their own, such as a batch with a journal.

    `path` is parsed in a child process without rights, as everywhere. `output` appears whole, compared with `path` and
    under its name, or not at all; `output == path` scrubs in place. With `Plan(look=True)` nothing is written. Costs
    the start of one process (a video: two); `Scrubbing` shares one among pictures.

    Raises SourceError (VideoUnreadable, CannotScrub) where the file cannot be scrubbed, SinkError (OutputExists,
    OutputFull) where the copy cannot be written. Writes no entry into the audit log: that is for the caller to do.
    """
    (outcome,) = Scrubbing(settings, plan).run([Task(path, output)], _Nobody())
    if outcome.result is None:
        assert outcome.error is not None
        raise outcome.error
    return outcome.result


class Scrubbing:
    """One run. `stop` may be called from a signal handler or another thread while `run` works."""

    def __init__(self, settings: Settings, plan: Plan = Plan()) -> None:  # noqa: B008 - frozen
        self._settings, self._plan = settings, plan
        self._stopped = False
        self._children: set[Job] = set()

    def stop(self) -> None:
        """End at once. A file that is not complete is not written."""
        self._stopped = True
        for child in tuple(self._children):
            child.abandon()

    def steps(self, tasks: Sequence[Task]) -> int:
        """How often the watcher will be told to begin."""
        return sum(1 for _ in _groups(tasks))

    def run(self, tasks: Sequence[Task], watcher: Watcher) -> Generator[Outcome, None, None]:
        """One outcome a task, in their order; after `stop`, of the tasks that were dealt with until then."""
        sources = {_identity(task.path): task.path for task in tasks}
        for numbers in _groups(tasks):
            watcher.begin(_called(tasks, numbers))
            group = _Group(watcher, len(numbers))
            rest = list(numbers)
            while rest and not self._stopped:
                for outcome in self._with_one_child(tasks, rest, sources, group):
                    rest.remove(outcome.number)
                    group.done()
                    yield outcome

    def _with_one_child(
        self, tasks: Sequence[Task], numbers: Sequence[int], sources: "dict[Identity, Path]", group: "_Group"
    ) -> Iterator[Outcome]:
        """Outcomes of as many of these tasks as one child deals with; at least one, unless somebody stopped."""
        free = []
        for number in numbers:
            if (error := self._hindrance(tasks[number], sources)) is not None:
                yield Outcome(number, error=error)
            else:
                free.append(number)
        if not free:
            return
        with self._child([tasks[number].path for number in free]) as child:
            messages = iter(child)
            for place, number in enumerate(free):
                try:
                    if not place:
                        await_ready(messages)
                    child.begin(printable(tasks[number].path.name))
                    yield Outcome(number, result=self._one(messages, tasks[number], group))
                except Refusal as refusal:
                    yield Outcome(number, error=refusal.error)
                except PostureError as exc:
                    if not self._stopped:  # otherwise the child died because it was told to
                        yield Outcome(number, error=exc)
                    return

    def _one(self, messages: Iterator[wire.Message], task: Task, group: "_Group") -> Scrubbed:
        if self._plan.look:
            return looked_at(messages, group.share)
        return receive(messages, task, self._plan, self._compare, group.share)

    def _hindrance(self, task: Task, sources: "dict[Identity, Path]") -> PostureError | None:
        """What the work would end with, as far as that can be known before it."""
        if self._plan.look:
            return None
        try:
            identity = _identity(task.output)
            if task.output != task.path and identity is not None and identity in sources:
                raise SinkError(f"{task.output} is one of the files to scrub; choose another -o, or --in-place")
            hindrance(task, self._plan)
            probe(task.output)
        except PostureError as exc:
            return exc
        return None

    def _compare(self, task: Task, copy: Path) -> Iterator[wire.Message]:
        with self._child([task.path], "compare", copy) as child:
            child.begin(printable(task.path.name))
            yield from child

    @contextmanager
    def _child(
        self, paths: Sequence[Path], action: Literal["clean", "compare"] = "clean", copy: Path | None = None
    ) -> Iterator[Job]:
        spec = wire.ScrubSpec(
            paths=tuple(os.fsencode(path) for path in paths),
            action="look" if self._plan.look else action,
            copy=None if copy is None else os.fsencode(copy),
            with_sound=self._plan.with_sound,
            memory_bytes=self._settings.job.memory_mib << 20,
        )
        child = Job(spec, self._settings.job)
        self._children.add(child)
        try:
            if self._stopped:  # `stop` came before this child was known to it
                child.abandon()
            yield child
        finally:
            self._children.discard(child)
            child.close()


class _Group:
    """How far the files are that are worked on together."""

    def __init__(self, watcher: Watcher, files: int) -> None:
        self._watcher, self._files = watcher, files
        self._done = self._frames = self._earlier = 0

    def share(self, part: float, frames: int) -> None:
        """Part (0 to 1, NaN: unknown) of the file in hand."""
        self._frames = max(self._frames, frames)
        total = math.nan if part != part and self._files == 1 else self._files
        self._watcher.update(self._done + (0.0 if part != part else part), total, self._earlier + self._frames)

    def done(self) -> None:
        """The file in hand is over."""
        self._done += 1
        self._earlier, self._frames = self._earlier + max(self._frames, 1), 0
        self._watcher.update(self._done, self._files, self._earlier)


def _groups(tasks: Sequence[Task]) -> Iterator[list[int]]:
    """Numbers of tasks that are worked on together: pictures that follow each other, or one video."""
    group: list[int] = []
    for number, task in enumerate(tasks):
        is_picture = task.path.suffix.lower() in _PICTURES
        if group and not is_picture:
            yield group
            group = []
        group.append(number)
        if not is_picture:
            yield group
            group = []
    if group:
        yield group


def _called(tasks: Sequence[Task], numbers: Sequence[int]) -> str:
    return printable(tasks[numbers[0]].path.name) if len(numbers) == 1 else f"{len(numbers)} pictures"


Identity = tuple[int, int] | None


def _identity(path: Path) -> Identity:
    """Device and number of the file, which all its names share; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
