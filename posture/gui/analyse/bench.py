"""The queue: one file after the other is analysed in a child process, while the window goes on."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec
from PyQt6.QtCore import QObject, Qt, pyqtSignal

from posture.analysis import Analysis, Observed, Range
from posture.config import Settings
from posture.errors import Locked, PostureError
from posture.gui.analyse.case import Case
from posture.gui.recordings.errands import Errands
from posture.gui.words import tr
from posture.inputs import CLIP_SUFFIX
from posture.live.clerk import said
from posture.pacing import Rate
from posture.results import Cached
from posture.review import Review

WHOLE = Range()


class State(StrEnum):
    """Of a file in the queue."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is looked at."""

    people: int = 1
    rate: Rate = 10.0
    part: Range = WHOLE
    """Of the file."""
    side: Literal["automatic", "left", "right"] = "automatic"
    """Whose scores are shown first; automatic is the side that the camera sees better."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A file in the queue."""

    number: int
    path: Path | None
    """None: the bundled demo."""
    options: Options
    state: State = State.WAITING
    share: float = 0.0
    """0 to 1; NaN where the length is not known."""
    left_s: float = float("nan")
    rate_hz: float = float("nan")
    """Frames that are decoded a second."""
    message: str = ""
    """Why it failed, or is not in the cache of results."""
    case: Case | None = None
    """While it is analysed again, still that from the cache."""
    review: Review | None = None
    """What an earlier run said of it."""


Analyse = Callable[[Path | None, Settings, Range, bytes], Analysis]
"""Makes the analysis of a file; the last is what opens a recording of the vault. Raises PostureError."""


def uncached(path: Path | None, settings: Settings, part: Range, key: bytes) -> Analysis:
    """From the beginning."""
    return Analysis(path, settings, part, key=key)


def no_key(path: Path) -> bytes:
    """For who has no vault. Raises Locked."""
    raise Locked(f"{path.name}: {tr('a recording of the vault: unlock that on the Recordings page first')}")


def is_clip(path: Path) -> bool:
    """Whether it is a recording of the vault, by its name."""
    return path.suffix.lower() == CLIP_SUFFIX


