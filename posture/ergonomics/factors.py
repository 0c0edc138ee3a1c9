"""The inputs of the methods: what each may be, where a value came from, and which a camera can measure.

A factor that nobody measured or entered may have any of its possible values; then the score is an interval. Of an
angle one value within each band stands for all angles in it, so that going through the possible values is exact.
"""

from dataclasses import dataclass
from enum import StrEnum

from posture.ergonomics.method_data import method_data, scale
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.worksheet import Value


class Origin(StrEnum):
    """Where the value of a factor comes from."""

    MEASURED = "measured"
    """Seen in this view with enough confidence."""
    ASSUMED = "assumed"
    """Neither measured nor entered: every possible value is gone through."""
    ENTERED = "entered"
    """Said by a person about something that was not measured."""
    OVERRIDDEN = "overridden"
    """Said by a person instead of what was measured."""


@dataclass(frozen=True)
class Factor:
    """One factor at one moment."""

    name: str
    values: tuple[Value, ...]
    """The value, or all that are possible."""
    origin: Origin


CHOICES: dict[str, tuple[str, ...]] = {
    "coupling": ("good", "fair", "poor", "unacceptable"),
    "force_pattern": ("intermittent", "static_or_repeated", "shock"),
    "stance": ("sitting", "both_legs", "one_leg", "walking", "kneeling"),
}
WEIGHTS_KG = (1.0, 3.0, 7.0, 15.0, 25.0)
"""One weight between each two of the limits of all methods: 2, 5, 10 and 20 kg."""

SCALE_OF = {
    "upper_arm_deg": "upper_arm",
    "lower_arm_deg": "lower_arm",
    "wrist_deg": "wrist",
    "neck_deg": "neck",
    "trunk_deg": "trunk",
    "knee_deg": "knee",
}
"""Factors whose points come from a scale of the method."""

SIDE_FACTORS = frozenset(
    {
        "upper_arm_deg",
        "lower_arm_deg",
        "wrist_deg",
        "shoulder_raised",
        "arm_awkward",
        "abducted",
        "arm_supported",
        "lower_arm_across",
        "lower_arm_out",
        "wrist_deviated",
        "wrist_twisted",
        "arm_static",
        "arm_repeated",
    }
)
"""Factors that each side of the body has its own value of."""
FROM_CAMERA = frozenset(
    {
        *SCALE_OF,
        "trunk_twisted",
        "trunk_side_bent",
        "neck_twisted",
        "neck_side_bent",
        "abducted",
        "left_arm_elevation_deg",
        "right_arm_elevation_deg",
        "left_knee_deg",
        "right_knee_deg",
        "back_twist_deg",
        "back_side_deg",
        "arm_static",
        "arm_repeated",
        "body_static",
        "body_repeated",
    }
) - {"wrist_deg"}
"""Factors that a camera can measure in some view. The wrist is none of them: where the hand lies is too uncertain."""


def owas_limit(name: str, settings: ScoreSettings) -> float | None:
    """From which size on an angle counts in OWAS; None where `name` is no angle of OWAS alone."""
    if name.endswith("arm_elevation_deg"):
        return settings.owas_arm_raised_deg
    if name in ("left_knee_deg", "right_knee_deg"):
        return settings.owas_knee_bent_deg
    return settings.owas_back_twisted_deg if name.startswith("back_") else None


def possible_values(method: str, name: str, settings: ScoreSettings) -> tuple[Value, ...]:
    """Every value that makes a difference in `method`, when nothing is known about the factor."""
    if name in CHOICES:
        return CHOICES[name]
    if name == "force_kg":
        return WEIGHTS_KG
    if name in SCALE_OF and SCALE_OF[name] in method_data(method).scales:
        return scale(method, SCALE_OF[name], settings).inside
    if name.endswith("_deg"):  # OWAS: below and above its one limit
        limit = owas_limit(name, settings)
        return (0.0, settings.owas_back_bent_deg if limit is None else limit)
    return (False, True)
