"""`posture bench`: speed and memory on this machine, as ratios measured in one interleaved run."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from posture.cli import bench_live
from posture.cli.screen import new_grid, stderr, stdout

if TYPE_CHECKING:
    from posture.bench.runs import Comparison

CLIP_S = 20.0
"""Length of the generated clips."""
MINUTE_S, HOUR_S, HOUR_GOAL_S = 60.0, 3600.0, 600.0
GROWTH_GOAL_MIB = 50.0
LIVE = Path("live")
ROUNDS, LIVE_ROUNDS = 3, 1
"""By default. A round of `live` is 600 frames of each camera, and takes more than two minutes."""
STREAMS_GOAL = "goal: 4 of 1920×1080 at 30 frames/s on 2 cores"


def bench(
    clips: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[CLIP...|live]",
            help="Videos to measure on (default: generated ones); the word live measures live monitoring.",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, help="Interleaved rounds; medians are printed.", show_default="3, 1 of `live`"),
    ] = None,
    frames: Annotated[int, typer.Option(min=20, help="Frames of a clip for the floor and the peer.")] = 600,
    streams: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Find how many streams are held at once, up to N.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=5, metavar="S", help="Length of each run of `live`.")] = 20.0,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Measure one model by itself, on each provider: of the program, or added."),
    ] = None,
    hour: Annotated[bool, typer.Option("--hour", help="Analyse one hour of video at the default rate.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Measure end-to-end speed, processor time and memory beside a floor and, where present, MediaPipe.

    The floor is one-thread decoding and the model alone. MediaPipe is measured where `.venv-mediapipe` is present
    (`python tools/compare_mediapipe.py` makes it). `posture bench live` measures from camera to paint instead.
    """
    if (streams or hour) and len(clips or ()) > 1:
        raise typer.BadParameter("--streams and --hour measure on one clip; give one, or none for a generated one")
    if model is not None and (clips or streams or hour):
        raise typer.BadParameter("--model measures a model by itself; leave out clips, --streams and --hour")
    if streams and hour:
        raise typer.BadParameter("choose one of --streams and --hour")
    screen = stderr if as_json else stdout
    screen.print(_machine(), highlight=False)
    if model is not None:
        result = _model(model, screen)
        if as_json:
            print(json.dumps({"schema": "posture.bench/1", "machine": _machine(), **result}, indent=1))
        return
    if clips == [LIVE]:
        result = bench_live.run(rounds or LIVE_ROUNDS, seconds, screen)
        if as_json:
            print(json.dumps({"schema": "posture.bench/1", "machine": _machine(), **result}, indent=1))
        return
    with tempfile.TemporaryDirectory(prefix="posture-bench-") as folder:
        if streams:
            result = _streams(_clip(Path(folder), 1080, clips), streams, screen)
        elif hour:
            result = _hour(_clip(Path(folder), 1080, clips), Path(folder), screen)
        else:
            generated = (_clip(Path(folder), height, None) for height in (1080, 2160))
            result = _compare(iter(clips) if clips else generated, frames, rounds or ROUNDS, screen)
    if as_json:
        print(json.dumps({"schema": "posture.bench/1", "machine": _machine(), **result}, indent=1))


def _machine() -> str:
    from posture.bench.machine import describe

    return describe()


def _clip(folder: Path, height: int, clips: list[Path] | None) -> Path:
    """The first clip given, or one of our own: the demo person, upscaled, with camera noise."""
    if clips:
        return clips[0]
    from posture.bench.clips import generate

    path = folder / f"demo_{height}p30.mp4"
    with _working(f"making {path.name}"):
        generate(path, height=height, seconds=CLIP_S)
    return path


@contextmanager
def _working(what: str) -> Iterator[None]:
    with stderr.status(what):
        yield


def _compare(clips: Iterator[Path], frames: int, rounds: int, screen: Console) -> dict[str, Any]:
    from posture.bench import runs

    comparisons = []
    for clip in clips:
        with stderr.status("starting") as status:
            comparisons.append(runs.compare(clip, frames, rounds, status.update))
        screen.print(_table(comparisons[-1]))
        for name, measured, goal in runs.ratios(comparisons[-1]):
            screen.print(f"  {name}: {measured:.2f} (goal {goal:g})", highlight=False)
    if runs.peer_python() is None:
        screen.print("MediaPipe was not measured: run `python tools/compare_mediapipe.py` once to install it beside us")
    return {
        "comparisons": [
            {
                "clip": comparison.clip,
                "runs": {name: [asdict(run) for run in measured] for name, measured in comparison.runs.items()},
                "ratios": {name: value for name, value, _ in runs.ratios(comparison)},
                "goals": {name: goal for name, _, goal in runs.ratios(comparison)},
            }
            for comparison in comparisons
        ]
    }


