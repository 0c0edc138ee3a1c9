"""C3D: markers of all people over time, binary, as motion laboratories keep it; through ezc3d (extra `c3d`).

Millimetres, y up (`axes.py`; POINT:X_SCREEN and Y_SCREEN say so), origin between the hips in every frame. A missing
marker has the residual -1. The format has a rate and no times: where ours are uneven, the markers are interpolated to
the even times of that rate, and nothing is made up in a gap longer than `LONGEST_GAP` frames. Several people stand
beside each other as PERSON:MARKER.
"""

from pathlib import Path

import numpy as np

from posture.interchange.axes import y_up
from posture.interchange.evenly import evenly
from posture.interchange.motion import Dense, Motion, new_motion

_MM = {"mm": 0.001, "cm": 0.01, "m": 1.0}


def write(motion: Motion, target: Path) -> None:
    """Write the file `target`."""
    import ezc3d

    purpose, motion = motion.purpose, evenly(motion)
    several = len(motion.people) > 1
    labels = [f"{person}:{name}" if several else name for person in motion.people for name in motion.names]
    frames = len(motion.time_s)
    points = y_up(motion.world_m).reshape(frames, len(labels), 3) * 1000
    file = ezc3d.c3d()
    point = file["parameters"]["POINT"]
    point["RATE"]["value"] = [motion.rate_hz]
    point["LABELS"]["value"] = labels
    point["UNITS"]["value"] = ["mm"]
    for name, axis in (("X_SCREEN", "+X"), ("Y_SCREEN", "+Y")):
        file.add_parameter("POINT", name, [axis])
    if purpose:
        file.add_parameter("POSTURE", "PURPOSE", [purpose])
    here = ~np.isnan(points[..., 0].T[None])  # [1, markers, frames]
    file["data"]["points"] = np.concatenate([points.T, np.ones((1, len(labels), frames))])
    file["data"]["meta_points"]["residuals"] = np.where(here, 0.0, -1.0)
    file["data"]["meta_points"]["camera_masks"] = np.zeros((7, len(labels), frames), bool)
    file.write(str(target))


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read a file; `rate_hz` replaces its rate. Raises ValueError, OSError."""
    import ezc3d

    try:
        file = ezc3d.c3d(str(source))
    except RuntimeError as exc:
        raise ValueError(str(exc)) from exc
    point = file["parameters"]["POINT"]
    labels = [str(label) for label in point["LABELS"]["value"]]
    unit = str((point["UNITS"]["value"] or ["mm"])[0]).strip()
    if unit not in _MM:
        raise ValueError(f"its unit is {unit!r}, and m, cm and mm are known")
    rate = rate_hz or float(point["RATE"]["value"][0])
    if not rate > 0:
        raise ValueError("it names no rate: give the frame rate with --frame-rate")
    points: Dense = np.array(file["data"]["points"][:3], float).T * _MM[unit]
    points[np.array(file["data"]["meta_points"]["residuals"])[0].T < 0] = np.nan
    people, names, placed = _apart(labels[: points.shape[1]], points)
    return new_motion(np.arange(len(placed)) / rate, people, names, world_m=y_up(placed))


def _apart(labels: list[str], points: Dense) -> tuple[list[str], list[str], Dense]:
    """People and markers of the labels, and the points [F, L, 3] as [F, P, K, 3]."""
    split = [label.rpartition(":")[::2] for label in labels]
    people = list(dict.fromkeys(person or "person-1" for person, _ in split))
    names = list(dict.fromkeys(name for _, name in split))
    placed = np.full((len(points), len(people), len(names), 3), np.nan)
    for column, (person, name) in enumerate(split):
        placed[:, people.index(person or "person-1"), names.index(name)] = points[:, column]
    return people, names, placed
