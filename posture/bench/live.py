"""Live monitoring on a camera that is not there: from packet to paint, and what monitoring costs without a view.

`python -m posture.bench.live KIND HEIGHT SECONDS` runs the product's own monitor (threads, model, judge, history) on a
paced camera of 30 frames a second, 16:9, `mjpeg` or `h264`, calibrated first, in the background, and prints one JSON
line. Sending the packets is part of what is measured: 0.1 % of a core without a view. `posture.gui.paint_bench` does it
with a view.
"""

import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from posture.config import Settings
from posture.errors import SourceError
from posture.live.monitor import Monitor
from posture.live.snapshot import Phase, Snapshot
from posture.pose.catalogue import Catalogue
from posture.pose.session import Session
from posture.privacy.limits import peak_memory
from posture.sinks.history import History
from posture.sources.clipwriter import OF_A_CAMERA, grainy, write_clip
from posture.sources.demo import DemoSource
from posture.sources.fakecamera import FakeCamera
from posture.sources.film import FileFilm, of_pictures

FRAME_RATE = 30.0
PICTURES = 60
"""Frames that are made; the camera repeats them. The demo sits upright in all of them."""
SETTLED_S = 1.0
"""Of an H.264 film, left out before it begins: the encoder is still looking for its bit rate, with two pictures that
take the rate of five, and three next to nothing. A camera that has run for a while has none of these."""
WARM_UP_S = 3.0
"""After the calibration, before anything counts: caches, the allocator, the tracker's second search."""
CALIBRATION_S = 60.0
"""The longest that the calibration may take."""
HOUR_S = 3600.0

Painted = Callable[[Snapshot], None]


class Window(Protocol):
    """Who looks at the monitor. Main thread."""

    @property
    def unseen(self) -> int:
        """Frames that came to it and were never shown."""

    def open(self, monitor: Monitor, painted: Painted) -> None:
        """From now on show what the monitor brings, and call `painted` right after each paint."""

    def wait(self, seconds: float) -> None:
        """Pass the time."""

    def close(self) -> None:
        """Show no more."""


class Nobody:
    """Implements `Window` where there is none: what is new is taken and not shown."""

    unseen = 0

    def open(self, monitor: Monitor, painted: Painted) -> None:
        """See Window."""

        def take() -> None:
            monitor.latest()

        monitor.on_wake = take

    def wait(self, seconds: float) -> None:
        """See Window."""
        time.sleep(seconds)

    def close(self) -> None:
        """See Window."""


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
    limited_by: str = ""
    """As in `posture.live.snapshot.Figures`: why not more."""
    decoded_to_paint_ms: tuple[float, float, float] | None = None
    """Median, 95th percentile, largest."""
    packet_to_paint_ms: tuple[float, float, float] | None = None
    main_thread_ms: float | None = None
    """Processor time of the window's thread for one painted frame, all that it does included."""

    @property
    def cpu_s_an_hour(self) -> float:
        """Processor seconds of one hour of this."""
        return self.cpu_s / self.seconds * HOUR_S

    @property
    def share_of_a_core(self) -> float:
        """0 to 1 and more."""
        return self.cpu_s / self.seconds


@dataclass
class _Delays:
    """How late each painted frame was, in seconds since it was decoded and since its packet came."""

    monitor: Monitor
    seconds: list[tuple[float, float]] = field(default_factory=list)
    counted: bool = False

    def painted(self, snapshot: Snapshot) -> None:
        """A paint has ended."""
        self.monitor.painted(snapshot)
        now, captured = time.monotonic(), snapshot.captured
        if self.counted and captured is not None:
            self.seconds.append((now - captured.decoded_s, now - captured.packet_s))


def measure(camera: FakeCamera, seconds: float, view: tuple[int, int] | None, window: Window) -> LiveRun:
    """Run the monitor on `camera` for so long. Raises SourceError where it fails or cannot be calibrated."""
    monitor = Monitor(camera.open, Settings(), history=History(), presence=camera.presence)
    delays = _Delays(monitor)
    window.open(monitor, delays.painted)
    monitor.start()
    try:
        _calibrate(monitor, window)
        monitor.view = view
        window.wait(WARM_UP_S)
        return _measured(monitor, window, delays, seconds)
    finally:
        window.close()
        monitor.close()


