"""Who was told of the camera, and who agreed to it: notes under an alias, which say nothing about anybody else's data.

Where there is a vault, each note is encrypted under a key of its own that lasts through its last day; erasing the key
erases the note and every copy of it. Without a vault the notes stand in plain, for their owner alone, and whoever
writes one is told so. A note is never changed but by its withdrawal.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from posture.audit.events import Event
from posture.errors import ConfigError, Damaged, Locked, SinkError, WrongKey
from posture.output import whole_file
from posture.vault.recipient import Secrets
from posture.vault.sealed import SealedStream, open_stream
from posture.vault.store import Unlocked, Vault

NAME = "consents.json"
VERSION = 1
KEEP_YEARS = 3
KEEP_DAYS = KEEP_YEARS * 366
"""How long a note is kept: claims of this kind end three years after the year (Germany: BGB 195, 199)."""
MOST_LETTERS = 60
_LABEL = "posture consent v1"
_ADVICE = "free some space or check the permissions of its folder; nothing was noted"

NoteKind = Literal["consent", "notice"]
"""Somebody agreed; somebody was told and, the processing having another basis, was not asked."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One note, as it is read."""

    note: str
    """16 hex digits, random."""
    alias: str
    """Who, under a name that the user alone can place."""
    kind: NoteKind
    given: datetime
    """With its offset from UTC."""
    purpose: str
    """What for, as it stood in the settings then."""
    document: str = ""
    """SHA-256 of the paper or file that was shown; empty where none was named."""
    withdrawn: datetime | None = None


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One note, as it stands in the file."""

    note: str
    plain: Note | None = None
    key: bytes = b""
    header: bytes = b""
    sealed: bytes = b""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    notes: tuple[_Stored, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One note of a list."""

    note: str
    known: Note | None
    """None while it is locked, or once its key is erased."""
    encrypted: bool


class Consents:
    """The notes of one user. `unlocked`: None while the vault is locked; then what is encrypted cannot be read."""

    def __init__(
        self,
        folder: Path,
        vault: Vault,
        unlocked: Unlocked | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """`folder`: the data folder. `now`: with its offset from UTC."""
        self.path = folder / NAME
        self._vault, self._unlocked, self._now = vault, unlocked, now

    def listed(self) -> list[Listed]:
        """Every note, oldest first; those that were kept long enough go first. Raises Damaged, SinkError."""
        notes = self._retained()
        return [Listed(one.note, self._opened(one), one.plain is None) for one in notes]

    def add(self, alias: str, kind: NoteKind, purpose: str, document: str = "") -> Note:
        """Note that somebody agreed, or was told. Raises ConfigError for what is no alias; Locked, Damaged, SinkError.

        Where there is a vault, it has to be unlocked: the note gets a key of its own.
        """
        note = Note(
            note=os.urandom(8).hex(),
            alias=_checked(alias),
            kind=kind,
            given=self._now().replace(microsecond=0),
            purpose=purpose,
            document=document,
        )
        self._vault.record(Event.CONSENT_NOTED, note=note.note, kind=kind)  # no note that the log does not have
        self._write((*self._retained(), self._stored(note)))
        return note

    def withdraw(self, name: str) -> Note:
        """Note that whoever has this alias, or the note whose id begins so, does not agree any more; the note.

        Raises ConfigError where that is none or several, Locked, Damaged, SinkError.
        """
        notes = self._retained()
        found = [(one, known) for one in notes if (known := self._opened(one)) and _matches(known, name)]
        if len(found) != 1:
            locked = " (some are locked)" if any(self._opened(one) is None for one in notes) else ""
            what = f"{len(found)} notes that hold match" if found else "no note that holds matches"
            raise ConfigError(f"{what} {name!r}{locked}: `posture privacy consent list` shows them; give the id")
        stored, known = found[0]
        changed = msgspec.structs.replace(known, withdrawn=self._now().replace(microsecond=0))
        self._vault.record(Event.CONSENT_WITHDRAWN, note=known.note)
        self._write(tuple(self._again(stored, changed) if one is stored else one for one in notes))
        return changed

    def _stored(self, note: Note) -> _Stored:
        if not self._vault.exists:
            return _Stored(note.note, plain=note)
        if self._unlocked is None:
            raise Locked("a note is encrypted under a key of its own: unlock the vault first")
        day = note.given.date()
        recipient = self._unlocked.new_hold(day, day + timedelta(days=KEEP_DAYS), day, "consents")
        stream = SealedStream.begin((recipient,), _LABEL)
        return _Stored(note.note, key=recipient.key_id, header=stream.header, sealed=_sealed(stream, note))

    def _again(self, stored: _Stored, note: Note) -> _Stored:
        """The same note with other words, under the same key."""
        if stored.plain is not None:
            return msgspec.structs.replace(stored, plain=note)
        key = self._vault.ring().find(stored.key)
        if key is None:
            raise Locked("the key of this note is erased")
        stream = SealedStream.begin((key.recipient,), _LABEL)
        return msgspec.structs.replace(stored, header=stream.header, sealed=_sealed(stream, note))

    def _opened(self, stored: _Stored) -> Note | None:
        if stored.plain is not None:
            return stored.plain
        secrets: Secrets = self._unlocked.secrets if self._unlocked else lambda key_id: None
        try:
            content = open_stream(stored.header, secrets, _LABEL).open(stored.sealed, stored.note.encode())
            return msgspec.json.decode(content, type=Note)
        except (WrongKey, Damaged, msgspec.DecodeError):
            return None

    def _retained(self) -> tuple[_Stored, ...]:
        """What the file holds, without what was kept long enough: its keys first."""
        notes, today = self._read(), self._now().date()
        ring = None
        if self._vault.exists:
            self._vault.expire(today, 0, "consents")
            ring = self._vault.ring()
        kept = tuple(one for one in notes if _is_kept(one, today, None if ring is None else ring.erased))
        if kept != notes:
            self._write(kept)
        return kept

    def _read(self) -> tuple[_Stored, ...]:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_File).notes
        except FileNotFoundError:
            return ()
        except msgspec.DecodeError as exc:
            raise Damaged(f"{self.path} was altered or cut: put a copy of it back, or delete it") from exc
        except OSError as exc:
            raise SinkError(f"cannot read {self.path}: {exc.strerror}; check its permissions") from exc

    def _write(self, notes: tuple[_Stored, ...]) -> None:
        content = msgspec.json.format(msgspec.json.encode(_File(VERSION, notes)), indent=1)
        with whole_file(self.path, overwrite=True, advice=_ADVICE, private=True) as out:
            out.write(content)


def _sealed(stream: SealedStream, note: Note) -> bytes:
    return stream.seal(msgspec.json.encode(note), note.note.encode())


def _is_kept(stored: _Stored, today: date, erased: tuple[bytes, ...] | None) -> bool:
    if stored.plain is not None:
        return today - stored.plain.given.date() <= timedelta(days=KEEP_DAYS)
    return erased is None or stored.key not in erased


def _matches(note: Note, name: str) -> bool:
    return note.withdrawn is None and (note.alias == name or (len(name) >= 4 and note.note.startswith(name.lower())))


def _checked(alias: str) -> str:
    alias = alias.strip()
    if not alias or len(alias) > MOST_LETTERS or "@" in alias or not alias.isprintable():
        raise ConfigError(f"an alias has 1 to {MOST_LETTERS} letters and is no address: P07, “desk by the door”")
    return alias
