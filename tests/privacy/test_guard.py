"""No network for the whole program. Each case runs in a process of its own, because no layer can be taken off again.

Canaries knock at a listener of the test on this machine: guarded, none arrives; unguarded, all do.
"""

import socket
import subprocess
import sys
from contextlib import closing

import pytest

from posture.privacy import guard

linux = pytest.mark.skipif(sys.platform != "linux", reason="the seccomp filter is Linux only")

PREPARE = """
import ctypes, os, struct, sys, threading
from posture.errors import NetworkRefused
from posture.privacy import guard
seen = []
"""
GUARDED = "guard.go_offline(seen.append)\n"
UNGUARDED = ""

CANARIES = {
    "python": "import socket; socket.create_connection(('127.0.0.1', PORT), 5)",
    "python datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))",
    "urllib": "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:PORT', timeout=5)",
    "ctypes": """
libc = ctypes.CDLL(None, use_errno=True)
address = struct.pack('=HH4s8x', 2, int.from_bytes(struct.pack('!H', PORT), sys.byteorder), bytes([127, 0, 0, 1]))
if libc.connect(libc.socket(2, 1, 0), address, 16) != 0:
    raise OSError(ctypes.get_errno(), 'refused')
""",
    "ffmpeg tcp": "import av; av.open('tcp://127.0.0.1:PORT', timeout=2)",
    "ffmpeg http": "import av; av.open('http://127.0.0.1:PORT/a.mp4', timeout=2)",
    "a program that is started": """
import subprocess
code = "import socket; socket.create_connection(('127.0.0.1', PORT), 5)"
subprocess.run([sys.executable, '-c', code], check=True, stderr=subprocess.DEVNULL)
""",
    "another thread, older than the guard": None,
}
OLDER_THREAD = """
ready, go, errors = threading.Event(), threading.Event(), []
libc = ctypes.CDLL(None, use_errno=True)
def other():
    ready.set(); go.wait()
    address = struct.pack('=HH4s8x', 2, int.from_bytes(struct.pack('!H', PORT), sys.byteorder), bytes([127, 0, 0, 1]))
    if libc.connect(libc.socket(2, 1, 0), address, 16) != 0:
        errors.append(ctypes.get_errno())
thread = threading.Thread(target=other); thread.start(); ready.wait()
GUARD
go.set(); thread.join()
"""


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + code], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout.strip(), done.stderr


def knocks(canary, guard, *, datagram=False):
    """Whether something arrived at the listener."""
    with closing(socket.socket(type=socket.SOCK_DGRAM if datagram else socket.SOCK_STREAM)) as listener:
        listener.bind(("127.0.0.1", 0))
        if not datagram:
            listener.listen()
        code = canary.replace("GUARD", guard) if "GUARD" in canary else guard + canary
        status = run(code.replace("PORT", str(listener.getsockname()[1])))
        listener.setblocking(False)
        try:
            listener.recv(1) if datagram else listener.accept()[0].close()
        except BlockingIOError:
            return False, status
        return True, status


@linux
@pytest.mark.parametrize("name", CANARIES)
def test_a_canary_gets_out_without_the_guard_and_never_with_it(name):
    canary = CANARIES[name] or OLDER_THREAD
    datagram = name == "python datagram"
    arrived, _ = knocks(canary, UNGUARDED, datagram=datagram)
    assert arrived, "negative control: the canary itself does not work"
    arrived, (code, _, _) = knocks(canary, GUARDED, datagram=datagram)
    assert not arrived
    assert code != 0 or name == "another thread, older than the guard"


PYTHON_CALLS = {
    "socket.socket()": "socket.__new__",
    "socket.socket(socket.AF_INET6)": "socket.__new__",
    "socket.getaddrinfo('localhost', 80)": "socket.getaddrinfo",
    "socket.gethostbyname('localhost')": "socket.gethostbyname",
    "socket.create_connection(('127.0.0.1', 9))": "socket.getaddrinfo",
    "__import__('_socket').socket(2, 1, 0)": "socket.__new__",
}


