import hashlib
import math

import av
import numpy as np
import pytest

from posture.sources.demo import CLOSER, FURTHER, LEAN_DEG, PERIOD_S, PORTRAIT, UPRIGHT_DEG, DemoSource

SIZES = [(960, 720), (640, 480), (1280, 720), (480, 480), (960, 480)]


@pytest.fixture(scope="module")
def portrait():
    with av.open(str(PORTRAIT)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_the_portrait_is_the_published_one():
    digest = hashlib.sha256(PORTRAIT.read_bytes()).hexdigest()
    assert digest == "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"
    assert digest in (PORTRAIT.parent / "ORIGIN.md").read_text("utf-8")


@pytest.mark.parametrize("size", SIZES)
def test_the_window_never_leaves_the_portrait(size, portrait):
    demo = DemoSource(*size)
    height, width = portrait.shape[:2]
    corners = np.array([[x, y, 1] for x in (-0.5, size[0] - 0.5) for y in (-0.5, size[1] - 0.5)]).T
    for time_s in np.arange(0, PERIOD_S, 0.02):
        back = np.linalg.inv(np.vstack([demo.affine(time_s), [0, 0, 1]]))
        x, y, _ = back @ corners
        assert x.min() >= 1
        assert y.min() >= 1
        assert x.max() <= width - 2
        assert y.max() <= height - 2


@pytest.mark.parametrize("time_s", [0.0, 4.4, 7.0, 14.0, 20.0, 21.2, 22.0])
def test_frames_are_the_portrait_under_the_known_map(time_s, portrait):
    demo = DemoSource(640, 480, frame_rate=5)
    frame = next(frame for frame in demo if frame.time_s >= time_s - 1e-9)
    got = frame.scaled(640, 480).astype(int)
    back = np.linalg.inv(np.vstack([demo.affine(frame.time_s), [0, 0, 1]]))
    rows, columns = np.mgrid[40:480:7, 0:640:7]  # below the label
    x, y, _ = back @ np.stack([columns.ravel(), rows.ravel(), np.ones(rows.size)])
    expected = portrait[y.round().astype(int), x.round().astype(int)].astype(int)
    assert np.median(np.abs(got[rows.ravel(), columns.ravel()] - expected)) <= 3


def test_the_schedule():
    demo = DemoSource()
    at = {t: demo.truth(t) for t in (2.0, 7.0, 14.0, 20.0, 22.0)}
    assert [at[t].phase for t in at] == ["upright", "lean left", "lean right", "closer", "further"]
    turns = [at[t].rotation_deg - UPRIGHT_DEG for t in at]
    assert turns == [0, LEAN_DEG, -LEAN_DEG, 0, 0]
    assert at[20.0].scale / at[2.0].scale == pytest.approx(CLOSER)
    assert at[22.0].scale / at[2.0].scale == pytest.approx(FURTHER)
    assert at[7.0].scale == at[2.0].scale


def test_leaning_left_takes_the_head_to_the_right_of_the_picture():
    demo = DemoSource()
    head, chest = (228, 120, 1), (228, 280, 1)

    def offset(time_s):
        return (demo.affine(time_s) @ head)[0] - (demo.affine(time_s) @ chest)[0]

    assert offset(7.0) > offset(2.0) > offset(14.0)


def test_the_motion_has_no_steps():
    demo = DemoSource()
    times = np.arange(0, 2 * PERIOD_S, 1 / 30)
    corner = np.array([demo.affine(t) @ (300, 200, 1) for t in times])
    speed = np.hypot(*np.diff(corner, axis=0).T) * 30 / 720
    assert speed.max() < 1.0  # picture heights a second
    assert np.hypot(*np.diff(corner, n=2, axis=0).T).max() < 3.0  # pixels


def test_the_schedule_repeats():
    demo = DemoSource(duration_s=100)
    assert demo.truth(PERIOD_S + 7.0) == demo.truth(7.0)
    assert math.isclose(demo.truth(PERIOD_S).rotation_deg, UPRIGHT_DEG)


def test_the_same_bytes_every_time():
    def digest():
        frames = DemoSource(320, 240, frame_rate=2)
        return hashlib.sha256(b"".join(frame.scaled(320, 240).tobytes() for frame in frames)).hexdigest()

    assert digest() == digest()


def test_it_says_that_it_is_a_demo():
    luma = next(DemoSource(640, 480)).luma(640, 480)
    label = luma[:20, :90]
    assert (label < 5).mean() > 0.5  # a dark box ...
    assert (label > 200).sum() > 100  # ... with bright letters
    assert DemoSource().info.kind == "demo"


def test_times_and_counts():
    demo = DemoSource(320, 240, frame_rate=25, duration_s=2)
    times = [frame.time_s for frame in demo]
    assert times == [n / 25 for n in range(50)]
    assert demo.info.duration_s == 2


@pytest.mark.parametrize("size", [(641, 480), (640, 481), (100, 40), (480, 640), (2000, 500)])
def test_sizes_that_cannot_be_shown(size):
    with pytest.raises(ValueError, match="even numbers"):
        DemoSource(*size)


def test_no_negative_rate():
    with pytest.raises(ValueError, match="positive"):
        DemoSource(frame_rate=0)
