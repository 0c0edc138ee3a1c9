"""Pictures without metadata: walked segment by segment, and read back."""

import struct
import zlib

import cv2
import numpy as np
import plain_files
import pytest

from posture.errors import SinkError
from posture.sources.plainpicture import encoded, suffix_for

SUFFIXES = ("jpg", "png", "webp")


def picture(height=48, width=64):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = (255, 0, 0), (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    return pixels


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("height", "width"), [(1, 1), (48, 64), (77, 101), (3, 900)])
def test_it_is_plain_and_the_same_every_time(suffix, height, width):
    content = encoded(picture(height, width), suffix)
    plain_files.check(content, suffix)
    assert content == encoded(picture(height, width), suffix)
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (height, width, 3)


@pytest.mark.parametrize(("suffix", "most"), [("jpg", 12), ("png", 0), ("webp", 12)])
def test_colours_arrive(suffix, most):
    content = np.frombuffer(encoded(picture(), suffix), np.uint8)
    got = cv2.cvtColor(cv2.imdecode(content, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    middles = np.ix_([12, 36], [16, 48])
    assert np.abs(got[middles].astype(int) - picture()[middles]).max() <= most


def with_segment(jpeg, marker, body):
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def with_chunk(png, kind, body):
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return png[:-12] + chunk + png[-12:]


def with_riff_chunk(webp):
    whole = webp[12:] + b"EXIF" + struct.pack("<I", 4) + b"mine"
    return b"RIFF" + struct.pack("<I", len(whole) + 4) + b"WEBP" + whole


@pytest.mark.parametrize(
    ("suffix", "fault"),
    [
        ("jpg", lambda c: with_segment(c, 0xE1, b"Exif\0\0mine")),
        ("jpg", lambda c: with_segment(c, 0xFE, b"mine")),
        ("jpg", lambda c: with_segment(c, 0xE2, b"ICC_PROFILE\0mine")),
        ("jpg", lambda c: with_segment(c, 0xE0, b"JFIF\0" + bytes(9) + b"mine")),
        ("jpg", lambda c: c + b"mine"),
        ("png", lambda c: with_chunk(c, b"tEXt", b"Author\0mine")),
        ("png", lambda c: with_chunk(c, b"eXIf", b"mine")),
        ("png", lambda c: c + b"mine"),
        ("webp", lambda c: c + b"mine"),
        ("webp", with_riff_chunk),
    ],
)
def test_the_walk_finds_each_single_fault(suffix, fault):
    """The negative control of the checker."""
    with pytest.raises(plain_files.NotPlain):
        plain_files.check(fault(encoded(picture(), suffix)), suffix)


@pytest.mark.parametrize(("suffix", "width"), [("jpg", 70_000), ("webp", 17_000)])
def test_a_size_that_the_format_cannot_hold_is_refused_in_words(suffix, width):
    with pytest.raises(SinkError, match=f"{width} x 1 pixels are too many for a {suffix}"):
        encoded(np.zeros((1, width, 3), np.uint8), suffix)


@pytest.mark.parametrize(
    ("codec", "suffix"),
    [("mjpeg", "jpg"), ("png", "png"), ("webp", "webp"), ("tiff", "png"), ("bmp", "png"), ("libdav1d", "jpg")],
)
def test_a_picture_stays_what_it_was_where_it_can(codec, suffix):
    assert suffix_for(codec) == suffix
