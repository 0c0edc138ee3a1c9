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


@contextmanager
def whole_file(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A binary stream whose bytes stand under `path` once the block ends without an error, and nowhere otherwise.

    Raises OutputExists when `path` is there and `overwrite` is not set, OutputFull when the disk is full, SinkError for
    every other refusal of the system. The message names the file and the next step.
    """
    refuse_existing(path, overwrite=overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
    except OSError as exc:
        raise _translated(path, exc) from exc
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.chmod(0o666 & ~_umask())  # mkstemp makes files that only the owner can read
        refuse_existing(path, overwrite=overwrite)
        os.replace(partial, path)
    except OSError as exc:
        raise _translated(path, exc) from exc
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def refuse_existing(path: Path, *, overwrite: bool) -> None:
    """Raise OutputExists if `path` is there and may not be replaced."""
    if path.exists() and not overwrite:
        raise OutputExists(f"{path} is already there: choose another folder with -o, or pass --overwrite")


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def _translated(path: Path, exc: OSError) -> SinkError:
    if exc.errno in _FULL:
        return OutputFull(f"no room to write {path}: free some space or choose another folder with -o")
    return SinkError(f"cannot write {path}: {exc.strerror or exc}; choose another folder with -o")
