"""Two seccomp filters (Linux, x86-64 and aarch64): no network for the whole program, and little at all for decoding.

A filter needs no privilege, cannot be taken off again, binds native code (FFmpeg, ONNX Runtime) as well as Python, and
is inherited by every program that is started. Each is a list of what is refused, not of what is allowed: the runtime,
the decoder and drivers may use any other call.

`take_network` leaves AF_UNIX sockets (display, session bus), and to the processes of a fleet TCP. `confine`, for the
process that decodes untrusted files, leaves reading files, threads, pipes that are open already, and mapping memory.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Callable

# System call numbers (x86-64, aarch64) after linux/arch/x86/entry/syscalls/syscall_64.tbl and
# linux/include/uapi/asm-generic/unistd.h. None: the architecture does not have the call.
_Numbers = tuple[int | None, int | None]
_EXECUTE_OR_REACH_OTHERS: dict[str, _Numbers] = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "tkill": (200, 130),
    "kcmp": (312, 272),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "fanotify_init": (300, 262),  # the superuser could hold up whoever opens a file
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "shmctl": (31, 195),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "semctl": (66, 191),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),  # could open sockets and files past the filter
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
_CHANGE_FILES: dict[str, _Numbers] = {
    "creat": (85, None),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "fallocate": (285, 47),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "open_by_handle_at": (304, 265),
    "mount": (165, 40),
    "umount2": (166, 39),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
}
_CHANGE_THE_SYSTEM: dict[str, _Numbers] = {  # only the superuser can, as in many containers
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "ioperm": (173, None),
    "iopl": (172, None),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
}
# Their arguments lie in memory, which a filter cannot read. ENOSYS makes the C library take clone and openat instead.
_UNREADABLE: dict[str, _Numbers] = {"clone3": (435, 435), "openat2": (437, 437)}
_ARGUMENT_DECIDES: dict[str, _Numbers] = {
    "socket": (41, 198),
    "socketpair": (53, 199),  # a datagram socket of a pair can be sent to any address, or connected to it
    "open": (2, None),
    "openat": (257, 56),
    "clone": (56, 220),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
}
# Without a graphics driver there is no socket; should one be inherited all the same, it leads nowhere else.
_USE_SOCKETS: dict[str, _Numbers] = {
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "recvmsg": (47, 212),  # could hand over a descriptor of somebody else
    "recvmmsg": (299, 243),
}
# A lock on a file that others wait for, the lock of the audit log for one. A graphics driver locks its cache.
_LOCK_FILES: dict[str, _Numbers] = {"flock": (73, 32)}
_SECCOMP = (317, 277)

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, linux/audit.h AUDIT_ARCH_*
_X32_SYSCALL_BIT = 0x40000000  # x86-64 only: the x32 names of the same calls
_CLONE_THREAD = 0x10000  # linux/sched.h
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
# linux/net.h: SOCK_STREAM below the flags SOCK_CLOEXEC and SOCK_NONBLOCK. linux/in.h: IPPROTO_IP, IPPROTO_TCP.
_SOCK_TYPE_MASK, _SOCK_STREAM, _STREAM_PROTOCOLS = 0xF, 1, (0, 6)
# asm-generic/fcntl.h: O_WRONLY | O_RDWR, O_CREAT | O_TRUNC | __O_TMPFILE
_FOR_WRITING, _MAKING = 0o3, 0o20001100
# The same file and linux/fcntl.h: F_SETOWN, F_SETSIG, F_SETOWN_EX, which have a pipe send any signal to any process of
# the account; F_SETLEASE, F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, which others may have to wait for.
_SIGNALLING, _LOCKING = (8, 10, 15), (1024, 6, 7, 37, 38)
# asm-generic/ioctls.h and sockios.h: FIOSETOWN and SIOCSPGRP do the same as F_SETOWN; TIOCSTI and TIOCLINUX type into
# a terminal. A driver needs hundreds of other commands.
_NEVER_TO_DEVICES = (0x8901, 0x8902, 0x5412, 0x541C)
# Without a driver only these, of which none changes more than the descriptor: TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD,
# FIONBIO, FIONCLEX, FIOCLEX. Others change flags of a file or make a subvolume through a descriptor for reading.
_ALWAYS_TO_DEVICES = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
_PR_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _FLAG_TSYNC = 38, 1, 1
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _EACCES, _ENOSYS = 1, 13, 38
# Classic BPF, linux/filter.h: load word, jump if equal, if greater or equal, if any bit is set, and, return.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
# struct seccomp_data, linux/seccomp.h: byte offsets of nr, arch and the low halves of args (little endian).
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, (16, 24, 32)

_Instruction = tuple[int, int, int, int]


def _refuse(number: int | None, errno: int) -> list[_Instruction]:
    return [] if number is None else [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno)]


def _check(number: int | None, argument: int, test: int, *values: int, allow: bool, errno: int) -> list[_Instruction]:
    """Of one call: answer `errno` unless `test` of an argument and any of `values` comes out as `allow`."""
    if number is None:
        return []
    refused, allowed = (_RETURN, 0, 0, _ERRNO | errno), (_RETURN, 0, 0, _ALLOW)
    return [
        (_EQUAL, 0, len(values) + 3, number),
        (_LOAD, 0, 0, _ARGUMENTS[argument]),
        *((test, len(values) - place, 0, value) for place, value in enumerate(values)),
        refused if allow else allowed,
        allowed if allow else refused,
    ]


def _first(arch: int) -> list[_Instruction]:
    """Calls of another architecture end the process, the x32 names of calls do not exist."""
    return [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32_SYSCALL_BIT),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
    ]


def _packed(program: list[_Instruction]) -> bytes:
    """The program, which allows what it has not refused, as the kernel takes it."""
    return b"".join(struct.pack("HBBI", *instruction) for instruction in [*program, (_RETURN, 0, 0, _ALLOW)])


def _network_filter(machine: str, *, tcp: bool = False) -> bytes:
    column, arch = _ARCHITECTURES[machine]
    program = _first(arch) + _refuse(_EXECUTE_OR_REACH_OTHERS["io_uring_setup"][column], _EPERM)
    return _packed(program + (_local_and_tcp(column) if tcp else _only_local_sockets(column)))


def _local_and_tcp(column: int) -> list[_Instruction]:
    """Sockets are AF_UNIX, or TCP over IPv4 or IPv6: no datagram, so no name is ever looked up, no raw packet."""
    number, pair = _ARGUMENT_DECIDES["socket"][column], _ARGUMENT_DECIDES["socketpair"][column]
    assert number is not None
    refused, allowed = (_RETURN, 0, 0, _ERRNO | _EACCES), (_RETURN, 0, 0, _ALLOW)
    return [
        *_check(pair, 0, _EQUAL, _AF_UNIX, allow=True, errno=_EACCES),
        (_EQUAL, 0, 12, number),
        (_LOAD, 0, 0, _ARGUMENTS[0]),
        (_EQUAL, 9, 0, _AF_UNIX),
        (_EQUAL, 1, 0, _AF_INET),
        (_EQUAL, 0, 6, _AF_INET6),
        (_LOAD, 0, 0, _ARGUMENTS[1]),
        (_AND, 0, 0, _SOCK_TYPE_MASK),
        (_EQUAL, 0, 3, _SOCK_STREAM),
        (_LOAD, 0, 0, _ARGUMENTS[2]),
        *((_EQUAL, 2 - place, 0, protocol) for place, protocol in enumerate(_STREAM_PROTOCOLS)),
        refused,
        allowed,
    ]


def _only_local_sockets(column: int) -> list[_Instruction]:
    made = (_ARGUMENT_DECIDES[name][column] for name in ("socket", "socketpair"))
    return [each for number in made for each in _check(number, 0, _EQUAL, _AF_UNIX, allow=True, errno=_EACCES)]


def _no_sockets(column: int) -> list[_Instruction]:
    calls = (*_USE_SOCKETS.values(), *(_ARGUMENT_DECIDES[name] for name in ("socket", "socketpair")))
    return [each for numbers in calls for each in _refuse(numbers[column], _EACCES)]


def _filter(machine: str, *, graphics: bool, pid: int) -> bytes:
    column, arch = _ARCHITECTURES[machine]
    number = {name: numbers[column] for name, numbers in _ARGUMENT_DECIDES.items()}
    program = _first(arch)
    for table in (_EXECUTE_OR_REACH_OTHERS, _CHANGE_FILES, _CHANGE_THE_SYSTEM):
        for numbers in table.values():
            program += _refuse(numbers[column], _EPERM)
    for numbers in _UNREADABLE.values():
        program += _refuse(numbers[column], _ENOSYS)
    program += _only_local_sockets(column) if graphics else _no_sockets(column)
    writing = _MAKING if graphics else _MAKING | _FOR_WRITING
    program += _check(number["open"], 1, _ANY_BIT, writing, allow=False, errno=_EACCES)
    program += _check(number["openat"], 2, _ANY_BIT, writing, allow=False, errno=_EACCES)
    program += _check(number["clone"], 0, _ANY_BIT, _CLONE_THREAD, allow=True, errno=_EPERM)
    for own in ("kill", "tgkill"):
        program += _check(number[own], 0, _EQUAL, pid, allow=True, errno=_EPERM)
    for of_whom in ("prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr"):
        program += _check(number[of_whom], 0, _EQUAL, 0, allow=True, errno=_EPERM)
    return _packed(program + _through_descriptors(column, graphics=graphics))


def _through_descriptors(column: int, *, graphics: bool) -> list[_Instruction]:
    """What a descriptor that was opened for reading can do besides: to other processes, to its file, to a device."""
    fcntl, ioctl = _ARGUMENT_DECIDES["fcntl"][column], _ARGUMENT_DECIDES["ioctl"][column]
    if graphics:
        return [
            *_check(fcntl, 1, _EQUAL, *_SIGNALLING, allow=False, errno=_EPERM),
            *_check(ioctl, 1, _EQUAL, *_NEVER_TO_DEVICES, allow=False, errno=_EPERM),
        ]
    return [
        *_check(fcntl, 1, _EQUAL, *_SIGNALLING, *_LOCKING, allow=False, errno=_EPERM),
        *_check(ioctl, 1, _EQUAL, *_ALWAYS_TO_DEVICES, allow=True, errno=_EPERM),
        *(each for numbers in _LOCK_FILES.values() for each in _refuse(numbers[column], _EPERM)),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def confine(*, graphics: bool) -> tuple[str, ...]:
    """Take from all threads of this process, for good, what decoding does not need. Empty where the system cannot.

    No socket, no program started, no process made or reached, no file opened for writing, made, renamed, locked or
    removed, no device commanded.
    `graphics` leaves open what a graphics driver needs: AF_UNIX sockets, commands to devices, locks, and opening what
    exists for writing (device files). Then a file that exists can still be changed by mapping it, which RLIMIT_FSIZE
    does not see.
    """
    if not _install(lambda machine: _filter(machine, graphics=graphics, pid=os.getpid())):
        return ()
    return (
        f"seccomp: no socket{' but AF_UNIX' if graphics else ''}",
        "seccomp: no other program or process",
        f"seccomp: no file made{'' if graphics else ', changed'} or removed",
    )


def take_network(*, but_tcp: bool = False) -> bool:
    """Take the network from all threads of this process and from every program it starts, for good.

    Sockets other than AF_UNIX are refused with EACCES, io_uring with EPERM. False where the system cannot.
    `but_tcp`: for a process of a fleet, which keeps TCP. What it starts can still take that from itself.
    """
    return _install(lambda machine: _network_filter(machine, tcp=but_tcp))


def _install(make: Callable[[str], bytes]) -> bool:
    """Put the filter that `make` gives for this processor on all threads. False where the system cannot."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    code = make(machine)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(instructions))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    call = _SECCOMP[_ARCHITECTURES[machine][0]]
    return bool(libc.syscall(call, _SET_MODE_FILTER, _FLAG_TSYNC, ctypes.byref(program)) == 0)
