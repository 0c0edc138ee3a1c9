"""What Ctrl+C and the other wishes to end do: work ends early and in order, nothing half done is left behind.

SIGINT is Ctrl+C, SIGTERM what `kill` and a machine that shuts down send, SIGHUP a terminal that was closed, SIGBREAK
(Windows) Ctrl+Break or a console that was closed. A signal that is ignored from the start stays so: `nohup`, `&` in a
script. All state here belongs to the main thread, where Python runs signal handlers.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

from posture.cli.exits import CANCELLED, HUNG_UP, TERMINATED

_CODES = {"SIGINT": CANCELLED, "SIGTERM": TERMINATED, "SIGHUP": HUNG_UP, "SIGBREAK": CANCELLED}
ENDING: dict[int, int] = {getattr(signal, name): code for name, code in _CODES.items() if hasattr(signal, name)}
"""The signals of this system that end the program, and the exit code of each."""

_CLOSE_EVENT = 2  # CTRL_CLOSE_EVENT, wincon.h
_CLOSE_WAIT_S = 10.0
"""Longer than Windows waits for a program whose console was closed (5 s)."""

_kept: list[object] = []
"""What Windows calls, kept for as long as the program runs."""


class Stoppable(Protocol):
    """Work that ends early when it is asked to."""

    def stop(self) -> None:
        """May be called from a signal handler."""


@dataclass
class Wish:
    """Whether somebody wants no more."""

    code: int = 0
    """The exit code of the signal that came; 0 as long as none has."""


def end_in_order() -> None:
    """From here on every signal that ends the program unwinds it: what is half written is removed on the way."""
    for number in _heard():
        if number != signal.SIGINT:  # Python raises KeyboardInterrupt by itself
            signal.signal(number, _leave)
    if sys.platform == "win32":
        _hear_closed_console()


@contextmanager
def stopping(work: Stoppable, words: str) -> Iterator[Wish]:
    """The first signal stops the work and says so in `words`; the second ends the program at once."""
    wish = Wish()
    before = {number: signal.getsignal(number) for number in _heard()}

    def on_signal(number: int, frame: FrameType | None) -> None:
        for other in before:
            signal.signal(other, _leave)
        wish.code = ENDING[number]
        _say(f"\n{words}; press Ctrl+C again to give it up\n")
        work.stop()

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heard() -> list[int]:
    """The signals that somebody wants this program to hear."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


def _leave(number: int, frame: FrameType | None) -> None:
    """End the program through every `finally`."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    _say("\nstopped\n")
    sys.exit(ENDING[number])


def _say(text: str) -> None:
    """To stderr. Not by print: the signal may have interrupted one, and a buffer cannot be entered twice."""
    with suppress(OSError):
        os.write(2, text.encode())
    for stream in (1, 2):
        _silence_if_gone(stream)


def _silence_if_gone(stream: int) -> None:
    """Let what is printed vanish where the terminal was closed: an error there must not keep the work from ending."""
    try:
        os.write(stream, b"")
    except OSError:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream)


def _hear_closed_console() -> None:
    """Windows ends a program as soon as its handler of a closed console returns: this one waits for the main thread."""
    import _thread
    import ctypes

    def on_event(event: int) -> int:
        if event != _CLOSE_EVENT:
            return 0  # Ctrl+C and Ctrl+Break: Python's own handler
        _thread.interrupt_main(signal.SIGBREAK)  # type: ignore[attr-defined,unused-ignore]
        threading.Event().wait(_CLOSE_WAIT_S)
        return 1

    made = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint32)  # type: ignore[attr-defined,unused-ignore]
    _kept.append(made(on_event))
    ctypes.windll.kernel32.SetConsoleCtrlHandler(_kept[-1], 1)  # type: ignore[attr-defined,unused-ignore]
