"""The same motion at 2 to 60 frames a second, and at an uneven rate, gives the same report to one frame."""

import numpy as np
import pytest

from posture.data import Observation
from posture.ergonomics.task import Segment, Task
from posture.reports import Table, summarise

RATES = (2, 5, 12, 30, 60)
END_S = 160.0
SITTING, STANDING = 90.0, 5.0
TASK = Task(entered_by="A", legs_supported=True, segments=(Segment(name="lifting", start=100, end=160, force_kg=3.0),))


def angles_at(time_s):
    """Sits until 100 s, from 60 to 72 s bent by 30 degrees and turned by 25; then stands, and lifts the right arm to 80
    degrees every 5 s: at rest at 100 s, highest at 102.5 s, and so on.
    """
    bent = 60 <= time_s < 72
    legs = SITTING if time_s < 100 else STANDING
    arm = 10.0 if time_s < 100 else 45.0 - 35.0 * np.cos(2 * np.pi * (time_s - 100) / 5)
    return {
        "trunk_inclination_deg": 30.0 if bent else 8.0,
        "trunk_twist_deg": 25.0 if bent else 1.0,
        "head_inclination_deg": 15.0,
        "neck_flexion_deg": 7.0,
        "left_upper_arm_elevation_deg": 12.0,
        "left_upper_arm_flexion_deg": 12.0,
        "left_elbow_flexion_deg": 70.0,
        "right_upper_arm_elevation_deg": float(arm),
        "right_upper_arm_flexion_deg": float(arm),
        "right_elbow_flexion_deg": 70.0,
        **{f"{side}_{joint}_flexion_deg": legs for side in ("left", "right") for joint in ("hip", "knee")},
    }


def sampled(rate):
    """Times, and the longest interval between two."""
    if rate == "uneven":
        times = np.cumsum(np.random.default_rng(14).uniform(1 / 60, 1 / 5, 3000))
        times = np.append(0.0, times[times < END_S])
        return times, 1 / 5
    return np.arange(round(END_S * rate)) / rate, 1 / rate


@pytest.fixture(scope="module")
def at(make):
    """The person of the report, and one frame in seconds, by rate."""
    found = {}

    def report(rate):
        if rate not in found:
            times, frame_s = sampled(rate)
            table = Table(said=lambda _: TASK)
            for i, time_s in enumerate(times.tolist()):
                table.append(Observation(i, time_s, (make.subject(angles_at(time_s)),)))
            settings = make.provenance().settings | {"scores": {"owas_interval_s": 11.0}}
            summary = summarise(table, make.provenance(task=TASK, settings=settings))
            found[rate] = summary.people[0], frame_s * 1.001
        return found[rate]

    return report


rates = pytest.mark.parametrize("rate", [*RATES, "uneven"])


@rates
def test_time_in_zones_and_bands(at, rate):
    person, frame_s = at(rate)
    trunk = next(part for part in person.parts if part.part == "trunk")
    assert trunk.conditional_s == pytest.approx(12.0, abs=frame_s)
    assert trunk.acceptable_s == pytest.approx(148.0, abs=frame_s)
    bands = {(joint.factor, joint.side): joint for joint in person.exposure.joints}
    assert [band.seconds for band in bands["trunk_deg", ""].bands] == pytest.approx([0, 0, 148, 12, 0], abs=frame_s)
    knee = [band.seconds for band in bands["knee_deg", ""].bands]
    assert knee == pytest.approx([60, 0, 100], abs=frame_s)
    # Below 20 degrees for a share of arccos(25/35) / pi of each lift; 24 crossings of that edge, each within a frame.
    low_s = 100 + 60 * np.arccos(25 / 35) / np.pi
    assert bands["upper_arm_deg", "right"].bands[1].seconds == pytest.approx(low_s, abs=24 * frame_s)


@rates
def test_percentiles_and_peaks(at, rate):
    person, _ = at(rate)
    measures = {one.name: one for one in person.measures}
    trunk = measures["trunk_inclination_deg"]
    assert (trunk.p10, trunk.p50, trunk.p90, trunk.highest) == (8.0, 8.0, 8.0, 30.0)
    arm = measures["right_upper_arm_elevation_deg"]
    assert (arm.p10, arm.p50) == (10.0, 10.0)
    # In 60 s of 160 it lifts, so P90 is what is passed for 16 s: 4/15 of a lift. It moves by up to 44 degrees a second.
    assert arm.p90 == pytest.approx(45 + 35 * np.cos(np.pi * 4 / 15), abs=22 * at(rate)[1])
    assert arm.highest == pytest.approx(80.0, abs=0.7)


