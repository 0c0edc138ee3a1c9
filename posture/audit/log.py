"""Appending to the audit log: every entry is on the disk before `append` returns, whatever happens afterwards.

Several processes and threads may write at the same time: each append takes the lock, reads what others wrote since, and
writes one record. What an interrupted append left behind is cut off, and an entry says so. A log that is shorter than
its signed checkpoint, or another one, is never touched: `append` raises LogDamaged.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from posture.audit.belief import confirmed, is_believed, latest_before, moved_s
from posture.audit.checkpoint import Checkpoint
from posture.audit.clock import SYSTEM_CLOCK, Clock, Moment
from posture.audit.events import Event, Value, check
from posture.audit.folder import Folder, append, damaged
from posture.audit.month import Month, identity, open_month, read_checkpoint, read_more
from posture.audit.records import encode, pack, scan
from posture.audit.settings import DEFAULTS, AuditSettings
from posture.signed_note import PrivateKey

CHECKPOINT_EVERY_NS = 60 * 10**9


class AuditLog:
    """The log of one folder. Opening it reads and writes nothing; the first `append` does."""

    def __init__(
        self,
        folder: Path,
        clock: Clock = SYSTEM_CLOCK,
        settings: AuditSettings = DEFAULTS,
        known_settings: Collection[str] | None = None,
    ) -> None:
        """`known_settings`: the key paths that `settings.changed` may name; None allows all that look like one."""
        self._folder = Folder(folder)
        self._clock = clock
        self._keep_months = settings.keep_months
        self._known_settings = known_settings
        self._key: PrivateKey | None = None
        self._month: Month | None = None
        self._last: Moment | None = None
        self._signed_ns = 0
        self._expiry_due = True
        self._thread = threading.Lock()

    @classmethod
    def open(cls, folder: Path, clock: Clock = SYSTEM_CLOCK, settings: AuditSettings = DEFAULTS) -> Self:
        """The log of `folder`, which is made if need be, read and checked. Raises LogDamaged, SinkError."""
        log = cls(folder, clock, settings)
        with log._caught_up():
            return log

    def append(self, event: Event, **fields: Value) -> int:
        """Write one entry; its number.

        Raises FieldError for what may not be written, LogDamaged for a log that was changed, OutputFull and SinkError
        for one that cannot be written. After an error the entry is not in the log.
        """
        check(event, fields, self._known_settings)
        with self._caught_up() as (month, key, now):
            if now.mono_ns - self._signed_ns >= CHECKPOINT_EVERY_NS:
                self._sign(month, key, now)
            return self._write(month, now, event, fields)

    def checkpoint(self) -> bytes:
        """Sign size and root as they are now; the signed note, which is worth keeping elsewhere."""
        with self._caught_up() as (month, key, now):
            return self._sign(month, key, now)

    def close(self) -> None:
        """Sign what was not signed yet. The log may be used again afterwards."""
        if self._month is not None and self._month.signed < self._month.tree.size:
            self.checkpoint()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _caught_up(self) -> Iterator[tuple[Month, PrivateKey, Moment]]:
        """Alone with the log: the month to write to, with everything said that has to be said first."""
        with self._thread, self._folder.locked():
            try:
                now = self._clock.now()
                key = self._read(now)
                self._say_first(key, now)
                assert self._month is not None
                yield self._month, key, now
            except BaseException:  # whatever it was, also Ctrl+C: what is known of the file may be wrong now
                self._month = None
                raise

    def _read(self, now: Moment) -> PrivateKey:
        """Bring `_month`, the newest one, up to what stands in the files; the first month is made."""
        months = self._folder.months()
        month, key = self._month, self._key
        if month is not None and key is not None and months[-1:] == [month.name] and self._in_place(month):
            read_more(self._folder, month)
            return key
        key = self._key = self._opened_key(months)
        name = months[-1] if months else now.month
        self._begin(name, key)
        month = self._month = open_month(self._folder, name, key.public)
        if not month.tree.size and len(months) > 1:
            month.first_seq = self._finished(months[-2], key).next_seq
        self._signed_ns = now.mono_ns
        self._expiry_due = True
        return key

    def _say_first(self, key: PrivateKey, now: Moment) -> None:
        """Write the entries that stand before any other: a beginning, a recovery, a new month, a clock that was set."""
        assert self._month is not None
        torn = self._month.torn
        if not self._month.tree.size:
            self._write_opening(self._month, key, now)
        if torn:
            self._write(self._month, now, Event.CRASH_RECOVERED, {"bytes": torn})
        seconds = now.jumped_s(self._last) if self._last is not None else moved_s(self._month.last, now)
        if now.month > self._month.name and is_believed(self._folder, now):
            self._turn_over(self._month, key, now)
        if self._expiry_due:
            self._expire(self._month, key, now)
        if seconds:
            self._write(self._month, now, Event.CLOCK_CHANGED, {"seconds": seconds})
        self._last = now

    def _in_place(self, month: Month) -> bool:
        return identity(self._folder.log_path(month.name)) == month.identity

    def _opened_key(self, months: list[str]) -> PrivateKey:
        key = self._folder.read_key()
        if key is None and months:
            raise damaged(self._folder.key_path, "is gone")
        return key or self._folder.make_key()

    def _begin(self, name: str, key: PrivateKey) -> None:
        """Make what a month has before its first entry, unless it has it: first the checkpoint, then the log."""
        signed = read_checkpoint(self._folder, name, key.public)
        content = self._folder.read_log(name)
        if content is None and signed is not None and signed.size:
            raise damaged(self._folder.log_path(name), f"is gone, with the {signed.size} entries that were signed")
        if signed is None and not scan(content or b"").entries:
            self._folder.write_checkpoint(Checkpoint.empty(key.name, name), key)
        if content is None:
            self._folder.make_log(name)

    def _finished(self, name: str, key: PrivateKey) -> Month:
        """A month before the newest one: signed to its end."""
        month = open_month(self._folder, name, key.public)
        if month.signed != month.tree.size or month.torn or month.identity == (0, 0):
            raise damaged(self._folder.log_path(name), "goes on, or ends, where the month was not finished")
        return month

    def _write_opening(self, month: Month, key: PrivateKey, now: Moment) -> None:
        """The first entry of a log that continues another one."""
        months = [name for name in self._folder.months() if name < month.name]
        aside = self._folder.aside()
        if months:
            before = read_checkpoint(self._folder, months[-1], key.public)
            if before is None:
                raise damaged(self._folder.checkpoint_path(months[-1]), "is gone")
            self._write(month, now, Event.LOG_ROTATED, {"size": before.size, "root": before.root.hex()})
        elif aside:
            self._write(month, now, Event.LOG_RESTARTED, {"size": _count(Folder(aside[-1]))})

    def _turn_over(self, month: Month, key: PrivateKey, now: Moment) -> None:
        """Finish a month with its last checkpoint and begin the next one."""
        self._sign(month, key, now)
        self._begin(now.month, key)
        self._month = open_month(self._folder, now.month, key.public)
        self._month.first_seq = month.next_seq
        self._write_opening(self._month, key, now)
        self._expiry_due = True

    def _expire(self, month: Month, key: PrivateKey, now: Moment) -> None:
        """Delete the entries of months that are too old; an entry says so first, and their checkpoints stay.

        Too old by the clock and by an entry that is at least a day older: see `posture.audit.belief`.
        """
        names = [name for name in self._folder.months() if name < month.name and self._folder.log_path(name).exists()]
        due = [name for name in names if self._is_old(name, now)]
        before = confirmed(self._folder, now) if due else None
        for name in [name for name in due if before is not None and self._is_old(name, before)]:
            newest = latest_before(self._folder, name, now.wall)
            old = self._finished(name, key)  # what was changed is evidence, and is not deleted
            if newest is not None and before is not None and not self._is_old(newest.month, before):
                continue  # the log went on there while the clock was not believed
            fields: dict[str, Value] = {"month": name, "size": old.tree.size, "root": old.tree.root().hex()}
            self._write(month, now, Event.LOG_EXPIRED, fields)
            self._folder.remove_log(name)
        self._expiry_due = bool(due) and (before is None or before.month < now.month)

    def _is_old(self, month: str, now: Moment) -> bool:
        return _age_months(month, now.month) > self._keep_months

    def _write(self, month: Month, now: Moment, event: Event, fields: dict[str, Value]) -> int:
        seq = month.next_seq
        entry = encode(seq, now, event, fields)
        append(self._folder.log_path(month.name), pack(entry), month.end)
        month.take(entry)
        month.torn = 0
        return seq

    def _sign(self, month: Month, key: PrivateKey, now: Moment) -> bytes:
        checkpoint = Checkpoint(key.name, month.name, month.tree.size, month.tree.root())
        note = self._folder.write_checkpoint(checkpoint, key)
        month.signed, self._signed_ns = month.tree.size, now.mono_ns
        return note


def restart(folder: Path, clock: Clock = SYSTEM_CLOCK) -> Path | None:
    """Put a log aside, whole, and begin another one whose first entry says so; where the old one is now."""
    files = Folder(folder)
    with files.locked():
        aside = files.put_aside() if folder.exists() else None
    with AuditLog.open(folder, clock):
        return aside


def _count(folder: Folder) -> int:
    """Entries that can be read, of a log that may be damaged anywhere."""
    return sum(len(scan(folder.read_log(month) or b"").entries) for month in folder.months())


def _age_months(name: str, newest: str) -> int:
    years, months = int(newest[:4]) - int(name[:4]), int(newest[5:]) - int(name[5:])
    return years * 12 + months
