"""Every edge of every band, and every setting that sources disagree about."""

import math

import numpy as np
import pytest
from msgspec.structs import replace
from worked_examples import from_angles

from posture.ergonomics.method_data import method_data, scale
from posture.ergonomics.owas import OWAS, category, code, owas
from posture.ergonomics.reba import reba
from posture.ergonomics.rula import rula
from posture.ergonomics.score_settings import PAPER

# method, angle: points just below, on and just above each edge, as the papers have them
EDGES = {
    ("rula", "upper_arm"): {-20: (2, 1, 1), 20: (1, 1, 2), 45: (2, 2, 3), 90: (3, 3, 4)},
    ("rula", "lower_arm"): {60: (2, 1, 1), 100: (1, 1, 2)},
    ("rula", "wrist"): {-15: (3, 2, 2), -5: (2, 2, 1), 5: (1, 2, 2), 15: (2, 2, 3)},
    ("rula", "neck"): {-5: (4, 4, 1), 10: (1, 1, 2), 20: (2, 2, 3)},
    ("rula", "trunk"): {-5: (2, 2, 1), 5: (1, 2, 2), 20: (2, 2, 3), 60: (3, 3, 4)},
    ("reba", "neck"): {-5: (2, 2, 1), 20: (1, 1, 2)},
    ("reba", "trunk"): {-20: (3, 2, 2), -5: (2, 2, 1), 5: (1, 2, 2), 20: (2, 2, 3), 60: (3, 3, 4)},
    ("reba", "knee"): {30: (0, 1, 1), 60: (1, 1, 2)},
    ("reba", "upper_arm"): {-20: (2, 1, 1), 20: (1, 1, 2), 45: (2, 2, 3), 90: (3, 3, 4)},
    ("reba", "lower_arm"): {60: (2, 1, 1), 100: (1, 1, 2)},
    ("reba", "wrist"): {-15: (2, 1, 1), 15: (1, 1, 2)},
}


def test_every_scale_is_held_by_these_edges():
    assert set(EDGES) == {(name, one) for name in ("rula", "reba") for one in method_data(name).scales}


@pytest.mark.parametrize(("name", "angle"), list(EDGES))
def test_points_around_each_edge(name, angle):
    bands = scale(name, angle, PAPER)
    assert bands.bounds == tuple(EDGES[name, angle])
    for edge, points in EDGES[name, angle].items():
        assert tuple(bands.points(edge + step) for step in (-0.01, 0, 0.01)) == points
        assert tuple(bands.scores[band] for band in bands.bands(np.array([edge - 0.01, edge, edge + 0.01]))) == points
    assert [bands.band(inside) for inside in bands.inside] == list(range(len(bands.scores)))


def test_an_edge_may_belong_to_the_upper_band():
    bands = scale("rula", "upper_arm", replace(PAPER, band_edge="upper"))
    assert [bands.points(angle) for angle in (-20, 20, 45, 90)] == [2, 2, 3, 4]


def test_what_was_not_measured_has_no_band():
    with pytest.raises(ValueError, match="not measured"):
        scale("rula", "neck", PAPER).points(math.nan)
    assert scale("rula", "neck", PAPER).bands(np.array([math.nan, 5.0])).tolist() == [-1, 1]


UPRIGHT = {"upper_arm": 0, "lower_arm": 90, "wrist": 0, "neck": 0, "trunk": 0}


def test_the_force_above_10_kg_is_a_setting():
    values = from_angles(UPRIGHT) | {"force_kg": 12.0}
    assert rula(values)["force"] == 2
    assert rula(values, replace(PAPER, rula_force_over_10kg_intermittent=3))["force"] == 3


def test_the_points_of_the_lower_arm_are_a_setting():
    values = from_angles(UPRIGHT | {"lower_arm": 50}) | {"lower_arm_across": True, "lower_arm_out": True}
    assert rula(values)["lower_arm"] == 3
    values = from_angles(UPRIGHT) | {"lower_arm_across": True, "lower_arm_out": True}
    assert rula(values)["lower_arm"] == 2
    assert rula(values, replace(PAPER, rula_lower_arm_adds="each"))["lower_arm"] == 3


