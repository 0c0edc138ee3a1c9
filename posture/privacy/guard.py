"""No network for the whole program: the layers, put in place before any thread starts and asked again afterwards.

1. *Environment*: the model runtime's telemetry is off, proxy and remote-debugging variables are gone.
2. *System*: Linux a seccomp filter, macOS the sandbox `no-internet` (sandbox_init(3)); both bind native code and every
   program that is started. Windows offers a process nothing of the kind; there a firewall rule does it, which an
   administrator sets (`FIREWALL_COMMAND`). macOS and Windows are built after their documentation and were not run.
3. *Interpreter*: an audit hook (PEP 578) refuses what Python code tries, with the name of the call. Last layer, because
   native code passes it by; first to speak, because it can say what was tried.

A process of a fleet, which somebody started as one (`posture fleet`, `posture batch run --fleet`), keeps TCP and
nothing else: no datagram, so no name is looked up. Its hook refuses that too until `open_for_fleet` names addresses.

`layers` does not repeat what was set up but tries each layer: what it calls active refused an attempt just now.
"""

import ctypes
import errno
import ipaddress
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from posture.errors import NetworkRefused
from posture.privacy import seccomp

REMOVED_VARIABLES = (
    *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY"),
    *("QTWEBENGINE_REMOTE_DEBUGGING", "QTWEBENGINE_CHROMIUM_FLAGS"),
)
"""Would lead traffic elsewhere, or open a port."""

FIREWALL_RULE = "posture offline"
FIREWALL_COMMAND = (
    f'New-NetFirewallRule -DisplayName "{FIREWALL_RULE}" -Direction Outbound -Action Block -Program "{{program}}"'
)
"""For an administrator's PowerShell on Windows (documented: NetSecurity module)."""

