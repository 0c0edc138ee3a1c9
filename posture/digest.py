"""What a recording is named by in a report: the SHA-256 of its file, read in a thread beside the decoding."""

import hashlib
import stat
import threading
from pathlib import Path

from posture.errors import CannotRead

_BLOCK_BYTES = 1 << 20


class Digest:
    """SHA-256 and size of the source, read in a thread beside the decoding. Empty and 0 for the demo; of a folder, its
    files after each other in the order of their names.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._hash = hashlib.sha256()
        self.size = 0
        self._error: OSError | None = None
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name="sha256")
        self._thread.start()

    @property
    def sha256(self) -> str:
        """In hex."""
        return self._hash.hexdigest() if self._path is not None else ""

    def wait(self) -> None:
        """Until the whole file is read. Raises CannotRead if it went away."""
        self._thread.join()
        if self._error is not None:
            raise CannotRead(f"{self._path}: {self._error.strerror}; is its disk still there?") from self._error

    def cancel(self) -> None:
        """Nobody wants the digest any more."""
        self._cancelled = True
        self._thread.join()

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