def test_twist_and_side_bend_in_reba_are_a_setting():
    values = from_angles(UPRIGHT) | {"neck_twisted": True, "neck_side_bent": True, "trunk_twisted": True}
    assert (reba(values)["neck"], reba(values)["trunk"]) == (2, 2)
    each = replace(PAPER, reba_twist_and_side="each")
    assert (reba(values, each)["neck"], reba(values, each)["trunk"]) == (3, 2)


def test_trunk_extension_in_reba_is_a_setting():
    values = from_angles(UPRIGHT | {"trunk": -30})
    assert reba(values)["trunk"] == 3
    assert reba(values, replace(PAPER, reba_trunk_extension="worksheet"))["trunk"] == 2
    assert reba(from_angles(UPRIGHT | {"trunk": 30}), replace(PAPER, reba_trunk_extension="worksheet"))["trunk"] == 3


def test_disputed_codes_are_settings():
    first, second = ({"back": 4, "arms": 1, "legs": 3, "load": 2}, {"back": 3, "arms": 3, "legs": 7, "load": 3})
    other = replace(PAPER, owas_4132=3, owas_3373=2)
    assert (category(first).value, category(second).value) == (2, 1)
    assert (category(first, other).value, category(second, other).value) == (3, 2)
    assert category(first | {"load": 3}, other) == category(first | {"load": 3})


def test_a_supported_trunk_scores_1_where_it_does_not_lean_forward():
    back = from_angles(UPRIGHT | {"trunk": -15})
    assert rula(back)["trunk"] == 2
    assert rula(back | {"trunk_supported": True})["trunk"] == 1
    assert rula(from_angles(UPRIGHT | {"trunk": 15}) | {"trunk_supported": True})["trunk"] == 2


def test_knees_do_not_count_while_sitting_in_reba():
    values = from_angles(UPRIGHT) | {"knee_deg": 90.0}
    assert reba(values)["legs"] == 3
    assert reba(values | {"stance": "sitting"})["legs"] == 1
    assert reba(values | {"stance": "one_leg"})["legs"] == 4


def test_a_worksheet_unfolds_to_the_cells():
    sheet = rula(
        from_angles({"upper_arm": 30, "lower_arm": 90, "wrist": 10, "wrist_deviated": 1, "neck": 15, "trunk": 5})
    )
    upper_arm = sheet.parts[0]
    assert [(term.name, term.points, term.detail) for term in upper_arm.terms] == [("band", 2, "20° to 45°")]
    cells = {step.name: step.cell for step in sheet.steps if step.cell}
    assert cells["table_a"].index == (("upper_arm", 2), ("lower_arm", 1), ("wrist", 3), ("wrist_twist", 1))
    assert cells["grand"].index == (("arm_wrist", 3), ("neck_trunk_leg", 2))
    assert sheet.score == cells["grand"].value == 3


NOTHING = dict.fromkeys(OWAS.factors, 0.0) | {"stance": "both_legs"}


@pytest.mark.parametrize(
    ("changes", "digits"),
    [
        ({}, "1121"),
        ({"trunk_deg": 20.0}, "2121"),
        ({"trunk_deg": -25.0}, "2121"),
        ({"back_twist_deg": -20.0}, "3121"),
        ({"trunk_deg": 30.0, "back_side_deg": 30.0}, "4121"),
        ({"left_arm_elevation_deg": 90.0}, "1221"),
        ({"left_arm_elevation_deg": 90.0, "right_arm_elevation_deg": 120.0}, "1321"),
        ({"left_knee_deg": 30.0}, "1151"),
        ({"left_knee_deg": 30.0, "right_knee_deg": 40.0}, "1141"),
        ({"stance": "one_leg"}, "1131"),
        ({"stance": "one_leg", "left_knee_deg": 45.0}, "1151"),
        ({"stance": "sitting", "left_knee_deg": 90.0}, "1111"),
        ({"stance": "kneeling"}, "1161"),
        ({"stance": "walking"}, "1171"),
        ({"force_kg": 10.0}, "1121"),
        ({"force_kg": 10.1}, "1122"),
        ({"force_kg": 20.1}, "1123"),
    ],
)
def test_owas_digits(changes, digits):
    assert code(owas(NOTHING | changes)) == digits


def test_levels_cover_every_score():
    for name, scores in (("rula", range(1, 8)), ("reba", range(1, 16)), ("owas", range(1, 5))):
        assert [method_data(name).level(score).lowest <= score for score in scores] == [True] * len(scores)
