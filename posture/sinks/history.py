"""What was judged, over days: SQLite, in memory until somebody hands in a place that is encrypted.

    session   a row each time monitoring runs
    minute    a row a minute: how many seconds each state lasted, and one blob of measurements
    event     a row for each poor posture, each time sat through, each absence, each reminder

Moments are seconds since 1970 (UTC) of the wall clock; lengths come from the clock of the stream, so that a clock that
is put right changes none. A minute, and what of each event is known by then, is written in one transaction when it is
over: a crash loses the last minute.
"""

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import numpy as np

from posture.data import MEASURE_NAMES, Measurements
from posture.ergonomics.sitting import Doubt, Judgement, State
from posture.errors import OutputFull, SinkError
from posture.sinks.spells import Open, Spells
from posture.sinks.today import Spell, Today, since

SCHEMA = "1"
MINUTE_S = 60.0
SAMPLE_S = 2.0
"""Between two samples of the measurements: posture moves slowly, and a minute takes 2.5 KB."""
LONGEST_LOOK_S = 10.0
"""A judgement holds until the next one, and no longer than this: after that nobody knows."""
DAY_S = 86400.0
STATES, DOUBTS = tuple(State), tuple(Doubt)
"""Order of `minute.seconds`: float32, little endian, one number of seconds for each state, then for each doubt."""
COLUMNS = ("second", *MEASURE_NAMES)
"""Of the rows of `minute.samples`: float32, little endian; seconds since the minute began, then the vocabulary."""

