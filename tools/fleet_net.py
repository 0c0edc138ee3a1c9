"""A fleet of two workers in network namespaces that this makes, and what it does under load and when things break.

    python tools/fleet_net.py                      # all but `bound`; Linux, as root, a few minutes
    python tools/fleet_net.py speed kill resume hang cut stream refuse
    python tools/fleet_net.py bound --files 100000 # memory and cost of the scheduler; workers that do nothing

Each worker has the time of one processor and a link of its own, in a namespace without any other network. `speed`
compares with two local workers; `kill` ends one worker with -9 in the middle; `resume` does so in the middle of a long
video; `hang` stops one, lets the share of one answer no more, and stops the scheduler; `cut` pulls a cable for 30 s,
once for less and once for longer than the patience of the fleet; `stream` sends a large file that no worker sees;
`refuse` knocks without TLS, with another authority and without a certificate. Every report must have the bytes of the
local run.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fleet_rig import Net, Rig, dead_share, memory_mib

from posture.batch import certificates
from posture.batch.discovery import CHECKPOINTS
from posture.batch.patience import ANSWER_S
from posture.batch.workers import SILENCE_S
from posture.bench.clips import generate
from posture.cli import exits

CUT_S = 30.0
LONG_S = 400.0
"""Of a video that takes longer than two checkpoints are apart."""
WANTED = 0.9
"""Of the speed of two local workers."""

STREAMED_MIB = 256

Row = tuple[str, str, bool]
"""What was tried, what was found, whether that is as it must be."""


class Bench:
    """Clips, and their reports by local workers."""

    def __init__(self, folder: Path, clips: int, seconds: float) -> None:
        self.folder, self.clips = folder, clips
        self.share = folder / "share"
        (self.share / "in").mkdir(parents=True)
        generate(self.share / "in" / "0000.mp4", height=360, seconds=seconds)
        for number in range(1, clips):
            shutil.copyfile(self.share / "in" / "0000.mp4", self.share / "in" / f"{number:04d}.mp4")
        for path in (self.share / "in").iterdir():
            os.utime(path, (1e9, 1e9))  # a fresh file would wait, because it could still be growing
        self.local_s = 0.0
        self.wanted: dict[str, str] = {}

    def words(self, target: str) -> tuple[str, ...]:
        """A job whose results go to `target` below the share."""
        return str(self.share / "in"), "-o", str(self.share / target), "--format", "json", "--progress", "none"

    def local(self, rig: Rig) -> None:
        """The run that the others are compared with; once."""
        if not self.wanted:
            self.local_s = rig.local_job(*self.words("local"), "--workers", "2")
            self.wanted = self.results("local")

    def results(self, target: str) -> dict[str, str]:
        """Name and hash of everything in the folder, hidden files too."""
        found = {}
        for path in sorted((self.share / target).rglob("*")):
            if path.is_file():
                found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def judged(self, target: str) -> tuple[str, bool]:
        """Whether the results are those of the local run: none missing, none more, the same bytes."""
        found = self.results(target)
        differing = [name for name in self.wanted.keys() | found.keys() if self.wanted.get(name) != found.get(name)]
        same = len(self.wanted) - sum(name in self.wanted for name in differing)
        return f"{same} of {len(self.wanted)} results the same bytes, {len(found)} files", not differing


def started(bench: Bench, net: Net, name: str, patience_s: float = 90.0, workers: int = 2) -> Rig:
    """A fleet of workers with the time of one processor each."""
    folder = bench.folder / name
    folder.mkdir()
    rig = Rig(folder, bench.share, net, patience_s=patience_s)
    try:
        rig.scheduler()
        for worker in range(workers):
            rig.worker(worker, quota=True)
    except BaseException:
        rig.__exit__()
        raise
    return rig


def until(rig: Rig, bench: Bench, target: str, count: int) -> None:
    """Until so many files of the job are done."""
    while len(list((bench.share / target).glob("*.manifest.json"))) < count:
        if rig.started["job"].poll() is not None:
            raise RuntimeError(f"the job ended too soon: {rig.said('job')}")
        time.sleep(0.05)


def speed(bench: Bench, net: Net) -> Iterator[Row]:
    """How fast, against two local workers on the same machine."""
    with started(bench, net, "speed") as rig:
        bench.local(rig)
        began_s = time.monotonic()
        rig.job(*bench.words("speed"))
        code = rig.ended("job")
        spent_s = time.monotonic() - began_s
        share = bench.local_s / spent_s
        words = f"{bench.clips} clips: two local workers {bench.local_s:.1f} s, the fleet {spent_s:.1f} s: {share:.2f}x"
        yield "speed of two workers over TLS", words, code == 0 and share >= WANTED
        yield "results of the fleet", *bench.judged("speed")


def kill(bench: Bench, net: Net) -> Iterator[Row]:
    """One worker is killed while it works."""
    with started(bench, net, "kill") as rig:
        bench.local(rig)
        rig.job(*bench.words("kill"))
        until(rig, bench, "kill", bench.clips // 3)
        rig.end("worker1", 9)
        code = rig.ended("job")
        words, same = bench.judged("kill")
        yield "a worker killed with -9 in the middle", f"exit {code}; {words}", code == 0 and same


def resume(bench: Bench, net: Net) -> Iterator[Row]:
    """The worker that has a long video is killed, and another one goes on from its checkpoint."""
    (bench.share / "long").mkdir()
    film = bench.share / "long" / "film.mp4"
    generate(film, height=360, seconds=LONG_S)
    os.utime(film, (1e9, 1e9))
    words = str(film), "--format", "json,csv", "-o"
    with started(bench, net, "resume", workers=1) as rig:
        alone_s = rig.local_job(*words, str(bench.share / "alone"), "--workers", "1")
        rig.job(*words, str(bench.share / "resumed"), "--progress", "json")
        while not list((bench.share / "resumed").glob(f"{CHECKPOINTS.format(job='*')}/*/state")):
            if rig.started["job"].poll() is not None:
                yield "a worker killed in a long video", "it was done before its first checkpoint", False
                return
            time.sleep(0.05)
        rig.end("worker0", signal.SIGKILL)
        before = len(shares_said(rig))
        rig.worker(1, quota=True)
        code = rig.ended("job")
        behind = min(shares_said(rig)[before:], default=0.0)
    same = bench.results("resumed") == bench.results("alone")
    found = f"exit {code}; went on at {behind:.0%} of {alone_s:.0f} s of work; {'the same' if same else 'other'} bytes"
    yield "a worker killed in a long video", found, code == 0 and same and behind > 0


def shares_said(rig: Rig) -> list[float]:
    """Of the one file of the job, as its JSON lines said it."""
    lines = [json.loads(line) for line in rig.said("job").splitlines() if line.startswith("{")]
    return [each["share"] for line in lines for each in line["running"] if each["share"] is not None]


def cut(bench: Bench, net: Net) -> Iterator[Row]:
    """The link of one worker is cut while it works."""
    for patience_s in (90.0, 15.0):
        target = f"cut{patience_s:.0f}"
        with started(bench, net, target, patience_s) as rig:
            bench.local(rig)
            rig.job(*bench.words(target))
            until(rig, bench, target, 2)
            net.cut(1, off=True)
            time.sleep(CUT_S)
            net.cut(1, off=False)
            code = rig.ended("job")
            if patience_s < CUT_S:
                rig.wait_for("worker1", "working for", times=2)
            there = len(rig.status())
            words, same = bench.judged(target)
            found = f"exit {code}; {words}; {there} workers afterwards"
            yield f"a link cut for {CUT_S:.0f} s, patience {patience_s:.0f} s", found, code == 0 and same and there == 2


def hang(bench: Bench, net: Net) -> Iterator[Row]:
    """Something stands still, its connections open, and goes on when the job is over."""
    patience_s = 15.0
    with started(bench, net, "hang", patience_s) as rig:
        bench.local(rig)
        rig.job(*bench.words("hang"))
        until(rig, bench, "hang", 2)
        rig.started["worker1"].send_signal(signal.SIGSTOP)
        noticed_s = rig.wait_for("job", "stood still")
        code = rig.ended("job")
        rig.started["worker1"].send_signal(signal.SIGCONT)
        rig.wait_for("worker1", "working for", times=2)
        words, same = bench.judged("hang")
        found = f"noticed after {noticed_s:.0f} s; exit {code}; {words}; it came back"
        soon = noticed_s < 1.5 * patience_s + 5
        yield f"a worker that stands still, patience {patience_s:.0f} s", found, code == 0 and same and soon
        yield from _silent_share(bench, rig)
        yield from _silent_scheduler(bench, rig)


def _silent_share(bench: Bench, rig: Rig) -> Iterator[Row]:
    """The share of one worker does not answer any more; those of the others do."""
    stall_s = 5.0
    rig.job(*bench.words("share"), job__stall_s=f"{stall_s:g}")
    until(rig, bench, "share", 2)
    with dead_share(rig.started["worker1"].pid, bench.share):
        noticed_s = rig.wait_for("job", "does not answer", within_s=stall_s + SILENCE_S + 2 * ANSWER_S)
        code = rig.ended("job")
        words, same = bench.judged("share")
    found = f"noticed after {noticed_s:.0f} s; exit {code}; {words}"
    yield f"a share that does not answer, job.stall_s {stall_s:.0f}", found, code == 0 and same


def _silent_scheduler(bench: Bench, rig: Rig) -> Iterator[Row]:
    """The scheduler stands still: the job ends in order, and goes on when it is run again."""
    rig.job(*bench.words("scheduler"))
    until(rig, bench, "scheduler", 2)
    rig.started["scheduler"].send_signal(signal.SIGSTOP)
    began_s = time.monotonic()
    first = rig.ended("job")
    spent_s = time.monotonic() - began_s
    rig.started["scheduler"].send_signal(signal.SIGCONT)
    rig.job(*bench.words("scheduler"))
    code = rig.ended("job")
    words, same = bench.judged("scheduler")
    found = f"exit {first} after {spent_s:.0f} s; run again: exit {code}; {words}"
    yield "a scheduler that stands still, patience 90 s", found, first == exits.UNAVAILABLE and code == 0 and same


def stream(bench: Bench, net: Net) -> Iterator[Row]:
    """A large file that no worker sees is sent through the scheduler."""
    unseen = bench.folder / "unseen"
    unseen.mkdir()
    film = unseen / "film.mp4"
    shutil.copyfile(bench.share / "in" / "0000.mp4", film)
    with film.open("ab") as file:  # a box of bytes that say nothing (ISO/IEC 14496-12, 8.1.2)
        file.write((STREAMED_MIB << 20).to_bytes(4, "big") + b"free" + os.urandom((STREAMED_MIB << 20) - 8))
    os.utime(film, (1e9, 1e9))
    words = str(unseen), "--format", "json", "-o"
    with started(bench, net, "stream", workers=1) as rig:
        rig.local_job(*words, str(bench.share / "seen"))
        before = {name: memory_mib(process.pid, "VmRSS") for name, process in rig.started.items()}
        rig.job(*words, str(bench.share / "streamed"), "--stream")
        code = rig.ended("job")
        growth = {name: memory_mib(rig.started[name].pid, "VmHWM") - size for name, size in before.items()}
        left = [path for path in (rig.folder / "data-worker0" / "fleet" / "incoming").rglob("*") if path.is_file()]
    same = bench.results("streamed") == bench.results("seen")
    told = ", ".join(f"{name} {size:+.0f} MiB at its peak" for name, size in growth.items())
    found = f"exit {code}; {told}; {'the same' if same else 'other'} bytes, {len(left)} files left there"
    good = code == 0 and same and not left and max(growth.values()) < STREAMED_MIB / 2
    yield f"a file of {STREAMED_MIB} MiB that no worker sees", found, good


def refuse(bench: Bench, net: Net) -> Iterator[Row]:
    """Who must not get in; each from the namespace of a worker."""
    with started(bench, net, "refuse") as rig:
        strangers = bench.folder / "strangers"
        certificates.create_authority(strangers)
        certificates.create_machine(strangers, "client", "stranger")
        tries = {
            "the client of the fleet gets in (control)": (rig.certs("desk"), "", "True"),
            "a client of another fleet": (str(strangers / "stranger"), rig.certs("desk"), "False"),
            "a client without a certificate": ("", rig.certs("desk"), "False"),
            "a client without TLS": ("", "", "False"),
        }
        for name, (own, authority, wanted) in tries.items():
            found = _knocking(net, rig, own, authority)
            yield name, "gets in" if found == "True" else "is refused", found == wanted
        found = _dask_without_tls(net, rig)
        yield "Dask's own client without TLS", found, found == "is refused"
        ports = _listening(rig)
        yield "ports that the scheduler and the workers listen at", ", ".join(ports), len(ports) == 3


def _knocking(net: Net, rig: Rig, own: str, authority: str) -> str:
    """Whether the scheduler says anything to a client with these certificates."""
    code = [sys.executable, __file__, "--knock", rig.address, "--own", own, "--authority", authority]
    done = subprocess.run(["ip", "netns", "exec", net.name(0), *code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def knock(address: str, own: str, authority: str) -> bool:
    """Whether somebody answers with a word."""
    host, port = address.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            if not own and not authority:
                plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return bool(plain.recv(1))
            context = ssl.create_default_context(cafile=f"{authority or own}/authority.pem")
            if own:
                context.load_cert_chain(f"{own}/certificate.pem", f"{own}/private.key")
            with context.wrap_socket(plain, server_hostname=certificates.server_name("scheduler")) as encrypted:
                return bool(encrypted.recv(1))
    except OSError:  # ssl.SSLError is one
        return False


def _dask_without_tls(net: Net, rig: Rig) -> str:
    code = f"import distributed; distributed.Client('tcp://{rig.address}', timeout=8)"
    command = ["ip", "netns", "exec", net.name(0), sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "is refused" if done.returncode and "Error" in done.stderr else "gets in"


def _listening(rig: Rig) -> list[str]:
    """Addresses at which the processes of the fleet listen, as the kernel says."""
    found = []
    for name, process in rig.started.items():
        for family in ("tcp", "tcp6"):
            lines = Path(f"/proc/{process.pid}/net/{family}").read_text().splitlines()[1:]
            found += [f"{name} {int(line.split()[1].split(':')[1], 16)}" for line in lines if line.split()[3] == "0A"]
    return sorted(set(found))


THEMES: dict[str, Callable[[Bench, Net], Iterator[Row]]] = {
    "speed": speed,
    "kill": kill,
    "resume": resume,
    "hang": hang,
    "cut": cut,
    "stream": stream,
    "refuse": refuse,
}


def main() -> int:
    """Print a table; 1 where something is not as it must be."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "themes", nargs="*", metavar="THEME", help=f"{', '.join(THEMES)}, bound; default all but bound"
    )
    options.add_argument("--clips", type=int, default=24)
    options.add_argument("--seconds", type=float, default=12.0)
    options.add_argument("--files", type=int, default=100_000)
    options.add_argument("--knock", help=argparse.SUPPRESS)
    options.add_argument("--own", help=argparse.SUPPRESS)
    options.add_argument("--authority", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.knock:
        print(knock(asked.knock, asked.own, asked.authority))
        return 0
    failed = False
    with tempfile.TemporaryDirectory(prefix="fleet-net-") as folder:
        themes = [name for name in asked.themes if name != "bound"] or ([] if asked.themes else list(THEMES))
        if "bound" in asked.themes:
            from fleet_bound import bound

            failed |= _shown(bound(Path(folder), asked.files))
        if themes:
            bench = Bench(Path(folder) / "bench", asked.clips, asked.seconds)
            for name in themes:
                with Net(2) as net:
                    failed |= _shown(THEMES[name](bench, net))
    return int(failed)


def _shown(rows: Iterator[Row]) -> bool:
    """Print as they come; whether one is not as it must be."""
    failed = False
    for name, found, good in rows:
        print(f"{'ok  ' if good else 'FAIL'} {name:52} {found}", flush=True)
        failed |= not good
    return failed


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
