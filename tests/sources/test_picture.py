from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.sources.geometry import Orientation, turn
from posture.sources.picture import LAYOUTS, Picture

IDENTITY = np.array([[1.0, 0, 0], [0, 1.0, 0]])
# Formats that have to be converted once: packed YUV, odd subsampling, palette, deep RGB, grey with transparency.
FOREIGN = ("uyvy422", "yuyv422", "yuv410p", "yuv422p16le", "rgb8", "rgb48le", "gbrp10le", "ya8", "gray16be", "monow")
COLOURS = {"red": (200, 40, 30), "green": (30, 180, 60), "skin": (224, 172, 105), "dark": (12, 14, 40)}
DECIMATED = {"rgb8": 40, "monow": 130}  # 3-3-2 and 1 bit


def plain(rgb, width=32, height=24):
    return np.full((height, width, 3), rgb, np.uint8)


def picture_of(array, pixel_format, **more):
    frame = av.VideoFrame.from_ndarray(array, "rgb24").reformat(format=pixel_format)
    return Picture(frame, index=0, time_s=0.0, **more)


@pytest.mark.parametrize("pixel_format", [*LAYOUTS, *FOREIGN])
@pytest.mark.parametrize("name", COLOURS)
def test_a_known_colour_comes_back_from_every_format(pixel_format, name):
    rgb = np.array(COLOURS[name])
    grey = pixel_format.startswith(("gray", "ya", "mono"))
    expected = np.full(3, rgb @ [0.299, 0.587, 0.114]) if grey else rgb
    picture = picture_of(plain(rgb), pixel_format)
    tolerance = DECIMATED.get(pixel_format, 3)
    for got in (picture.crop(IDENTITY, 8, "edge"), picture.scaled(32, 24), picture.scaled(8, 6)):
        assert got.dtype == np.uint8
        assert np.abs(got.reshape(-1, 3).mean(0) - expected).max() <= tolerance
    for got in (picture.shown(32, 24), picture.shown(8, 6)):
        assert got.dtype == np.uint8
        assert (got[..., 3] == 255).all()
        assert np.abs(got[..., 2::-1].reshape(-1, 3).mean(0) - expected).max() <= tolerance + 1
    for got in (picture.luma(8, 6), picture.glance(8, 6)):
        assert got.dtype == np.uint8
        assert got.mean() == pytest.approx(rgb @ [0.299, 0.587, 0.114], abs=tolerance)


@pytest.mark.parametrize(("flag", "matrix"), [(1, "ITU709"), (5, "ITU601"), (9, 9), (2, "ITU601")])
@pytest.mark.parametrize("full", [False, True])
def test_matrix_and_range_follow_the_flags(flag, matrix, full):
    rgb = (200, 40, 30)
    frame = av.VideoFrame.from_ndarray(plain(rgb), "rgb24").reformat(
        format="yuv444p", dst_colorspace=matrix, dst_color_range="JPEG" if full else "MPEG"
    )
    frame.colorspace, frame.color_range = flag, 2 if full else 1
    picture = Picture(frame, index=0, time_s=0.0)
    assert np.abs(picture.crop(IDENTITY, 4, "edge").astype(int) - rgb).max() <= 2
    assert np.abs(picture.shown(8, 6)[..., 2::-1].astype(int) - rgb).max() <= 3
    # The same codes read by the other range are visibly another colour: the flag matters.
    frame.color_range = 1 if full else 2
    other = Picture(frame, index=0, time_s=0.0).crop(IDENTITY, 4, "edge")
    assert np.abs(other.astype(int) - rgb).max() > 5


def test_a_crop_is_bilinear_at_whole_pixel_centres(picture_of_corners):
    ramp = np.repeat(np.arange(0, 250, 5, dtype=np.uint8)[None, :, None], 40, 0).repeat(3, 2)
    picture = picture_of(ramp, "rgb24")
    whole = picture.crop(np.array([[1.0, 0, 7], [0, 1.0, 3]]), 16, "edge")
    assert np.array_equal(whole, ramp[3:19, 7:23])
    between = picture.crop(np.array([[1.0, 0, 7.4], [0, 1.0, 3]]), 16, "edge")
    assert np.abs(between[:, :, 0].astype(float) - (ramp[3:19, 7:23, 0] + 2.0)).max() <= 0.5


def test_outside_lies_black_or_the_edge():
    picture = picture_of(plain((200, 40, 30)), "yuv420p")
    far = np.array([[1.0, 0, -1000], [0, 1.0, -1000]])
    assert picture.crop(far, 4, "black").max() <= 1
    assert np.abs(picture.crop(far, 4, "edge").astype(int) - (200, 40, 30)).max() <= 3


