"""The recordings of a vault: listing, exporting, keeping for longer, repairing and deleting them.

Listing, deleting and retention work while the vault is locked; everything else needs it open.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from posture.audit.events import Event
from posture.audit.folder import sync_folder
from posture.errors import ConfigError, Damaged, Locked, OutputExists, SinkError
from posture.output import translated, whole_file
from posture.vault import header
from posture.vault.catalogue import NAME, About, Catalogue
from posture.vault.clip import SUFFIX, ClipReader, Verdict, input_key, open_clip, verify
from posture.vault.entry import Entry, examined
from posture.vault.pieces import copied, plain_video, rewrap
from posture.vault.recipient import Recipient
from posture.vault.ring import Ring
from posture.vault.store import Unlocked, Vault

RECORDED_WITHIN_S = 60.0
"""A clip without an end that was written to in the last minute is still being recorded: a fragment takes a second."""
MOST_HOLD_DAYS = 3650
_ADVICE = "check the permissions of its folder"


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run of retention did: the proof of erasure, which the audit log has too."""

    keys: tuple[bytes, ...]
    """The keys that were erased: what they encrypted cannot be read any more, wherever it is."""
    removed: tuple[Path, ...]
    """The recordings that were deleted."""
    failed: tuple[Path, ...]
    """Recordings that could not be deleted; nobody can read them."""
    others: tuple[str, ...]
    """Who else may still be able to read what was recorded on those days: their keys are not here."""
    doubted: bool
    """The clock is far ahead of the last use; nothing is erased before a later run says so too, a day on."""


