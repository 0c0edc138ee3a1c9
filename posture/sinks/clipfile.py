"""One encrypted file of a recording: where it lies, that there is room for it, and who is told of it."""

import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Literal

from posture.errors import OutputFull, PostureError
from posture.sinks.fragments import Fragment
from posture.sinks.recording import Clip, ClipNews
from posture.vault.clip import SUFFIX, ClipWriter, Closed
from posture.vault.recipient import Recipient

LEAST_FREE_SHARE, LEAST_FREE_BYTES = 0.01, 500_000_000
"""Recording leaves at least this of a disk, whichever is less."""
NAME_BYTES = 8
ADVICE = "choose another folder (vault.folder)"

Recipients = Callable[[date], tuple[Recipient, ...]]
"""For whom a clip of that day is encrypted. Raises VaultError where no key is left."""


class Unlogged(Exception):
    """Whoever has to know of a clip could not be told, for the reason in `__cause__`."""


@dataclass(eq=False)
class Place:
    """A folder that clips go to."""

    folder: Path
    make: bool = True
    """Whether it is made with all folders above it; below a share that is not mounted nothing must be made."""
    stuck: threading.Thread | None = None
    """The last thread that waited for it too long."""

    @property
    def answers(self) -> bool:
        """Whether no thread is still waiting for it."""
        return self.stuck is None or not self.stuck.is_alive()


def created(path: Path) -> BinaryIO:
    """A new file that only its owner can read, open for writing. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)


def space(folder: Path) -> tuple[int, int]:
    """Free and total bytes of the disk that it lies on, or will lie on. Raises OSError."""
    usage = shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.exists()))
    return usage.free, usage.total


@dataclass(frozen=True)
class System:
    """What files need of the system, for tests to replace."""

    open: Callable[[Path], BinaryIO] = created
    space: Callable[[Path], tuple[int, int]] = space
    random: Callable[[int], bytes] = os.urandom
    clock: Callable[[], float] = time.monotonic


class ClipFile:
    """Begins with a fragment of a clip. Not to be shared between threads; may wait for the disk anywhere."""

    def __init__(
        self,
        place: Place,
        clip: Clip,
        fragment: Fragment,
        recipients: tuple[Recipient, ...],
        tell: Callable[[ClipNews], None],
        system: System,
        most_bytes: float,
    ) -> None:
        """`fragment` will be the first one that is added. Raises OSError, OutputFull and Unlogged."""
        self.clip = clip
        self._recipients = recipients
        self._place, self._tell, self._space, self._most_bytes = place, tell, system.space, most_bytes
        self._first, self._count, self._frames = fragment.number, 0, 0
        self._check_room()
        if place.make:
            place.folder.mkdir(parents=True, exist_ok=True)
        self._path = place.folder / f"{os.urandom(NAME_BYTES).hex()}{SUFFIX}"
        file = system.open(self._path)
        try:
            self._writer = ClipWriter(file, recipients, random=system.random)
            self._writer.fragment(clip.head)
            _sync_folder(place.folder)
            self._say("opened")
        except BaseException:  # nothing of anybody is in it yet
            with suppress(OSError):
                file.close()
                self._path.unlink()
            raise

    @property
    def length(self) -> int:
        """Bytes that are on the disk."""
        return self._writer.length

    def add(self, fragment: Fragment) -> None:
        """When it returns, the fragment is on the disk. Raises OSError and OutputFull."""
        self._check_room()
        self._writer.fragment(fragment.placed(self._first, self.clip.rate, self._count + 1))
        self._count += 1
        self._frames = fragment.number + fragment.frames - self._first

    def close(self) -> None:
        """The clip is over. Where the disk does not take that, it is one that was cut. Raises Unlogged."""
        try:
            closed = self._writer.close()
        except (OSError, ValueError):  # ValueError: a failed write has closed it already
            self._writer.abandon()
            self._say("abandoned")
            return
        with suppress(OSError):  # the hour of a recording is not for everybody who can list the folder
            midnight = time.mktime((*time.localtime()[:3], 0, 0, 0, 0, 0, -1))
            os.utime(self._path, (midnight, midnight))
        self._say("closed", closed)

    def _check_room(self) -> None:
        """Raises OutputFull where the disk, or what recordings may take of it, is as good as full."""
        folder = self._place.folder
        free, total = self._space(folder)
        if free < min(LEAST_FREE_SHARE * total, LEAST_FREE_BYTES):
            raise OutputFull(f"the disk of {folder} is as good as full: free some space, or {ADVICE}")
        if self._most_bytes and sum(path.stat().st_size for path in folder.glob(f"*{SUFFIX}")) >= self._most_bytes:
            raise OutputFull(f"the recordings in {folder} have reached recorder.most_gib; delete some, or allow more")

    def _say(self, kind: Literal["opened", "closed", "abandoned"], closed: Closed | None = None) -> None:
        clip, writer = self.clip, self._writer
        length_s = self._frames / clip.rate
        news = ClipNews(kind, writer.clip_id, self._path, clip, self._recipients, length_s, writer.length, closed)
        try:
            self._tell(news)
        except PostureError as exc:
            raise Unlogged from exc


def _sync_folder(folder: Path) -> None:
    """So that the name of a new file is there after a power cut, too."""
    if os.name == "posix":
        with suppress(OSError):  # a share may not know how
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
