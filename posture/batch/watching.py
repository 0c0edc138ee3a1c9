"""Watching a folder: each file that has arrived whole is done once, whatever happens to the folder meanwhile.

    look (standing) ─► what has arrived (arrivals) ─► what is new (seen) ─► Workers ─► seen, results, event

What the folder holds is looked up anew each time; what moves in it only wakes (observing). So nothing depends on
an event that came, and after an hour without the share the next look is as good as any other.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from posture.batch.arrivals import Arrivals, Listing, Standing
from posture.batch.discovery import stem_of
from posture.batch.manifest import digest
from posture.batch.moving import move
from posture.batch.seen import Row, Seen, words_of
from posture.batch.standing import Away, is_held
from posture.batch.work import FileOutcome, FileTask, Orders, Workers, new_task
from posture.errors import CannotRead, SinkError, printable

LOOK_S = 60.0
"""Longest time between two looks, should no event come."""
RETRY_S = 30.0
"""After which a file is tried again whose failure may pass."""
TRIES = 3
_BREATH_S = 0.5
"""Shortest time between two looks; and a look takes at most a sixth of the time."""

What = Literal[
    "started", "taken", "done", "failed", "refused", "renamed", "touched", "held", "waits", "moved", "kept",
    "away", "back", "ended",
]  # fmt: skip


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that a person or a program may want to know."""

    event: What
    file: str = ""
    """Printable, below the watched folder."""
    message: str = ""
    results: tuple[str, ...] = ()


class End(Enum):
    """Why it ended."""

    COMPLETE = "complete"
    """With `once`: whatever had arrived has its outcome."""
    STOPPED = "stopped"
    AWAY = "away"
    """With `once`: the folder cannot be read."""


class Looks(Protocol):
    """`standing.Folder`, or the folder of a test."""

    path: Path

    def look(self) -> Listing:
        """What stands there. Raises Away."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a folder is watched."""

    target: Path
    """Folder of the results, which mirrors the watched one; may be the watched one."""
    settle_s: float
    overwrite: bool = False
    move_to: Path | None = None
    once: bool = False


