"""Ends a model call that takes too long.

One sleeping thread a session, and nothing that a call has to wake: a call only writes down when it began. The thread
looks when the earliest possible moment of a too long call has come, so a call is ended at its limit and not later, and
where nothing runs it wakes once in a limit.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CALL_LIMIT_S = 60.0
"""Seconds; the slowest model of the program takes 0.1 s on one core."""


class Watchdog:
    """Calls `end` once when a `watched` block takes longer than `limit_s` seconds; `expired` then stays true."""

    def __init__(self, limit_s: float, end: Callable[[], None]) -> None:
        self.limit_s = limit_s
        self.expired = False
        self._end = end
        self._began_s = math.inf  # of the call that runs; infinite while none does
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """One call. The thread begins with the first one."""
        self._began_s = time.monotonic()
        if self._thread is None and not self._closed.is_set():
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()
        try:
            yield
        finally:
            self._began_s = math.inf

    def close(self) -> None:
        """No call will come any more: the thread ends."""
        self._closed.set()

    def _watch(self) -> None:
        """Top of the watching thread."""
        wait_s = self.limit_s
        while not self._closed.wait(wait_s):
            left_s = self._began_s + self.limit_s - time.monotonic()
            if left_s <= 0:
                self.expired = True
                self._end()
                return
            wait_s = min(left_s, self.limit_s)
