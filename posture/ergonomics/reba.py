"""REBA after Hignett and McAtamney (2000), one side of the body: from named factors to a score that unfolds.

Factors are those of `rula`, and:

    knee_deg           flexion of the knee that is bent more
    stance             "sitting", "walking", "both_legs", "one_leg" or "kneeling"
    coupling           "good", "fair", "poor" or "unacceptable"
    arm_static, body_static, arm_repeated, body_repeated    of this side, and of neck, trunk and legs
    rapid_change       rapid large changes of posture, or an unstable base

The paper gives the upper arm its point for "abducted or rotated" and takes it for "supported, leaning or helped by
gravity"; the wrist has one point for "deviated or twisted".
"""

from collections.abc import Mapping

from posture.ergonomics.method_data import Cell, look_up, method_data
from posture.ergonomics.rula import band, flag
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

NAME = "reba"
LIGHT_KG, HEAVY_KG = 5.0, 10.0
"""Below the first a load counts nothing, above the second 2; between them, edges included, 1."""
COUPLING = {"good": 0, "fair": 1, "poor": 2, "unacceptable": 3}


def _either(values: Values, settings: ScoreSettings, names: tuple[str, str]) -> list[Term]:
    first, second = (flag(name, values) for name in names)
    if settings.reba_twist_and_side == "one" and first.points:
        second = Term(names[1], 0)
    return [first, second]


def _neck(values: Values, settings: ScoreSettings) -> Part:
    terms = [band(NAME, "neck", float(values["neck_deg"]), settings)]
    terms += _either(values, settings, ("neck_twisted", "neck_side_bent"))
    return part("neck", terms, method_data(NAME).clamps["neck"])


def _trunk(values: Values, settings: ScoreSettings) -> Part:
    terms = [band(NAME, "trunk", float(values["trunk_deg"]), settings)]
    terms += _either(values, settings, ("trunk_twisted", "trunk_side_bent"))
    return part("trunk", terms, method_data(NAME).clamps["trunk"])


def _legs(values: Values, settings: ScoreSettings) -> Part:
    stance = str(values["stance"])
    terms = [Term(stance, 2 if stance == "one_leg" else 1)]
    if stance != "sitting":
        bent = band(NAME, "knee", float(values["knee_deg"]), settings)
        terms.append(Term("knee", bent.points, bent.detail))
    return part("legs", terms, method_data(NAME).clamps["legs"])


def _upper_arm(values: Values, settings: ScoreSettings) -> Part:
    terms = [
        band(NAME, "upper_arm", float(values["upper_arm_deg"]), settings),
        flag("abducted", values),
        flag("shoulder_raised", values),
        flag("arm_supported", values, -1),
    ]
    return part("upper_arm", terms, method_data(NAME).clamps["upper_arm"])


def _lower_arm(values: Values, settings: ScoreSettings) -> Part:
    return part("lower_arm", [band(NAME, "lower_arm", float(values["lower_arm_deg"]), settings)])


def _wrist(values: Values, settings: ScoreSettings) -> Part:
    deviated, twisted = flag("wrist_deviated", values), flag("wrist_twisted", values)
    other = Term("wrist_twisted", 0) if deviated.points else twisted
    terms = [band(NAME, "wrist", float(values["wrist_deg"]), settings), deviated, other]
    return part("wrist", terms, method_data(NAME).clamps["wrist"])


def _load(values: Values, _: ScoreSettings) -> Part:
    kg = float(values["force_kg"])
    if not kg >= 0:
        raise ValueError(f"no load: {kg:g} kg")
    points = 0 if kg < LIGHT_KG else 1 if kg <= HEAVY_KG else 2
    return part("load", [Term("load", points, f"{kg:g} kg"), Term("shock", int(values["force_pattern"] == "shock"))])


def _coupling(values: Values, _: ScoreSettings) -> Part:
    return part("coupling", [Term(str(values["coupling"]), COUPLING[str(values["coupling"])])])


def _activity(values: Values, _: ScoreSettings) -> Part:
    static = bool(values["arm_static"]) or bool(values["body_static"])
    repeated = bool(values["arm_repeated"]) or bool(values["body_repeated"])
    terms = [Term("static", int(static)), Term("repeated", int(repeated)), flag("rapid_change", values)]
    return part("activity", terms)


def _cell(table: str) -> StepRule:
    def cell(position: Mapping[str, int], _: ScoreSettings) -> Cell:
        return look_up(NAME, table, position)

    return tabled(table, method_data(NAME).tables[table].axes, cell)


REBA = Method(
    NAME,
    parts={
        "neck": PartRule(("neck_deg", "neck_twisted", "neck_side_bent"), _neck),
        "trunk": PartRule(("trunk_deg", "trunk_twisted", "trunk_side_bent"), _trunk),
        "legs": PartRule(("stance", "knee_deg"), _legs),
        "load": PartRule(("force_kg", "force_pattern"), _load),
        "upper_arm": PartRule(("upper_arm_deg", "abducted", "shoulder_raised", "arm_supported"), _upper_arm),
        "lower_arm": PartRule(("lower_arm_deg",), _lower_arm),
        "wrist": PartRule(("wrist_deg", "wrist_deviated", "wrist_twisted"), _wrist),
        "coupling": PartRule(("coupling",), _coupling),
        "activity": PartRule(("arm_static", "body_static", "arm_repeated", "body_repeated", "rapid_change"), _activity),
    },
    steps={
        "table_a": _cell("table_a"),
        "score_a": summed("score_a", ("table_a", "load")),
        "table_b": _cell("table_b"),
        "score_b": summed("score_b", ("table_b", "coupling")),
        "table_c": _cell("table_c"),
        "reba": summed("reba", ("table_c", "activity")),
    },
)


def reba(values: Values, settings: ScoreSettings = PAPER) -> Worksheet:
    """The REBA score, 1 to 15, of one side. Raises KeyError where a factor is missing."""
    return fill_in(REBA, values, settings)
