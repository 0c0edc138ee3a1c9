"""The history on a disk: SQLite that holds encrypted minutes, each day of them under the key of that day.

    stream   day (local, ISO 8601), layout (version of what is inside), and the header of a sealed stream
    minute   a row a minute: which stream, and what `minutes.py` says of it as two sealed blobs

Nothing else stands there in plain: no time of day, no length, no state. A stream is begun by each run of the program
and at each midnight, and is only ever added to. Erasing the key of a day makes its rows unreadable, wherever a copy of
them is; then the rows go too.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from posture.errors import Damaged, OutputFull, SinkError, VaultError, WrongKey
from posture.sinks.minutes import Account
from posture.sinks.today import Shut
from posture.vault import hpke
from posture.vault.recipient import Recipient, Secret, Secrets
from posture.vault.sealed import Reader, SealedStream, key_ids, open_stream

NAME = "history.sqlite"
"""In the folder of the vault."""
SCHEMA = "2"
LAYOUT = 1
"""Of the blobs; a later one is left alone and said."""
LABEL = "posture history"
ACCOUNT, SAMPLES = b"account", b"samples"
"""What tells the two blobs of a minute apart."""
_LAID_OUT = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS stream(
    id INTEGER PRIMARY KEY, day TEXT NOT NULL, layout INTEGER NOT NULL, header BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS minute(
    id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, account BLOB NOT NULL, samples BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS stream_day ON stream(day);
CREATE INDEX IF NOT EXISTS minute_stream ON minute(stream);
"""


class Keys(Protocol):
    """A key a day; `posture.vault.historykeys.HistoryKeys` has them."""

    @property
    def at_hand(self) -> Secrets | None:
        """What opens everything, locked or not; None where unlocking is what it takes."""

    def recipients(self, day: date) -> Sequence[Recipient]:
        """For whom a day is encrypted. Raises VaultError with the next step where no key is left for it."""

    def expire(self, today: date, keep_days: int) -> Callable[[bytes], bool]:
        """Erase the keys of days that were kept for so long; what tells whether a key is still there."""


