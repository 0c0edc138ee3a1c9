"""What a process of a fleet keeps of the network: TCP with the addresses it was given, and nothing else."""

import socket
import struct
import subprocess
import sys
from contextlib import closing
from itertools import product

import pytest

from posture.privacy import seccomp

linux = pytest.mark.skipif(sys.platform != "linux", reason="the seccomp filter is Linux only")

PREPARE = """
import ctypes, socket, subprocess, sys
from posture.errors import NetworkRefused
from posture.privacy import guard
seen = []
"""
KERNEL = """
libc = ctypes.CDLL(None, use_errno=True)
tried = (1, 1, 0), (2, 1, 0), (10, 1, 6), (2, 2, 0), (2, 3, 1), (2, 1, 132), (16, 3, 0)
print([libc.socket(*each) >= 0 for each in tried])
"""


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def listener():
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


def port(listening):
    return listening.getsockname()[1]


def reaching(connects, listens=None):
    reach = f"guard.Reach(listens={listens!r}, connects=frozenset({connects!r}))"
    return f"guard.go_offline(seen.append, for_fleet=True)\nguard.open_for_fleet({reach})\n"


TRY = """
def attempt(call):
    try:
        call()
    except NetworkRefused:
        return "refused"
    return "done"
"""


def test_a_process_of_a_fleet_reaches_its_scheduler_and_nobody_else(listener):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code = f"""{TRY}{reaching([("127.0.0.1", port(listener))])}
for at in ({port(listener)}, {port(other)}):
    print(attempt(lambda: socket.create_connection(("127.0.0.1", at), 5)))
print(seen)
"""
        assert run(code) == "done\nrefused\n['socket.connect']"


def test_before_it_says_whom_it_wants_to_reach_it_reaches_nobody(listener):
    code = f"""{TRY}guard.go_offline(seen.append, for_fleet=True)
print(attempt(lambda: socket.create_connection(("127.0.0.1", {port(listener)}), 5)))
"""
    assert run(code) == "refused"


def test_a_process_that_was_not_started_for_a_fleet_cannot_become_one():
    code = f"""{TRY}guard.go_offline(seen.append)
print(attempt(lambda: guard.open_for_fleet(guard.Reach(connects=None))), attempt(socket.socket))
guard.go_offline(seen.append, for_fleet=True)
print(attempt(lambda: guard.open_for_fleet(guard.Reach(connects=None))), attempt(socket.socket))
"""
    assert run(code) == "refused refused\nrefused refused"


def test_names_are_never_looked_up_and_nothing_listens_elsewhere():
    code = f"""{TRY}{reaching([], listens=("127.0.0.1", 0))}
bound = socket.socket()
print(attempt(lambda: bound.bind(("127.0.0.1", 0))), attempt(lambda: socket.socket().bind(("127.0.0.2", 0))))
print(attempt(lambda: socket.getaddrinfo("127.0.0.1", 1)), attempt(lambda: socket.getaddrinfo("localhost", 1)))
print(attempt(lambda: socket.gethostbyname("localhost")), attempt(lambda: socket.socket(type=socket.SOCK_DGRAM)))
"""
    assert run(code) == "done refused\ndone refused\nrefused refused"


@linux
def test_the_kernel_leaves_tcp_and_local_sockets_to_native_code():
    assert run("guard.go_offline(for_fleet=True)\n" + KERNEL) == "[True, True, True, False, False, False, False]"
    assert run("guard.go_offline()\n" + KERNEL) == "[True, False, False, False, False, False, False]"


@linux
def test_what_a_process_of_a_fleet_starts_can_still_take_the_network_from_itself():
    code = f"""guard.go_offline(for_fleet=True)
code = "import ctypes\\nfrom posture.privacy import guard\\nguard.go_offline()\\n" + {KERNEL!r}
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
"""
    assert run(code) == "[True, False, False, False, False, False, False]"


@linux
def test_its_layers_say_loudly_that_it_is_open():
    out = run("guard.go_offline(for_fleet=True)\nprint([(each.active, each.how) for each in guard.layers()[1:]])")
    assert out.count("(False, 'OPEN: this process belongs to a fleet") == 2


def verdict(program, number, arguments):
    """What a filter answers; a small interpreter of classic BPF (linux/filter.h), written for this test alone."""
    data = struct.pack("<iIQ6Q", number, 0xC000003E, 0, *arguments, *[0] * (6 - len(arguments)))
    place, word = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("HBBI", program, 8 * place)
        place += 1
        if code == 0x20:
            word = struct.unpack_from("<I", data, value)[0]
        elif code == 0x54:
            word &= value
        elif code == 0x06:
            return value
        else:
            test = {0x15: word == value, 0x35: word >= value, 0x45: bool(word & value)}[code]
            place += yes if test else no


@pytest.mark.parametrize("flags", [0, 0o2000000, 0o4000])
def test_the_filter_allows_tcp_whatever_its_flags_and_no_other_family_type_or_protocol(flags):
    program = seccomp._network_filter("x86_64", tcp=True)
    for family, kind, protocol in product(range(46), range(1, 7), (0, 1, 6, 17, 132, 136, 255, 262)):
        allowed = family == 1 or (family in {2, 10} and kind == 1 and protocol in {0, 6})
        assert (verdict(program, 41, (family, kind | flags, protocol)) == 0x7FFF0000) == allowed
        assert (verdict(program, 53, (family, kind | flags, protocol)) == 0x7FFF0000) == (family == 1)
