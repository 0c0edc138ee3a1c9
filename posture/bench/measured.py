"""What one benchmark process prints: one JSON line on stdout."""

import json
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass

_LOOK_S = 1.0
"""Seconds between two looks whether the parent is still there."""


@dataclass(frozen=True)
class Measured:
    """Cost of one run. Rates are taken after the first frames, so that start-up does not blur them."""

    frames: int
    """Frames that the rates cover."""
    wall_s: float
    cpu_s: float
    """Processor seconds of all processes of the run, user and system."""
    start_s: float
    """Wall seconds from the start of the process to its first result."""
    peak_memory_mib: float
    """Sum of the peak resident sets of its processes."""
    poses: int = 0
    """Frames in which somebody was found, so that a run that finds nobody is not mistaken for a fast one."""
    report_bytes: int = 0
    """Size of the reports that the run wrote; 0 where it writes none."""

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.frames / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds a frame."""
        return self.cpu_s / self.frames * 1e3

    def print(self) -> None:
        """Write the JSON line."""
        json.dump(asdict(self), sys.stdout)
        print(flush=True)


class Stopwatch:
    """Wall and processor time of this process since the start and since `lap`.

    From its start on the process ends when whoever measures was killed; not on Windows, where a parent that is gone
    keeps its number.
    """

    WARM_UP_FRAMES = 5

    def __init__(self) -> None:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True, name="parent").start()
        self._start_s = time.perf_counter()
        self.lap()
        self.start_s = 0.0

    def lap(self) -> None:
        """Begin the measured part."""
        self._wall_s, self._cpu_s = time.perf_counter(), time.process_time()
        self.start_s = self._wall_s - self._start_s

    @property
    def wall_s(self) -> float:
        """Wall seconds since the lap."""
        return time.perf_counter() - self._wall_s

    @property
    def cpu_s(self) -> float:
        """Processor seconds since the lap."""
        return time.process_time() - self._cpu_s


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)
