"""Files appear whole or not at all: written beside their final name, flushed to the disk, then renamed."""

import errno
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from posture.errors import OutputExists, OutputFull, SinkError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}

_SUFFIX, _DIGITS = ".partial", 12
"""Of a file that is being written: hidden, with this suffix and these digits of the hash of its later name, which may
be too long for more."""

ADVICE = "choose another folder with -o, or pass --overwrite to replace what is there"


@contextmanager
def whole_file(
    path: Path, *, overwrite: bool = False, advice: str = ADVICE, private: bool = False
) -> Iterator[BinaryIO]:
    """A binary stream whose bytes stand under `path` once the block ends without an error, and nowhere otherwise.

    `private`: only the owner can read the file, at every moment.
    What a run that was killed left of the same file is removed.

    Raises OutputExists when `path` is there and `overwrite` is not set, OutputFull when the disk is full, SinkError for
    every other refusal of the system. The message names the file and gives `advice`.
    """
    refuse_existing(path, overwrite=overwrite, advice=advice)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = _begun(path)
    except OSError as exc:
        raise translated(path, exc, advice) from exc
    try:
        # By name, so that whoever writes it can put temporary files beside it.
        with open(partial, "w+b", opener=lambda *_: descriptor) as stream:
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


class Writing(Protocol):
    """How results are put on a disk."""

    suffix: str
    """Behind that of the result."""

    def open(self, path: Path, *, overwrite: bool = False) -> AbstractContextManager[BinaryIO]:
        """As `whole_file`."""


class Plainly:
    """Implements `Writing`: as they are."""

    suffix = ""

    def open(self, path: Path, *, overwrite: bool = False) -> AbstractContextManager[BinaryIO]:
        """See `Writing.open`."""
        return whole_file(path, overwrite=overwrite)


def refuse_existing(path: Path, *, overwrite: bool, advice: str = ADVICE) -> None:
    """Raise OutputExists if `path` is there and may not be replaced."""
    if path.exists() and not overwrite:
        raise OutputExists(f"{path} is already there; {advice}")


def probe(path: Path) -> None:
    """Raise the SinkError that writing `path` would end with, before hours of work; leaves nothing behind."""
    _probe(path.parent, path, ADVICE)


def probe_folder(folder: Path) -> None:
    """The same for any new file in a folder."""
    _probe(folder, folder, "make it writable, or choose another folder with -o")


def _probe(folder: Path, named: Path, advice: str) -> None:
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as exc:
        raise translated(named, exc, advice) from exc
    finally:
        for each in made:
            with suppress(OSError):
                each.rmdir()


def _begun(path: Path) -> tuple[int, Path]:
    """A new empty file beside `path`, open, named after it, and locked for as long as it is open."""
    prefix = f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:_DIGITS]}-"
    for left in path.parent.glob(f"{prefix}*{_SUFFIX}"):
        _remove_unused(left)
    while True:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=_SUFFIX)
        _lock(descriptor)
        if os.fstat(descriptor).st_nlink:  # otherwise another run took it for a left one before it was locked
            return descriptor, Path(name)
        os.close(descriptor)


def oldest_first(folder: Path, pattern: str) -> list[Path]:
    """Files of a folder by age; one that goes meanwhile counts as the oldest."""

    def age(path: Path) -> tuple[int, str]:
        with suppress(OSError):
            return path.stat().st_mtime_ns, path.name
        return 0, path.name

    return sorted(folder.glob(pattern), key=age)


def removed(path: Path, advice: str) -> None:
    """Remove a file, which may be gone already. Raises SinkError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as exc:
        raise translated(path, exc, advice) from exc


def remove_left(folder: Path) -> None:
    """Remove what runs that were killed left half-written in a folder of this program alone."""
    for left in folder.glob(f".*{_SUFFIX}"):
        _remove_unused(left)


def _remove_unused(partial: Path) -> None:
    """Remove a file that nobody writes. Windows removes no file that is open; elsewhere the lock tells."""
    with suppress(OSError):
        if sys.platform == "win32":
            partial.unlink()
            return
        descriptor = os.open(partial, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _lock(descriptor):
                partial.unlink()
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether nobody else has locked the file; False where that cannot be said. The lock goes with the process."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def translated(path: Path, exc: OSError, advice: str) -> SinkError:
    """The error of this program for a refusal of the system to write `path`: OutputFull or SinkError."""
    if exc.errno in _FULL:
        return OutputFull(f"no room to write {path}: free some space, or {advice}")
    return SinkError(f"cannot write {path}: {exc.strerror or exc}; {advice}")
