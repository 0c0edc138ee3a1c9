"""The comparison of two files finds each single difference; otherwise a promise would rest on nothing."""

import io

import av
import dirty_files
import numpy as np
import pytest
from PIL import Image

from posture.errors import CannotScrub, VideoUnreadable
from posture.sources.same import same_picture, same_video


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def video(path, *, changed=None, count=6, rate=25, turned=0, volume=0, rows=48):
    """A small lossless video, with one other pixel in picture `changed`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, rows, "bgr0"
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        for number in range(count):
            pixels = np.roll(dirty_files.pixels(), number, 1)[:rows]
            if number == changed:
                pixels[20, 30] ^= 1
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
        frame = av.AudioFrame.from_ndarray(np.full((1, 800), volume, np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


def compared(one, other):
    list(same_video(one, other, with_sound=True))


def test_the_same_video_is_the_same(tmp_path):
    compared(video(tmp_path / "a.mkv"), video(tmp_path / "b.mkv"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"changed": 3}, "other pixels"),
        ({"count": 5}, "fewer pictures"),
        ({"count": 7}, "more pictures"),
        ({"rate": 30}, "other times"),
        ({"volume": 1}, "sounds different"),
        ({"rows": 40}, "other pixels"),
    ],
)
def test_each_difference_of_a_video_is_found(tmp_path, change, words):
    with pytest.raises(CannotScrub, match=words):
        compared(video(tmp_path / "a.mkv"), video(tmp_path / "b.mkv", **change))


def test_a_video_that_lost_its_turn_is_another(media, tmp_path):
    source = media / "odd" / "rot90_displaymatrix.mp4"
    content = bytearray(source.read_bytes())
    place = content.index(b"tkhd") + 4 + 40
    upright = np.array([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000], ">u4").tobytes()
    content[place : place + 36] = upright
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(CannotScrub, match="other pixels"):
        compared(source, tmp_path / "a.mp4")


def test_one_other_pixel_of_a_picture_is_found():
    pixels = dirty_files.pixels()
    before = png(pixels)
    same_picture("a.png", "png", before, png(pixels))
    pixels[10, 10, 2] ^= 1
    with pytest.raises(CannotScrub, match="other pixels"):
        same_picture("a.png", "png", before, png(pixels))


def test_a_picture_that_lost_its_turn_is_another():
    def turned(orientation):
        file = io.BytesIO()
        dirty_files.picture().save(file, "JPEG", exif=dirty_files.exif(orientation))
        return file.getvalue()

    with pytest.raises(CannotScrub):
        same_picture("a.jpg", "jpeg", turned(6), turned(8))


def test_a_picture_that_nobody_can_decode_is_never_called_the_same():
    broken = b"\x89PNG\r\n\x1a\n" + bytes(100)
    with pytest.raises(VideoUnreadable, match="cannot be decoded"):
        same_picture("a.png", "png", broken, broken)
