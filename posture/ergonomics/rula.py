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

from posture.ergonomics.part_rules import angled, angled_part, cell_of, flag
from posture.ergonomics.score_settings import PAPER, ScoreSettings
from posture.ergonomics.worksheet import Method, Part, PartRule, Term, Values, Worksheet, fill_in, part, summed

NAME = "rula"
LIGHT_KG, HEAVY_KG = 2.0, 10.0
"""Below the first a load counts nothing; above the second it is heavy. 10 kg exactly are not."""


def _wrist_twist(values: Values, _: ScoreSettings) -> Part:
    return part("wrist_twist", [Term("mid_range", 1), flag("wrist_twisted", values)])


def _trunk(values: Values, settings: ScoreSettings) -> Part:
    """A trunk that is well supported while sitting, with the hips open to 90 degrees or more, scores like an upright
    one: with level thighs that is a trunk that does not lean forward.
    """
    supported = values["trunk_supported"] and float(values["trunk_deg"]) < settings.deadband_deg
    first = Term("trunk_supported", 1) if supported else None
    asymmetry = [flag("trunk_twisted", values), flag("trunk_side_bent", values)]
    return angled_part(NAME, "trunk", values, settings, asymmetry, first)


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


RULA = Method(
    NAME,
    parts={
        "upper_arm": angled(NAME, "upper_arm", {"shoulder_raised": 1, "abducted": 1, "arm_supported": -1}),
        "lower_arm": angled(
            NAME, "lower_arm", {"lower_arm_across": 1, "lower_arm_out": 1}, lambda s: s.rula_lower_arm_adds == "one"
        ),
        "wrist": angled(NAME, "wrist", {"wrist_deviated": 1}),
        "wrist_twist": PartRule(("wrist_twisted",), _wrist_twist),
        "neck": angled(NAME, "neck", {"neck_twisted": 1, "neck_side_bent": 1}),
        "trunk": PartRule(("trunk_deg", "trunk_supported", "trunk_twisted", "trunk_side_bent"), _trunk),
        "legs": PartRule(("legs_supported",), _legs),
        "arm_muscle": _muscle("arm"),
        "body_muscle": _muscle("body"),
        "force": PartRule(("force_kg", "force_pattern"), force),
    },
    steps={
        "table_a": cell_of(NAME, "table_a"),
        "arm_wrist": summed("arm_wrist", ("table_a", "arm_muscle", "force")),
        "table_b": cell_of(NAME, "table_b"),
        "neck_trunk_leg": summed("neck_trunk_leg", ("table_b", "body_muscle", "force")),
        "grand": cell_of(NAME, "table_c", "grand"),
    },
    shared=("force",),
)


def rula(values: Values, settings: ScoreSettings = PAPER) -> Worksheet:
    """The RULA score, 1 to 7, of one side. Raises KeyError where a factor is missing."""
    return fill_in(RULA, values, settings)
