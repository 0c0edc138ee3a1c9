"""Scores in reports: the same arithmetic from the CSV, worksheets that can be redone, words for everything."""

import csv
import io
import itertools

import msgspec
import numpy as np
import pytest

from posture.data import Observation
from posture.ergonomics.method_data import look_up
from posture.ergonomics.scoring import METHODS, SCORED
from posture.ergonomics.task import Segment, Task
from posture.reports import FORMATS, score_table, score_words, statements, summarise
from posture.reports.score_page import blocks
from posture.reports.scores import COLUMNS, WORST_LISTED, settings_of
from posture.reports.table import Table

STANDING = {
    "head_inclination_deg": 8.0,
    "neck_flexion_deg": 6.0,
    "trunk_inclination_deg": 2.0,
    "left_upper_arm_elevation_deg": 10.0,
    "right_upper_arm_elevation_deg": 10.0,
    "left_upper_arm_flexion_deg": 10.0,
    "right_upper_arm_flexion_deg": 10.0,
    "left_elbow_flexion_deg": 80.0,
    "right_elbow_flexion_deg": 80.0,
    "left_hip_flexion_deg": 5.0,
    "right_hip_flexion_deg": 5.0,
    "left_knee_flexion_deg": 5.0,
    "right_knee_flexion_deg": 5.0,
}
TASK = Task(
    name="Picking",
    entered_by="the assessor",
    stance="both_legs",
    force_kg=3.0,
    force_pattern="intermittent",
    coupling="fair",
    segments=(Segment(name="low shelf", start=40, end=70, force_kg=12.0),),
)


def picking(make):
    """80 s at 5 Hz from the side: upright, from 40 to 70 s bent by 50 degrees with the right arm forward."""
    for i in range(400):
        angles = dict(STANDING)
        if 200 <= i < 350:
            angles |= {"trunk_inclination_deg": 50.0, "right_upper_arm_flexion_deg": 100.0}
            angles["right_elbow_flexion_deg"] = 30.0
        if i >= 390:
            angles.pop("left_upper_arm_flexion_deg")
        yield Observation(i, i / 5, (make.subject(angles),))


@pytest.fixture(scope="module")
def table(make):
    return make.filled(picking(make))


@pytest.fixture(scope="module")
def summary(make, table):
    return summarise(table, make.provenance(task=TASK, names={1: "Kim"}))


