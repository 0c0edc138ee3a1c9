"""Who is who. Bodies have a radius of 100 px, so 0.35 body radii are 35 px."""

import numpy as np
import pytest

from posture.pose.track import OTHERS_EVERY_S, Tracker

HZ = 10


@pytest.fixture
def run(models, shot):
    """(Tracker options, [people of each frame]) -> [(identities, others)] at 10 Hz."""

    def run(scene, *, patterns=None, hz=HZ, **options):
        track = Tracker(models.detect, models.look, **options)
        patterns = patterns or [0] * len(scene)
        results = []
        for i, (people, pattern) in enumerate(zip(scene, patterns, strict=True)):
            poses, others = track(shot(i / hz, people, pattern))
            results.append((tuple(pose.person for pose in poses), others))
        return results

    return run


def test_an_empty_room_holds_nobody(run, models):
    assert run([[]] * 5) == [((), 0)] * 5
    assert models.looks == []


def test_one_person_keeps_the_identity_and_the_detector_rests(run, models, person):
    scene = [[person(300 + 10 * i, 500)] for i in range(20)]
    assert run(scene) == [((1,), 0)] * 20
    assert models.detector_runs == 2, "one to find, one to see that there is nobody else"
    assert len(models.looks) == 20


def test_the_detector_looks_for_others_by_time_and_not_by_frames(run, models, person):
    for hz in (2, 30):
        models.detector_runs = 0
        run([[person(300, 500)]] * (hz * 12 + 1), hz=hz)
        assert models.detector_runs == 2 + int(12 / OTHERS_EVERY_S)


def test_the_largest_person_is_followed_and_the_others_counted(run, person):
    scene = [[person(200, 500, 80), person(500, 500, 130), person(800, 500, 60)]] * 3
    assert run(scene) == [((1,), 2)] * 3


def test_whom_to_prefer_can_be_chosen(models, shot, person):
    track = Tracker(models.detect, models.look, prefer=lambda find: -find.region.x)
    poses, _ = track(shot(0.0, [person(600, 500, 130), person(200, 500, 80)]))
    assert poses[0].region[0] == pytest.approx(200)


def test_the_count_of_others_follows_the_scene(run, person):
    """A second person comes after 1 s and goes after 7 s: seen at the searches at 5 s and 10 s."""
    both, one = [person(300, 500), person(700, 500, 70)], [person(300, 500)]
    results = run([both if 10 <= i < 70 else one for i in range(110)])
    assert {identities for identities, _ in results} == {(1,)}
    assert [others for _, others in results] == [0] * 50 + [1] * 50 + [0] * 10


def test_several_people_are_kept_apart_while_they_cross(run, person):
    """Two people pass each other at different heights; their boxes overlap, their bodies do not."""
    scene = [[person(200 + 12 * i, 300), person(800 - 12 * i, 520)] for i in range(50)]
    assert run(scene, people=2) == [((1, 2), 0)] * 50


def test_no_more_people_than_asked_for(run, person):
    scene = [[person(150 + 250 * i, 500) for i in range(4)]] * 2
    assert run(scene, people=3) == [((1, 2, 3), 1)] * 2


def test_a_newcomer_is_found_within_a_second(run, person):
    scene = [[person(300, 500)] + ([person(700, 500)] if i >= 3 else []) for i in range(15)]
    results = run(scene, people=2)
    assert results[9] == ((1,), 0)
    assert results[10] == ((1, 2), 0)


def test_who_comes_back_after_a_gap_is_somebody_new(run, person):
    scene = [[person(500, 500)]] * 3 + [[]] + [[person(500, 500)]] * 2
    assert [ids for ids, _ in run(scene)] == [(1,)] * 3 + [()] + [(2,)] * 2


def test_the_other_person_does_not_inherit_an_identity(run, person):
    """1 leaves while 2 stays: 2 stays 2, and who comes later is 3."""
    left, right = person(200, 500), person(800, 500)
    scene = [[left, right]] * 3 + [[right]] * 12 + [[left, right]] * 12
    identities = [ids for ids, _ in run(scene, people=2)]
    assert identities[2] == (1, 2)
    assert set(identities[3:15]) == {(2,)}
    assert identities[-1] == (2, 3)
    assert not any(1 in ids for ids in identities[3:])


def test_the_other_person_is_taken_up_as_a_new_one_when_the_followed_one_leaves(run, person):
    scene = [[person(300, 500, 120), person(700, 500)]] * 2 + [[person(700, 500)]] * 2
    assert [ids for ids, _ in run(scene)] == [(1,), (1,), (2,), (2,)]


