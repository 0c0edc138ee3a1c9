"""RULA after McAtamney and Corlett (1993), one side of the body: from named factors to a score that unfolds.

Angles are degrees with the signs of `measure`; the upper arm is taken against the trunk, and so is the neck. What the
paper leaves open is decided by `ScoreSettings`; bands and tables lie in `rula.json`.

    factor                     meaning
    upper_arm_deg              of the upper arm against the trunk, forward +, backward -
    lower_arm_deg              elbow flexion, straight = 0
    wrist_deg                  flexion or extension, 0 = neutral
    neck_deg, trunk_deg        flexion +, extension -; neck against the trunk, trunk against gravity
    shoulder_raised, abducted, arm_supported, lower_arm_across, lower_arm_out, wrist_deviated, wrist_twisted,
    neck_twisted, neck_side_bent, trunk_twisted, trunk_side_bent, trunk_supported, legs_supported    yes or no
    arm_static, arm_repeated, body_static, body_repeated    muscle use of the arm, and of neck, trunk and legs
    force_kg, force_pattern    "intermittent", "static_or_repeated" or "shock"
"""

from collections.abc import Mapping

from posture.ergonomics.method_data import Cell, look_up, method_data, scale
from posture.ergonomics.score_settings import PAPER, ScoreSettings
from posture.ergonomics.worksheet import (
    Method,
    Part,
    PartRule,
    StepRule,
    Term,
    Values,
    Worksheet,
    fill_in,
    part,
    summed,
    tabled,
)

NAME = "rula"
LIGHT_KG, HEAVY_KG = 2.0, 10.0
"""Below the first a load counts nothing; above the second it is heavy. 10 kg exactly are not."""


def band(method: str, name: str, angle: float, settings: ScoreSettings) -> Term:
    """The points of an angle."""
    bands = scale(method, name, settings)
    at = bands.band(angle)
    low = f"{bands.bounds[at - 1]:g}°" if at else ""
    high = f"{bands.bounds[at]:g}°" if at < len(bands.bounds) else ""
    detail = f"{low} to {high}" if low and high else f"above {low}" if low else f"below {high}"
    return Term("band", bands.scores[at], detail)


def flag(name: str, values: Values, points: int = 1) -> Term:
    """Points for a yes."""
    return Term(name, points if values[name] else 0)


def _upper_arm(values: Values, settings: ScoreSettings) -> Part:
    terms = [
        band(NAME, "upper_arm", float(values["upper_arm_deg"]), settings),
        flag("shoulder_raised", values),
        flag("abducted", values),
        flag("arm_supported", values, -1),
    ]
    return part("upper_arm", terms, method_data(NAME).clamps["upper_arm"])


def _lower_arm(values: Values, settings: ScoreSettings) -> Part:
    across, out = flag("lower_arm_across", values), flag("lower_arm_out", values)
    if settings.rula_lower_arm_adds == "one" and across.points:
        out = Term("lower_arm_out", 0)
    terms = [band(NAME, "lower_arm", float(values["lower_arm_deg"]), settings), across, out]
    return part("lower_arm", terms, method_data(NAME).clamps["lower_arm"])


def _wrist(values: Values, settings: ScoreSettings) -> Part:
    terms = [band(NAME, "wrist", float(values["wrist_deg"]), settings), flag("wrist_deviated", values)]
    return part("wrist", terms, method_data(NAME).clamps["wrist"])


def _wrist_twist(values: Values, _: ScoreSettings) -> Part:
    return part("wrist_twist", [Term("mid_range", 1), flag("wrist_twisted", values)])


def _neck(values: Values, settings: ScoreSettings) -> Part:
    terms = [
        band(NAME, "neck", float(values["neck_deg"]), settings),
        flag("neck_twisted", values),
        flag("neck_side_bent", values),
    ]
    return part("neck", terms, method_data(NAME).clamps["neck"])


def _trunk(values: Values, settings: ScoreSettings) -> Part:
    """A trunk that is well supported while sitting, with the hips open to 90 degrees or more, scores like an upright
    one: with level thighs that is a trunk that does not lean forward.
    """
    angle = float(values["trunk_deg"])
    first = band(NAME, "trunk", angle, settings)
    if values["trunk_supported"] and angle < settings.deadband_deg:
        first = Term("trunk_supported", 1)
    terms = [first, flag("trunk_twisted", values), flag("trunk_side_bent", values)]
    return part("trunk", terms, method_data(NAME).clamps["trunk"])


def _legs(values: Values, _: ScoreSettings) -> Part:
    return part("legs", [Term("supported", 1) if values["legs_supported"] else Term("not_supported", 2)])


def _muscle(who: str) -> PartRule:
    def score(values: Values, _: ScoreSettings) -> Part:
        used = bool(values[f"{who}_static"]), bool(values[f"{who}_repeated"])
        name = "repeated" if used[1] and not used[0] else "static"
        return part(f"{who}_muscle", [Term(name, int(any(used)))])

    return PartRule((f"{who}_static", f"{who}_repeated"), score)


def force(values: Values, settings: ScoreSettings) -> Part:
    """Points for force or load. Raises ValueError for an unknown pattern or a weight below 0."""
    kg, pattern = float(values["force_kg"]), values["force_pattern"]
    if pattern not in ("intermittent", "static_or_repeated", "shock") or not kg >= 0:
        raise ValueError(f"no force: {kg:g} kg, {pattern}")
    if pattern == "shock":
        points = 3
    elif kg < LIGHT_KG:
        points = 0
    elif kg <= HEAVY_KG:
        points = 1 if pattern == "intermittent" else 2
    else:
        points = settings.rula_force_over_10kg_intermittent if pattern == "intermittent" else 3
    return part("force", [Term(str(pattern), points, f"{kg:g} kg")])


def _cell(table: str) -> StepRule:
    axes = method_data(NAME).tables[table].axes

    def cell(position: Mapping[str, int], _: ScoreSettings) -> Cell:
        return look_up(NAME, table, position)

    return tabled("grand" if table == "table_c" else table, axes, cell)


RULA = Method(
    NAME,
    parts={
        "upper_arm": PartRule(("upper_arm_deg", "shoulder_raised", "abducted", "arm_supported"), _upper_arm),
        "lower_arm": PartRule(("lower_arm_deg", "lower_arm_across", "lower_arm_out"), _lower_arm),
        "wrist": PartRule(("wrist_deg", "wrist_deviated"), _wrist),
        "wrist_twist": PartRule(("wrist_twisted",), _wrist_twist),
        "neck": PartRule(("neck_deg", "neck_twisted", "neck_side_bent"), _neck),
        "trunk": PartRule(("trunk_deg", "trunk_supported", "trunk_twisted", "trunk_side_bent"), _trunk),
        "legs": PartRule(("legs_supported",), _legs),
        "arm_muscle": _muscle("arm"),
        "body_muscle": _muscle("body"),
        "force": PartRule(("force_kg", "force_pattern"), force),
    },
    steps={
        "table_a": _cell("table_a"),
        "arm_wrist": summed("arm_wrist", ("table_a", "arm_muscle", "force")),
        "table_b": _cell("table_b"),
        "neck_trunk_leg": summed("neck_trunk_leg", ("table_b", "body_muscle", "force")),
        "grand": _cell("table_c"),
    },
    shared=("force",),
)


def rula(values: Values, settings: ScoreSettings = PAPER) -> Worksheet:
    """The RULA score, 1 to 7, of one side. Raises KeyError where a factor is missing."""
    return fill_in(RULA, values, settings)
