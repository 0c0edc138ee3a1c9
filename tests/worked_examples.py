"""The factors of RULA and REBA from the short names of the worked examples."""

from collections.abc import Mapping
from typing import Any

from posture.ergonomics.reba import REBA
from posture.ergonomics.rula import RULA
from posture.ergonomics.worksheet import Value

NAMES = {
    "upper_arm": "upper_arm_deg",
    "lower_arm": "lower_arm_deg",
    "wrist": "wrist_deg",
    "neck": "neck_deg",
    "trunk": "trunk_deg",
    "neck_side": "neck_side_bent",
    "trunk_side": "trunk_side_bent",
    "wrist_twist_end": "wrist_twisted",
    "wrist_dev_or_twist": "wrist_deviated",
    "across_midline_or_out": "lower_arm_across",
}
NEUTRAL: dict[str, Value] = dict.fromkeys(RULA.factors + REBA.factors, False) | {
    "legs_supported": True,
    "force_kg": 0.0,
    "force_pattern": "intermittent",
    "coupling": "good",
    "stance": "both_legs",
    "knee_deg": 0.0,
}
FORCE = {0: (0.0, "intermittent"), 1: (5.0, "intermittent"), 2: (5.0, "static_or_repeated"), 3: (0.0, "shock")}


def from_angles(inputs: Mapping[str, Any]) -> dict[str, Value]:
    """The factors of an example that gives angles."""
    values = dict(NEUTRAL)
    for key, value in inputs.items():
        if key == "muscle":
            values |= {"arm_static": bool(value), "body_static": bool(value)}
        elif key == "force":
            values["force_kg"], values["force_pattern"] = FORCE[value]
        else:
            name = NAMES.get(key, key)
            values[name] = float(value) if name.endswith("_deg") else bool(value)
    return values
