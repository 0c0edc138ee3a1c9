"""kill -9 while recording: what was acknowledged is there, every cut is seen, and nothing readable is left anywhere."""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torture_rig as rig
from torture_figure import Asked, Figure

MAGICS = (b"ftypiso6", b"mvhd\0\0\0\0", b"mfhd\0\0\0\0", b"tfhd\0\2\0", b"JFIF\0\1", b"\x89PNG\r\n\x1a\n")
"""What an MP4, a JPEG or a PNG cannot be without; long enough that random bytes do not say it."""
LONGEST_S = 0.5


def kill(asked: Asked) -> Iterator[Figure]:
    """A thousand recorders, each killed at some moment."""
    if not hasattr(os, "fork"):
        yield Figure("kill -9 while recording", "not tried: this system cannot fork")
        return
    total, draw = asked.times(1000, 12), random.Random(asked.seed)
    lost = unseen = wrong = acknowledged = frames = hits = files = 0
    for number in range(total):
        folder = asked.folder / f"{number:04d}"
        folder.mkdir()
        safe_s = _killed(folder, draw.uniform(0.02, LONGEST_S))
        read, torn, bad = _judged(folder, safe_s)
        acknowledged += round(safe_s)
        frames += read
        lost += max(0, round(safe_s * rig.RATE) - read)
        unseen += not torn
        wrong += bad
        for path in folder.rglob("*"):
            files += 1
            hits += _plaintext(path)
            path.unlink()
        folder.rmdir()
    found = f"{total:,} kills, {acknowledged:,} fragments acknowledged, {frames:,} frames read; {lost} frames of "
    yield Figure("kill -9 while recording", found + f"acknowledged fragments lost, {wrong} wrong", lost + wrong)
    yield Figure("cuts that are seen as such", f"{total - unseen:,} of {total:,}", unseen)
    yield Figure("magic of videos or pictures in what was left", f"{hits} in {files:,} files", hits)


def _killed(folder: Path, after_s: float) -> float:
    """Record in another process and kill it; how many seconds it had been told are safe."""
    out, inp = os.pipe()
    child = os.fork()
    if not child:
        os.close(out)
        _record(folder, inp)
    os.close(inp)
    with os.fdopen(out, "rb", 0) as pipe:
        pipe.read(1)  # it is up
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = pipe.read().split(b"\n")[:-1]
    return float(told[-1]) if told else 0.0


def _record(folder: Path, pipe: int) -> None:
    """The victim: record until it is killed, and tell at once what is safe."""
    try:
        os.environ["TMPDIR"] = str(folder)
        one = rig.Rig(folder, on_change=lambda recording: _tell(pipe, f"{recording.safe_s}\n"))
        _tell(pipe, ".")
        one.recorder.begin()
        for number in range(100_000):
            one.push(rig.frame(number))
    finally:
        os._exit(1)


def _tell(pipe: int, text: str) -> None:
    os.write(pipe, text.encode())


def _judged(folder: Path, safe_s: float) -> tuple[int, bool, int]:
    """Frames that can be read, whether the cut is seen, and 1 if they are not the first frames in order."""
    paths = list(folder.glob("*.pclip"))
    if not paths:
        return 0, True, 0
    try:
        shown, torn = rig.numbers(paths[0])
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is a wrong case
        if safe_s == 0:  # killed while the head was being written
            return 0, True, 0
        print(f"{paths[0]}: {exc!r}", file=sys.stderr)
        return 0, True, 1
    return len(shown), torn, shown != [number % rig.SHADES for number in range(len(shown))]


def _plaintext(path: Path) -> int:
    content = path.read_bytes()
    return sum(magic in content for magic in MAGICS) + content.startswith(b"\xff\xd8\xff")
