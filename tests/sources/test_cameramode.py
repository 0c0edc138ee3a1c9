from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.sources.cameramode import PREFERENCE, Mode, attempts, best, of_mode
from posture.sources.settings import CameraSettings


def modes(text):
    """ "mjpeg 1920x1080@30, ..." as modes."""
    found = []
    for part in text.split(", "):
        name, _, rest = part.partition(" ")
        size, _, rate = rest.partition("@")
        width, _, height = size.partition("x")
        found.append(Mode(name, int(width), int(height), Fraction(rate)))
    return found


HD = CameraSettings(width=1280, height=720, rate=30)
FULL_HD = CameraSettings(width=1920, height=1080, rate=30)


@pytest.mark.parametrize(
    ("offered", "settings", "taken"),
    [
        ("yuyv422 1920x1080@5, mjpeg 1920x1080@30", FULL_HD, "mjpeg 1920x1080@30"),
        ("mjpeg 1280x720@30, mjpeg 1920x1080@30", HD, "mjpeg 1280x720@30"),
        ("yuyv422 1280x720@10, yuyv422 640x480@30", HD, "yuyv422 640x480@30"),
        ("yuyv422 1280x720@10, yuyv422 320x240@30", HD, "yuyv422 1280x720@10"),
        ("yuyv422 1280x720@30, mjpeg 1280x720@30", HD, "mjpeg 1280x720@30"),
        ("mjpeg 1280x720@30000/1001, mjpeg 640x480@30", HD, "mjpeg 1280x720@30000/1001"),
        ("h264 1280x720@30, yuyv422 640x480@15", HD, "yuyv422 640x480@15"),
        ("h264 1280x720@30", HD, "h264 1280x720@30"),
        ("mjpeg 1280x960@30, mjpeg 1280x720@30", HD, "mjpeg 1280x720@30"),
        ("mjpeg 3840x2160@30, mjpeg 1920x1080@30, mjpeg 640x480@60", FULL_HD, "mjpeg 1920x1080@30"),
        ("yuyv422 1280x720@0, yuyv422 640x480@10", HD, "yuyv422 1280x720@0"),
    ],
)
def test_rate_goes_before_size_and_size_before_format(offered, settings, taken):
    assert best(modes(offered), settings) == modes(taken)[0]


def test_nothing_readable_is_nothing():
    assert best(modes("bayer 640x480@30"), HD) is None
    assert best([], HD) is None


any_mode = st.builds(
    Mode,
    st.sampled_from([*PREFERENCE, "bayer"]),
    st.integers(1, 8000),
    st.integers(1, 8000),
    st.fractions(0, 240, max_denominator=1001),
)


@given(st.lists(any_mode, max_size=8), st.integers(64, 7680), st.integers(64, 4320))
def test_the_choice_is_one_of_the_modes_and_does_not_depend_on_their_order(offered, width, height):
    settings = CameraSettings(width=width, height=height)
    taken = best(offered, settings)
    assert taken in offered or (taken is None and all(mode.format == "bayer" for mode in offered))
    if taken is not None:
        assert of_mode(taken, settings) == of_mode(best(reversed(offered), settings) or taken, settings)


def test_a_mode_as_options():
    (fast,) = modes("mjpeg 1280x720@60")
    assert of_mode(fast, HD) == {"input_format": "mjpeg", "video_size": "1280x720", "framerate": "30/1"}
    (slow,) = modes("yuyv422 640x480@15/2")
    assert of_mode(slow, HD) == {"input_format": "yuyv422", "video_size": "640x480", "framerate": "15/2"}
    (silent,) = modes("yuyv422 640x480@0")
    assert "framerate" not in of_mode(silent, HD)


@pytest.mark.parametrize("backend", ["v4l2", "dshow", "avfoundation"])
def test_the_wish_comes_first_and_what_the_device_likes_last(backend):
    asked = list(attempts(backend, CameraSettings(width=1920, height=1080, rate=29.97)))
    assert asked[0]["video_size"] == "1920x1080"
    assert asked[0]["framerate"] == "2997/100"
    assert asked[-1] == {}
    assert len({tuple(options.items()) for options in asked}) == len(asked)
    assert {"video_size": "640x480", "framerate": "30"} in asked


def test_directshow_is_asked_for_jpeg_first():
    assert next(attempts("dshow", HD)) == {"vcodec": "mjpeg", "video_size": "1280x720", "framerate": "30"}
