"""What a job of very many files costs the scheduler of a fleet: memory over time, and processor time a file.

Everything is real (processes, TLS, Dask, the window of bundles that are out) but the files and the work: a worker says
at once that a file is done. So the rate is what the scheduler can hand out at most, and the memory what a job of
that many files takes at most. Then many workers that have nothing to do send their heartbeats, and a job asks how far
they are. From both follows on paper what a thousand workers would cost; nobody has run a thousand.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

from fleet_rig import Rig, memory_mib

from posture.batch import certificates, fleet
from posture.batch.address import Address
from posture.batch.fleet_bench import Ahead, Reply, assignments, encoder
from posture.batch.fleet_link import FRESH_S, Connection
from posture.batch.fleet_workers import FleetWorkers
from posture.batch.incoming import Incoming
from posture.batch.offers import offered
from posture.batch.work import FileOutcome, FileTask, Orders, Progress, new_task
from posture.privacy import guard

PLACES = 16
CROWD, WATCHED_S = 100, 30.0
PLAN_WORKERS, PLAN_FILES, PLAN_FILE_S = 1000, 1_000_000, 60.0
STEPS = 10
MOST_GROWTH_MIB = 32.0
"""Between a tenth of the files and all of them. A cache of Dask (`key_split`) fills meanwhile: 19 MiB at 100,000."""


class Idle:
    """Implements `fleet.Perform` without doing anything."""

    def __init__(self, incoming: Incoming) -> None:
        self.incoming = incoming

    def perform(self, task: bytes) -> bytes:
        """Every file is done, with as many bytes of outcome as a real one has."""
        outcome = FileOutcome(state="done", source_sha256="0" * 64, row=bytes(800))
        return encoder.encode(Reply((outcome,) * len(assignments.decode(task).tasks)))

    @property
    def ahead(self) -> bytes:
        """As much as real places say."""
        return encoder.encode([Ahead("0" * 16, 0, Progress(1.0, 2.0, 3))] * PLACES)

    def abandon(self, job: str = "") -> None:
        """Nothing is ever in hand."""


def bound(folder: Path, files: int) -> Iterator[tuple[str, str, bool]]:
    """Rows of the table: memory and cost."""
    with Rig(folder, folder) as rig:
        rig.scheduler()
        certificates.create_machine(folder / "certs", "worker", "idle")
        idle = subprocess.Popen([sys.executable, __file__, rig.address, rig.certs("idle"), str(folder)])
        try:
            a_file_s = yield from _measured(rig, files)
        finally:
            idle.terminate()
            idle.wait()
        crowd = subprocess.Popen([sys.executable, __file__, rig.address, rig.certs("idle"), str(folder), str(CROWD)])
        try:
            yield from _planned(rig, a_file_s)
        finally:
            crowd.terminate()
            crowd.wait()


def _measured(rig: Rig, files: int) -> Generator[tuple[str, str, bool], None, float]:
    """Rows, and in the end the processor time of the scheduler for a file."""
    scheduler = rig.started["scheduler"].pid
    guard.go_offline(for_fleet=True)
    workers = FleetWorkers(_connected(rig))
    while not workers.number:
        time.sleep(0.5)
    began_s, cost_s, sizes, most_out = time.monotonic(), _cpu_s(scheduler), [], 0
    given = 0

    def tasks() -> Iterator[FileTask]:
        nonlocal given
        orders = Orders()
        for given in range(1, files + 1):
            yield new_task(Path(f"/nas/camera/{given:07d}.mp4"), Path(f"/nowhere/{given:07d}"), orders)

    outcomes = (event for _, event in workers.run(tasks()) if isinstance(event, FileOutcome))
    for done, _ in enumerate(outcomes, 1):
        most_out = max(most_out, given - done)
        if done % max(1, files // STEPS) == 0:
            sizes.append(memory_mib(scheduler))
            print(
                f"     {done:9,} files, scheduler {sizes[-1]:.0f} MiB, this {memory_mib(os.getpid()):.0f} MiB",
                flush=True,
            )
    spent_s, cost_s = time.monotonic() - began_s, _cpu_s(scheduler) - cost_s
    workers.close()
    words = f"{1000 * cost_s / files:.2f} ms of the scheduler, {files / spent_s:.0f} files a second at most"
    yield f"cost of a file, {files:,} files", words, True
    yield "bundles that are out at once", f"at most {most_out} with {PLACES} places", most_out <= PLACES + 1
    growth = sizes[-1] - sizes[0]
    words = f"{sizes[0]:.0f} MiB after {files // STEPS:,} files, {sizes[-1]:.0f} MiB after {files:,}: {growth:+.1f} MiB"
    yield "memory of the scheduler", words, growth < MOST_GROWTH_MIB
    return cost_s / files


def _planned(rig: Rig, a_file_s: float) -> Iterator[tuple[str, str, bool]]:
    scheduler, connection = rig.started["scheduler"].pid, _connected(rig)
    while len(connection.machines()) < CROWD:
        time.sleep(0.5)
    before_mib = memory_mib(scheduler)
    began_s, cost_s = time.monotonic(), _cpu_s(scheduler)
    while time.monotonic() - began_s < WATCHED_S:
        connection.machines()
        time.sleep(FRESH_S)
    share = (_cpu_s(scheduler) - cost_s) / (time.monotonic() - began_s)
    connection.close()
    yield f"{CROWD} idle workers, and a job", f"{share:.1%} of a processor, scheduler {before_mib:.0f} MiB", True
    handed_out_s, hours = PLAN_WORKERS / PLAN_FILE_S, PLAN_FILES * PLAN_FILE_S / PLAN_WORKERS / 3600
    whole = handed_out_s * a_file_s + share * PLAN_WORKERS / CROWD
    words = f"{whole:.0%} of a processor at most, {hours:.0f} h; {handed_out_s:.0f} files a second"
    yield f"on paper: {PLAN_WORKERS:,} workers, {PLAN_FILES:,} files of a minute", words, whole < 1


def _connected(rig: Rig) -> Connection:
    return Connection(Address.parse(rig.address), certificates.load(Path(rig.certs("desk")), "client"))


def _cpu_s(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _idle(address: str, certs: str, folder: str, crowd: str = "") -> None:
    """The worker; or so many with one place each, in one process."""
    guard.go_offline(for_fleet=True)
    own, at = certificates.load(Path(certs), "worker"), Address.parse(address)
    bench, stop = Idle(Incoming(Path(folder) / "incoming")), fleet.Stop()
    if not crowd:
        fleet.run_worker(at, own, bench, stop, print, places=PLACES, offers=offered())
        return
    guard.open_for_fleet(guard.Reach(connects=frozenset({at.pair})))
    asyncio.run(_crowd(at, own, bench, stop, int(crowd)))


async def _crowd(at: Address, own: certificates.Certificates, bench: Idle, stop: fleet.Stop, number: int) -> None:
    each = (replace(own, name=f"idle{each}") for each in range(number))
    said, offers = (lambda _: None), offered()
    await asyncio.gather(*(fleet.Working(at, one, bench, said, 1, offers, None, 90.0).until(stop) for one in each))


if __name__ == "__main__":
    _idle(*sys.argv[1:])
