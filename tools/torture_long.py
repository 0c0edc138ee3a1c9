"""What only shows over time or in comparison: memory, cameras that come and go, and the same bytes again."""

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torture_rig as rig
from torture_figure import Asked, Figure

from posture import config
from posture.capture import CameraState
from posture.data import Frame, Pose
from posture.live.monitor import Monitor
from posture.live.settings import Sections
from posture.sinks.clipfile import System
from posture.sources.encoders import Codec
from posture.sources.fakecamera import FakeCamera, Fault, Scripted
from posture.sources.film import of_pictures
from posture.vault import header
from posture.vault.clip import open_clip, verify

SPEED = 10.0
"""How much faster than the wall clock the camera's hours pass."""
AWAY_S, THERE_S = 3.0, 5.0
BACK_S = 2.0
MOST_GROWTH_MIB = 20.0
PAGE_KIB = 4


def soak(asked: Asked) -> Iterator[Figure]:
    """Five minutes at 30 pictures a second, as fast as they go: memory stays flat."""
    total = asked.times(9000, 600)
    one = rig.Rig(asked.folder / "clips", settings=rig.with_(rate=30, split_min=1))
    one.recorder.begin()
    pictures = [rig.frame(number, 640, 360) for number in range(rig.SHADES)]
    sizes, began_s = [], time.monotonic()
    for number in range(total):
        one.push(pictures[number % len(pictures)])
        if number in (total // 10, total // 2):
            sizes.append(_resident_mib())
    one.recorder.close()
    sizes.append(_resident_mib())
    took_s = time.monotonic() - began_s
    clips = [rig.numbers(path)[0] for path in (asked.folder / "clips").glob("*.pclip")]
    read = sum(map(len, clips))
    found = f"{' / '.join(f'{size:.0f}' for size in sizes)} MiB (tenth, half, end), {read:,} read, {len(clips)} clips"
    grew = max(sizes) - sizes[0]
    yield Figure(f"{total:,} frames of 640 x 360 in {took_s:.0f} s", found, (grew > MOST_GROWTH_MIB) + total - read)


def _resident_mib() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except FileNotFoundError:
        return 0.0
    return pages * PAGE_KIB / 1024


def identity(asked: Asked) -> Iterator[Figure]:
    """Two recordings of the same frames with the same keys and salt: the same bytes."""
    codecs: tuple[Codec, ...] = ("h264", "hevc", "av1")
    for codec in codecs:
        hashes = set()
        for turn in range(2):
            folder = asked.folder / f"{codec}{turn}"
            random = np.random.default_rng(asked.seed)
            system = System(space=lambda place: (10**12, 10**12), random=random.bytes)
            one = rig.Rig(folder, settings=rig.with_(codec=codec), system=system)
            one.recorder.begin()
            for number in range(asked.times(300, 30)):
                one.push(rig.frame(number, 320, 180))
            one.recorder.close()
            (path,) = folder.glob("*.pclip")
            with path.open("rb") as file:
                head = header.read(file)
                plain = hashlib.sha256(open_clip(file, rig.secrets).readall()).hexdigest()
            hashes.add((hashlib.sha256(path.read_bytes()[len(head.raw) :]).hexdigest(), plain))
        found = "the same bytes" if len(hashes) == 1 else "other bytes"
        yield Figure(f"the same frames twice as {codec}", found, len(hashes) - 1)


class Blind:
    """A model that sees nobody, and notes when it was asked."""

    providers: tuple[str, ...] = ("cpu",)
    fallback_reason = ""

    def __init__(self) -> None:
        self.asked_s: list[float] = []

    def __call__(self, frame: Frame) -> tuple[tuple[Pose, ...], int]:
        """Nobody."""
        self.asked_s.append(_clock())
        return (), 0

    def forget(self) -> None:
        """Nothing to forget."""

    def close(self) -> None:
        """Nothing to close."""


def _clock() -> float:
    return time.monotonic() * SPEED


def _wait(event: threading.Event, seconds: float) -> bool:
    return event.wait(seconds / SPEED)


def unplug(asked: Asked) -> Iterator[Figure]:
    """A camera that is pulled and plugged in again, 200 times: each time is a clip of its own, and all are whole."""
    times = asked.times(200, 8)
    period_s = AWAY_S + THERE_S
    pulled = [THERE_S + number * period_s for number in range(times)]
    script = [Scripted(Fault.UNPLUGGED, at_s, at_s + AWAY_S) for at_s in pulled]
    film = of_pictures([np.full((96, 128, 3), 40 + number, np.uint8) for number in range(10)], 10)
    before, born_s = threading.active_count(), _clock()
    device, model = FakeCamera(film, script, _clock, _wait), Blind()
    one = rig.Rig(asked.folder)
    settings = config.Settings(recorder=rig.SETTINGS)
    monitor = Monitor(
        device.open, settings, recorder=one.recorder, estimator=lambda _: _as_estimates(model, _),
        presence=device.presence, clock=_clock, wait=_wait,
    )  # fmt: skip
    monitor.start()
    monitor.record()
    while _clock() - born_s < times * period_s + THERE_S:
        one.now_s = _clock()
        time.sleep(0.01)
    state = monitor.newest.camera
    monitor.close()
    back_s = [_after(model.asked_s, born_s + at_s + AWAY_S) for at_s in pulled]
    paths = list(asked.folder.glob("*.pclip"))
    torn = sum(_torn(path) for path in paths)
    left = threading.active_count() - before
    found = (
        f"{len(paths)} clips, {torn} torn; picture back after {np.median(back_s):.1f} s, at most {max(back_s):.1f} s"
    )
    running = state is not None and state.state is CameraState.RUNNING
    wrong = torn + max(0, times + 1 - len(paths)) + (max(back_s) > BACK_S) + max(left, 0) + device.lit + (not running)
    yield Figure(f"pulled and plugged in {times} times", f"{found}; {left} threads more than before", wrong)


def _as_estimates(model: Blind, settings: Sections) -> Blind:
    return model


def _after(moments: list[float], moment_s: float) -> float:
    return next((one - moment_s for one in moments if one >= moment_s), float("inf"))


def _torn(path: Path) -> bool:
    with path.open("rb") as file:
        return verify(file, rig.secrets).torn
