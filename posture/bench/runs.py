"""Start the benchmark processes, interleaved, and gather medians."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from posture.bench.measured import Measured
from posture.errors import SourceError

PEER_PYTHON = Path(".venv-mediapipe") / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
TIMEOUT_S = 1800.0

Command = list[str]


@dataclass(frozen=True)
class Comparison:
    """Medians over the rounds of one clip, by runner name: "ours", "floor" and, where it is present, "peer"."""

    clip: str
    runs: Mapping[str, tuple[Measured, ...]]

    def median(self, runner: str, value: Callable[[Measured], float]) -> float:
        """Median of a value over the rounds."""
        return statistics.median(value(run) for run in self.runs[runner])


def peer_python() -> Path | None:
    """Interpreter of the peer's environment in the working folder, None where it was not made."""
    return PEER_PYTHON.absolute() if PEER_PYTHON.exists() else None


def compare(clip: Path, frames: int, rounds: int, on_run: Callable[[str], None]) -> Comparison:
    """Run ours, the floor and the peer in turn, `rounds` times."""
    commands = {"ours": _ours(clip, "all"), "floor": _module("floor", str(clip), str(frames))}
    if peer := peer_python():
        script = Path(__file__).with_name("peer.py")
        commands["peer"] = [str(peer), str(script), str(clip), str(frames)]
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            on_run(f"{clip.name}: {name}, round {number + 1} of {rounds}")
            runs[name].append(run(command))
    return Comparison(clip.name, {name: tuple(measured) for name, measured in runs.items()})


def streams(clip: Path, count: int) -> list[Measured]:
    """`count` analyses of the clip at the same time, every frame decoded, pose at 10 Hz."""
    children = [_start(_ours(clip, "10")) for _ in range(count)]
    return [_result(child) for child in children]


def decode_floor(clip: Path) -> Measured:
    """Decoding of the clip with one thread, and nothing else."""
    return run(_module("decode", str(clip)))


def analyse(clip: Path, rate: str = "10") -> Measured:
    """One analysis at a rate."""
    return run(_ours(clip, rate))


def run(command: Command) -> Measured:
    """Start one benchmark process and wait for its line."""
    return _result(_start(command))


def _ours(clip: Path, rate: str) -> Command:
    return _module("ours", str(clip), rate, "1")


def _module(name: str, *arguments: str) -> Command:
    return [sys.executable, "-P", "-m", f"posture.bench.{name}", *arguments]


def _start(command: Command) -> subprocess.Popen[str]:
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def _result(child: subprocess.Popen[str]) -> Measured:
    try:
        out, words = child.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as exc:
        child.kill()
        child.wait()
        raise SourceError(f"a benchmark process took longer than {TIMEOUT_S:g} s") from exc
    except BaseException:
        child.kill()
        child.wait()
        raise
    if child.returncode != 0 or not out:
        last = words.strip().splitlines()[-1:] or [f"exit code {child.returncode}"]
        raise SourceError(f"a benchmark process failed: {last[0]}")
    return Measured(**json.loads(out.splitlines()[-1]))


def ratios(comparison: Comparison) -> Iterator[tuple[str, float, float]]:
    """The goals of the engine as (name, measured, goal): CPU over floor, and against the peer where there is one."""
    ours = comparison
    large = "2160" in ours.clip or "4k" in ours.clip.lower()
    cpu = ours.median("ours", lambda m: m.cpu_ms) / ours.median("floor", lambda m: m.cpu_ms)
    yield "CPU time a frame / floor", cpu, 1.05 if large else 1.15
    if "peer" in ours.runs:
        fps = ours.median("ours", lambda m: m.fps) / ours.median("peer", lambda m: m.fps)
        memory = ours.median("ours", lambda m: m.peak_memory_mib) / ours.median("peer", lambda m: m.peak_memory_mib)
        yield "throughput / peer", fps, 1.6 if large else 2.0
        yield "peak memory / peer", memory, 0.7
