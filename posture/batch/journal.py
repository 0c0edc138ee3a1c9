"""The journal of a job: every file, what became of it, and what is to be done next. SQLite, one file on a local disk.

A file is `waiting`, `running`, or has its outcome: `done`, `failed`, `refused`. What was running when the program was
killed is waiting again at the next start, and goes on from its checkpoint. A commit goes to the system at once and to
the disk soon (WAL, synchronous NORMAL): a killed program loses nothing; a power cut loses at most the outcomes of the
last moments, whose results are there and are recognised by their manifests.
"""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from posture.batch.work import FileOutcome, ResultFile
from posture.errors import ConfigError, SinkError

VERSION = 1
STATES = ("waiting", "running", "done", "failed", "refused")
_ADVICE = "free some space, or name another folder in POSTURE_DATA"
_AT_ONCE = 1000
"""Files that are entered in one transaction."""
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    below BLOB NOT NULL,
    short TEXT NOT NULL,
    stem BLOB,
    stem_key TEXT UNIQUE,
    priority INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting',
    not_before_s REAL NOT NULL DEFAULT 0,
    begun INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    resumes INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER NOT NULL,
    seen TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    frames INTEGER NOT NULL DEFAULT 0,
    media_s REAL NOT NULL DEFAULT 0,
    source_sha256 TEXT NOT NULL DEFAULT '',
    results BLOB NOT NULL DEFAULT x'90',
    row BLOB NOT NULL DEFAULT x'',
    severity REAL NOT NULL DEFAULT 0,
    person TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL DEFAULT '',
    day TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS next ON files (state, priority DESC, not_before_s, id);
