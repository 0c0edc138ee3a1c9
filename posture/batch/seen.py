"""The journal of a watched folder: which files were taken, and what became of them. SQLite, on a local disk.

A file is known by its path below the folder, its size, when it was changed, and the hash of its content; never by the
device or its number there, which change when a share is mounted again. A row is written before the work begins, so
after `kill -9` the same file goes on under the same name of its results.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from posture.batch.arrivals import Standing
from posture.batch.journal import folded
from posture.errors import SinkError, printable

State = Literal["begun", "done", "failed", "refused"]
_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    changed_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL DEFAULT '',
    stem BLOB NOT NULL,
    stem_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'begun',
    tries INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    UNIQUE (path, size_bytes, changed_ns)
);
CREATE INDEX IF NOT EXISTS contents ON files (size_bytes, sha256);
"""


class Row(NamedTuple):
    """One version of one file."""

    id: int
    path: bytes
    size_bytes: int
    changed_ns: int
    sha256: str
    stem: bytes
    """Of its results, below their folder."""
    state: State
    tries: int
    message: str

    @property
    def standing(self) -> Standing:
        """How it stood when it was taken."""
        return Standing(self.size_bytes, self.changed_ns)


_COLUMNS = ", ".join(Row._fields)


class Seen:
    """One connection, for one thread. Raises SinkError where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # few files, and none of them twice after a power cut
            self._db.executescript(_TABLES)

    def close(self) -> None:
        """End the connection."""
        self._db.close()

    def known(self, path: bytes, standing: Standing) -> Row | None:
        """The row of this very version."""
        return self._one("path = ? AND size_bytes = ? AND changed_ns = ?", (path, *standing))

    def finished(self) -> Iterator[tuple[bytes, int, int]]:
        """Path, size and time of change of every version that has its outcome."""
        return self._db.execute("SELECT path, size_bytes, changed_ns FROM files WHERE state <> 'begun'")

    def of_size(self, size_bytes: int) -> list[Row]:
        """Finished versions of this size, of any path: only these can have the same content."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE size_bytes = ? AND sha256 <> '' ORDER BY id", (size_bytes,)
        )
        return [Row._make(row) for row in rows]

    def begin(self, path: bytes, standing: Standing, stem_of: Callable[[int], bytes]) -> Row:
        """Enter a file that is to be done. `stem_of(number)`: names for its results, 1 at first, until one is free."""
        number = 1
        while True:
            stem = stem_of(number)
            try:
                with self._translated():
                    self._db.execute(
                        "INSERT INTO files (path, size_bytes, changed_ns, stem, stem_key) VALUES (?, ?, ?, ?, ?)",
                        (path, *standing, stem, folded(stem)),
                    )
                break
            except sqlite3.IntegrityError:
                number += 1
        row = self.known(path, standing)
        assert row is not None
        return row

    def take_over(self, row: Row, path: bytes, standing: Standing) -> None:
        """The file of this row stands elsewhere now, or was only touched: it is not done again."""
        self._write("path = ?, size_bytes = ?, changed_ns = ?", (path, *standing), row.id)

    def end(self, row: Row, state: State, sha256: str, message: str, tries: int) -> None:
        """What became of it."""
        self._write("state = ?, sha256 = ?, message = ?, tries = ?", (state, sha256, message, tries), row.id)

    def retry(self) -> int:
        """Files that failed or were refused are tried again. How many."""
        with self._translated():
            return self._db.execute(
                "UPDATE files SET state = 'begun', tries = 0 WHERE state IN ('failed', 'refused')"
            ).rowcount

    def counts(self) -> dict[str, int]:
        """How many versions are in each state."""
        return dict(self._db.execute("SELECT state, count(*) FROM files GROUP BY state").fetchall())

    def _one(self, where: str, values: tuple[object, ...]) -> Row | None:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM files WHERE {where} LIMIT 1", values).fetchone()
        return None if row is None else Row._make(row)

    def _write(self, what: str, values: tuple[object, ...], file: int) -> None:
        with self._translated():
            self._db.execute(f"UPDATE files SET {what} WHERE id = ?", (*values, file))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.DatabaseError, OSError) as exc:
            raise SinkError(
                f"the journal {self._path} cannot be written or read: {exc}; free some space, or name another folder "
                "in POSTURE_DATA"
            ) from exc


def words_of(path: bytes) -> str:
    """A path as a person reads it."""
    return printable(os.fsdecode(path))
