"""Models without depth: what the picture plane tells is measured, all else is not in their layout; nothing is 0."""

import math

import numpy as np
import pytest

from posture.data import MEASURE_NAMES, Reason, View
from posture.ergonomics.measure import measure
from posture.skeleton import BLAZEPOSE_33, LAYOUTS

ACROSS = {
    "head_tilt_deg", "trunk_side_bend_deg", "shoulder_tilt_deg", "left_shoulder_raise_ratio",
    "right_shoulder_raise_ratio", "shoulder_width_ratio",
}  # fmt: skip
SAGITTAL = {
    "head_inclination_deg", "neck_flexion_deg", "trunk_inclination_deg", "left_hip_flexion_deg",
    "right_hip_flexion_deg", "left_knee_flexion_deg", "right_knee_flexion_deg", "ear_shoulder_angle_deg",
}  # fmt: skip


def bent(figure):
    return figure().lean(forward=0, right=8).nod(right=12)


def bowed(figure):
    return figure().lean(forward=25).nod(forward=15)


def without_depth(pose, layout="coco-17"):
    """The same pose as a model with that layout and without depth gives it."""
    lacking = [i for i, name in enumerate(BLAZEPOSE_33.names) if name not in LAYOUTS[layout].names]
    points, seen = pose.points_px.copy(), np.ones(33)
    points[:, 2], points[lacking], seen[lacking] = 0.0, np.nan, 0.0
    return type(pose)(1, points, np.full((33, 3), np.nan), seen, seen.copy(), pose.score, pose.region, skeleton=layout)


def measured(pose):
    found = measure(pose, 1920, 1080)
    return found, {name for name in MEASURE_NAMES if found.reason(name) is Reason.MEASURED}


@pytest.mark.parametrize(
    ("make", "facing", "names"),
    [
        (bent, 0, ACROSS),
        (bent, 180, ACROSS - {"shoulder_width_ratio"}),
        (bent, 20, ACROSS),
        (bowed, 90, SAGITTAL),
        (bowed, -90, SAGITTAL),
    ],
)
def test_what_the_picture_tells_is_as_with_depth(figure, make, facing, names):
    pose = make(figure).seen(facing)
    found, there = measured(without_depth(pose))
    assert there == names
    whole = measure(pose, 1920, 1080)
    assert found.view is whole.view
    for name in names:
        assert found[name] == pytest.approx(whole[name], abs=2.5 if facing == 20 else 1e-6), name
    for name in set(MEASURE_NAMES) - names:
        assert math.isnan(found[name]), name
        assert found.reason(name) in (Reason.NOT_IN_LAYOUT, Reason.WRONG_VIEW)


@pytest.mark.parametrize("facing", [45, -50, 130])
def test_from_an_angle_nothing_of_the_trunk_is_known(figure, facing):
    found, there = measured(without_depth(figure().seen(facing)))
    assert there <= {"head_tilt_deg"}
    assert found.view is View.UNKNOWN


def test_a_layout_without_a_face_has_no_head_and_no_side(figure):
    found, there = measured(without_depth(bent(figure).seen(), "aic-14"))
    assert there == {"trunk_side_bend_deg", "shoulder_tilt_deg", "shoulder_width_ratio"}
    assert found.reason("head_tilt_deg") is Reason.NOT_IN_LAYOUT
    _, there = measured(without_depth(bowed(figure).seen(90), "aic-14"))
    assert there == set(), "which way a person without a face looks cannot be said"
