"""Live monitoring on a camera that is not there: from packet to paint, and what monitoring costs without a view.

`python -m posture.bench.live KIND HEIGHT SECONDS VIEW` runs the product's own monitor (threads, model, judge, history)
on a paced camera of 30 frames a second, 16:9, `mjpeg` or `h264`, calibrated first, and prints one JSON line. `VIEW` is
`1280x720`, or `none` for monitoring in the background. Sending the packets is part of what is measured; it is little.

A consumer thread stands in for the window: it is woken as Qt would be, takes the newest snapshot and paints it.
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from posture.bench import clips
from posture.config import Settings
from posture.live.monitor import Monitor
from posture.live.snapshot import Phase, Snapshot
from posture.privacy.limits import peak_memory
from posture.sinks.history import History
from posture.sources.clipwriter import grainy
from posture.sources.demo import DemoSource
from posture.sources.fakecamera import FakeCamera
from posture.sources.film import of_pictures

FRAME_RATE = 30.0
PICTURES = 60
"""Frames that are made; the camera repeats them. The demo sits upright in all of them."""
WARM_UP_S = 3.0
"""After the calibration, before anything counts: caches, the allocator, the tracker's second search."""
CALIBRATION_S = 60.0
"""The longest that the calibration may take."""
HOUR_S = 3600.0

Paint = Callable[[Snapshot], None]


@dataclass(frozen=True)
class LiveRun:
    """What one run measured."""

    seconds: float
    frames: int
    """Painted, or judged where there is no view."""
    fps_in: float
    fps_done: float
    dropped: int
    """Frames that were decoded and never judged."""
    unseen: int
    """Frames that were judged and never painted."""
    cpu_s: float
    peak_memory_mib: float
    decoded_to_paint_ms: tuple[float, float, float] | None = None
    """Median, 95th percentile, largest."""
    packet_to_paint_ms: tuple[float, float, float] | None = None

    @property
    def cpu_s_an_hour(self) -> float:
        """Processor seconds of one hour of this."""
        return self.cpu_s / self.seconds * HOUR_S

    @property
    def share_of_a_core(self) -> float:
        """0 to 1 and more."""
        return self.cpu_s / self.seconds


@dataclass
class _Window:
    """Stands in for Qt's main thread."""

    monitor: Monitor
    paint: Paint
    delays_s: list[tuple[float, float]] = field(default_factory=list)
    counted: bool = False

    def run(self, ended: threading.Event) -> None:
        """Take and paint whatever is new."""
        woken = threading.Event()
        self.monitor.on_wake = woken.set
        last = None
        while not ended.is_set():
            woken.wait(0.1)
            woken.clear()
            snapshot = self.monitor.latest()
            captured = snapshot.captured
            if captured is None or captured is last:
                continue
            last = captured
            self.paint(snapshot)
            self.monitor.painted(snapshot)
            now = time.monotonic()
            if self.counted:
                self.delays_s.append((now - captured.decoded_s, now - captured.packet_s))


def copied(snapshot: Snapshot) -> None:
    """Implements `Paint` without a display: the pixels are copied once, as painting 1:1 does."""
    if snapshot.picture is not None:
        snapshot.picture.copy()


def measure(camera: FakeCamera, seconds: float, view: tuple[int, int] | None, paint: Paint = copied) -> LiveRun:
    """Run the monitor on `camera` for so long. Raises RuntimeError where it fails or cannot be calibrated."""
    monitor = Monitor(camera.open, Settings(), history=History(), presence=camera.presence)
    window, ended = _Window(monitor, paint), threading.Event()
    thread = threading.Thread(target=window.run, args=(ended,), name="window", daemon=True)
    thread.start()
    monitor.start()
    try:
        _calibrate(monitor)
        monitor.view = view
        time.sleep(WARM_UP_S)
        return _measured(monitor, window, seconds)
    finally:
        ended.set()
        thread.join()
        monitor.close()


def _measured(monitor: Monitor, window: _Window, seconds: float) -> LiveRun:
    before, unseen = monitor.latest().figures, monitor.unseen
    window.counted = True
    wall_s, cpu_s = time.monotonic(), time.process_time()
    time.sleep(seconds)
    cpu_s, wall_s = time.process_time() - cpu_s, time.monotonic() - wall_s
    window.counted = False
    last = monitor.latest()
    if last.phase is not Phase.RUNNING:
        raise RuntimeError(f"monitoring ended in phase {last.phase}: {last.message}")
    delays = np.array(window.delays_s) * 1e3
    return LiveRun(
        seconds=wall_s,
        frames=len(delays),
        fps_in=last.figures.fps_in,
        fps_done=last.figures.fps_done,
        dropped=last.figures.dropped - before.dropped,
        unseen=monitor.unseen - unseen,
        cpu_s=cpu_s,
        peak_memory_mib=peak_memory() / 2**20,
        decoded_to_paint_ms=_spread(delays[:, 0]) if len(delays) else None,
        packet_to_paint_ms=_spread(delays[:, 1]) if len(delays) else None,
    )


def _calibrate(monitor: Monitor) -> None:
    until_s = time.monotonic() + CALIBRATION_S
    asked = False
    while time.monotonic() < until_s:
        snapshot = monitor.latest()
        last = snapshot.calibration
        if asked and last is not None and last.baseline is not None:
            return
        if snapshot.phase is Phase.RUNNING and (not asked or (last is not None and last.failed)):
            monitor.calibrate(None, "bench")
            asked = True
        time.sleep(0.05)
    raise RuntimeError(f"the demo could not be calibrated: {monitor.latest()}")


def _spread(delays_ms: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, float, float]:
    p50, p95, most = (float(value) for value in np.percentile(delays_ms, [50, 95, 100]))
    return p50, p95, most


def camera(kind: str, height: int, folder: Path) -> FakeCamera:
    """A camera of `height` rows that shows the demo sitting upright, with noise; H.264 is written into `folder`."""
    demo = DemoSource(height * 16 // 9, height, FRAME_RATE, PICTURES / FRAME_RATE)
    if kind == "mjpeg":
        return FakeCamera(of_pictures((grainy(demo, number) for number in range(PICTURES)), FRAME_RATE))
    path = folder / f"upright_{height}.mp4"
    clips.generate(path, height=height, seconds=PICTURES / FRAME_RATE)
    return FakeCamera(path)


def main() -> None:
    """Measure once and print it."""
    kind, height, seconds, view = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    size = None if view == "none" else (int(view.partition("x")[0]), int(view.partition("x")[2]))
    with tempfile.TemporaryDirectory(prefix="posture-bench-") as folder:
        run = measure(camera(kind, height, Path(folder)), seconds, size)
    json.dump(asdict(run), sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main()
