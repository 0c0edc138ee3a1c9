"""The real models on the portrait of the demo (512 x 512, an astronaut from the front, down to the chest)."""

from pathlib import Path

import av
import cv2
import msgspec
import numpy as np
import pytest

import posture.sources.demo as demo
from posture.errors import ModelError
from posture.pose.body import Box
from posture.pose.catalogue import Catalogue
from posture.pose.crop import Region
from posture.pose.estimator import Estimator
from posture.pose.eyes import painted
from posture.pose.settings import PoseSettings
from posture.pose.track import Tracker
from posture.skeleton import BLAZEPOSE_33
from posture.sources.picture import Picture

# By eye on the enlarged portrait. Left and right are the person's own. The model sees the whole body that it expects in
# 256 pixels, so one of them is 5 px here: the face may be off by three. The suit hides where the shoulders are.
EXPECTED = {
    "nose": (224, 123, 15),
    "left_eye": (246, 102, 15),
    "right_eye": (202, 101, 15),
    "mouth_left": (243, 142, 16),
    "mouth_right": (205, 142, 16),
    "left_shoulder": (325, 260, 40),
    "right_shoulder": (85, 250, 40),
}
FACE_AND_SHOULDERS = slice(0, 13)


@pytest.fixture(scope="module")
def portrait():
    return cv2.cvtColor(cv2.imread(str(demo.PORTRAIT)), cv2.COLOR_BGR2RGB)


def frame(rgb, time_s=0.0):
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    return Picture(picture, index=0, time_s=time_s)


def moved(rgb, affine):
    """The picture moved by `affine` (old pixel to new pixel); the background continues at the edges."""
    return cv2.warpAffine(rgb, affine, (512, 512), borderMode=cv2.BORDER_REPLICATE)


@pytest.fixture
def pose_in(engine):
    def pose_in(rgb):
        poses, others = Tracker(engine.detect, engine.look, smooth=False)(frame(rgb))
        assert (len(poses), others) == (1, 0)
        return poses[0]

    return pose_in


def test_keypoints_lie_where_a_human_sees_them(pose_in, portrait):
    pose = pose_in(portrait)
    for name, (x, y, tolerance) in EXPECTED.items():
        found = pose.points_px[BLAZEPOSE_33.index[name], :2]
        assert np.hypot(*(found - (x, y))) < tolerance, name
    assert pose.score > 0.9
    assert (pose.visibility[FACE_AND_SHOULDERS] > 0.9).all()
    assert pose.visibility[BLAZEPOSE_33.index["left_knee"]] < 0.5, "the picture ends at the chest"


MOVES = {
    "shifted": (30, 0.0, 1.0, 14.0),
    "smaller": (0, 0.0, 0.7, 14.0),
    "leaning": (0, 20.0, 0.9, 25.0),
}


@pytest.mark.parametrize(("shift", "turn_deg", "scale", "tolerance_px"), MOVES.values(), ids=MOVES)
def test_keypoints_move_with_the_picture(pose_in, portrait, shift, turn_deg, scale, tolerance_px):
    affine = cv2.getRotationMatrix2D((256, 256), turn_deg, scale)
    affine[0, 2] += shift
    before = pose_in(portrait).points_px[FACE_AND_SHOULDERS, :2]
    after = pose_in(moved(portrait, affine)).points_px[FACE_AND_SHOULDERS, :2]
    expected = before @ affine[:, :2].T + affine[:, 2]
    far = np.hypot(*(after - expected).T)
    assert far.max() < tolerance_px
    assert np.median(far) < tolerance_px / 4


def test_a_mirrored_picture_swaps_left_and_right(pose_in, portrait):
    swapped = list(BLAZEPOSE_33.mirrored)
    before, after = pose_in(portrait), pose_in(portrait[:, ::-1])
    expected = before.points_px[swapped, :2] * [-1, 1] + [511, 0]
    far = np.hypot(*(after.points_px[FACE_AND_SHOULDERS, :2] - expected[FACE_AND_SHOULDERS]).T)
    assert far.max() < 14
    world = before.world_m[swapped] * [-1, 1, 1]
    assert np.abs(after.world_m[FACE_AND_SHOULDERS] - world[FACE_AND_SHOULDERS]).max() < 0.08


def test_world_coordinates_are_metres(pose_in, portrait):
    """Biacromial breadth of adult women is 0.32 to 0.40 m (DIN 33402); the model puts shoulder points closer to 0.3."""
    left, right = (pose_in(portrait).world_m[BLAZEPOSE_33.index[f"{side}_shoulder"]] for side in ("left", "right"))
    assert 0.25 < np.linalg.norm(left - right) < 0.45
    assert left[0] > right[0]


def test_a_followed_person_is_looked_at_once_a_frame(engine, portrait):
    calls = {"detect": 0, "look": 0}

    def counted(name):
        def call(*arguments):
            calls[name] += 1
            return getattr(engine, name)(*arguments)

        return call

    track = Tracker(counted("detect"), counted("look"))
    spread = []
    for i in range(8):
        poses, _ = track(frame(portrait, i / 10))
        spread.append(poses[0].points_px[FACE_AND_SHOULDERS, :2])
    assert calls == {"detect": 2, "look": 8}
    assert np.ptp(np.array(spread[4:]), axis=0).max() < 10, "a still picture gives points still to 2 px of the crop"


@pytest.mark.parametrize("value", [0, 127, 255])
def test_an_empty_picture_holds_nobody(engine, value):
    track = Tracker(engine.detect, engine.look, people=3)
    assert track(frame(np.full((48, 64, 3), value, np.uint8))) == ((), 0)


def test_a_region_far_outside_the_picture_is_no_crash(engine, portrait):
    assert engine.look(frame(portrait), Region(-9000, 9000, 50, 1.0)) is None


def test_painted_boxes_hide_people(engine, portrait):
    assert len(engine.detect(frame(portrait))) == 1
    assert engine.detect(frame(portrait), (Box(20, 0, 400, 512),)) == ()


def test_painting_copies():
    """A box reaching beyond the picture; the mean of 3 columns of 0 and 1 of 40 is 10."""
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:, 3] = 40
    result = painted(picture, [np.array([[-5.0, -5.0], [2.0, 1.0]])])
    assert (result[0, :2] == 10).all()
    assert (result[1:] == picture[1:]).all()
    assert not picture[:, :3].any()
    assert painted(picture, []) is picture


def test_an_estimator_is_all_of_it(portrait):
    estimator = Estimator(Catalogue.load(), PoseSettings(providers=("cpu",)))
    assert (estimator.providers, estimator.fallback_reason) == (("cpu", "cpu"), "")
    poses, others = estimator(frame(portrait))
    assert ([pose.person for pose in poses], others) == ([1], 0)
    estimator.close()
    with pytest.raises(ModelError):
        estimator(frame(portrait, 0.1))


def test_a_missing_model_is_said_before_any_frame(tmp_path: Path):
    with pytest.raises(ModelError, match="manifest"):
        Estimator(Catalogue.load(tmp_path))


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 0}, {"people": 11}, {"providers": ["azure"]}, {"threads": 0}, {"min_score": 1.0},
        {"min_score": -0.1}, {"call_limit_s": 0}, {"person": 1},
    ],
)  # fmt: skip
def test_settings_are_checked(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, PoseSettings)


def test_default_settings_pass_their_own_checks():
    assert msgspec.convert(msgspec.to_builtins(PoseSettings()), PoseSettings) == PoseSettings()
