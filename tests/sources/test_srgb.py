"""Colours of profiles and of HDR against numbers that come from elsewhere than the code."""

import struct

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from posture.sources import srgb
from posture.sources.picture import Picture

IDENTITY = np.array([[1.0, 0, 0], [0, 1.0, 0]])

# Colorants adapted to D50, as the profiles of Apple and Adobe have them.
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
SRGB_CURVE = struct.pack(
    ">4sIHH5i", b"para", 0, 3, 0, *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)


def gamma(value):
    return struct.pack(">4sIIH", b"curv", 0, 1, round(value * 256)) + b"\0\0"


def profile(colorants, curve, *, space=b"RGB "):
    """An ICC profile (ICC.1:2010) of three colorants or of grey, and one curve."""

    def xyz(values):
        return struct.pack(">4sI3i", b"XYZ ", 0, *(round(value * 65536) for value in values))

    tags = {b"wtpt": xyz((0.9642, 1.0, 0.8249))}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        tags |= dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, colorants), strict=True))
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    directory, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        directory += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s12s4s", size, b"none", 0x04300000, b"mntr", space, b"XYZ ", bytes(12), b"acsp")
    head += bytes(68 - len(head)) + struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + directory + body


P3, PLAIN = profile(DISPLAY_P3, SRGB_CURVE), profile(SRGB, SRGB_CURVE)
ADOBE = profile(ADOBE_RGB, gamma(2.19921875))
GRAY_18 = profile((), gamma(1.8), space=b"GRAY")


def saved(path, rgb, icc=None, **options):
    Image.fromarray(np.full((48, 64, 3), rgb, np.uint8)).save(path, icc_profile=icc, **options)
    return path


def colour_of(frame):
    return frame.scaled(frame.width, frame.height).reshape(-1, 3).astype(float).mean(0)


# Computed once with the matrices of CSS Color 4 ("Sample code for color conversions").
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.avif"])
@pytest.mark.parametrize(
    ("icc", "coded", "expected"),
    [
        (P3, (200, 120, 60), (213, 115, 42)),
        (P3, (60, 180, 90), (0, 183, 78)),
        (P3, (128, 128, 128), (128, 128, 128)),
        (ADOBE, (160, 130, 110), (172, 131, 110)),
        (PLAIN, (200, 120, 60), (200, 120, 60)),
        (None, (200, 120, 60), (200, 120, 60)),
    ],
)
def test_a_profile_is_converted(tmp_path, opened, name, icc, coded, expected):
    options = {} if name in ("a.png", "a.tif") else {"quality": 100}
    frame = next(opened(saved(tmp_path / name, coded, icc, **options)))
    assert np.abs(colour_of(frame) - expected).max() <= (2 if name in ("a.png", "a.tif") else 4)
    crop = frame.crop(IDENTITY, 8, "edge")
    assert np.abs(crop.astype(float) - colour_of(frame)).max() <= 1


def test_the_tone_curve_of_a_grey_picture(tmp_path, opened):
    path = tmp_path / "a.png"
    Image.new("L", (64, 48), 128).save(path, icc_profile=GRAY_18)
    linear = (128 / 255) ** 1.8
    expected = (1.055 * linear ** (1 / 2.4) - 0.055) * 255
    assert np.abs(colour_of(next(opened(path))) - expected).max() <= 1
    Image.new("L", (64, 48), 128).save(path)
    assert colour_of(next(opened(path))).tolist() == [128] * 3


def test_what_is_hidden_is_white_in_every_profile(tmp_path, opened):
    path = tmp_path / "a.png"
    Image.new("RGBA", (64, 48), (200, 30, 40, 0)).save(path, icc_profile=ADOBE)
    assert colour_of(next(opened(path))).tolist() == [255] * 3


def test_a_profile_that_is_srgb_changes_no_pixel(tmp_path, opened):
    assert srgb.by_profile(PLAIN, gray=False) is None
    assert srgb.by_profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), gray=False) is None
    assert srgb.by_profile(P3, gray=False) is not None


@pytest.mark.parametrize(
    "damaged",
    [
        P3[:200],
        P3[:128] + bytes(len(P3) - 128),
        P3.replace(b"rXYZ", b"xXYZ", 1),
        P3.replace(b"RGB ", b"CMYK", 1),
        P3.replace(b"RGB ", b"Lab ", 1),
        GRAY_18,
        b"mine",
    ],
)
def test_a_profile_that_cannot_be_used_is_left_aside(tmp_path, opened, damaged):
    path = saved(tmp_path / "a.jpg", (200, 120, 60), damaged, quality=100)
    assert np.abs(colour_of(next(opened(path))) - (200, 120, 60)).max() <= 3


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(P3) - 1), st.binary(min_size=1, max_size=12))
def test_no_profile_brings_it_down(place, content):
    found = srgb.by_profile(P3[:place] + content + P3[place + len(content) :], gray=False)
    if found is not None:
        assert found(np.full((2, 3, 3), 90, np.uint8)).shape == (2, 3, 3)


