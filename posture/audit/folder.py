"""The files of an audit log, the lock that its writers take in turn, and its signing key.

    audit/signing.key          the private key; only its owner can read it
    audit/audit-2026-11.log    the entries of one month, or none where they have expired
    audit/audit-2026-11.ckpt   the newest signed checkpoint of that month
    audit.aside-1/             a damaged log that was put aside, whole
    audit.lock                 empty; locked while somebody appends

A month begins with its checkpoint over no entries and only then gets its log, so that entries without a checkpoint are
never what an interrupted start leaves behind.
"""

import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from posture.audit.checkpoint import Checkpoint
from posture.errors import LogDamaged, SinkError
from posture.output import translated, whole_file
from posture.signed_note import NoteError, PrivateKey

ADVICE = (
    "make its folder writable and free some space, or switch the log off: audit.enabled = false (`posture config edit`)"
)
EVIDENCE = "nothing was changed; see `posture audit verify`; `posture audit restart` puts it aside and begins another"
_FILE = re.compile(r"audit-([0-9]{4}-(?:0[1-9]|1[0-2]))\.(?:log|ckpt)")
_KEY_LIMIT_BYTES = 4096
_BINARY = getattr(os, "O_BINARY", 0)
_CLOSED_TO_CHILDREN = getattr(os, "O_CLOEXEC", 0)


def damaged(path: Path, what: str) -> LogDamaged:
    """The alarm: what is wrong with which file, and what to do."""
    return LogDamaged(f"the audit log is not what it was: {path} {what}; {EVIDENCE}")


class Folder:
    """Where the files of one log lie. Nothing is made before `begin`."""

    def __init__(self, path: Path) -> None:
        self.path = path = path.absolute()  # `.` has no name of its own
        self.key_path = path / "signing.key"
        self._lock_path = path.parent / f"{path.name}.lock"

    def log_path(self, month: str) -> Path:
        """The entries of a month."""
        return self.path / f"audit-{month}.log"

    def checkpoint_path(self, month: str) -> Path:
        """The newest signed checkpoint of a month."""
        return self.path / f"audit-{month}.ckpt"

    def months(self) -> list[str]:
        """Every month of which there is a file, oldest first."""
        try:
            names = os.listdir(self.path)
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise translated(self.path, exc, ADVICE) from exc
        return sorted({match.group(1) for name in names if (match := _FILE.fullmatch(name))})

    def aside(self) -> list[Path]:
        """The logs that were put aside, oldest first."""
        found = self.path.parent.glob(f"{self.path.name}.aside-*")
        return sorted((path for path in found if path.suffix[7:].isdecimal()), key=lambda path: int(path.suffix[7:]))

    def put_aside(self) -> Path:
        """Move the whole log away, in one step; the name it got."""
        number = int(self.aside()[-1].suffix[7:]) + 1 if self.aside() else 1
        target = self.path.parent / f"{self.path.name}.aside-{number}"
        try:
            self.path.rename(target)
        except OSError as exc:
            raise translated(target, exc, "close other windows of this program and try again") from exc
        sync_folder(target.parent)
        return target

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone with the log, among all processes and threads. Waits for whoever has it."""
        with alone(self._lock_path, ADVICE):
            yield

    @contextmanager
    def locked_for_reading(self) -> Iterator[None]:
        """The same without making anything: a log that cannot be written can be read all the same."""
        with alone_for_reading(self._lock_path):
            yield

    def read_key(self) -> PrivateKey | None:
        """The signing key; None where there is no such file. Raises LogDamaged if it is no key."""
        try:
            with self.key_path.open("rb") as file:
                return PrivateKey.parse(file.read(_KEY_LIMIT_BYTES).decode())
        except FileNotFoundError:
            return None
        except (NoteError, UnicodeDecodeError) as exc:
            raise damaged(self.key_path, "is no signing key") from exc
        except OSError as exc:
            raise translated(self.key_path, exc, ADVICE) from exc

    def make_key(self) -> PrivateKey:
        """The folder, which only its owner can enter, and a new signing key in it."""
        key = PrivateKey.generate(f"posture.audit/{secrets.token_hex(4)}")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise translated(self.path, exc, ADVICE) from exc
        sync_folder(self.path.parent)
        with whole_file(self.key_path, advice=ADVICE, private=True) as out:
            out.write(f"{key.secret_text()}\n".encode())
        sync_folder(self.path)
        return key

    def read_checkpoint(self, month: str) -> bytes | None:
        """The signed note of a month; None where there is none."""
        return _content(self.checkpoint_path(month))

    def write_checkpoint(self, checkpoint: Checkpoint, key: PrivateKey) -> bytes:
        """Sign and store a checkpoint in place of the one before."""
        note = checkpoint.signed(key)
        path = self.checkpoint_path(checkpoint.month)
        with whole_file(path, overwrite=True, advice=ADVICE, private=True) as out:
            out.write(note)
        sync_folder(self.path)
        return note

    def read_log(self, month: str) -> bytes | None:
        """Every byte of a month's entries; None where there is no such file."""
        return _content(self.log_path(month))

    def make_log(self, month: str) -> None:
        """An empty file for the entries of a month."""
        path = self.log_path(month)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | _CLOSED_TO_CHILDREN, 0o600))
        except OSError as exc:
            raise translated(path, exc, ADVICE) from exc
        sync_folder(self.path)

    def remove_log(self, month: str) -> None:
        """Delete the entries of a month; its checkpoint stays."""
        path = self.log_path(month)
        try:
            path.unlink()
        except OSError as exc:
            raise translated(path, exc, ADVICE) from exc
        sync_folder(self.path)


