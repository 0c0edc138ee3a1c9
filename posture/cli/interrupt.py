"""What Ctrl+C does to work that can end early."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol


class Stoppable(Protocol):
    """Work that ends early when it is asked to."""

    def stop(self) -> None:
        """May be called from a signal handler."""


@contextmanager
def stopping(work: Stoppable, words: str) -> Iterator[None]:
    """The first Ctrl+C stops the work and says so in `words`; the second ends the program at once."""

    def on_signal(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # Not print: the signal may have interrupted one, and a buffer cannot be entered twice.
        os.write(2, f"\n{words}; press Ctrl+C again to give it up\n".encode())
        work.stop()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