def _measured(monitor: Monitor, window: Window, delays: _Delays, seconds: float) -> LiveRun:
    before, unseen = monitor.newest.figures, monitor.unseen + window.unseen
    delays.counted = True
    wall_s, cpu_s, main_s = time.monotonic(), time.process_time(), time.thread_time()
    window.wait(seconds)
    main_s, cpu_s = time.thread_time() - main_s, time.process_time() - cpu_s
    wall_s = time.monotonic() - wall_s
    delays.counted = False
    last = monitor.newest
    if last.phase is not Phase.RUNNING:
        raise SourceError(f"monitoring ended in phase {last.phase}: {last.message}; is the machine busy?")
    late = np.array(delays.seconds) * 1e3
    return LiveRun(
        seconds=wall_s,
        frames=len(late),
        fps_in=last.figures.fps_in,
        fps_done=last.figures.fps_done,
        dropped=last.figures.dropped - before.dropped,
        unseen=monitor.unseen + window.unseen - unseen,
        cpu_s=cpu_s,
        peak_memory_mib=peak_memory() / 2**20,
        limited_by=last.figures.limited_by,
        decoded_to_paint_ms=_spread(late[:, 0]) if len(late) else None,
        packet_to_paint_ms=_spread(late[:, 1]) if len(late) else None,
        main_thread_ms=1e3 * main_s / len(late) if len(late) else None,
    )


def floor_ms(camera: FakeCamera) -> tuple[float, float]:
    """What no program can save: medians of decoding a picture of `camera` and of one run of the model, one thread each
    with nothing beside.
    """
    film = camera.film
    film.decoder.thread_count = 1
    packets = [packet for _, packet in itertools.islice(film.packets(), PICTURES)]
    decode_ms = _median_ms([partial(film.decoder.decode, packet) for packet in packets])
    film.close()
    session = Session(Catalogue.load().read("pose_landmark_full"), ["cpu"])
    nothing = np.zeros(session.input_shape, session.input_dtype)
    return decode_ms, _median_ms([partial(session.run, nothing)] * PICTURES)


def _median_ms(calls: Sequence[Callable[[], object]]) -> float:
    took = []
    for call in calls:
        begun = time.perf_counter()
        call()
        took.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(took)


def _calibrate(monitor: Monitor, window: Window) -> None:
    until_s = time.monotonic() + CALIBRATION_S
    asked = False
    while time.monotonic() < until_s:
        snapshot = monitor.newest
        last = snapshot.calibration
        if asked and last is not None and last.baseline is not None:
            return
        if snapshot.phase is Phase.RUNNING and (not asked or (last is not None and last.failed)):
            monitor.calibrate(None, "bench")
            asked = True
        window.wait(0.05)
    end = monitor.newest
    why = ", ".join(end.calibration.quality) if end.calibration else end.message
    raise SourceError(f"no calibration within {CALIBRATION_S:g} s ({end.phase}: {why}); is the machine busy?")


def _spread(delays_ms: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, float, float]:
    p50, p95, most = (float(value) for value in np.percentile(delays_ms, [50, 95, 100]))
    return p50, p95, most


def camera(kind: str, height: int, folder: Path) -> FakeCamera:
    """A camera of `height` rows that shows the demo sitting upright, with noise; H.264 is written into `folder`."""
    demo = DemoSource(height * 16 // 9, height, FRAME_RATE, SETTLED_S + PICTURES / FRAME_RATE)
    if kind == "mjpeg":
        return FakeCamera(of_pictures((grainy(demo, number) for number in range(PICTURES)), FRAME_RATE))
    path = folder / f"upright_{height}.mp4"
    write_clip(path, demo, options=OF_A_CAMERA)
    return FakeCamera(lambda: FileFilm(path, SETTLED_S))


def main() -> None:
    """Measure once and print it."""
    kind, height, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="posture-bench-") as folder:
        run = measure(camera(kind, height, Path(folder)), seconds, None, Nobody())
    json.dump(asdict(run), sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main()
