"""Head, certainty and covers of scripted bodies: hips at (500, 500), 100 px to the top of the head, 0.9 m."""

import dataclasses

import numpy as np
import pytest

from posture.pose import heads
from posture.pose.blazepose import Detection
from posture.pose.body import Box
from posture.pose.bystanders import MAIN_GRACE_S, MainPerson, bystanders
from posture.pose.covers import WHOLE_GRACE_S, WholeHold, covers, grown, settled, whole
from posture.pose.face import Face
from posture.pose.people import Crowd, distinct, unconfirmed

WIDTH = HEIGHT = 1000


@pytest.fixture
def body(person):
    return person(500, 500)


def changed(body, **parts):
    return dataclasses.replace(body, **parts)


def moved_head(body, x, y):
    points = body.points_px.copy()
    points[heads.FACE, :2] += (x, y)
    return changed(body, points_px=points)


def face_on(body, score=0.9):
    middle = heads.middle(body)
    return Face(score, middle, 20.0, np.array([middle] * 6))


def test_the_head_of_a_standing_body(body):
    """The scale is 100 px for 0.9 m; the face lies 75 px above the hips."""
    assert heads.scale(body) == pytest.approx(100 / 0.9)
    head = heads.head(body)
    assert (head.x, head.y) == pytest.approx((500, 425 - heads.UPWARDS_M * 100 / 0.9), abs=4)
    assert head.across == pytest.approx(heads.HEAD_RADIUS_M * 100 / 0.9)
    assert head.rotation == pytest.approx(0, abs=0.3)


def test_a_face_that_is_turned_away_makes_the_head_no_smaller(body):
    points = body.points_px.copy()
    points[heads.FACE] = points[heads.FACE].mean(0)
    assert heads.head(changed(body, points_px=points)).across == pytest.approx(heads.head(body).across, rel=0.1)


def test_a_lying_body_has_a_lying_head(body):
    points = body.points_px.copy()
    points[:, :2] = (points[:, :2] - 500) @ np.array([[0, 1], [-1, 0]]) + 500
    world = body.world_m.copy()
    world[:, :2] = world[:, :2] @ np.array([[0, 1], [-1, 0]])
    head = heads.head(changed(body, points_px=points, world_m=world))
    assert (head.x, head.y) == pytest.approx((577, 500), abs=6)
    assert abs(head.rotation) == pytest.approx(np.pi / 2, abs=0.3)


def test_a_body_without_extent_has_no_size_and_is_not_certain(body):
    flat = changed(body, points_px=np.full((35, 3), 500.0))
    assert heads.scale(flat) == 0
    assert not heads.certain(flat, WIDTH, HEIGHT)


FAULTS = {
    "unseen": lambda body: changed(body, visibility=np.full(33, 0.4)),
    "above the picture": lambda body: moved_head(body, 0, -430),
    "beside the picture": lambda body: moved_head(body, 520, 0),
    "too far from the shoulders": lambda body: moved_head(body, 0, -60),
}


def test_a_seen_head_is_certain(body):
    assert heads.certain(body, WIDTH, HEIGHT)
    found = covers(Crowd(bodies=(body,)), (), WIDTH, HEIGHT)
    assert found.heads == (heads.head(body),)
    assert found.doubtful == found.wholes == ()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_where_the_head_is_not_certain_the_whole_person_is_covered(body, fault):
    doubtful = fault(body)
    assert not heads.certain(doubtful, WIDTH, HEIGHT)
    found = covers(Crowd(bodies=(doubtful,)), (), WIDTH, HEIGHT)
    assert found.heads == ()
    (box,) = found.wholes
    assert all(box.holds(point) for point in doubtful.points_px[11:33, :2])
    assert box.holds(np.array(heads.middle(doubtful)))


def test_a_wide_face_contradicts_the_body(body):
    points = body.points_px.copy()
    points[heads.FACE, 0] = 500 + (points[heads.FACE, 0] - 500) * 6
    assert not heads.certain(changed(body, points_px=points), WIDTH, HEIGHT)


@pytest.mark.parametrize(("score", "wholes"), [(0.9, 0), (0.4, 1)])
def test_a_sure_face_on_the_head_settles_where_it_is(body, score, wholes):
    doubtful = FAULTS["unseen"](body)
    found = covers(Crowd(bodies=(doubtful,)), [face_on(body, score)], WIDTH, HEIGHT)
    assert len(found.wholes) == wholes


def test_a_face_elsewhere_settles_nothing(body, person):
    assert not settled(heads.head(body), [face_on(person(700, 500))])


def test_every_face_and_every_head_is_covered(body, person):
    """The union: a face without a body, a body without a face, and both where there are both."""
    alone = face_on(person(200, 500), 0.6)
    weak = face_on(person(300, 500), 0.4)
    found = covers(Crowd(bodies=(body,)), [alone, weak, face_on(body)], WIDTH, HEIGHT)
    assert found.heads == (alone.head, face_on(body).head, heads.head(body))
    assert found.doubtful == (weak.head,)


