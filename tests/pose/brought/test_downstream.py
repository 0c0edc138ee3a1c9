"""What takes poses takes those of every layout: figures, heads, backgrounds, windows and recordings."""

import numpy as np
import pytest

from posture.data import Observation, Pose, Subject
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.live.background import background
from posture.pose import heads
from posture.pose.body import distance, extent
from posture.pose.brought.lift import certainty, lifted
from posture.privacy import figures
from posture.skeleton import BLAZEPOSE_33, LAYOUTS
from posture.vault.track import Look, decode, encode

FLAT = [name for name in LAYOUTS if name != "blazepose-33"]
# Where the named points of a standing person lie, in hundredths of the way down from a head at (0.5, 0.1).
PLACES = {
    "nose": (0.5, 0.12), "eye": (0.02, 0.11), "ear": (0.035, 0.12), "head_top": (0.5, 0.06), "neck": (0.5, 0.2),
    "upper_neck": (0.5, 0.18), "thorax": (0.5, 0.22), "pelvis": (0.5, 0.5), "shoulder": (0.08, 0.22),
    "elbow": (0.1, 0.36), "wrist": (0.1, 0.48), "hip": (0.06, 0.5), "knee": (0.06, 0.72), "ankle": (0.06, 0.93),
    "heel": (0.06, 0.95), "foot_index": (0.08, 0.96), "small_toe": (0.09, 0.96),
}  # fmt: skip


def standing(layout, size=1000.0):
    """Points of a person who faces the camera, in the order of a layout."""
    points = []
    for name in LAYOUTS[layout].names:
        side = {"left": 1, "right": -1}.get(name.partition("_")[0], 0)
        x, y = PLACES[name.partition("_")[2] if side else name]
        points.append(((0.5 + side * x if side else x) * size, y * size))
    return np.array(points)


@pytest.fixture(params=FLAT)
def body(request):
    points = standing(request.param)
    return lifted(points, np.full(len(points), 0.9), request.param)


def pose_of(body):
    return Pose(
        1,
        body.points_px[:33],
        body.world_m,
        body.visibility,
        body.presence,
        body.score,
        (500, 500, 900, 0),
        body.skeleton,
    )


def test_a_body_has_a_place_and_is_itself(body):
    assert distance(body, body) == 0
    box = extent(body)
    known = body.points_px[:33][np.isfinite(body.points_px[:33, 0]), :2]
    assert all(box.holds(point) for point in known)
    assert body.region.side > box.bottom - box.top - 300


def test_two_people_beside_each_other_are_two(body):
    layout = body.skeleton
    points = standing(layout)
    other = lifted(points + np.array([450.0, 0.0]), np.full(len(points), 0.9), layout)
    assert distance(body, other) > 0.35


def test_the_head_lies_over_the_shoulders(body):
    head = heads.head(body)
    assert np.isfinite(head).all()
    assert head.y < 220
    assert head.x == pytest.approx(500, abs=5)
    assert 50 < head.across < 150


def test_a_figure_can_be_drawn(body):
    pixels = np.zeros((1000, 1000, 3), np.uint8)
    pose = pose_of(body)
    figures.draw(pixels, pose.points_px, pose.visibility, heads.head(pose))
    assert pixels[300:900].any()


def test_the_background_leaves_the_person_out(body):
    free = background(np.zeros((160, 160), np.uint8), (pose_of(body),), 1000).free
    assert not free[80, 80]
    assert free[80, 5]


def test_a_recording_keeps_what_is_missing(body):
    pose = pose_of(body)
    measured = measure(pose, 1000, 1000)
    subject = Subject(pose, measured, assess(measured))
    (look,) = decode(encode([Look(0.0, 0, Observation(0, 0.0, (subject,)))], 1000, 1000), 0.0, 0)
    back = look.people[0].pose
    assert np.array_equal(np.isnan(back.points_px), np.isnan(pose.points_px))
    assert look.people[0].measurements.reasons == measured.reasons


def test_legs_under_a_desk_leave_a_person_certain():
    visibility = np.full(17, 0.9)
    visibility[11:] = 0.05
    assert certainty(visibility) == pytest.approx(0.9)
    assert certainty(np.full(17, 0.2)) == pytest.approx(0.2)


def test_every_layout_mirrors_itself():
    for layout in LAYOUTS.values():
        assert [layout.mirrored[i] for i in layout.mirrored] == list(range(len(layout)))
        assert len(set(layout.names)) == len(layout)
    assert len(LAYOUTS["coco-17"].bones) == 16
    assert BLAZEPOSE_33.names[11] == "left_shoulder"
