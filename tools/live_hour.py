"""One hour of live monitoring at accelerated time: memory is to be flat, handles and threads to be given back.

    .venv/bin/python tools/live_hour.py [--minutes 60] [--factor 30] [--pause-every 600]

The product's monitor with the real model runs without a view on a camera that is not there, calibrated, with its
history; the camera is closed and opened again now and then. Printed are resident memory, open handles and threads over
time; the exit code is 1 where the second half grew by more than `GROWTH_MIB`, or something was left behind.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from posture.config import Settings
from posture.live.looking import Estimates
from posture.live.monitor import Monitor
from posture.live.settings import LiveSettings, Sections
from posture.live.snapshot import Pause, Phase
from posture.live.threads import loaded
from posture.sinks.history import History
from posture.sources.clipwriter import grainy
from posture.sources.demo import DemoSource
from posture.sources.fakecamera import FakeCamera
from posture.sources.film import of_pictures
from posture.sources.pace import Accelerated

GROWTH_MIB = 8.0
"""More than the history of half an hour (75 KB) and what an allocator keeps for itself."""
LEAST_LOOKS = 0.2
"""Judgements a second of this time. 1 Hz is the default; a busy machine cannot keep up with time that fast."""
SAMPLES = 24


@dataclass(frozen=True)
class Sample:
    """What the process holds at one moment."""

    minute: float
    resident_mib: float
    handles: int
    threads: int
    looks: int


def run(
    minutes: float,
    factor: float,
    pause_every_s: float = 600.0,
    estimator: Callable[[Sections], Estimates] = loaded,
    size: tuple[int, int] = (640, 360),
) -> tuple[list[Sample], list[Sample]]:
    """Samples while it ran, and one before and one after."""
    demo = DemoSource(*size, duration_s=1.0)
    film = of_pictures(grainy(demo, number) for number in range(30))
    outside = [_sample(0.0, 0)]
    clock = Accelerated(factor)
    camera = FakeCamera(film, clock=clock, wait=clock.wait)
    monitor = Monitor(
        camera.open,
        # Its limit counts on this clock, on which the model is slower by the factor.
        Settings(live=LiveSettings(call_limit_s=60.0)),
        history=History(),
        estimator=estimator,
        presence=camera.presence,
        clock=clock,
        wait=clock.wait,
    )
    watcher = _Watcher(monitor)
    monitor.start()
    inside: list[Sample] = []
    rest, paused_s = threading.Event(), 0.0
    try:
        while clock() < minutes * 60:
            rest.wait(minutes * 60 / SAMPLES / factor)
            inside.append(_sample(clock() / 60, watcher.looks))
            if not monitor.profiles and monitor.newest.phase is Phase.RUNNING:
                monitor.calibrate(None, "desk")
            if clock() - paused_s > pause_every_s:
                paused_s = clock()
                monitor.pause(Pause.PERSON)
                monitor.resume(Pause.PERSON)
    finally:
        monitor.close()
    outside.append(_sample(minutes, watcher.looks))
    if camera.lit or watcher.problems or watcher.looks < minutes * 60 * LEAST_LOOKS:
        raise RuntimeError(f"camera open {camera.lit} times, {watcher.looks} looks, {watcher.problems}")
    return inside, outside


class _Watcher:
    """Takes every snapshot, counts the looks, and notes what failed.

    At this speed a busy machine makes the camera look frozen for a moment; that is no failure.
    """

    def __init__(self, monitor: Monitor) -> None:
        self.looks = 0
        self.problems: set[str] = set()
        self._monitor = monitor
        monitor.on_wake = self._take

    def _take(self) -> None:
        snapshot = self._monitor.latest()
        self.looks += snapshot.judgement is not None
        if snapshot.phase is Phase.FAILED:
            self.problems.add(snapshot.message)


def _sample(minute: float, looks: int) -> Sample:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    resident = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return Sample(minute, resident, len(os.listdir("/proc/self/fd")), threading.active_count(), looks)


def growth_mib(samples: list[Sample]) -> float:
    """From the middle to the end; the beginning fills caches."""
    return samples[-1].resident_mib - samples[len(samples) // 2].resident_mib


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--factor", type=float, default=30.0)
    parser.add_argument("--pause-every", type=float, default=600.0, metavar="S")
    options = parser.parse_args()
    began_s = time.monotonic()
    inside, (before, after) = run(options.minutes, options.factor, options.pause_every)
    for sample in (before, *inside, after):
        print(
            f"minute {sample.minute:5.1f}  {sample.resident_mib:6.1f} MiB  {sample.handles} handles  "
            f"{sample.threads} threads  {sample.looks} looks"
        )
    grown = growth_mib(inside)
    clean = after.threads == before.threads and after.handles <= before.handles and grown < GROWTH_MIB
    print(
        f"{options.minutes:g} minutes in {time.monotonic() - began_s:.0f} s: second half grew by {grown:.1f} MiB, "
        f"handles {before.handles} to {after.handles}, threads {before.threads} to {after.threads}: "
        f"{'flat' if clean else 'NOT FLAT'}"
    )
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
