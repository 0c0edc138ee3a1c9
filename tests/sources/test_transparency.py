"""What transparency hides must not come to light, and what is opaque must stay as it is, bit by bit."""

import struct
import zlib

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from posture.errors import VideoUnreadable
from posture.sources.picture import Picture
from posture.sources.transparency import _transparent_shade, on_white

SECRET, OPEN = (200, 30, 40), (60, 120, 180)


def half_hidden(shown=0):
    """RGBA [48, 64, 4]: on the left a secret with this opacity, on the right a colour for everybody."""
    pixels = np.full((48, 64, 4), (*OPEN, 255), np.uint8)
    pixels[:, :32] = *SECRET, shown
    return pixels


def halves(frame):
    """Mean RGB of the left and the right half, without the seam."""
    pixels = frame.scaled(frame.width, frame.height).astype(float)
    return pixels[:, :24].mean((0, 1)), pixels[:, -24:].mean((0, 1))


def saved(path, pixels, mode="RGBA", **options):
    Image.fromarray(pixels, "RGBA").convert(mode).save(path, **options)
    return path


def palette(path, *, shown):
    """A picture with two colours, of which the first is the secret."""
    image = Image.new("P", (64, 48), 1)
    image.putpalette([*SECRET, *OPEN])
    image.paste(0, (0, 0, 32, 48))
    image.save(path, **({} if shown else {"transparency": 0}))
    return path


STILLS = {
    "a.png": {},
    "a.tif": {},
    "a.bmp": {},
    "a.webp": {"quality": 95},
    "lossless.webp": {"lossless": True, "exact": True},
    "a.avif": {"quality": 95},
}


@pytest.mark.parametrize("name", STILLS)
@pytest.mark.parametrize(("shown", "expected"), [(0, (255, 255, 255)), (128, (227, 142, 147)), (255, SECRET)])
def test_a_still_picture_is_laid_on_white(tmp_path, opened, name, shown, expected):
    """With 255 it is the negative control: the same way shows the secret when nothing hides it."""
    (frame,) = opened(saved(tmp_path / name, half_hidden(shown), **STILLS[name]))
    left, right = halves(frame)
    tolerance = 4 if name in ("a.webp", "a.avif") else 1
    assert np.abs(left - expected).max() <= tolerance
    assert np.abs(right - OPEN).max() <= tolerance


@pytest.mark.parametrize("suffix", ["png", "gif"])
@pytest.mark.parametrize("shown", [False, True])
def test_a_transparent_colour_of_a_palette(tmp_path, opened, suffix, shown):
    left, right = halves(next(opened(palette(tmp_path / f"a.{suffix}", shown=shown))))
    assert np.abs(left - (SECRET if shown else (255, 255, 255))).max() <= 1
    assert np.abs(right - OPEN).max() <= 1


