"""Bounded hand-over of items from one thread to another.

Two policies: a file must lose nothing, so its producer waits; a live source must never be late, so its oldest item
makes way and is counted. Three ends that are never mixed up:

    end()       producer: the stream is over        consumer: gets what is queued, then its loop ends
    fail(exc)   producer: the source broke          consumer: gets what is queued, then `exc` is raised
    stop()      consumer (or anybody): enough       producer: `put` returns False at once; queued items are let go

The first end counts; later ones change nothing, except that `stop` always releases both sides.
"""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Policy = Literal["block", "drop_oldest"]


class Channel(Generic[T]):
    """A queue of at most `slots` items with one of two policies. Every method may be called from any thread."""

    def __init__(self, slots: int, policy: Policy) -> None:
        """`block`: a full channel makes `put` wait. `drop_oldest`: a full channel forgets its oldest item."""
        if slots < 1:
            raise ValueError(f"a channel needs at least one slot, not {slots}")
        self._slots = slots
        self._policy = policy
        self._items: deque[T] = deque()
        self._dropped = 0
        self._ended = False
        self._stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    @classmethod
    def live(cls) -> "Channel[T]":
        """One slot; the newest item wins."""
        return cls(1, "drop_oldest")

    @property
    def dropped(self) -> int:
        """Items that were put and never handed over, by the policy or by `stop`."""
        with self._changed:
            return self._dropped

    def put(self, item: T) -> bool:
        """Hand over `item`; False (at once, even while waiting) where the consumer has stopped.

        Raises RuntimeError after `end` or `fail`.
        """
        with self._changed:
            if self._ended:
                raise RuntimeError("put after the end of the channel")
            while self._policy == "block" and len(self._items) >= self._slots and not self._stopped:
                self._changed.wait()
            if self._stopped:
                self._dropped += 1
                return False
            if len(self._items) >= self._slots:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify_all()
            return True

    def end(self) -> None:
        """Producer: nothing more will come."""
        self._finish(None)

    def fail(self, error: BaseException) -> None:
        """Producer: the source broke. The consumer gets `error`, with its traceback, after what is queued."""
        self._finish(error)

    def clear(self) -> None:
        """Let go of what is queued; it counts as dropped. A producer that waits goes on."""
        with self._changed:
            self._dropped += len(self._items)
            self._items.clear()
            self._changed.notify_all()

    def stop(self) -> None:
        """Consumer: nothing more is wanted. Releases a waiting producer and a waiting consumer."""
        with self._changed:
            self._stopped = True
            self._dropped += len(self._items)
            self._items.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        """The consumer's loop. Ends at `end` or `stop`; raises what `fail` was given."""
        return self

    def __next__(self) -> T:
        with self._changed:
            while not (self._items or self._ended or self._stopped):
                self._changed.wait()
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._error is not None and not self._stopped:
                raise self._error
            raise StopIteration

    def _finish(self, error: BaseException | None) -> None:
        with self._changed:
            if not self._ended:
                self._ended, self._error = True, error
                self._changed.notify_all()
