"""Symmetry, support, shoulders, the seated back and knees after ISO 11226: measured, said, or open with a reason."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import MEASURE_INDEX, MEASURE_NAMES, PARTS, View, Zone
from posture.ergonomics.criteria import (
    BESIDE,
    CRITERIA,
    MET,
    NOT_JUDGED,
    NOT_MET,
    Criterion,
    judge,
    limits,
    seated,
)
from posture.ergonomics.evidence import Evidence, find_activity
from posture.ergonomics.iso11226 import PART_MEASURES, ZONES, zone_of, zones_of
from posture.ergonomics.measure import measure
from posture.ergonomics.score_settings import PAPER, ScoreSettings
from posture.ergonomics.support import by_support, says_support, with_support
from posture.ergonomics.task import Segment, SideFactors, Task

OF = {(one.name, one.side): one for one in CRITERIA}
A, C, N = (ZONES.index(zone) for zone in (Zone.ACCEPTABLE, Zone.CONDITIONAL, Zone.NOT_RECOMMENDED))
SITS, STANDS = Task(stance="sitting"), Task(stance="standing")


def lasting(times, each_s=30.0):
    """For how long each moment stands: by default long enough for a stretch of sitting."""
    return np.full(len(times), each_s)


def rows(count=1, **columns):
    values = np.full((count, len(MEASURE_NAMES)), math.nan)
    for name, column in columns.items():
        values[:, MEASURE_INDEX[name]] = column
    return values


def outcomes(name, side="", task=Task(), settings=PAPER, times=None, **columns):  # noqa: B008
    count = max((np.size(column) for column in columns.values()), default=1)
    values = rows(count, **columns)
    times = np.arange(float(count)) if times is None else times
    seen = Evidence(values, find_activity(times, values, settings), settings)
    return judge(OF[name, side], seen, times, lasting(times), task).outcome.tolist()


# Each edge just below, on and just above it: an asymmetry counts from its limit on, either way.
@pytest.mark.parametrize(
    ("name", "measure_name", "limit"),
    [
        ("trunk_twisted", "trunk_twist_deg", 20.0),
        ("trunk_side_bent", "trunk_side_bend_deg", 10.0),
        ("neck_twisted", "head_yaw_deg", 20.0),
    ],
)
def test_edges_of_symmetry(name, measure_name, limit):
    angles = [-limit - 0.01, -limit, -limit + 0.01, 0.0, limit - 0.01, limit, limit + 0.01, math.nan]
    expected = [NOT_MET, NOT_MET, MET, MET, MET, NOT_MET, NOT_MET, NOT_JUDGED]
    assert outcomes(name, **{measure_name: angles}) == expected
    assert limits(OF[name, ""], PAPER) == (-limit, limit)


def test_the_head_is_taken_against_the_trunk():
    """A trunk that leans to the right by 12 degrees with the head in line is no bent neck."""
    assert outcomes("neck_side_bent", head_tilt_deg=[12.0, 2.0, 2.01], trunk_side_bend_deg=[12.0, 12.0, 12.0]) == [
        MET, NOT_MET, MET,
    ]  # fmt: skip
    assert outcomes("neck_side_bent", head_tilt_deg=[12.0]) == [NOT_JUDGED]


def test_the_limits_of_symmetry_are_settings():
    wide = ScoreSettings(twist_deg=30.0, side_bend_deg=15.0)
    assert outcomes("trunk_twisted", settings=wide, trunk_twist_deg=[29.9, 30.0]) == [MET, NOT_MET]
    assert limits(OF["neck_side_bent", ""], wide) == (-15.0, 15.0)
    assert limits(OF["shoulder_raised", "left"], wide) is None


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("interior", "outcome"),
    [(89.99, NOT_MET), (90.0, MET), (90.01, MET), (134.99, MET), (135.0, MET), (135.01, NOT_MET)],
)
def test_edges_of_the_seated_knee(side, interior, outcome):
    assert outcomes("knee_deg", side, SITS, **{f"{side}_knee_flexion_deg": [180.0 - interior]}) == [outcome]
    assert limits(OF["knee_deg", side], PAPER) == (90.0, 135.0)


def test_a_knee_counts_only_while_seated():
    bent = {"left_knee_flexion_deg": [95.0], "left_hip_flexion_deg": [90.0]}
    assert outcomes("knee_deg", "left", **bent) == [NOT_MET]  # seen to sit
    assert outcomes("knee_deg", "left", STANDS, **bent) == [BESIDE]  # said otherwise
    assert outcomes("knee_deg", "left", left_knee_flexion_deg=[10.0], left_hip_flexion_deg=[5.0]) == [BESIDE]
    assert outcomes("knee_deg", "left", left_knee_flexion_deg=[95.0]) == [NOT_JUDGED]  # no hip: nobody knows
    assert outcomes("knee_deg", "left", SITS) == [NOT_JUDGED]  # sits, but the knee is under the table


@pytest.mark.parametrize(("name", "side"), [k for k, one in OF.items() if not one.measures])
def test_what_no_camera_sees_is_open_until_somebody_says_it(name, side):
    everything = {one: [0.0] for one in MEASURE_NAMES}
    sides = {side: SideFactors(**{name: True})} if side else {name: True}
    assert outcomes(name, side, SITS, **everything) == [NOT_JUDGED]
    assert outcomes(name, side, Task(stance="sitting", **sides), **everything) == [NOT_MET]
    told = {side: SideFactors(**{name: False})} if side else {name: False}
    assert outcomes(name, side, Task(stance="sitting", **told), **everything) == [MET]
    if side:
        other = "left" if side == "right" else "right"
        assert outcomes(name, other, Task(stance="sitting", **sides), **everything) == [NOT_JUDGED]


def test_what_a_person_said_goes_before_what_was_measured_within_its_segment():
    segment = Segment(name="turn", start=2, end=4, trunk_twisted=True)
    task = Task(entered_by="A", segments=(segment,))
    assert outcomes("trunk_twisted", task=task, trunk_twist_deg=[0.0] * 6) == [MET, MET, NOT_MET, NOT_MET, MET, MET]


def test_a_person_sits_where_it_was_said_or_seen():
    values = rows(3, left_hip_flexion_deg=[90.0, 5.0, math.nan], left_knee_flexion_deg=[90.0, 5.0, math.nan])
    times = np.arange(3.0)
    seen = Evidence(values, find_activity(times, values, PAPER), PAPER)
    assert seated(seen, times, lasting(times), Task()).tolist()[:2] == [1, 0]
    assert math.isnan(seated(seen, times, lasting(times), Task())[2])
    assert seated(seen, times, lasting(times), SITS).tolist() == [1, 1, 1]


@pytest.mark.parametrize(("each_s", "sits"), [(1.0, 0.0), (5.0, 1.0)], ids=["squats of 5 s", "25 s on a low stool"])
def test_a_squat_is_no_bad_sitting(each_s, sits):
    """Bent to the ground five moments long, then up: whoever lifts so does not sit with the knees too far bent."""
    bent = [100.0] * 5 + [5.0] * 5
    values = rows(10, **{f"left_{joint}_flexion_deg": bent for joint in ("hip", "knee")})
    times = each_s * np.arange(10.0)
    seen = Evidence(values, find_activity(times, values, PAPER), PAPER)
    assert seated(seen, times, lasting(times, each_s), Task()).tolist() == [sits] * 5 + [0.0] * 5
    outcome = judge(OF["knee_deg", "left"], seen, times, lasting(times, each_s), Task()).outcome.tolist()
    assert outcome == [NOT_MET if sits else BESIDE] * 5 + [BESIDE] * 5


# Which views tell: through the whole chain, from keypoints.
VIEWS = {
    "trunk_twisted": {View.FRONT, View.OBLIQUE},
    "trunk_side_bent": {View.FRONT, View.BACK},
    "neck_twisted": {View.FRONT, View.OBLIQUE, View.SIDE},
    "neck_side_bent": {View.FRONT, View.BACK},
}


@pytest.mark.parametrize("facing", [0, 45, 90, 180])
@pytest.mark.parametrize("name", VIEWS)
def test_the_view_decides_what_is_judged(figure, name, facing):
    found = measure(figure().seen(facing), 1920, 1080)
    values, times = found.values[None], np.zeros(1)
    seen = Evidence(values, find_activity(times, values, PAPER), PAPER)
    outcome = judge(OF[name, ""], seen, times, lasting(times), Task()).outcome
    assert outcome.tolist() == [MET if found.view in VIEWS[name] else NOT_JUDGED]


@pytest.mark.parametrize(("bend", "name"), [("twist", "trunk_twisted"), ("lean", "trunk_side_bent")])
@pytest.mark.parametrize("amount", [-30, 30])
def test_an_asymmetric_trunk_is_seen_from_the_front(figure, mirrored, bend, name, amount):
    pose = getattr(figure(), bend)(right=amount).seen()
    for one in (pose, mirrored(pose, 1920)):
        values, times = measure(one, 1920, 1080).values[None], np.zeros(1)
        seen = Evidence(values, find_activity(times, values, PAPER), PAPER)
        assert judge(OF[name, ""], seen, times, lasting(times), Task()).outcome.tolist() == [NOT_MET]


# What full support makes acceptable: part, angle, zone without, zone with it; each edge and both sides of it.
SUPPORTED = [
    ("trunk", -10, N, A), ("trunk", -9.99, A, A), ("trunk", 20, A, A), ("trunk", 20.01, C, A), ("trunk", 60, C, A),
    ("trunk", 60.01, N, N), ("trunk", -60, N, A),
    ("head", -10, N, A), ("head", 25, A, A), ("head", 25.01, C, C), ("head", 85, C, C), ("head", 85.01, N, N),
    ("neck", -10, N, A), ("neck", 25, A, A), ("neck", 25.01, N, N),
    ("left_upper_arm", 20, A, A), ("left_upper_arm", 20.01, C, A), ("left_upper_arm", 60, C, A),
    ("right_upper_arm", 60.01, N, N), ("right_upper_arm", 60, C, A),
]  # fmt: skip
EVERYTHING = Task(trunk_supported=True, head_supported=True, arm_supported=True)


def judged(part, angle, task, **more):
    values = rows(1, **({PART_MEASURES[part]: angle} | more))
    zones = np.stack([zones_of(one, values[:, MEASURE_INDEX[PART_MEASURES[one]]]) for one in PARTS], axis=1)
    return with_support(np.zeros(1), values, zones.astype(np.int16), task)[0, PARTS.index(part)]


@pytest.mark.parametrize(("part", "angle", "without", "with_it"), SUPPORTED)
def test_edges_of_support(part, angle, without, with_it):
    assert ZONES.index(zone_of(part, angle)) == without
    assert judged(part, angle, Task()) == without
    assert judged(part, angle, EVERYTHING) == with_it
    assert judged(part, angle, Task(trunk_supported=False, head_supported=False, arm_supported=False)) == without
    gained = by_support(part, np.array([float(angle)]), np.array([with_it], np.int16))
    assert gained.tolist() == [without != with_it]


def test_an_unsupported_trunk_governs_the_head():
    unsupported = Task(trunk_supported=False)
    assert judged("head", 50.0, unsupported, trunk_inclination_deg=30.0) == A
    assert judged("head", 50.0, unsupported) == C  # the trunk was not measured
    assert judged("head", 90.0, unsupported, trunk_inclination_deg=30.0) == N
    assert judged("head", 50.0, Task(trunk_supported=True), trunk_inclination_deg=30.0) == C
    assert judged("head", 50.0, Task(), trunk_inclination_deg=30.0) == C


def test_support_of_one_arm_is_of_that_arm():
    right = Task(right=SideFactors(arm_supported=True))
    assert judged("right_upper_arm", 40.0, right) == A
    assert judged("left_upper_arm", 40.0, right) == C
    assert says_support(right)
    assert not says_support(Task(force_kg=3.0))


def test_support_holds_within_its_segment():
    values = rows(6, trunk_inclination_deg=40.0)
    task = Task(segments=(Segment(name="leaning on it", start=2, end=4, trunk_supported=True),))
    zones = np.full((6, len(PARTS)), C, np.int16)
    assert with_support(np.arange(6.0), values, zones, task)[:, 0].tolist() == [C, C, A, A, C, C]
    assert (zones == C).all()  # the argument is left alone


@given(st.sampled_from(PARTS), st.floats(-180, 180) | st.just(math.nan))
def test_support_never_makes_anything_worse(part, angle):
    before, after = judged(part, angle, Task()), judged(part, angle, EVERYTHING)
    assert after in (before, A)
    assert (after == before) or not math.isnan(angle)


def test_every_criterion_is_a_factor_that_can_be_said():
    for one in CRITERIA:
        assert one.name in (*Task.__struct_fields__, *SideFactors.__struct_fields__)
    assert Criterion("trunk_twisted", ("trunk_twist_deg",)) in CRITERIA
