"""Start the benchmark processes, interleaved, and gather medians."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture.bench.measured import Measured
from posture.data import SourceInfo
from posture.errors import SourceError
from posture.sources import open_source

PEER_PYTHON = Path(".venv-mediapipe") / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
TIMEOUT_S = 1800.0

LARGE_PX = 2160
"""Shorter side in pixels from which the goals of 4K hold."""

Command = list[str]


@dataclass(frozen=True)
class Comparison:
    """Medians over the rounds of one clip, by runner name: "ours", "floor" and, where it is present, "peer"."""

    clip: str
    info: SourceInfo
    runs: Mapping[str, tuple[Measured, ...]]

    def median(self, runner: str, value: Callable[[Measured], float]) -> float:
        """Median of a value over the rounds."""
        return statistics.median(value(run) for run in self.runs[runner])


def peer_python() -> Path | None:
    """Interpreter of the peer's environment in the working folder, None where it was not made."""
    return PEER_PYTHON.absolute() if PEER_PYTHON.exists() else None


def compare(clip: Path, frames: int, rounds: int, on_run: Callable[[str], None]) -> Comparison:
    """Run ours, the floor and the peer in turn, `rounds` times."""
    info = probe(clip)
    commands = {"ours": _ours(clip, "all"), "floor": _module("floor", str(clip), str(frames))}
    if peer := peer_python():
        script = Path(__file__).with_name("peer.py")
        commands["peer"] = [str(peer), str(script), str(clip), str(frames)]
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            on_run(f"{clip.name}: {name}, round {number + 1} of {rounds}")
            runs[name].append(run(command, clip))
    return Comparison(clip.name, info, {name: tuple(measured) for name, measured in runs.items()})


def streams(clip: Path, count: int) -> list[Measured]:
    """`count` analyses of the clip at the same time, every frame decoded, pose at 10 Hz."""
    children: list[subprocess.Popen[str]] = []
    try:
        for _ in range(count):
            children.append(_start(_ours(clip, "10", decode="all")))
        return [_result(child, clip) for child in children]
    finally:
        for child in children:
            _end(child)


def decode_floor(clip: Path) -> Measured:
    """Decoding of the clip with one thread, and nothing else."""
    return run(_module("decode", str(clip)), clip)


def analyse(clip: Path) -> Measured:
    """One analysis at the default rate with its reports on the disk."""
    with tempfile.TemporaryDirectory(prefix="posture-bench-") as folder:
        return run(_module("whole", str(clip), folder), clip)


def live(kind: str, height: int, seconds: float, view: tuple[int, int] | None) -> dict[str, Any]:
    """One run of live monitoring in a process of its own: the fields of `posture.bench.live.LiveRun`, and with a view
    those of `posture.gui.paint_bench`. Raises SourceError where it fails.
    """
    module, size = (
        ("posture.bench.live", ()) if view is None else ("posture.gui.paint_bench", (f"{view[0]}x{view[1]}",))
    )
    words = printed(module, kind, str(height), str(seconds), *size, about=Path(f"{kind} {height}p"))
    found: dict[str, Any] = json.loads(words)
    return found


def printed(
    module: str,
    *arguments: str,
    about: Path,
    on_start: Callable[[Callable[[], None]], None] = lambda end: None,
) -> str:
    """The last line that a module prints as a process of its own; `about` is for messages. Raises SourceError.

    `on_start` gets what ends the process at once, from any thread.
    """
    child = _start([sys.executable, "-P", "-m", module, *arguments])
    try:
        on_start(child.kill)
        return _printed(child, about)
    finally:
        _end(child)


def run(command: Command, clip: Path) -> Measured:
    """Start one benchmark process on a clip and wait for its line. Raises SourceError."""
    child = _start(command)
    try:
        return _result(child, clip)
    finally:
        _end(child)


def probe(clip: Path) -> SourceInfo:
    """Size and rate of a clip. Raises SourceError for what is no video with a frame rate."""
    source = open_source(clip)
    source.close()
    if not source.info.frame_rate > 0:
        raise SourceError(f"{clip.name} says no frame rate; give a video")
    return source.info


def _ours(clip: Path, rate: str, decode: str = "due") -> Command:
    return _module("ours", str(clip), rate, "1", decode)


def _module(name: str, *arguments: str) -> Command:
    return [sys.executable, "-P", "-m", f"posture.bench.{name}", *arguments]


def _start(command: Command) -> subprocess.Popen[str]:
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def _result(child: subprocess.Popen[str], clip: Path) -> Measured:
    measured = Measured(**json.loads(_printed(child, clip)))
    if measured.frames < 1:
        raise SourceError(f"{clip.name}: too short to measure: it ends within the warm-up; give some seconds of video")
    return measured


def _printed(child: subprocess.Popen[str], clip: Path) -> str:
    """The last line that a benchmark process prints."""
    try:
        out, words = child.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as exc:
        raise SourceError(f"{clip.name}: a benchmark process took longer than {TIMEOUT_S:g} s") from exc
    if child.returncode != 0 or not out:
        last = (words.strip().splitlines() or [f"exit code {child.returncode}"])[-1]
        raise SourceError(f"{clip.name}: a benchmark process failed: {last.removeprefix('posture.errors.')}")
    return out.splitlines()[-1]


def _end(child: subprocess.Popen[str]) -> None:
    """Leave neither a process nor a pipe behind. The decoding process of a killed one ends with its stdin."""
    child.kill()
    child.wait()
    for stream in (child.stdout, child.stderr):
        if stream:
            stream.close()


def ratios(comparison: Comparison) -> Iterator[tuple[str, float, float]]:
    """The goals of the engine as (name, measured, goal): CPU over floor, and against the peer where there is one."""
    ours = comparison
    large = min(ours.info.width, ours.info.height) >= LARGE_PX
    cpu = ours.median("ours", lambda m: m.cpu_ms) / ours.median("floor", lambda m: m.cpu_ms)
    yield "CPU time a frame / floor", cpu, 1.05 if large else 1.15
    if "peer" in ours.runs:
        fps = ours.median("ours", lambda m: m.fps) / ours.median("peer", lambda m: m.fps)
        memory = ours.median("ours", lambda m: m.peak_memory_mib) / ours.median("peer", lambda m: m.peak_memory_mib)
        yield "throughput / peer", fps, 1.6 if large else 2.0
        yield "peak memory / peer", memory, 0.7