class Bench(QObject):
    """Made on Qt's thread. Keeps what came out in memory, as long as the program runs."""

    changed = pyqtSignal()
    """Something of an item is another."""
    done = pyqtSignal(int)
    """An item is ready to be looked at."""
    _advanced = pyqtSignal(int, float, float, int)

    def __init__(
        self,
        settings: Callable[[], Settings],
        clock: Callable[[], float] = time.monotonic,
        analyse: Analyse = uncached,
        key_of: Callable[[Path], bytes] = no_key,
        parent: QObject | None = None,
    ) -> None:
        """`key_of` opens one recording of the vault and nothing else; raises PostureError where that is locked."""
        super().__init__(parent)
        self._settings, self._clock, self._analyse, self._key_of = settings, clock, analyse, key_of
        self.items: dict[int, Item] = {}
        self._errands = Errands(self)
        self._going = threading.Event()
        self._going.set()
        self._running: tuple[int, Analysis, float] | None = None
        self._advanced.connect(self._show, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    @property
    def paused(self) -> bool:
        """Whether nothing goes on for now."""
        return not self._going.is_set()

    @property
    def waiting(self) -> int:
        """Files that are not done yet."""
        return sum(item.state in (State.WAITING, State.RUNNING) for item in self.items.values())

    @property
    def left_s(self) -> float:
        """Of the file in hand, as far as it can be told."""
        return next((item.left_s for item in self.items.values() if item.state is State.RUNNING), float("nan"))

    def add(self, path: Path | None, options: Options, review: Review | None = None) -> int:
        """Its number; that of an earlier item where the same was done, waits or runs. `review`: what is known of it."""
        for item in self.items.values():
            same = (item.path, item.options) == (path, options) and review in (None, item.review)
            if same and item.state not in (State.FAILED, State.CANCELLED):
                return item.number
        number = max(self.items, default=0) + 1
        self.items[number] = Item(number, path, options, review=review)
        self.changed.emit()
        self._next()
        return number

    def retry(self, number: int) -> None:
        """Once more, from the beginning: also what came from the cache, which forgets it. Raises SinkError."""
        item = self.items[number]
        if item.state not in (State.WAITING, State.RUNNING):
            _forget(item)
            self._put(number, state=State.WAITING, share=0.0, message="")
            self._next()

    def cancel(self, number: int) -> None:
        """A file that waits or runs; nothing of it is kept."""
        item = self.items[number]
        if item.state is State.RUNNING and self._running is not None:
            self._running[1].abandon()
            self._going.set()
        if item.state in (State.WAITING, State.RUNNING):
            self._put(number, state=State.CANCELLED)

    def remove(self, number: int) -> None:
        """Forget it, and what came out, in the cache too. Raises SinkError where that is not possible there."""
        self.cancel(number)
        item = self.items.pop(number)
        self.changed.emit()
        _forget(item)

    def forget_clips(self) -> None:
        """The vault is locked: what was decrypted goes, and what waits for a key too."""
        for number in [n for n, item in self.items.items() if item.path is not None and is_clip(item.path)]:
            self.remove(number)

    def pause(self, on: bool) -> None:
        """Stop after what is in hand, or go on."""
        if on:
            self._going.clear()
        else:
            self._going.set()
            self._next()
        self.changed.emit()

    def close(self) -> None:
        """End a running analysis at once."""
        if self._running is not None:
            self._running[1].abandon()
        self._going.set()
        self._errands.close()

    def _next(self) -> None:
        if self._running is not None or self.paused:
            return
        number = next((n for n, item in self.items.items() if item.state is State.WAITING), None)
        if number is None:
            return
        item = self.items[number]
        settings, part = _with(self._settings(), item.options), item.options.part
        try:
            key = self._key_of(item.path) if item.path is not None and is_clip(item.path) else b""
            analysis = self._analyse(item.path, settings, part, key)
        except PostureError as exc:
            self._put(number, state=State.FAILED, message=said(exc))
            self._next()
            return
        self._running = number, analysis, self._clock()
        self._put(number, state=State.RUNNING)
        self._errands.run(
            lambda: _case(item, settings, key, analysis.observe(lambda *how: self._tell(number, *how))),
            lambda case: self._finished(number, case),
            lambda error: self._failed(number, error),
        )

    def _tell(self, number: int, done_s: float, length_s: float, frames: int) -> None:
        """In the thread: says how far it is, and waits while there is a pause. The child then waits too."""
        self._advanced.emit(number, done_s, length_s, frames)
        self._going.wait()

    def _show(self, number: int, done_s: float, length_s: float, frames: int) -> None:
        if self._running is None or self._running[0] != number or self.items[number].state is not State.RUNNING:
            return
        spent_s = max(self._clock() - self._running[2], 1e-3)
        share = min(1.0, done_s / length_s) if length_s > 0 and length_s < float("inf") else float("nan")
        left_s = spent_s * (1 - share) / share if share > 0 else float("nan")
        self._put(number, share=share, left_s=left_s, rate_hz=frames / spent_s)

    def _finished(self, number: int, case: Case) -> None:
        self._running = None
        if number in self.items and self.items[number].state is State.RUNNING:
            observed = case.observed
            why = said(observed.unkept) if isinstance(observed, Cached) and observed.unkept is not None else ""
            self._put(number, state=State.DONE, share=1.0, left_s=0.0, case=case, message=why)
            self.done.emit(number)
        self._next()

    def _failed(self, number: int, error: BaseException) -> None:
        self._running = None
        if number in self.items and self.items[number].state is State.RUNNING:
            self._put(number, state=State.FAILED, message=said(error))
        self._next()

    def _put(self, number: int, **changes: object) -> None:
        if number in self.items:
            self.items[number] = replace(self.items[number], **changes)  # type: ignore[arg-type]
            self.changed.emit()


def _forget(item: Item) -> None:
    if item.case is not None and isinstance(item.case.observed, Cached):
        item.case.observed.forget()


def _case(item: Item, settings: Settings, key: bytes, observed: Observed) -> Case:
    """In the thread, with what takes seconds for an hour of video and what everything else is read from."""
    case = Case(item.path, observed, settings, item.options.part, key, item.options.side)
    case.prepare()
    return case


def _with(settings: Settings, options: Options) -> Settings:
    """The settings, with what is chosen on the page; no exports, because nothing is written yet."""
    put = msgspec.structs.replace
    return put(
        settings,
        pose=put(settings.pose, people=options.people),
        analysis=put(settings.analysis, rate=options.rate),
        output=put(settings.output, exports=()),
    )
