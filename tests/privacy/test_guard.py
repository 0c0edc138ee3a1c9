"""The kernel limits, each in a child process of its own because none can be taken off again."""

import subprocess
import sys

import pytest

linux = pytest.mark.skipif(sys.platform != "linux", reason="the seccomp filter is Linux only")

PREPARE = """
import errno, socket, sys
from posture.privacy import guard
def verdict(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "allowed"
"""


def answer(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@linux
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("socket.AF_INET, socket.SOCK_STREAM", "EACCES"),
        ("socket.AF_INET, socket.SOCK_DGRAM", "EACCES"),
        ("socket.AF_INET6, socket.SOCK_STREAM", "EACCES"),
        ("socket.AF_NETLINK, socket.SOCK_RAW", "EACCES"),
        ("socket.AF_UNIX, socket.SOCK_STREAM", "allowed"),
    ],
)
def test_only_unix_sockets_are_left(arguments, expected):
    block = f"print(verdict(lambda: socket.socket({arguments})))"
    assert answer("assert guard.block_network()\n" + block) == expected


@linux
def test_without_the_filter_the_same_socket_opens():
    """Negative control: it is the filter that refuses, not the machine."""
    assert answer("print(verdict(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))") == "allowed"


@linux
def test_native_code_is_bound_too():
    code = """
import ctypes, threading
libc = ctypes.CDLL(None, use_errno=True)
ready, go = threading.Event(), threading.Event()
def other():
    ready.set(); go.wait()
    print(libc.socket(2, 1, 0), ctypes.get_errno())
thread = threading.Thread(target=other); thread.start(); ready.wait()
assert guard.block_network()
go.set(); thread.join()
print(libc.socket(2, 1, 0), ctypes.get_errno(), libc.syscall(425, 1, 0), ctypes.get_errno())
"""
    assert answer(code).splitlines() == ["-1 13", "-1 13 -1 1"]


@linux
def test_ffmpeg_cannot_connect():
    code = """
assert guard.block_network()
import av
print(verdict(lambda: av.open("tcp://127.0.0.1:9", timeout=2)))
"""
    assert answer(code) == "EACCES"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_no_file_can_be_written(tmp_path):
    code = f"""
guard.limit_process(4 << 30)
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
guard.limit_process(1 << 30)
try:
    bytearray(2 << 30)
    print("allowed")
except MemoryError:
    print("refused")
"""
    assert answer(code) == "refused"
