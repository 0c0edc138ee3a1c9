"""What survives a trip into each format and back: a table in Markdown, measured on a motion with gaps.

    .venv/bin/python tools/round_trip.py        # README.md holds what it prints, and a test compares the two

Formats whose packages are not installed (extras `c3d`, `netcdf`, `parquet`) are an error: the table has to be whole.
"""

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from posture.data import MEASURE_NAMES, frozen
from posture.interchange import FORMATS, Format, Motion
from posture.interchange.motion import Dense
from posture.skeleton import BLAZEPOSE_33

HEADS = ("`--export`", "stored as", "points", "pixels", "metres", "angles", "confidence", "missing", "names", "times")
FRAMES, RATE_HZ, JITTER_S, SEED = 60, 25.0, 0.004, 7
SIZE_PX = (1920, 1080)
NO = "–"
PARTS = {" px": "image_px", " m": "world_m", "°": "angles", "": "confidence"}
"""By the unit behind a number."""


def made(jitter_s: float = JITTER_S) -> Motion:
    """Two people with names who move in space, at uneven times, with gaps in points, angles and whole stretches."""
    random = np.random.default_rng(SEED)
    shape = (FRAMES, 2, len(BLAZEPOSE_33))
    times = np.arange(FRAMES) / RATE_HZ + np.round(random.uniform(0, jitter_s, FRAMES), 6)
    image, world = random.uniform(0, 1000, (*shape, 2)), random.uniform(-1, 1, (*shape, 3))
    sure, angles = random.random(shape), random.uniform(-170, 170, (*shape[:2], len(MEASURE_NAMES)))
    gone = random.random(shape) < 0.1
    gone[20:30, 1] = True
    for values in (image, world, sure):
        values[gone] = np.nan
    angles[random.random(angles.shape) < 0.1] = np.nan
    return Motion(
        frozen(times), ("Ann", "Bo"), BLAZEPOSE_33.names, frozen(image), frozen(world), frozen(sure), SIZE_PX,
        MEASURE_NAMES, frozen(angles),
    )  # fmt: skip


def table() -> str:
    """The whole table, a line a format."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [(f"`{name}`", *survived(kind, Path(folder))) for name, kind in FORMATS.items()]
    lines = (HEADS, ("---",) * len(HEADS), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def survived(kind: Format, folder: Path) -> Iterator[str]:
    """The cells of one format, in the order of `HEADS` behind the first."""
    sent, back = _trip(kind, made(), folder)
    uneven = len(back.time_s) == FRAMES and np.allclose(back.time_s, sent.time_s, rtol=0, atol=1e-6)
    if not uneven:  # between the times of frames there is nothing to compare with
        sent, back = _trip(kind, made(jitter_s=0.0), folder)
    pairs = {unit: _pair(part, back, sent) for unit, part in PARTS.items()}
    carried = {unit: pair for unit, pair in pairs.items() if np.isfinite(pair[0]).any()}
    points = pairs[" px"][0].shape[2]
    yield kind.stored
    yield f"{points} of {len(BLAZEPOSE_33)}" if points else NO
    for unit in PARTS:
        yield _error(*carried[unit], unit) if unit in carried else NO
    whole = all((np.isnan(found) == np.isnan(expected)).all() for found, expected in carried.values())
    yield "stays missing" if whole else "is lost"
    yield "kept" if back.people == sent.people else "as numbers"
    yield "kept" if uneven else "made even"


def _trip(kind: Format, motion: Motion, folder: Path) -> tuple[Motion, Motion]:
    """What was sent and what came back."""
    sent = motion.person(0) if kind.one_person else motion
    target = folder / f"motion.{kind.suffix}"
    kind.write(sent, target)
    return sent, kind.read(target, None)


def _pair(part: str, back: Motion, sent: Motion) -> tuple[Dense, Dense]:
    """A part of both motions in the same order: what came back, and what was sent of it."""
    names = "angle_names" if part == "angles" else "names"
    kept = [name for name in getattr(back, names) if name in getattr(sent, names)]
    found, expected = (
        getattr(motion, part)[:, :, [getattr(motion, names).index(name) for name in kept]] for motion in (back, sent)
    )
    return found, expected


def _error(found: Dense, sent: Dense, unit: str) -> str:
    """The power of ten below which the largest difference lies."""
    largest = float(np.nanmax(np.abs(found - sent)))
    if not largest:
        return "exactly"
    decimals = -math.ceil(math.log10(largest))
    return f"to {10.0**-decimals:.{decimals}f}{unit}"


if __name__ == "__main__":
    print(table())
