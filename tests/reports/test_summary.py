import csv
import io
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.data import MEASURE_NAMES, PARTS, Observation, Reason
from posture.reports import FORMATS, summarise
from posture.reports.exposure import percentile
from posture.reports.timeline import STEPS


def part(summary, name, person=0):
    return next(p for p in summary.people[person].parts if p.part == name)


def measure(summary, name, person=0):
    return next(m for m in summary.people[person].measures if m.name == name)


def test_quality_of_the_desk_session(desk_summary):
    """8 min less a gap of 30 s of which 1 s is known; 20 s + that second with nobody; 30 s turned away."""
    quality = desk_summary.quality
    assert (quality.analysed_s, quality.gaps_s) == (451 - 0.1, 29 + 0.1)
    assert quality.nobody_s == pytest.approx(20.9)
    assert quality.person_not_judged_s == pytest.approx(30.0)
    assert quality.judged_s == pytest.approx(400.0)
    assert quality.judged_share == pytest.approx(400 / 450.9)
    assert (quality.grade, quality.median_rate_hz, quality.people_seen) == ("good", 10.0, 1)
    assert (quality.most_others_seen, quality.others_s) == (1, 10.0)
    assert quality.frames_corrupt == 1


def test_the_three_zones_add_up_to_the_judged_time(desk_summary):
    for found in desk_summary.people[0].parts:
        total = found.acceptable_s + found.conditional_s + found.not_recommended_s
        assert total == pytest.approx(found.judged_s, abs=1e-9)
        assert found.judged_s + found.not_judged_s == pytest.approx(430.0, abs=1e-9)
        assert sum(found.not_judged_reasons_s.values()) == pytest.approx(found.not_judged_s, abs=1e-9)


def test_the_slump_and_the_reach_are_found(desk_summary):
    trunk, arm = part(desk_summary, "trunk"), part(desk_summary, "right_upper_arm")
    assert trunk.conditional_s == pytest.approx(117, abs=1.5)  # 120 s less the way down to 20 degrees
    assert trunk.not_judged_reasons_s == {"wrong_view": 30.0}
    assert arm.not_recommended_s == pytest.approx(22.0, abs=0.2)
    holds = {(hold.part, hold.verdict): hold for hold in desk_summary.people[0].holds}
    held = holds["trunk", "within_limit"]
    assert held.angle_deg == pytest.approx(26, abs=0.5)
    assert held.limit_s == pytest.approx(240 - 6 * 180 / 40, abs=3)  # 240 s at 20 degrees falling to 60 s at 60
    assert held.duration_s == pytest.approx(117, abs=1.5)
    assert holds["right_upper_arm", "not_recommended"].limit_s is None


def test_the_gravest_finding_comes_first(desk_summary):
    found = desk_summary.people[0].findings
    assert [finding.weight for finding in found] == ["act", "watch", "watch", "fine"]
    assert found[0].part == "right_upper_arm"
    assert all(finding.advice for finding in found if finding.weight in ("act", "watch"))


def test_figures_can_be_computed_again_from_the_csv(desk, desk_summary):
    """Zone by zone and percentile by percentile, with nothing but the file."""
    out = io.BytesIO()
    FORMATS["csv"].write(desk_summary, desk.rows(), out)
    rows = [row for row in csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")) if row["person"] == "1"]
    for name in ("trunk_inclination_deg", "left_shoulder_raise_ratio"):
        known = [(float(row[name]), float(row["duration_s"])) for row in rows if row[name]]
        values, weights = np.array(known).T
        found = measure(desk_summary, name)
        for percent, printed in ((10, found.p10), (50, found.p50), (90, found.p90)):
            assert percentile(values, weights, percent) == printed
        assert (values.min(), values.max()) == (found.lowest, found.highest)
    for name in PARTS:
        spent = sum(float(row["duration_s"]) for row in rows if row[f"{name}_zone"] == "conditional")
        assert spent == pytest.approx(part(desk_summary, name).conditional_s, abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.integers(1, 5_000_000)), min_size=1, max_size=60),
    st.sampled_from([10, 50, 90]),
)
@settings(max_examples=100)
def test_percentile_is_the_smallest_value_not_exceeded_for_that_share_of_the_time(pairs, percent):
    values, microseconds = (np.array(column) for column in zip(*pairs, strict=True))
    found = percentile(values, microseconds / 1e6, percent)
    below = microseconds[values <= found].sum() * 100
    strictly = microseconds[values < found].sum() * 100
    assert below >= percent * microseconds.sum() > strictly


