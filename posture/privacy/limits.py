"""Kernel limits for the process that decodes untrusted files: bounded memory, no data into files, no core dump.

What else the process may not do on Linux stands in `seccomp`; what holds for the whole program stands in `guard`.

Each function returns the names of the layers that are active, so that the program reports what is true here.
"""

import ctypes
import sys
from pathlib import Path

from posture.privacy.seccomp import confine

__all__ = ["confine", "limit_process", "peak_memory"]

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def limit_process(memory_bytes: int) -> tuple[str, ...]:
    """Bound this process: at most `memory_bytes` of address space, no data into files, no core dump. Layers that took.

    The address space bounds what this process allocates and maps; memory of the parent and of a graphics card is not
    part of it. A limit that is lower already stays.
    """
    if sys.platform == "win32":
        return _limit_windows(memory_bytes)
    import resource

    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_CORE, 0)
    layers = ["no data into files", "no core dump"]
    if sys.platform == "linux":  # macOS accepts RLIMIT_AS and ignores it
        bound = _bound(resource.RLIMIT_AS, memory_bytes)
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        layers.append(f"address space {bound >> 20} MiB")
    return tuple(layers)


def peak_memory() -> int:
    """Peak resident set of this process in bytes; 0 where the system does not say (Windows)."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where ru_maxrss is at least the size of the process that started this one
        return int(status.read_text("ascii", "replace").partition("VmHWM:")[2].split()[0]) * 1024
    if sys.platform == "win32":
        return 0
    import resource  # macOS, where the unit is bytes

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _bound(limit: int, value: int) -> int:
    """Lower a limit to `value`, or to what it may be at most."""
    import resource

    _, hard = resource.getrlimit(limit)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (bound, bound))
    return bound


def _limit_windows(memory_bytes: int) -> tuple[str, ...]:
    """Put this process into a job object with a commit limit (JOBOBJECT_EXTENDED_LIMIT_INFORMATION, winnt.h)."""
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    limits = _ExtendedLimits()
    limits.limit_flags = _LIMIT_PROCESS_MEMORY | _LIMIT_ACTIVE_PROCESS | _KILL_ON_JOB_CLOSE
    limits.active_process_limit = 1
    limits.process_memory_limit = memory_bytes
    kernel32.CreateJobObjectW.restype = kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    job = ctypes.c_void_p(kernel32.CreateJobObjectW(None, None))
    size = ctypes.sizeof(limits)
    if not kernel32.SetInformationJobObject(job, _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), size):
        return ()
    if not kernel32.AssignProcessToJobObject(job, ctypes.c_void_p(kernel32.GetCurrentProcess())):
        return ()
    return (f"job object: {memory_bytes >> 20} MiB, one process",)


_EXTENDED_LIMIT_INFORMATION = 9
_LIMIT_ACTIVE_PROCESS, _LIMIT_PROCESS_MEMORY, _KILL_ON_JOB_CLOSE = 0x8, 0x100, 0x2000


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time_limit", ctypes.c_int64),
        ("per_job_user_time_limit", ctypes.c_int64),
        ("limit_flags", ctypes.c_uint32),
        ("minimum_working_set_size", ctypes.c_size_t),
        ("maximum_working_set_size", ctypes.c_size_t),
        ("active_process_limit", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory_limit", ctypes.c_size_t),
        ("job_memory_limit", ctypes.c_size_t),
        ("peak_process_memory_used", ctypes.c_size_t),
        ("peak_job_memory_used", ctypes.c_size_t),
    )