@contextmanager
def alone(lock: Path, advice: str) -> Iterator[None]:
    """Alone with what the empty file `lock` stands for, among all processes and threads. Waits for whoever has it."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | _CLOSED_TO_CHILDREN, 0o600)
    except OSError as exc:
        raise translated(lock, exc, advice) from exc
    with _held(descriptor, lock):
        yield


@contextmanager
def alone_for_reading(lock: Path) -> Iterator[None]:
    """The same without making anything; not alone where there is no lock to take, because then nobody can write."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | _CLOSED_TO_CHILDREN)
    except OSError:
        yield
        return
    with _held(descriptor, lock):
        yield


def append(path: Path, data: bytes, end: int) -> None:
    """Write `data` at `end` and make it the end of the file; return when it is on the disk: all of it, or nothing.

    `end` is where the whole records end; what an interrupted append left behind it is overwritten and cut off. Raises
    OutputFull or SinkError; then the file ends at `end`.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | _BINARY | _CLOSED_TO_CHILDREN)
        try:
            _append(descriptor, data, end)
        finally:
            os.close(descriptor)
    except OSError as exc:
        raise translated(path, exc, ADVICE) from exc


def sync_folder(path: Path, advice: str = ADVICE) -> None:
    """Wait until the names in a folder are on the disk, in the order in which they were made."""
    if sys.platform == "win32":  # a folder cannot be opened there; NTFS journals names
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | _CLOSED_TO_CHILDREN)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as exc:
        raise translated(path, exc, advice) from exc


def _append(descriptor: int, data: bytes, end: int) -> None:
    try:
        os.lseek(descriptor, end, os.SEEK_SET)
        left = memoryview(data)
        while left:  # a full disk may take a part of it, and say so only at the next attempt
            left = left[os.write(descriptor, left) :]
        if os.fstat(descriptor).st_size > end + len(data):
            os.ftruncate(descriptor, end + len(data))
        _sync(descriptor)
    except BaseException:  # also Ctrl+C: never a record that is half there
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise SinkError(f"cannot read {path}: {exc.strerror}; {ADVICE}") from exc


@contextmanager
def _held(descriptor: int, path: Path) -> Iterator[None]:
    """Locked until the block ends; closing the file gives the lock back."""
    try:
        try:
            _lock(descriptor)
        except OSError as exc:
            raise translated(path, exc, "another program keeps it locked: end that, and try again") from exc
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # tries for ten seconds

    def _sync(descriptor: int) -> None:
        os.fsync(descriptor)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _sync(descriptor: int) -> None:
        """Until the content is on the disk; on macOS only this call also empties the memory of the disk itself."""
        if sys.platform == "darwin":
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fdatasync(descriptor)
