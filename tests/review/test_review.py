"""A review changes what it says and nothing else, whatever the rate of the analysis is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standing import measured, session, stander

from posture.data import Reason, frozen
from posture.ergonomics.score_settings import PAPER
from posture.ergonomics.task import Segment, SideFactors, Task
from posture.errors import ConfigError
from posture.reports import Reviewed, Table
from posture.reports.reviewed import score_reviewed
from posture.reports.scores import score_table
from posture.review import (
    NO_REVIEW,
    Applied,
    Exclusion,
    KeypointFix,
    Override,
    Review,
    as_json,
    check_review,
    load_review,
    of_json,
    task_for,
)
from posture.review.apply import JOIN_S, moved
from posture.skeleton import BLAZEPOSE_33

WRIST, ELBOW = BLAZEPOSE_33.index["left_wrist"], BLAZEPOSE_33.index["left_elbow"]


def fix(time_s, x=420.0, y=150.0, **more):
    return KeypointFix(person=1, joint="left_wrist", time_s=time_s, x_px=x, y_px=y, **more)


def test_a_moved_keypoint_moves_the_angle_that_rests_on_it_and_no_other():
    pose = stander()
    raised = moved(pose, {ELBOW: (320 + 50 + 80, 150)})  # straight out to the side
    before, after = measured(pose), measured(raised)
    assert before["left_upper_arm_elevation_deg"] < 10
    assert after["left_upper_arm_elevation_deg"] == pytest.approx(90, abs=1)
    assert after["right_upper_arm_elevation_deg"] == before["right_upper_arm_elevation_deg"]
    assert after["trunk_inclination_deg"] == before["trunk_inclination_deg"]
    assert pose.points_px[ELBOW, 0] == 380, "what was measured stays"


def test_in_space_it_moves_by_as_much_and_keeps_its_depth():
    raised = moved(stander(), {WRIST: (320 + 60 + 25, 285)})
    assert raised.world_m[WRIST] - stander().world_m[WRIST] == pytest.approx([0.1, 0.0, 0.0], abs=1e-6)


def test_what_is_said_to_be_out_of_sight_is_not_measured():
    gone = measured(moved(stander(), {WRIST: None}))
    assert np.isnan(gone["left_elbow_flexion_deg"])
    assert gone.reason("left_elbow_flexion_deg") is Reason.OUT_OF_PICTURE
    assert np.isfinite(gone["right_elbow_flexion_deg"])


def test_what_is_said_to_be_there_is_measured_even_if_the_model_was_not_sure():
    pose = stander()
    unsure = pose.visibility.copy()
    unsure[WRIST] = 0.1
    pose = replace(pose, visibility=frozen(unsure))
    assert np.isnan(measured(pose)["left_elbow_flexion_deg"])
    assert np.isfinite(measured(moved(pose, {WRIST: (380, 285)}))["left_elbow_flexion_deg"])


def test_a_correction_reaches_its_moment_and_a_little_around_it():
    applied = Applied(Review(keypoints=(fix(3.0),)), measured)
    assert [applied.places(1, t) for t in (2.74, 2.76, 3.0, 3.24, 3.26)] == [
        {}, {WRIST: (420.0, 150.0)}, {WRIST: (420.0, 150.0)}, {WRIST: (420.0, 150.0)}, {}
    ]  # fmt: skip
    assert applied.places(2, 3.0) == {}, "another person"


def test_between_two_corrections_the_point_goes_in_a_straight_line():
    applied = Applied(Review(keypoints=(fix(2.0, x=100.0), fix(3.0, x=200.0), fix(3.0 + JOIN_S + 1, x=0.0))), measured)
    assert applied.places(1, 2.5) == {WRIST: (150.0, 150.0)}
    assert applied.places(1, 3.0 + JOIN_S / 2) == {}, "too far apart to know the way"


@given(
    times=st.lists(st.floats(0, 6), min_size=1, max_size=4, unique=True),
    rates=st.tuples(st.sampled_from([5, 10, 30]), st.sampled_from([12, 25, 60])),
)
def test_corrections_mean_the_same_at_every_rate(times, rates):
    """At the moments that two rates have in common, the same points are in the same place."""
    applied = Applied(Review(keypoints=tuple(fix(t, x=300 + 10 * t) for t in times)), measured)
    one, other = ({o.time_s: applied(o) for o in session(rate)} for rate in rates)
    for time_s in one.keys() & other.keys():
        a, b = (s[time_s].people[0].pose.points_px for s in (one, other))
        assert (a == b).all()


@given(
    spans=st.lists(st.tuples(st.floats(0, 6), st.floats(0.1, 3)), max_size=3),
    rate=st.sampled_from([2, 5, 10, 30]),
)
def test_time_that_does_not_count_is_gone_to_the_frame(spans, rate):
    review = Review(excluded=tuple(Exclusion(start_s=a, end_s=a + length) for a, length in spans))
    table = Table(left_out=review.left_out)
    for one in session(rate, seconds=12.0):
        if (kept := Applied(review, measured)(one)) is not None:
            table.append(kept)
    assert not any(a + 1e-6 <= t < b - 1e-6 for t in table.time_s for a, b in review.left_out)
    left_s = sum(b - a for a, b in review.left_out)
    gone_s = 12.0 - float(table.duration_s.sum())
    assert left_s - 1e-3 <= gone_s <= left_s + len(review.left_out) / rate + 1e-3


@st.composite
def reviews(draw):
    spans = st.tuples(st.floats(0, 100), st.floats(0.01, 50))
    fixes = draw(st.lists(st.tuples(st.sampled_from(BLAZEPOSE_33.names), st.floats(0, 100)), max_size=3))
    seen = draw(st.booleans())
    said = draw(st.lists(st.tuples(st.sampled_from([("neck_deg", 20.0), ("stance", "standing"), ("abducted", True)]),
                                   spans), max_size=3))  # fmt: skip
    return Review(
        reviewer=draw(st.text(max_size=10)),
        names=draw(st.dictionaries(st.integers(1, 5), st.text(max_size=8), max_size=2)),
        keypoints=tuple(
            KeypointFix(person=1, joint=joint, time_s=t, **({"x_px": 1.5, "y_px": 2.0} if seen else {}))
            for joint, t in fixes
        ),
        overrides=tuple(
            Override(factor=f, value=v, start_s=a, end_s=a + n, side="left" if f == "abducted" else "")
            for (f, v), (a, n) in said
        ),
        excluded=tuple(Exclusion(start_s=a, end_s=a + n) for a, n in draw(st.lists(spans, max_size=2))),
        task=Task(name="packing", force_kg=4.0, segments=(Segment(name="lift", start="0:10", end=20.0),)),
    )


@given(reviews())
def test_a_file_holds_all_of_a_review(review):
    assert of_json(as_json(check_review(review))) == review


@given(reviews())
def test_taking_every_change_back_gives_what_was_measured(review):
    """Nothing is changed in place: without the review everything is there as before, to the bit."""
    whole = session(5)
    before = [one.people[0].pose.points_px.tobytes() for one in whole]
    reviewed = Reviewed(review, measured)
    for one in whole:
        reviewed.append(one)
    assert [one.people[0].pose.points_px.tobytes() for one in whole] == before
    empty = Applied(NO_REVIEW, measured)
    assert all(empty(one) is one for one in whole)


def test_an_override_goes_before_the_segment_and_the_task():
    task = Task(
        neck_deg=5.0, entered_by="x", left=SideFactors(abducted=False),
        segments=(Segment(name="a", start=0, end=10, neck_deg=10.0, left=SideFactors(abducted=False)),),
    )  # fmt: skip
    overrides = (
        Override(factor="neck_deg", value=20.0, start_s=5, end_s=15),
        Override(factor="abducted", value=True, start_s=5, end_s=15),
        Override(factor="neck_deg", value=40.0, start_s=12, end_s=15, person=2),
    )

    def neck(person, t):
        pieces = task_for(person, task, overrides)
        piece = next((s for s in pieces.segments if s.start_s <= t < s.end_s), None)
        return pieces.said("left", piece)["neck_deg"][0]

    assert [neck(1, t) for t in (2, 7, 13, 20)] == [10.0, 20.0, 20.0, 5.0]
    assert neck(2, 13) == 40.0
    assert task_for(1, task, overrides).segments[1].left.abducted is True
    assert task_for(3, task, ()) is task


def test_an_override_changes_the_score_of_its_time_alone():
    table = Table()
    for one in session(5):
        table.append(one)
    review = Review(overrides=(Override(factor="trunk_deg", value=75.0, start_s=2, end_s=3),))
    before, after = score_table(table, review.task, PAPER), score_reviewed(table, review, PAPER)
    inside = (table.time_s >= 2) & (table.time_s < 3)
    changed = (before.rows != after.rows).any(axis=1)
    assert changed[inside].all()
    assert not changed[~inside].any()
    assert (after.rows[inside] >= before.rows[inside]).all()


def test_the_report_lists_every_change_with_what_was_measured():
    review = Review(
        reviewer="A", keypoints=(fix(1.0, at="2026-11-28T21:00", reason="slipped"),),
        overrides=(Override(factor="trunk_deg", value=75.0, start_s=2, end_s=3, by="B"),),
        excluded=(Exclusion(start_s=4.0, end_s=5.0),),
    )  # fmt: skip
    reviewed = Reviewed(review, measured)
    for one in session(5):
        reviewed.append(one)
    facts = reviewed.facts(reviewed.scored(PAPER))
    wrist, trunk, gone = facts.changes
    assert (wrist.before, wrist.after, wrist.by, wrist.reason) == ((380.0, 285.0, 0.9), (420.0, 150.0), "A", "slipped")
    assert (trunk.before[1] < 5, trunk.after, trunk.by) == (True, (75.0,), "B")
    assert (gone.kind, gone.start_s, gone.end_s) == ("excluded", 4.0, 5.0)
    assert facts.excluded_s == pytest.approx(1.0, abs=0.2)
    assert {one.method for one in facts.effects} == {"rula", "reba", "owas"}
    assert facts.status == "final"
    assert wrist.at == "2026-11-28", "a report holds no time of day"


def test_without_a_name_it_is_a_draft():
    reviewed = Reviewed(NO_REVIEW, measured)
    reviewed.append(session(5)[0])
    assert reviewed.facts(reviewed.scored(PAPER)).status == "draft"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"no json", "malformed"),
        (b'{"schema":"posture.review/2"}', "Invalid enum value"),
        (b'{"surprise":1}', "unknown field"),
        (b'{"keypoints":[{"person":1,"joint":"tail","time_s":0,"x_px":1,"y_px":1}]}', "is no keypoint"),
        (b'{"keypoints":[{"person":1,"joint":"nose","time_s":0,"x_px":1}]}', "one coordinate"),
        (b'{"overrides":[{"factor":"mood","value":1}]}', "no factor"),
        (b'{"overrides":[{"factor":"neck_deg","value":400}]}', "neck_deg = 400"),
        (b'{"overrides":[{"factor":"neck_deg","value":4,"side":"left"}]}', "has no sides"),
        (b'{"excluded":[{"start_s":4,"end_s":4}]}', "ends before it begins"),
    ],
)
def test_a_file_that_is_none_says_why(tmp_path, content, what):
    path = tmp_path / "review.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=what):
        load_review(path)
