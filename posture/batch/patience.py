"""Asking somebody who may never answer: a share that is mounted hard, a machine that stands still."""

import threading
from collections.abc import Callable
from typing import TypeVar

ANSWER_S = 20.0
"""A share that does not answer for so long hangs: what this machine says of its files is no word about the files."""
_T = TypeVar("_T")


def within(limit_s: float, ask: Callable[[], _T], name: str = "asking") -> _T:
    """What `ask` gives, or raises. Raises TimeoutError, which is an OSError, where that takes longer than `limit_s`.

    It is asked in a thread, which is left behind where the system never comes back: no signal ends such a call.
    """
    found: list[_T] = []
    raised: list[BaseException] = []

    def top() -> None:
        try:
            found.append(ask())
        except BaseException as exc:  # noqa: BLE001 - a thread's top: raised again below
            raised.append(exc)

    thread = threading.Thread(target=top, name=name, daemon=True)
    thread.start()
    thread.join(limit_s)
    if raised:
        raise raised[0]
    if not found:
        raise TimeoutError(f"it does not answer within {limit_s:g} s")
    return found[0]