def test_a_chain_that_slips_is_found_again_in_the_same_frame_as_the_same_person(models, shot, person):
    """The model loses the person in the chain's region, the detector finds the same body in the same frame."""
    body, misses = person(500, 500), iter([False, True, False, False])
    track = Tracker(models.detect, lambda s, region: None if next(misses, False) else models.look(s, region))
    assert [p.person for p in track(shot(0.0, [body]))[0]] == [1]
    assert [p.person for p in track(shot(0.1, [body]))[0]] == [1]


def test_a_jump_further_than_a_body_can_is_another_person(models, shot, person):
    """In 0.1 s a body of 100 px moves 35 + 40 px at most. The model, misled, sees a body elsewhere."""
    near, far = person(574, 500), person(576, 500)
    for body, expected in ((near, 1), (far, 2)):
        track = Tracker(models.detect, lambda s, region: s.people[0])
        track(shot(0.0, [person(500, 500)]))
        assert [p.person for p in track(shot(0.1, [body]))[0]] == [expected]


def test_of_two_chains_on_one_person_the_younger_ends(run, person):
    """2 walks behind 1 and is not seen any more; its region now shows 1."""
    meet = [[person(300, 500), person(300 + d, 500)] for d in (200, 180, 150, 120, 90, 70)]
    results = run([*meet, *[[person(300, 500)]] * 3], people=2)
    assert results[5][0] == (1, 2)
    assert [ids for ids, _ in results[6:]] == [(1,)] * 3


def test_a_cut_ends_everybody_even_where_a_body_stands_in_the_same_place(run, person):
    scene = [[person(500, 500)]] * 4
    assert [ids for ids, _ in run(scene, patterns=[0, 0, 1, 1])] == [(1,), (1,), (2,), (2,)]


def test_a_cut_is_followed_by_a_thorough_search(models, shot, person):
    """The smaller person is the detector's first; the count of others must not be that of the old scene either."""
    before = [person(300, 500), person(700, 500, 60), person(900, 500, 60)]
    after = [person(300, 500, 60), person(700, 500, 130)]
    track = Tracker(models.detect, models.look)
    assert track(shot(0.0, before, 0))[1] == 2
    poses, others = track(shot(0.1, after, 1))
    assert (poses[0].region[0], others) == (pytest.approx(700), 1)


def test_a_doubtful_second_person_is_not_taken(run, models, person):
    """0.6 * 0.8 = 0.48: not sure enough beside somebody else, but enough for the only person in the picture."""
    models.sure = 0.6
    doubtful = person(700, 500, 60, score=0.8)
    assert run([[person(300, 500), doubtful]], people=2) == [((1,), 0)]
    assert run([[doubtful]], people=2) == [((1,), 0)]


def test_slow_streams_keep_the_identity(run, person):
    """One frame every 5 s, as the desk monitor may do."""
    assert [ids for ids, _ in run([[person(500 + i, 500)] for i in range(5)], hz=0.2)] == [(1,)] * 5


def test_a_new_person_starts_with_new_filters(models, shot, person):
    """Visibility 0.9 of the first must not colour the second, found after a gap."""
    track = Tracker(models.detect, models.look)
    track(shot(0.0, [person(500, 500)]))
    track(shot(0.1, []))
    hidden = person(500, 500)
    hidden.visibility[:] = 0.2
    hidden.world_m[:] += 0.5
    pose = track(shot(0.2, [hidden]))[0][0]
    assert pose.visibility == pytest.approx(np.full(33, 0.2))
    assert pose.world_m == pytest.approx(hidden.world_m)


def test_smoothing_holds_back_a_jitter_and_can_be_off(models, shot, person):
    for smooth, moved in ((True, 0.5), (False, 1.0)):
        track = Tracker(models.detect, models.look, smooth=smooth)
        track(shot(0.0, [person(500, 500)]))
        pose = track(shot(1 / 30, [person(501, 500)]))[0][0]
        start = person(500, 500).points_px[0, 0]
        assert (pose.points_px[0, 0] - start < moved) == smooth


def test_poses_are_read_only_and_their_own(models, shot, person):
    track = Tracker(models.detect, models.look)
    body = person(500, 500)
    pose = track(shot(0.0, [body]))[0][0]
    for array in (pose.points_px, pose.world_m, pose.visibility, pose.presence):
        assert array.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    body.points_px[:] = 0
    assert pose.points_px[23, 0] == pytest.approx(510)
    assert pose.score == 0.9
    assert pose.region == pytest.approx((500, 500, 250, 0))
