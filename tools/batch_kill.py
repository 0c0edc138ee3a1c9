"""Kills a job with -9 at random and shows that nothing of its results depends on it.

    .venv/bin/python tools/batch_kill.py --clips 1000 --kills 10 --media ../shared/media/videos
    .venv/bin/python tools/batch_kill.py --clips 12 --kills 3

The job runs once to its end. Then it runs again from nothing in the same folder, is killed as often as asked for at
random moments, and goes on each time. Then every file of both must be the same, byte for byte: reports, manifests and
the summary. The clips are generated: the bundled demo from other moments on, a second each.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av

from posture.sources.demo import DemoSource

CLIP_FRAMES, CLIP_HZ = 10, 10
WIDTH, HEIGHT = 160, 120
OPTIONS = ("--model", "lite", "--rate", "5", "--format", "html,json,csv", "--progress", "none")


def main() -> int:
    """0 if nothing differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--media", type=Path, help="folder whose files are part of the job too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), asked.clips, asked.kills, asked.media, seed=asked.seed, workers=asked.workers)


def run(folder: Path, clips: int, kills: int, media: Path | None = None, *, seed: int = 1, workers: int = 2) -> int:
    """The whole show in `folder`; 0 if nothing differs."""
    inputs = folder / "inputs"
    make_clips(inputs, clips)
    sources = [str(inputs), *([str(media.resolve())] if media else [])]
    results = folder / "results"
    began_s = time.monotonic()
    _job(sources, results, folder / "data-whole", workers).wait()
    whole_s = time.monotonic() - began_s
    expected = folder / "expected"
    results.rename(expected)
    print(f"uninterrupted: {len(_files(expected))} files of results in {whole_s:.1f} s", flush=True)
    draw = random.Random(seed)
    for number in range(kills):
        _killed(_job(sources, results, folder / "data-killed", workers), draw.uniform(0.2, 1.6) * whole_s / (kills + 1))
        print(f"killed {number + 1}: {len(_files(results))} files of results are there", flush=True)
    began_s = time.monotonic()
    code = _job(sources, results, folder / "data-killed", workers).wait()
    print(f"went on to the end in {time.monotonic() - began_s:.1f} s, exit code {code}", flush=True)
    return _compared(expected, results)


def make_clips(folder: Path, count: int) -> None:
    """Videos of a second, each from another moment of the demo on."""
    folder.mkdir(parents=True)
    demo = DemoSource()
    for number in range(count):
        with av.open(folder / f"clip-{number:05}.mp4", "w") as out:
            stream = out.add_stream("libx264", rate=CLIP_HZ, options={"preset": "ultrafast", "g": "5"})
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for place in range(CLIP_FRAMES):
                drawn = demo.render((number * 0.37 + place / CLIP_HZ) % demo.info.duration_s)
                frame = drawn.reformat(WIDTH, HEIGHT, "yuv420p")
                frame.pts, frame.time_base = place, Fraction(1, CLIP_HZ)
                out.mux(stream.encode(frame))
            out.mux(stream.encode())


def _job(sources: list[str], results: Path, data: Path, workers: int) -> "subprocess.Popen[bytes]":
    start = "from posture.cli import main; main()"
    command = [sys.executable, "-c", start, "batch", "run", *sources, "-o", str(results), "--workers", str(workers)]
    environment = {**os.environ, "POSTURE_DATA": str(data)}
    return subprocess.Popen([*command, *OPTIONS], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _killed(job: "subprocess.Popen[bytes]", after_s: float) -> None:
    try:
        job.wait(after_s)
    except subprocess.TimeoutExpired:
        job.send_signal(signal.SIGKILL)
        job.wait()


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _compared(expected: Path, found: Path) -> int:
    one, other = _files(expected), _files(found)
    differing = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    for name in differing[:20]:
        print(f"differs: {name}")
    print(
        f"{len(one)} files, {len(differing)} differ; summary {'differs' if _of_summary(differing) else 'is the same'}"
    )
    return 1 if differing or not one else 0


def _of_summary(names: list[str]) -> bool:
    return any(name.startswith("posture-batch.") for name in names)


if __name__ == "__main__":
    sys.exit(main())
