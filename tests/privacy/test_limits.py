"""The kernel limits, each in a child process of its own because none can be taken off again."""

import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from posture.privacy import seccomp

linux = pytest.mark.skipif(sys.platform != "linux", reason="the seccomp filter is Linux only")

PREPARE = """
import ctypes, errno, os, signal, socket, struct, sys, threading
from posture.privacy import limits, seccomp
def verdict(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "allowed"
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) >= 0:
        return "allowed"
    return errno.errorcode[ctypes.get_errno()]
"""
CONFINE = "assert limits.confine(graphics=False)\n"
GRAPHICS = "assert limits.confine(graphics=True)\n"


def answer(code, *, cwd=None):
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + code], capture_output=True, text=True, timeout=60, check=False, cwd=cwd
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@linux
@pytest.mark.parametrize(
    ("arguments", "expected", "with_graphics"),
    [
        ("socket.AF_INET, socket.SOCK_STREAM", "EACCES", "EACCES"),
        ("socket.AF_INET, socket.SOCK_DGRAM", "EACCES", "EACCES"),
        ("socket.AF_INET6, socket.SOCK_STREAM", "EACCES", "EACCES"),
        ("socket.AF_NETLINK, socket.SOCK_RAW", "EACCES", "EACCES"),
        ("socket.AF_UNIX, socket.SOCK_STREAM", "EACCES", "allowed"),
    ],
)
def test_no_socket_is_left(arguments, expected, with_graphics):
    block = f"print(verdict(lambda: socket.socket({arguments})))"
    assert answer(CONFINE + block) == expected
    assert answer(GRAPHICS + block) == with_graphics


KNOCK = """
pair = (ctypes.c_int * 2)()
made = libc.socketpair(FAMILY, 2, 0, pair)
address = struct.pack("H", 1) + b"listener\\0"
print(made, libc.sendto(pair[0], b"x", 1, 0, address, len(address)))
"""


@linux
@pytest.mark.parametrize(("prepared", "arrives"), [("", True), (GRAPHICS, True), (CONFINE, False)])
def test_a_socket_of_a_pair_reaches_no_service(tmp_path, monkeypatch, prepared, arrives):
    """A datagram socket of a pair can be sent to any address. With a graphics driver local services stay reachable."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("listener")
        listener.setblocking(False)
        answered = answer(prepared + KNOCK.replace("FAMILY", "1"), cwd=tmp_path)
        assert answered == ("0 1" if arrives else "-1 -1")
        if not arrives:
            with pytest.raises(BlockingIOError):
                listener.recv(1)


@linux
@pytest.mark.parametrize("prepared", [GRAPHICS, "assert seccomp.take_network()\n"])
def test_pairs_of_other_families_are_refused_like_their_sockets(prepared):
    """AF_TIPC makes pairs that reach other machines; asked of a kernel that may not know the family."""
    code = f"{prepared}print(libc.socketpair(30, 2, 0, (ctypes.c_int * 2)()), errno.errorcode[ctypes.get_errno()])"
    assert answer(code) == "-1 EACCES"


@linux
def test_an_inherited_socket_leads_nowhere(tmp_path):
    code = f"""
mine, other = socket.socketpair(type=socket.SOCK_DGRAM)
{CONFINE}
for action in (lambda: mine.send(b"x"), lambda: mine.sendmsg([b"x"]), lambda: mine.connect("listener"),
               lambda: mine.bind("other"), lambda: other.recvmsg(1)):
    print(verdict(action))
"""
    assert set(answer(code, cwd=tmp_path).splitlines()) == {"EACCES"}
    assert list(tmp_path.iterdir()) == []


@linux
def test_native_code_and_other_threads_are_bound_too():
    code = """
ready, go = threading.Event(), threading.Event()
def other():
    ready.set(); go.wait()
    print(libc.socket(2, 1, 0), ctypes.get_errno())
thread = threading.Thread(target=other); thread.start(); ready.wait()
assert limits.confine(graphics=False)
go.set(); thread.join()
print(libc.socket(2, 1, 0), ctypes.get_errno(), libc.syscall(425, 1, 0), ctypes.get_errno())
"""
    assert answer(code).splitlines() == ["-1 13", "-1 13 -1 1"]


@linux
def test_ffmpeg_cannot_connect():
    code = (
        CONFINE
        + """
