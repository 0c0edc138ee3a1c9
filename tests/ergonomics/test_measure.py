import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from posture.data import MEASURE_NAMES, Measurements, Pose, Reason, View
from posture.ergonomics.measure import Camera, measure
from posture.skeleton import BLAZEPOSE_33

WIDTH, HEIGHT = 1920, 1080
LATERAL = ("head_tilt_deg", "head_yaw_deg", "trunk_side_bend_deg", "trunk_twist_deg", "shoulder_tilt_deg")
# What the module docstring promises.
RANGES = {
    name: (-90, 90)
    if name in ("head_tilt_deg", "trunk_side_bend_deg", "shoulder_tilt_deg") or "abduction" in name
    else (-180, 180)
    for name in MEASURE_NAMES
    if name.endswith("_deg")
} | {
    f"{side}_{name}_deg": (0, 180)
    for side in ("left", "right")
    for name in ("upper_arm_elevation", "elbow_flexion", "hip_flexion", "knee_flexion")
}


def taken(pose: Pose, camera: Camera = Camera(), width: int = WIDTH, height: int = HEIGHT) -> Measurements:  # noqa: B008
    return measure(pose, width, height, camera)


def known(measurements: Measurements) -> dict[str, float]:
    return {name: measurements[name] for name in MEASURE_NAMES if math.isfinite(measurements[name])}


def test_an_upright_person_from_the_front(figure):
    found = taken(figure().seen())
    assert (found.view, found.facing_deg) == (View.FRONT, pytest.approx(0))
    for name in MEASURE_NAMES:
        if name.endswith("_deg") and name not in ("ear_shoulder_angle_deg", "neck_flexion_deg"):
            assert found[name] == pytest.approx(0, abs=1e-3), name
    assert found["left_shoulder_raise_ratio"] == pytest.approx(-0.20 / 0.36)  # 20 cm below the ears, 36 cm apart
    assert found["shoulder_width_ratio"] == pytest.approx(0.36 * 400 / WIDTH)
    assert found.reason("ear_shoulder_angle_deg") is found.reason("neck_flexion_deg") is Reason.WRONG_VIEW


def test_an_upright_person_from_the_side(figure):
    found = taken(figure().seen(facing=90))
    assert found.view is View.SIDE
    assert found["ear_shoulder_angle_deg"] == pytest.approx(90)
    assert found["neck_flexion_deg"] == pytest.approx(0, abs=1e-3)
    assert {name for name in MEASURE_NAMES if found.reason(name) is Reason.WRONG_VIEW} == {
        "head_tilt_deg", "trunk_side_bend_deg", "trunk_twist_deg", "shoulder_tilt_deg", "shoulder_width_ratio",
        "left_shoulder_raise_ratio", "right_shoulder_raise_ratio",
        "left_upper_arm_abduction_deg", "right_upper_arm_abduction_deg",
    }  # fmt: skip


@pytest.mark.parametrize("facing", [-100, -90, -45, 0, 20, 45, 90])
def test_leaning_forward_is_positive_whichever_way_the_person_faces(figure, facing):
    found = taken(figure().lean(forward=30).nod(forward=15).seen(facing))
    assert found["trunk_inclination_deg"] == pytest.approx(30)
    assert found["head_inclination_deg"] == pytest.approx(45)
    assert found["left_hip_flexion_deg"] == pytest.approx(30)
    if found.view is not View.FRONT:
        assert found["neck_flexion_deg"] == pytest.approx(15)
    if found.view is View.SIDE:  # ears 20 cm over the shoulders, both turned by 30 degrees with the trunk
        assert found["ear_shoulder_angle_deg"] == pytest.approx(60)


@pytest.mark.parametrize("facing", [-90, 0, 90])
def test_leaning_back_is_negative(figure, facing):
    found = taken(figure().lean(forward=-12).nod(forward=-8).seen(facing))
    assert found["trunk_inclination_deg"] == pytest.approx(-12)
    assert found["head_inclination_deg"] == pytest.approx(-20)


