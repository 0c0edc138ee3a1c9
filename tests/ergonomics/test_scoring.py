"""Scores over time from what a camera measured: origins, intervals, both sides, any rate."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.data import MEASURE_INDEX, MEASURE_NAMES, PARTS
from posture.ergonomics.evidence import Evidence, find_activity
from posture.ergonomics.factors import Origin
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.ergonomics.sampling import samples
from posture.ergonomics.score_settings import PAPER
from posture.ergonomics.scoring import METHODS, NOT_SCORED, SCORED, factors_at, range_of, series
from posture.ergonomics.stability import noise_deg, stability
from posture.ergonomics.task import Segment, SideFactors, Task

RATES = (2, 5, 12, 30, 60)
TOLD = Task(
    entered_by="A",
    stance="both_legs",
    legs_supported=True,
    trunk_supported=False,
    force_kg=0,
    force_pattern="intermittent",
    coupling="good",
    wrist_deg=0,
    wrist_deviated=False,
    wrist_twisted=False,
    shoulder_raised=False,
    arm_supported=False,
    lower_arm_across=False,
    lower_arm_out=False,
    rapid_change=False,
)
"""Everything that no camera sees."""
STILL = msgspec.structs.replace(TOLD, arm_static=False, arm_repeated=False, body_static=False, body_repeated=False)


def evidence(values, times, settings=PAPER):
    return Evidence(values, find_activity(times, values, settings), settings)


def upright(count):
    """A person who stands upright with hanging arms and forearms level, all of it measured."""
    values = np.zeros((count, len(MEASURE_NAMES)))
    for side in ("left", "right"):
        values[:, MEASURE_INDEX[f"{side}_elbow_flexion_deg"]] = 90.0
    return values


def put(values, **columns):
    for name, column in columns.items():
        values[:, MEASURE_INDEX[name]] = column
    return values


@pytest.mark.parametrize(("method", "side"), SCORED)
def test_all_known_gives_one_score(method, side):
    times = np.arange(20.0)
    found = series(method, side, evidence(upright(20), times), times, STILL)
    assert set(found.low.tolist()) == set(found.high.tolist()) == {1}


def test_what_nobody_said_widens_the_interval():
    times = np.arange(20.0)
    seen = evidence(upright(20), times)
    known = series("rula", "left", seen, times, STILL)
    opened = series("rula", "left", seen, times, Task())
    assert (opened.low == known.low).all()
    assert (opened.high > known.high).all()


def test_without_trunk_or_upper_arm_there_is_no_score():
    times = np.arange(3.0)
    values = put(upright(3), trunk_inclination_deg=[0, math.nan, 0], left_upper_arm_flexion_deg=[0, 0, math.nan])
    seen = evidence(values, times)
    assert (series("rula", "left", seen, times, TOLD).low == NOT_SCORED).tolist() == [False, True, True]
    assert (series("rula", "right", seen, times, TOLD).low == NOT_SCORED).tolist() == [False, True, False]


def test_the_sides_have_scores_of_their_own():
    times = np.arange(20.0)
    seen = evidence(put(upright(20), right_upper_arm_flexion_deg=100.0, right_elbow_flexion_deg=10.0), times)
    left, right = (series("reba", side, seen, times, STILL) for side in ("left", "right"))
    assert (left.high < right.low).all()


def test_a_person_may_say_otherwise_for_one_side():
    times = np.arange(3.0)
    seen = evidence(upright(3), times)
    task = Task(entered_by="A", right=SideFactors(upper_arm_deg=100.0))
    origins = {
        side: {factor.name: factor.origin for factor in factors_at("rula", side, seen, 0, task, 0.0)}
        for side in ("left", "right")
    }
    assert origins["left"]["upper_arm_deg"] is Origin.MEASURED
    assert origins["right"]["upper_arm_deg"] is Origin.OVERRIDDEN
    assert origins["left"]["force_kg"] is Origin.ASSUMED
    told = {f.name: f for f in factors_at("rula", "left", seen, 0, TOLD, 0.0)}
    assert (told["force_kg"].origin, told["force_kg"].values) == (Origin.ENTERED, (0.0,))


def owas_legs(task, values=None):
    """Possible codes of the legs, and what is shown of the back."""
    times = np.zeros(1)
    factors = factors_at("owas", "", evidence(upright(1) if values is None else values, times), 0, task, 0.0)
    return set(range_of("owas", factors, PAPER).parts["legs"]), {f.name: f.values for f in factors}


def test_what_is_said_of_one_knee_is_not_said_of_the_other():
    standing = Task(entered_by="A", stance="both_legs")
    assert owas_legs(msgspec.structs.replace(standing, knee_deg=10.0))[0] == {2}  # both are straight
    assert owas_legs(msgspec.structs.replace(standing, knee_deg=50.0))[0] == {4, 5}  # both bent, or one


@pytest.mark.parametrize(("twisted", "codes"), [(True, {3}), (False, {1})])
def test_a_twist_that_a_person_sees_has_no_angle(twisted, codes):
    task = Task(entered_by="A", trunk_twisted=twisted, trunk_side_bent=False, trunk_deg=0.0)
    _, shown = owas_legs(task)
    assert (shown["back_twist_deg"], shown["back_side_deg"]) == ((twisted,), (False,))
    factors = factors_at("owas", "", evidence(upright(1), np.zeros(1)), 0, task, 0.0)
    assert set(range_of("owas", factors, PAPER).parts["back"]) == codes


def test_a_segment_has_factors_of_its_own_and_its_end_belongs_to_what_follows():
    times = np.arange(10.0)
    task = Task(force_kg=0.0, segments=(Segment(name="lift", start=3, end=6, force_kg=15.0, force_pattern="shock"),))
    found = series("reba", "left", evidence(upright(10), times), times, task)
    lifted = found.low > 1
    assert lifted.tolist() == [False] * 3 + [True] * 3 + [False] * 4


angles = st.floats(-100, 120).filter(lambda x: abs(x) > 1e-6) | st.just(math.nan)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(angles, min_size=len(MEASURE_NAMES), max_size=len(MEASURE_NAMES)), min_size=1, max_size=6))
def test_the_series_is_the_range_of_each_single_moment(rows):
    """Whole recordings go by the band; single moments by the angle itself. Both must say the same."""
    values, times = np.array(rows), np.arange(len(rows), dtype=float)
    seen = evidence(values, times)
    for method, side in SCORED:
        found = series(method, side, seen, times, Task(force_kg=3.0))
        for row in range(len(rows)):
            if found.low[row] == NOT_SCORED:
                continue
            one = range_of(method, factors_at(method, side, seen, row, Task(force_kg=3.0), times[row]), PAPER)
            assert (found.low[row], found.high[row]) == (one.interval.low, one.interval.high)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_value_that_becomes_known_stays_within_the_interval(data):
    times = np.zeros(1)
    whole = np.array(
        [data.draw(st.lists(st.floats(-90, 90), min_size=len(MEASURE_NAMES), max_size=len(MEASURE_NAMES)))]
    )
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=len(MEASURE_NAMES), max_size=len(MEASURE_NAMES))))
    partly = np.where(hidden, np.nan, whole)
    for method, side in SCORED:
        wide = series(method, side, evidence(partly, times), times, TOLD)
        narrow = series(method, side, evidence(whole, times), times, TOLD)
        if wide.low[0] != NOT_SCORED:
            assert wide.low[0] <= narrow.low[0] <= narrow.high[0] <= wide.high[0]


def working(times):
    """Bends forward every 8 s, lifts the right arm every 5 s."""
    values = upright(len(times))
    trunk = 35 - 35 * np.cos(2 * np.pi * times / 8)
    arm = 60 - 60 * np.cos(2 * np.pi * times / 5)
    return put(values, trunk_inclination_deg=trunk, right_upper_arm_flexion_deg=arm, right_upper_arm_elevation_deg=arm)


def shares(found, durations):
    scores = np.arange(16)
    return np.array([[durations[end == score].sum() for score in scores] for end in (found.low, found.high)])


@pytest.mark.parametrize(("method", "side"), SCORED)
@pytest.mark.parametrize("rate", [*RATES, "uneven"])
def test_the_rate_of_frames_does_not_matter(method, side, rate):
    """Seconds at each score agree within one frame for each time that the score changes."""
    fine = np.arange(80 * 240) / 240
    if rate == "uneven":
        times = np.unique(np.cumsum(np.random.default_rng(5).uniform(1 / 60, 1 / 5, 2000)))
        times, frame = times[times < 80], 1 / 5
    else:
        times, frame = np.arange(80 * rate) / rate, 1 / rate
    durations = np.diff(times, append=80.0)
    truth = series(method, side, evidence(working(fine), fine), fine, TOLD)
    found = series(method, side, evidence(working(times), times), times, TOLD)
    turns = int((np.diff(truth.low) != 0).sum() + (np.diff(truth.high) != 0).sum())
    differing = np.abs(shares(found, durations) - shares(truth, np.full(len(fine), 1 / 240)))
    assert differing.max() <= frame * (turns + 2)


@pytest.mark.parametrize("rate", RATES)
def test_owas_takes_the_same_postures_at_any_rate(rate):
    times = np.arange(600 * rate) / rate
    rows = samples(times, np.full(len(times), 1 / rate), 30.0)
    assert times[rows].tolist() == pytest.approx([30.0 * i for i in range(20)])


def test_owas_leaves_out_when_nobody_was_there():
    times = np.concatenate([np.arange(0, 40, 0.5), np.arange(100, 130, 0.5)])
    rows = samples(times, np.full(len(times), 0.5), 30.0)
    assert times[rows].tolist() == [0, 30, 120]
    assert samples(np.array([2.0]), np.array([0.0]), 30.0).tolist() == [0]
    assert samples(np.zeros(0), np.zeros(0), 30.0).tolist() == []


def lopsided(figure):
    """Leans forward, the right arm raised in front and bent, the left one hanging."""
    arms = {"right_elbow": (0.18, 0.5, 0.3), "right_wrist": (0.18, 0.75, 0.3), "left_elbow": (-0.22, 0.21, 0.0)}
    return figure().put(arms).lean(forward=30)


def ends_of(pose, method, side):
    """Low and high score of one pose."""
    times = np.zeros(1)
    found = series(method, side, evidence(measure(pose, 1920, 1080).values[None, :], times), times, TOLD)
    return found.low[0], found.high[0]


# Offsets keep every drawn angle off the edges of all bands, where a rounding error of a mirrored picture decides.
bends = st.integers(-40, 60).map(lambda degrees: degrees + 0.37)


def centimetres(low, high):
    return st.integers(low, high).map(lambda place: place / 100 + 0.0037)


@settings(max_examples=60, deadline=None)
@given(
    forward=bends, right=bends, twist=bends, nod=bends, facing=st.integers(-175, 175).map(lambda deg: deg + 0.41),
    elbow=st.tuples(centimetres(-50, -10), centimetres(15, 70), centimetres(-25, 30)),
    knee=st.tuples(centimetres(5, 20), centimetres(-45, 5), centimetres(5, 45)),
)  # fmt: skip
def test_a_mirror_swaps_the_sides_of_every_score_and_changes_nothing_else(
    figure, mirrored, forward, right, twist, nod, facing, elbow, knee
):
    person = figure().put({"left_elbow": elbow, "right_knee": knee}).lean(forward, right).twist(twist)
    pose = person.nod(nod, right / 2, twist / 2).seen(facing)
    flipped = mirrored(pose, 1920)
    for method, side in SCORED:
        there = {"left": "right", "right": "left", "": ""}[side]
        assert ends_of(pose, method, side) == ends_of(flipped, method, there), (method, side)
    zones, other = (dict(zip(PARTS, assess(measure(one, 1920, 1080)).zones, strict=True)) for one in (pose, flipped))
    swapped = {"left_upper_arm": "right_upper_arm", "right_upper_arm": "left_upper_arm"}
    assert {swapped.get(part, part): zone for part, zone in zones.items()} == other


@pytest.mark.parametrize("method", ["rula", "reba"])
@pytest.mark.parametrize("facing", [0, 40])
def test_a_mirrored_picture_swaps_the_scores_of_the_sides(figure, mirrored, method, facing):
    pose = lopsided(figure).seen(facing)
    flipped = mirrored(pose, 1920)
    left, right = (ends_of(pose, method, side) for side in ("left", "right"))
    assert left != right
    assert (ends_of(flipped, method, "right"), ends_of(flipped, method, "left")) == (left, right)


@pytest.mark.parametrize(("method", "side"), SCORED)
def test_it_does_not_matter_which_way_the_person_faces(figure, method, side):
    one, other = (ends_of(lopsided(figure).seen(facing), method, side) for facing in (-90, 90))
    assert one == other
    assert one[1] > 1
    zones, others = (assess(measure(lopsided(figure).seen(facing), 1920, 1080)).zones for facing in (-90, 90))
    assert zones == others


def test_scores_stay_in_their_range_for_any_measurement():
    random = np.random.default_rng(1)
    values = random.uniform(-180, 180, (500, len(MEASURE_NAMES)))
    values[random.uniform(size=values.shape) < 0.3] = np.nan
    times = np.arange(500) / 10
    for method, side in SCORED:
        found = series(method, side, evidence(values, times), times, Task())
        scored = found.low != NOT_SCORED
        assert scored.any()
        top = {"rula": 7, "reba": 15, "owas": 4}[method]
        assert (
            (found.low[scored] >= 1) & (found.high[scored] <= top) & (found.low[scored] <= found.high[scored])
        ).all()


def test_noise_far_from_an_edge_changes_nothing_and_close_to_it_does():
    times = np.zeros(1)
    straight = dict.fromkeys(("neck_twisted", "neck_side_bent", "trunk_twisted", "trunk_side_bent", "abducted"), False)
    task = msgspec.structs.replace(STILL, **straight, lower_arm_deg=80.0, upper_arm_deg=0.0, neck_deg=10.0)
    far = put(upright(1), trunk_inclination_deg=42.0)
    near = put(far.copy(), trunk_inclination_deg=20.5)
    for values, moves in ((far, False), (near, True)):
        seen = evidence(values, times)
        base = series("rula", "right", seen, times, task)
        low, high = stability("rula", "right", seen, times, task)[0]
        assert low <= base.low[0] <= base.high[0] <= high
        assert (high > low) == moves
        assert stability("rula", "right", seen, times, task).tolist() == [[low, high]]  # seeded


def test_noise_of_an_angle_follows_from_its_segments():
    assert noise_deg("trunk_inclination_deg") == pytest.approx(math.degrees(0.05))
    assert noise_deg("left_upper_arm_elevation_deg") == pytest.approx(math.degrees(0.05 * math.sqrt(2) / 0.6))
    assert 8 < noise_deg("trunk_twist_deg") < 14  # twist wanders by 10 degrees (`measure`)
    assert noise_deg("shoulder_width_ratio") == 0


def test_the_methods_ask_only_for_factors_that_a_task_or_a_camera_gives():
    times = np.zeros(1)
    for method, side in SCORED:
        names = {factor.name for factor in factors_at(method, side, evidence(upright(1), times), 0, Task(), 0.0)}
        assert names == set(METHODS[method].factors)
