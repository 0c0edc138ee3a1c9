"""What ISO 11226 asks for beside inclinations: at every moment met, not met, not judged, or beside the point.

    criterion        met where                                                                    told by
    trunk_twisted    the trunk is turned against the hips by less than `twist_deg` (a setting)    front, oblique
    trunk_side_bent  it leans to a side by less than `side_bend_deg`                              front, back
    neck_twisted     the head is turned against the shoulders by less than `twist_deg`            front, oblique, side
    neck_side_bent   it leans to a side, against the trunk, by less than `side_bend_deg`          front, back
    back_rounded     seated: the lower back is not convex                                         a person
    shoulder_raised  it is not                                                                    a person
    arm_awkward      the upper arm is not far back, across the body, or turned out to its end     a person
    knee_deg         seated: the interior angle of the knee is 90 to 135 degrees                  any view of the leg

The standard asks for a symmetric trunk and head and gives no angle; the limits are those from which RULA and REBA count
here, and are settings. What a person said goes before what was measured. A person sits where somebody said so, or where
`bouts` sees a stretch of it, which no squat is; a leg that is stretched out does not look like sitting, so a knee
beyond 135 degrees is judged only where somebody said "sitting".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, Array
from posture.ergonomics.bands import table
from posture.ergonomics.bouts import bouts, sitting
from posture.ergonomics.evidence import SIDES, Evidence
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.scoring import rows_of_segments
from posture.ergonomics.task import Task

MET, NOT_MET, NOT_JUDGED, BESIDE = range(4)
"""Codes of an outcome. `BESIDE`: the criterion is about sitting, and the person does not sit."""


@dataclass(frozen=True)
class Criterion:
    """One criterion, of one side where it has sides."""

    name: str
    """The factor of a task that says it."""
    measures: tuple[str, ...] = ()
    """The measurements that it rests on; none: no camera sees it."""
    side: str = ""
    seated: bool = False
    """Whether it is about sitting."""


CRITERIA: tuple[Criterion, ...] = (
    Criterion("trunk_twisted", ("trunk_twist_deg",)),
    Criterion("trunk_side_bent", ("trunk_side_bend_deg",)),
    Criterion("back_rounded", seated=True),
    Criterion("neck_twisted", ("head_yaw_deg",)),
    Criterion("neck_side_bent", ("head_tilt_deg", "trunk_side_bend_deg")),
    *(Criterion(name, side=side) for name in ("shoulder_raised", "arm_awkward") for side in SIDES),
    *(Criterion("knee_deg", (f"{side}_knee_flexion_deg",), side, seated=True) for side in SIDES),
)


@dataclass(frozen=True, eq=False)
class Judged:
    """A criterion over time."""

    criterion: Criterion
    outcome: NDArray[np.int8]
    """[T] codes."""
    measured: NDArray[np.bool_]
    """[T] whether a camera saw it."""
    said: NDArray[np.bool_]
    """[T] whether a person said it."""
    sitting_known: NDArray[np.bool_]
    """[T] whether it is known if the person sits; True for what is not about sitting."""


def judge(criterion: Criterion, evidence: Evidence, times_s: Array, durations_s: Array, task: Task) -> Judged:
    """The outcome at each moment. `times_s`, and for how long each stands: float64 [T], as long as the evidence."""
    seen, told = _seen(criterion, evidence), said_over_time(criterion.name, criterion.side, times_s, task)
    value = np.where(np.isnan(told), seen, told)
    outcome = np.where(np.isnan(value), NOT_JUDGED, np.where(_meets(criterion, value), MET, NOT_MET))
    known = np.ones(len(times_s), np.bool_)
    if criterion.seated:
        sits = seated(evidence, times_s, durations_s, task)
        known = np.isfinite(sits)
        outcome = np.where(known, np.where(sits == 1.0, outcome, BESIDE), NOT_JUDGED)
    return Judged(criterion, outcome.astype(np.int8), np.isfinite(seen), np.isfinite(told), known)


def limits(criterion: Criterion, settings: ScoreSettings) -> tuple[float, float] | None:
    """From and to which angle the criterion is met, degrees: of a seated knee the interior angle, edges included; of an
    asymmetry the angle either way, without its edges. None for what has no angle.
    """
    if criterion.name == "knee_deg":
        return table().seated_knee_interior_deg
    if not criterion.measures:
        return None
    limit = settings.twist_deg if criterion.name.endswith("_twisted") else settings.side_bend_deg
    return -limit, limit


def seated(evidence: Evidence, times_s: Array, durations_s: Array, task: Task) -> Array:
    """[T] 1 where the person sits, 0 where not (a squat is none), NaN where that is not known."""
    found = sitting(evidence.values[:, : len(MEASURE_NAMES)])
    long = np.zeros(len(times_s), np.bool_)
    for bout in bouts(times_s, durations_s, found):
        long |= (times_s >= bout.start_s) & (times_s < bout.end_s)
    found = np.where((found == 1.0) & ~long, 0.0, found)
    for rows, segment in rows_of_segments(times_s, task):
        if stances := task.said("left", segment).get("stance"):
            found[rows] = float("sitting" in stances)
    return found


def _seen(criterion: Criterion, evidence: Evidence) -> Array:
    """[T] what was measured: 1 and 0 for yes and no, degrees of flexion for a knee."""
    factor = f"{criterion.side}_knee_deg" if criterion.name == "knee_deg" else criterion.name
    column = evidence.column("rula", factor, criterion.side) if criterion.measures else None
    return np.full(len(evidence.values), np.nan) if column is None else column


def said_over_time(factor: str, side: str, times_s: Array, task: Task) -> Array:
    """[T] what a person said of a factor of a task, 1 and 0 for yes and no; NaN where nobody did."""
    found = np.full(len(times_s), np.nan)
    for rows, segment in rows_of_segments(times_s, task):
        if said := task.said(side or "left", segment).get(factor):
            found[rows] = float(said[0])
    return found


def _meets(criterion: Criterion, value: Array) -> NDArray[np.bool_]:
    if criterion.name != "knee_deg":
        return np.asarray(value == 0.0)
    least, most = table().seated_knee_interior_deg
    return np.asarray((180.0 - value >= least) & (180.0 - value <= most))
