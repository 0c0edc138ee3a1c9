"""A run over files: which child process works on what, and the outcomes in the order of the files.

Pictures are shared out among several children, each of which works through its share; a video is a child of its own.
A child that dies costs the file it was at, and another one goes on behind it. Each child is driven by one thread.
"""

import math
import os
import queue
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from posture import wire
from posture.config import Settings
from posture.errors import PostureError, printable
from posture.job import Job
from posture.privacy.settings import RedactSettings
from posture.redaction.captions import captions
from posture.redaction.outputs import Outputs, is_picture
from posture.redaction.plan import Outcome, Plan, Share, Task
from posture.redaction.reception import Refusal, await_ready, receive

_LOOK_S = 0.2
"""Seconds after which a waiting run looks whether its threads are still there; on Windows Ctrl+C waits for it too."""


class Watcher(Protocol):
    """Who shows progress."""

    def begin(self, name: str) -> None:
        """Files that are worked on together."""

    def update(self, time_s: float, duration_s: float, frames: int) -> None:
        """How many files are done, parts included, of how many (NaN: cannot say), and the frames so far."""


class Redaction:
    """One run. `stop` may be called from a signal handler or another thread while `run` works."""

    def __init__(self, settings: Settings, plan: Plan = Plan()) -> None:  # noqa: B008 - frozen
        self._settings = settings
        self._plan = plan
        self._stopped = False
        self._children: set[Job] = set()
        self._events: queue.Queue[Outcome | Share] = queue.Queue()

    @property
    def stop_asked(self) -> bool:
        """Whether somebody wants no more."""
        return self._stopped

    def stop(self) -> None:
        """End at once. A file that is not complete is not written."""
        self._stopped = True
        for child in tuple(self._children):
            child.abandon()

    def steps(self, tasks: Sequence[Task]) -> int:
        """How often the watcher will be told to begin."""
        return sum(1 for _ in self._groups(tasks))

    def run(self, tasks: Sequence[Task], watcher: Watcher) -> Generator[Outcome, None, None]:
        """One outcome a task, in their order; after `stop`, of the tasks that were dealt with until then.

        Raises the PostureError that concerns all files: of a model, or of the picture for the background.
        """
        outputs = Outputs(tasks, overwrite=self._plan.overwrite)
        held: dict[int, Outcome] = {}
        following = 0
        for numbers, at_a_time in self._groups(tasks):
            watcher.begin(_called(tasks, numbers))
            for outcome in self._together(tasks, outputs, numbers, at_a_time, watcher):
                held[outcome.number] = outcome
                while following in held:
                    yield held.pop(following)
                    following += 1
            if self._stopped:
                break
        yield from (held[number] for number in sorted(held))

    def _groups(self, tasks: Sequence[Task]) -> Iterator[tuple[list[int], int]]:
        """Numbers of tasks that are worked on together, and how many at a time: pictures, then videos."""
        pictures = [number for number, task in enumerate(tasks) if is_picture(task.path)]
        videos = [number for number, task in enumerate(tasks) if not is_picture(task.path)]
        if pictures:
            yield pictures, self._plan.jobs or _processors()
        if videos and (self._plan.jobs or 1) > 1:
            yield videos, self._plan.jobs or 1
        else:
            yield from (([number], 1) for number in videos)

    def _together(
        self, tasks: Sequence[Task], outputs: Outputs, numbers: Sequence[int], at_a_time: int, watcher: Watcher
    ) -> Iterator[Outcome]:
        """Outcomes of one group as they come."""
        shares = _Shares(numbers)
        hindrances = {number: outputs.hindrance(tasks[number]) for number in numbers}
        for number, error in hindrances.items():
            if error is not None:
                self._events.put(Outcome(number, error=error))
        free = [number for number, error in hindrances.items() if error is None]
        pool = ThreadPoolExecutor(at_a_time, "redact")
        try:
            # Every n-th file each, so that outcomes come about in the order of the files.
            parts = [free[first::at_a_time] for first in range(min(at_a_time, len(free)))]
            futures = [pool.submit(self._drive, tasks, outputs, part) for part in parts]
            for event in self._events_until(futures):
                shares.note(event)
                watcher.update(shares.done, shares.total, shares.frames)
                if isinstance(event, Outcome):
                    yield event
        except BaseException:
            self.stop()
            raise
        finally:
            pool.shutdown()

    def _events_until(self, futures: "Sequence[Future[None]]") -> Iterator[Outcome | Share]:
        """Events until all threads have ended. Raises at once what ended one of them."""
        over = False
        while not over:
            over = all(future.done() for future in futures)
            yield from self._waiting_events(0.0 if over else _LOOK_S)
            for future in futures:
                if future.done():
                    future.result()

    def _waiting_events(self, timeout_s: float) -> Iterator[Outcome | Share]:
        """Events until none comes for `timeout_s`."""
        while True:
            try:
                yield self._events.get(timeout_s > 0, timeout_s)
            except queue.Empty:
                return

    def _drive(self, tasks: Sequence[Task], outputs: Outputs, numbers: Sequence[int]) -> None:
        """Top of a thread of the pool: one child after the other, until every task has its outcome."""
        rest = list(numbers)
        while rest and not self._stopped:
            share = rest if is_picture(tasks[rest[0]].path) else rest[:1]
            rest = rest[self._with_one_child(tasks, outputs, share) :]

    def _with_one_child(self, tasks: Sequence[Task], outputs: Outputs, numbers: Sequence[int]) -> int:
        """How many of these tasks one child dealt with. Raises the PostureError that kept it from beginning."""
        with self._child([tasks[number] for number in numbers]) as child:
            messages = iter(child)
            try:
                await_ready(messages)
            except PostureError:
                if self._stopped:
                    return 0
                raise
            for dealt_with, number in enumerate(numbers, start=1):
                child.begin(printable(tasks[number].path.name))
                if not self._one(messages, number, tasks[number], outputs):
                    return dealt_with
        return len(numbers)

    @contextmanager
    def _child(self, tasks: Sequence[Task]) -> Iterator[Job]:
        child = Job(self._spec(tasks), self._settings.job)
        self._children.add(child)
        try:
            if self._stopped:  # `stop` came before this child was known to it
                child.abandon()
            yield child
        finally:
            self._children.discard(child)
            child.close()

    def _one(self, messages: Iterator[wire.Message], number: int, task: Task, outputs: Outputs) -> bool:
        """Deal with one file; whether the child goes on with the next."""

        def on_share(part: float, frames: int) -> None:
            self._events.put(Share(number, part, frames))

        try:
            result = receive(messages, task, self._plan, outputs, on_share)
        except Refusal as refusal:
            self._events.put(Outcome(number, error=refusal.error))
            return True
        except PostureError as exc:
            if not self._stopped:  # otherwise the child died because it was told to
                self._events.put(Outcome(number, error=exc))
            return False
        on_share(1.0, result.done.frames)
        self._events.put(Outcome(number, result=result))
        return True

    def _spec(self, tasks: Sequence[Task]) -> wire.RedactSpec:
        settings, plan = self._settings.redact, self._plan
        return wire.RedactSpec(
            paths=tuple(os.fsencode(task.path) for task in tasks),
            clip_keys=tuple(task.key for task in tasks),
            still=is_picture(tasks[0].path),
            start_s=plan.start_s,
            end_s=plan.end_s,
            redact=RedactSettings(**{name: getattr(settings, name) for name in RedactSettings.__struct_fields__}),
            replacement=None if plan.replacement is None else os.fsencode(plan.replacement),
            captions=captions(self._settings.output.language) if settings.overlay else {},
            crf=settings.crf,
            pose=self._settings.pose,
            memory_bytes=self._settings.job.memory_mib << 20,
        )


class _Shares:
    """How far a group is."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._parts = dict.fromkeys(numbers, 0.0)
        self._frames = dict.fromkeys(numbers, 0)

    @property
    def done(self) -> float:
        """Files, parts included."""
        return math.fsum(part for part in self._parts.values() if part == part)

    @property
    def total(self) -> float:
        """Files; NaN where there is one and nobody knows its length."""
        alone = len(self._parts) == 1 and any(part != part for part in self._parts.values())
        return math.nan if alone else len(self._parts)

    @property
    def frames(self) -> int:
        """Of all files."""
        return sum(self._frames.values())

    def note(self, event: Outcome | Share) -> None:
        """Take an event into account."""
        if isinstance(event, Share):
            self._parts[event.number], self._frames[event.number] = event.part, event.frames
        else:
            self._parts[event.number] = 1.0


def _called(tasks: Sequence[Task], numbers: Sequence[int]) -> str:
    """A name for these files."""
    first = tasks[numbers[0]].path
    if len(numbers) == 1:
        return printable(first.name)
    return f"{len(numbers)} {'pictures' if is_picture(first) else 'videos'}"


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
