"""What is known of recordings beside what is in them: when they began, how long they are, what they show.

A row is a clip id, the id of the key that opens it and its day, in plain, and the rest in a sealed stream of its own
(`sealed.py`), which whoever records can write without a secret. A row is never changed, only replaced. Nothing depends
on the catalogue: a clip without a row can be listed and played.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from posture.errors import Damaged, OutputFull, SinkError, WrongKey
from posture.vault.recipient import Recipient, Secrets
from posture.vault.sealed import SealedStream, open_stream

NAME = "catalogue.sqlite"
_LABEL = "posture catalogue v1"
_WAIT_S = 10.0
_TABLE = "CREATE TABLE IF NOT EXISTS clips (clip BLOB, key BLOB, day TEXT, header BLOB, sealed BLOB)"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What nobody can read without the key. Fields that a newer version added are left out when it is read."""

    started_s: float
    """Seconds since 1970, UTC."""
    length_s: float | None = None
    """Seconds of video; None while it is being recorded, and where the recording was interrupted."""
    source: str = ""
    """What the person calls the camera, or the name of the file."""
    content: str = ""
    """What can be seen: "skeleton", "background-removed", ..."""
    mode: str = ""
    """"continuous", "event" or "manual"."""
    purpose: str = ""
    """What for: `privacy.purpose` of the settings then."""
    reason: str = ""
    """Why it was begun, in a word; empty where nothing but a person began it."""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row as it stands in the file."""

    clip_id: bytes
    key_id: bytes
    day: date
    header: bytes
    sealed: bytes

    def about(self, secrets: Secrets) -> About | None:
        """What it says; None where no key at hand opens it, or it was altered."""
        try:
            content = open_stream(self.header, secrets, _LABEL).open(self.sealed, _bound(*self._columns))
            return msgspec.json.decode(content, type=About)
        except (WrongKey, Damaged, msgspec.DecodeError):
            return None

    @property
    def _columns(self) -> tuple[bytes, bytes, date]:
        return self.clip_id, self.key_id, self.day


class Catalogue:
    """The catalogue in a file; nothing is made before the first `put`. May be used by any thread and process."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def put(self, clip_id: bytes, day: date, recipients: Sequence[Recipient], about: About) -> None:
        """Add what is known of a clip; it counts instead of what was known before. Raises SinkError, Damaged."""
        key_id = recipients[0].key_id
        stream = SealedStream.begin(recipients, _LABEL)
        sealed = stream.seal(msgspec.json.encode(about), _bound(clip_id, key_id, day))
        row = (clip_id, key_id, day.isoformat(), stream.header, sealed)
        with self._open("rwc") as db:
            db.execute(_TABLE)
            db.execute("DELETE FROM clips WHERE clip = ?", (clip_id,))
            db.execute("INSERT INTO clips VALUES (?, ?, ?, ?, ?)", row)

    def rows(self) -> dict[bytes, Row]:
        """The row of each clip, by clip id. Raises Damaged, SinkError."""
        if not self.path.exists():
            return {}
        with self._open("ro") as db:
            found = db.execute("SELECT clip, key, day, header, sealed FROM clips ORDER BY rowid").fetchall()
        try:
            rows = [Row(clip, key, date.fromisoformat(day), header, sealed) for clip, key, day, header, sealed in found]
        except (TypeError, ValueError) as exc:
            raise self._damaged() from exc
        return {row.clip_id: row for row in rows}

    def remove(self, clip_ids: Collection[bytes]) -> None:
        """Forget clips. Raises Damaged, SinkError."""
        self._delete("clip", clip_ids)

    def expire(self, key_ids: Collection[bytes]) -> None:
        """Delete what these keys opened. Raises Damaged, SinkError."""
        self._delete("key", key_ids)

    def _delete(self, column: str, values: Collection[bytes]) -> None:
        if not values or not self.path.exists():
            return
        with self._open("rw") as db:
            db.executemany(f"DELETE FROM clips WHERE {column} = ?", [(value,) for value in values])

    @contextmanager
    def _open(self, mode: Literal["ro", "rw", "rwc"]) -> Iterator[sqlite3.Connection]:
        """One transaction; what is deleted is overwritten."""
        try:
            if mode == "rwc":
                self.path.touch(mode=0o600)
            with closing(sqlite3.connect(f"{self.path.as_uri()}?mode={mode}", timeout=_WAIT_S, uri=True)) as db, db:
                db.execute("PRAGMA secure_delete = ON")
                yield db
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise OutputFull(f"no room to write {self.path}: free some space") from exc
            raise SinkError(f"cannot write {self.path}: {exc}; check the permissions of its folder") from exc
        except sqlite3.DatabaseError as exc:
            raise self._damaged() from exc
        except OSError as exc:
            raise SinkError(f"cannot write {self.path}: {exc.strerror}; check the permissions of its folder") from exc

    def _damaged(self) -> Damaged:
        return Damaged(f"{self.path} was altered or cut: delete it; recordings can be listed and played without it")


def _bound(clip_id: bytes, key_id: bytes, day: date) -> bytes:
    return clip_id + key_id + day.isoformat().encode()
