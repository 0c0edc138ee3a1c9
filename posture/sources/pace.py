"""Time for what is not real: faster than real, or passing only where somebody waits.

Each is a clock (call it for seconds) and a `wait` that belongs to it, as `Camera` and `Capture` take them. Real time is
`time.monotonic` with `threading.Event.wait`.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Accelerated:
    """Real time, `factor` times as fast, from 0 on."""

    def __init__(self, factor: float) -> None:
        self._factor, self._start_s = factor, time.monotonic()

    def __call__(self) -> float:
        """Seconds since it began."""
        return (time.monotonic() - self._start_s) * self._factor

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Rest until `event` is set or `seconds` of this time are over; whether it is set."""
        return event.wait(seconds / self._factor)


class Leaping:
    """Time that stands still while something is done and leaps wherever somebody waits. For one waiting thread.

    So a run takes no longer than its work, and comes out the same every time. What is to happen at a moment is put in
    with `at`; it happens in the thread that waits.
    """

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s
        self._order = itertools.count()
        self._plans: list[tuple[float, int, Callable[[], object]]] = []

    def __call__(self) -> float:
        """Seconds."""
        return self._now_s

    def at(self, time_s: float, action: Callable[[], object]) -> None:
        """Call `action` when the time comes; actions of one moment in the order in which they were put in."""
        heapq.heappush(self._plans, (time_s, next(self._order), action))

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Leap `seconds` ahead, or to the moment at which an action sets `event`; whether it is set."""
        until_s = self._now_s + max(0.0, seconds)
        while not event.is_set() and self._plans and self._plans[0][0] <= until_s:
            due_s, _, action = heapq.heappop(self._plans)
            self._now_s = max(self._now_s, due_s)
            action()
        if not event.is_set():
            self._now_s = max(self._now_s, until_s)
        return event.is_set()
