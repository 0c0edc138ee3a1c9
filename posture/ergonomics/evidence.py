"""What the camera says about the factors: one column each, over all moments of one person.

    factor                     from                                           yes from on
    trunk_deg                  trunk inclination
    neck_deg                   neck flexion
    upper_arm_deg              upper arm flexion of the side
    lower_arm_deg              elbow flexion of the side
    knee_deg                   the knee that is bent more; both must be seen, unless one is bent beyond 60 degrees
    trunk_twisted              trunk twist, either way                        twist_deg
    trunk_side_bent            trunk side bend, either way                    side_bend_deg
    neck_twisted               head yaw against the shoulders, either way     twist_deg
    neck_side_bent             head tilt less trunk side bend, either way     side_bend_deg
    abducted                   upper arm abduction                            abduction_deg
    arm_static, arm_repeated   upper arm and elbow of the side (`activity`)
    body_static, body_repeated trunk, head and neck

NaN is "not measured", and so are answers that cannot be known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_INDEX, Array
from posture.ergonomics.activity import NO, YES, Answers, any_of, repeated_answers, static_answers
from posture.ergonomics.method_data import method_data
from posture.ergonomics.score_settings import ScoreSettings

SIDES = ("left", "right")
BENT_KNEE_DEG = 60.0
"""Above this a knee has all the points that REBA gives, whatever the other one does."""
BODY_MEASURES = ("trunk_inclination_deg", "head_inclination_deg", "neck_flexion_deg")
ARM_MEASURES = ("upper_arm_elevation_deg", "elbow_flexion_deg")


def static_after_s(method: str, settings: ScoreSettings) -> float:
    """From how many seconds on a method calls a posture static; infinite where it has no such rule."""
    after = method_data(method).static_after_min
    if method == "rula":
        return 60.0 * after[settings.rula_static_min]
    return 60.0 * next(iter(after.values()), np.inf)


@dataclass(frozen=True, eq=False)
class Activity:
    """Answers about muscle use of one person, [T] each."""

    static: dict[tuple[str, float], Answers]
    """By "left", "right" or "body", and the seconds after which a posture is static."""
    repeated: dict[str, Answers]

    def at(self, rows: NDArray[np.int64]) -> "Activity":
        """At some of the moments."""
        return Activity({k: v[rows] for k, v in self.static.items()}, {k: v[rows] for k, v in self.repeated.items()})


def find_activity(times_s: Array, values: Array, settings: ScoreSettings) -> Activity:
    """`times_s` [T]; `values` [T, M] in the order of `MEASURE_NAMES`."""
    limits = {static_after_s(method, settings) for method in ("rula", "reba")}
    static: dict[tuple[str, float], Answers] = {}
    repeated: dict[str, Answers] = {}
    for who in (*SIDES, "body"):
        names = BODY_MEASURES if who == "body" else tuple(f"{who}_{name}" for name in ARM_MEASURES)
        columns = [values[:, MEASURE_INDEX[name]] for name in names]
        repeated[who] = any_of([repeated_answers(times_s, column) for column in columns])
        for limit in limits:
            static[who, limit] = any_of([static_answers(times_s, column, limit) for column in columns])
    return Activity(static, repeated)


@dataclass(frozen=True, eq=False)
class Evidence:
    """The columns of one person."""

    values: Array
    """[T, M] in the order of `MEASURE_NAMES`; NaN = not measurable."""
    activity: Activity
    settings: ScoreSettings

    def measure(self, name: str) -> Array:
        """[T] one measurement."""
        return self.values[:, MEASURE_INDEX[name]]

    def column(self, method: str, factor: str, side: str) -> Array | None:
        """[T] what was measured of a factor, 1 and 0 for yes and no; None where no camera measures it."""
        if factor.endswith(("_static", "_repeated")):
            return self._muscle(method, factor, side)
        make = _COLUMNS.get(factor)
        return None if make is None else make(self, side)

    def _muscle(self, method: str, factor: str, side: str) -> Array:
        who = side if factor.startswith("arm_") else "body"
        static = factor.endswith("_static")
        after_s = static_after_s(method, self.settings) if static else 0.0
        answers = self.activity.static[who, after_s] if static else self.activity.repeated[who]
        return np.where(answers == YES, 1.0, np.where(answers == NO, 0.0, np.nan))

    @cached_property
    def knees(self) -> Array:
        """[T] the knee that is bent more."""
        both = np.stack([self.measure("left_knee_flexion_deg"), self.measure("right_knee_flexion_deg")])
        seen = np.isfinite(both)
        most = np.where(seen, both, -np.inf).max(axis=0)
        return np.asarray(np.where(seen.all(axis=0) | (most > BENT_KNEE_DEG), most, np.nan))

    def beyond(self, angles: Array, limit_deg: float) -> Array:
        """[T] 1 where an angle is at least as large as the limit, 0 where not, NaN where it was not measured."""
        return np.asarray(np.where(np.isnan(angles), np.nan, angles >= limit_deg))


Make = Callable[[Evidence, str], Array]


def _angle(name: str) -> Make:
    return lambda seen, side: seen.measure(name.replace("?", side))


_COLUMNS: dict[str, Make] = {
    "trunk_deg": _angle("trunk_inclination_deg"),
    "neck_deg": _angle("neck_flexion_deg"),
    "upper_arm_deg": _angle("?_upper_arm_flexion_deg"),
    "lower_arm_deg": _angle("?_elbow_flexion_deg"),
    "knee_deg": lambda seen, _: seen.knees,
    "trunk_twisted": lambda seen, _: seen.beyond(np.abs(seen.measure("trunk_twist_deg")), seen.settings.twist_deg),
    "trunk_side_bent": lambda seen, _: seen.beyond(
        np.abs(seen.measure("trunk_side_bend_deg")), seen.settings.side_bend_deg
    ),
    "neck_twisted": lambda seen, _: seen.beyond(np.abs(seen.measure("head_yaw_deg")), seen.settings.twist_deg),
    "neck_side_bent": lambda seen, _: seen.beyond(
        np.abs(seen.measure("head_tilt_deg") - seen.measure("trunk_side_bend_deg")), seen.settings.side_bend_deg
    ),
    "abducted": lambda seen, side: seen.beyond(
        seen.measure(f"{side}_upper_arm_abduction_deg"), seen.settings.abduction_deg
    ),
    "left_arm_elevation_deg": _angle("left_upper_arm_elevation_deg"),
    "right_arm_elevation_deg": _angle("right_upper_arm_elevation_deg"),
    "left_knee_deg": _angle("left_knee_flexion_deg"),
    "right_knee_deg": _angle("right_knee_flexion_deg"),
    "back_twist_deg": _angle("trunk_twist_deg"),
    "back_side_deg": _angle("trunk_side_bend_deg"),
}