class Library:
    """The recordings in some folders. `unlocked` is set by who opened the vault, and None while it is locked."""

    def __init__(
        self,
        vault: Vault,
        folders: Sequence[Path],
        keep_days: int = 3,
        unlocked: Unlocked | None = None,
        *,
        now_s: Callable[[], float] = time.time,
        hold_days: int = MOST_HOLD_DAYS,
    ) -> None:
        """`keep_days`, `hold_days`: of the settings. `now_s`: seconds since 1970."""
        self.vault = vault
        self.folders = tuple(folders)
        self.unlocked = unlocked
        self.catalogue = Catalogue(vault.folder / NAME)
        self._keep_days, self._hold_days = keep_days, hold_days
        self._record = vault.record
        self._now_s = now_s

    def entries(self) -> list[Entry]:
        """Every recording, the newest day first. Raises Damaged where the vault's ring is damaged."""
        ring, rows = self._ring(), self._rows()
        found = [self._entry(path, ring, rows) for folder in self.folders for path in _clips(folder)]
        return sorted(found, key=lambda entry: (entry.day or date.min, _started_s(entry), entry.name), reverse=True)

    def find(self, name: str) -> Entry:
        """The recording of this path, or whose clip id or file name begins so. Raises ConfigError unless it is one."""
        path = Path(name)
        if path.suffix == SUFFIX and path.is_file():
            return self._entry(path.absolute(), self._ring(), self._rows())
        wanted = name.lower().removesuffix(SUFFIX)
        matching = [entry for entry in self.entries() if wanted and _matches(entry, wanted)]
        if len(matching) == 1:
            return matching[0]
        what = f"{len(matching)} recordings begin with" if matching else "there is no recording"
        raise ConfigError(f"{what} {name!r}: `posture recordings list` shows them; give a path or more of the id")

    def open(self, entry: Entry, file: BinaryIO) -> ClipReader:
        """Read a recording, as much as there is, and note that it was viewed. Raises Locked, WrongKey, Damaged."""
        reader = open_clip(file, self._open().secrets, recover=True)
        self._record(Event.CLIP_VIEWED, clip=reader.clip_id.hex())
        return reader

    def key(self, entry: Entry) -> bytes:
        """The key of this recording alone (32 bytes), for a process that is to open nothing else. Raises as `open`."""
        unlocked = self._open()
        with _reading(entry.path) as file:
            return input_key(file, unlocked.secrets)

    def verify(self, entry: Entry) -> Verdict:
        """Check every byte. Raises Locked, WrongKey; Damaged where nothing can be read."""
        unlocked = self._open()
        with _reading(entry.path) as file:
            return verify(file, unlocked.secrets)

    def delete(self, entry: Entry) -> None:
        """Delete this copy; see `Entry.promise`. Raises SinkError, Locked while it is being recorded."""
        self._refuse_recording(entry)
        if not _unlink(entry.path):
            raise SinkError(f"cannot delete {entry.path}; {_ADVICE}")
        if entry.key is not None and entry.key.until is not None:
            self.vault.erase((entry.key.key_id,))
        if entry.clip_id:
            self.catalogue.remove((entry.clip_id,))
            self._record(Event.CLIP_DELETED, clip=entry.clip_id.hex())

    def hold(self, entry: Entry, until: date, today: date) -> None:
        """Keep a recording through `until`, longer or shorter than before: encrypt its key for a key of its own.

        The new key is on the disk before the recording is rewritten, and the recording before an older hold is erased.
        Copies made before stay under the old key. Raises ConfigError for a day that has passed, Locked, WrongKey,
        Damaged, SinkError; then the recording can be read as before.
        """
        unlocked = self._open()
        if until < today:
            raise ConfigError(f"{until} has passed: a recording can be kept until a day that is to come")
        if (until - today).days > self._hold_days:
            raise ConfigError(
                f"{until} is {(until - today).days} days from today: a recording may be kept for {self._hold_days} "
                "days at most (vault.hold_days)"
            )
        self._refuse_recording(entry)
        before = entry.key
        if before is None:
            raise Locked(f"no key of this vault opens {entry.path}, so it cannot be kept for longer")
        key = unlocked.new_hold(before.day, until, today)
        self._rewrapped(entry, unlocked, (key, *self._others(entry)))
        self._record(Event.CLIP_HELD, clip=entry.clip_id.hex(), key_id=key.key_id.hex())
        if before.until is not None:
            self.vault.erase((before.key_id,))

    def extend(self, entry: Entry, days: int, today: date) -> date:
        """Keep a recording for so many days more than now; the last day. Raises as `hold` does."""
        until = (entry.last_day or today) + timedelta(days=days)
        self.hold(entry, until, today)
        return until

    def rekey(self, entry: Entry) -> bool:
        """Encrypt a recording's key for who is to read its day now; whether that was somebody else before.

        One that is held keeps its own key. Raises as `hold` does.
        """
        unlocked = self._open()
        self._refuse_recording(entry)
        ring, key = self.vault.ring(), entry.key
        if key is None:
            raise Locked(f"no key of this vault opens {entry.path}")
        own = key.recipient if key.until is not None else (ring.current(key.day) or key).recipient
        wanted = (own, *ring.recipients(key.day)[1:])
        with _reading(entry.path) as file:
            slots = {slot.key_id for slot in header.read(file).slots}
        if slots == {recipient.key_id for recipient in wanted}:
            return False
        self._rewrapped(entry, unlocked, wanted)
        self._record(Event.CLIP_REKEYED, clip=entry.clip_id.hex(), key_id=own.key_id.hex())
        return True

    def repair(self, entry: Entry) -> Entry | None:
        """A whole recording in place of a damaged one, with all that can be read; None where it is whole.

        It is encrypted anew, because no clip is ever continued. The damaged one goes once the new one is on the disk.
        Raises Locked, WrongKey, Damaged where nothing can be read, SinkError.
        """
        unlocked = self._open()
        self._refuse_recording(entry)
        if entry.key is None:
            raise Locked(f"no key of this vault opens {entry.path}, so it cannot be repaired")
        recipients = (entry.key.recipient, *self._others(entry))
        with _reading(entry.path) as file:
            reader = open_clip(file, unlocked.secrets, recover=True)
            if not reader.torn:
                return None
            clip_id, path, closed = copied(reader, entry.path.parent, recipients)
        if entry.about is not None:
            self.catalogue.put(clip_id, entry.key.day, recipients, entry.about)
        self._record(Event.CLIP_CLOSED, clip=clip_id.hex(), bytes=closed.length, sha256=closed.sha256)
        _unlink(entry.path)
        self.catalogue.remove((entry.clip_id,))
        self._record(Event.CLIP_DELETED, clip=entry.clip_id.hex())
        return self.find(str(path))

    def export(
        self,
        entry: Entry,
        out: Path,
        *,
        reason: str,
        confirmed: bool,
        overwrite: bool = False,
        write: Callable[[ClipReader, BinaryIO], object] = plain_video,
    ) -> bool:
        """Decrypt a recording into a video file for everybody, whole or not at all; whether all of it could be read.

        `reason`: one of `EXPORT_REASONS`, for the audit log. `confirmed`: a person said yes to exactly this. `write`
        puts the video into the file; one that redacts it takes its place. Without an entry in the log there is no file.

        Raises Locked, also where nobody confirmed; WrongKey, Damaged, OutputExists, SinkError.
        """
        unlocked = self._open()
        if not confirmed:
            raise Locked("an export can be read by everybody, so it needs a yes of its own")
        if out.suffix == SUFFIX:
            raise OutputExists(f"{out} looks like a recording: name a file that ends with .mp4")
        with _reading(entry.path) as file:
            reader = open_clip(file, unlocked.secrets, recover=True)
            with whole_file(out, overwrite=overwrite, private=True) as stream:
                write(reader, stream)
                self._record(Event.CLIP_EXPORTED, clip=reader.clip_id.hex(), purpose=reason)
            return not reader.torn

    def retain(self, today: date) -> Retained:
        """Erase the keys of days that are kept long enough, then delete what they encrypted. Works while locked.

        Every key and the number of deleted recordings are in the audit log. Raises Locked where there is no vault,
        Damaged, SinkError.
        """
        erased = self.vault.expire(today, self._keep_days)
        if erased.keys and self.unlocked is not None and self.unlocked.is_open:
            self.unlocked.refresh()
        ring = self.vault.ring()
        self.catalogue.expire(ring.erased)
        gone = [entry.path for entry in self.entries() if entry.state == "erased"]
        removed = tuple(path for path in gone if _unlink(path))
        if erased.keys or removed:
            self._record(Event.RETENTION_RUN, removed=len(removed))
        failed = tuple(path for path in gone if path not in removed)
        return Retained(tuple(key.key_id for key in erased.keys), removed, failed, erased.others, erased.doubted)

    def _open(self) -> Unlocked:
        if self.unlocked is None or not self.unlocked.is_open:
            raise Locked(f"the vault in {self.vault.folder} is locked: unlock it first")
        return self.unlocked

    def _ring(self) -> Ring | None:
        return self.vault.ring() if self.vault.exists else None

    def _rows(self) -> dict[bytes, About | None]:
        """What the catalogue knows; nothing where it is damaged, because the recordings can do without."""
        try:
            rows = self.catalogue.rows()
        except (Damaged, SinkError):
            return {}
        secrets = self.unlocked.secrets if self.unlocked else lambda key_id: None
        return {clip_id: row.about(secrets) for clip_id, row in rows.items()}

    def _entry(self, path: Path, ring: Ring | None, rows: dict[bytes, About | None]) -> Entry:
        unlocked = self.unlocked if self.unlocked is not None and self.unlocked.is_open else None
        entry = examined(path, ring, None if unlocked is None else unlocked.secrets, self._keep_days)
        return replace(entry, about=rows.get(entry.clip_id))

    def _others(self, entry: Entry) -> Iterator[Recipient]:
        """The recipients beside this vault whose public keys are known."""
        with _reading(entry.path) as file:
            ids = {slot.key_id for slot in header.read(file).slots}
        known = [Recipient(key.kem, key.public) for other in self.vault.ring().others for key in other.keys]
        return (recipient for recipient in known if recipient.key_id in ids)

    def _rewrapped(self, entry: Entry, unlocked: Unlocked, recipients: tuple[Recipient, ...]) -> None:
        """The recording first and what is known of it afterwards: between the two it is listed with less."""
        rewrap(entry.path, unlocked.secrets, recipients)
        if entry.about is not None and entry.key is not None:
            self.catalogue.put(entry.clip_id, entry.key.day, recipients, entry.about)

    def _refuse_recording(self, entry: Entry) -> None:
        """Raise Locked for a recording that is not over yet."""
        try:
            changed_s = entry.path.stat().st_mtime
        except OSError as exc:
            raise translated(entry.path, exc, _ADVICE) from exc
        if not entry.finished and entry.state != "damaged" and abs(self._now_s() - changed_s) < RECORDED_WITHIN_S:
            raise Locked(f"{entry.path} is still being recorded: stop the recording first, or wait a minute")


def _clips(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file() and not path.name.startswith("."))


def _matches(entry: Entry, wanted: str) -> bool:
    return entry.clip_id.hex().startswith(wanted) or entry.path.stem.lower().startswith(wanted)


def _started_s(entry: Entry) -> float:
    return entry.about.started_s if entry.about else 0.0


def _reading(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as exc:
        raise SinkError(f"cannot read {path}: {exc.strerror}; {_ADVICE}") from exc


def _unlink(path: Path) -> bool:
    """Whether the file is gone, for good."""
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except (OSError, SinkError):
        return False
    return True
