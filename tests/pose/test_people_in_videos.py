"""Who is who in real clips: empty pictures, cuts, two people. 10 estimates a second, as the product does by default."""

from collections import Counter
from contextlib import closing

import pytest

from posture.pipeline import Pacer
from posture.pose.track import Tracker
from posture.sources.opening import open_source


@pytest.fixture
def people_in(engine, media):
    """(clip, ...) -> [(time, identities, others)]"""

    def people_in(clip, people=1, rate=10.0, until_s=60.0):
        track = Tracker(engine.detect, engine.look, people=people)
        pacer = Pacer(rate)
        results = []
        with closing(open_source(media / clip, threads=1, end_s=until_s)) as source:
            for frame in source:
                if pacer.due(frame.time_s):
                    poses, others = track(frame)
                    results.append((frame.time_s, tuple(pose.person for pose in poses), others))
        return results

    return people_in


@pytest.mark.parametrize("clip", ["odd/all_black.mp4", "odd/no_person.mp4"])
def test_an_empty_room_holds_nobody(people_in, clip):
    assert {(identities, others) for _, identities, others in people_in(clip, rate=2.0)} == {((), 0)}


@pytest.mark.parametrize("rate", [3.0, 10.0, "all"])
def test_leaving_and_coming_back_gives_new_identities(people_in, rate):
    """One person for 2 s, nobody for 2 s, the same person for 2 s, another one for 2 s; hard cuts between."""
    for time_s, identities, _ in people_in("odd/leave return другой человек.mp4", rate=rate):
        assert identities == ((1,), (), (2,), (3,))[int((time_s + 1e-6) // 2)]


def test_two_people_side_by_side(people_in):
    assert {identities for _, identities, _ in people_in("odd/two_persons_hstack.mp4", people=2)} == {(1, 2)}
    alone = people_in("odd/two_persons_hstack.mp4")
    assert {(identities, others) for _, identities, others in alone} == {((1,), 1)}


def test_cashier_and_customer_keep_their_identities(people_in):
    results = people_in("videos/seated_checkout_turn_light_2persons.mp4", people=2)
    assert {identities for time_s, identities, _ in results if time_s > 2.5} == {(1, 2)}


def test_a_walker_and_a_jumper_are_never_mixed_up(people_in):
    """The jumper leaves in mid-air at 5.5 s and lands in the grass: found again, somebody new."""
    results = people_in("videos/side_walk_2persons_vp9.mp4", people=2)
    both = [identities for time_s, identities, _ in results if 2.5 < time_s < 5]
    assert set(both) == {(1, 2)}
    later = {person for time_s, identities, _ in results if time_s > 6 for person in identities}
    assert 1 not in later
    assert max(later) > 2


@pytest.mark.parametrize(
    ("clip", "rate"),
    [
        ("videos/front_squats_portrait_5fps.mp4", "all"),
        ("videos/front_squats_portrait_5fps.mp4", 2.0),
        ("odd/vfr_irregular.mp4", "all"),
        ("odd/dark_noisy.mp4", "all"),
        ("odd/tiny_64x64.mp4", "all"),
    ],
)
def test_one_person_stays_one_at_low_rates(people_in, clip, rate):
    assert {(identities, others) for _, identities, others in people_in(clip, rate=rate)} == {((1,), 0)}


def test_a_torso_without_a_head_is_no_crash(people_in):
    identities = Counter(len(identities) for _, identities, _ in people_in("videos/hand_only_torso_no_head.mp4"))
    assert set(identities) <= {0, 1}


def test_a_classroom_has_others(people_in):
    assert people_in("videos/classroom_5_seated.mp4", until_s=0.5)[0][2] >= 1
    assert len(people_in("videos/classroom_5_seated.mp4", people=5, until_s=0.5)[0][1]) >= 2
