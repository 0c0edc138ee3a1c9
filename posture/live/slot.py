"""Where the newest snapshot waits for whoever shows it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from posture.live.snapshot import Snapshot


class Slot:
    """Holds one snapshot, the newest. Every method may be called from any thread.

    `wake` calls the consumer once per consumption, however much was put meanwhile, and never twice at the same time.
    """

    def __init__(self, first: Snapshot) -> None:
        self.on_wake: Callable[[], None] = _nobody
        self._lock = threading.Lock()
        self._waking = threading.RLock()
        self._newest = first
        self._taken = self._woken = True
        self._unseen = 0

    @property
    def newest(self) -> Snapshot:
        """Without consuming it."""
        return self._newest

    @property
    def unseen(self) -> int:
        """Frames that were put and replaced before anybody took them."""
        return self._unseen

    def put(self, snapshot: Snapshot) -> None:
        """Replace the newest one. A cue that began in one that nobody took begins in this one, if it still shows."""
        with self._lock:
            last = self._newest
            if not self._taken:
                self._unseen += last.captured is not None and snapshot.captured is not last.captured
                snapshot = snapshot.after(last)
            self._set(snapshot)

    def revise(self, **changes: Any) -> None:  # noqa: ANN401 - fields of a snapshot
        """Change fields of the newest one."""
        with self._lock:
            self._set(replace(self._newest, **changes))

    def _set(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        self._woken = self._woken and not self._taken
        self._taken = False

    def wake(self) -> None:
        """Wake the consumer if there is something that it was not woken for since it last took."""
        with self._waking:
            with self._lock:
                due, self._woken = not (self._woken or self._taken), True
            if due:
                self.on_wake()

    def take(self) -> Snapshot:
        """Consume the newest one. A cue begins for whoever takes it first, and for nobody again."""
        with self._lock:
            self._taken, newest = True, self._newest
            self._newest = replace(newest, reminder=replace(newest.reminder, fired=False))
            return newest


def _nobody() -> None:
    """Nobody listens."""
