"""Every model of the test media through its entry: the same keypoints as BlazePose, nobody where nobody is, and the
same from both formats.
"""

from contextlib import closing
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from look_models import assembled, entry, people

from posture.pose.brought.eyes import CrowdEyes
from posture.pose.brought.heads import POSE_HEADS
from posture.pose.brought.use import DETECTORS
from posture.pose.brought.window import tensor
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator, agreement
from posture.pose.formats import SUFFIXES
from posture.pose.runtimes import loaded
from posture.pose.settings import PoseSettings
from posture.pose.track import Tracker
from posture.skeleton import BLAZEPOSE_33, LAYOUTS
from posture.sources.opening import open_source
from posture.sources.picture import Picture

MEDIA = Path(__file__).resolve().parents[4] / "shared" / "media"
ENTRIES = Path(__file__).resolve().parents[2] / "data" / "models"
NAMES = sorted(file.name for file in (MEDIA / "models").glob("*") if file.suffix in SUFFIXES)
PAIRS = [name for name in NAMES if name.endswith(".from_tflite.onnx")]
pytestmark = pytest.mark.skipif(not NAMES, reason="needs ../shared/media")
CPU = PoseSettings(providers=("cpu",))
TRUNK = [BLAZEPOSE_33.index[f"{side}_{part}"] for side in ("left", "right") for part in ("shoulder", "hip")]


@pytest.fixture(scope="module", params=NAMES)
def model(request):
    """(name, entry, detector and eyes)"""
    if request.param.endswith(".tflite"):
        pytest.importorskip("ai_edge_litert")
    file = MEDIA / "models" / request.param
    use = entry(file, ENTRIES)
    return request.param, use, assembled(file, use)


@pytest.fixture(scope="module")
def woman():
    """A picture with one person, and her keypoints as the program's own model sees them."""
    with closing(open_source(MEDIA / "images" / "image3.jpeg")) as source:
        frame = next(iter(source))
    ((pose,), _) = Estimator(Catalogue.load(), CPU)(frame)
    return frame, pose


def test_the_trunk_lies_where_blazepose_sees_it(model, woman):
    """Within a fifth of the trunk, as PCK@0.2 asks for."""
    _, use, made = model
    frame, truth = woman
    (pose,) = people(made, frame, use)
    assert pose.skeleton == use.layout
    trunk = np.hypot(*(truth.points_px[TRUNK[::2], :2].mean(0) - truth.points_px[TRUNK[1::2], :2].mean(0)))
    away = pose.points_px[TRUNK, :2] - truth.points_px[TRUNK, :2]
    assert np.hypot(away[:, 0], away[:, 1]).max() < 0.2 * trunk


def test_what_the_layout_lacks_is_neither_seen_nor_anywhere(model, woman):
    _, use, made = model
    (pose,) = people(made, woman[0], use)
    lacking = [i for i, name in enumerate(BLAZEPOSE_33.names) if name not in LAYOUTS[use.layout].names]
    assert np.isnan(pose.points_px[lacking]).all()
    assert not pose.visibility[lacking].any()
    assert not pose.presence[lacking].any()
    assert np.isfinite(np.delete(pose.points_px, lacking, 0)).all()


ROOMS = {
    "grey": lambda: np.full((480, 640, 3), 128, np.uint8),
    "black": lambda: np.zeros((480, 640, 3), np.uint8),
    "noise": lambda: np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8),
    "a wall with light from the side": lambda: np.tile(
        np.linspace(0, 255, 640).astype(np.uint8)[None, :, None], (480, 1, 3)
    ),
    "the sea": lambda: np.ascontiguousarray(cv2.imread(str(MEDIA / "images" / "pose.jpg"))[:, :150, ::-1]),
    "a car park": lambda: _first(MEDIA / "odd" / "no_person.mp4"),
}


def _first(path):
    with closing(open_source(path)) as source:
        frame = next(iter(source))
        return frame.scaled(frame.width, frame.height)


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_an_empty_room_gives_nobody(model, room):
    _, use, made = model
    assert people(made, Picture.of_rgb(room()), use) == ()


LEAVES = ["movenet_lightning_int8.tflite", "EfficientPoseRT_LITE.tflite", "rtmdet_nano_person_end2end.onnx"]
LEAVES += ["posenet_mobilenet_v1_075_353_481_quant.tflite"]


