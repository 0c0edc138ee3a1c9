import pytest

from posture.ergonomics.measure import measure
from posture.ergonomics.picture import measured_angles, picture_angles


@pytest.mark.parametrize(("facing", "side"), [(90, "left"), (-90, "right")])
def test_in_a_side_view_picture_and_space_agree(figure, facing, side):
    person = figure().lean(forward=30)
    x = -0.1 if side == "left" else 0.1
    person.put({f"{side}_knee": (x, 0, 0.45), f"{side}_ankle": (x, -0.45, 0.45)})
    pose = person.seen(facing)
    flat = picture_angles(pose, side)
    assert flat["trunk_vs_vertical"] == pytest.approx(30)
    assert flat["trunk_forward_signed"] == pytest.approx(30)
    assert flat["neck_forward_signed"] == pytest.approx(30)
    assert flat["hip_angle"] == pytest.approx(60)
    assert flat["knee_flexion"] == pytest.approx(90)
    space = measured_angles(measure(pose, 1920, 1080), side)
    assert space.keys() == flat.keys()
    for name, value in flat.items():
        assert space[name] == pytest.approx(value, abs=1e-3), name


def test_leaning_back_is_negative(figure):
    flat = picture_angles(figure().lean(forward=-20).seen(-90), "right")
    assert flat["trunk_forward_signed"] == pytest.approx(-20)
    assert flat["trunk_vs_vertical"] == pytest.approx(20)


def test_the_picture_shortens_a_lean_towards_the_camera(figure):
    pose = figure().lean(forward=30).seen(0)
    assert picture_angles(pose, "left")["trunk_vs_vertical"] < 15
    assert measured_angles(measure(pose, 1920, 1080), "left")["trunk_vs_vertical"] == pytest.approx(30)
