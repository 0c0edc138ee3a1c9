"""What a worker is asked to do with one file, and what it says became of it: plain data that crosses processes.

A `FileTask` holds everything that decides about the bytes of the results; nothing else is looked up by the worker.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from posture import __version__
from posture.analysis import Told
from posture.config import Settings
from posture.errors import printable
from posture.vault.recipient import Recipient, Secret

What = Literal["analyze", "redact", "scrub"]
State = Literal["done", "failed", "refused", "stopped"]
"""`refused`: nothing was tried, because something stands in the way of the results. `stopped`: somebody wanted no more;
what becomes of the file later stands in `LATER`."""

LATER: dict[What, str] = {
    "analyze": "goes on from its last checkpoint",
    "redact": "begins again",
    "scrub": "begins again",
}
"""What a file does whose work was stopped. A copy keeps no checkpoint: one of a redaction would hold pieces of the
very pictures that are to go, and an encoder cannot be taken up again with the same bytes."""


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, the same for many files."""

    what: What = "analyze"
    settings: Settings = Settings()
    start_s: float = 0.0
    end_s: float | None = None
    """The part of each video, in seconds of its stream."""
    told: Told = Told()


class FileTask(msgspec.Struct, frozen=True, kw_only=True):
    """One file from its name to its results."""

    path: bytes
    """`os.fsencode` of the file, so that a name that is no Unicode survives."""
    base: bytes
    """`os.fsencode` of its results without a suffix."""
    orders: Orders
    identity: str
    """Of the orders, see `identity`."""
    overwrite: bool = False
    """Whether results that are there are replaced: asked for, or left by an earlier try of this very task."""
    key: bytes = b""
    """Of a clip of the vault: opens it, and nothing else. Never written to a disk."""
    resumes: int = 0
    """How often the file was taken up again before."""
    known_as: bytes = b""
    """How the job calls the file, where this machine calls it otherwise."""
    seal_for: tuple[Recipient, ...] = ()
    """Where there are any, results are encrypted for them (`sealing`), and nothing is kept in plain."""
    checkpoint_secret: Secret | None = None
    """Then encrypts and opens checkpoints; without it there are none. Never written to a disk in plain."""

    @property
    def source(self) -> Path:
        """The file."""
        return Path(os.fsdecode(self.path))

    @property
    def target(self) -> Path:
        """Its results without a suffix."""
        return Path(os.fsdecode(self.base))

    @property
    def checkpoint_name(self) -> str:
        """Names what is kept of this task while it is worked on: another file or other orders have another one."""
        return hashlib.sha256(self.identity.encode() + (self.known_as or self.path)).hexdigest()[:32]


class ResultFile(msgspec.Struct, frozen=True):
    """A result that is complete."""

    format: str
    """html, json, ...; the suffix of a copy."""
    name: bytes
    """`os.fsencode` of the file's name, relative to the folder of `FileTask.base`."""
    sha256: str
    size_bytes: int


class FileOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a task."""

    state: State
    error: str = ""
    """Class of the PostureError; empty where there was none."""
    message: str = ""
    passing: bool = False
    """Whether another try may succeed although nobody changes the file: a share that was away, a lock."""
    results: tuple[ResultFile, ...] = ()
    source_sha256: str = ""
    source_bytes: int = 0
    model_sha256: str = ""
    frames: int = 0
    """Decoded."""
    media_s: float = 0.0
    """Seconds of the stream that were looked at; 0 for a picture."""
    seconds: float = 0.0
    """Wall time of this try."""
    resumes: int = 0
    row: bytes = b""
    """What the summary over all files says of it (`rows.FileRow`), as MessagePack."""

    def __post_init__(self) -> None:
        """A message goes to a journal, another machine and a terminal; the name in it may be no Unicode."""
        if not self.message.isprintable():
            msgspec.structs.force_setattr(self, "message", printable(self.message))


class Progress(msgspec.Struct, frozen=True):
    """How far a task is."""

    time_s: float
    duration_s: float
    """NaN where nobody knows."""
    frames: int


OnProgress = Callable[[Progress], None]


class Workers(Protocol):
    """Who does tasks. Implementations: `LocalWorkers`, the fleet."""

    def run(self, tasks: Iterator[FileTask | None]) -> Iterator[tuple[FileTask, FileOutcome | Progress]]:
        """One outcome for each task, as they come, and progress in between.

        Takes no more from `tasks` than can be worked on soon, so that it may be endless and its order may change. None
        in `tasks` says that there is nothing to do just now: it is asked again soon. Must never wait inside `tasks`.
        After `cancel`, tasks in hand come back with the state "stopped", and no further one is taken.
        """

    def cancel(self) -> None:
        """Stop what is in hand; see `LATER`. From any thread or signal handler."""

    def close(self) -> None:
        """End everything at once. Twice is no error."""


def identity(orders: Orders) -> str:
    """Names everything that decides about the results but the file itself, in hex.

    The folder of the results and how the work is organised do not belong to it.
    """
    parts = "posture.task/1", __version__, orders.what, *deciding(orders)
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def deciding(orders: Orders) -> tuple[dict[str, object], object]:
    """The settings that decide about the results, by section, and what the user said and asked for."""
    tree = msgspec.to_builtins(orders.settings)
    settings = {name: tree[name] for name in ("pose", "measure", "analysis", "scores", "redact")}
    settings["output"] = {name: value for name, value in tree["output"].items() if name != "folder"}
    asked = {"start_s": orders.start_s, "end_s": orders.end_s, "told": orders.told}
    return settings, _without_none(msgspec.to_builtins(asked, str_keys=True))


def _without_none(tree: object) -> object:
    if not isinstance(tree, dict):
        return tree
    return {name: _without_none(value) for name, value in tree.items() if value not in (None, "", [], {})}


def new_task(
    path: Path,
    base: Path,
    orders: Orders,
    *,
    overwrite: bool = False,
    key: bytes = b"",
    resumes: int = 0,
    seal_for: tuple[Recipient, ...] = (),
    checkpoint_secret: Secret | None = None,
) -> FileTask:
    """The task for one file."""
    return FileTask(
        path=os.fsencode(path),
        base=os.fsencode(base),
        orders=orders,
        identity=identity(orders),
        overwrite=overwrite,
        key=key,
        resumes=resumes,
        seal_for=seal_for,
        checkpoint_secret=checkpoint_secret,
    )
