"""Disks that fail while a recording goes on: full, gone at every write, silent for ten seconds."""

import errno
import io
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import torture_rig as rig
from torture_figure import Asked, Figure

from posture.sinks.clipfile import System, created
from posture.sinks.recording import Phase, Recording
from posture.sources.picture import Picture

ERRORS = (errno.EIO, errno.ENODEV, errno.ESTALE, errno.ENOSPC, errno.EROFS)
BLOCK_S, CAMERA_HZ = 10.0, 30.0
WAIT_S = 30.0


class Failing(io.RawIOBase):
    """A file in front of another one that asks before each write."""

    def __init__(self, file: BinaryIO, before: Callable[[], None]) -> None:
        self._file, self._before = file, before

    def writable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def fileno(self) -> int:
        """That of the other one."""
        return self._file.fileno()

    def seek(self, offset: int, whence: int = 0) -> int:
        """As the other one."""
        return self._file.seek(offset, whence)

    def write(self, content: object) -> int:
        """As the other one, if nothing is wrong."""
        self._before()
        return self._file.write(cast("bytes", content))

    def close(self) -> None:
        """Both."""
        self._file.close()
        super().close()


def vanished(asked: Asked) -> Iterator[Figure]:
    """A share that goes away before write n, for every n and several errors: nothing is lost."""
    seconds, cases, wrong, lost = 6, 0, 0, 0
    for error in ERRORS[: asked.times(len(ERRORS), 2)]:
        number = 0
        while True:
            folder = asked.folder / f"{error}-{number}"
            reached, bad, missing = _vanishing(folder, error, number, seconds)
            if not reached:
                break
            cases, wrong, lost, number = cases + 1, wrong + bad, lost + missing, number + asked.times(1, 5)
    found = f"{cases} cases; {lost} frames lost, {wrong} not told or told twice"
    yield Figure("a share that vanishes at any write", found, lost + wrong)


def _vanishing(folder: Path, error: int, at: int, seconds: int) -> tuple[bool, bool, int]:
    """Whether write `at` was reached, whether the person was not told of it once, and how many frames are missing."""
    share, spare, writes, told = folder / "share", folder / "spare", [0], set()

    def before() -> None:
        writes[0] += 1
        if writes[0] > at:
            raise OSError(error, os.strerror(error))

    def opened(path: Path) -> BinaryIO:
        file = created(path)
        return cast("BinaryIO", Failing(file, before)) if path.parent == share else file

    def heard(recording: Recording) -> None:
        told.add(recording.message)

    system = System(opened, lambda place: (10**12, 10**12))
    one = rig.Rig(share, spare, system=system, on_change=heard)
    one.recorder.begin()
    for number in range(seconds * rig.RATE):
        one.push(rig.frame(number))
    one.recorder.close()
    shown = [number for path in _in_order(share, spare) for number in rig.numbers(path)[0]]
    missing = set(range(seconds * rig.RATE)) - set(shown)
    elsewhere = any(spare.glob("*.pclip"))  # where only the end of the last clip fails there is nothing to bring there
    return writes[0] > at, len(told - {""}) != elsewhere, len(missing)


def _in_order(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob("*.pclip"))]


def full(asked: Asked) -> Iterator[Figure]:
    """A disk of 3 MB: the recording stops and says so, and what it acknowledged can be read."""
    disk = asked.folder / "disk"
    disk.mkdir()
    with _mounted(disk) as mounted:
        if not mounted:
            yield Figure("a full disk of 3 MB", "not tried: no file system can be mounted here")
            return
        one = rig.Rig(disk, system=System())
        one.recorder.begin()
        number = 0
        while one.recorder.recording.phase is not Phase.FAILED and number < 1000 * rig.RATE:
            one.push(rig.frame(number))
            number += 1
        one.recorder.close()
        state = one.recorder.recording
        shown = [n for path in _in_order(disk) for n in rig.numbers(path)[0]]
        lost = max(0, round(state.safe_s * rig.RATE) - len(shown))
        wrong = state.phase is not Phase.FAILED or ("full" not in state.message and "no room" not in state.message)
        found = f"stopped after {state.safe_s:.0f} s, {len(shown)} frames read, {lost} acknowledged lost"
        yield Figure("a full disk of 3 MB", f"{found}: “{state.message[:60]}…”", lost + wrong)


@contextmanager
def _mounted(folder: Path) -> Iterator[bool]:
    """A small file system in memory there, where that is allowed."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        done = False
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", str(folder)], check=True)


def blocked(asked: Asked) -> Iterator[Figure]:
    """A share that answers nothing for 10 s: who pushes frames 30 times a second notices nothing."""
    block_s, go, blocks = BLOCK_S if not asked.small else 1.0, threading.Event(), [0]
    go.set()

    def before() -> None:
        if not go.is_set():
            blocks[0] += 1
        go.wait(WAIT_S)

    def opened(path: Path) -> BinaryIO:
        return cast("BinaryIO", Failing(created(path), before))

    one = rig.Rig(asked.folder / "share", asked.folder / "spare", system=System(opened, lambda place: (10**12, 10**12)))
    began_s = time.monotonic()
    recorder = one.recorder
    recorder.begin()
    pictures = [rig.frame(number, 1280, 720) for number in range(8)]
    times: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for what, seconds in (("open", block_s), ("blocked", block_s), ("after", 3.0)):
        go.clear() if what == "blocked" else go.set()
        times[what] = _paced(one, pictures, seconds, began_s)
    recorder.close()
    state = recorder.recording
    read = sum(len(rig.numbers(path)[0]) for path in _in_order(asked.folder / "share", asked.folder / "spare"))
    for what in ("open", "blocked"):
        push_ms, interval_ms = times[what]
        found = (
            f"push p50 {np.median(push_ms):.3f} ms, p99 {np.percentile(push_ms, 99):.3f} ms, most {push_ms.max():.2f} "
            f"ms; interval p99 {np.percentile(interval_ms, 99):.1f} ms of {1000 / CAMERA_HZ:.1f}"
        )
        yield Figure(f"1280 x 720 at {CAMERA_HZ:.0f} Hz, the share {what} for {block_s:.0f} s", found)
    wrong = bool(state.lost_s or state.message or not blocks[0])
    yield Figure(
        f"after a share was silent for {block_s:.0f} s",
        f"{state.safe_s:.1f} s safe of {one.now_s:.1f}, {read} frames read, {state.lost_s:.0f} s lost, nothing said",
        wrong + (read < round(state.safe_s * rig.RATE)),
    )


def _paced(one: rig.Rig, pictures: list[Picture], seconds: float, began_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Push as a camera gives frames; the milliseconds of each push, and those between two."""
    pushes, moments = [], []
    start_s = time.monotonic()
    for number in range(round(seconds * CAMERA_HZ)):
        left_s = start_s + number / CAMERA_HZ - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)
        one.now_s = time.monotonic() - began_s
        before_s = time.perf_counter()
        one.recorder.push(pictures[number % len(pictures)], one.now_s, None)
        pushes.append(1000 * (time.perf_counter() - before_s))
        moments.append(time.perf_counter())
    return np.array(pushes), 1000 * np.diff(moments)
