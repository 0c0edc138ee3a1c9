"""Where the newest snapshot waits for whoever shows it."""

import threading
from collections.abc import Callable

from posture.live.snapshot import Snapshot


class Slot:
    """Holds one snapshot, the newest. Wakes its consumer once per consumption, however much is put meanwhile.

    Every method may be called from any thread; `on_wake` is called in the thread that puts, without a lock held.
    """

    def __init__(self, first: Snapshot, on_wake: Callable[[], None]) -> None:
        self.on_wake = on_wake
        self._lock = threading.Lock()
        self._newest = first
        self._woken = False
        self._unseen_pictures = 0
        self._seen = True

    @property
    def newest(self) -> Snapshot:
        """Without consuming it."""
        return self._newest

    @property
    def unseen(self) -> int:
        """Frames that were put and replaced before anybody took them."""
        return self._unseen_pictures

    def put(self, snapshot: Snapshot) -> None:
        """Replace the newest one."""
        with self._lock:
            replaced = self._newest.captured
            if not self._seen and replaced is not None and snapshot.captured is not replaced:
                self._unseen_pictures += 1
            self._newest, self._seen = snapshot, False
            wake, self._woken = not self._woken, True
        if wake:
            self.on_wake()

    def take(self) -> Snapshot:
        """Consume the newest one; the next `put` wakes again."""
        with self._lock:
            self._woken, self._seen = False, True
            return self._newest
