"""The parent's side of checkpoints: what was observed so far and what the child knew.

    FOLDER/observations-*  of one run: every batch up to the checkpoint, as it came, and perhaps some that came behind
    FOLDER/state           whole or not there: the last checkpoint, of which file, which observations it has, how many

They are private to the user, hold keypoints of the people in the file, and are removed once its reports are written.
With a secret they are encrypted (`vault.sealed_file`), and nothing can be read of them without it.

They lie on this computer, or for a job of a fleet beside its results. There a run that was given up, because its
machine stood still, may come back while another one has gone on: so each run has observations of its own, and whichever
`state` was written last belongs to one of them.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from posture import __version__, wire
from posture.errors import SinkError, SourceError, VaultError
from posture.output import translated, whole_file
from posture.vault.recipient import Secret
from posture.vault.sealed_file import SealedFile

VERSION = 2
EVERY_S = 20.0
"""Wall time from one checkpoint to the next: at most so much, and the way to a key frame, is done twice."""
_OBSERVATIONS = re.compile(r"observations-[0-9a-f]{16}")
ADVICE = "name another folder: in POSTURE_DATA, or with -o for a job of a fleet"
_LABEL = "posture checkpoint"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the file `state`."""

    version: int
    program_version: str
    spec: bytes
    """Hash of the job without its checkpoint and key; a job that differs in anything begins anew."""
    source: str
    """Size and time of change of the file."""
    started: bytes
    """What the child said first; another model or provider begins anew."""
    content: bytes
    """Of the checkpoint."""
    observations: str
    """Name of the file with what was observed before it."""
    observations_bytes: int


class Checkpoints:
    """Those of one analysis. Raises SinkError where they cannot be written."""

    def __init__(self, folder: Path, every_s: float = EVERY_S, secret: Secret | None = None) -> None:
        """`folder`: of this file and this job alone. `secret`: what encrypts and opens them."""
        self._folder = folder
        self._every_s, self._secret = every_s, secret
        self._spec, self._source, self._started = b"", "", b""
        self._stream: BinaryIO | SealedFile | None = None
        self._own = ""
        self._state: State | None = None
        self.resumed = False
        """Whether the run went on from a checkpoint."""

    def begin(self, spec: wire.JobSpec, path: Path) -> wire.JobSpec:
        """The job, behind the checkpoint of an earlier run where there is one that fits."""
        self.close()
        self._spec = spec_sha256(spec)
        self._source = _seen(path)
        self._state = self._read()
        if self._state is None:
            self.forget()
        self.resumed = self._state is not None
        behind = b"" if self._state is None else self._state.content
        return msgspec.structs.replace(spec, checkpoint_s=self._every_s, behind=behind)

    def batches(self) -> Iterator[wire.Batch]:
        """What was observed up to the checkpoint; then the file is ready for more."""
        self._own = f"observations-{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._folder / self._own, os.O_WRONLY | os.O_CREAT, 0o600)
            self._stream = self._sealed(os.fdopen(descriptor, "wb"))
            earlier = None if self._state is None else (self._folder / self._state.observations).open("rb")
        except OSError as exc:
            raise translated(self._folder, exc, ADVICE) from exc
        if self._state is None or earlier is None:
            return
        with earlier:
            stream = self._sealed(earlier)
            while stream.tell() < self._state.observations_bytes:
                try:
                    message = wire.read(stream)
                except (SourceError, VaultError):
                    message = None
                if not isinstance(message, wire.Batch):
                    self.forget()
                    raise SinkError(f"what was kept in {self._folder} was damaged and is removed; run it again")
                self.add(message)
                yield message

    def fits(self, started: wire.Started) -> bool:
        """Whether the child goes on as it began: with the same model, in the same way."""
        self._started = wire.packed(started)
        return self._state is None or self._state.started == self._started

    def add(self, batch: wire.Batch) -> None:
        """Keep what was observed."""
        assert self._stream is not None
        try:
            wire.write(self._stream, batch)
        except OSError as exc:
            raise translated(self._folder, exc, ADVICE) from exc

    def keep(self, checkpoint: wire.Checkpoint) -> None:
        """Keep the checkpoint: from here on a run goes on behind it."""
        assert self._stream is not None
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # a run that was given up may have ended first
            os.fsync(self._stream.fileno())
        except OSError as exc:
            raise translated(self._folder, exc, ADVICE) from exc
        state = State(
            version=VERSION,
            program_version=__version__,
            spec=self._spec,
            source=self._source,
            started=self._started,
            content=checkpoint.content,
            observations=self._own,
            observations_bytes=self._stream.tell(),
        )
        with whole_file(self._folder / "state", overwrite=True, private=True, advice=ADVICE) as out:
            self._sealed(out).write(msgspec.msgpack.encode(state))
        if self._state is not None:
            with suppress(OSError):
                (self._folder / self._state.observations).unlink()
            self._state = None

    def start_over(self) -> None:
        """All that was observed does not count."""
        self._state, self.resumed = None, False
        with suppress(FileNotFoundError):
            (self._folder / "state").unlink()
        if self._stream is not None:
            self._stream.truncate(0)
            self._stream.seek(0)

    def close(self) -> None:
        """Keep what is there for a later run."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def forget(self) -> None:
        """The reports are written, or nothing fits: nothing stays."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> State | None:
        try:
            with (self._folder / "state").open("rb") as file:
                state = msgspec.msgpack.decode(self._sealed(file).read(), type=State)
            size = (self._folder / state.observations).stat().st_size
        except (OSError, msgspec.MsgspecError, VaultError):
            return None
        wanted = VERSION, __version__, self._spec, self._source
        fits = (state.version, state.program_version, state.spec, state.source) == wanted
        whole = _OBSERVATIONS.fullmatch(state.observations) and size >= state.observations_bytes
        return state if fits and whole else None

    def _sealed(self, file: BinaryIO) -> BinaryIO | SealedFile:
        return file if self._secret is None else SealedFile.of(file, self._secret, _LABEL)


def spec_sha256(spec: wire.JobSpec) -> bytes:
    """32 bytes of all that a job says but its file and key: another machine has another name for it."""
    return hashlib.sha256(wire.packed(msgspec.structs.replace(spec, path=b"", clip_key=b""))).digest()


def _seen(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"