# Audit events of CPython's socket module that reach for the network, see docs.python.org/3/library/audit_events.html.
_NETWORK_EVENTS = frozenset(
    {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
    | {"socket.gethostbyaddr", "socket.getnameinfo", "socket.getservbyname", "socket.getservbyport"}
)
_AF_UNIX = 1  # the same number on Linux, macOS and Windows
_FAMILIES = {"AF_INET": 2, "AF_INET6": 30 if sys.platform == "darwin" else 23 if sys.platform == "win32" else 10}
_STREAM, _DATAGRAM = 1, 2
_TYPE_MASK = 0xF  # SOCK_CLOEXEC and SOCK_NONBLOCK of Linux lie above it
_REFUSALS = frozenset({errno.EACCES, errno.EPERM})
_PORT_DISCARD = 9  # connecting a datagram socket sends nothing
_SANDBOX_NAMED = 1  # sandbox_init(3), macOS
_NO_INTERNET = b"no-internet"  # kSBXProfileNoInternet: TCP/IP networking is prohibited
_FIREWALL_TIMEOUT_S = 10.0

TELEMETRY_OFF = "telemetry of the model runtime is off; {proxy}"
TELEMETRY_ON = "telemetry of the model runtime is ON; {proxy}"
NO_PROXY = "no proxy is set"
REFUSED = "{what}: {families} refused, also for native code and started programs"
NOT_REFUSED = "{what}: not active, {families} not refused"
HOOK = "audit hook: Python code is refused every socket but AF_UNIX, and it is said"
NO_HOOK = "no audit hook"
FLEET_SYSTEM = "OPEN: this process belongs to a fleet and keeps TCP; {families} datagrams are refused"
FLEET_HOOK = "OPEN: this process belongs to a fleet; Python code reaches its addresses alone"
RULE = "a firewall rule {rule} is there; what it blocks was not tried"
NO_RULE = "no firewall rule; as administrator: {command}"
WORDS = (
    *(TELEMETRY_OFF, TELEMETRY_ON, NO_PROXY, REFUSED, NOT_REFUSED, HOOK, NO_HOOK, FLEET_SYSTEM, FLEET_HOOK),
    *(RULE, NO_RULE),
)
"""What a layer can say: the window has each in its own language."""

_hook = threading.local()


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer and what it did when it was tried just now."""

    name: Literal["environment", "system", "interpreter"]
    active: bool
    words: str
    """One of `WORDS`, with the names of `values` in braces."""
    values: tuple[tuple[str, str], ...] = ()

    @property
    def how(self) -> str:
        """In English."""
        return self.words.format(**dict(self.values))


Noticed = Literal["interpreter", "decoding"]
"""Whose audit hook it was: that of this process, or that of a decoding process it started."""


class Report(Protocol):
    """What is to be done when Python code tries to reach the network; `call` as Python names it: "socket.connect"."""

    def __call__(self, call: str, layer: Noticed = "interpreter", /) -> None:
        """Write it down; what is raised here is raised where it was tried."""


def _silent(call: str, layer: Noticed = "interpreter", /) -> None:
    """Nobody to tell; the refusal itself is raised all the same."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The addresses that a process of a fleet may use: numbers, never names."""

    listens: tuple[str, int] | None = None
    """Port 0: whichever is free."""
    connects: frozenset[tuple[str, int]] | None = frozenset()
    """None: any. The scheduler calls its workers, and learns from them where they are."""


_report: Report | None = None  # None: no hook yet; a hook lives as long as the interpreter
_of_fleet = False  # for good, like the layers
_reach: Reach | None = None


def go_offline(report: Report = _silent, *, for_fleet: bool = False) -> None:
    """Put every layer in place; none can be taken off again. Call it before a thread or a library is started.

    `report` is called when Python code tries to reach the network; then `NetworkRefused` is raised where it was tried.
    `for_fleet`: this process was started as one of a fleet, and `open_for_fleet` will say what it may reach.
    """
    global _report, _of_fleet
    _of_fleet = for_fleet if _report is None else _of_fleet and for_fleet
    for name in REMOVED_VARIABLES:
        os.environ.pop(name, None)
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    if sys.platform == "darwin":
        if not for_fleet:
            _enter_sandbox()
    else:
        seccomp.take_network(but_tcp=for_fleet)
    if _report is None:
        sys.addaudithook(_on_event)
    _report = report


def open_for_fleet(reach: Reach) -> None:
    """From here on Python code may reach these addresses by TCP. Raises NetworkRefused unless started for a fleet."""
    global _reach
    if not _of_fleet:
        raise NetworkRefused("this process was not started for a fleet, and stays without a network")
    _reach = reach


def tell(call: str) -> None:
    """A decoding process says that it refused this call; whoever asked for reports gets it."""
    if _report is not None:
        _report(call, "decoding")


def layers() -> tuple[Layer, ...]:
    """Each layer, tried now."""
    left = [name for name in REMOVED_VARIABLES if name in os.environ]
    telemetry_off = os.environ.get("ORT_DISABLE_TELEMETRY") == "1"
    proxy = f"still set: {', '.join(left)}" if left else NO_PROXY
    telemetry = TELEMETRY_OFF if telemetry_off else TELEMETRY_ON
    return (
        Layer("environment", telemetry_off and not left, telemetry, (("proxy", proxy),)),
        _system_layer(),
        _interpreter_layer(),
    )


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook. Runs for every audited call of the interpreter, so the first line decides quickly."""
    if not event.startswith("socket."):
        return
    if event == "socket.__new__":
        if arguments[1] in (_AF_UNIX, -1):  # -1: the family of a descriptor that exists already
            return
    elif event not in _NETWORK_EVENTS or _is_local(arguments):
        return
    if _reach is not None and not getattr(_hook, "trying", False) and _within(_reach, event, arguments):
        return
    if getattr(_hook, "trying", False):
        raise NetworkRefused(event)
    if not getattr(_hook, "reporting", False) and _report is not None:
        _hook.reporting = True
        try:
            _report(event)
        finally:
            _hook.reporting = False
    raise NetworkRefused(f"{event}: this program opens no network connection; a library or plug-in tried to")


def _within(reach: Reach, event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether a process of a fleet may do this: TCP, and only with the addresses that it was given."""
    if event == "socket.__new__":
        return arguments[1] in _FAMILIES.values() and arguments[2] & _TYPE_MASK == _STREAM
    if event == "socket.getaddrinfo":
        return _is_number(arguments[0])
    if event == "socket.bind":
        host, port = _host_and_port(arguments[1])
        return reach.listens is not None and host == reach.listens[0] and reach.listens[1] in {0, port}
    if event == "socket.connect":
        return reach.connects is None or _host_and_port(arguments[1]) in reach.connects
    return False


def _host_and_port(address: object) -> tuple[str, int]:
    """Of IPv6 addresses without flow and scope."""
    if isinstance(address, tuple) and len(address) >= 2:
        return str(address[0]), int(address[1])
    return "", -1


def _is_number(host: object) -> bool:
    """Whether no resolver is asked for this host."""
    try:
        ipaddress.ip_address(host.decode("ascii") if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return True


def _is_local(arguments: tuple[Any, ...]) -> bool:
    """Whether the call concerns an AF_UNIX socket."""
    return bool(arguments) and getattr(arguments[0], "family", None) == _AF_UNIX


def _interpreter_layer() -> Layer:
    _hook.trying = True
    try:
        sys.audit("socket.__new__", None, _FAMILIES["AF_INET"], _DATAGRAM, 0)
    except NetworkRefused:
        return Layer("interpreter", not _of_fleet, FLEET_HOOK if _of_fleet else HOOK)
    finally:
        _hook.trying = False
    return Layer("interpreter", False, NO_HOOK)


def _system_layer() -> Layer:
    """Asks the C library directly, past Python, for each family; a datagram socket that connects sends nothing."""
    if sys.platform == "win32":
        return _firewall_layer()
    found = {name: _attempt(family) for name, family in _FAMILIES.items()}
    what = {"linux": "seccomp filter", "darwin": "sandbox no-internet"}.get(sys.platform, "system")
    if all(code in _REFUSALS for code in found.values()):
        families = ", ".join(f"{name} ({errno.errorcode[code]})" for name, code in found.items())
        if _of_fleet:
            return Layer("system", False, FLEET_SYSTEM, (("families", families),))
        return Layer("system", True, REFUSED, (("what", what), ("families", families)))
    opened = ", ".join(name for name, code in found.items() if code not in _REFUSALS)
    return Layer("system", False, NOT_REFUSED, (("what", what), ("families", opened)))


def _attempt(family: int) -> int:
    """The errno of a datagram socket of this family that connects to this machine; 0 where nothing is refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.socket(family, _DATAGRAM, 0)
    if descriptor < 0:
        return ctypes.get_errno()
    address = _loopback(family)
    try:
        return 0 if libc.connect(descriptor, address, len(address)) == 0 else ctypes.get_errno()
    finally:
        os.close(descriptor)


def _loopback(family: int) -> bytes:
    """The struct sockaddr_in or sockaddr_in6 of the discard port on this machine."""
    size = 16 if family == _FAMILIES["AF_INET"] else 28
    head = bytes([size, family]) if sys.platform == "darwin" else family.to_bytes(2, sys.byteorder)
    port = _PORT_DISCARD.to_bytes(2, "big")
    if size == 16:
        return head + port + bytes([127, 0, 0, 1]) + bytes(8)
    return head + port + bytes(4) + bytes(15) + b"\x01" + bytes(4)


def _enter_sandbox() -> None:
    """macOS: prohibit TCP/IP for this process and what it starts. A refusal shows when the layer is tried."""
    library = ctypes.CDLL("/usr/lib/libSystem.dylib")
    message = ctypes.c_char_p()
    library.sandbox_init(_NO_INTERNET, ctypes.c_uint64(_SANDBOX_NAMED), ctypes.byref(message))


def _firewall_layer() -> Layer:
    """Windows: never active, because it cannot be tried: an attempt that no rule refuses would reach the network.

    Whether a rule of our name is there says nothing of what it blocks, or whether it is switched on.
    """
    program = getattr(sys, "_base_executable", sys.executable)
    command = ["netsh", "advfirewall", "firewall", "show", "rule", f"name={FIREWALL_RULE}"]
    try:
        found = subprocess.run(command, capture_output=True, timeout=_FIREWALL_TIMEOUT_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        found = False
    if found:
        return Layer("system", False, RULE, (("rule", repr(FIREWALL_RULE)),))
    return Layer("system", False, NO_RULE, (("command", FIREWALL_COMMAND.format(program=program)),))
