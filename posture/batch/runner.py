"""A job from its journal to its end: what is handed out when, and what is done with each outcome.

The main thread alone touches the journal. A second thread looks once a second whether work is to stop (a wish in the
folder of the job, the end of the window), because outcomes may be long in coming.
"""

import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from posture.batch.journal import Entry, Journal
from posture.batch.patience import within
from posture.batch.plan import JobPlan, opens_in_s
from posture.batch.rows import FileRow, severity
from posture.batch.work import FileOutcome, FileTask, Orders, Progress, Workers, new_task
from posture.errors import PostureError, SinkError, printable
from posture.output import probe_folder
from posture.vault.recipient import Recipient, Secret

RETRY_S = 5.0
"""After a failure that may pass; twice as long after each further one."""
LOOK_S = 1.0
"""Between two looks whether work is to stop."""
ROOT_S = 10.0
"""Between two looks at a share; also how long one may take to answer."""
WAIT_S = 30.0
"""Longest wait for a window or a share before looking again."""
SLACK_S = 60.0
"""A file that began so long after its window opened had the whole of it."""
STOP_FILE = "stop"


class End(Enum):
    """Why a run ended."""

    COMPLETE = "complete"
    STOPPED = "stopped"
    AWAY = "away"
    """Files are left whose share is away."""
    FULL = "full"
    """There is no room for results, or their folder cannot be written."""


class Listener(Protocol):
    """Who shows how far the job is. Called in the main thread."""

    def begun(self, entry: Entry) -> None:
        """A file was handed out."""

    def progress(self, entry: Entry, progress: Progress) -> None:
        """A file got further."""

    def ended(self, entry: Entry, outcome: FileOutcome) -> None:
        """A file has its outcome, or waits again: then the outcome is "stopped"."""

    def waits(self, words: str, seconds: float) -> None:
        """Nothing is done for about so long, and why."""


class _InHand(NamedTuple):
    """A file that was handed out, and when."""

    entry: Entry
    begun: datetime


