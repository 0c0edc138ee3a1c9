"""What a person types after an option, as values."""

import math

import typer


def listed(text: str | None, everything: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """The parts of a comma-separated list; `everything` for "all"."""
    if text is None:
        return None
    return everything if text == "all" else tuple(part.strip() for part in text.split(",") if part.strip())


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
