"""No core dump while keys are in memory: a dump is a file with everything in it.

Python cannot wipe a key from memory; `SECURITY.md` says so. What can be done is to write no memory to the disk. Windows
makes dumps by its own settings, which no program can switch off for itself; swap and hibernation belong to the system.
"""

import sys
import threading

_TOO_SMALL_BYTES = 1
"""A limit of 0 does not stop dumps that the kernel pipes to a program (core(5)); less than a page stops those to files,
and exactly 1 is what the kernel takes as the sign to pipe none either (fs/coredump.c)."""
_lock = threading.Lock()
_users = 0
_before = (0, 0)


def forbid_dumps() -> None:
    """Until `allow_dumps` was called as often as this."""
    global _users
    with _lock:
        _users += 1
        if _users == 1:
            _forbid()


def allow_dumps() -> None:
    """As before."""
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            _allow()


if sys.platform == "win32":

    def _forbid() -> None:
        """Nothing that a program can do."""

    def _allow() -> None:
        """Nothing was done."""

else:
    import resource

    def _forbid() -> None:
        global _before
        soft, hard = _before = resource.getrlimit(resource.RLIMIT_CORE)
        least = _TOO_SMALL_BYTES if hard == resource.RLIM_INFINITY else min(_TOO_SMALL_BYTES, hard)
        if soft == resource.RLIM_INFINITY or soft > least or least == _TOO_SMALL_BYTES:
            resource.setrlimit(resource.RLIMIT_CORE, (least, hard))

    def _allow() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, _before)
