"""Two cameras on one person: what each sees, what is taken from it, and how the offset is found."""

import numpy as np
import pytest

from posture.data import MEASURE_INDEX, Observation, Subject, View
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.ergonomics.offset import propose
from posture.ergonomics.two_views import fuse, most_seen

RATE_HZ, LATE_S = 10.0, 3.2


def bends(seconds, seed=3):
    """How far somebody leans forward at each moment: now and then, never evenly."""
    random = np.random.default_rng(seed)
    times = np.arange(0, seconds, 0.1)
    starts = np.cumsum(random.uniform(1.5, 6.0, 40))
    return times, sum(40 * np.exp(-(((times - start) / 0.4) ** 2)) for start in starts)


def filmed(figure, facing, leans, person=1):
    """The observations of a camera that the person faces by so many degrees."""
    found = []
    for i, lean in enumerate(leans):
        pose = figure().lean(forward=float(lean)).seen(facing, person=person)
        measured = measure(pose, 1920, 1080)
        found.append(Observation(i, i / RATE_HZ, (Subject(pose, measured, assess(measured)),)))
    return tuple(found)


@pytest.fixture(scope="module")
def both(figure):
    """A front view, and a side view that began 3.2 s later in the movement."""
    _, leans = bends(40)
    return filmed(figure, 0, leans), filmed(figure, 90, leans[round(LATE_S * RATE_HZ) :], person=4)


def test_the_offset_is_found_from_another_side(both):
    found = propose(*both, (1, 4))
    assert found.offset_s == pytest.approx(-LATE_S, abs=0.1)
    assert found.certain


def test_other_movements_give_no_certain_offset(figure, both):
    found = propose(both[0], filmed(figure, 90, bends(40, seed=11)[1]), (1, 1))
    assert not found.certain


@pytest.mark.parametrize("seconds", [0.2, 5])
def test_what_is_too_short_has_no_offset(figure, seconds):
    short = filmed(figure, 0, bends(seconds)[1])
    assert propose(short, short, (1, 1)) is None


def test_each_angle_is_from_the_view_that_sees_its_plane(both):
    fused = fuse(*both, -LATE_S, (1, 4))
    front, side = (one[100].people[0].measurements for one in both)
    assert (front.view, side.view) == (View.FRONT, View.SIDE)
    taken = dict(zip(MEASURE_INDEX, fused.taken[100], strict=True))
    assert taken["trunk_inclination_deg"] == 2
    assert taken["shoulder_tilt_deg"] == 1
    later = both[1][100 - round(LATE_S * RATE_HZ)].people[0].measurements
    assert fused.observations[100].people[0].measurements["trunk_inclination_deg"] == later["trunk_inclination_deg"]


def test_disagreement_is_second_minus_first_at_the_same_moment(both):
    fused = fuse(*both, -LATE_S, (1, 4))
    at = MEASURE_INDEX["trunk_inclination_deg"]
    mine = both[0][100].people[0].measurements.values[at]
    theirs = both[1][100 - round(LATE_S * RATE_HZ)].people[0].measurements.values[at]
    assert fused.both[100, at] == pytest.approx(theirs - mine)


def test_zones_are_judged_from_the_angles_that_were_taken(both):
    fused = fuse(*both, -LATE_S, (1, 4))
    for one in fused.observations[::37]:
        (subject,) = one.people
        assert subject.assessment == assess(subject.measurements)
        assert subject.pose.person == 1


def test_before_the_second_view_began_only_the_first_speaks(both):
    fused = fuse(*both, -LATE_S, (1, 4))
    early = fused.taken[: round(LATE_S * RATE_HZ) - 1]
    assert set(np.unique(early)) <= {0, 1}
    assert fused.paired_s == pytest.approx(40 - LATE_S, abs=0.3)


def test_a_view_with_nobody_leaves_the_other(both):
    empty = tuple(Observation(one.index, one.time_s) for one in both[0])
    fused = fuse(empty, both[1], 0.0, (1, 4))
    assert set(np.unique(fused.taken)) <= {0, 2}
    assert len(fused.observations) == len(empty)
    assert fused.paired_s == 0


def test_whoever_is_seen_most_is_merged(both):
    crowd = [Observation(one.index, one.time_s, (*one.people, *both[0][0].people)) for one in both[1][:5]]
    assert most_seen([*crowd, *both[1]]) == 4
    assert most_seen([]) == 0