@rates
def test_holds_and_what_is_not_met(at, rate):
    person, frame_s = at(rate)
    (hold,) = person.holds
    assert (hold.part, hold.start_s) == ("trunk", pytest.approx(60.0, abs=frame_s))
    assert hold.duration_s == pytest.approx(12.0, abs=2 * frame_s)  # to its last sample
    twisted = next(one for one in person.criteria if one.name == "trunk_twisted")
    assert (twisted.not_met_s, twisted.held) == (pytest.approx(12.0, abs=frame_s), 1)
    knee = next(one for one in person.criteria if one.name == "knee_deg" and one.side == "left")
    assert (knee.met_s, knee.beside_s) == pytest.approx((100.0, 60.0), abs=frame_s)


@rates
def test_sitting_and_changes_of_posture(at, rate):
    person, frame_s = at(rate)
    sitting = person.exposure.sitting
    assert (sitting.longest_start_s, sitting.longest_s) == (0.0, pytest.approx(100.0, abs=frame_s))
    assert person.exposure.posture_changes == 3  # bends, straightens up, stands up
    assert person.exposure.posture_changes_per_hour == pytest.approx(3 * 3600 / END_S, abs=0.5)


@rates
def test_repetition(at, rate):
    person, frame_s = at(rate)
    arm = next(one for one in person.repetitions if one.measure == "right_upper_arm_elevation_deg")
    assert arm.count == 12
    assert [one.peak_s for one in arm.movements] == pytest.approx([102.5 + 5 * i for i in range(12)], abs=frame_s)
    assert arm.per_minute == pytest.approx(12 / END_S * 60, abs=0.05)


@rates
def test_owas_samples_are_the_same_postures(at, rate):
    owas = at(rate)[0].owas
    assert owas.samples == 15  # 0, 11, ... 154 s
    assert owas.digits["back"] == {"4": 1, "open": 14}  # bent and turned at 66 s; else the side bend was not seen
    assert owas == at(60)[0].owas


@rates
def test_scores_levels_and_segments(at, rate):
    person, frame_s = at(rate)
    reference = {(one.method, one.side): one for one in at(60)[0].scores}
    assert {(one.method, one.side) for one in person.scores} == set(reference)
    for one in person.scores:
        other = reference[one.method, one.side]
        crossings = 26 if one.side == "right" else 4  # of a score from one value to another
        assert one.scored_s == pytest.approx(END_S, abs=frame_s)
        assert (one.p50_low, one.p50_high) == (other.p50_low, other.p50_high)
        assert (one.peak_low, one.peak_high) == (other.peak_low, other.peak_high)
        for level, same in zip(one.levels, other.levels, strict=True):
            assert level.at_least_s == pytest.approx(same.at_least_s, abs=crossings * 2 * frame_s)
            assert level.at_most_s == pytest.approx(same.at_most_s, abs=crossings * 2 * frame_s)
    for segment, same in zip(person.segments, at(60)[0].segments, strict=True):
        assert segment.scored_s == pytest.approx(60.0, abs=frame_s)
        assert (segment.peak_low, segment.peak_high) == (same.peak_low, same.peak_high)


@rates
def test_the_worst_moment_is_the_same(at, rate):
    """The bent and turned trunk for the left side; for the right one a lift."""
    left = next(one for one in at(rate)[0].scores if (one.method, one.side) == ("rula", "left"))
    assert 60 <= left.worst.time_s < 72 + at(rate)[1]
    assert (left.worst.low, left.worst.high) == (left.peak_low, left.peak_high)


def test_a_second_person_never_changes_the_first(make):
    """The walk-by test for recordings: whoever passes is a person of their own."""

    def summed(passing):
        table = Table(said=lambda _: TASK)
        for i in range(400):
            people = [make.subject(angles_at(i / 2.5))]
            if passing and 100 <= i < 200:
                people.append(make.subject(angles_at(130.0) | {"trunk_inclination_deg": 70.0}, person=2))
            table.append(Observation(i, i / 2.5, tuple(people)))
        return summarise(table, make.provenance(task=TASK)).people[0]

    assert summed(passing=True) == summed(passing=False)
