"""What a recording is named by in a report: the SHA-256 of its file, read in a thread beside the decoding."""

import hashlib
import math
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

from posture.errors import CannotRead, SourceError, Stalled

_BLOCK_BYTES = 1 << 20
_LOOK_S = 0.2
_ENDS_S = 2.0
"""A reading that does not end by then hangs in a share that does not answer, and is left behind."""


class Digest:
    """SHA-256 and size of the source, read in a thread beside the decoding. Empty and 0 for the demo; of a folder, its
    files after each other in the order of their names.
    """

    def __init__(self, path: Path | None, stall_s: float = math.inf) -> None:
        """`stall_s`: so long `wait` waits for the next piece of it."""
        self._path, self._stall_s = path, stall_s
        self._hash = hashlib.sha256()
        self.size = 0
        self._error: OSError | None = None
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name="sha256", daemon=True)
        self._thread.start()

    @property
    def sha256(self) -> str:
        """In hex."""
        return self._hash.hexdigest() if self._path is not None else ""

    def wait(self, more: Callable[[], None] = lambda: None, wanted: Callable[[], bool] = lambda: True) -> None:
        """Until the whole file is read, which may be long after its analysis: of a large file only a part, say.

        `more` is called when more of it was read. Raises SourceError once it is not `wanted` any more, Stalled where
        nothing more was read for too long, CannotRead if the file went away.
        """
        size, grew_s = 0, time.monotonic()
        try:
            while wanted():
                self._thread.join(_LOOK_S)
                if not self._thread.is_alive():
                    break
                if self.size > size:
                    size, grew_s = self.size, time.monotonic()
                    more()
                elif time.monotonic() - grew_s > self._stall_s:
                    words = f"nothing was read for {self._stall_s:g} s; is its share still there?"
                    raise Stalled(f"{self._path}: {words}")
            else:
                raise SourceError(f"{self._path}: stopped; run it again to go on from there")
        except BaseException:  # Ctrl+C too
            self.cancel()
            raise
        if self._error is not None:
            raise CannotRead(f"{self._path}: {self._error.strerror}; is its disk still there?") from self._error

    def cancel(self) -> None:
        """Nobody wants the digest any more."""
        self._cancelled = True
        self._thread.join(_ENDS_S)

    def _run(self) -> None:
        if self._path is None:
            return
        try:
            mode = self._path.stat().st_mode
            if stat.S_ISDIR(mode):
                for file in sorted(self._path.iterdir()):
                    self._add(file)
            elif stat.S_ISREG(mode):  # a pipe would block; the job says what is wrong with it
                self._add(self._path)
        except OSError as exc:
            self._error = exc

    def _add(self, file: Path) -> None:
        with file.open("rb") as stream:
            while not self._cancelled and (block := stream.read(_BLOCK_BYTES)):
                self._hash.update(block)
                self.size += len(block)
