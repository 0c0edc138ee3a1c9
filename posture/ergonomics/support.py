"""What full support of trunk, head and arms changes after ISO 11226. A person says it; no camera sees it.

    supported   makes acceptable
    trunk       a trunk that leans forward by 20 to 60 degrees, or backward
    head        a head, or a neck, that leans backward
    upper arm   an arm that is raised by 20 to 60 degrees, each side for itself

A head that leans forward by 25 to 85 degrees has a holding time of its own while the trunk is supported. While it is
not, the head is acceptable and the trunk's holding time counts, so that takes a trunk that was measured. Where nobody
said anything of support, the zones stay those of `bands`: unsupported, and with both holding times.
"""

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_INDEX, PARTS, Array, Zone
from posture.ergonomics.bands import PART_MEASURES, ZONES, band, table, zones_of
from posture.ergonomics.scoring import rows_of_segments
from posture.ergonomics.task import Task
from posture.ergonomics.worksheet import Value

SUPPORTS: frozenset[str] = frozenset(limits.support for limits in table().bands.values())
"""The factors of a task that say what is supported."""
_ACCEPTABLE, _CONDITIONAL, _WORSE = (
    ZONES.index(zone) for zone in (Zone.ACCEPTABLE, Zone.CONDITIONAL, Zone.NOT_RECOMMENDED)
)
Codes = NDArray[np.int16]


def says_support(task: Task) -> bool:
    """Whether anything is said of support, for any side or segment."""
    return not SUPPORTS.isdisjoint(task.factors_said)


def with_support(times_s: Array, values: Array, zones: Codes, task: Task) -> Codes:
    """[T, P] zones of `PARTS` with what `task` says; `zones`, codes of `ZONES`, are those by the angle alone.

    `times_s` float64 [T]; `values` [T, M] in the order of `MEASURE_NAMES`, NaN = not measurable.
    """
    judged = zones.copy()
    for rows, segment in rows_of_segments(times_s, task):
        for at, part in enumerate(PARTS):
            said = {name: values[0] for name, values in task.said(side_of(part), segment).items()}
            allowed = _allowed(part, values[rows], zones[rows, at], said)
            judged[rows[allowed], at] = _ACCEPTABLE
    return judged


def side_of(part: str) -> str:
    """The side of one of `PARTS`; what has no sides counts as left."""
    return "right" if part.startswith("right_") else "left"


def _allowed(part: str, values: Array, zones: Codes, said: dict[str, Value]) -> NDArray[np.bool_]:
    """[T] where support, or for the head that of the trunk, makes the part acceptable."""
    limits, conditional = band(part), zones == _CONDITIONAL
    if part == "head" and said.get("trunk_supported") is False:
        allowed = conditional & np.isfinite(values[:, MEASURE_INDEX[PART_MEASURES["trunk"]]])
    else:
        allowed = np.zeros(len(zones), np.bool_)
    if said.get(limits.support) is True:
        backward = (zones == _WORSE) & (values[:, MEASURE_INDEX[PART_MEASURES[part]]] < 0)
        for what, rows in (("conditional", conditional), ("backward", backward)):
            if what in limits.support_allows:
                allowed = allowed | rows
    return np.asarray(allowed)


def by_support(part: str, angles: Array, zones: Codes) -> NDArray[np.bool_]:
    """[T] where a part is acceptable that would not be by its angle alone; `zones` as `with_support` gave them."""
    return np.asarray((zones == _ACCEPTABLE) & (zones_of(part, angles) != _ACCEPTABLE) & np.isfinite(angles))
