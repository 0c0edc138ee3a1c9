"""What a worker of a fleet does with its tasks: in processes of this machine that have no network.

The process that talks to the scheduler does no work: it hands each bundle to a local worker (`workers.LocalWorkers`),
which takes the network from itself before it looks at a file, and whose decoding child has a sandbox besides.
"""

import os
import queue
from collections.abc import Sequence

import msgspec

from posture.batch.incoming import Incoming
from posture.batch.shares import NotShared, Share, find
from posture.batch.work import FileOutcome, FileTask
from posture.batch.workers import LocalWorkers


class Assigned(msgspec.Struct, frozen=True):
    """Tasks for one place, one after the other."""

    tasks: tuple[FileTask, ...]
    job: str
    """Whose they are, so that a job which ends early takes along no task of another."""
    streamed: str = ""
    """Under which the file of the one task was sent here; empty for files that this machine sees itself."""


class Reply(msgspec.Struct, frozen=True):
    """What became of them: one outcome each, in their order. None: this machine does not see the file."""

    outcomes: tuple[FileOutcome | None, ...]


encoder = msgspec.msgpack.Encoder()
assignments = msgspec.msgpack.Decoder(Assigned)
replies = msgspec.msgpack.Decoder(Reply)


class Bench:
    """Implements `fleet.Perform`."""

    def __init__(self, places: int, shares: Sequence[Share], incoming: Incoming) -> None:
        self._shares = shares
        self.incoming = incoming
        self._idle: queue.LifoQueue[LocalWorkers] = queue.LifoQueue()
        self._jobs = {LocalWorkers(1): "" for _ in range(places)}
        for workers in self._jobs:
            self._idle.put(workers)

    def perform(self, task: bytes) -> bytes:
        """See `fleet.Perform`."""
        assigned = assignments.decode(task)
        here = [self._here(each, assigned.streamed) for each in assigned.tasks]
        workers = self._idle.get()
        self._jobs[workers] = assigned.job
        try:
            said = {
                id(each): event
                for each, event in workers.run(iter([each for each in here if each is not None]))
                if isinstance(event, FileOutcome)
            }
        finally:
            self._jobs[workers] = ""
            self._idle.put(workers)
        unsaid = FileOutcome(state="stopped")
        return encoder.encode(Reply(tuple(None if each is None else said.get(id(each), unsaid) for each in here)))

    def abandon(self, job: str = "") -> None:
        """See `fleet.Perform`."""
        for workers, of_whom in list(self._jobs.items()):
            if of_whom and job in {"", of_whom}:
                workers.close()

    def close(self) -> None:
        """End every process, and remove what was sent here."""
        for workers in self._jobs:
            workers.close()
        self.incoming.close()

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
        return msgspec.structs.replace(task, path=os.fsencode(source), base=os.fsencode(target))
