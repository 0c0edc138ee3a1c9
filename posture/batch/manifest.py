"""The manifest beside the results of a file: what they were made of, by what, and the hash of each.

It is written last, so where it is, all results are whole. It holds no time and no name of a computer: made again of the
same file it is the same, byte for byte.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from posture import __version__
from posture.batch.sealing import Sealing
from posture.batch.work import FileOutcome, FileTask, ResultFile, deciding
from posture.errors import CannotRead, printable
from posture.output import Plainly

MARK = {"analyze": "", "redact": ".redacted", "scrub": ".scrubbed"}
"""What the name of a copy has between its stem and its suffix."""
SUFFIX = "manifest.json"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One result."""

    format: str
    name: str
    """Printable; relative to the folder of the manifest."""
    sha256: str
    size_bytes: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the file."""

    schema: Literal["posture.manifest/1"] = "posture.manifest/1"
    what: str
    source: str
    """Name of the file without its folder, printable."""
    source_sha256: str
    source_bytes: int
    program_version: str = __version__
    model_sha256: str
    identity: str
    """Of everything else that decides about the results."""
    settings: dict[str, object]
    asked: object
    frames: int
    media_s: float
    results: tuple[Listed, ...]
    summary: bytes
    """What the summary over all files says of this one: `rows.FileRow` as MessagePack, Base64 in the file."""


def path_of(task: FileTask) -> Path:
    """Where the manifest of a task is."""
    return task.target.with_name(f"{task.target.name}{MARK[task.orders.what]}.{SUFFIX}{writing_of(task).suffix}")


def writing_of(task: FileTask) -> "Plainly | Sealing":
    """How the results of a task are put on the disk."""
    return Sealing(task.seal_for) if task.seal_for else Plainly()


def write(task: FileTask, outcome: FileOutcome) -> None:
    """Write the manifest of a task that is done; of any other outcome there is none. Raises SinkError."""
    if outcome.state != "done":
        return
    settings, asked = deciding(task.orders)
    content = Manifest(
        what=task.orders.what,
        source=printable(task.source.name),
        source_sha256=outcome.source_sha256,
        source_bytes=outcome.source_bytes,
        model_sha256=outcome.model_sha256,
        identity=task.identity,
        settings=settings,
        asked=asked,
        frames=outcome.frames,
        media_s=outcome.media_s,
        results=tuple(
            Listed(
                format=one.format,
                name=printable(os.fsdecode(one.name)),
                sha256=one.sha256,
                size_bytes=one.size_bytes,
            )
            for one in outcome.results
        ),
        summary=outcome.row,
    )
    with writing_of(task).open(path_of(task), overwrite=task.overwrite) as out:
        out.write(msgspec.json.format(msgspec.json.encode(content, order="sorted"), indent=1) + b"\n")


def adopted(task: FileTask, meanwhile: "Meanwhile" = lambda: None) -> FileOutcome | None:
    """The outcome where this very task was done before and its results are whole; else None.

    That is so where a run was killed between the results and its journal, or where the journal was lost. Takes as long
    as reading the file and its results; `meanwhile` as for `digest`.
    """
    try:
        found = msgspec.json.decode(path_of(task).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if found.identity != task.identity or found.what != task.orders.what:
        return None
    try:
        if digest(task.source, meanwhile) != (found.source_sha256, found.source_bytes):
            return None
        results = tuple(_checked(task, listed, meanwhile) for listed in found.results)
    except CannotRead:
        return None
    if None in results:
        return None
    return FileOutcome(
        state="done",
        results=tuple(one for one in results if one is not None),
        source_sha256=found.source_sha256,
        source_bytes=found.source_bytes,
        model_sha256=found.model_sha256,
        frames=found.frames,
        media_s=found.media_s,
        resumes=task.resumes,
        row=found.summary,
    )


def _checked(task: FileTask, listed: Listed, meanwhile: "Meanwhile") -> ResultFile | None:
    """The result where the file is what the manifest says. Its name is that of the task, not what is printed."""
    path = task.target.parent / listed.name
    if digest(path, meanwhile) != (listed.sha256, listed.size_bytes):
        return None
    return ResultFile(
        listed.format, os.fsencode(path.relative_to(task.target.parent)), listed.sha256, listed.size_bytes
    )


Meanwhile = Callable[[], None]
"""Called after each MiB of a file, which may have a hundred thousand of them; what it raises ends the reading."""


def digest(path: Path, meanwhile: Meanwhile = lambda: None) -> tuple[str, int]:
    """SHA-256 in hex and size; of a folder, of its files after each other by name.

    Raises CannotRead, and what `meanwhile` raises.
    """
    hashed, size = hashlib.sha256(), 0
    try:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    hashed.update(block)
                    size += len(block)
                    meanwhile()
    except OSError as exc:
        raise CannotRead(f"{path} cannot be read: {exc.strerror}; is its disk still there?") from exc
    return hashed.hexdigest(), size
