"""Still pictures: EXIF orientation, codecs, hostile headers."""

import struct
import zlib

import numpy as np
import pytest

from posture.errors import VideoUnreadable

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# EXIF 2.32, orientation: what the stored upper left, upper right, lower left, lower right quarters become.
ORIENTED = {
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),  # mirrored left-right
    3: (WHITE, BLUE, GREEN, RED),  # half a turn
    4: (BLUE, WHITE, RED, GREEN),  # mirrored top-bottom
    5: (RED, BLUE, GREEN, WHITE),  # mirrored along the falling diagonal
    6: (BLUE, RED, WHITE, GREEN),  # a quarter clockwise
    7: (WHITE, GREEN, BLUE, RED),  # mirrored along the rising diagonal
    8: (GREEN, WHITE, RED, BLUE),  # a quarter counter-clockwise
}


def with_exif(jpeg, orientation):
    """The JPEG with an EXIF segment that holds the one tag 0x0112."""
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHHI", 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def quarters(picture):
    height, width = picture.shape[:2]
    return [
        picture[int(height * y), int(width * x)] for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    ]


@pytest.mark.parametrize("orientation", ORIENTED)
def test_exif_orientation_with_and_without_mirror(tmp_path, write_video, picture_of_corners, orientation, opened):
    path = write_video(tmp_path / "a.jpg", [picture_of_corners()], codec="mjpeg", pixel_format="yuvj444p")
    path.write_bytes(with_exif(path.read_bytes(), orientation))
    source = opened(path)
    (frame,) = source
    assert (frame.width, frame.height) == ((48, 64) if orientation >= 5 else (64, 48))
    assert (source.info.width, source.info.height) == (frame.width, frame.height)
    got = quarters(frame.scaled(frame.width, frame.height))
    assert np.abs(np.array(got, int) - np.array(ORIENTED[orientation])).max() <= 30


@pytest.mark.parametrize(
    ("codec", "suffix", "pixel_format"),
    [
        ("mjpeg", "jpg", "yuvj420p"),
        ("png", "png", "rgb24"),
        ("png", "png", "rgba"),
        ("png", "png", "rgb48be"),
        ("bmp", "bmp", "bgr24"),
        ("tiff", "tif", "rgb24"),
        ("libwebp", "webp", "yuv420p"),
        ("libwebp", "webp", "bgra"),
    ],
)
def test_codecs(tmp_path, write_video, picture_of_corners, codec, suffix, pixel_format, opened):
    path = write_video(tmp_path / f"a.{suffix}", [picture_of_corners()], codec=codec, pixel_format=pixel_format)
    source = opened(path)
    (frame,) = source
    assert source.info.kind == "image"
    got = quarters(frame.scaled(frame.width, frame.height))
    assert np.abs(np.array(got, int) - np.array(ORIENTED[1])).max() <= 30


def test_the_name_does_not_decide(tmp_path, write_video, picture_of_corners, opened):
    path = write_video(tmp_path / "a.png", [picture_of_corners()], codec="png", pixel_format="rgb24")
    assert len(list(opened(path.rename(tmp_path / "a.mp4")))) == 1


def png(width, height, rows, bits=8, colour_type=2):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def black_and_white(side):
    """A valid PNG of one bit a pixel: 12000 x 12000 pixels are 80 kB."""
    return png(side, side, (b"\0" + bytes(side // 8)) * side, bits=1, colour_type=0)


def test_a_large_picture_passes_and_a_bomb_is_refused(tmp_path, opened):
    path = tmp_path / "bomb.png"
    path.write_bytes(black_and_white(8_000))
    assert next(opened(path)).luma(10, 10).max() == 0
    path.write_bytes(black_and_white(12_000))
    with pytest.raises(VideoUnreadable, match=r"bomb\.png: no frame could be decoded"):
        opened(path)


def test_a_size_that_is_only_claimed_is_refused(tmp_path, opened):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(60_000, 60_000, bytes(1000)))
    with pytest.raises(VideoUnreadable, match=r"bomb\.png: no frame could be decoded"):
        opened(path)


def test_what_follows_the_picture_is_none_of_it(tmp_path, opened):
    path = tmp_path / "a.png"
    path.write_bytes(png(4, 4, (b"\0" + bytes((200, 40, 30)) * 4) * 4) + b"left over" * 100)
    source = opened(path)
    assert len(list(source)) == 1
    assert not source.damage.any
