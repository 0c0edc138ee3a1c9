"""From fragments to encrypted files, in a thread that may wait for a disk as long as that takes.

    put ─► what waits, in order ─► worker: a file in the first folder that can be written
                └ check, once a second: does it wait too long? then another worker goes on in the next folder

A fragment leaves the waiting ones when it is on the disk. Where a folder vanishes, is full, read-only, slow or does not
answer, its clip ends there and a new one begins elsewhere with the fragments that wait; what was safe is not touched
again, and no clip is ever continued.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from posture.errors import PostureError, SinkError
from posture.output import translated
from posture.sinks.clipfile import ADVICE, ClipFile, Place, Recipients, System, Unlogged
from posture.sinks.fragments import Fragment
from posture.sinks.recording import Clip, ClipNews

CHECK_S = 1.0
PATIENCE_S = 20.0
"""A fragment that is not on the disk after so long goes elsewhere."""
WAITING_S = 30.0
"""Seconds of fragments that wait in memory, beside a pre-roll; of more, the oldest are let go."""
CLOSE_S, CLOSING_PATIENCE_S = 10.0, 3.0
"""How long the end of a recording waits for the disks, and for one before it tries the next."""


@dataclass(frozen=True)
class Hears:
    """Who hears what, in the thread that it happens in."""

    safe: Callable[[Fragment, int], None]
    """A fragment is on the disk, in a file of so many bytes by now."""
    clip: Callable[[ClipNews], None]
    """A file was begun or ended. A PostureError that it raises ends the recording: nothing is recorded unlogged."""
    trouble: Callable[[str], None]
    """What is wrong, for a person; empty where nothing is any more."""
    failed: Callable[[BaseException], None]


@dataclass(frozen=True, eq=False)
class _Item:
    clip: Clip
    fragment: Fragment | None
    """None: the clip is over."""
    put_s: float

    @property
    def length_s(self) -> float:
        return self.fragment.frames / self.clip.rate if self.fragment is not None else 0.0


class Storage:
    """Every method but `close` returns at once."""

    def __init__(
        self,
        places: Sequence[Place],
        recipients: Recipients,
        hears: Hears,
        *,
        system: System,
        most_bytes: float = 0,
        limit_s: float = WAITING_S,
    ) -> None:
        """`places` in order of preference. `most_bytes`: of all clips in a folder, 0 for no limit."""
        self.places, self.hears, self.system = tuple(places), hears, system
        self.lost_s = 0.0
        """Seconds of fragments that were let go."""
        self._recipients, self._most_bytes, self._limit_s = recipients, most_bytes, limit_s
        self._waiting: deque[_Item] = deque()
        self._changed = threading.Condition()
        self._worker: _Worker | None = None
        self._closing = self._broken = False

    @property
    def waiting_s(self) -> float:
        """Seconds of fragments in memory."""
        with self._changed:
            return sum(item.length_s for item in self._waiting)

    def slow(self) -> SinkError:
        """What to say where `close` was not done in time."""
        place = self.place
        where = "" if place is None else f" to {place.folder}"
        return SinkError(f"the last {self.waiting_s:.0f} s could not be written{where}: it does not answer")

    @property
    def place(self) -> Place | None:
        """Where it is written now."""
        worker = self._worker
        return None if worker is None else worker.place

    def put(self, clip: Clip, fragments: Sequence[Fragment]) -> None:
        """Write them, in this order."""
        now_s = self.system.clock()
        self._add([_Item(clip, fragment, now_s) for fragment in fragments])

    def finish(self, clip: Clip) -> None:
        """It is over."""
        self._add([_Item(clip, None, self.system.clock())])

    def check(self) -> None:
        """Call this about once a second: a worker that waits for its disk too long is left behind."""
        with self._changed:
            worker, first = self._worker, next((item for item in self._waiting if item.fragment is not None), None)
            if worker is None or first is None:
                return
            patience_s = CLOSING_PATIENCE_S if self._closing else PATIENCE_S
            late, worker.late = worker.late, self.system.clock() - max(first.put_s, worker.began_s) > patience_s
            if not (late and worker.late):  # once may be a computer that slept
                return
            worker.left, worker.place.stuck = True, worker.thread
            place = self.after(worker.place)
            if place is not None:
                self._begin(place, first.clip)
        if place is None:
            self.fail(SinkError(f"{worker.place.folder} does not answer; nothing is recorded any more"))
        else:
            self.hears.trouble(f"{worker.place.folder} does not answer; the recording goes on in {place.folder}")

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Nothing comes any more: write what waits. Whether that was done in time."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        until_s = time.monotonic() + timeout_s
        while (worker := self._worker) is not None and worker.thread.is_alive():
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return False
            worker.thread.join(min(left_s, CHECK_S))
            self.check()
        return True

    def fail(self, error: BaseException) -> None:
        """Nothing of it goes on."""
        with self._changed:
            if self._broken:
                return
            self._broken = True
            self._waiting.clear()
            self._changed.notify_all()
        self.hears.failed(error)

    # For workers.

    def next(self, worker: "_Worker") -> _Item | None:
        """What to write now; None where there is nothing more for this worker."""
        with self._changed:
            while not (self._waiting or self._closing or self._broken or worker.left):
                self._changed.wait()
            return self._waiting[0] if self._waiting and not worker.left else None

    def done(self, worker: "_Worker", item: _Item) -> bool:
        """It is on the disk; whether that is news: another worker may have written it meanwhile."""
        with self._changed:
            if worker.left or not self._waiting or self._waiting[0] is not item:
                return False
            self._waiting.popleft()
            return True

    def first(self) -> Place:
        """Where a clip begins."""
        return next((place for place in self.places if place.answers), self.places[-1])

    def after(self, place: Place) -> Place | None:
        """Where to go from a place that failed."""
        later = self.places[self.places.index(place) + 1 :]
        return next((one for one in later if one.answers), None)

    def file(self, place: Place, clip: Clip, fragment: Fragment) -> ClipFile:
        """A new file. Raises OSError, OutputFull, VaultError, Unlogged."""
        recipients = self._recipients(clip.began.date())
        return ClipFile(place, clip, fragment, recipients, self.hears.clip, self.system, self._most_bytes)

    def _add(self, items: Sequence[_Item]) -> None:
        with self._changed:
            if self._broken:
                return
            self._waiting.extend(items)
            self._let_go()
            if self._worker is None:
                self._begin(self.first(), None)
            self._changed.notify_all()

    def _let_go(self) -> None:
        """Of the oldest where too much waits; but the very first is on its way to the disk."""
        while sum(item.length_s for item in self._waiting) > self._limit_s:
            oldest = next((item for item in list(self._waiting)[1:] if item.fragment is not None), None)
            if oldest is None:
                return
            self._waiting.remove(oldest)
            self.lost_s += oldest.length_s

    def _begin(self, place: Place, clip: Clip | None) -> None:
        """Another worker. The caller holds the lock."""
        self._worker = _Worker(self, place, clip)
        self._worker.thread.start()


class _Worker:
    """One thread and the file that it writes."""

    def __init__(self, storage: Storage, place: Place, clip: Clip | None) -> None:
        """`clip`: one that is under way already and goes on in `place`."""
        self.place = place
        self.late = False
        """Whether the last check found that it waits too long."""
        self.left = False
        """Whether another worker has taken over."""
        self.began_s = storage.system.clock()
        self.thread = threading.Thread(target=self._run, name="storage", daemon=True)
        self._storage = storage
        self._clip = clip
        self._file: ClipFile | None = None

    def _run(self) -> None:
        """Top of the thread."""
        try:
            while (item := self._storage.next(self)) is not None:
                self._take(item)
            self._close()
        except BaseException as exc:  # noqa: BLE001 - the top of a thread
            if not self.left:
                self._storage.fail(exc.__cause__ if isinstance(exc, Unlogged) and exc.__cause__ else exc)
            if self._file is not None:
                self._file.close()

    def _take(self, item: _Item) -> None:
        """Write it, here or elsewhere."""
        if item.clip is not self._clip:
            self._close()
            self._clip = item.clip
            self._home()
        if item.fragment is None:
            self._close()
            self._storage.done(self, item)
            return
        while not self.left:
            try:
                file = self._written(item.clip, item.fragment)
            except OSError as exc:
                self._elsewhere(translated(self.place.folder, exc, ADVICE))
            except SinkError as exc:
                self._elsewhere(exc)
            else:
                if self._storage.done(self, item):
                    self._storage.hears.safe(item.fragment, file.length)
                return

    def _home(self) -> None:
        """Try the first place again: another clip begins."""
        before, self.place = self.place, self._storage.first()
        if self.place is not before:
            self._storage.hears.trouble("")

    def _written(self, clip: Clip, fragment: Fragment) -> ClipFile:
        """The file that it is in."""
        if self._file is None:
            self._file = self._storage.file(self.place, clip, fragment)
        self._file.add(fragment)
        return self._file

    def _elsewhere(self, error: PostureError) -> None:
        """Go on in the next place. Raises `error` where there is none."""
        place = self._storage.after(self.place)
        self._close()
        if self.left:
            return
        if place is None:
            raise error
        self.place = place
        self._storage.hears.trouble(f"{error}; the recording goes on in {place.folder}")

    def _close(self) -> None:
        """End the file, if there is one."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