def test_lateral_quantities_are_positive_to_the_persons_right(figure):
    assert taken(figure().lean(right=10).seen())["trunk_side_bend_deg"] == pytest.approx(10)
    assert taken(figure().lean(right=10).seen(180))["trunk_side_bend_deg"] == pytest.approx(10)
    assert taken(figure().nod(right=20).seen())["head_tilt_deg"] == pytest.approx(20)
    assert taken(figure().nod(turn=25).seen())["head_yaw_deg"] == pytest.approx(25)
    assert taken(figure().twist(right=15).seen())["trunk_twist_deg"] == pytest.approx(15)
    lowered = {"right_shoulder": (0.18, 0.46, 0), "left_shoulder": (-0.18, 0.54, 0)}
    assert taken(figure().put(lowered).seen())["shoulder_tilt_deg"] == pytest.approx(math.degrees(math.atan2(8, 36)))


def test_a_raised_shoulder_raises_its_own_ratio_only(figure):
    rest, raised = taken(figure().seen()), taken(figure().put({"right_shoulder": (0.18, 0.55, 0)}).seen())
    assert raised["right_shoulder_raise_ratio"] > rest["right_shoulder_raise_ratio"] + 0.1
    assert raised["left_shoulder_raise_ratio"] == pytest.approx(rest["left_shoulder_raise_ratio"], abs=0.01)


def test_limbs(figure):
    # Right arm forward and level, forearm straight up; left arm straight out to the side; left heel to the seat.
    bent = figure().put(
        {
            "right_elbow": (0.18, 0.50, 0.30), "right_wrist": (0.18, 0.75, 0.30),
            "left_elbow": (-0.48, 0.50, 0), "left_wrist": (-0.73, 0.50, 0),
            "left_ankle": (-0.10, 0.0, 0.0),
        }
    )  # fmt: skip
    found = taken(bent.seen(30))
    assert found["right_upper_arm_elevation_deg"] == pytest.approx(90)
    assert found["right_elbow_flexion_deg"] == pytest.approx(90)
    assert found["left_upper_arm_elevation_deg"] == pytest.approx(90)
    assert found["left_elbow_flexion_deg"] == pytest.approx(0, abs=1e-3)
    assert found["left_knee_flexion_deg"] == pytest.approx(180)
    assert found["right_knee_flexion_deg"] == pytest.approx(0, abs=1e-3)


def test_sitting(figure):
    knees = {f"{s}_knee": (x, 0.0, 0.45) for s, x in (("left", -0.1), ("right", 0.1))}
    ankles = {f"{s}_ankle": (x, -0.45, 0.45) for s, x in (("left", -0.1), ("right", 0.1))}
    found = taken(figure().put(knees | ankles).seen(-60))
    assert found["left_hip_flexion_deg"] == pytest.approx(90)
    assert found["right_knee_flexion_deg"] == pytest.approx(90)


@pytest.mark.parametrize(
    ("facing", "view"),
    [
        (0, View.FRONT), (-29, View.FRONT), (31, View.OBLIQUE), (-59, View.OBLIQUE), (61, View.SIDE), (-119, View.SIDE),
        (121, View.BACK), (180, View.BACK),
    ],
)  # fmt: skip
def test_view(figure, facing, view):
    found = taken(figure().seen(facing))
    assert found.view is view
    assert found.facing_deg == pytest.approx(facing)


def test_from_behind_depth_is_not_believed(figure):
    found = taken(figure().seen(180))
    for name in ("head_inclination_deg", "head_yaw_deg", "neck_flexion_deg", "trunk_inclination_deg"):
        assert found.reason(name) is Reason.WRONG_VIEW
    assert math.isfinite(found["trunk_side_bend_deg"])
    assert math.isfinite(found["left_upper_arm_elevation_deg"])


@pytest.mark.parametrize(("facing", "measurable"), [(74, False), (76, True), (104, True), (106, False), (-76, True)])
def test_the_ear_shoulder_angle_needs_a_lateral_view(figure, facing, measurable):
    assert math.isfinite(taken(figure().seen(facing))["ear_shoulder_angle_deg"]) is measurable


def test_desk_picture_with_the_hips_below_the_edge(figure):
    pose = figure().nod(right=20).seen(scale=1500, centre=(960, 1500))  # shoulders at row 750, hips at row 1500
    found = taken(pose)
    for name in ("head_tilt_deg", "head_yaw_deg", "head_inclination_deg", "shoulder_tilt_deg", "shoulder_width_ratio"):
        assert found.reason(name) is Reason.MEASURED, name
    for name in ("trunk_inclination_deg", "trunk_side_bend_deg", "trunk_twist_deg", "left_knee_flexion_deg"):
        assert found.reason(name) is Reason.OUT_OF_PICTURE, name
    assert found.view is View.FRONT
    assert found["head_tilt_deg"] == pytest.approx(20)


