"""Waking when something moves in a folder; the only importer of watchdog.

What woke us says nothing of what is there: that is looked up. So an event that is lost, comes twice or late costs
a moment and never a file.
"""

import logging
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

POLL_S = 10.0
"""Between two looks of the observer at a share."""
_READ = frozenset({"opened", "closed_no_write"})
"""What our own reading does to a file."""


class Observing:
    """Calls nobody: `moved` is set when something changed. Use as a context manager."""

    def __init__(self, folder: Path, kind: Literal["events", "polling"], poll_s: float = POLL_S) -> None:
        self.kind = kind
        self.moved = threading.Event()
        self._folder, self._poll_s = folder, poll_s
        self._observer: BaseObserver | None = None

    def __enter__(self) -> "Observing":
        self.revive()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def revive(self) -> None:
        """Begin, or begin anew: a folder that was away is another one for the system, although the observer lives on.

        Where the system refuses to tell, it is polled.
        """
        self._end()
        try:
            self._begin()
        except OSError:  # no watch is left (inotify), or the folder is away
            self.kind = "polling"
            with suppress(OSError):
                self._begin()

    def _begin(self) -> None:
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer
        from watchdog.observers.polling import PollingObserver

        logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # it warns of an event that comes while it ends
        moved = self.moved

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                if event.event_type not in _READ:
                    moved.set()

        observer = Observer() if self.kind == "events" else PollingObserver(timeout=self._poll_s)
        observer.schedule(Handler(), str(self._folder), recursive=True)
        observer.start()
        self._observer = observer

    def _end(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            with suppress(RuntimeError):  # it never began
                observer.join()
