"""The judge: one posture or one obstacle per test, without noise."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from desk_scenarios import CLOSE, DOWN, FORWARD, LEAN_LEFT, LEAN_RIGHT, SHRUG, SLUMP, STANDING, TURNED
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sitting import SETTINGS, STEP_S, Room, Watch, profile_of, without

from posture.data import Reason, Subject
from posture.ergonomics import desk
from posture.ergonomics.baseline import Profile
from posture.ergonomics.desk_compare import compare
from posture.ergonomics.desk_features import seen
from posture.ergonomics.desk_profile import profiles_for
from posture.ergonomics.desk_rules import GOOD, Finding, found, ratios_of
from posture.ergonomics.desk_settings import DeskSettings
from posture.ergonomics.measure import measure
from posture.ergonomics.sitting import Doubt, Look, State

NAN = math.nan


@pytest.fixture(scope="module")
def room():
    return Room()


@pytest.fixture
def watch(room):
    return Watch(room)


@pytest.mark.parametrize(
    ("person", "state"),
    [
        ({}, State.GOOD),
        (SLUMP, State.SLUMP),
        (FORWARD, State.FORWARD_HEAD),
        (LEAN_LEFT, State.LEAN_LEFT),
        (LEAN_RIGHT, State.LEAN_RIGHT),
        (SHRUG, State.SHOULDERS_RAISED),
        (CLOSE, State.TOO_CLOSE),
        (DOWN, State.LOOKING_DOWN),
        (TURNED, State.TURNED_AWAY),
        (STANDING, State.STANDING),
        ({"head_pitch_deg": -15}, State.GOOD),
        ({"head_roll_deg": 20}, State.GOOD),
        ({"x_m": 0.15}, State.GOOD),
        ({"distance_m": 0.9}, State.GOOD),
        ({"distance_m": 0.6}, State.GOOD),
        ({"seat_m": 0.02}, State.GOOD),
        ({"arms": "chin"}, State.GOOD),
    ],
)
def test_postures(watch, person, state):
    assert watch.after(2.5, person).state is state


@pytest.mark.parametrize("person", [SLUMP, FORWARD, LEAN_LEFT, SHRUG, CLOSE], ids=str)
def test_a_good_look_ends_a_poor_posture_at_once(watch, person):
    assert watch.after(10, person).state not in (State.GOOD, State.UNRELIABLE)
    said = list(watch.during(0.4, watch.room.look({})))
    assert said[-1].state is State.GOOD
    assert said[-1].since_s <= watch.t - STEP_S / 2 or said[0].state is not State.GOOD


def test_a_poor_posture_is_not_said_before_its_time(watch):
    watch.after(3, {})
    said = [judgement.state for judgement in watch.during(0.4, watch.room.look(SLUMP))]
    assert set(said) == {State.GOOD}


def test_the_first_look_after_a_calibration_accuses_nobody(watch):
    assert watch.judge(watch.room.look(SLUMP)).state is State.GOOD


def test_since_is_when_the_posture_began_not_when_it_was_said(watch):
    watch.after(5, {})
    began = watch.t
    judgement = watch.after(5, SLUMP)
    assert began < judgement.since_s <= began + 1.0


def test_a_slump_is_one_even_while_the_person_looks_down(watch):
    assert watch.after(3, SLUMP | {"head_pitch_deg": 36, "trunk_flexion_deg": 26}).state is State.SLUMP


@pytest.mark.parametrize(("sensitivity", "state"), [(0.5, State.GOOD), (1.0, State.GOOD), (2.0, State.SLUMP)])
def test_sensitivity_moves_the_limits(room, sensitivity, state):
    watch = Watch(room, DeskSettings(sensitivity=sensitivity))
    assert watch.after(3, {"trunk_flexion_deg": 10, "neck_flexion_deg": 4, "distance_m": 0.68}).state is state


def doubted(watch, look, seconds=2.5):
    judgement = list(watch.during(seconds, look))[-1]
    assert judgement.state is State.UNRELIABLE
    return judgement


def test_nothing_is_judged_without_a_calibration(room):
    judgement, _ = desk.judge(room.look({}), desk.start(), SETTINGS, 0.0)
    assert (judgement.state, judgement.doubt) == (State.UNRELIABLE, Doubt.NOT_CALIBRATED)
    assert judgement.recalibrate
    assert judgement.deviations == ()


def test_the_dark_is_not_judged(watch, room):
    assert doubted(watch, room.look(SLUMP, luma=10)).doubt is Doubt.TOO_DARK


def test_a_brightness_that_nobody_measured_is_not_dark(watch, room):
    assert list(watch.during(2, room.look({}, luma=NAN)))[-1].state is State.GOOD


def test_a_head_out_of_the_picture_is_not_judged(watch, room):
    names = ("left_ear", "right_ear", "left_eye", "right_eye", "nose")
    assert doubted(watch, without(room.look({}), *names, out=True)).doubt is Doubt.PARTLY_OUT


def test_shoulders_that_cannot_be_made_out_are_not_judged(watch, room):
    look = without(room.look({}), "left_shoulder", "right_shoulder")
    assert doubted(watch, look).doubt is Doubt.LOW_CONFIDENCE


def test_missing_ears_are_no_obstacle(watch, room):
    assert list(watch.during(3, without(room.look({}), "left_ear", "right_ear")))[-1].state is State.GOOD
    assert list(watch.during(3, without(room.look(SLUMP), "left_ear", "right_ear")))[-1].state is State.SLUMP


def test_a_second_person_beside_is_not_told_apart(watch, room):
    look = room.look({}, {"x_m": 0.42})
    assert doubted(watch, look).doubt is Doubt.SECOND_PERSON


def test_who_was_chosen_is_judged_until_they_leave(watch, room):
    both = room.look({}, {"x_m": 0.42})
    assert doubted(watch, both).doubt is Doubt.SECOND_PERSON
    watch.state = desk.chosen(watch.state, 1, watch.t)
    assert list(watch.during(2, both))[-1].state is State.GOOD
    assert watch.judge(room.look(SLUMP, {"x_m": 0.42})).person == 1
    watch.state = desk.chosen(watch.state, 2, watch.t)
    assert watch.judge(both).person == 2
    list(watch.during(2, room.look({})))
    assert watch.judge(both).person == 2, "two seconds behind somebody's back"
    list(watch.during(4, room.look({})))
    assert doubted(watch, both).doubt is Doubt.SECOND_PERSON
    watch.state = desk.chosen(watch.state, 1, watch.t)
    watch.judge(both)
    watch.state = desk.chosen(watch.state, None, watch.t)
    assert doubted(watch, both).doubt is Doubt.SECOND_PERSON


@pytest.mark.parametrize("side", [-1, 1])
def test_a_passer_by_at_the_edge_of_a_wide_picture_is_no_second_person(side):
    room = Room({"fov_deg": 78})
    watch = Watch(room, DeskSettings(camera_fov_deg=78))
    for x in (0.5, 0.6, 0.7, 0.8):
        look = room.look({}, {"distance_m": 1.2, "x_m": side * x})
        assert {judgement.doubt for judgement in watch.during(1, look)} == {Doubt.NONE}, x


def test_a_turned_trunk_is_not_judged(watch, room):
    look = room.look({"trunk_twist_deg": 50, "head_yaw_deg": 10})
    assert doubted(watch, look).doubt is Doubt.TURNED


def test_people_further_back_change_nothing(watch, room):
    behind = {"distance_m": 1.6, "x_m": 0.3}
    alone, crowded = watch.judge(room.look({})), watch.judge(room.look({}, behind))
    assert crowded.person == alone.person
    assert list(watch.during(3, room.look(SLUMP, behind)))[-1].state is State.SLUMP


def test_an_empty_chair_is_away_even_with_somebody_behind(watch, room):
    watch.after(2, {})
    assert watch.after(2, {"distance_m": 1.7, "x_m": 0.2}).state is State.AWAY
    assert list(watch.during(2, room.look()))[-1].state is State.AWAY


@pytest.mark.parametrize("shift", [(0.05, 0.0), (0.0, -0.05), (0.03, 0.03)])
def test_a_background_that_lies_elsewhere_is_a_moved_camera(watch, room, shift):
    judgement = doubted(watch, room.look({}, shift=shift))
    assert judgement.doubt is Doubt.CAMERA_MOVED
    assert judgement.recalibrate


def moved(look: Look, x_px: float, y_px: float) -> Look:
    """The look with everybody elsewhere in the picture, as if the camera had turned."""
    people = []
    for one in look.people:
        pose = replace(one.pose, points_px=one.pose.points_px + np.array([x_px, y_px, 0]))
        people.append(Subject(pose, measure(pose, look.width, look.height), one.assessment))
    return replace(look, people=tuple(people))


def test_a_small_shift_of_the_background_is_taken_back(watch, room):
    shift_px = 0.015 * 1280  # 1 cm for a person at 70 cm: most of the limit of a slump
    look = replace(moved(room.look({}), 0, shift_px), camera_shift=(0.0, shift_px / 1280))
    judgement = list(watch.during(3, look))[-1]
    assert judgement.state is State.GOOD
    drop = next(one for one in judgement.deviations if one.name == "shoulder_drop")
    assert drop.value == pytest.approx(0.0, abs=0.05)


def test_without_a_background_a_whole_person_who_is_lower_is_a_moved_camera(watch, room):
    look = replace(moved(room.look({}), 0, 90), camera_shift=(NAN, NAN))
    judgement = doubted(watch, look, 4)
    assert judgement.doubt is Doubt.CAMERA_MOVED
    assert judgement.recalibrate


def test_every_deviation_has_a_limit_and_a_unit_and_is_nan_where_nothing_is_visible(watch):
    shown = watch.after(3, SLUMP).deviations
    assert {one.unit for one in shown} <= {"deg", "cm", "%"}
    assert all(one.limit > 0 for one in shown)
    by_name = {one.name: one for one in shown}
    assert by_name["shoulder_drop"].value > by_name["shoulder_drop"].limit
    away = watch.after(3).deviations
    assert [one.name for one in away] == [one.name for one in shown]
    assert all(math.isnan(one.value) for one in away)


def test_standing_is_said_of_the_person_and_of_a_place(room):
    assert Watch(room).after(3, STANDING).standing
    assert not Watch(room).after(3, {}).standing
    upright = Room(standing=True)
    watch = Watch(upright, standing=True)
    watch.state = desk.start((profile_of(upright, "counter", standing=True),))
    judgement = list(watch.during(3, upright.look({"standing": True})))[-1]
    assert (judgement.state, judgement.standing) == (State.GOOD, True)


def test_the_profile_that_fits_is_taken(room):
    desk_place = profile_of(room, "desk")
    far = profile_of(room, "far", distance_m=1.05)
    watch = Watch(room)
    watch.state = desk.start((desk_place, far))
    assert watch.after(3, {}).profile == "desk"
    assert watch.after(4, {"distance_m": 1.05}).profile == "far"
    assert watch.after(1, {}).profile == "far"  # not for a moment
    assert watch.after(3, {}).profile == "desk"
    assert watch.after(4, SLUMP).state is State.SLUMP
    assert watch.after(1, SLUMP).profile == "desk"


def test_profiles_of_another_camera_or_other_screens_are_left_out(room):
    plain = profile_of(room)
    known = [msgspec.structs.replace(plain, name=n, camera=c, screens=s) for n, c, s in (
        ("any", "", ""), ("mine", "cam", "two"), ("other camera", "cam2", "two"), ("other screens", "cam", "one"),
    )]  # fmt: skip
    assert [one.name for one in profiles_for(known, "cam", "two")] == ["any", "mine"]


def test_a_new_calibration_replaces_the_profile_of_that_name(room):
    state = desk.calibrated(desk.calibrated(desk.start(), profile_of(room)), profile_of(room, distance_m=0.6))
    assert len(state.profiles) == 1
    assert state.finding is None


@pytest.mark.parametrize("codec", [msgspec.json, msgspec.toml])
def test_a_profile_survives_being_kept(room, codec):
    profile = profile_of(room)
    assert codec.decode(codec.encode(profile), type=Profile) == profile


def test_judging_is_a_pure_function(room):
    look, state = room.look(SLUMP), desk.calibrated(desk.start(), profile_of(room))
    for t in (1.0, 1.5, 2.0):
        once, after = desk.judge(look, state, SETTINGS, t)
        again, after_again = desk.judge(look, state, SETTINGS, t)
        assert (once.state, once.since_s) == (again.state, again.since_s)
        assert after.finding == after_again.finding
        state = after


def test_another_resolution_changes_nothing():
    values = []
    for size in ([640, 360], [1920, 1080]):
        watch = Watch(Room({"size_px": size}))
        values.append([one.value for one in watch.after(3, SLUMP).deviations])
    assert values[0] == pytest.approx(values[1], rel=0.02, abs=0.1)


@given(
    arrays.arrays(float, (33, 3), elements=st.floats(-1e4, 1e4) | st.just(NAN)),
    arrays.arrays(float, (33, 3), elements=st.floats(-2, 2) | st.just(NAN)),
    arrays.arrays(float, 33, elements=st.sampled_from([0.0, 0.5, 1.0])),
    st.floats(0, 255) | st.just(NAN),
)
def test_no_pose_breaks_it(points, world, sure, luma):
    room = ROOM
    template = room.look({}).people[0]
    pose = replace(template.pose, points_px=points, world_m=world, visibility=sure, presence=sure)
    one = Subject(pose, measure(pose, 1280, 720), template.assessment)
    watch = Watch(room)
    for look in (Look((one,), 1280, 720, luma), Look((template, one), 1280, 720, luma)):
        for judgement in watch.during(1.0, look):
            assert judgement.state in State
            assert (judgement.state is State.UNRELIABLE) == (judgement.doubt is not Doubt.NONE)


ROOM = Room()
place = st.fixed_dictionaries({"x_m": st.floats(-0.2, 0.2), "distance_m": st.floats(0.6, 0.95)})
cameras = st.fixed_dictionaries(
    {"above_eyes_m": st.floats(-0.22, 0.25), "fov_deg": st.floats(55, 80), "aside_m": st.floats(-0.2, 0.2)}
)


CUT_OFF = Finding(State.UNRELIABLE, Doubt.PARTLY_OUT)
"""Where the picture ends before a shoulder does: a narrow lens beside somebody who sits near."""


def finding_of(room: Room, person: dict):
    """What the rules say of one look without noise; the judge, where something is cut off and it does not ask them."""
    profile = profile_of(room)
    look = room.look(person)
    one = seen(look.people[0], look.width, look.height, profile.baseline.near)
    if Reason.OUT_OF_PICTURE in (one.head, one.shoulders):
        judged = Watch(room).after(STEP_S, person)
        return Finding(judged.state, judged.doubt), one
    now = compare(one.features, profile.baseline, SETTINGS.camera_fov_deg)
    return found(now, profile.baseline, SETTINGS, GOOD), ratios_of(now, profile.baseline, SETTINGS)


@given(cameras, place)
def test_a_chair_may_roll_before_any_camera(camera, place):
    finding, ratios = finding_of(Room(camera), place)
    assert finding in (GOOD, CUT_OFF), ratios


NARROW = {"above_eyes_m": -0.125, "fov_deg": 55.0, "aside_m": 0.1875}


@given(cameras, place, st.floats(0, 1))
@example(NARROW, {"x_m": 0.1875, "distance_m": 0.625}, 0.0)
def test_a_slump_is_found_wherever_the_chair_is(camera, place, depth):
    bent = {"trunk_flexion_deg": 22 + 8 * depth, "neck_flexion_deg": 18 + 7 * depth}
    finding, ratios = finding_of(Room(camera), place | bent | {"distance_m": min(place["distance_m"], 0.72)})
    assert finding.state is State.SLUMP or finding == CUT_OFF, ratios


def test_a_slump_beside_the_picture_is_not_judged():
    bent = {"trunk_flexion_deg": 22, "neck_flexion_deg": 18, "distance_m": 0.625}
    assert finding_of(Room(NARROW), bent | {"x_m": 0.1875})[0] == CUT_OFF
    assert finding_of(Room(NARROW), bent | {"x_m": 0.1})[0].state is State.SLUMP, "negative control"


@given(cameras, st.floats(-25, 25), st.floats(-12, 10))
def test_a_head_that_moves_alone_is_no_poor_posture(camera, yaw, pitch):
    finding, ratios = finding_of(Room(camera), {"head_yaw_deg": yaw, "head_pitch_deg": pitch})
    assert finding == GOOD, ratios


@given(st.floats(9, 25), st.booleans())
def test_a_lean_has_a_side(angle, left):
    finding, _ = finding_of(ROOM, {"trunk_side_deg": angle if left else -angle, "head_roll_deg": 0})
    assert finding.state is (State.LEAN_LEFT if left else State.LEAN_RIGHT)


def test_numbers_that_a_person_can_check():
    """A shrug of 3.5 cm, a roll of the chair by 15 cm to the own right, and 10 cm nearer."""
    profile = profile_of(ROOM)

    def numbers(person):
        look = ROOM.look(person)
        return compare(seen(look.people[0], 1280, 720).features, profile.baseline, 65.0)

    assert numbers({"shoulder_shrug_m": 0.035}).shoulder_drop_m == pytest.approx(-0.035, abs=0.004)
    assert numbers({"x_m": -0.15}).shift_m == pytest.approx(0.15, abs=0.015)
    assert numbers({"distance_m": 0.6}).head_distance == pytest.approx(0.685 / 0.785, abs=0.02)  # to the ears
    assert numbers({"head_pitch_deg": 20}).pitch_deg == pytest.approx(20, abs=4)
    assert numbers({"head_yaw_deg": -20}).yaw_deg == pytest.approx(20, abs=4)  # to the own right
    assert np.isnan(numbers({}).trunk_deg)  # the hips are under the desk
