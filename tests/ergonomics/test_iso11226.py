import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import MEASURE_NAMES, PARTS, Measurements, Reason, View, Zone
from posture.ergonomics.bands import edges_of
from posture.ergonomics.iso11226 import PART_MEASURES, ZONES, assess, holding_limit_s, table, zone_of, zones_of

A, C, N, U = Zone.ACCEPTABLE, Zone.CONDITIONAL, Zone.NOT_RECOMMENDED, Zone.UNKNOWN

# Typed a second time, independently of the data file: part, angle, zone, longest holding time in seconds.
BANDS = [
    ("trunk", 0, A, math.inf), ("trunk", 19.9, A, math.inf), ("trunk", 20.1, C, 239.55), ("trunk", 30, C, 195),
    ("trunk", 40, C, 150), ("trunk", 60, C, 60), ("trunk", 60.1, N, 0), ("trunk", -15, N, 0), ("trunk", 120, N, 0),
    ("head", 0, A, math.inf), ("head", 25, A, 480), ("head", 25.1, C, 479.3), ("head", 55, C, 270), ("head", 85, C, 60),
    ("head", 85.1, N, 0), ("head", -20, N, 0),
    ("neck", 0, A, math.inf), ("neck", 25, A, math.inf), ("neck", 25.1, N, 0), ("neck", 55, N, 0), ("neck", -15, N, 0),
    ("left_upper_arm", 0, A, math.inf), ("left_upper_arm", 20.5, C, 178.5), ("left_upper_arm", 40, C, 120),
    ("right_upper_arm", 60, C, 60), ("right_upper_arm", 61, N, 0), ("right_upper_arm", 170, N, 0),
]  # fmt: skip


@pytest.mark.parametrize(("part", "angle", "zone", "limit"), BANDS)
def test_bands(part, angle, zone, limit):
    assert zone_of(part, angle) is zone
    assert holding_limit_s(part, angle) == pytest.approx(limit)


# Every edge: zone and longest holding time just below, on and just above it.
EDGES = [
    ("trunk", -10, (N, 0), (N, 0), (A, math.inf)), ("trunk", 20, (A, math.inf), (A, 240), (C, 239.955)),
    ("trunk", 60, (C, 60.045), (C, 60), (N, 0)),
    ("head", -10, (N, 0), (N, 0), (A, math.inf)), ("head", 25, (A, math.inf), (A, 480), (C, 479.93)),
    ("head", 85, (C, 60.07), (C, 60), (N, 0)),
    ("neck", -10, (N, 0), (N, 0), (A, math.inf)), ("neck", 25, (A, math.inf), (A, math.inf), (N, 0)),
    ("left_upper_arm", 20, (A, math.inf), (A, 180), (C, 179.97)), ("left_upper_arm", 60, (C, 60.03), (C, 60), (N, 0)),
    ("right_upper_arm", 20, (A, math.inf), (A, 180), (C, 179.97)), ("right_upper_arm", 60, (C, 60.03), (C, 60), (N, 0)),
]  # fmt: skip


def test_every_edge_is_among_these():
    """An elevation is never below 0, so the edge that leaning back has does not count for arms."""
    edges = {(part, edge) for part in PARTS for edge in edges_of(part)[0] if edge > 0 or "arm" not in part}
    assert {(part, edge) for part, edge, *_ in EDGES} == edges


@pytest.mark.parametrize(("part", "edge", "below", "on", "above"), EDGES)
def test_zone_and_holding_time_around_each_edge(part, edge, below, on, above):
    for angle, (zone, limit) in ((edge - 0.01, below), (edge, on), (edge + 0.01, above)):
        assert zone_of(part, angle) is zone
        assert holding_limit_s(part, angle) == pytest.approx(limit, abs=1e-6)


@pytest.mark.parametrize(
    ("part", "angle", "seconds"),
    [
        ("trunk", 20, 240), ("trunk", 40, 150), ("trunk", 60, 60), ("head", 25, 480), ("head", 55, 270),
        ("head", 85, 60), ("left_upper_arm", 20, 180), ("right_upper_arm", 40, 120), ("left_upper_arm", 60, 60),
    ],
)  # fmt: skip
def test_worked_examples(part, angle, seconds):
    assert holding_limit_s(part, angle) == pytest.approx(seconds)