def test_hips_inside_the_picture_but_hardly_present_are_out_of_picture(figure):
    presence = np.ones(33)
    presence[[BLAZEPOSE_33.index["left_hip"], BLAZEPOSE_33.index["right_hip"]]] = 0.1
    found = taken(figure().seen(presence=presence))
    assert found.reason("trunk_inclination_deg") is Reason.OUT_OF_PICTURE
    assert found.reason("head_tilt_deg") is Reason.MEASURED


def test_a_hidden_elbow_takes_only_its_own_angles(figure):
    visibility = np.ones(33)
    visibility[BLAZEPOSE_33.index["left_elbow"]] = 0.4
    found = taken(figure().seen(visibility=visibility))
    lost = {name for name in MEASURE_NAMES if found.reason(name) is Reason.LOW_VISIBILITY}
    arm = ("upper_arm_elevation", "upper_arm_flexion", "upper_arm_abduction", "elbow_flexion")
    assert lost == {f"left_{name}_deg" for name in arm}
    strict = Camera(min_visibility=0.3)
    assert taken(figure().seen(visibility=visibility), strict).reason("left_elbow_flexion_deg") is Reason.MEASURED


def test_without_shoulders_there_is_no_view_but_the_head_is_measured(figure):
    visibility = np.ones(33)
    visibility[BLAZEPOSE_33.index["left_shoulder"]] = 0.0
    found = taken(figure().nod(right=10).seen(visibility=visibility))
    assert found.view is View.UNKNOWN
    assert math.isnan(found.facing_deg)
    assert found["head_tilt_deg"] == pytest.approx(10)
    assert found.reason("head_yaw_deg") is Reason.LOW_VISIBILITY


def test_an_unknown_layout_is_not_guessed_at(figure):
    found = taken(figure().seen(skeleton="openpose-25"))
    assert set(found.reasons) == {Reason.NOT_IN_LAYOUT}
    assert np.isnan(found.values).all()


@pytest.mark.parametrize("facing", [-90, -40, 0, 10, 40, 90, 130, 180])
def test_mirrored_picture(figure, mirrored, facing):
    person = figure().lean(forward=20, right=7).nod(forward=10, right=12, turn=9).twist(right=6)
    person.put({"left_elbow": (-0.40, 0.45, 0.20), "right_knee": (0.10, -0.40, 0.15)})
    plain = person.seen(facing)
    one, other = taken(plain), taken(mirrored(plain, WIDTH))
    assert other.view is one.view
    assert math.cos(math.radians(other.facing_deg + one.facing_deg)) == pytest.approx(1)
    for name, value in known(one).items():
        swap = {"left": "right", "right": "left"}
        there = "_".join(swap.get(word, word) for word in name.split("_"))
        assert other[there] == pytest.approx(-value if name in LATERAL else value, abs=1e-6), name


def test_facing_the_other_way_gives_the_same_angles(figure):
    person = figure().lean(forward=25).nod(forward=10).put({"left_elbow": (-0.18, 0.30, 0.2)})
    left, right = taken(person.seen(90)), taken(person.seen(-90))
    assert known(left).keys() == known(right).keys()
    for name, value in known(left).items():
        assert right[name] == pytest.approx(value, abs=1e-6), name


@pytest.mark.parametrize("facing", [0, 45, 90])
def test_aspect(figure, facing):
    """The same scene in 1000 x 1000 and in 1920 x 1080 gives the same angles within 0.5 degrees."""
    person = figure().lean(forward=25, right=5).nod(forward=10, right=4)
    square = taken(person.seen(facing, scale=370, centre=(500, 500)), width=1000, height=1000)
    wide = taken(person.seen(facing, scale=400), width=1920, height=1080)
    for name in known(square):
        if name.endswith("_deg"):
            assert wide[name] == pytest.approx(square[name], abs=0.5), name