CREATE INDEX IF NOT EXISTS shorts ON files (short);
"""


class Found(NamedTuple):
    """A file that discovery came across."""

    path: bytes
    below: bytes
    """Its path below the folder that was searched."""
    size_bytes: int
    priority: int = 0
    person: str = ""
    task: str = ""
    day: str = ""


class Entry(NamedTuple):
    """One file of the journal."""

    id: int
    path: bytes
    below: bytes
    stem: bytes
    """Of its results, below the folder of the results."""
    priority: int
    state: str
    begun: bool
    """Whether it was ever handed out: results that are there may be its own."""
    tries: int
    """How often it failed for a reason that may pass."""
    resumes: int
    size_bytes: int
    seen: str
    """Size and time of change when it was looked at, where that was too fresh to be read."""
    error: str
    message: str
    seconds: float
    frames: int
    media_s: float
    source_sha256: str
    results: bytes
    row: bytes
    person: str
    task: str
    day: str


_COLUMNS = ", ".join(Entry._fields)


class Counts(NamedTuple):
    """How many files are in each state, and how many bytes."""

    files: dict[str, int]
    size_bytes: dict[str, int]
    frames: int
    media_s: float

    @property
    def total(self) -> int:
        """Files in all."""
        return sum(self.files.values())

    @property
    def open(self) -> int:
        """Files without an outcome."""
        return self.files["waiting"] + self.files["running"]


class Journal:
    """One connection to a journal; for one thread. Raises SinkError where the disk refuses."""

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        """`folder` of the job. Raises ConfigError where there is no journal, or one of a newer version."""
        self.folder = folder
        path = folder / "journal.sqlite"
        if not create and not path.exists():
            raise ConfigError(f"{folder} holds no job; see `posture batch status`")
        with _translated(path):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            try:
                self._set_up()
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """End the connection."""
        self._db.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _set_up(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_TABLES)
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise ConfigError(f"{self.folder} was written by a newer version of this program; use that one")
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    def note(self, key: str, value: bytes) -> None:
        """Keep something about the job as a whole."""
        with _translated(self.folder):
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def noted(self, key: str) -> bytes:
        """What was kept; empty where nothing was."""
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return b"" if found is None else bytes(found[0])

    def add(self, found: Iterable[Found]) -> int:
        """Enter files; those that are known stay as they are. How many are new."""
        before = self._count()
        waiting: list[tuple[object, ...]] = []
        for one in found:
            waiting.append((*one[:2], _short(one.below), *one[2:]))
            if len(waiting) == _AT_ONCE:
                self._enter(waiting)
                waiting = []
        self._enter(waiting)
        return self._count() - before

    def _count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM files").fetchone()[0])

    def _enter(self, rows: list[tuple[object, ...]]) -> None:
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO files (path, below, short, size_bytes, priority, person, task, day)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def name_results(self, stem_of: "Callable[[bytes, bool, int], bytes]") -> None:
        """Give results to those files that have no name for them yet: one that no two files share, in any case.

        `stem_of(below, alone, number)`: the name for the file at `below`; `alone` where no other file has the same name
        without its suffix, `number` 1 at first and more where the name is taken.
        """
        shared = "SELECT short FROM files GROUP BY short HAVING count(*) > 1"
        with self._transaction():
            several = {row[0] for row in self._db.execute(shared)}
            last = 0
            while rows := self._db.execute(
                "SELECT id, below, short FROM files WHERE stem IS NULL AND id > ? ORDER BY id LIMIT ?", (last, _AT_ONCE)
            ).fetchall():
                for number, below, short in rows:
                    self._name(number, bytes(below), short not in several, stem_of)
                last = rows[-1][0]

    def _name(self, file: int, below: bytes, alone: bool, stem_of: "Callable[[bytes, bool, int], bytes]") -> None:
        number = 1
        while True:
            stem = stem_of(below, alone, number)
            with suppress(sqlite3.IntegrityError):
                self._db.execute("UPDATE files SET stem = ?, stem_key = ? WHERE id = ?", (stem, folded(stem), file))
                return
            number += 1

    def take_up(self) -> int:
        """At the start of a run: what was running when the program ended is waiting. How many that were."""
        with _translated(self.folder):
            return self._db.execute(
                "UPDATE files SET state = 'waiting', resumes = resumes + 1 WHERE state = 'running'"
            ).rowcount

    def next(self, now_s: float) -> Entry | None:
        """The file to do next; None where none is due. It stays waiting until `begin`."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE state = 'waiting' AND not_before_s <= ?"
            " ORDER BY priority DESC, not_before_s, id LIMIT 1",
            (now_s,),
        ).fetchone()
        return None if row is None else _entry(row)

    def begin(self, file: int, seen: str) -> None:
        """A file is handed out. `seen`: its size and time of change."""
        with _translated(self.folder):
            self._db.execute("UPDATE files SET state = 'running', begun = 1, seen = ? WHERE id = ?", (seen, file))

    def postpone(self, file: int, until_s: float, *, seen: str = "", tries: int | None = None, words: str = "") -> None:
        """A file is to be done later."""
        with _translated(self.folder):
            self._db.execute(
                "UPDATE files SET state = 'waiting', not_before_s = ?, seen = ?, tries = coalesce(?, tries),"
                " message = ? WHERE id = ?",
                (until_s, seen, tries, words, file),
            )

    def put_back(self, file: int, resumes: int) -> None:
        """A file that was stopped waits for its turn again."""
        with _translated(self.folder):
            self._db.execute("UPDATE files SET state = 'waiting', resumes = ? WHERE id = ?", (resumes, file))

    def record(self, file: int, outcome: FileOutcome, severity: float = 0.0, task: str = "") -> None:
        """What became of a file. `task`: named by its report, where its path names none."""
        values = (
            outcome.state, outcome.error, outcome.message, outcome.seconds, outcome.frames, outcome.media_s,
            outcome.source_sha256, msgspec.msgpack.encode(outcome.results), outcome.row, severity, outcome.resumes,
            task, file,
        )  # fmt: skip
        with _translated(self.folder):
            self._db.execute(
                "UPDATE files SET state = ?, error = ?, message = ?, seconds = ?, frames = ?, media_s = ?,"
                " source_sha256 = ?, results = ?, row = ?, severity = ?, resumes = ?,"
                " task = CASE task WHEN '' THEN ? ELSE task END WHERE id = ?",
                values,
            )

    def retry(self, states: Iterable[str] = ("failed", "refused")) -> int:
        """Files with these outcomes wait again. How many."""
        wanted = list(states)
        marks = ", ".join("?" * len(wanted))
        with _translated(self.folder):
            return self._db.execute(
                "UPDATE files SET state = 'waiting', tries = 0, not_before_s = 0, error = '', message = '', seen = ''"
                f" WHERE state IN ({marks})",
                wanted,
            ).rowcount

    def counts(self) -> Counts:
        """How far the job is."""
        rows = self._db.execute(
            "SELECT state, count(*), sum(size_bytes), sum(frames), sum(media_s) FROM files GROUP BY state"
        ).fetchall()
        files, size = dict.fromkeys(STATES, 0), dict.fromkeys(STATES, 0)
        files |= {state: count for state, count, *_ in rows}
        size |= {state: total for state, _, total, *_ in rows}
        return Counts(files, size, sum(row[3] for row in rows), sum(row[4] for row in rows))

    def entries(self, where: str = "1", order: str = "stem_key") -> Iterator[Entry]:
        """Files of the journal, read as they are asked for. `where` and `order` are SQL of this program's own."""
        cursor = self._db.execute(f"SELECT {_COLUMNS} FROM files WHERE {where} ORDER BY {order}")
        return (_entry(row) for row in cursor)

    def unsealed(self, opened: Callable[[bytes], tuple[bytes, float, str]]) -> "Journal":
        """A copy in memory whose rows are in plain: of a sealed one `opened` gives the row, its severity and task."""
        copy = Journal.__new__(Journal)
        copy.folder, copy._db = self.folder, sqlite3.connect(":memory:", isolation_level=None)
        self._db.backup(copy._db)
        rows = copy._db.execute("SELECT id, row FROM files WHERE row != x''").fetchall()
        plain = [(*opened(bytes(row)), number) for number, row in rows]
        with copy._transaction():
            copy._db.executemany(
                "UPDATE files SET row = ?, severity = ?, task = CASE task WHEN '' THEN ? ELSE task END WHERE id = ?",
                [(row, worst, task, number) for row, worst, task, number in plain],
            )
        return copy

    def forget(self) -> None:
        """Nothing of the job remains but its journal, empty."""
        with self._transaction():
            self._db.execute("DELETE FROM files")
            self._db.execute("DELETE FROM meta")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _translated(self.folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def results_of(entry: Entry) -> tuple[ResultFile, ...]:
    """The results of a file that is done."""
    return msgspec.msgpack.decode(entry.results, type=tuple[ResultFile, ...])


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the job for this process. Raises ConfigError where another one works at it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "running.lock").open("ab") as file:
        if not _locked(file):
            raise ConfigError("this job is running already; see `posture batch status`, or `posture batch stop`")
        yield


def is_running(folder: Path) -> bool:
    """Whether a process works at the job."""
    try:
        with (folder / "running.lock").open("rb+") as file:
            return not _locked(file)
    except OSError:
        return False


def _locked(file: BinaryIO) -> bool:
    """Whether the file could be locked for as long as it is open, or its process lives."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as exc:
        raise SinkError(f"the journal in {path} cannot be written or read: {exc}; {_ADVICE}") from exc


def _entry(row: tuple[object, ...]) -> Entry:
    entry = Entry._make(row)
    return entry._replace(begun=bool(entry.begun), stem=entry.stem or b"")


def _short(below: bytes) -> str:
    return folded(os.path.splitext(below)[0])


def folded(name: bytes) -> str:
    """The name as a file system that ignores case takes it. Bytes that are no Unicode keep their value."""
    return os.fsdecode(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").casefold()