class Watching:
    """One folder. `stop` may be called from a signal handler or another thread, the rest belongs to one thread."""

    def __init__(
        self,
        folder: Looks,
        orders: Orders,
        options: Options,
        seen: Seen,
        workers: Workers,
        *,
        now: Callable[[], float],
        wait: Callable[[float], bool],
        on_event: Callable[[Event, FileOutcome | None], None],
        held: Callable[[Path], bool] = is_held,
    ) -> None:
        """`now`: seconds of a clock that never goes back. `wait`: for so many seconds, or until something
        moves; whether it did.
        """
        self._folder, self._orders, self._options, self._seen, self._workers = folder, orders, options, seen, workers
        self._now, self._wait, self._on_event, self._held = now, wait, on_event, held
        self._arrivals = Arrivals(options.settle_s)
        self._listing: Listing = {}
        self._ready: deque[bytes] = deque()
        self._finished = set(seen.finished())
        self._in_hand: dict[bytes, Row] = {}
        self._not_before_s: dict[bytes, float] = {}
        self._blocked: set[bytes] = set()
        """Have arrived, and cannot be done now; each is said once."""
        self._next_look_s = self._earliest_s = now()
        self._away = False
        self.stopping = False
        """Somebody wants no more."""

    def stop(self) -> None:
        """End with what is done; see `work.LATER`."""
        self.stopping = True
        self._workers.cancel()

    def run(self) -> End:
        """Until stopped, or with `once` until everything that is there has its outcome."""
        self._say("started", message=str(self._folder.path))
        while not self.stopping:
            for task, event in self._workers.run(self._tasks()):
                if isinstance(event, FileOutcome):
                    self._take(os.path.relpath(task.path, os.fsencode(self._folder.path)), event)
            if self._options.once and self._is_over():
                break
            if not self.stopping:
                self._wait_for_more()
        end = End.STOPPED if self.stopping else End.AWAY if self._away else End.COMPLETE
        self._say("ended", message=end.value)
        return end

    def _wait_for_more(self) -> None:
        if self._wait(max(0.0, self._next_look_s - self._now())):
            self._next_look_s = min(self._next_look_s, max(self._earliest_s, self._now()))

    def _is_over(self) -> bool:
        return self._away or self._arrivals.waiting == len(self._blocked & self._listing.keys())

    def _tasks(self) -> Iterator[FileTask | None]:
        """What has arrived and is new. None while files are in hand and there is nothing else."""
        while not self.stopping:
            if not self._ready and self._in_hand and self._now() >= self._earliest_s and self._wait(0.0):
                self._next_look_s = self._now()
            if not self._ready and self._now() >= self._next_look_s:
                self._look()
            while self._ready and not self.stopping:
                if (task := self._task(self._ready.popleft())) is not None:
                    yield task
            if not self._in_hand:
                return
            yield None

    def _look(self) -> None:
        now_s = self._now()
        try:
            listing = self._folder.look()
        except Away as exc:
            if not self._away:
                self._away = True
                self._say("away", message=str(exc))
            self._next_look_s = now_s + self._options.settle_s
            return
        if self._away:
            self._away = False
            self._say("back")
        self._listing = listing
        leave = [path for path, standing in listing.items() if self._is_left(path, standing)]
        self._ready.extend(self._arrivals.look(now_s, listing, leave))
        soon_s = min(self._arrivals.next_s(now_s) or LOOK_S, self._due_s(now_s), LOOK_S)
        self._earliest_s = self._now() + max(_BREATH_S, 5 * (self._now() - now_s))
        self._next_look_s = max(now_s + soon_s, self._earliest_s)

    def _due_s(self, now_s: float) -> float:
        """Until the next file is tried again; what is blocked is looked at again after `settle_s`."""
        waits = [until_s - now_s for until_s in self._not_before_s.values()]
        return min([max(wait, 0.0) for wait in waits] + [self._options.settle_s] * bool(self._blocked), default=LOOK_S)

    def _is_left(self, path: bytes, standing: Standing) -> bool:
        return path in self._in_hand or (path, *standing) in self._finished

    def _task(self, path: bytes) -> FileTask | None:
        """The task for a file that has arrived; None where it is done already, or cannot be done now."""
        standing, source = self._listing[path], self._folder.path / os.fsdecode(path)
        if self._now() < self._not_before_s.get(path, 0.0):
            return None
        if self._held(source):
            self._block(path, "held", "another program still has it open")
            return None
        row = self._seen.known(path, standing)
        begun = row is not None
        if row is None and (row := self._same(path, standing, source)) is None:
            if path in self._blocked or self.stopping:
                return None
            row = self._seen.begin(path, standing, lambda number: stem_of(path, number == 1, number))
        if row.state != "begun":
            self._finished.add((path, *standing))
            return None
        self._blocked.discard(path)
        self._not_before_s.pop(path, None)
        self._in_hand[path] = row
        self._say("taken", path)
        target = self._options.target / os.fsdecode(row.stem)
        return new_task(source, target, self._orders, overwrite=self._options.overwrite or begun)

    def _same(self, path: bytes, standing: Standing, source: Path) -> Row | None:
        """The row of a file that was done and is this one: renamed, or touched. It now stands here."""
        gone = [row for other, row in self._in_hand.items() if other not in self._listing]
        if any(row.size_bytes == standing.size_bytes for row in gone):
            self._block(path, "waits", "it may be a file that is worked on, under another name")
            return None
        self._blocked.discard(path)
        rows = [
            row
            for row in self._seen.of_size(standing.size_bytes)
            if row.path == path or (row.path not in self._listing and row.changed_ns == standing.changed_ns)
        ]
        if not rows:
            return None
        try:
            found = digest(source, self._meanwhile)[0]
        except CannotRead:  # it went away meanwhile
            self._block(path, "waits", "it cannot be read just now")
            return None
        except SinkError:  # somebody wants no more: it is looked at again by the next start
            return None
        same = next((row for row in reversed(rows) if row.sha256 == found), None)
        if same is None:
            return None
        self._seen.take_over(same, path, standing)
        words = "" if same.path == path else f"was {words_of(same.path)}"
        self._say("touched" if same.path == path else "renamed", path, words)
        return same

    def _take(self, path: bytes, outcome: FileOutcome) -> None:
        """What is done with an outcome."""
        row = self._in_hand.pop(path)
        self._next_look_s = min(self._next_look_s, max(self._earliest_s, self._now()))
        source = self._folder.path / os.fsdecode(path)
        if outcome.state == "stopped":
            return
        now = _standing_of(source)
        if now is not None and now != row.standing:
            self._say("waits", path, "it changed while it was read, and is done again")
            self._seen.take_over(row, path, now)
            return
        if outcome.state == "failed" and outcome.passing and self._again(path, row, outcome, gone=now is None):
            return
        self._seen.end(row, outcome.state, outcome.source_sha256, outcome.message, row.tries)
        self._finished.add((path, *row.standing))
        names = tuple(words_of(os.path.join(os.path.dirname(row.stem), one.name)) for one in outcome.results)
        self._on_event(Event(event=outcome.state, file=words_of(path), message=outcome.message, results=names), outcome)
        if outcome.state == "done" and self._options.move_to is not None:
            self._move(path, source, outcome.source_sha256, self._options.move_to)

    def _again(self, path: bytes, row: Row, outcome: FileOutcome, *, gone: bool) -> bool:
        """Whether a file whose failure may pass is tried again. While its share is away, or nothing can be written,
        that costs no try: it is not the fault of the file.
        """
        innocent = gone or (outcome.error in ("OutputFull", "SinkError") and not self._options.once)
        tries = row.tries + (not innocent)
        if tries >= TRIES:
            return False
        self._seen.end(row, "begun", "", outcome.message, tries)
        self._not_before_s[path] = self._now() + RETRY_S
        if gone and self._options.once:
            self._blocked.add(path)
        self._say("waits", path, outcome.message)
        return True

    def _move(self, path: bytes, source: Path, sha256: str, folder: Path) -> None:
        try:
            to = move(source, folder / os.fsdecode(path), sha256, self._meanwhile)
        except SinkError as exc:
            self._say("kept", path, str(exc))
        else:
            self._say("moved", path, str(to))

    def _meanwhile(self) -> None:
        """While a large file is read or copied. Raises SinkError where somebody wants no more."""
        if self.stopping:
            raise SinkError("stopped; the file stays where it was, and is not moved later")

    def _block(self, path: bytes, event: What, words: str) -> None:
        if path not in self._blocked:
            self._blocked.add(path)
            self._say(event, path, words)

    def _say(self, event: What, path: bytes = b"", message: str = "") -> None:
        self._on_event(Event(event=event, file=words_of(path), message=printable(message)), None)


def _standing_of(path: Path) -> Standing | None:
    """None where it is not there, or its share is away."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return Standing(status.st_size, status.st_mtime_ns)