class Runner:
    """One run of a job. `stop` may be called from a signal handler or another thread."""

    def __init__(
        self,
        plan: JobPlan,
        orders: Orders,
        journal: Journal,
        workers: Workers,
        listener: Listener,
        *,
        now: Callable[[], datetime],
        key_of: Callable[[Path], bytes | PostureError] | None = None,
        wait: Callable[[float], object] | None = None,
        patience_s: float = 3600.0,
        seal_for: tuple[Recipient, ...] = (),
        checkpoint_secret: Secret | None = None,
    ) -> None:
        """`now`: the wall clock, local time. `key_of`: what opens a recording of the vault. `wait`: for so many
        seconds, shorter where the job is stopped. `patience_s`: how long shares may be away before the run ends.
        `seal_for`: whose keys of the vault results are encrypted for; empty for plain results. `checkpoint_secret`:
        then encrypts checkpoints; without it there are none then.
        """
        self._plan, self._orders, self._journal, self._workers = plan, orders, journal, workers
        self._listener, self._now, self._key_of = listener, now, key_of
        self._windows = plan.open_windows()
        self._output = Path(plan.output).expanduser().absolute()
        self._stopping = threading.Event()
        self._wait = wait or self._stopping.wait
        self._patience_s, self._seal_for, self._checkpoint_secret = patience_s, seal_for, checkpoint_secret
        self._full = False
        self._in_hand: dict[str, _InHand] = {}
        self._roots = Roots(plan, lambda: self._now().timestamp())

    def stop(self) -> None:
        """End with what is done; see `work.LATER`."""
        self._stopping.set()
        self._workers.cancel()

    def run(self) -> End:
        """Until every file has its outcome, or the run is stopped."""
        self._journal.take_up()
        with suppress(FileNotFoundError):
            (self._journal.folder / STOP_FILE).unlink()
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(over,), name="batch-watch", daemon=True)
        watch.start()
        try:
            return self._until_over()
        finally:
            over.set()
            watch.join()

    def _until_over(self) -> End:
        away_since_s: float | None = None
        while True:
            if self._stopping.is_set():
                return End.STOPPED
            if shut_s := opens_in_s(self._windows, self._now()):
                self._listener.waits("the window of the job is closed", shut_s)
                self._wait(min(shut_s, WAIT_S))
                continue
            self._round()
            if self._stopping.is_set():
                return End.STOPPED
            if self._full:
                return End.FULL
            if not self._journal.counts().open:
                return End.COMPLETE
            now_s = self._now().timestamp()
            if not self._roots.away:
                away_since_s = None
                self._wait(LOOK_S)
                continue
            away_since_s = now_s if away_since_s is None else away_since_s
            if now_s - away_since_s >= self._patience_s:
                return End.AWAY
            self._listener.waits(f"{', '.join(sorted(self._roots.away))} is away", WAIT_S)
            self._wait(WAIT_S)

    def _round(self) -> None:
        """Hand out what can be done now, until nothing can."""
        for task, event in self._workers.run(self._tasks()):
            in_hand = self._in_hand.get(task.path.hex())
            if in_hand is None:
                continue
            if isinstance(event, Progress):
                self._listener.progress(in_hand.entry, event)
            else:
                del self._in_hand[task.path.hex()]
                self._take(in_hand, event)

    def _tasks(self) -> Iterator[FileTask | None]:
        """Files in the order of their priority; None while those left have to wait for others."""
        while not self._over():
            entry = self._journal.next(self._now().timestamp())
            if entry is None:
                if not self._in_hand:
                    return  # what waits, waits longer than this round
                yield None
            elif (task := self._task(entry)) is not None:
                yield task

    def _over(self) -> bool:
        return self._stopping.is_set() or self._full or bool(opens_in_s(self._windows, self._now()))

    def _task(self, entry: Entry) -> FileTask | None:
        """The task for a file that can be read now; None where it was postponed or has its outcome already."""
        path, now_s = Path(os.fsdecode(entry.path)), self._now().timestamp()
        if self._roots.is_away(path):
            self._journal.postpone(entry.id, now_s + WAIT_S, words="its share is away")
            return None
        seen = seen_of(path)
        if seen and self._may_grow(entry, seen, now_s):
            self._journal.postpone(entry.id, now_s + self._plan.settle_s, seen=seen, words="it may still be growing")
            return None
        key = self._key_of(path) if self._key_of else b""
        if isinstance(key, PostureError):
            self._record(entry, FileOutcome(state="failed", error=type(key).__name__, message=str(key)))
            return None
        self._journal.begin(entry.id, seen)
        entry = entry._replace(seen=seen)
        self._in_hand[entry.path.hex()] = _InHand(entry, self._now())
        self._listener.begun(entry)
        return new_task(
            path,
            self._output / os.fsdecode(entry.stem),
            self._orders,
            overwrite=self._plan.overwrite or entry.begun,
            key=key,
            resumes=entry.resumes,
            seal_for=self._seal_for,
            checkpoint_secret=self._checkpoint_secret,
        )

    def _may_grow(self, entry: Entry, seen: str, now_s: float) -> bool:
        """Whether the file was changed a moment ago, and is not the same as when it was looked at before."""
        changed_s = int(seen.partition(":")[2]) / 1e9
        return abs(now_s - changed_s) < self._plan.settle_s and seen != entry.seen

    def _take(self, in_hand: _InHand, outcome: FileOutcome) -> None:
        """What is done with an outcome."""
        entry = in_hand.entry
        path, now_s = Path(os.fsdecode(entry.path)), self._now().timestamp()
        if outcome.state == "stopped" and self._had_a_whole_window(in_hand.begun):
            words = f"{path.name}: a copy is made in one go, and a whole window was not enough for it; make it without"
            self._record(entry, FileOutcome(state="failed", error="ConfigError", message=f"{words} --window"))
        elif outcome.state == "stopped":
            self._journal.put_back(entry.id, outcome.resumes)
            self._listener.ended(entry, outcome)
        elif outcome.passing and self._roots.is_away(path, look=True):
            self._postponed(entry, now_s + WAIT_S, "its share is away", entry.tries)
        elif outcome.error in ("OutputFull", "SinkError") and self._cannot_write(outcome):
            self._full = True
            self._workers.cancel()
            self._postponed(entry, now_s, outcome.message, entry.tries)
        elif outcome.passing and entry.tries + 1 < self._plan.tries:
            self._postponed(entry, now_s + RETRY_S * 2**entry.tries, outcome.message, entry.tries + 1)
        elif outcome.state == "done" and entry.seen and seen_of(path) not in ("", entry.seen):
            self._changed(entry, now_s)
        else:
            self._record(entry, outcome)

    def _had_a_whole_window(self, begun: datetime) -> bool:
        """Whether a copy, which begins again each time, was ended by the window and can never be done in one."""
        if self._orders.what == "analyze" or not opens_in_s(self._windows, self._now()):
            return False
        worked_s = (self._now() - begun).total_seconds()
        return worked_s >= max(window.length_s for window in self._windows) - SLACK_S

    def _changed(self, entry: Entry, now_s: float) -> None:
        """The file changed while it was read: what came of it is of neither version."""
        words = f"{printable(os.path.basename(os.fsdecode(entry.path)))}: changed while it was read"
        if entry.tries + 1 < self._plan.tries:
            self._postponed(entry, now_s + self._plan.settle_s, words, entry.tries + 1)
        else:
            self._record(entry, FileOutcome(state="failed", error="SourceError", message=f"{words}, again and again"))

    def _postponed(self, entry: Entry, until_s: float, words: str, tries: int) -> None:
        self._journal.postpone(entry.id, until_s, tries=tries, words=words)
        self._listener.ended(entry, FileOutcome(state="stopped", message=words))

    def _record(self, entry: Entry, outcome: FileOutcome) -> None:
        worst, task = 0.0, ""
        if outcome.row and not self._seal_for:
            row = msgspec.msgpack.decode(outcome.row, type=FileRow)
            worst, task = max((severity(person)[0] for person in row.people), default=0.0), row.task
        self._journal.record(entry.id, outcome, worst, task)
        self._listener.ended(entry, outcome)

    def _cannot_write(self, outcome: FileOutcome) -> bool:
        """Whether no file can be written any more, not this one alone."""
        if outcome.error == "OutputFull":
            return True
        try:
            probe_folder(self._output)
        except SinkError:
            return True
        return False

    def _watch(self, over: threading.Event) -> None:
        """Top of the watching thread."""
        stop_file = self._journal.folder / STOP_FILE
        while not over.wait(LOOK_S):
            if stop_file.exists():
                self.stop()
            elif opens_in_s(self._windows, self._now()):
                self._workers.cancel()