def test_the_band_to_85_belongs_to_the_head_and_not_to_the_neck():
    assert zone_of("head", 50) is C
    assert zone_of("neck", 50) is N
    assert holding_limit_s("neck", 50) == 0


@pytest.mark.parametrize("part", ["trunk", "head", "neck"])
def test_the_dead_band_of_10_degrees_is_open(part):
    assert zone_of(part, -9.99) is A
    assert zone_of(part, -10) is N


@given(st.sampled_from(PARTS), st.floats(-180, 180) | st.just(math.nan))
def test_a_column_gives_what_single_angles_give(part, angle):
    assert ZONES[zones_of(part, np.array([0.0, angle]))[1]] is zone_of(part, angle)


@given(st.sampled_from(PARTS), st.floats(-4, 180), st.floats(-4, 180))
def test_a_steeper_posture_is_never_allowed_for_longer(part, a, b):
    low, high = sorted((a, b))
    assert holding_limit_s(part, low) >= holding_limit_s(part, high)


def test_what_is_not_seen_is_unknown():
    assert zone_of("trunk", math.nan) is U
    assert math.isnan(holding_limit_s("trunk", math.nan))


def test_an_unknown_part_is_refused():
    with pytest.raises(KeyError):
        zones_of("tail", np.zeros(1))


def test_assessment_keeps_the_reason_of_what_cannot_be_judged():
    values = dict.fromkeys(MEASURE_NAMES, math.nan) | {"trunk_inclination_deg": 30.0, "head_inclination_deg": 90.0}
    reasons = [Reason.LOW_VISIBILITY if math.isnan(v) else Reason.MEASURED for v in values.values()]
    found = assess(Measurements(View.SIDE, 90.0, np.array(list(values.values())), tuple(reasons)))
    assert found.zones == (C, N, U, U, U)
    assert found.reasons == (Reason.MEASURED, Reason.MEASURED, *[Reason.LOW_VISIBILITY] * 3)


def test_every_part_has_a_measurement_and_a_provenance():
    assert tuple(PART_MEASURES) == PARTS
    assert set(PART_MEASURES.values()) <= set(MEASURE_NAMES)
    assert "not read" in table().provenance


def shared(name: str) -> dict:
    path = Path(__file__).resolve().parents[2].parent / "shared" / "data" / name
    if not path.is_file():
        pytest.skip("the reference tables (../shared/data) are not on this machine")
    return json.loads(path.read_text("utf-8"))


def test_the_data_file_agrees_with_the_reference_tables():
    reference = shared("ergonomics_tables.json")["iso_11226"]
    rows = {
        "trunk": (reference["trunk"]["inclination"], "trunk_inclination"),
        "head": (reference["head"]["inclination_abs_deg"], "head_inclination"),
        "neck": (reference["head"]["neck_flexion_head_minus_trunk"], None),
        "upper_arm": (reference["upper_arm"]["elevation"], "upper_arm_elevation"),
    }
    bands = table().bands
    assert bands.keys() == rows.keys()
    for part, (zones, holding) in rows.items():
        acceptable = next(row for row in zones if row["verdict"] == "acceptable")
        assert bands[part].acceptable_deg == (acceptable["min"], acceptable["max"])
        conditional = [(row["min_excl"], row["max"]) for row in zones if "min_excl" in row]
        assert [bands[part].conditional_deg] == (conditional or [None])
        assert (bands[part].conditional_deg or bands[part].acceptable_deg)[1] == zones[-1]["gt"]
        minutes = reference["max_holding_time_min"].get(holding)
        assert bands[part].holding_time_s == (minutes and tuple((angle, 60 * m) for angle, m in minutes))


def test_the_golden_examples():
    examples = [e for e in shared("ergonomics_golden.json")["examples"] if e["method"] == "ISO11226"]
    assert len(examples) == 9
    part = {"trunk_inclination": "trunk", "head_inclination": "head", "upper_arm_elevation": "left_upper_arm"}
    for example in examples:
        inputs = example["inputs"]
        assert holding_limit_s(part[inputs["part"]], inputs["angle"]) == example["expected"]["max_holding_s"]