def _table(comparison: "Comparison") -> Table:
    grid = new_grid("runner", "frames/s", "CPU ms a frame", "peak MiB", "first result after s", title=comparison.clip)
    for name in comparison.runs:
        grid.add_row(
            name,
            f"{comparison.median(name, lambda m: m.fps):.1f}",
            f"{comparison.median(name, lambda m: m.cpu_ms):.1f}",
            f"{comparison.median(name, lambda m: m.peak_memory_mib):.0f}",
            f"{comparison.median(name, lambda m: m.start_s):.1f}",
        )
    return grid


def _model(name: str, screen: Console) -> dict[str, Any]:
    """One model on every provider of this machine."""
    import msgspec

    from posture.bench import model

    model.found(name)  # what is wrong with the name is said here
    with _working(f"running {name}"):
        measured = model.measure(name)
    grid = new_grid(
        "provider", "ms a run", "slowest tenth", "first run ms", "loading ms", "runs", "difference from cpu",
        title=f"{measured.name}, input {measured.input}, peak {measured.peak_memory_mib:.0f} MiB",
    )  # fmt: skip
    for one in measured.providers:
        if one.why:
            grid.add_row(one.provider, "does not run", "", "", "", "", one.why)
            continue
        times = (one.run_ms, one.run_ms_p90, one.first_ms, one.load_ms)
        grid.add_row(one.provider, *(f"{ms:.1f}" for ms in times), str(one.runs), f"{one.difference:.1e}")
    screen.print(grid)
    return {"model": msgspec.to_builtins(measured)}


def _label(clip: Path) -> str:
    from posture.bench.runs import probe

    info = probe(clip)
    return f"{info.width}×{info.height} at {info.frame_rate:.4g} frames/s"


def _streams(clip: Path, most: int, screen: Console) -> dict[str, Any]:
    """More and more analyses at once, until the slowest is slower than real time."""
    from posture.bench import runs

    rate, label = runs.probe(clip).frame_rate, _label(clip)
    rows: list[dict[str, Any]] = []
    for count in range(1, most + 1):
        with _working(f"{count} streams"):
            slowest = min(measured.fps for measured in runs.streams(clip, count))
        held = slowest >= rate
        rows.append({"streams": count, "slowest_fps": slowest, "held": held})
        verdict = "held" if held else "not held"
        screen.print(f"{count} streams of {label}: slowest {slowest:.1f} frames/s, {verdict}", highlight=False)
        if not held:
            break
    most_held = sum(row["held"] for row in rows)
    more = " or more" if most_held == most else ""
    screen.print(f"this machine holds {most_held}{more} streams of {label} ({STREAMS_GOAL})", highlight=False)
    return {"clip": label, "rate": rate, "holds": most_held, "streams": rows}


def _hour(clip: Path, folder: Path, screen: Console) -> dict[str, Any]:
    """One minute and one hour of the same video at the default rate with all reports, the decode floor beside."""
    from posture.bench import clips, runs

    label, results = _label(clip), {}
    for name, seconds in (("minute", MINUTE_S), ("hour", HOUR_S)):
        long = folder / f"{name}.mp4"
        with _working(f"making {long.name}"):
            clips.repeat(clip, long, seconds=seconds)
        with _working(f"analysing one {name}"):
            run = results[name] = runs.analyse(long)
        screen.print(
            f"one {name} of {label} ({long.stat().st_size / 1e6:.0f} MB): {run.wall_s:.0f} s with "
            f"{run.report_bytes / 1e6:.0f} MB of reports, {run.fps:.0f} frames/s, CPU {run.cpu_ms:.1f} ms a frame, "
            f"peak {run.peak_memory_mib:.0f} MiB",
            highlight=False,
        )
    hour, growth = results["hour"], results["hour"].peak_memory_mib - results["minute"].peak_memory_mib
    with _working("decoding the minute alone"):
        decode = runs.decode_floor(folder / "minute.mp4")
    floor_s = decode.cpu_ms * hour.frames / 1e3
    for line in (
        f"one hour took {hour.wall_s / 60:.1f} minutes (goal {HOUR_GOAL_S / 60:g})",
        f"memory growth from a minute to an hour: {growth:.0f} MiB (goal {GROWTH_GOAL_MIB:g})",
        f"decode floor, one thread: {decode.cpu_ms:.1f} ms a frame = {floor_s:.0f} s an hour",
    ):
        screen.print(line, highlight=False)
    goals = {"hour_s": HOUR_GOAL_S, "growth_mib": GROWTH_GOAL_MIB}
    return {
        "clip": label,
        "hour": {name: asdict(run) for name, run in results.items()},
        "decode": asdict(decode),
        "goals": goals,
    }