class Roots:
    """The folders that were searched, and which of them are away: a share that was unmounted, or does not answer."""

    def __init__(self, plan: JobPlan, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._devices = {root: _device(root)[0] for root in _roots(plan)}
        self._looked_s = dict.fromkeys(self._devices, -ROOT_S)
        self.away: set[str] = {root for root, device in self._devices.items() if device is None}

    def is_away(self, path: Path, *, look: bool = False) -> bool:
        """Whether the share of `path` is away. `look`: now, not some seconds ago."""
        root = next((root for root in self._devices if path.is_relative_to(root)), None)
        if root is None:
            return False
        if look or self._now_s() - self._looked_s[root] >= ROOT_S:
            self._looked_s[root] = self._now_s()
            device, empty = _device(root)
            here = device is not None and (device == self._devices[root] or not empty)
            if here:  # a share that was mounted again has another number
                self._devices[root] = device
            (self.away.discard if here else self.away.add)(root)
        return root in self.away


def _roots(plan: JobPlan) -> Sequence[str]:
    paths = (Path(name).expanduser().absolute() for name in plan.inputs)
    return [str(path if path.is_dir() or not path.suffix else path.parent) for path in paths]


def _device(root: str) -> tuple[int | None, bool]:
    """Number of the device that holds the folder, None where it is away; and whether it is empty.

    One that does not answer within `ROOT_S` seconds is away.
    """

    def ask() -> tuple[int, bool]:
        device = os.stat(root).st_dev
        with os.scandir(root) as entries:
            return device, next(entries, None) is None

    try:
        return within(ROOT_S, ask, "look-at-share")
    except OSError:
        return None, True


def seen_of(path: Path) -> str:
    """Size and time of change of a file, "" where it cannot be looked at or is a folder."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return "" if stat.S_ISDIR(status.st_mode) else f"{status.st_size}:{status.st_mtime_ns}"
