"""Local workers: as many processes as processors and memory allow, each with one bundle of tasks at a time."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from posture.batch import speech
from posture.batch.bundle import Bundle, Bundles
from posture.batch.work import FileOutcome, FileTask, Progress
from posture.job import child_environment
from posture.privacy import guard

MEMORY_MIB = 700
"""Of one worker and its child at work on 1080p video; two workers on a machine with less share what there is."""
ASK_AGAIN_S = 0.2
"""After which tasks are asked for again where there were none."""
SILENCE_S = 120.0
"""Longer than `job.stall_s` by this, and a worker that says nothing is ended: it hangs in a share that is away."""
DIES_S = 2.0
"""A process that was killed and is not gone by then waits in the kernel for a share; it is left behind."""


def how_many(processors: int | None = None, memory_mib: int | None = None) -> int:
    """Workers for this machine: a processor each, as far as the memory goes; at least one."""
    cores = processors or _processors()
    memory = memory_mib or _memory_mib()
    return max(1, min(cores, memory // MEMORY_MIB if memory else cores))


class _Process:
    """One worker process. `events` of all workers go into one queue."""

    def __init__(self, events: "queue.Queue[tuple[_Process, speech.Reply | None]]") -> None:
        self._events = events
        self.tasks: Bundle = ()
        self.left: list[int] = []
        self.heard_s = time.monotonic()
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "posture.batch.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(),
            start_new_session=sys.platform != "win32",
        )
        self._thread = threading.Thread(target=self._receive, name="worker", daemon=True)
        self._thread.start()

    def assign(self, tasks: Bundle, checkpoints: Path | None) -> None:
        """Hand over the next bundle."""
        self.tasks, self.left, self.heard_s = tasks, list(range(len(tasks))), time.monotonic()
        self._send(speech.Assign(tasks, None if checkpoints is None else os.fsencode(checkpoints)))

    def cancel(self) -> None:
        """Stop what is in hand."""
        self._send(speech.Cancel())

    def close(self) -> None:
        """End the process and join its thread; its child ends when it notices.

        One that hangs in the kernel, as in a share that is mounted hard, is left behind: it ends when that answers.
        """
        self._child.kill()
        try:
            self._child.wait(DIES_S)
        except subprocess.TimeoutExpired:
            left_behind.append(self)
            return
        with suppress(OSError):
            self._pipe(self._child.stdin).close()
        self._thread.join()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe

    def _send(self, command: speech.Command) -> None:
        with suppress(OSError):  # of a process that is dead its end is heard
            speech.write(self._pipe(self._child.stdin), command)

    def _receive(self) -> None:
        """Top of the receiving thread: owns the worker's stdout."""
        with self._pipe(self._child.stdout) as stream:
            reply: speech.Reply | None = None
            with suppress(OSError, ValueError):
                while (reply := speech.read(stream, speech.replies)) is not None:
                    self._events.put((self, reply))
        self._events.put((self, None))


left_behind: list[_Process] = []
"""Those that could not be ended: Python wants to hear of the end of a child, or to go before it."""


class LocalWorkers:
    """Implements `Workers` with processes of this machine."""

    def __init__(self, number: int | None = None, checkpoints: Path | None = None) -> None:
        """`checkpoints`: the folder in which tasks keep how far they are; may be another one for each run."""
        self.number = number or how_many()
        self.checkpoints = checkpoints
        self._events: queue.Queue[tuple[_Process, speech.Reply | None]] = queue.Queue()
        self._processes: list[_Process] = []
        self._cancelled = threading.Event()

    def run(self, tasks: Iterator[FileTask | None]) -> Iterator[tuple[FileTask, FileOutcome | Progress]]:
        """See `Workers.run`."""
        self._cancelled.clear()
        bundles, more = Bundles(tasks), True
        while True:
            if more and self._cancelled.is_set():
                more = False
                for process in self._busy():
                    process.cancel()
                for task in bundles.give_up():
                    yield task, FileOutcome(state="stopped", resumes=task.resumes)
            more = more and self._hand_out(bundles)
            if not more and not self._busy():
                return
            yield from self._heard()
            yield from self._end_the_silent()

    def cancel(self) -> None:
        """See `Workers.cancel`."""
        self._cancelled.set()

    def close(self) -> None:
        """See `Workers.close`."""
        self.cancel()
        while self._processes:
            self._processes.pop().close()

    def _busy(self) -> list[_Process]:
        return [process for process in self._processes if process.left]

    def _hand_out(self, bundles: Bundles) -> bool:
        """Give idle workers something to do; False where there is nothing more for ever."""
        while len(self._busy()) < self.number and not self._cancelled.is_set():
            try:
                bundle = bundles.next()
            except StopIteration:
                return False
            if not bundle:
                return True
            self._idle().assign(bundle, self.checkpoints)
        return True

    def _idle(self) -> _Process:
        for process in self._processes:
            if not process.left:
                return process
        self._processes.append(_Process(self._events))
        return self._processes[-1]

    def _heard(self) -> Iterator[tuple[FileTask, FileOutcome | Progress]]:
        """What the workers say; waits a moment for the first word."""
        wait_s = ASK_AGAIN_S
        while True:
            try:
                process, reply = self._events.get(timeout=wait_s) if wait_s else self._events.get_nowait()
            except queue.Empty:
                return
            wait_s = 0.0
            if process not in self._processes:
                continue  # it was given up
            process.heard_s = time.monotonic()
            match reply:
                case None:
                    yield from self._died(process)
                case speech.Blocked():
                    guard.tell(reply.call)
                case speech.Ahead():
                    yield process.tasks[reply.number], reply.progress
                case speech.Ended():
                    process.left.remove(reply.number)
                    yield process.tasks[reply.number], reply.outcome

    def _died(self, process: _Process) -> Iterator[tuple[FileTask, FileOutcome | Progress]]:
        """The task in hand may be to blame and is tried again; those behind it were not begun."""
        self._processes.remove(process)
        process.close()
        for place, number in enumerate(process.left):
            task = process.tasks[number]
            if place:
                yield task, FileOutcome(state="stopped", resumes=task.resumes)
                continue
            words = f"{task.source.name}: the worker process died or hung; it is started again"
            yield (
                task,
                FileOutcome(state="failed", error="SourceError", message=words, passing=True, resumes=task.resumes),
            )

    def _end_the_silent(self) -> Iterator[tuple[FileTask, FileOutcome | Progress]]:
        """Their end is waited for no longer than `DIES_S`: it may never come."""
        now = time.monotonic()
        for process in self._busy():
            if now - process.heard_s > process.tasks[0].orders.settings.job.stall_s + SILENCE_S:
                yield from self._died(process)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_mib() -> int:
    """Memory that programs may still take; 0 where the system does not say."""
    with suppress(OSError, ValueError, StopIteration):
        with open("/proc/meminfo", encoding="ascii") as lines:
            available = next(line for line in lines if line.startswith("MemAvailable"))
        return int(available.split()[1]) >> 10
    with suppress(OSError, ValueError, AttributeError):
        return (os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) >> 21  # half of all
    return 0
