"""Single frames that a person should look at: the worst moments, spread over the recording, and a typical one."""

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, PARTS, Zone
from posture.ergonomics.iso11226 import PART_MEASURES
from posture.reports.schema import Moment
from posture.reports.table import REASONS, VIEWS, ZONES, Person, Table

WORST = 7
"""Most worst moments that are shown."""
SLOT_S = 1.0
"""Moments are ranked by the mean over a second, so that one bad estimate is no worst moment."""
APART_S = 5.0
APART_SHARE = 1 / 24
"""Two moments are at least this long, or this share of the time in view, apart."""

ALIKE = 2
"""Most worst moments with every part in the same zone: the next ones would show nothing new."""

_WEIGHT = {Zone.ACCEPTABLE: 0.0, Zone.CONDITIONAL: 1.0, Zone.NOT_RECOMMENDED: 3.0, Zone.UNKNOWN: 0.0}
"""How much a part adds to the rank of a moment: one part not recommended comes before two conditional ones."""
_ANGLE_WEIGHT = 0.001  # per degree: decides between moments in the same zones
_MIN_RANK = 0.9  # below: for most of the second no part was outside the acceptable zone


def moments(table: Table, person: Person) -> tuple[Moment, ...]:
    """The worst moments in the order of time, then the typical one."""
    worst, typical = worst_rows(person), _typical_row(person)
    shown = [_moment(table, person, row, "worst") for row in worst]
    if typical is not None and typical not in worst:  # of a still picture both are the same
        shown.append(_moment(table, person, typical, "typical"))
    return tuple(shown)


def worst_rows(person: Person) -> list[int]:
    """Rows of the worst moments, in the order of time."""
    rank = _ranks(person)
    which, mean = slot_means(person.time_s, person.duration_s, rank, SLOT_S)
    apart_s = max(APART_S, APART_SHARE * float(person.time_s[-1] - person.time_s[0]))
    chosen: list[int] = []
    for slot in np.argsort(-mean, kind="stable"):
        if len(chosen) == WORST or mean[slot] < _MIN_RANK:
            break
        row = nearest(rank, np.flatnonzero(which == slot), mean[slot])
        near = any(abs(person.time_s[row] - person.time_s[other]) < apart_s for other in chosen)
        alike = sum((person.zones[row] == person.zones[other]).all() for other in chosen)
        if not near and alike < ALIKE:
            chosen.append(row)
    return sorted(chosen)


def _ranks(person: Person) -> NDArray[np.float64]:
    zones = np.array([_WEIGHT[zone] for zone in ZONES])[person.zones].sum(axis=1)
    angles = np.column_stack([person.value(name) for name in PART_MEASURES.values()])
    return np.asarray(zones + _ANGLE_WEIGHT * np.nansum(np.abs(angles), axis=1))


def slot_means(
    time_s: NDArray[np.float64], duration_s: NDArray[np.float64], rank: NDArray[np.float64], slot_s: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """[N] which slot of `slot_s` seconds each row lies in, and [slots] the mean of `rank` in each, in order of time."""
    _, which = np.unique(np.floor(time_s / slot_s).astype(np.int64), return_inverse=True)
    weight = np.maximum(duration_s, 1e-6)  # a single frame stands for no time
    return which, np.bincount(which, rank * weight) / np.bincount(which, weight)


def nearest(rank: NDArray[np.float64], rows: NDArray[np.int64], mean: float) -> int:
    """The one of `rows` whose rank is nearest to a mean."""
    return int(rows[np.argmin(np.abs(rank[rows] - mean))])


def _typical_row(person: Person) -> int | None:
    """The row nearest to the median of all deciding angles; None where none was ever measured."""
    angles = np.column_stack([person.value(name) for name in PART_MEASURES.values()])
    known = np.isfinite(angles).any(axis=0)
    if not known.any():
        return None
    angles = angles[:, known]
    distance = np.abs(angles - np.nanmedian(angles, axis=0))
    far = 90.0  # degrees: a frame where a usual angle is missing is not typical
    return int(np.argmin(np.nan_to_num(distance, nan=far).sum(axis=1)))


def _moment(table: Table, person: Person, row: int, kind: str) -> Moment:
    values = {name: _number(person.values[row, i], name) for i, name in enumerate(MEASURE_NAMES)}
    missing = [i for i, name in enumerate(MEASURE_NAMES) if values[name] is None]
    points = table.keypoints(int(person.rows[row]))
    return Moment(
        kind="worst" if kind == "worst" else "typical",
        time_s=float(person.time_s[row]),
        frame_index=int(table.frames[person.frames[row], 0]),
        view=VIEWS[person.views[row]].value,
        zones={part: ZONES[person.zones[row, i]].value for i, part in enumerate(PARTS)},
        values=values,
        reasons={MEASURE_NAMES[i]: REASONS[person.reasons[row, i]].value for i in missing},
        keypoints=tuple((_rounded(x, 1), _rounded(y, 1), _rounded(v, 4)) for x, y, v in points.tolist()),
    )


def _number(value: float, name: str) -> float | None:
    return _rounded(value, 2 if name.endswith("_deg") else 4)


def _rounded(value: float, decimals: int) -> float | None:
    return round(float(value), decimals) if np.isfinite(value) else None
