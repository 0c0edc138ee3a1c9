"""Options that several verbs share, and what a person types after an option as values."""

import math
from typing import Annotated

import typer

from posture.cli.screen import ProgressMode

Provider = Annotated[
    str | None, typer.Option(metavar="LIST", help="Where models run, in order: dml, cuda, coreml, cpu.")
]
Start = Annotated[str | None, typer.Option("--from", metavar="TIME", help="Begin here: seconds, mm:ss or hh:mm:ss.")]
End = Annotated[str | None, typer.Option("--to", metavar="TIME", help="End here: seconds, mm:ss or hh:mm:ss.")]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="Print one JSON document to stdout and nothing else.")]
HowProgress = Annotated[ProgressMode, typer.Option("--progress", help="auto, none, or json (lines on stderr).")]


def listed(text: str | None, everything: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """The parts of a comma-separated list; `everything` for "all"."""
    if text is None:
        return None
    return everything if text == "all" else tuple(part.strip() for part in text.split(",") if part.strip())


def part(start: str | None, end: str | None) -> tuple[float, float | None]:
    """The part of a video that --from and --to name, in seconds."""
    start_s, end_s = seconds("--from", start) or 0.0, seconds("--to", end)
    if end_s is not None and end_s <= start_s:
        raise typer.BadParameter("--to must lie after --from")
    return start_s, end_s


def seconds(option: str, text: str | None) -> float | None:
    """Seconds of "90", "1:30" or "0:01:30.5"."""
    if text is None:
        return None
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError:
        parts = []
    if not 1 <= len(parts) <= 3 or any(part < 0 or not math.isfinite(part) for part in parts):
        raise typer.BadParameter(f"{option} takes seconds, mm:ss or hh:mm:ss, not {text!r}")
    return math.fsum(part * 60.0**power for power, part in enumerate(reversed(parts)))