def test_whom_only_the_detector_sees_is_covered_whole():
    detection = Detection(0.9, np.array([[500, 600], [500, 500], [500, 540], [500, 500.0]]))
    (box,) = covers(Crowd(unconfirmed=(detection,)), (), WIDTH, HEIGHT).wholes
    assert box.holds(detection.shoulders)
    assert box.top < 520, "the head lies above the shoulders"


def test_a_head_outside_of_the_picture_is_no_cover():
    outside = Face(0.9, np.array([-500.0, 50.0]), 20.0, np.full((6, 2), -500.0))
    assert covers(Crowd(), [outside], WIDTH, HEIGHT).heads == ()


def test_detections_on_a_known_body_are_no_further_people(body, person):
    def detection(of):
        shoulders = of.points_px[[11, 12], :2].mean(0)
        return Detection(0.9, np.array([of.points_px[33, :2], of.points_px[34, :2], shoulders, shoulders]))

    other = person(800, 500)
    stranger = detection(other)
    assert unconfirmed([detection(body), stranger, detection(other)], [body]) == (stranger,)


def test_a_body_seen_twice_is_one(body, person):
    again = changed(person(503, 501), score=0.5)
    assert distinct([again, body]) == (body,)
    assert len(distinct([body, person(620, 500)])) == 2


def test_whole_people_stay_covered_for_a_moment(body):
    hold = WholeHold()
    box = whole(body)
    assert hold([box], 0.0) == (box,)
    assert hold([], WHOLE_GRACE_S) == (box,)
    assert hold([], WHOLE_GRACE_S + 0.01) == ()
    hold([box], 2.0)
    hold.forget()
    assert hold([], 2.0) == ()


def test_whole_people_appear_once_until_they_are_somewhere_else(person):
    hold = WholeHold()
    near, far = whole(person(300, 500)), whole(person(700, 500))
    hold([near], 0.0)
    assert hold.appeared == (grown(near),)
    hold([whole(person(303, 500))], 0.1)
    assert hold.appeared == ()
    hold([], 0.2)
    assert hold.appeared == ()
    hold([near, far], 0.3)
    assert hold.appeared == (grown(far),)
    hold([near], 0.4 + WHOLE_GRACE_S)
    assert hold.appeared == (grown(near),), "for longer than the grace nobody was covered there"


def test_a_grown_rectangle_is_larger_by_the_margin_of_a_head():
    assert grown(Box(0, 100, 80, 300)) == pytest.approx(Box(-10, 75, 90, 325))


def test_the_main_person_is_the_largest_and_stays_so(person):
    main = MainPerson()
    near, far = person(300, 500, 120), person(700, 500, 100)
    assert main(Crowd(bodies=(far, near)), 0.0) is near
    grown = person(700, 500, 150)
    assert main(Crowd(bodies=(grown, near)), 0.1) is near
    assert main(Crowd(bodies=(grown,)), 0.2) is None, "missed for a frame: nobody else takes their place"
    assert main(Crowd(bodies=(grown, near)), 0.3) is near
    assert main(Crowd(), 0.4) is None
    assert main(Crowd(bodies=(grown,)), 0.3 + MAIN_GRACE_S + 0.1) is grown
    main.forget()
    assert main(Crowd(bodies=(far, near)), 2.0) is near


def at(mask, x, y):
    return mask[int(y * mask.shape[0] / HEIGHT), int(x * mask.shape[1] / WIDTH)]


def test_everybody_but_the_main_person_is_masked(body, person):
    other = person(700, 500)
    mask = bystanders(Crowd(bodies=(body, other)), (), body, WIDTH, HEIGHT)
    for point in other.points_px[:33, :2]:
        assert at(mask, *point) == 255
    for point in body.points_px[:33, :2]:
        assert at(mask, *point) == 0


def test_where_two_people_overlap_the_main_one_keeps_their_own(person):
    main, other = person(500, 500, 150), person(560, 480, 100)
    mask = bystanders(Crowd(bodies=(main, other)), (), main, WIDTH, HEIGHT)
    assert at(mask, *heads.middle(other)) == 255
    assert at(mask, *main.points_px[23, :2]) == 0


@pytest.mark.parametrize(("score", "painted"), [(0.9, 255), (0.5, 0)])
def test_a_face_of_nobody_is_a_bystander(body, person, score, painted):
    loose = face_on(person(200, 500), score)
    mask = bystanders(Crowd(bodies=(body,)), [loose, face_on(body)], body, WIDTH, HEIGHT)
    assert at(mask, 200, 480) == painted
    assert at(mask, 500, 480) == 0


def test_nobody_is_masked_where_nobody_is():
    assert not bystanders(Crowd(), (), None, WIDTH, HEIGHT).any()
