"""What two local workers are worth, what photos cost, and what a job of a million files would take.

    .venv/bin/python tools/batch_scaling.py videos --media ../shared/media/videos --rounds 3
    .venv/bin/python tools/batch_scaling.py photos --media ../shared/media/images --count 800
    .venv/bin/python tools/batch_scaling.py long --media ../shared/media/videos/front_seated_selfie_head_moves.mp4
    .venv/bin/python tools/batch_scaling.py journal --files 1000000

`videos`: plain `posture analyze` and a job with two workers over the same files, by turns; wall and processor seconds
of each with all child processes. The bound is (2 processors / processor seconds a frame of one job). `photos`: redact
and analyse so many, extrapolated. `long`: an hour of video, made by repeating a file without decoding it, against the
bare decoder. `journal`: the journal alone with so many files: time a file, size, memory.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import av

from posture.batch.discovery import stem_of
from posture.batch.journal import Found, Journal
from posture.batch.work import FileOutcome, ResultFile
from posture.inputs import MEDIA_SUFFIXES

START = "from posture.cli import main; main()"
EXTRAPOLATED = 8000
"""Photos: the figure of the system that this one follows."""


class Spent(NamedTuple):
    """Of one run with all its child processes."""

    wall_s: float
    cpu_s: float


def main() -> int:
    """0 if what is claimed holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("videos", "photos", "long", "journal"))
    parser.add_argument("--media", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--do", default="redact,analyze", help="what is done with photos")
    parser.add_argument("--count", type=int, default=800)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--files", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        match asked.what:
            case "videos":
                return videos(Path(folder), asked.media, asked.rounds, asked.copies)
            case "photos":
                return photos(Path(folder), asked.media, asked.count, tuple(asked.do.split(",")))
            case "long":
                return long(Path(folder), asked.media, asked.minutes)
            case _:
                return journal(Path(folder), asked.files)


def videos(folder: Path, media: Path, rounds: int, copies: int) -> int:
    """1 where two workers miss 0.95 of the bound or 1.15 of a plain run. Each file is there `copies` times."""
    media = _copied(_media(media), folder / "videos", copies)
    frames = sum(_frames(path) for path in _media(media))
    plain, job = [], []
    for number in range(rounds):
        plain.append(_spent(folder, f"plain-{number}", "analyze", str(media)))
        job.append(_spent(folder, f"job-{number}", "batch", "run", str(media), "--workers", "2"))
        print(f"round {number + 1}: plain {plain[-1].wall_s:.1f} s ({plain[-1].cpu_s:.1f} s of processors), ", end="")
        print(f"two workers {job[-1].wall_s:.1f} s ({job[-1].cpu_s:.1f} s of processors)", flush=True)
    cost_s = median(one.cpu_s for one in plain) / frames
    reached, bound = frames / median(one.wall_s for one in job), 2 / cost_s
    gain = median(one.wall_s for one in plain) / median(one.wall_s for one in job)
    print(f"{frames} frames; one job costs {1e3 * cost_s:.2f} ms of a processor a frame: bound {bound:.1f} frames/s")
    print(f"two workers: {reached:.1f} frames/s = {reached / bound:.3f} of the bound, {gain:.2f} x plain analyze")
    return 0 if reached >= 0.95 * bound and gain >= 1.15 else 1


def _copied(files: list[Path], folder: Path, copies: int) -> Path:
    """A folder with so many copies of each file."""
    folder.mkdir()
    for number in range(copies):
        for path in files:
            shutil.copyfile(path, folder / f"{number:02}-{path.name}")
    return folder


def photos(folder: Path, media: Path, count: int, do: tuple[str, ...]) -> int:
    """Redact and analyse `count` photos, made of those in `media` by repeating them."""
    sources = [path for path in _media(media) if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    inputs = _copied(sources, folder / "photos", -(-count // len(sources)))
    for path in sorted(inputs.iterdir())[count:]:
        path.unlink()
    for what in do:
        spent = _spent(folder, what, "batch", "run", str(inputs), "--what", what, "--workers", "2")
        each_s, cpu_s = spent.wall_s / count, spent.cpu_s / count
        print(f"{what}: {count} photos in {spent.wall_s:.1f} s, {1e3 * each_s:.0f} ms each", end=" ")
        print(
            f"({1e3 * cpu_s:.0f} ms of a processor); {EXTRAPOLATED} take {EXTRAPOLATED * each_s / 60:.0f} min",
            flush=True,
        )
    return 0


def long(folder: Path, media: Path, minutes: float) -> int:
    """Analyse so many minutes at the default rate with one worker, against decoding alone."""
    film = folder / "long.mp4"
    frames = repeat(media, film, minutes * 60)
    began_s = time.monotonic()
    with av.open(film) as container:
        stream = container.streams.video[0]
        stream.thread_type = "FRAME"
        stream.codec_context.thread_count = 2
        size = f"{stream.width}x{stream.height}"
        decoded = sum(1 for _ in container.decode(stream))
    floor_s = time.monotonic() - began_s
    spent = _spent(folder, "long", "batch", "run", str(film), "--workers", "1")
    print(f"{minutes:g} min of {size}, {frames} frames: decoding all {decoded} alone {floor_s:.1f} s,")
    print(
        f"the whole analysis {spent.wall_s:.1f} s = {spent.wall_s / floor_s:.2f} x, {60 * minutes / spent.wall_s:.1f}"
    )
    print("times as fast as it plays")
    return 0


def repeat(source: Path, target: Path, seconds: float) -> int:
    """Write `source` again and again without decoding it; how many pictures that are."""
    pictures = 0
    with av.open(target, "w") as out:
        stream, at_s = None, 0.0
        while at_s < seconds:
            with av.open(source) as container:
                video = container.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                assert video.time_base is not None
                base, end = round(at_s / video.time_base), 0
                for packet in container.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.pts, packet.dts, packet.stream = packet.pts + base, packet.dts + base, stream
                    out.mux(packet)
                    pictures += 1
                at_s += float(end * video.time_base)
    return pictures


def journal(folder: Path, files: int) -> int:
    """What the journal costs with so many files: enter, name, hand out, record, and list worst first."""
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Journal(folder) as entered:
        began_s = time.monotonic()
        entered.add(_made_up(files))
        added_s = time.monotonic() - began_s
        began_s = time.monotonic()
        entered.name_results(stem_of)
        named_s = time.monotonic() - began_s
        began_s, sample = time.monotonic(), min(files, 20_000)
        result = ResultFile("json", b"a.json", "0" * 64, 1000)
        outcome = FileOutcome(state="done", results=(result,) * 3, row=b"x" * 300, frames=100, media_s=10.0)
        for _ in range(sample):
            entry = entered.next(0.0)
            assert entry is not None
            entered.begin(entry.id, "1:2")
            entered.record(entry.id, outcome, 0.5)
        handed_s = (time.monotonic() - began_s) / sample
        began_s = time.monotonic()
        listed = sum(1 for _ in entered.entries("1", "severity DESC, stem_key"))
        listed_s = time.monotonic() - began_s
    size = (folder / "journal.sqlite").stat().st_size
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    print(f"{files} files: entered in {added_s:.1f} s, named in {named_s:.1f} s, listed {listed} in {listed_s:.1f} s")
    print(f"handed out and recorded: {1e6 * handed_s:.0f} us a file; {size / files:.0f} bytes a file on the disk;")
    print(f"memory grew by {grown_mib:.0f} MiB")
    for workers, each_s in ((2, 1.0), (100, 1.0), (1000, 1.0), (1000, 60.0)):
        busy = workers / each_s * handed_s
        whole_h = files * max(each_s / workers, handed_s) / 3600
        print(
            f"  {workers} workers, {each_s:g} s a file: the scheduler is busy for {busy:.1%}, all take {whole_h:.1f} h"
        )
    return 0


def _made_up(files: int) -> Iterator[Found]:
    for number in range(files):
        name = f"camera-{number % 97:02}/2026-11-{number % 28 + 1:02}/recording-{number:07}.mp4".encode()
        yield Found(b"/mnt/nas/recordings/" + name, name, 10_000_000, task="packing", day="2026-11-28")


def _spent(folder: Path, name: str, *words: str) -> Spent:
    """Run the program with results of its own."""
    before = os.times()
    began_s = time.monotonic()
    command = [sys.executable, "-c", START, *words, "-o", str(folder / name), "--progress", "none"]
    environment = {**os.environ, "POSTURE_DATA": str(folder / f"{name}-data")}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Spent(time.monotonic() - began_s, cpu_s)


def _media(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in MEDIA_SUFFIXES)


def _frames(path: Path) -> int:
    with av.open(path) as container:
        return sum(1 for _ in container.decode(video=0))


if __name__ == "__main__":
    sys.exit(main())