_LAYOUT = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS session(id INTEGER PRIMARY KEY, began REAL NOT NULL, ended REAL);
CREATE TABLE IF NOT EXISTS minute(
    id INTEGER PRIMARY KEY, session INTEGER NOT NULL, began REAL NOT NULL,
    seconds BLOB NOT NULL, samples BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS event(
    id INTEGER PRIMARY KEY, session INTEGER NOT NULL, began REAL NOT NULL, seconds REAL NOT NULL,
    kind TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS minute_began ON minute(began);
CREATE INDEX IF NOT EXISTS event_began ON event(began);
"""
_META = {"schema": SCHEMA, "states": " ".join(STATES), "doubts": " ".join(DOUBTS), "columns": " ".join(COLUMNS)}
_NOTHING: np.ndarray[tuple[int], np.dtype[np.float64]] = np.full(len(MEASURE_NAMES), np.nan)


def connect(place: str = ":memory:") -> sqlite3.Connection:
    """A connection as `History` wants it. Raises SinkError."""
    try:
        return sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as exc:
        raise SinkError(f"the history {place} cannot be opened: {exc}; check the permissions of its folder") from exc


class History:
    """Implements the history on a connection of `connect`. Every method may be called from any thread.

    Each raises SinkError (OutputFull where the disk is full) if what it has to write cannot be written.
    """

    def __init__(
        self,
        connection: sqlite3.Connection | None = None,
        *,
        keep_days: int = 30,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`wall`: seconds since 1970. Raises SinkError also for a history of another version."""
        self._connection = connect() if connection is None else connection
        self._keep_days, self._wall = keep_days, wall
        self._lock = threading.Lock()
        self._spells = Spells()
        self._session = 0
        self._last: tuple[float, Judgement] | None = None
        self._minute: _Minute | None = None
        with self._lock:
            self._lay_out()

    def begin(self) -> None:
        """Monitoring begins; what is too old is forgotten."""
        with self._lock, self._written() as sql:
            oldest = self._wall() - self._keep_days * DAY_S
            sql.execute("DELETE FROM minute WHERE began < ?", (oldest,))
            sql.execute("DELETE FROM event WHERE began + seconds < ?", (oldest,))
            sql.execute("DELETE FROM session WHERE ended < ?", (oldest,))
            self._session = sql.execute("INSERT INTO session(began) VALUES (?)", (self._wall(),)).lastrowid or 0

    def add(self, t: float, judgement: Judgement, measurements: Measurements | None, *, reminded: bool = False) -> None:
        """What was judged at `t` seconds of the stream; `reminded`: a reminder began with it."""
        with self._lock:
            minute = self._minute = self._minute or self._new_minute(t)
            self._held(minute, t)
            self._last = t, judgement
            minute.sample(t, measurements)
            if reminded:
                minute.over.append(Open("reminder", judgement.state, self._wall(), t, t))
            if t - minute.began_t >= MINUTE_S:
                self._flush()

    def rest(self) -> None:
        """Nothing is judged from now on: paused, or no camera. What lasted until now is over and written."""
        with self._lock:
            self._rest()

    def end(self) -> None:
        """Monitoring ends."""
        with self._lock:
            self._rest()
            with self._written() as sql:
                sql.execute("UPDATE session SET ended = ? WHERE id = ?", (self._wall(), self._session))
            self._session = 0

    def today(self) -> Today:
        """The day so far, in local time, with what is not written yet."""
        midnight = datetime.fromtimestamp(self._wall()).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        with self._lock:
            minutes = [
                np.frombuffer(blob, "<f4").astype(float)
                for (blob,) in self._connection.execute("SELECT seconds FROM minute WHERE began >= ?", (midnight,))
            ]
            query = "SELECT id, kind, state, began, seconds FROM event WHERE began + seconds >= ?"
            rows = {
                number: Spell(kind, State(state), began, seconds)
                for number, kind, state, began, seconds in self._connection.execute(query, (midnight,))
            }
            unwritten = [*self._spells.open.values()]
            if self._minute is not None:
                unwritten += self._minute.over
                if self._minute.began >= midnight:
                    minutes.append(self._minute.seconds)
            written = [spell for number, spell in rows.items() if number not in {one.row for one in unwritten}]
            spells = [*written, *(one.spell for one in unwritten)]
        total = np.sum(minutes, axis=0) if minutes else np.zeros(len(STATES) + len(DOUBTS))
        return Today(
            seconds={state: float(s) for state, s in zip(STATES, total[: len(STATES)], strict=True) if s > 0},
            doubts={doubt: float(s) for doubt, s in zip(DOUBTS, total[len(STATES) :], strict=True) if s > 0},
            spells=since(spells, midnight),
        )

    def close(self) -> None:
        """Give the connection back. What is in memory is gone."""
        with self._lock:
            self._connection.close()

    def _new_minute(self, t: float) -> "_Minute":
        """It begins where the last one ended."""
        began_t = t if self._last is None else max(self._last[0], t - LONGEST_LOOK_S)
        return _Minute(began_t, self._wall() - (t - began_t))

    def _held(self, minute: "_Minute", t: float) -> None:
        """The last judgement held until `t`."""
        if self._last is None:
            return
        last_t, judgement = self._last
        lasted_s = min(max(t - last_t, 0.0), LONGEST_LOOK_S)
        minute.lasted(judgement, lasted_s)
        minute.over += self._spells.add(judgement.state, last_t, last_t + lasted_s, self._wall() - (t - last_t))
        if t - last_t > LONGEST_LOOK_S:
            minute.over += self._spells.end()

    def _rest(self) -> None:
        if self._minute is not None:
            self._minute.over += self._spells.end()
            self._flush()
        self._last = None

    def _flush(self) -> None:
        """Write the minute that is over. What cannot be written is let go: the next minute is tried again."""
        minute, self._minute = self._minute, None
        if minute is None:
            return
        seconds, samples = minute.seconds.astype("<f4").tobytes(), np.array(minute.rows, "<f4").tobytes()
        spells = [*minute.over, *self._spells.open.values()]
        new = [one for one in spells if not one.row]
        try:
            with self._written() as sql:
                sql.execute(
                    "INSERT INTO minute(session, began, seconds, samples) VALUES (?, ?, ?, ?)",
                    (self._session, minute.began, seconds, samples),
                )
                for one in spells:
                    self._keep(sql, one)
        except BaseException:
            for one in new:
                one.row = 0
            raise

    def _keep(self, sql: sqlite3.Connection, one: Open) -> None:
        spell = one.spell
        if one.row:
            sql.execute("UPDATE event SET seconds = ? WHERE id = ?", (spell.seconds, one.row))
        else:
            row = (self._session, spell.began, spell.seconds, spell.kind, str(spell.state))
            query = "INSERT INTO event(session, began, seconds, kind, state) VALUES (?, ?, ?, ?, ?)"
            one.row = sql.execute(query, row).lastrowid or 0

    def _lay_out(self) -> None:
        """Make the tables, or see that they are those of this version."""
        with _translated():
            for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
                self._connection.execute(f"PRAGMA {setting}")  # the last: what is forgotten is overwritten
            self._connection.executescript(_LAYOUT)
        with self._written() as sql:
            sql.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", _META.items())
            found = dict(sql.execute("SELECT name, value FROM meta").fetchall())
        if found != _META:
            raise SinkError(
                f"the history has the layout {found.get('schema')}, this version writes {SCHEMA}; move it aside, or "
                "use the version of the program that wrote it"
            )

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        with _translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        if getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OutputFull("no room to write the history: free some space; monitoring goes on without it") from exc
        raise SinkError(f"the history cannot be written: {exc}; monitoring goes on without it") from exc


class _Minute:
    """What is not written yet."""

    def __init__(self, began_t: float, began: float) -> None:
        self.began_t, self.began = began_t, began
        self.seconds = np.zeros(len(STATES) + len(DOUBTS))
        self.rows: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
        self.over: list[Open] = []
        self._sampled_t = -math.inf

    def lasted(self, judgement: Judgement, seconds: float) -> None:
        """`judgement` held for so long."""
        self.seconds[STATES.index(judgement.state)] += seconds
        if judgement.doubt is not Doubt.NONE:
            self.seconds[len(STATES) + DOUBTS.index(judgement.doubt)] += seconds

    def sample(self, t: float, measurements: Measurements | None) -> None:
        """Keep the measurements if a sample is due."""
        if t - self._sampled_t < SAMPLE_S - 1e-6:
            return
        self._sampled_t = t
        values = _NOTHING if measurements is None else measurements.values
        self.rows.append(np.concatenate([[t - self.began_t], values]))