import av
print(verdict(lambda: av.open("tcp://127.0.0.1:9", timeout=2)))
"""
    )
    assert answer(code) == "EACCES"


ON_FILES = {
    "os.open('there', os.O_WRONLY)": "EACCES",
    "os.open('there', os.O_RDWR)": "EACCES",
    "os.open('there', os.O_RDONLY | os.O_TRUNC)": "EACCES",
    "os.open('new', os.O_RDONLY | os.O_CREAT)": "EACCES",
    "os.truncate('there', 0)": "EPERM",
    "os.unlink('there')": "EPERM",
    "os.rename('there', 'new')": "EPERM",
    "os.link('there', 'new')": "EPERM",
    "os.symlink('there', 'new')": "EPERM",
    "os.mkdir('new')": "EPERM",
    "os.rmdir('folder')": "EPERM",
    "os.mkfifo('new')": "EPERM",
    "os.chmod('there', 0o600)": "EPERM",
    "os.chown('there', os.getuid(), os.getgid())": "EPERM",
    "os.utime('there')": "EPERM",
    "os.setxattr('there', 'user.a', b'b')": "EPERM",
}
ON_PROCESSES = {
    "os.fork()": "EPERM",
    "os.posix_spawn(sys.executable, [sys.executable], {})": "EPERM",
    "os.execv(sys.executable, [sys.executable, '-V'])": "EPERM",
    "os.kill(os.getppid(), 0)": "EPERM",
    "os.pidfd_open(os.getppid())": "EPERM",
    "os.setpriority(os.PRIO_PROCESS, os.getppid(), 0)": "EPERM",
    "os.sched_setscheduler(os.getppid(), os.SCHED_OTHER, os.sched_param(0))": "EPERM",
}
THROUGH_DESCRIPTORS = {
    "fcntl.fcntl(FILE, fcntl.F_SETOWN, os.getppid())": "EPERM",
    "fcntl.fcntl(FILE, 15, struct.pack('ii', 1, os.getppid()))": "EPERM",  # F_SETOWN_EX, F_OWNER_PID
    "fcntl.fcntl(FILE, fcntl.F_SETSIG, 9)": "EPERM",
    "fcntl.fcntl(FILE, fcntl.F_SETLEASE, fcntl.F_RDLCK)": "EPERM",
    "fcntl.lockf(FILE, fcntl.LOCK_SH)": "EPERM",
    "fcntl.flock(FILE, fcntl.LOCK_EX)": "EPERM",
    "fcntl.ioctl(FILE, 0x40086602, bytes(8))": "EPERM",  # FS_IOC_SETFLAGS
    "fcntl.ioctl(FILE, 0x40806685, bytes(128))": "EPERM",  # FS_IOC_ENABLE_VERITY
    "fcntl.ioctl(TERMINAL, 0x5412, b'x')": "EPERM",  # TIOCSTI
    "fcntl.ioctl(TERMINAL, 0x541C, b'x')": "EPERM",  # TIOCLINUX
    "fcntl.ioctl(FILE, 0x8901, struct.pack('i', os.getppid()))": "EPERM",  # FIOSETOWN
    "fcntl.ioctl(FILE, 0x8902, struct.pack('i', os.getppid()))": "EPERM",  # SIOCSPGRP
}
STILL_ALLOWED = {
    "os.set_inheritable(FILE, False)": "allowed",
    "os.set_blocking(FILE, True)": "allowed",
    "os.get_terminal_size(TERMINAL)": "allowed",
    "fcntl.fcntl(FILE, fcntl.F_DUPFD_CLOEXEC, 50)": "allowed",
    "os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))": "allowed",
    "os.sched_setaffinity(0, os.sched_getaffinity(0))": "allowed",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "there").write_text("kept")
    (tmp_path / "folder").mkdir()
    return tmp_path


@linux
@pytest.mark.parametrize(("action", "expected"), {**ON_FILES, **ON_PROCESSES}.items())
def test_what_decoding_does_not_need_is_refused(folder, action, expected):
    assert answer(f"{CONFINE}print(verdict(lambda: {action}))", cwd=folder) == expected
    assert sorted(p.name for p in folder.iterdir()) == ["folder", "there"]
    assert (folder / "there").read_text() == "kept"


OPEN = "import fcntl, pty\nFILE, (_, TERMINAL) = os.open('there', os.O_RDONLY), pty.openpty()\n"


@linux
@pytest.mark.parametrize(("action", "expected"), {**THROUGH_DESCRIPTORS, **STILL_ALLOWED}.items())
def test_what_a_descriptor_for_reading_can_do(folder, action, expected):
    assert answer(f"{OPEN}{CONFINE}print(verdict(lambda: {action}))", cwd=folder) == expected


SIGNAL_BY_PIPE = """
import fcntl
receiving, sending = os.pipe()
for command, argument in ((fcntl.F_SETOWN, TARGET), (fcntl.F_SETSIG, 9), (fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)):
    verdict(lambda: fcntl.fcntl(receiving, command, argument))
os.write(sending, b"x")
"""


@linux
@pytest.mark.parametrize(("prepared", "killed"), [("", True), (CONFINE, False), (GRAPHICS, False)])
def test_no_pipe_kills_another_process(prepared, killed):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        answer(prepared + SIGNAL_BY_PIPE.replace("TARGET", str(other.pid)))
        other.communicate(b"")
    assert other.returncode == (-9 if killed else 0)


@linux
@pytest.mark.parametrize("command", ["0x5412", "0x541C", "0x8901", "0x8902"])
def test_for_graphics_devices_obey_but_no_terminal_and_no_signal(folder, command):
    allowed = "fcntl.ioctl(TERMINAL, 0x541B, bytes(4))"  # stands for the commands of a driver
    code = f"""{OPEN}{GRAPHICS}