def frame_of(signal, *, matrix, primaries, transfer, pixel_format="yuv444p10le"):
    """A frame whose R'G'B' is `signal`, 0..1; limited range."""
    red, blue = {9: (0.2627, 0.0593), 1: (0.2126, 0.0722)}[matrix]
    luma = np.dot(signal, (red, 1 - red - blue, blue))
    codes = 64 + 876 * luma, 512 + 448 * (signal[2] - luma) / (1 - blue), 512 + 448 * (signal[0] - luma) / (1 - red)
    frame = av.VideoFrame(64, 32, "yuv444p10le")
    for plane, code in zip(frame.planes, codes, strict=True):
        plane.update(np.full((32, plane.line_size // 2), round(code), np.uint16).tobytes())
    frame = frame.reformat(format=pixel_format)
    frame.colorspace, frame.color_range = matrix, 1
    frame.color_primaries, frame.color_trc = primaries, transfer
    return frame


def shown(signal, **tags):
    return Picture(frame_of(signal, **tags), index=0, time_s=0.0).scaled(64, 32)[16, 32].tolist()


# ITU-R BT.2408 table 1 and BT.2100: signals of PQ and HLG for 18 % grey (26 cd/m²) and diffuse white (203 cd/m²).
@pytest.mark.parametrize("pixel_format", ["yuv444p10le", "yuv420p10le", "p010le", "yuv420p"])
@pytest.mark.parametrize(
    ("transfer", "signal", "lowest", "highest"),
    [
        (16, 0.0, 0, 0),
        (16, 0.38, 96, 106),
        (16, 0.58, 225, 240),
        (16, 0.75, 254, 255),
        (18, 0.0, 0, 0),
        (18, 0.38, 98, 112),
        (18, 0.75, 225, 240),
        (18, 1.0, 252, 255),
    ],
)
def test_tones_of_hdr(pixel_format, transfer, signal, lowest, highest):
    got = shown((signal,) * 3, matrix=9, primaries=9, transfer=transfer, pixel_format=pixel_format)
    assert lowest <= min(got)
    assert max(got) <= highest
    assert max(got) - min(got) <= 3


def test_without_its_tags_hdr_is_pale():
    """The negative control: it is the tags that decide."""
    assert max(shown((0.58,) * 3, matrix=9, primaries=9, transfer=16)) > 220
    assert max(shown((0.58,) * 3, matrix=9, primaries=2, transfer=2)) < 155


@pytest.mark.parametrize("transfer", [16, 18])
def test_brighter_is_never_darker(transfer):
    tones = srgb.by_tags(9, transfer)
    steps = np.repeat(np.arange(255 * srgb.FINE + 1, dtype=np.uint16)[None, :, None], 3, axis=2)
    grey = tones(steps)[0].astype(int)
    assert (np.diff(grey, axis=0) >= 0).all()
    assert (grey[0].tolist(), grey[-1].min() >= 252) == ([0] * 3, True)


def test_wide_colours_without_hdr():
    """Skin in BT.2020 and Display P3; the numbers are those of CSS Color 4."""
    assert np.abs(np.array(shown((0.70, 0.50, 0.40), matrix=9, primaries=9, transfer=14)) - (205, 119, 97)).max() <= 3
    tones = srgb.by_tags(12, 13)
    pixels = np.full((2, 2, 3), np.array((200, 120, 60)) * srgb.FINE, np.uint16)
    assert np.abs(tones(pixels)[0, 0].astype(int) - (213, 115, 42)).max() <= 1


@pytest.mark.parametrize(("primaries", "transfer"), [(1, 1), (2, 2), (6, 6), (1, 13), (5, 4), (0, 0), (200, 200)])
def test_ordinary_tags_change_nothing(primaries, transfer):
    assert srgb.by_tags(primaries, transfer) is None


def test_a_profile_counts_more_than_tags_of_primaries_and_less_than_hdr():
    assert srgb.by_tags(9, 14, profiled=True) is None
    assert srgb.by_tags(12, 16, profiled=True) is srgb.by_tags(12, 16)
