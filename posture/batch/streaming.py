"""A file that no worker sees, sent to one of them piece by piece, and its results fetched the same way."""

import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import msgspec

from posture.batch import manifest
from posture.batch.fleet_bench import Assigned, encoder, replies
from posture.batch.incoming import PIECE_BYTES
from posture.batch.work import FileOutcome, FileTask, ResultFile
from posture.errors import FleetError, NoInput
from posture.output import refuse_existing, whole_file


class Remote(Protocol):
    """One worker of the fleet; the calls are those of `incoming.Incoming` and `fleet.Perform`. All raise FleetError."""

    def receive(self, key: str, name: bytes, offset: int, piece: bytes) -> int:
        """Put a piece of a file there."""

    def send(self, key: str, name: bytes, offset: int) -> bytes:
        """A piece of a result."""

    def discard(self, key: str) -> None:
        """Remove both."""

    def perform(self, task: bytes) -> bytes:
        """Do it, and wait for the reply."""


def stream(worker: Remote, task: FileTask, job: str, bundle: str, stopped: Callable[[], bool]) -> FileOutcome:
    """Have this worker do the task. Nothing of it stays there.

    Raises FleetError if the connection broke or a result came damaged, NoInput if the file cannot be read here,
    SinkError or OutputExists if a result cannot be written.
    """

    def meanwhile() -> None:
        if stopped():
            raise FleetError("stopped")  # the job has given the file up already

    if (done := manifest.adopted(task, meanwhile)) is not None:
        return done
    refuse_existing(manifest.path_of(task), overwrite=task.overwrite)
    key = secrets.token_hex(16)
    bare = msgspec.structs.replace(task, path=os.fsencode(task.source.name), base=os.fsencode(task.target.name))
    try:
        if (sent := _upload(worker, key, task, stopped)) is None:
            return FileOutcome(state="stopped", resumes=task.resumes)
        reply = replies.decode(worker.perform(encoder.encode(Assigned((bare,), job, bundle, streamed=key))))
        (outcome,) = reply.outcomes
        if outcome is None:
            raise FleetError("the disk of the worker that had the file does not answer")
        if outcome.state == "done" and outcome.source_sha256 != sent:
            raise FleetError(f"{task.source.name} arrived damaged")
        for result in outcome.results:
            _fetch(worker, key, task, result)
        manifest.write(task, outcome)
        return outcome
    finally:
        with suppress(FleetError):  # a worker that is gone removes it when the next one starts there
            worker.discard(key)


def _upload(worker: Remote, key: str, task: FileTask, stopped: Callable[[], bool]) -> str | None:
    """SHA-256 of what was sent, in hex; None where somebody wants no more."""
    name, offset, digest = os.fsencode(task.source.name), 0, hashlib.sha256()
    try:
        with task.source.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                if stopped():
                    return None
                digest.update(piece)
                offset = worker.receive(key, name, offset, piece)
            if not offset:
                worker.receive(key, name, 0, b"")
    except OSError as exc:
        raise NoInput(f"{task.source}: {exc.strerror or exc}") from exc
    return digest.hexdigest()


def _fetch(worker: Remote, key: str, task: FileTask, result: ResultFile) -> None:
    path = task.target.parent / os.fsdecode(result.name)
    if not path.resolve().is_relative_to(task.target.parent.resolve()):
        raise FleetError(f"a worker named a result {path.name!r} that lies elsewhere")
    refuse_existing(path, overwrite=task.overwrite)
    digest, offset = hashlib.sha256(), 0
    with whole_file(path, overwrite=task.overwrite) as file:
        while piece := worker.send(key, result.name, offset):
            file.write(piece)
            digest.update(piece)
            offset += len(piece)
        if digest.hexdigest() != result.sha256:
            raise FleetError(f"{path.name} arrived damaged")
