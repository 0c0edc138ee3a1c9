"""`posture bench live`: how late a picture is, and what monitoring without a view costs."""

import os
import statistics
from typing import Any

from rich.console import Console

from posture.cli.screen import new_grid, stderr

VIEW = 1280, 720
CAMERAS = (("mjpeg", 1080), ("mjpeg", 2160), ("h264", 2160))
"""What is measured with a view, at 30 frames a second."""
ECONOMY = "mjpeg", 1080
LATENCY_GOAL_MS, ECONOMY_GOAL, MAIN_GOAL_MS = 25.0, 0.03, 4.0
"""95th percentile from decoded to painted; share of one core without a view; the window's thread for one frame of a 4K
camera with five people."""


def run(rounds: int, seconds: float, screen: Console) -> dict[str, Any]:
    """Measure all of it, interleaved, and show medians of the rounds; other programs make every figure worse."""
    if hasattr(os, "getloadavg"):
        screen.print(f"other programs: load average {os.getloadavg()[0]:.1f} before the start", highlight=False)
    cases = [(kind, height, VIEW) for kind, height in CAMERAS] + [(*ECONOMY, None)]
    results: dict[tuple[str, int, bool], list[dict[str, Any]]] = {}
    for number in range(rounds):
        for kind, height, view in cases:
            with stderr.status(f"{kind} {height}p30, {'view' if view else 'no view'}, round {number + 1} of {rounds}"):
                results.setdefault((kind, height, view is not None), []).append(_measured(kind, height, seconds, view))
    grid = new_grid(
        "camera", "decoded to paint, p50 / p95 / max ms", "packet to paint, p50 / p95 / max ms", "frames/s in / done",
        "dropped / unseen", "window's thread, ms a frame", "CPU, cores", "peak MiB", "why not more",
        title=f"monitoring with a view of {VIEW[0]}×{VIEW[1]}",
    )  # fmt: skip
    for (kind, height, viewed), runs in results.items():
        if viewed:
            grid.add_row(f"{kind} {height}p30", *_cells(runs))
            screen.print(_floor(f"{kind} {height}p30", runs), highlight=False)
    screen.print(grid)
    economy = statistics.median(run["cpu_s"] / run["seconds"] for run in results[(*ECONOMY, False)])
    screen.print(f"goal: decoded to paint p95 {LATENCY_GOAL_MS:g} ms, nothing dropped", highlight=False)
    screen.print(
        f"without a view, {ECONOMY[0]} {ECONOMY[1]}p30: {economy * 3600:.0f} CPU seconds an hour, "
        f"{economy:.1%} of one core (goal {ECONOMY_GOAL:.0%})",
        highlight=False,
    )
    for (kind, height, viewed), of in results.items():
        if viewed and height == 2160:
            small, large = (_five(of, name) for name in ("five_people", "five_people_4k"))
            screen.print(
                f"painting five people, {kind} {height}p: {small} ms of the window's thread a frame (p50 / p95) in a "
                f"view of {VIEW[0]}×{VIEW[1]} (goal {MAIN_GOAL_MS:g} ms), {large} ms in one of 3840×2160",
                highlight=False,
            )
    runs = [
        {"codec": kind, "height": height, "view": viewed, "rounds": of}
        for (kind, height, viewed), of in results.items()
    ]
    goals = {"p95_ms": LATENCY_GOAL_MS, "economy_share": ECONOMY_GOAL, "main_thread_ms": MAIN_GOAL_MS}
    return {"live": runs, "economy_share": economy, "goals": goals}


def _measured(kind: str, height: int, seconds: float, view: tuple[int, int] | None) -> dict[str, Any]:
    from posture.bench import runs

    return runs.live(kind, height, seconds, view)


def _five(runs: list[dict[str, Any]], name: str) -> str:
    return " / ".join(
        f"{statistics.median(run[name][part] for run in runs):.1f}" for part in ("cpu_p50_ms", "cpu_p95_ms")
    )


def _floor(name: str, runs: list[dict[str, Any]]) -> str:
    """What decoder, model and painting take alone: no delay can be below their sum."""
    decode, model, paint = (
        statistics.median(run["floor_ms"][part] for run in runs) for part in ("decode", "model", "paint")
    )
    return (
        f"{name}, one after the other with nothing beside: decoder {decode:.1f} + model {model:.1f} + "
        f"painting {paint:.1f} ms; decoded to paint at least {model + paint:.1f} ms"
    )


def _cells(runs: list[dict[str, Any]]) -> list[str]:
    """Medians over the rounds, for the columns after the first."""

    def median(name: str) -> float:
        return float(statistics.median(run[name] for run in runs))

    def delays(name: str) -> str:
        return " / ".join(f"{statistics.median(run[name][place] for run in runs):.1f}" for place in range(3))

    return [
        delays("decoded_to_paint_ms"),
        delays("packet_to_paint_ms"),
        f"{median('fps_in'):.1f} / {median('fps_done'):.1f}",
        f"{median('dropped'):.0f} / {median('unseen'):.0f}",
        f"{median('main_thread_ms'):.1f}",
        f"{statistics.median(run['cpu_s'] / run['seconds'] for run in runs):.2f}",
        f"{median('peak_memory_mib'):.0f}",
        ", ".join(sorted({run["limited_by"] for run in runs if run["limited_by"]})) or "–",
    ]
