"""Two cameras on one person: what each sees, what is taken from it, and how the offset is found."""

from dataclasses import replace

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


def looked_at(pose, index, time_s):
    measured = measure(pose, 1920, 1080)
    return Observation(index, time_s, (Subject(pose, measured, assess(measured)),))


def filmed(figure, facing, leans, person=1):
    """The observations of a camera that the person faces by so many degrees."""
    return tuple(
        looked_at(figure().lean(forward=float(lean)).seen(facing, person=person), i, i / RATE_HZ)
        for i, lean in enumerate(leans)
    )


class Scene:
    """One movement in space, forward and to the side, which any number of cameras sees."""

    def __init__(self, figure, seconds=34.0):
        self.figure = figure
        self.times, forward = bends(seconds, seed=3)
        self.moves = forward, bends(seconds, seed=8)[1] / 2

    def at(self, time_s):
        forward, right = (float(np.interp(time_s, self.times, move)) for move in self.moves)
        return self.figure().lean(forward=forward, right=right)

    def filmed(self, facing, began_s=0.0, seconds=25.0, rate_hz=RATE_HZ, depth=0.4, seed=0):
        """What a model makes of it: keypoints that are 2 pixels off, and a depth that it takes for less than half."""
        random, found = np.random.default_rng(seed), []
        for i in range(round(seconds * rate_hz)):
            pose = self.at(began_s + i / rate_hz).seen(facing)
            noise = np.column_stack([random.normal(0, 2, (33, 2)), np.zeros(33)])
            pose = replace(pose, points_px=pose.points_px + noise, world_m=pose.world_m * [1, 1, depth])
            found.append(looked_at(pose, i, i / rate_hz))
        return tuple(found)


@pytest.fixture(scope="module")
def scene(figure):
    return Scene(figure)


@pytest.fixture(scope="module")
def both(figure):
    """A front view, and a side view that began 3.2 s later in the movement."""
    _, leans = bends(40)
    return filmed(figure, 0, leans), filmed(figure, 90, leans[round(LATE_S * RATE_HZ) :], person=4)


def test_the_offset_is_found_from_another_side(both):
    found = propose(*both, (1, 4))
    assert found.offset_s == pytest.approx(-LATE_S, abs=0.1)
    assert found.certain


@pytest.mark.parametrize(("began_s", "rate_hz"), [(0.0, 10.0), (1.137, 10.0), (2.61, 25.0), (4.049, 15.0)])
def test_the_offset_is_right_within_one_frame_of_a_video(scene, began_s, rate_hz):
    side = scene.filmed(90, began_s, rate_hz=rate_hz, seed=1)
    found = propose(scene.filmed(0), side, (1, 1))
    assert found.certain
    assert found.offset_s == pytest.approx(-began_s, abs=1 / 30)


def test_both_views_together_are_nearer_to_the_truth_than_either(scene):
    """The truth of each angle is what a camera without noise sees that looks along the right axis."""
    began_s = 1.137
    front, side = scene.filmed(0), scene.filmed(90, began_s, seed=1)
    both = fuse(front, side, propose(front, side, (1, 1)).offset_s, (1, 1)).observations
    apart = {}
    for name, facing in (("trunk_inclination_deg", 90), ("trunk_side_bend_deg", 0), ("shoulder_tilt_deg", 0)):
        for which, seen, start_s in (("front", front, 0.0), ("side", side, began_s), ("both", both, 0.0)):
            errors = [
                one.people[0].measurements[name]
                - measure(scene.at(start_s + one.time_s).seen(facing), 1920, 1080)[name]
                for one in seen
                if 1.5 < start_s + one.time_s < 23
            ]
            apart[which, name] = np.nan_to_num(np.abs(errors), nan=90.0).mean()  # nothing measured is as bad as can be
    mean = {which: np.mean([error for (one, _), error in apart.items() if one == which]) for which, _ in apart}
    assert mean["both"] < 1.0 < 2.0 < min(mean["front"], mean["side"]), apart
    for _, name in apart:  # as good as the better view, but for half a frame between the two
        assert apart["both", name] < min(apart["front", name], apart["side", name]) + 1.0, apart


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