@pytest.mark.parametrize("name", LEAVES)
def test_whoever_leaves_is_gone_and_comes_back_as_somebody_new(name):
    """The person is there for 2 s, then away for 2 s: a tracker that never lets go would see them in the furniture."""
    if name.endswith(".tflite"):
        pytest.importorskip("ai_edge_litert")
    use = entry(MEDIA / "models" / name, ENTRIES)
    detects, sees = assembled(MEDIA / "models" / name, use)
    least = agreement(None if use.head in DETECTORS else use)
    track = Tracker(detects.detect, sees.look, people=2, min_agreement=least)
    seen = {}
    with closing(open_source(MEDIA / "odd" / "leave return другой человек.mp4")) as source:
        for frame in source:
            if frame.index % 5 == 0 and frame.time_s < 6:
                seen[frame.time_s] = [pose.person for pose in track(frame)[0]]
    assert {tuple(found) for time, found in seen.items() if time < 1.9} == {(1,)}
    assert {tuple(found) for time, found in seen.items() if 2.3 < time < 3.9} == {()}
    assert (2,) in {tuple(found) for time, found in seen.items() if 4.1 < time < 5.9}


@pytest.mark.parametrize("name", PAIRS)
def test_both_formats_agree(name, woman):
    """Keypoints of the same input within 0.5 % of its side; nine of ten within 4 % for the 8-bit MoveNet, whose tf2onnx
    conversion rounds between its layers in another way (on five pictures: median 0.8 %, 95 of 100 within 2.3 %).
    """
    pytest.importorskip("ai_edge_litert")
    file = MEDIA / "models" / name
    use = entry(file, ENTRIES)
    other = file.with_name(name.replace(".from_tflite.onnx", ".tflite"))
    one = loaded(lambda _: file.read_bytes(), CPU)
    two = loaded(lambda _: other.read_bytes(), CPU, tflite=True)
    picture = woman[0].scaled(use.input.width, use.input.height)
    values = tensor(picture, use.input)
    ours, theirs = one.run(values), two.run(values)
    assert sorted(each.shape for each in ours.values()) == sorted(each.shape for each in theirs.values())
    if use.head == "blazepose":
        for each in theirs.values():
            (same,) = (mine for mine in ours.values() if mine.shape == each.shape)
            assert np.abs(same - each).max() < 0.005 * max(np.abs(each).max(), 1)
        return
    left, right = (POSE_HEADS[use.head](given, each) for given, each in ((ours, use), (theirs, _without_quanta(use))))
    sure = (left.scores[0] > use.half) & (right.scores[0] > use.half)
    assert sure.sum() >= 5
    away = np.hypot(*(left.points[0] - right.points[0])[sure].T)
    if "movenet" in name:
        assert np.quantile(away, 0.9) <= 0.04 * use.input.width
    else:
        assert away.max() <= 0.005 * use.input.width


def _without_quanta(use):
    return msgspec.structs.replace(use, quanta={})


def test_a_crowd_is_looked_at_once_a_frame(woman):
    name = "posenet_mobilenet_v1_075_353_481_quant.from_tflite.onnx"
    use = entry(MEDIA / "models" / name, ENTRIES)
    eyes, same = assembled(MEDIA / "models" / name, use)
    assert isinstance(eyes, CrowdEyes)
    assert eyes is same
    runs, calls = eyes.runs, []
    run = runs.run
    runs.run = lambda values: calls.append(1) or run(values)
    people((eyes, eyes), woman[0], use)
    assert len(calls) == 1


@pytest.mark.parametrize("name", ["movenet_lightning_int8.from_tflite.onnx", "EfficientPoseRT.from_tflite.onnx"])
def test_with_the_mirror_the_same_body_is_found(name, woman):
    use = msgspec.structs.replace(entry(MEDIA / "models" / name, ENTRIES), flip=True)
    (pose,) = people(assembled(MEDIA / "models" / name, use), woman[0], use)
    truth = woman[1].points_px[TRUNK, :2]
    assert np.abs(pose.points_px[TRUNK, :2] - truth).max() < 0.1 * np.ptp(woman[1].points_px[:, 1])