class InMemory:
    """Implements Keys for an archive in memory: keys that are nowhere else, and at hand whatever is locked."""

    def __init__(self) -> None:
        self._secrets: dict[date, Secret] = {}
        self.at_hand: Secrets = self._secret

    def recipients(self, day: date) -> Sequence[Recipient]:
        """See Keys."""
        return (self._secrets.setdefault(day, hpke.new_secret()).recipient,)

    def expire(self, today: date, keep_days: int) -> Callable[[bytes], bool]:
        """See Keys."""
        oldest = today - timedelta(days=keep_days)
        self._secrets = {day: secret for day, secret in self._secrets.items() if day >= oldest}
        return lambda key_id: self._secret(key_id) is not None

    def _secret(self, key_id: bytes) -> Secret | None:
        return next((one for one in self._secrets.values() if one.recipient.key_id == key_id), None)


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read of a day, in the order in which it was written, and why there is not more."""

    accounts: tuple[Account, ...] = ()
    shut: frozenset[Shut] = frozenset()


@dataclass(frozen=True, eq=False)
class Kept:
    """A whole day as it was kept, with its measurements."""

    day: date
    accounts: tuple[Account, ...]
    samples: tuple[bytes, ...]
    """One for each account."""
    shut: frozenset[Shut] = frozenset()


class Archive:
    """One thread at a time: `History` holds a lock. Every method raises SinkError (OutputFull) for what the disk
    refuses.
    """

    def __init__(self, connection: sqlite3.Connection, keys: Keys) -> None:
        """Raises SinkError also for a history of another version."""
        self._connection, self._keys = connection, keys
        self._running: _Running | None = None
        self._lay_out()

    @classmethod
    def in_memory(cls) -> "Archive":
        """One that is gone with the program."""
        return cls(connect(), InMemory())

    def append(self, day: date, account: Account, samples: bytes) -> None:
        """Write a minute of this day. Raises VaultError too, where there is no key for it."""
        running = self._running
        if running is None or running.day != day:
            running = _Running(day, SealedStream.begin(self._keys.recipients(day), LABEL))
        with self._written() as sql:
            row = running.row or self._added(sql, running)
            sealed = running.stream.seal(account.encoded(), ACCOUNT), running.stream.seal(samples, SAMPLES)
            sql.execute("INSERT INTO minute(stream, account, samples) VALUES (?, ?, ?)", (row, *sealed))
        running.row = row
        self._running = running

    def read(self, day: date, secrets: Secrets | None = None, *, running: bool = False) -> Found:
        """The accounts of a day, with the keys that are at hand; None: the vault is locked.

        `running`: the day is not over, and what this very program wrote of it is readable without a key.
        """
        accounts: list[Account] = []
        shut: set[Shut] = set()
        for row, reader in self._readers(day, secrets, running=running):
            if isinstance(reader, Shut):
                shut.add(reader)
                continue
            for blob in self._accounts(row):
                try:
                    accounts.append(Account.decoded(reader.open(blob, ACCOUNT)))
                except Damaged:
                    shut.add(Shut.DAMAGED)
        return Found(tuple(accounts), frozenset(shut))

    def kept(self, day: date, secrets: Secrets | None, *, running: bool = False) -> Kept:
        """The minutes of a day with their measurements, and why there are not more; `running` as for `read`."""
        minutes: list[tuple[Account, bytes]] = []
        shut: set[Shut] = set()
        for row, reader in self._readers(day, secrets, running=running):
            if isinstance(reader, Shut):
                shut.add(reader)
                continue
            for account, samples in self._minutes(row):
                try:
                    minutes.append((Account.decoded(reader.open(account, ACCOUNT)), reader.open(samples, SAMPLES)))
                except Damaged:
                    shut.add(Shut.DAMAGED)
        accounts, measured = tuple(one for one, _ in minutes), tuple(one for _, one in minutes)
        return Kept(day, accounts, measured, frozenset(shut))

    def days(self) -> list[date]:
        """Every day of which there is something, readable or not."""
        with translated("read"):
            rows = self._connection.execute("SELECT DISTINCT day FROM stream ORDER BY day").fetchall()
        return [date.fromisoformat(day) for (day,) in rows]

    def minutes(self, day: date, secrets: Secrets) -> Iterator[tuple[Account, bytes]]:
        """Each minute of a day with its samples; what no key at hand opens, or is damaged, is left out."""
        for row, reader in self._readers(day, secrets, running=False):
            if isinstance(reader, Shut):
                continue
            for account, samples in self._minutes(row):
                with suppress(Damaged):
                    yield Account.decoded(reader.open(account, ACCOUNT)), reader.open(samples, SAMPLES)

    def forget(self, today: date, keep_days: int) -> None:
        """Erase the keys of days that were kept for so long, and delete what no key opens. Raises VaultError too."""
        self.prune(self._keys.expire(today, keep_days))

    def prune(self, is_there: Callable[[bytes], bool]) -> None:
        """Delete what no key opens; `is_there` tells whether a key is."""
        with translated("read"):
            streams = self._connection.execute("SELECT id, header FROM stream").fetchall()
        over = [(row,) for row, header in streams if not any(is_there(key_id) for key_id in _key_ids(header))]
        if not over:
            return
        with self._written() as sql:
            sql.executemany("DELETE FROM minute WHERE stream = ?", over)
            sql.executemany("DELETE FROM stream WHERE id = ?", over)
        with translated():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # else the journal still has them

    def close(self) -> None:
        """Give the connection back. What is in memory is gone."""
        self._running = None
        self._connection.close()

    def _added(self, sql: sqlite3.Connection, running: "_Running") -> int:
        row = (running.day.isoformat(), LAYOUT, running.stream.header)
        return sql.execute("INSERT INTO stream(day, layout, header) VALUES (?, ?, ?)", row).lastrowid or 0

    def _accounts(self, row: int) -> list[bytes]:
        with translated("read"):
            query = "SELECT account FROM minute WHERE stream = ? ORDER BY id"
            return [blob for (blob,) in self._connection.execute(query, (row,))]

    def _minutes(self, row: int) -> list[tuple[bytes, bytes]]:
        with translated("read"):
            query = "SELECT account, samples FROM minute WHERE stream = ? ORDER BY id"
            return self._connection.execute(query, (row,)).fetchall()

    def _readers(
        self, day: date, secrets: Secrets | None, *, running: bool
    ) -> Iterator[tuple[int, "Reader | SealedStream | Shut"]]:
        """What opens each stream of a day, or why nothing does."""
        with translated("read"):
            query = "SELECT id, layout, header FROM stream WHERE day = ? ORDER BY id"
            rows = self._connection.execute(query, (day.isoformat(),)).fetchall()
        for row, layout, header in rows:
            if running and self._running is not None and row == self._running.row:
                yield row, self._running.stream
            elif layout != LAYOUT:
                yield row, Shut.DAMAGED
            else:
                yield row, _reader(header, self._keys.at_hand or secrets)

    def _lay_out(self) -> None:
        """Make the tables, or see that they are those of this version."""
        with translated():
            for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
                self._connection.execute(f"PRAGMA {setting}")  # the last: what is forgotten is overwritten
            self._connection.executescript(_LAID_OUT)
        with self._written() as sql:
            sql.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (SCHEMA,))
            (found,) = sql.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if found != SCHEMA:
            raise SinkError(
                f"the history has the layout {found}, this version writes {SCHEMA}; move it aside, or use the version "
                "of the program that wrote it"
            )

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        with translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


@dataclass(slots=True)
class _Running:
    """The stream that is being written. `row`: where it stands, 0 where it does not yet."""

    day: date
    stream: SealedStream
    row: int = 0


def _reader(header: bytes, secrets: Secrets | None) -> "Reader | Shut":
    if secrets is None:
        return Shut.LOCKED
    try:
        return open_stream(header, secrets, LABEL)
    except WrongKey:
        return Shut.EXPIRED
    except VaultError:
        return Shut.DAMAGED


def _key_ids(header: bytes) -> tuple[bytes, ...]:
    """None for what is damaged: nobody reads it again."""
    try:
        return key_ids(header)
    except VaultError:
        return ()


def connect(place: Path | None = None) -> sqlite3.Connection:
    """A connection as `Archive` wants it, to a file that its owner alone can read; None is memory. Raises SinkError."""
    try:
        if place is not None:
            place.touch(mode=0o600)
        return sqlite3.connect(place or ":memory:", isolation_level=None, check_same_thread=False)
    except (sqlite3.Error, OSError) as exc:
        raise SinkError(f"the history {place} cannot be opened: {exc}; check the permissions of its folder") from exc


@contextmanager
def translated(verb: str = "written") -> Iterator[None]:
    """What SQLite raises, as our own errors."""
    try:
        yield
    except sqlite3.Error as exc:
        if getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OutputFull("no room to write the history: free some space; monitoring goes on without it") from exc
        raise SinkError(f"the history cannot be {verb}: {exc}; monitoring goes on without it") from exc
