"""What somebody was working on, for after a crash: one encrypted file for each run of the program.

    FOLDER/unsaved-TOKEN.sealed   MessagePack of the header of a sealed stream and of its one blob (`vault/sealed.py`)

Writing needs no secret, so that a vault which locks itself keeps nothing from being kept; reading does. It is encrypted
under the key of the day for the history, and cannot be read any more once that is erased.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from posture.errors import Damaged, VaultError
from posture.output import oldest_first, remove_left, removed, translated, whole_file
from posture.vault.recipient import Recipient, Secrets
from posture.vault.sealed import SealedStream, open_stream

NAME = "unsaved"
"""How the names of its files begin."""
LABEL = "posture unsaved work v1"
ADVICE = "free some space or check the permissions of its folder; after a crash this work would be lost"
MOST_BYTES = 64 << 20
"""A larger file is none of this program's."""


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    header: bytes
    blob: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """What earlier runs left."""

    contents: tuple[bytes, ...] = ()
    """As it was given to `keep`, oldest first."""
    lost: int = 0
    """Files whose key is erased, or which are damaged."""
    paths: tuple[Path, ...] = ()


class Unsaved:
    """That of this run, and of runs before it. One thread at a time."""

    def __init__(self, folder: Path, recipients: Callable[[], Sequence[Recipient]]) -> None:
        """`folder`: of the vault. `recipients`: for whom it is encrypted today; VaultError where there is none."""
        self._folder, self._recipients = folder, recipients
        self._own = _new_name(folder)

    def keep(self, content: bytes) -> None:
        """In place of what this run kept before. Raises VaultError where there is no key, SinkError."""
        stream = SealedStream.begin(self._recipients(), LABEL)
        with whole_file(self._own, overwrite=True, private=True, advice=ADVICE) as out:
            out.write(msgspec.msgpack.encode(_Sealed(stream.header, stream.seal(content))))

    def forget(self) -> None:
        """Nothing of this run is unsaved. Raises SinkError."""
        removed(self._own, ADVICE)

    def set_aside(self) -> None:
        """What was kept is left, as by an earlier run; what is kept from now on stands beside it."""
        self._own = _new_name(self._folder)

    @property
    def there(self) -> bool:
        """Whether an earlier run left anything."""
        return bool(self._others())

    def left(self, secrets: Secrets) -> Left:
        """Read what earlier runs left; it stays until `remove`. What they left half-written goes. Raises SinkError."""
        remove_left(self._folder)
        contents, lost, paths = [], 0, self._others()
        for path in paths:
            try:
                content = opened(path, secrets)
            except VaultError:
                lost += 1
            else:
                contents.append(content)
        return Left(tuple(contents), lost, tuple(paths))

    def remove(self, left: Left) -> None:
        """It is kept elsewhere now. Raises SinkError."""
        for path in left.paths:
            removed(path, ADVICE)

    def _others(self) -> list[Path]:
        return [path for path in files(self._folder) if path != self._own]


def files(folder: Path) -> list[Path]:
    """Those of all runs in this folder of a vault, oldest first."""
    return oldest_first(folder, f"{NAME}-*.sealed")


def _new_name(folder: Path) -> Path:
    return folder / f"{NAME}-{os.urandom(8).hex()}.sealed"


def opened(path: Path, secrets: Secrets) -> bytes:
    """What was kept in the file. Raises VaultError (WrongKey, Damaged), SinkError where it cannot be read at all."""
    try:
        with path.open("rb") as file:
            sealed = msgspec.msgpack.decode(file.read(MOST_BYTES), type=_Sealed)
    except msgspec.MsgspecError as exc:
        raise Damaged(f"{path}: altered or cut") from exc
    except OSError as exc:
        raise translated(path, exc, ADVICE) from exc
    return open_stream(sealed.header, secrets, LABEL).open(sealed.blob)
