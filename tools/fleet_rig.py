"""A fleet for `fleet_net.py` and the tests: a scheduler, workers and jobs as processes, on loopback or in namespaces.

In network namespaces each worker has a link of its own to the scheduler, which can be cut: Linux, as root, with `ip`.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from posture.batch import certificates

PORT = 8786
READY_S = 60.0
VERB = [sys.executable, "-P", "-c", "from posture.cli import main; main()"]


class Net:
    """A hub and a namespace for each worker, joined by a bridge in the hub. Ends with the `with` block."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.hub = f"posture-hub-{os.getpid()}"
        self.address = "10.77.0.1"

    def name(self, worker: int) -> str:
        """The namespace of a worker."""
        return f"posture-w{worker}-{os.getpid()}"

    def __enter__(self) -> "Net":
        _ip("netns", "add", self.hub)
        _ip("-n", self.hub, "link", "set", "lo", "up")
        _ip("-n", self.hub, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self.hub, "addr", "add", f"{self.address}/24", "dev", "bridge")
        _ip("-n", self.hub, "link", "set", "bridge", "up")
        for worker in range(self._workers):
            _ip("netns", "add", self.name(worker))
            peer = ("peer", "name", "eth", "netns", self.name(worker))
            _ip("-n", self.hub, "link", "add", f"w{worker}", "type", "veth", *peer)
            _ip("-n", self.hub, "link", "set", f"w{worker}", "master", "bridge", "up")
            _ip("-n", self.name(worker), "addr", "add", f"10.77.0.{worker + 2}/24", "dev", "eth")
            for device in ("lo", "eth"):
                _ip("-n", self.name(worker), "link", "set", device, "up")
        return self

    def __exit__(self, *_: object) -> None:
        for name in (self.hub, *(self.name(worker) for worker in range(self._workers))):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("netns", "del", name)

    def cut(self, worker: int, *, off: bool) -> None:
        """Pull the cable of a worker, or put it back."""
        _ip("-n", self.hub, "link", "set", f"w{worker}", "down" if off else "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _quota(pid: int) -> Path:
    """Put a process, with all that it will start, into a control group with the time of one processor (cgroups(7))."""
    old = Path("/sys/fs/cgroup/cpu")
    group = (old if old.is_dir() else old.parent) / f"posture-{pid}"
    group.mkdir()
    if old.is_dir():
        (group / "cpu.cfs_quota_us").write_text("100000")
    else:
        (group / "cpu.max").write_text("100000 100000")
    (group / "cgroup.procs").write_text(str(pid))
    return group


def memory_mib(pid: int, field: str = "VmRSS") -> float:
    """What a process takes, as the kernel says (proc_pid_status(5)); VmHWM: at its peak."""
    return int(Path(f"/proc/{pid}/status").read_text().partition(f"{field}:")[2].split()[0]) / 1024


_DEAD_MOUNT = """
import ctypes, os, sys
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"dead", os.fsencode(sys.argv[1]), b"fuse", 0, options):
    sys.exit(os.strerror(ctypes.get_errno()))
print("dead", flush=True)
sys.stdin.read()
libc.umount2(os.fsencode(sys.argv[1]), 2)
"""


@contextlib.contextmanager
def dead_share(pid: int, folder: Path) -> Iterator[None]:
    """Within the block a process, and what it starts, gets no answer from the file system at `folder`; others do.

    A file system in user space (fuse(4)) whose server reads no request, in the mount namespace of the process.
    """
    command = ["nsenter", "-t", str(pid), "-m", sys.executable, "-c", _DEAD_MOUNT, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as mounting:
        assert mounting.stdout is not None
        if mounting.stdout.readline() != b"dead\n":
            raise RuntimeError("no file system in user space can be mounted here")
        yield
        mounting.communicate()


@dataclass
class Rig:
    """Processes of one fleet. `folder` holds certificates, data folders and what the processes say."""

    folder: Path
    share: Path
    """What the workers may touch."""
    net: Net | None = None
    port: int = PORT
    patience_s: float = 90.0
    verb: list[str] = field(default_factory=lambda: VERB)
    """What starts the program."""
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _quotas: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        certificates.create_authority(self.folder / "certs")
        certificates.create_machine(self.folder / "certs", "scheduler", "hub")
        certificates.create_machine(self.folder / "certs", "client", "desk")

    def __enter__(self) -> "Rig":
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.started):
            self.end(name, signal.SIGTERM)
        for group in self._quotas:
            with contextlib.suppress(OSError):  # a child that still ends
                group.rmdir()

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return f"{self.net.address if self.net else '127.0.0.1'}:{self.port}"

    def scheduler(self) -> None:
        """Start it, and wait until it listens."""
        patience = ("--patience", f"{self.patience_s:g}")
        verb = ("fleet", "scheduler", "--certs", self.certs("hub"), "--listen", self.address, *patience)
        self.start("scheduler", verb, self.net.hub if self.net else None)
        self.wait_for("scheduler", "listens at")

    def worker(self, number: int, *, quota: bool = False, wait: bool = True) -> None:
        """Start worker `number` (from 0); with a quota it gets the time of one processor, whichever."""
        name = f"worker{number}"
        if not Path(self.certs(name)).exists():
            certificates.create_machine(self.folder / "certs", "worker", name)
        verb = (
            *("fleet", "worker", self.address, "--certs", self.certs(name), "--share", str(self.share)),
            *("--places", "1", "--patience", f"{self.patience_s:g}"),
        )
        self.start(name, verb, self.net.name(number) if self.net else None)
        if quota:
            self._quotas.append(_quota(self.started[name].pid))
        if wait:
            self.wait_for(name, "working for")

    def job(self, *words: str, name: str = "job", **settings: str) -> None:
        """Start `posture batch run ... --fleet` from the hub. `settings` as in job__stall_s="5"."""
        verb = ("batch", "run", *words, "--fleet", self.address, "--certs", self.certs("desk"))
        more = {f"POSTURE_{name.upper()}": value for name, value in settings.items()}
        self.start(name, verb, self.net.hub if self.net else None, more)

    def local_job(self, *words: str) -> float:
        """Run `posture batch run ...` on this machine alone; seconds that it took."""
        began_s = time.monotonic()
        self.start("local", ("batch", "run", *words), None)
        self.ended("local")
        return time.monotonic() - began_s

    def status(self) -> list[str]:
        """Names of the workers that the scheduler knows."""
        self.start(
            "status",
            ("fleet", "status", self.address, "--certs", self.certs("desk"), "--json"),
            self.net.hub if self.net else None,
        )
        self.ended("status")
        return [each["name"] for each in json.loads(self.said("status", "out"))["workers"]]

    def start(
        self, name: str, verb: Sequence[str], space: str | None, settings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Start `posture VERB` in a namespace."""
        before = ["ip", "netns", "exec", space] if space else []
        environment = {**os.environ, **settings, "POSTURE_DATA": str(self.folder / f"data-{name}")}
        with open(self.path(name, "out"), "wb") as out, open(self.path(name, "err"), "wb") as err:
            self.started[name] = subprocess.Popen(
                [*before, *self.verb, *verb], stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment
            )

    def ended(self, name: str, within_s: float = 600.0) -> int:
        """Wait until it ends; its exit code."""
        return self.started.pop(name).wait(within_s)

    def end(self, name: str, number: int) -> int:
        """Send a signal and wait for the end."""
        process = self.started.pop(name)
        process.send_signal(number)
        try:
            return process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def said(self, name: str, where: str = "err") -> str:
        """What a process has written so far."""
        return self.path(name, where).read_text("utf-8", "replace")

    def wait_for(self, name: str, words: str, times: int = 1, within_s: float = READY_S) -> float:
        """Until a process has said this so often; how long that took. RuntimeError where it ended or is too late."""
        began_s = time.monotonic()
        while self.said(name).count(words) < times:
            if self.started[name].poll() is not None or time.monotonic() - began_s > within_s:
                raise RuntimeError(f"{name} did not say {words!r}: {self.said(name)}")
            time.sleep(0.05)
        return time.monotonic() - began_s

    def path(self, name: str, where: str) -> Path:
        """Where a process writes to."""
        return self.folder / f"{name}.{where}"

    def certs(self, name: str) -> str:
        """The certificates of a machine."""
        return str(self.folder / "certs" / name)
