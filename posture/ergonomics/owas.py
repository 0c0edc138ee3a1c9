"""OWAS after Karhu, Kansi and Kuorinka (1977): four digits and the action category of one posture.

OWAS is meant for many postures, sampled at intervals (`sampling`); one category alone is a worked detail, no result.

Its parts are categories, not angles; the cut-offs lie in `ScoreSettings`. Factors are those of `rula` and `reba`, and:

    left_arm_elevation_deg, right_arm_elevation_deg    of each upper arm against gravity
    left_knee_deg, right_knee_deg                      flexion of each knee
    back_twist_deg, back_side_deg                      of the trunk, either sign; or yes and no, as a person says it
"""

from posture.ergonomics.method_data import Cell, look_up, method_data
from posture.ergonomics.score_settings import PAPER, ScoreSettings
from posture.ergonomics.worksheet import Method, Part, PartRule, Term, Value, Values, Worksheet, fill_in, tabled
from posture.ergonomics.worksheet import part as part_of

NAME = "owas"
MEDIUM_KG, HEAVY_KG = 10.0, 20.0
"""Up to the first a load is light, up to the second medium."""
DISPUTED = {"4132": "owas_4132", "3373": "owas_3373"}
"""Codes whose category is a setting; the file has the default."""
AXES = method_data(NAME).tables["table"].axes


def _counts(angle: Value, limit_deg: float) -> bool:
    """Whether an angle, either way, reaches its limit; a person says so without an angle."""
    return angle if isinstance(angle, bool) else abs(float(angle)) >= limit_deg


def _back(values: Values, settings: ScoreSettings) -> Part:
    bent = abs(float(values["trunk_deg"])) >= settings.owas_back_bent_deg
    sideways = (values["back_twist_deg"], values["back_side_deg"])
    twisted = any(_counts(one, settings.owas_back_twisted_deg) for one in sideways)
    which = bent + 2 * twisted
    return part_of("back", [Term(("straight", "bent", "twisted", "bent_and_twisted")[which], 1 + which)])


def _arms(values: Values, settings: ScoreSettings) -> Part:
    raised = sum(
        float(values[f"{side}_arm_elevation_deg"]) >= settings.owas_arm_raised_deg for side in ("left", "right")
    )
    return part_of("arms", [Term(("both_below", "one_raised", "both_raised")[raised], 1 + raised)])


def _legs(values: Values, settings: ScoreSettings) -> Part:
    stance = str(values["stance"])
    bent = sum(float(values[f"{side}_knee_deg"]) >= settings.owas_knee_bent_deg for side in ("left", "right"))
    fixed = {"sitting": 1, "kneeling": 6, "walking": 7}
    if stance in fixed:
        return part_of("legs", [Term(stance, fixed[stance])])
    if stance == "one_leg":
        return part_of("legs", [Term("one_leg_bent", 5) if bent else Term("one_leg_straight", 3)])
    return part_of("legs", [(Term("straight", 2), Term("one_bent", 5), Term("both_bent", 4))[bent]])


def _load(values: Values, _: ScoreSettings) -> Part:
    kg = float(values["force_kg"])
    return part_of("load", [Term("load", 1 if kg <= MEDIUM_KG else 2 if kg <= HEAVY_KG else 3, f"{kg:g} kg")])


def category(position: dict[str, int], settings: ScoreSettings = PAPER) -> Cell:
    """The action category of a code, with the disputed cells as set."""
    cell = look_up(NAME, "table", position)
    name = DISPUTED.get("".join(str(at) for _, at in cell.index))
    if not name or getattr(settings, name) == getattr(PAPER, name):
        return cell
    return Cell(cell.table, cell.index, getattr(settings, name))


OWAS = Method(
    NAME,
    parts={
        "back": PartRule(("trunk_deg", "back_twist_deg", "back_side_deg"), _back),
        "arms": PartRule(("left_arm_elevation_deg", "right_arm_elevation_deg"), _arms),
        "legs": PartRule(("stance", "left_knee_deg", "right_knee_deg"), _legs),
        "load": PartRule(("force_kg",), _load),
    },
    steps={"category": tabled("category", AXES, lambda position, settings: category(dict(position), settings))},
    ordered=False,
)


def owas(values: Values, settings: ScoreSettings = PAPER) -> Worksheet:
    """Digits and action category, 1 to 4. Raises KeyError where a factor is missing."""
    return fill_in(OWAS, values, settings)


def code(worksheet: Worksheet) -> str:
    """The four digits."""
    return "".join(str(worksheet[axis]) for axis in AXES)