@pytest.fixture(scope="module")
def rows(make, table):
    """Of the CSV."""
    scored = score_table(table, TASK, settings_of({}))
    out = io.BytesIO()
    FORMATS["csv"].write(summarise(table, make.provenance()), table.rows(scored.rows), out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


def score(summary, method, side):
    return next(one for one in summary.people[0].scores if (one.method, one.side) == (method, side))


def test_both_sides_are_scored(summary):
    assert [(one.method, one.side) for one in summary.people[0].scores] == list(SCORED)
    left, right = score(summary, "reba", "left"), score(summary, "reba", "right")
    assert right.peak_low > left.peak_low
    assert (left.scored_s, left.not_scored_s) == (78.0, 2.0)


@pytest.mark.parametrize(("method", "side"), SCORED)
def test_the_csv_gives_the_same_figures(summary, rows, method, side):
    found = score(summary, method, side)
    stem = f"{method}_{side}" if side else method
    for end in ("low", "high"):
        told = [(int(row[f"{stem}_{end}"]), float(row["duration_s"])) for row in rows if row[f"{stem}_{end}"]]
        scores, seconds = (np.array(column) for column in zip(*told, strict=True))
        assert seconds.sum() == pytest.approx(found.scored_s)
        for percent in (50, 90):
            value = np.percentile(scores, percent, method="inverted_cdf", weights=seconds)
            assert value == getattr(found, f"p{percent}_{end}")
        assert scores.max() == getattr(found, f"peak_{end}")
        for level in found.levels:
            spent = level.at_least_s if end == "low" else level.at_most_s
            assert seconds[scores >= level.lowest_score].sum() == pytest.approx(spent)


def test_the_worst_moment_is_in_the_segment_with_the_load_and_can_be_redone(summary):
    at = score(summary, "reba", "right").worst
    assert 40 <= at.time_s < 70
    steps = {step.name: step for step in at.steps}
    for step in at.steps:
        for end in ("low", "high"):
            where, value = getattr(step, f"{end}_at"), getattr(step, end)
            if step.table:
                assert look_up("reba", step.table, where).value == value
            else:
                assert sum(where.values()) == value
    assert (steps["reba"].low, steps["reba"].high) == (at.low, at.high)
    assert at.stable_low <= at.low <= at.high <= at.stable_high
    load = next(part for part in at.parts if part.name == "load")
    assert (load.low, load.low_terms) == (2, (("load", "12 kg", 2),))


@pytest.mark.parametrize(("method", "side"), SCORED)
def test_the_ends_of_every_worksheet_are_those_of_the_interval(summary, method, side):
    at = score(summary, method, side).worst
    assert (at.steps[-1].low, at.steps[-1].high) == (at.low, at.high)


def test_every_factor_says_where_it_came_from(summary):
    shares = {share.name: share for share in score(summary, "reba", "right").origins}
    assert shares["trunk_deg"].measured == 1
    assert shares["force_kg"].entered == shares["stance"].entered == 1
    assert shares["wrist_deg"].assumed == shares["rapid_change"].assumed == 1
    for share in shares.values():
        assert share.measured + share.entered + share.overridden + share.assumed == pytest.approx(1)


def test_what_overrides_the_camera_is_told(make, table):
    task = msgspec.structs.replace(TASK, trunk_deg=0.0)
    found = summarise(table, make.provenance(task=task))
    assert found.task.overridden == ("trunk_deg",)
    shares = {share.name: share for share in found.people[0].scores[0].origins}
    assert shares["trunk_deg"].overridden == 1
    assert (
        score(found, "reba", "right").peak_low
        < score(summarise(table, make.provenance(task=TASK)), "reba", "right").peak_low
    )


def test_further_worst_seconds_are_apart_not_below_p90_and_can_be_redone(summary):
    for one in summary.people[0].scores:
        times = sorted(at.time_s for at in (one.worst, *one.further_worst))
        assert all(b - a >= 5.0 for a, b in itertools.pairwise(times))
        assert len(times) <= WORST_LISTED
        assert all(one.p90_low <= at.low <= one.worst.low for at in one.further_worst)
        for at in one.further_worst:
            assert at.steps[-1].low == at.low
            assert {factor.name for factor in at.factors} == set(METHODS[one.method].factors)
    right = score(summary, "rula", "right")
    assert len(right.further_worst) == WORST_LISTED - 1
    assert all(40 <= at.time_s < 70 for at in right.further_worst)  # while bent over the low shelf
    rows = next(b for b in blocks(summary.people[0]) if b.heading == "Worst seconds: RULA").table.rows
    assert rows[0][:2] == ("right", "0:40")
    assert rows[0][4].startswith(f"{right.worst.steps[0].low}")


def test_segments_have_scores_of_their_own(summary):
    found = {(one.method, one.side): one for one in summary.people[0].segments}
    assert found["reba", "right"].scored_s == pytest.approx(30)
    assert found["reba", "right"].peak_low == score(summary, "reba", "right").peak_low
    assert found["reba", "right"].p50_low > score(summary, "reba", "right").p50_low


def test_seconds_in_the_bands_of_a_joint_add_up(summary):
    for joint in summary.people[0].exposure.joints:
        assert sum(band.seconds for band in joint.bands) == pytest.approx(joint.measurable_s)
    trunk = summary.people[0].exposure.joints[0]
    assert {band.points: band.seconds for band in trunk.bands if band.seconds} == {1: 50.0, 3: 30.0}


def test_owas_counts_postures_at_intervals(summary):
    owas = summary.people[0].owas
    assert (owas.samples, owas.enough) == (3, False)  # at 0, 30 and 60 s
    assert owas.digits["back"] == {"open": 3}  # from the side neither twist nor side bend is measured
    assert owas.digits["load"] == {"1": 2, "2": 1}


def test_names_are_given_by_the_user_and_told_in_the_privacy_page(make, table, summary):
    assert summary.people[0].name == "Kim"
    assert any("names that were given" in text for text in summary.privacy)
    assert any("no name" in text for text in summarise(table, make.provenance()).privacy)
    with_pictures = " ".join(statements.privacy(named=True, pictures=True))
    assert "names that were given" in with_pictures
    assert "no name" not in with_pictures
    out = io.BytesIO()
    FORMATS["html"].write(summary, table.rows(), out)
    page = out.getvalue().decode()
    assert "the assessor" in page
    assert "REBA right at" in page


def test_settings_and_sources_of_the_scores_are_printed(make, table):
    settings = {"scores": {"rula_static_min": "ergoplus_worksheet"}}
    found = summarise(table, make.provenance(settings=settings))
    assert found.settings == {"scores.rula_static_min": "ergoplus_worksheet"}
    assert [facts.method for facts in found.methods] == list(METHODS)
    assert all("independent implementations" in " ".join(facts.provenance) for facts in found.methods)


def test_too_little_data_has_no_scores(make):
    table = make.filled(list(picking(make))[:20])
    assert summarise(table, make.provenance()).people[0].scores == ()


def test_what_cannot_be_scored_is_told_with_the_reason(desk_summary):
    person = desk_summary.people[0]
    assert [one.method for one in person.scores] == ["owas"]
    first = blocks(person)[0]
    assert first.note.startswith("RULA and REBA were not scored: they need trunk and upper arm")
    assert "left upper arm flexion: out of the picture" in first.note


def test_a_picture_is_scored_too(make):
    table = make.filled([Observation(0, 0.0, (make.subject(STANDING),))])
    found = summarise(table, make.provenance())
    assert {one.scored_s for one in found.people[0].scores} == {0.0}
    assert score(found, "rula", "left").worst.low == 1
    assert blocks(found.people[0])


def test_nobody_has_no_scores(make):
    scored = score_table(Table(), TASK, settings_of({}))
    assert scored.rows.shape == (0, len(COLUMNS))


def test_everything_has_words():
    for method in METHODS.values():
        assert set(method.factors) <= set(score_words.FACTORS)
        assert {*method.parts, *method.steps} <= set(score_words.PARTS)
