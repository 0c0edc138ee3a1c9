"""Kernel limits for the process that decodes untrusted files: no network, no file writing, bounded memory.

Linux: a seccomp filter (x86-64 and aarch64) lets `socket()` make AF_UNIX sockets only, answers EACCES for every other
family and EPERM for io_uring, which could open sockets past the filter. It needs no privilege, cannot be taken off
again and binds native code (FFmpeg, ONNX Runtime) as well as Python. The same rule for Windows is a firewall or
AppContainer rule of the installation, which a process cannot give itself; macOS offers nothing comparable to one.

Each function returns the names of the layers that are active, so that the program reports what is true here.
"""

import ctypes
import platform
import struct
import sys

# linux/audit.h AUDIT_ARCH_*, and the system call numbers of the architecture: socket(2), seccomp(2), io_uring_setup(2).
_SYSTEMS = {"x86_64": (0xC000003E, 41, 317, 425), "aarch64": (0xC00000B7, 198, 277, 425)}
_X32_SYSCALL_BIT = 0x40000000  # x86-64 only: the x32 names of the same calls
_PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 38, 4
_SET_MODE_FILTER, _FLAG_TSYNC = 1, 1
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _EACCES, _AF_UNIX = 1, 13, 1
# Classic BPF, linux/filter.h: load word, jump if equal, jump if greater or equal, return.
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
# struct seccomp_data, linux/seccomp.h: byte offsets of nr, arch and the low half of args[0] (little endian).
_NUMBER, _ARCH, _ARGUMENT = 0, 4, 16


def _filter(machine: str) -> bytes:
    arch, socket_call, _, io_uring_call = _SYSTEMS[machine]
    program = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 1, 0, _X32_SYSCALL_BIT),
        (_EQUAL, 0, 1, io_uring_call),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        (_EQUAL, 0, 3, socket_call),
        (_LOAD, 0, 0, _ARGUMENT),
        (_EQUAL, 1, 0, _AF_UNIX),
        (_RETURN, 0, 0, _ERRNO | _EACCES),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def block_network() -> tuple[str, ...]:
    """Forbid every socket but AF_UNIX to all threads of this process, for good. Empty where the system cannot."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _SYSTEMS:
        return ()
    libc = ctypes.CDLL(None, use_errno=True)
    code = _filter(machine)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(instructions))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ()
    seccomp_call = _SYSTEMS[machine][2]
    if libc.syscall(seccomp_call, _SET_MODE_FILTER, _FLAG_TSYNC, ctypes.byref(program)) != 0:
        return ()
    return ("seccomp: no socket but AF_UNIX",)


def limit_process(memory_bytes: int) -> tuple[str, ...]:
    """Bound this process: at most `memory_bytes` of memory, no writing to files, no core dump. Layers that took."""
    if sys.platform == "win32":
        return _limit_windows(memory_bytes)
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    layers = ["no file writing", "no core dump"]
    if sys.platform == "linux":  # macOS accepts RLIMIT_AS and ignores it
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        layers.append(f"address space {memory_bytes >> 20} MiB")
    return tuple(layers)


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