print(verdict(lambda: fcntl.ioctl(TERMINAL, {command}, bytes(4))), verdict(lambda: {allowed}))
"""
    assert answer(code, cwd=folder) == "EPERM allowed"


@linux
def test_without_the_filter_the_same_is_allowed(folder):
    """Negative control: it is the filter that refuses, not the machine."""
    for action in ("os.open('new', os.O_RDONLY | os.O_CREAT)", "os.chmod('there', 0o600)", "os.kill(os.getppid(), 0)"):
        assert answer(f"print(verdict(lambda: {action}))", cwd=folder) == "allowed", action
    assert answer("print(verdict(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))") == "allowed"


@linux
def test_for_graphics_devices_may_be_opened_but_nothing_made_or_removed(folder):
    code = (
        GRAPHICS
        + """
for action in (lambda: os.open('there', os.O_RDWR), lambda: os.open('new', os.O_RDWR | os.O_CREAT),
               lambda: os.open('there', os.O_WRONLY | os.O_TRUNC), lambda: os.unlink('there'), os.fork):
    print(verdict(action))
"""
    )
    assert answer(code, cwd=folder).splitlines() == ["allowed", "EACCES", "EACCES", "EPERM", "EPERM"]


@linux
def test_reading_threads_and_abort_still_work(folder):
    code = (
        CONFINE
        + """
print(open('there').read())
thread = threading.Thread(target=lambda: print("thread")); thread.start(); thread.join()
signal.signal(signal.SIGUSR1, lambda *_: print("own signal"))
os.kill(os.getpid(), signal.SIGUSR1)
"""
    )
    assert answer(code, cwd=folder).splitlines() == ["kept", "thread", "own signal"]


@linux
def test_each_call_of_the_table_is_refused_here():
    """Called with arguments that no call accepts, so that nothing happens even where the filter should fail."""
    import platform

    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None:
        pytest.skip("no filter for this processor")
    tables = {**seccomp._EXECUTE_OR_REACH_OTHERS, **seccomp._CHANGE_FILES, **seccomp._CHANGE_THE_SYSTEM}
    numbers = {name: pair[column] for name, pair in tables.items() if pair[column] is not None}
    code = f"{CONFINE}for number in {list(numbers.values())}: print(call(number, -1, -1, -1, -1, -1, -1))"
    assert dict(zip(numbers, answer(code).splitlines(), strict=True)) == dict.fromkeys(numbers, "EPERM")


HEADERS = ((0, Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")), (1, Path("/usr/include/asm-generic/unistd.h")))


@pytest.mark.parametrize(("column", "header"), HEADERS)
def test_the_numbers_are_those_of_the_kernel_headers(column, header):
    """aarch64 uses the generic table. Calls newer than the headers are not compared."""
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    known = {m[1]: int(m[2]) for m in re.finditer(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())}
    ours = {
        **seccomp._EXECUTE_OR_REACH_OTHERS,
        **seccomp._CHANGE_FILES,
        **seccomp._CHANGE_THE_SYSTEM,
        **seccomp._USE_SOCKETS,
        **seccomp._LOCK_FILES,
        **seccomp._UNREADABLE,
        **seccomp._ARGUMENT_DECIDES,
        "seccomp": seccomp._SECCOMP,
    }
    newer = {"fchmodat2", "setxattrat", "removexattrat", "open_tree_attr", "file_setattr"}
    compared = {name: pair[column] for name, pair in ours.items() if name in known or name not in newer}
    assert compared == {name: known.get(name) for name in compared}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_fits_its_format(machine):
    """BPF_MAXINSNS is 4096; the last instruction allows; every jump stays inside."""
    code = seccomp._filter(machine, graphics=False, pid=1)
    program = list(struct.iter_unpack("HBBI", code))
    assert len(program) <= 4096
    jumps = [(at, max(yes, no)) for at, (kind, yes, no, _) in enumerate(program) if kind & 7 == 5]  # BPF_JMP
    assert jumps
    assert all(at + 1 + far < len(program) for at, far in jumps)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_no_data_can_be_written_into_files(tmp_path):
    code = f"""
limits.limit_process(4 << 30)
def write():
    with open({str(tmp_path / "x")!r}, "wb", buffering=0) as file:
        file.write(b"x")
print(verdict(write))
"""
    assert answer(code) == "EFBIG"
    assert (tmp_path / "x").read_bytes() == b""


@linux
def test_memory_is_bounded():
    code = """
limits.limit_process(1 << 30)
try:
    bytearray(2 << 30)
    print("allowed")
except MemoryError:
    print("refused")
"""
    assert answer(code) == "refused"


@linux
def test_a_lower_limit_of_the_system_stays():
    code = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
print(limits.limit_process(4 << 30)[-1])
"""
    assert answer(code) == "address space 1024 MiB"