def test_percentile_counts_time_and_not_frames():
    values, seconds = np.array([10.0, 20.0, 30.0]), np.array([0.1, 0.1, 9.8])
    assert percentile(values, seconds, 50) == 30.0
    assert percentile(values, np.zeros(3), 50) == 20.0  # no time passes: every value counts the same


def test_histogram_holds_the_measurable_time(desk_summary):
    for found in desk_summary.people[0].measures:
        if found.histogram:
            assert sum(found.histogram.seconds) == pytest.approx(found.measurable_s, abs=1e-6)
            end = found.histogram.start + found.histogram.width * len(found.histogram.seconds)
            assert found.histogram.start <= found.lowest <= found.highest <= end


def test_what_was_never_measurable_says_why_and_has_no_figures(desk_summary):
    found = measure(desk_summary, "left_knee_flexion_deg")
    assert (found.measurable_s, found.measurable_share) == (0.0, 0.0)
    assert found.p90 is found.lowest is found.histogram is None
    assert found.not_measurable_reasons_s == {"out_of_picture": 400.0, "wrong_view": 30.0}


def test_timeline_is_bounded_in_order_and_leaves_absence_empty(desk_summary):
    line = desk_summary.people[0].timeline
    assert (line.start_s, line.end_s) == (0.0, 480.0)
    for spans in line.zones.values():
        assert len(spans) <= STEPS
        assert all(a.end_s <= b.start_s for a, b in pairwise(spans))
        assert all(span.end_s <= 331 or span.start_s >= 379 for span in spans)
    assert [span.zone for span in line.zones["right_upper_arm"]] == [
        "acceptable", "not_recommended", "acceptable", "unknown", "acceptable"
    ]  # fmt: skip
    assert all(len(curve.median) == STEPS for curve in line.curves.values())
    trunk = line.curves["trunk_inclination_deg"]
    assert trunk.median[180] == pytest.approx(26, abs=1)
    assert trunk.median[360] is None


def test_curves_of_everything_that_was_ever_measurable(desk, desk_summary):
    line, person = desk_summary.people[0].timeline, desk.person(1)
    assert set(line.curves) == {name for name in MEASURE_NAMES if np.isfinite(person.value(name)).any()}
    assert "left_knee_flexion_deg" not in line.curves
    step = (person.time_s >= 100.0 - 1e-9) & (person.time_s < 101.0 - 1e-9)  # step 100 of 480 in 480 s
    for name in ("head_tilt_deg", "left_elbow_flexion_deg", "left_shoulder_raise_ratio"):
        values, curve = person.value(name)[step], line.curves[name]
        assert (curve.lowest[100], curve.highest[100]) == (values.min(), values.max())
        assert curve.median[100] == pytest.approx(np.median(values), abs=0.006)


def test_the_timeline_of_few_frames_has_no_holes(make):
    slow = [Observation(i, i * 2.0, (make.subject(make.UPRIGHT),)) for i in range(10)]
    line = summarise(make.filled(slow), make.provenance()).people[0].timeline
    assert [len(spans) for spans in line.zones.values()] == [1] * 5
    assert None not in line.curves["trunk_inclination_deg"].median


def test_worst_moments_are_apart_and_a_typical_one_stands_beside(desk_summary):
    *worst, typical = desk_summary.people[0].moments
    assert [moment.kind for moment in (*worst, typical)] == ["worst"] * len(worst) + ["typical"]
    assert any(240 <= moment.time_s < 262 for moment in worst)
    assert all(b.time_s - a.time_s >= 5 for a, b in pairwise(worst))
    assert typical.values["trunk_inclination_deg"] == pytest.approx(4, abs=1.5)
    assert set(typical.reasons) == {name for name in MEASURE_NAMES if typical.values[name] is None}
    assert len(typical.keypoints) == 33


def test_one_bad_estimate_is_no_worst_moment(make):
    def session():
        for o in make.desk_session(seconds=30):
            glitch = (make.subject(make.UPRIGHT | {"trunk_inclination_deg": 85.0}),)
            yield Observation(o.index, o.time_s, glitch if o.time_s == 15.0 else o.people)

    assert [m.kind for m in summarise(make.filled(session()), make.provenance()).people[0].moments] == ["typical"]


