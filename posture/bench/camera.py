"""The camera alone: a JPEG stream of 1080p30 in real time, looked at now and then, without a model or a window.

`python -m posture.bench.camera SECONDS RATE` prints what it costs as JSON. The stream comes from memory with the noise
of a sensor, so that packets are as large as those of a webcam; handing them out is counted too.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import av

from posture.sources.camera import Clock, Wait
from posture.sources.clipwriter import grainy
from posture.sources.demo import DemoSource
from posture.sources.fakecamera import FakeCamera
from posture.sources.film import Film, of_pictures

WIDTH, HEIGHT, RATE_HZ = 1920, 1080, 30.0
FILM_S = 1.5
"""Length of the film, which repeats."""
HOUR_S = 3600.0
GOAL_SHARE = 0.03
"""Of one core, for all of the monitoring; the camera is a part of it."""


@dataclass(frozen=True, slots=True)
class CameraCost:
    """What it took to watch a camera."""

    wall_s: float
    cpu_s: float
    """Processor seconds of the whole process."""
    looks: int
    """Frames that were decoded."""
    wakes: int
    """How often the thread woke."""

    @property
    def cpu_s_an_hour(self) -> float:
        """Processor seconds for an hour of the stream."""
        return self.share * HOUR_S

    @property
    def share(self) -> float:
        """Of one core."""
        return self.cpu_s / self.wall_s


def film() -> Callable[[], Film]:
    """1080p30 as a webcam sends it."""
    demo = DemoSource(WIDTH, HEIGHT, RATE_HZ)
    return of_pictures(_frames(demo), RATE_HZ)


def watch(
    show: Callable[[], Film],
    seconds: float,
    rate_hz: float | None,
    clock: Clock = time.monotonic,
    wait: Wait = threading.Event.wait,
) -> CameraCost:
    """Look at a film through a camera, `rate_hz` times a second (None: at every frame), for `seconds` of the clock."""
    wakes = looks = 0

    def counted(event: threading.Event, rest_s: float) -> bool:
        nonlocal wakes
        wakes += 1
        return wait(event, rest_s)

    camera = FakeCamera(show, (), clock, counted).open()
    camera.rate_hz = rate_hz
    began_s, cpu_s = clock(), time.process_time()
    while (left_s := began_s + seconds - clock()) > 0:
        looks += camera.read(left_s) is not None
    cost = CameraCost(clock() - began_s, time.process_time() - cpu_s, looks, wakes)
    camera.close()
    return cost


def main() -> None:
    """Watch and print the cost."""
    seconds, rate_hz = float(sys.argv[1]), float(sys.argv[2])
    cost = watch(film(), seconds, rate_hz)
    derived = {"cpu_s_an_hour": cost.cpu_s_an_hour, "share": cost.share, "goal_share": GOAL_SHARE}
    json.dump(asdict(cost) | derived, sys.stdout)
    print(flush=True)


def _frames(demo: DemoSource) -> Iterator[av.VideoFrame]:
    for number in range(round(FILM_S * RATE_HZ)):
        yield grainy(demo, number)


if __name__ == "__main__":
    main()
