"""TRC: markers of one person over time, tab-separated text, as OpenSim, Pose2Sim and Sports2D read it.

Metres, y up (`axes.py`), origin between the hips in every frame, times as they are. A missing marker is three empty
cells: OpenSim leaves it out of that frame, while the text "nan" stops its inverse kinematics.
"""

import math
from pathlib import Path

import numpy as np

from posture.interchange.axes import y_up
from posture.interchange.motion import Dense, Motion, new_motion

_UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001}
_HEAD_LINES = 5


def write(motion: Motion, target: Path) -> None:
    """Write the file `target`. `motion` holds one person."""
    markers = y_up(motion.world_m[:, 0])
    rate, frames, names = f"{motion.rate_hz:.6g}", len(motion.time_s), motion.names
    with target.open("w", encoding="ascii", newline="\r\n") as out:
        out.write(f"PathFileType\t4\t(X/Y/Z)\t{motion.people[0].encode('ascii', 'replace').decode()}\n")
        out.write(
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
        )
        out.write(f"{rate}\t{rate}\t{frames}\t{len(names)}\tm\t{rate}\t1\t{frames}\n")
        out.write("Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t\n")
        out.write("\t\t" + "\t".join(f"{axis}{i}" for i in range(1, len(names) + 1) for axis in "XYZ") + "\n\n")
        for number, (time_s, points) in enumerate(zip(motion.time_s, markers, strict=True), 1):
            cells = "\t".join(_cell(value) for value in points.ravel())
            out.write(f"{number}\t{time_s:.6f}\t{cells}\t\n")  # OpenSim does not count an empty cell at the very end


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read a file; `rate_hz` replaces its times. Raises ValueError, OSError."""
    lines = source.read_text(encoding="utf-8").splitlines()
    if len(lines) < _HEAD_LINES or not lines[0].startswith("PathFileType\t4"):
        raise ValueError("it does not begin as a TRC file does: PathFileType, 4")
    facts = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=False))
    unit = facts.get("Units", "").strip()
    if unit not in _UNITS:
        raise ValueError(f"its unit is {unit!r}, and m, cm and mm are known")
    names = [name for name in lines[3].rstrip("\t\r\n").split("\t")[2:] if name]
    rows = [line.split("\t") for line in lines[_HEAD_LINES:] if line.strip()]
    table = np.array([[_number(cell) for cell in _padded(row, 2 + 3 * len(names))] for row in rows], float)
    table = table.reshape(len(rows), 2 + 3 * len(names))
    times = table[:, 1] if rate_hz is None else np.arange(len(rows)) / rate_hz
    points = y_up(table[:, 2:].reshape(len(rows), 1, len(names), 3) * _UNITS[unit])
    return new_motion(times, [_person(lines[0])], names, world_m=_whole_or_missing(points))


def _cell(value: float) -> str:
    return f"{value:.5f}" if math.isfinite(value) else ""


def _number(cell: str) -> float:
    return float(cell) if cell.strip() else math.nan


def _padded(row: list[str], length: int) -> list[str]:
    """The cells of a row; trailing tabs may be missing or too many."""
    if len([cell for cell in row[length:] if cell.strip()]) > 0:
        raise ValueError(f"a row has {len(row)} cells, and {length} go with its markers")
    return [*row, *[""] * length][:length]


def _person(line: str) -> str:
    """The fourth cell of the first line: a name of ours, or the file's name in other programs."""
    cells = line.split("\t")
    return cells[3].strip() if len(cells) > 3 and cells[3].strip() else "person-1"


def _whole_or_missing(points: Dense) -> Dense:
    """A point of which one coordinate is missing is missing."""
    points[~np.isfinite(points).all(-1)] = np.nan
    return points
