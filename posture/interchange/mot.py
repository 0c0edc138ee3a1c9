"""MOT: angles of one person over time, tab-separated text, as OpenSim's `Storage` reads it.

Degrees, seconds. The format knows no missing value: a "nan" in it breaks what reads it. So a gap is bridged by a
straight line between its neighbours (held at both ends), and each such column has a companion, `NAME_measured`: 1 where
the value was measured, 0 where it was bridged. A column that was never measured is left out. Ratios keep their names.
"""

from pathlib import Path

import numpy as np

from posture.data import frozen
from posture.interchange.motion import Dense, Motion

_SUFFIX = "_measured"


def write(motion: Motion, target: Path) -> None:
    """Write the file `target`. `motion` holds one person."""
    columns: dict[str, Dense] = {}
    for name, values in zip(motion.angle_names, motion.angles[:, 0].T, strict=True):
        here = np.isfinite(values)
        if not here.any():
            continue
        columns[name] = np.interp(motion.time_s, motion.time_s[here], values[here])
        if not here.all():
            columns[f"{name}{_SUFFIX}"] = here.astype(float)
    with target.open("w", encoding="ascii", newline="\n") as out:
        out.write(f"posture_angles\nversion=1\nnRows={len(motion.time_s)}\nnColumns={len(columns) + 1}\n")
        out.write(f"purpose={motion.purpose}\n" if motion.purpose else "")
        out.write("inDegrees=yes\nendheader\n" + "\t".join(["time", *columns]) + "\n")
        for time_s, row in zip(motion.time_s, zip(*columns.values(), strict=True), strict=False):
            out.write("\t".join([f"{time_s:.6f}", *(f"{value:.6g}" for value in row)]) + "\n")


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read a file: angles without keypoints; what was bridged is NaN again. `rate_hz` replaces its times.

    Raises ValueError, OSError.
    """
    lines = source.read_text(encoding="utf-8").splitlines()
    if "endheader" not in lines:
        raise ValueError("it has no line `endheader`")
    head = lines.index("endheader")
    if "inDegrees=yes" not in [line.replace(" ", "") for line in lines[:head]]:
        raise ValueError("its angles are not in degrees (inDegrees=yes)")
    names = lines[head + 1].split()
    table = np.array([[float(cell) for cell in line.split()] for line in lines[head + 2 :] if line.strip()], float)
    if not names or names[0] != "time" or (len(table) and table.shape[1] != len(names)):
        raise ValueError("its first column must be the time, and every row as long as the line of names")
    columns = dict(zip(names, table.reshape(-1, len(names)).T, strict=True))
    times = columns.pop("time")
    kept = {name: values.copy() for name, values in columns.items() if not name.endswith(_SUFFIX)}
    for name, values in kept.items():
        values[columns.get(f"{name}{_SUFFIX}", np.ones(len(values))) == 0] = np.nan
    shape = (len(times), 1)
    angles = np.array(list(kept.values())).T.reshape(*shape, len(kept))
    return Motion(
        frozen(times if rate_hz is None else np.arange(len(times)) / rate_hz), ("person-1",), (),
        np.empty((*shape, 0, 2)), np.empty((*shape, 0, 3)), np.empty((*shape, 0)), (0, 0), tuple(kept), frozen(angles),
    )  # fmt: skip
