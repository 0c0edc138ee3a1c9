"""Writes down what must not hold up anything else: one thread, one entry after the other."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

from posture.errors import PostureError

Entry = tuple[Callable[[], object], Callable[[BaseException], None]]
MOST_WAITING = 3600
"""Entries that wait before lesser ones are let go: half an hour of history on a disk that answers no more."""
CLOSE_S = 10.0
"""How long the end waits for entries that are still to be written."""


class Clerk:
    """Start it, hand it entries from any thread, close it."""

    def __init__(self) -> None:
        self._entries: SimpleQueue[Entry | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)
        self.left_out = 0
        """Lesser entries that were let go."""

    def start(self) -> None:
        """Begin. Once."""
        self._thread.start()

    def put(self, entry: Callable[[], object], on_error: Callable[[BaseException], None]) -> None:
        """Do `entry` soon; `on_error` hears what it raises, in the clerk's thread."""
        self._entries.put((entry, on_error))

    def put_if_room(self, entry: Callable[[], object], on_error: Callable[[BaseException], None]) -> None:
        """The same for what is not worth a growing memory."""
        if self._entries.qsize() < MOST_WAITING:
            self.put(entry, on_error)
        else:
            self.left_out += 1

    def close(self) -> bool:
        """Do what waits and end; whether that was done in `CLOSE_S`."""
        self._entries.put(None)
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSE_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """Top of the clerk's thread."""
        while (waiting := self._entries.get()) is not None:
            entry, on_error = waiting
            try:
                entry()
            except BaseException as exc:  # noqa: BLE001 - the top of a thread
                on_error(exc)


def said(error: BaseException) -> str:
    """One sentence for the person: what this program raises says what to do, anything else is a defect."""
    if isinstance(error, PostureError):
        return str(error)
    return f"internal error: {error!r}; please report it together with the output of `posture doctor --bundle FILE`"
