"""A file as decoders read it: what its disk, its share or another program refuses is never taken for damage in it."""

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from posture.errors import CannotRead, VideoUnreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")


def opened(path: Path, name: str | None = None) -> io.BufferedReader:
    """The file, at its beginning; reading it raises CannotRead where the system refuses. `name`: what it calls itself.

    Raises VideoUnreadable for what is no file, CannotRead where it is not there or cannot be opened.
    """
    try:
        if not path.is_file():  # a pipe or a device could block for ever
            if path.exists():
                raise VideoUnreadable(f"{path.name}: not a file")
            raise CannotRead(f"{path.name}: no such file")
        raw = _Told(path, path.name)
    except OSError as exc:
        raise CannotRead(f"{path.name}: cannot be opened ({exc.strerror}); check its permissions") from exc
    if name is not None:
        raw.name = name
    return io.BufferedReader(raw)


def check(file: BinaryIO) -> None:
    """Raise what kept this file from being read, if anything did: a library may have taken it for the end."""
    raw = getattr(file, "raw", None)
    if isinstance(raw, _Told) and raw.trouble is not None:
        raise raw.trouble


class _Told(io.FileIO):
    """A file that says which one it is where it cannot be read, and remembers it."""

    def __init__(self, path: Path, label: str) -> None:
        super().__init__(path)
        self._label = label
        self.trouble: CannotRead | None = None

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """See `io.FileIO`. Raises CannotRead."""
        read = super().readinto
        count: int = self._asked(lambda: read(buffer))
        return count

    def readall(self) -> bytes:
        """See `io.FileIO`. Raises CannotRead."""
        return self._asked(super().readall)

    def _asked(self, read: Callable[[], T | None]) -> T:
        try:
            if (got := read()) is None:  # what a file that another program has locked gives
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        except OSError as exc:
            words = f"{self._label}: reading failed ({exc.strerror}); is its disk still there, or does another program"
            self.trouble = CannotRead(f"{words} hold it?")
            raise self.trouble from exc
        return got
