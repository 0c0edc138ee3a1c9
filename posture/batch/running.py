"""Which processes of this user belong to a fleet now, so that `posture privacy status` can say that one has a network.

Each leaves a file in the data folder while it runs, locked: the lock goes with the process, whatever ends it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from posture.batch.certificates import Role
from posture.errors import SinkError
from posture.folders import data_folder


class Running(msgspec.Struct, frozen=True):
    """A process that may open connections."""

    pid: int
    role: Role
    address: str
    """Where it listens, or whom it calls."""


def folder() -> Path:
    """Where the notes lie; it need not exist."""
    return data_folder() / "fleet" / "running"


@contextmanager
def noted(role: Role, address: str) -> Iterator[None]:
    """Within the block everybody can see that this process belongs to a fleet. Raises SinkError."""
    path = folder() / f"{os.getpid()}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("wb")
    except OSError as exc:
        raise SinkError(f"cannot write {path}: {exc.strerror}; POSTURE_DATA names another folder") from exc
    with file:
        _lock(file.fileno())
        file.write(msgspec.json.encode(Running(os.getpid(), role, address)))
        file.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()


def running() -> tuple[Running, ...]:
    """Those of this user that are there now; notes of processes that were killed are removed."""
    found = []
    with suppress(OSError):
        for path in sorted(folder().iterdir()):
            with suppress(OSError, msgspec.DecodeError):
                if (one := _read(path)) is not None:
                    found.append(one)
    return tuple(found)


def _read(path: Path) -> Running | None:
    with path.open("r+b") as file:
        if _lock(file.fileno()):
            path.unlink()
            return None
        return msgspec.json.decode(file.read(), type=Running)


def _lock(descriptor: int) -> bool:
    """Whether nobody else has locked it. On Windows an open file cannot be removed, which says the same."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