def chroma_step(across, **more):
    """Column where Cr changes in a crop of a 4:2:0 picture whose chroma sample 4 is the first red one."""
    frame = av.VideoFrame(32, 32, "yuv420p")
    for plane, value in zip(frame.planes, (126, 128, 128), strict=True):
        np.frombuffer(memoryview(plane), np.uint8)[:] = value
    red = np.frombuffer(memoryview(frame.planes[2]), np.uint8).reshape(16, -1)
    if across:
        red[:, 4:] = 200
    else:
        red[4:, :] = 200
    crop = Picture(frame, index=0, time_s=0.0, **more).crop(IDENTITY, 32, "edge")[:, :, 0].astype(float)
    line = crop[16] if across else crop[:, 16]
    middle = (line.min() + line.max()) / 2
    return np.interp(middle, line, np.arange(32))


def test_chroma_siting():
    # Between sample 3 and 4: left-sited samples lie on luma columns 6 and 8, centred ones on 6.5 and 8.5.
    assert chroma_step(across=True) == pytest.approx(7.0, abs=0.1)
    assert chroma_step(across=True, centred_chroma=True) == pytest.approx(7.5, abs=0.1)
    assert chroma_step(across=False) == pytest.approx(7.5, abs=0.1)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("pixel_format", ["yuv444p", "rgb24", "gbrp", "gray"])
def test_turned_pictures_are_the_same_pixels(turns, mirrored, pixel_format, picture_of_corners):
    stored = np.random.default_rng(1).integers(0, 255, (24, 40, 3), np.uint8)
    orientation = Orientation(turns, mirrored)
    flat, turned = picture_of(stored, pixel_format), picture_of(stored, pixel_format, orientation=orientation)
    expected = turn(flat.scaled(40, 24), orientation)
    assert (turned.height, turned.width) == expected.shape[:2]
    assert np.array_equal(turned.scaled(turned.width, turned.height), expected)
    assert np.array_equal(turned.crop(IDENTITY, 16, "edge"), expected[:16, :16])
    assert np.array_equal(turned.luma(turned.width, turned.height), turn(flat.luma(40, 24), orientation))
    small = turned.scaled(turned.width // 4, turned.height // 4)
    assert np.array_equal(small, turn(flat.scaled(10, 6), orientation))
    assert np.array_equal(turned.shown(turned.width // 2, turned.height // 2), turn(flat.shown(20, 12), orientation))
    assert np.array_equal(turned.glance(turned.width // 4, turned.height // 4), turn(flat.glance(10, 6), orientation))


def test_pixel_aspect_is_made_square(picture_of_corners):
    picture = picture_of(picture_of_corners(20, 48), "yuv444p", pixel_aspect=Fraction(2))
    assert (picture.width, picture.height) == (40, 48)
    upright = picture.scaled(40, 48).astype(int)
    assert np.abs(upright[10, 5] - (255, 0, 0)).max() <= 3
    assert np.abs(upright[10, 18] - (255, 0, 0)).max() <= 3
    assert np.abs(upright[10, 21] - (0, 255, 0)).max() <= 3
    assert np.abs(upright[40, 35] - (255, 255, 255)).max() <= 3


@settings(max_examples=40)
@given(
    st.sampled_from(["yuv420p", "nv12", "yuv420p10le", "p010le", "yuv422p", "yuv411p", "rgba", "gbrp", "gray"]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.builds(Orientation, st.integers(0, 3), st.booleans()),
)
def test_every_size_works_down_to_one_pixel(pixel_format, width, height, orientation):
    frame = av.VideoFrame(width, height, pixel_format)
    for plane in frame.planes:
        np.frombuffer(memoryview(plane), np.uint8)[:] = 100
    picture = Picture(frame, index=0, time_s=0.0, orientation=orientation)
    assert picture.crop(IDENTITY, 5, "black").shape == (5, 5, 3)
    assert picture.scaled(7, 3).shape == (3, 7, 3)
    assert picture.luma(7, 3).shape == (3, 7)


def test_no_pixel_is_copied_before_somebody_looks():
    frame = av.VideoFrame(64, 48, "yuv420p")
    planes = [np.frombuffer(memoryview(plane), np.uint8) for plane in frame.planes]
    planes[0][:], planes[1][:], planes[2][:] = 16, 128, 128
    picture = Picture(frame, index=0, time_s=0.0)
    planes[0][:] = 235
    assert picture.scaled(64, 48).min() == 255


def test_a_small_copy_is_the_mean_of_its_areas():
    checks = np.zeros((64, 64, 3), np.uint8)
    checks[::2, ::2] = checks[1::2, 1::2] = 200
    small = picture_of(checks, "rgb24").scaled(8, 8)
    assert np.abs(small.astype(int) - 100).max() <= 1
