"""Files that were sent to a worker because it does not see the share: in a private folder that goes with the process.

Only where `posture batch run --stream` asked for it. A piece is at most `PIECE_BYTES`; a file and its results are
removed as soon as the results were fetched, and what a killed worker left is removed when the next one starts.
"""

import os
import re
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from posture.batch.work import FileTask
from posture.errors import FleetError, SinkError

PIECE_BYTES = 4 << 20
_KEY = re.compile(r"[0-9a-f]{32}")
_RESULTS, _SOURCE = "results", "source"


class Incoming:
    """The folder of one worker process. Its methods may be called from several threads, for different keys."""

    def __init__(self, folder: Path) -> None:
        """`folder`: of all workers of this user; this one makes its own in it. Raises SinkError."""
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own = folder / f"{os.getpid()}"
            for left in folder.iterdir():
                if not _is_running(left.name) or left == self._own:
                    shutil.rmtree(left, ignore_errors=True)
            self._own.mkdir(mode=0o700)
        except OSError as exc:
            raise SinkError(f"cannot write {folder}: {exc.strerror}; POSTURE_DATA names another folder") from exc

    def receive(self, key: str, name: bytes, offset: int, piece: bytes) -> int:
        """Put a piece of the file where it belongs; the size of the file so far. Raises FleetError."""
        path = self._file(key, _SOURCE, name)
        with self._lock:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open(path, "ab") as file:
                if file.tell() != offset:
                    raise FleetError(f"a piece of a file came twice or was lost at byte {offset}")
                file.write(piece)
                return file.tell()
        except OSError as exc:
            raise FleetError(f"no room for the file that is sent here: {exc.strerror}") from exc

    def task(self, key: str, task: FileTask) -> FileTask:
        """The same task, which has bare names, for the file that was sent under this key. Raises FleetError."""
        source, target = self._file(key, _SOURCE, task.path), self._file(key, _RESULTS, task.base)
        return msgspec.structs.replace(task, path=os.fsencode(source), base=os.fsencode(target), overwrite=True)

    def send(self, key: str, name: bytes, offset: int) -> bytes:
        """A piece of a result; empty at its end. Raises FleetError."""
        path = self._file(key, _RESULTS, name)
        try:
            with open(path, "rb") as file:
                file.seek(offset)
                return file.read(PIECE_BYTES)
        except OSError as exc:
            raise FleetError(f"a result that was made here cannot be read: {exc.strerror}") from exc

    def discard(self, key: str) -> None:
        """Remove the file and its results."""
        shutil.rmtree(self._folder(key), ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._own, ignore_errors=True)

    def _folder(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise FleetError("a key of a file that is sent has 32 hex digits")
        return self._own / key

    def _file(self, key: str, kind: str, name: bytes) -> Path:
        """Raises FleetError for a name that would lead elsewhere."""
        parts = Path(os.fsdecode(name)).parts
        if not parts or ".." in parts or Path(os.fsdecode(name)).is_absolute() or len(parts) > 2:
            raise FleetError("a file that is sent has a name, not a path")
        return self._folder(key).joinpath(kind, *parts)


def _is_running(name: str) -> bool:
    """Whether the process that a folder is named after is there."""
    if not name.isdigit() or sys.platform == "win32":
        return sys.platform == "win32"
    with suppress(PermissionError):
        try:
            os.kill(int(name), 0)
        except ProcessLookupError:
            return False
    return True