def png(bits, colour_type, rows, transparent):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 64, 48, bits, colour_type, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"tRNS", transparent) if transparent else b""]
    parts += [chunk(b"IDAT", zlib.compress((b"\0" + rows) * 48)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("transparent", [False, True])
def test_a_transparent_shade_of_a_grey_png(tmp_path, opened, bits, transparent):
    """Black on the left, and the brightest on the right."""
    path = tmp_path / "a.png"
    path.write_bytes(png(bits, 0, bytes(4 * bits) + b"\xff" * (4 * bits), b"\0\0" if transparent else b""))
    left, right = halves(next(opened(path)))
    assert (left[0], right[0]) == (255 if transparent else 0, 255)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("transparent", [False, True])
def test_a_transparent_colour_of_an_rgb_png(tmp_path, opened, bits, transparent):
    path, step = tmp_path / "a.png", bits // 8
    rows = bytes(32 * 3 * step) + b"\x40" * (32 * 3 * step)
    path.write_bytes(png(bits, 2, rows, bytes(6) if transparent else b""))
    left, right = halves(next(opened(path)))
    assert (left[0], right[0]) == (255 if transparent else 0, 0x40)


def test_grey_with_transparency(tmp_path, opened):
    left, right = halves(next(opened(saved(tmp_path / "a.png", half_hidden(), "LA"))))
    assert left.tolist() == [255] * 3
    assert right.max() < 130


VIDEOS = {
    "a.mkv": ("ffv1", "bgra"),
    "png.mov": ("png", "rgba"),
    "a.mov": ("qtrle", "argb"),
    "prores.mov": ("prores_ks", "yuva444p10le"),
    "utvideo.avi": ("utvideo", "gbrap"),
    "vp8.webm": ("libvpx", "yuva420p"),
    "vp9.webm": ("libvpx-vp9", "yuva420p"),
}


def video(path, codec, pixel_format, pixels):
    options = {"profile": "4444"} if codec == "prores_ks" else {"auto-alt-ref": "0"} if codec == "libvpx" else {}
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = pixels.shape[1], pixels.shape[0], pixel_format
        for number in range(4):
            frame = av.VideoFrame.from_ndarray(pixels, "rgba").reformat(format=pixel_format)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", VIDEOS)
@pytest.mark.parametrize(("shown", "expected"), [(0, (255, 255, 255)), (255, SECRET)])
def test_every_frame_of_a_video_is_laid_on_white(tmp_path, opened, name, shown, expected):
    frames = list(opened(video(tmp_path / name, *VIDEOS[name], half_hidden(shown)), threads=1))
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.04, 0.08, 0.12])
    for left, right in map(halves, frames):
        assert np.abs(left - expected).max() <= 8
        assert np.abs(right - OPEN).max() <= 8


def test_a_part_of_a_video_that_has_transparency(tmp_path, opened):
    """Seeking, and the last frames, which come after the last packet."""
    path = video(tmp_path / "a.webm", "libvpx-vp9", "yuva420p", half_hidden())
    frames = list(opened(path, start_s=0.06, threads=1))
    assert [frame.time_s for frame in frames] == pytest.approx([0.08, 0.12])
    assert halves(frames[0])[0].min() > 250


def test_the_fourth_byte_of_a_raw_avi_means_nothing(tmp_path, opened):
    """Capture programs leave 0 there."""
    left, right = halves(next(opened(video(tmp_path / "a.avi", "rawvideo", "bgra", half_hidden()))))
    assert (left.tolist(), right.tolist()) == (list(SECRET), list(OPEN))


@pytest.mark.parametrize("fault", ["codec", "content"])
def test_declared_transparency_that_cannot_be_read_is_an_error(tmp_path, opened, fault):
    path = saved(tmp_path / "a.avif", half_hidden())
    content = bytearray(path.read_bytes())
    pixels = content.index(b"mdat")
    if fault == "codec":  # of the second picture, that is the opacity
        place = content.rindex(b"av01", 0, pixels)
        content[place : place + 4] = b"xxxx"
    else:  # the opacity comes first
        content[pixels + 4 : pixels + 24] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(VideoUnreadable, match=r"a\.avif: parts of it are transparent"):
        opened(path)


@pytest.mark.parametrize("pixel_format", ["rgba", "bgra", "argb", "abgr", "gbrap", "yuva420p", "ya8", "yuva444p10le"])
def test_an_opaque_frame_is_not_touched(pixel_format):
    frame = av.VideoFrame.from_ndarray(half_hidden(255), "rgba").reformat(format=pixel_format)
    assert on_white(frame) is frame


def test_a_crop_at_the_edge_takes_no_colour_from_what_is_hidden():
    frame = av.VideoFrame.from_ndarray(half_hidden(), "rgba")
    crop = Picture(frame, index=0, time_s=0.0).crop(np.array([[0.25, 0, 28.0], [0, 0.25, 20.0]]), 32, "edge")
    low, high = crop[..., 0].min(), crop[..., 0].max()
    assert (low, high) == (OPEN[0], 255)
    assert (np.diff(crop[0, :, 0].astype(int)) <= 0).all()


@given(st.binary(max_size=200))
def test_any_bytes_as_a_png_are_looked_through(content):
    assert _transparent_shade(b"\x89PNG\r\n\x1a\n" + content) in (None, 0, 1)
