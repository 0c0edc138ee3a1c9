"""The two key files of a vault and the lock that whoever changes them takes.

    vault/identity.pkey   the sealed halves of the keys, see `keyfile.py`
    vault/ring.json       the public keys and the open halves, see `ring.py`
    vault.lock            empty; locked while somebody reads or changes them

A vault is there once it has an identity; the ring is written before the first one and after every other. So what a
crash leaves is at worst a sealed half without its open one, which is forgotten at the next unlocking.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from posture.audit.folder import alone, alone_for_reading, sync_folder
from posture.errors import Damaged, Locked, SinkError, UnsupportedVersion
from posture.output import translated, whole_file
from posture.vault.keyfile import MOST_BYTES
from posture.vault.ring import VERSION, Ring

ADVICE = "free some space or check the permissions of its folder; the keys are as they were"
MAKE_ONE = "`posture keys create` makes one, and so does the page Recordings"


class _Version(msgspec.Struct):
    """What every version of the ring has."""

    version: int


class KeyFiles:
    """The files of one folder. Nothing is made before something is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder = folder.absolute()
        self.identity_path = folder / "identity.pkey"
        self.ring_path = folder / "ring.json"
        self._lock_path = folder.parent / f"{folder.name}.lock"

    def alone(self) -> AbstractContextManager[None]:
        """Alone with the files, among all processes and threads. Raises SinkError."""
        return alone(self._lock_path, ADVICE)

    def alone_for_reading(self) -> AbstractContextManager[None]:
        """The same, also where nothing can be written."""
        return alone_for_reading(self._lock_path)

    def make_folder(self) -> None:
        """Which only its owner can enter."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise translated(self.folder, exc, ADVICE) from exc
        sync_folder(self.folder.parent, ADVICE)

    def read_identity(self) -> bytes:
        """Raises Locked where there is no vault."""
        return self._read(self.identity_path)

    def write_identity(self, data: bytes) -> None:
        """Replace it. Raises SinkError; then the old one stands."""
        self._replace(self.identity_path, data)

    def read_ring(self) -> Ring:
        """Raises Locked where there is no vault, Damaged where there is one without its ring."""
        if not self.identity_path.exists():
            raise Locked(f"there is no vault in {self.folder} yet: {MAKE_ONE}")
        try:
            data = self._read(self.ring_path)
            version = msgspec.json.decode(data, type=_Version).version
            if version > VERSION:
                raise UnsupportedVersion(
                    f"{self.ring_path} is of version {version}: use the newer program that wrote it"
                )
            return msgspec.json.decode(data, type=Ring)
        except (msgspec.DecodeError, UnicodeDecodeError, Locked) as exc:
            raise Damaged(
                f"{self.ring_path} is gone, altered or cut: put a copy of it back; without it no recording can be "
                f"read, and {self.folder} has to be moved away before a new vault can be made"
            ) from exc

    def write_ring(self, ring: Ring) -> None:
        """Replace it and, where the disk writes in place, overwrite what stood there: an open half that was erased.

        Raises SinkError; then the old one stands.
        """
        with _kept_open(self.ring_path) as old:
            self._replace(self.ring_path, msgspec.json.format(msgspec.json.encode(ring), indent=1))
            if old is not None:
                _overwrite(old)

    def remove(self) -> None:
        """Overwrite and delete both files: from then on there is no vault. Raises SinkError."""
        for path in (self.identity_path, self.ring_path):
            try:
                with _kept_open(path) as old:
                    path.unlink(missing_ok=True)
                    if old is not None:
                        _overwrite(old)
            except OSError as exc:
                raise SinkError(f"cannot delete {path}: {exc.strerror}; check the permissions of its folder") from exc
        if self.folder.exists():
            sync_folder(self.folder, ADVICE)

    def _read(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(MOST_BYTES + 1)
        except FileNotFoundError as exc:
            raise Locked(f"there is no {path} yet: {MAKE_ONE}") from exc
        except OSError as exc:
            raise SinkError(f"cannot read {path}: {exc.strerror}; check its permissions") from exc

    def _replace(self, path: Path, data: bytes) -> None:
        with whole_file(path, overwrite=True, advice=ADVICE, private=True) as out:
            out.write(data)
        sync_folder(self.folder, ADVICE)


@contextmanager
def _kept_open(path: Path) -> Iterator[BinaryIO | None]:
    """A file that is about to lose its name. Windows replaces no file that is open."""
    if os.name == "nt" or not path.exists():
        yield None
        return
    try:
        file = path.open("r+b")
    except OSError:
        yield None
        return
    with file:
        yield file


def _overwrite(file: BinaryIO) -> None:
    """As well as a program can: a disk that moves its blocks keeps the old ones for a while."""
    with suppress(OSError):
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        file.write(bytes(length))
        file.flush()
        os.fsync(file.fileno())