@pytest.mark.parametrize(("pitch", "roll"), [(20, 0), (0, 7), (-15, -10)])
@pytest.mark.parametrize("facing", [0, 40, 90])
def test_a_tilted_camera_is_undone(figure, pitch, roll, facing):
    person = figure().lean(forward=25, right=5).nod(forward=10, right=4)
    level = taken(person.seen(facing))
    tilted = taken(person.seen(facing, pitch=pitch, roll=roll), Camera(pitch, roll))
    assert tilted.facing_deg == pytest.approx(level.facing_deg)
    for name, value in known(level).items():
        assert tilted[name] == pytest.approx(value, abs=1e-6), name


def test_a_camera_that_looks_down_unnoticed_adds_to_the_forward_lean(figure):
    assert taken(figure().seen(pitch=10))["trunk_inclination_deg"] == pytest.approx(10)
    assert taken(figure().seen(facing=90, pitch=10))["trunk_inclination_deg"] == pytest.approx(0, abs=1e-6)


def test_the_picture_decides_directions_within_it(figure):
    """World coordinates that are turned within the picture by 15 degrees change nothing."""
    pose = figure().nod(right=10).seen()
    c, s = math.cos(math.radians(15)), math.sin(math.radians(15))
    turned = figure().nod(right=10).seen(world_m=pose.world_m @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]))
    assert taken(turned)["head_tilt_deg"] == pytest.approx(10)


def test_results_are_read_only(figure):
    with pytest.raises(ValueError, match="read-only"):
        taken(figure().seen()).values[0] = 1


probabilities = arrays.arrays(np.float64, 33, elements=st.floats(0, 1))


@given(
    pixels=arrays.arrays(np.float64, (33, 3), elements=st.floats(0, 1000) | st.just(0.0) | st.just(math.nan)),
    world=arrays.arrays(np.float64, (33, 3), elements=st.floats(-2, 2) | st.just(0.0) | st.just(math.nan)),
    visibility=probabilities,
    presence=probabilities,
    pitch=st.floats(-90, 90),
    roll=st.floats(-90, 90),
)
def test_ranges_and_reasons_hold_for_every_skeleton(pixels, world, visibility, presence, pitch, roll):
    pose = Pose(1, pixels, world, visibility, presence, 1.0, (0.0, 0.0, 1.0, 0.0))
    found = measure(pose, 1000, 1000, Camera(pitch, roll, 0.3, 0.3))
    assert math.isnan(found.facing_deg) or -180 <= found.facing_deg <= 180
    assert (found.view is View.UNKNOWN) is math.isnan(found.facing_deg)
    for name, value, reason in zip(MEASURE_NAMES, found.values, found.reasons, strict=True):
        assert math.isfinite(value) is (reason is Reason.MEASURED), name
        if math.isfinite(value) and name in RANGES:
            low, high = RANGES[name]
            assert low - 1e-9 <= value <= high + 1e-9, name


@pytest.mark.parametrize("facing", [-90, -45, 0, 45, 90])
@pytest.mark.parametrize("lean", [0, 30])
@pytest.mark.parametrize(("up", "forward", "angle"), [(-0.3, 0, 0), (0, 0.3, 90), (0, -0.3, -90), (0.3, 0, 180)])
def test_the_upper_arm_is_taken_against_the_trunk(figure, facing, lean, up, forward, angle):
    arm = {"left_elbow": (-0.18, 0.5 + up, forward), "right_elbow": (0.18, 0.5 + up, forward)}
    found = taken(figure().put(arm).lean(forward=lean).seen(facing))
    assert found["left_upper_arm_flexion_deg"] == pytest.approx(angle, abs=1e-3)
    assert found["right_upper_arm_flexion_deg"] == pytest.approx(angle, abs=1e-3)


def test_an_arm_lifted_to_the_side_is_abducted_and_counts_as_lifted(figure):
    found = taken(figure().put({"left_elbow": (-0.48, 0.5, 0.0), "right_elbow": (0.1, 0.25, 0.0)}).seen())
    assert found["left_upper_arm_abduction_deg"] == pytest.approx(90)
    assert found["left_upper_arm_flexion_deg"] == pytest.approx(90)
    assert found["right_upper_arm_abduction_deg"] == pytest.approx(-math.degrees(math.atan2(0.08, 0.25)))
