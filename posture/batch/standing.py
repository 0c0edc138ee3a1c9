"""What stands in a folder now, whether somebody still writes a file, and what kind of file system it is."""

import os
import signal
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from posture.batch.arrivals import Listing, Standing
from posture.batch.manifest import MARK
from posture.batch.patience import ANSWER_S, within
from posture.batch.work import What
from posture.inputs import MEDIA_SUFFIXES

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "9p", "afs", "ceph", "davfs", "lustre"}) | {
    *("glusterfs", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "beegfs", "gpfs", "afpfs", "webdav"),
}
_DRIVE_REMOTE = 4  # GetDriveTypeW, winbase.h
_F_SETSIG, _F_SETLEASE = 10, 1024  # linux/fcntl.h; the lease has no name in the fcntl module of every Python


class Away(Exception):
    """The folder cannot be read: unmounted, unplugged, or it does not answer. The message says which."""


class Folder:
    """A watched folder. `look` may be called from one thread."""

    def __init__(self, path: Path, what: What, leave: Iterable[Path] = ()) -> None:
        """`leave`: folders within it that hold results or files that were moved. Raises Away."""
        self.path = path
        self._start = os.fsencode(path)
        self._leave = frozenset(os.fsencode(each.absolute()) for each in leave)
        self._mark = MARK[what].encode()
        self._device = self._answer()[0]

    def look(self) -> Listing:
        """Every file that such a job takes, by its path below the folder. Raises Away.

        Symbolic links are not followed: one file would be many, and a folder could hold itself.
        """
        device, listing = self._answer()
        if device != self._device and not listing:
            raise Away("nothing is mounted there")  # what is left is the empty folder under the share
        self._device = device
        return listing

    def _answer(self) -> tuple[int, Listing]:
        def ask() -> tuple[int, Listing]:
            listing: dict[bytes, Standing] = {}
            device = os.stat(self._start).st_dev
            self._walk(self._start, listing)
            return device, listing

        try:
            return within(ANSWER_S, ask, "look-at-folder")
        except OSError as exc:
            raise Away(exc.strerror or str(exc)) from exc

    def _walk(self, folder: bytes, listing: dict[bytes, Standing]) -> None:
        """Raises OSError for the watched folder itself; what goes away or is closed below it is left out this time."""
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    self._add(entry, listing)

    def _add(self, entry: "os.DirEntry[bytes]", listing: dict[bytes, Standing]) -> None:
        if entry.name.startswith(b".") or entry.path in self._leave:
            return
        if entry.is_dir(follow_symlinks=False):
            self._walk(entry.path, listing)
            return
        stem, suffix = os.path.splitext(entry.name)
        if os.fsdecode(suffix).lower() not in MEDIA_SUFFIXES or (self._mark and stem.endswith(self._mark)):
            return
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode):
            below = os.path.relpath(entry.path, self._start)
            listing[below] = Standing(status.st_size, status.st_mtime_ns)


def is_held(path: Path) -> bool:
    """Whether another program has the file open for writing or has locked it, as far as the system can tell.

    Linux: a read lease is refused where anybody writes (fcntl(2)); needs the owner's account and a local file system.
    Elsewhere, and on shares, only a lock can be seen. Windows: whether it can be opened at all.
    """
    try:
        with path.open("rb") as file:
            return sys.platform != "win32" and _is_locked(file.fileno())
    except PermissionError:
        return sys.platform == "win32"
    except OSError:
        return False


def _is_locked(descriptor: int) -> bool:
    import fcntl

    for lock in (fcntl.flock, fcntl.lockf):
        try:
            lock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            lock(descriptor, fcntl.LOCK_UN)
        except BlockingIOError:
            return True
        except OSError:  # a file system without locks
            continue
    if sys.platform != "linux":
        return False
    try:
        # Whoever opens it for writing in this moment has the kernel send us a signal: one that is ignored.
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, _F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, _F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # not ours, or a file system without leases
        return False
    return False


def watched_by(path: Path, mounts: str | None = None) -> Literal["events", "polling"]:
    """Whether the system tells of every change there. On shares it tells only of this machine's own.

    `mounts`: the text of /proc/self/mountinfo (proc(5)).
    """
    if sys.platform == "win32":
        import ctypes

        drive = Path(path.absolute().anchor)
        kernel32 = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
        return "polling" if kernel32.GetDriveTypeW(str(drive)) == _DRIVE_REMOTE else "events"
    if sys.platform == "darwin":
        return "polling" if path.absolute().is_relative_to("/Volumes") else "events"
    kind = file_system(path, mounts)
    return "polling" if kind in _NETWORK or kind.startswith("fuse") else "events"


def file_system(path: Path, mounts: str | None = None) -> str:
    """Type of the file system that holds `path` (Linux); empty where that cannot be known."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
        except OSError:
            return ""
    best, kind = -1, ""
    whole = path.absolute()
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        point = Path(fields.split(" ")[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if whole.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), rest.split(" ")[0]
    return kind
