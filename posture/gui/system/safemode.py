"""After a crash: a file says that the program runs, and is still there at the next start.

Safe mode leaves out what may have been the reason: the graphics processor, the camera by itself, windows over others.
"""

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from posture.config import Settings
from posture.output import whole_file

SENTINEL = "posture.running"


class Sentinel:
    """The file of one folder. Whoever has the lock of that folder uses it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / SENTINEL

    def begin(self) -> bool:
        """From now on the program runs; whether the last one did not end properly. Raises SinkError."""
        crashed = self._file.exists()
        with whole_file(self._file, overwrite=True, private=True, advice="check who may write that folder") as out:
            out.write(f"process {os.getpid()}\n".encode())
        return crashed

    def end(self) -> None:
        """The program ends properly."""
        with suppress(FileNotFoundError):
            self._file.unlink()


def safe(settings: Settings) -> Settings:
    """The settings of safe mode: nothing of it is written to the file."""
    return msgspec.structs.replace(settings, pose=msgspec.structs.replace(settings.pose, providers=("cpu",)))