def test_frame_rate_changes_no_figure_by_much(make):
    """The same motion at 5 and 25 Hz: dwell within one sample, percentiles within the noise."""
    slow, fast = (summarise(make.filled(make.desk_session(rate_hz=rate)), make.provenance()) for rate in (5.0, 25.0))
    for name in PARTS:
        assert part(slow, name).conditional_s == pytest.approx(part(fast, name).conditional_s, abs=1.0)
    a, b = measure(slow, "head_inclination_deg"), measure(fast, "head_inclination_deg")
    assert (a.p50, a.p90) == pytest.approx((b.p50, b.p90), abs=0.3)


def test_too_little_judged_time_gives_no_figures(make):
    summary = summarise(make.filled(make.desk_session(seconds=4.5)), make.provenance())
    person = summary.people[0]
    assert summary.quality.grade == person.grade == "too_little"
    assert person.parts == person.measures == person.findings == person.holds == ()
    assert person.timeline is None
    assert person.moments


def test_a_person_who_could_never_be_judged_is_not_called_good(make):
    hidden = [Observation(i, i / 10, (make.subject({}, reason=Reason.LOW_VISIBILITY),)) for i in range(100)]
    summary = summarise(make.filled(hidden), make.provenance())
    assert (summary.quality.grade, summary.quality.judged_s) == ("too_little", 0.0)
    assert summary.quality.person_not_judged_s == 10.0


def test_nobody_and_nothing(make):
    nobody = summarise(make.filled([Observation(i, i / 10) for i in range(50)]), make.provenance())
    assert (nobody.people, nobody.quality.nobody_s) == ((), 5.0)
    nothing = summarise(make.filled([]), make.provenance(frames_decoded=0))
    assert (nothing.people, nothing.quality.grade, nothing.quality.median_rate_hz) == ((), "too_little", None)


def test_people_are_kept_apart_and_passers_by_are_listed(make):
    def session():
        for o in make.desk_session(seconds=60):
            people = list(o.people)
            if o.time_s >= 20:
                people.append(make.subject({"trunk_inclination_deg": 65.0}, person=7))
            if 30 <= o.time_s < 32:
                people.append(make.subject(make.UPRIGHT, person=9))
            yield Observation(o.index, o.time_s, tuple(people))

    summary = summarise(make.filled(session()), make.provenance())
    assert [person.person for person in summary.people] == [1, 7]
    assert part(summary, "trunk", 1).not_recommended_s == pytest.approx(40.0)
    assert part(summary, "trunk", 0).not_recommended_s == 0
    assert [(g.person, g.present_s) for g in summary.glimpses] == [(9, 2.0)]
    assert summary.quality.judged_s == pytest.approx(60.0)  # time, not the sum over people


def test_only_settings_that_matter_are_told(desk_summary):
    assert desk_summary.settings["pose.model"] == "full"
    assert not any(key.startswith("output") for key in desk_summary.settings)


def test_a_summary_has_no_nan_and_goes_through_json_unchanged(desk_summary):
    text = msgspec.json.encode(desk_summary)
    assert msgspec.json.decode(text, type=type(desk_summary)) == desk_summary


def test_same_input_same_summary(desk, desk_summary, make):
    again = summarise(make.filled(make.desk_session()), make.provenance())
    assert again.people == desk_summary.people
    assert again.quality == desk_summary.quality


def test_one_judged_part_of_five_is_poor_data(make):
    """A head alone, seen all the time: every frame is judged, and still little is known of the posture."""
    alone = [Observation(i, i / 10, (make.subject({"head_inclination_deg": 5.0}),)) for i in range(100)]
    quality = summarise(make.filled(alone), make.provenance()).quality
    assert (quality.judged_share, quality.parts_judged_share, quality.grade) == (1.0, 0.2, "poor")


def test_a_part_that_was_judged_for_a_moment_is_not_talked_of(make):
    def session():
        for i in range(200):
            angles = {"head_inclination_deg": 5.0} | ({"trunk_inclination_deg": 70.0} if i < 20 else {})
            yield Observation(i, i / 10, (make.subject(angles),))

    person = summarise(make.filled(session()), make.provenance()).people[0]
    assert [finding.weight for finding in person.findings] == ["fine", "note"]
