"""Files appear whole or not at all: written beside their final name, flushed to the disk, then renamed."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from posture.errors import OutputExists, OutputFull, SinkError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}

ADVICE = "choose another folder with -o, or pass --overwrite to replace what is there"


@contextmanager
def whole_file(
    path: Path, *, overwrite: bool = False, advice: str = ADVICE, private: bool = False
) -> Iterator[BinaryIO]:
    """A binary stream whose bytes stand under `path` once the block ends without an error, and nowhere otherwise.

    `private`: only the owner can read the file, at every moment.
    Raises OutputExists when `path` is there and `overwrite` is not set, OutputFull when the disk is full, SinkError for
    every other refusal of the system. The message names the file and gives `advice`.
    """
    refuse_existing(path, overwrite=overwrite, advice=advice)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
    except OSError as exc:
        raise translated(path, exc, advice) from exc
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if not private:  # mkstemp makes files that only the owner can read
            partial.chmod(0o666 & ~_umask())
        refuse_existing(path, overwrite=overwrite, advice=advice)
        os.replace(partial, path)
    except OSError as exc:
        raise translated(path, exc, advice) from exc
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def refuse_existing(path: Path, *, overwrite: bool, advice: str = ADVICE) -> None:
    """Raise OutputExists if `path` is there and may not be replaced."""
    if path.exists() and not overwrite:
        raise OutputExists(f"{path} is already there; {advice}")


def probe(path: Path) -> None:
    """Raise the SinkError that writing `path` would end with, before hours of work; leaves nothing behind."""
    made = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as exc:
        raise translated(path, exc, ADVICE) from exc
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def translated(path: Path, exc: OSError, advice: str) -> SinkError:
    """The error of this program for a refusal of the system to write `path`: OutputFull or SinkError."""
    if exc.errno in _FULL:
        return OutputFull(f"no room to write {path}: free some space, or {advice}")
    return SinkError(f"cannot write {path}: {exc.strerror or exc}; {advice}")
