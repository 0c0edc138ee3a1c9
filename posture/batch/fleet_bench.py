"""What a worker of a fleet does with its tasks: in processes of this machine that have no network.

The process that talks to the scheduler does no work: it hands each bundle to a local worker (`workers.LocalWorkers`),
which takes the network from itself before it looks at a file, and whose decoding child has a sandbox besides.
"""

import math
import os
import queue
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from posture.batch.incoming import Incoming
from posture.batch.patience import ANSWER_S, within
from posture.batch.shares import NotShared, Share, find
from posture.batch.work import FileOutcome, FileTask, Progress
from posture.batch.workers import LocalWorkers
from posture.errors import PostureError, SinkError
from posture.output import probe, probe_folder


class Assigned(msgspec.Struct, frozen=True):
    """Tasks for one place, one after the other."""

    tasks: tuple[FileTask, ...]
    job: str
    """Whose they are, so that a job which ends early takes along no task of another."""
    bundle: str
    """Names them in `Ahead`."""
    streamed: str = ""
    """Under which the file of the one task was sent here; empty for files that this machine sees itself."""
    checkpoints: bytes = b""
    """`os.fsencode` of the folder of the job, beside its results, where any machine goes on from; empty: nowhere."""


class Reply(msgspec.Struct, frozen=True):
    """What became of them: one outcome each, in their order. None: this machine does not see the file."""

    outcomes: tuple[FileOutcome | None, ...]
    silent: bool = False
    """A share of this machine does not answer; then all of them are to be done elsewhere."""


class Ahead(msgspec.Struct, frozen=True):
    """How far one place of a worker is, as its heartbeat says. Names no file."""

    bundle: str
    number: int
    """Of the task within its bundle."""
    progress: Progress


encoder = msgspec.msgpack.Encoder()
assignments = msgspec.msgpack.Decoder(Assigned)
replies = msgspec.msgpack.Decoder(Reply)
heartbeats = msgspec.msgpack.Decoder(tuple[Ahead, ...])


class Bench:
    """Implements `fleet.Perform`."""

    def __init__(self, places: int, shares: Sequence[Share], incoming: Incoming) -> None:
        self._shares = shares
        self.incoming = incoming
        self._places = [LocalWorkers(1) for _ in range(places)]
        self._idle: queue.LifoQueue[LocalWorkers] = queue.LifoQueue()
        self._jobs: dict[LocalWorkers, str] = {}
        self._ahead: dict[LocalWorkers, Ahead] = {}
        for workers in self._places:
            self._idle.put(workers)

    def perform(self, task: bytes) -> bytes:
        """See `fleet.Perform`."""
        assigned = assignments.decode(task)
        workers = self._idle.get()
        self._jobs[workers] = assigned.job
        self._ahead[workers] = Ahead(assigned.bundle, 0, Progress(0.0, math.nan, 0))
        try:
            return encoder.encode(self._reply(assigned, workers))
        finally:
            del self._jobs[workers], self._ahead[workers]
            self._idle.put(workers)

    @property
    def ahead(self) -> bytes:
        """See `fleet.Perform`."""
        return encoder.encode(tuple(self._ahead.copy().values()))

    def abandon(self, job: str = "") -> None:
        """See `fleet.Perform`."""
        for workers, of_whom in self._jobs.copy().items():
            if job in {"", of_whom}:
                workers.close()

    def close(self) -> None:
        """End every process, and remove what was sent here."""
        for workers in self._places:
            workers.close()
        self.incoming.close()

    def _reply(self, assigned: Assigned, workers: LocalWorkers) -> Reply:
        nothing = Reply((None,) * len(assigned.tasks), silent=True)
        try:
            here, workers.checkpoints = within(ANSWER_S, lambda: self._names(assigned))
        except TimeoutError:
            return nothing
        numbers = {id(each): number for number, each in enumerate(here)}
        outcomes: list[FileOutcome | None] = [None if each is None else FileOutcome(state="stopped") for each in here]
        for each, event in workers.run(iter([each for each in here if each is not None])):
            number = numbers[id(each)]
            if isinstance(event, FileOutcome):
                outcomes[number] = event
                if event.state == "failed" and _is_silent(each):
                    workers.close()
                    return nothing
            else:
                self._ahead[workers] = Ahead(assigned.bundle, number, event)
        return Reply(tuple(outcomes))

    def _names(self, assigned: Assigned) -> tuple[list[FileTask | None], Path | None]:
        """Tasks and folder of checkpoints as they are called here."""
        here, checkpoints = [self._here(each, assigned.streamed) for each in assigned.tasks], None
        if assigned.checkpoints and (first := here[0]) is not None:  # a video, which keeps some, is alone
            with suppress(NotShared, SinkError):  # where another account made the folder: without
                found = find(assigned.checkpoints, self._shares)
                probe_folder(found / first.checkpoint_name)
                checkpoints = found
        return here, checkpoints

    def _here(self, task: FileTask, streamed: str) -> FileTask | None:
        """The same task with the names that its files have on this machine."""
        if streamed:
            return self.incoming.task(streamed, task)
        try:
            source, target = find(task.path, self._shares), find(task.base, self._shares)
        except NotShared:
            return None
        if not os.path.lexists(source):
            return None
        return msgspec.structs.replace(task, path=os.fsencode(source), base=os.fsencode(target), known_as=task.path)


def _is_silent(task: FileTask) -> bool:
    """Whether the share of this file, or that of its results, does not answer."""

    def ask() -> None:
        with task.source.open("rb") as file:
            file.read(1)
        probe(task.target)

    try:
        within(ANSWER_S, ask)
    except TimeoutError:
        return True
    except (OSError, PostureError):
        return False
    return False