@pytest.mark.parametrize(("call", "event"), PYTHON_CALLS.items())
def test_what_python_tries_is_refused_and_reported_with_its_name(call, event):
    code = f"""
import socket
{GUARDED}
try:
    {call}
except NetworkRefused as error:
    print(seen, error)
"""
    status, out, err = run(code)
    assert status == 0, err
    assert out.startswith(f"['{event}'] {event}: this program opens no network connection")


def test_reporting_an_attempt_may_itself_try_and_does_not_recurse():
    code = """
import socket
def report(call):
    seen.append(call)
    try:
        socket.socket()
    except NetworkRefused:
        seen.append("inner")
guard.go_offline(report)
try:
    socket.socket()
except NetworkRefused:
    print(seen)
"""
    assert run(code)[1] == "['socket.__new__', 'inner']"


@pytest.mark.skipif(sys.platform == "win32", reason="AF_UNIX")
def test_sockets_of_this_machine_stay(tmp_path):
    code = f"""
import socket
{GUARDED}
server = socket.socket(socket.AF_UNIX); server.bind({str(tmp_path / "s")!r}); server.listen()
client = socket.socket(socket.AF_UNIX); client.connect({str(tmp_path / "s")!r})
a, b = socket.socketpair(); a.send(b"x"); print(b.recv(1), seen)
"""
    status, out, err = run(code)
    assert (status, out) == (0, "b'x' []"), err


def test_the_environment_is_cleared():
    code = """
os.environ.update(https_proxy="http://proxy.example", ALL_PROXY="x", ORT_DISABLE_TELEMETRY="0")
before = guard.layers()[0]
guard.go_offline(seen.append)
after = guard.layers()[0]
print(before.active, after.active, "https_proxy" in os.environ, os.environ["ORT_DISABLE_TELEMETRY"])
"""
    assert run(code)[1] == "False True False 1"


@linux
def test_layers_say_what_holds_and_what_does_not():
    code = f"""
print([layer.active for layer in guard.layers()])
{GUARDED}
print([layer.active for layer in guard.layers()], seen)
"""
    assert run(code)[1].splitlines() == ["[True, False, False]", "[True, True, True] []"]


@linux
def test_a_missing_filter_is_never_called_active():
    """The system layer is tried, not remembered: where the kernel refused the filter, it is said to be missing."""
    code = f"""
from posture.privacy import seccomp
seccomp.take_network = lambda **_: True  # claims success
{GUARDED}
print([(layer.name, layer.active, layer.how) for layer in guard.layers()][1])
"""
    assert run(code)[1] == "('system', False, 'seccomp filter: not active, AF_INET, AF_INET6 not refused')"


@pytest.mark.parametrize(
    ("answered", "words"),
    [
        (0, "a firewall rule 'posture offline' is there; what it blocks was not tried"),
        (1, "no firewall rule; as administrator: New-NetFirewallRule"),
        (FileNotFoundError(), "no firewall rule"),
        (subprocess.TimeoutExpired("netsh", 10), "no firewall rule"),
    ],
)
def test_a_firewall_rule_is_never_called_active(monkeypatch, answered, words):
    """A rule can be there by name and be switched off, allow, or speak of another program."""

    def netsh(command, **_):
        assert command[0] == "netsh"
        if isinstance(answered, Exception):
            raise answered
        return subprocess.CompletedProcess(command, answered)

    monkeypatch.setattr(guard.subprocess, "run", netsh)
    monkeypatch.setattr(guard.sys, "platform", "win32")
    layer = guard._system_layer()
    assert (layer.name, layer.active) == ("system", False)
    assert words in layer.how


def test_importing_the_guard_installs_nothing():
    code = "import socket; socket.socket().close(); print('open')"
    assert run(code)[1] == "open"
