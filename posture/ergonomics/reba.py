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

from posture.ergonomics.method_data import method_data
from posture.ergonomics.part_rules import angled, band_of, cell_of, flag
from posture.ergonomics.score_settings import PAPER, ScoreSettings
from posture.ergonomics.worksheet import Method, Part, PartRule, Term, Values, Worksheet, fill_in, part, summed

NAME = "reba"
LIGHT_KG, HEAVY_KG = 5.0, 10.0
"""Below the first a load counts nothing, above the second 2; between them, edges included, 1."""
COUPLING = {"good": 0, "fair": 1, "poor": 2, "unacceptable": 3}


def _one_point(settings: ScoreSettings) -> bool:
    """Whether twisted and bent to the side are one point together."""
    return settings.reba_twist_and_side == "one"


def _legs(values: Values, settings: ScoreSettings) -> Part:
    stance = str(values["stance"])
    terms = [Term(stance, 2 if stance == "one_leg" else 1)]
    if stance != "sitting":
        bent = band_of(NAME, "knee", float(values["knee_deg"]), settings)
        terms.append(Term("knee", bent.points, bent.detail))
    return part("legs", terms, method_data(NAME).clamps["legs"])


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


REBA = Method(
    NAME,
    parts={
        "neck": angled(NAME, "neck", {"neck_twisted": 1, "neck_side_bent": 1}, _one_point),
        "trunk": angled(NAME, "trunk", {"trunk_twisted": 1, "trunk_side_bent": 1}, _one_point),
        "legs": PartRule(("stance", "knee_deg"), _legs),
        "load": PartRule(("force_kg", "force_pattern"), _load),
        "upper_arm": angled(NAME, "upper_arm", {"abducted": 1, "shoulder_raised": 1, "arm_supported": -1}),
        "lower_arm": angled(NAME, "lower_arm", {}),
        "wrist": angled(NAME, "wrist", {"wrist_deviated": 1, "wrist_twisted": 1}, lambda _: True),
        "coupling": PartRule(("coupling",), _coupling),
        "activity": PartRule(("arm_static", "body_static", "arm_repeated", "body_repeated", "rapid_change"), _activity),
    },
    steps={
        "table_a": cell_of(NAME, "table_a"),
        "score_a": summed("score_a", ("table_a", "load")),
        "table_b": cell_of(NAME, "table_b"),
        "score_b": summed("score_b", ("table_b", "coupling")),
        "table_c": cell_of(NAME, "table_c"),
        "reba": summed("reba", ("table_c", "activity")),
    },
)


def reba(values: Values, settings: ScoreSettings = PAPER) -> Worksheet:
    """The REBA score, 1 to 15, of one side. Raises KeyError where a factor is missing."""
    return fill_in(REBA, values, settings)
