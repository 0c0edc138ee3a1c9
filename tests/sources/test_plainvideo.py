"""Videos without metadata: walked box by box and unit by unit, and read back."""

import io
from itertools import pairwise

import av
import numpy as np
import plain_files
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import SinkError
from posture.sources.plainvideo import PlainVideo


def written(pictures, *, times=None, rate=25.0, crf=20):
    height, width = pictures[0].shape[:2]
    video, content = PlainVideo(width, height, rate=rate, crf=crf), b""
    for number, picture in enumerate(pictures):
        video.add(picture, number / 25 if times is None else times[number])
        content += video.take()
    video.end()
    return content + video.take()


def read(content):
    """Frames as RGB and their times in seconds."""
    with av.open(io.BytesIO(content)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        frames = list(container.decode(video=0))
    return [frame.to_ndarray(format="rgb24") for frame in frames], [frame.time for frame in frames]


def numbered(count, height=48, width=64):
    """Grey pictures, each as bright as its number says."""
    return [np.full((height, width, 3), 16 + 4 * (number % 50), np.uint8) for number in range(count)]


def test_it_is_plain_from_the_first_byte_to_the_last():
    plain_files.check_mp4(written(numbered(130)))


def by_default(pictures, **options):
    """What PyAV writes when nobody asks for anything."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("options", [{}, {"movflags": "+frag_keyframe+empty_moov", "brand": "iso6"}])
def test_the_walk_finds_what_a_usual_file_carries(options):
    """The negative control of the checker."""
    with pytest.raises(plain_files.NotPlain):
        plain_files.check_mp4(by_default(numbered(30), **options))


def changed(content, before, after, *, times=1):
    assert content.count(before) >= times
    return content.replace(before, after, times)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda c: c + b"\0\0\0\x0cfree" + b"mine", "free box"),
        (lambda c: c + b"\0\0\0\x0cuuid" + b"mine", "uuid"),
        (lambda c: c + b"mine", "box"),
        (lambda c: changed(c, b"mvhd\0\0\0\0\0\0\0\0", b"mvhd\0\0\0\0\xe0\0\0\0"), "a date in mvhd"),
        (lambda c: changed(c, b"mdhd\0\0\0\0\0\0\0\0", b"mdhd\0\0\0\0\xe0\0\0\0"), "a date in mdhd"),
        (lambda c: changed(c, b"\x55\xc4\0\0", b"\x15\xc7\0\0"), "a language"),
        (lambda c: changed(c, b"iso6", b"isom"), "ftyp"),
        (lambda c: changed(c, b"vide" + bytes(12), b"vide" + b"Lavf" + bytes(8)), "handler"),
    ],
)
def test_the_walk_finds_each_single_fault(fault, words):
    with pytest.raises(plain_files.NotPlain, match=words):
        plain_files.check_mp4(fault(written(numbered(3))))


def test_the_walk_finds_a_unit_that_is_no_picture():
    content = bytearray(written(numbered(1)))
    content[content.rindex(b"mdat") + 8] = 6  # the type of the first unit: now supplemental information
    with pytest.raises(plain_files.NotPlain, match="type 6"):
        plain_files.check_mp4(bytes(content))


def test_the_same_frames_give_the_same_bytes():
    assert written(numbered(60)) == written(numbered(60))


def test_the_first_frame_is_at_zero_and_the_others_keep_their_distance():
    times = [7.0, 7.04, 7.1, 7.101, 9.5]
    _, got = read(written(numbered(5), times=times))
    assert got == pytest.approx([time - 7.0 for time in times], abs=1e-5)


def test_times_that_fall_together_stay_in_order():
    _, got = read(written(numbered(3), times=[0.0, 1e-9, 2e-9]))
    assert all(a < b for a, b in pairwise(got))


@given(st.lists(st.floats(1e-4, 10.0), min_size=1, max_size=8), st.floats(0, 1e5))
def test_any_times_are_kept(steps, start):
    times = list(np.cumsum([start, *steps]))
    _, got = read(written(numbered(len(times), 16, 16), times=times, rate=float("nan")))
    assert got == pytest.approx([time - times[0] for time in times], abs=1e-4)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (77, 101), (2, 3), (48, 64)])
def test_an_odd_side_repeats_its_last_row_or_column(height, width):
    picture = np.full((height, width, 3), 40, np.uint8)
    picture[-1], picture[:, -1] = 200, 200
    content = written([picture] * 3, crf=0)
    plain_files.check_mp4(content)
    frames, _ = read(content)
    assert len(frames) == 3
    assert frames[0].shape[:2] == (height + height % 2, width + width % 2)
    assert np.abs(frames[0][-1, -1].astype(int) - 200).max() <= 3


def test_colours_arrive():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:32, :32], picture[:32, 32:], picture[32:, :32] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    content = written([picture] * 2, crf=0)
    with av.open(io.BytesIO(content)) as container:
        frame = next(container.decode(video=0))
        assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)  # said in the stream: BT.709, limited range
        assert (int(frame.color_primaries), int(frame.color_trc)) == (1, 1)
        got = frame.reformat(format="rgb24", src_colorspace=1, src_color_range=1).to_ndarray()
    corners = got[[8, 8, 56, 56], [8, 56, 8, 56]].astype(int)
    assert np.abs(corners - [[255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 0]]).max() <= 4


def test_a_frame_of_another_size_is_fitted_with_black_beside_it():
    wide = np.full((20, 80, 3), 200, np.uint8)
    frames, _ = read(written([numbered(1)[0], wide], crf=0))
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 2
    assert frames[1][24].min() > 190
    assert frames[1][2].max() < 10


def test_bytes_come_while_frames_do():
    """So that memory does not grow with the video: no fragment is longer than its frames allow."""
    random = np.random.default_rng(0)
    video, sizes = PlainVideo(64, 48, rate=25.0, crf=20), []
    for number in range(400):
        video.add(random.integers(0, 255, (48, 64, 3), np.uint8), number / 25)
        sizes.append(len(video.take()))
    video.end()
    whole = sum(sizes) + len(video.take())
    assert max(sizes) < whole / 5


def test_a_lower_crf_keeps_more():
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(5)]
    assert len(written(pictures, crf=10)) > 1.5 * len(written(pictures, crf=40))


def test_a_size_that_no_encoder_takes_is_refused_in_words():
    with pytest.raises(SinkError, match=r"20000 x 16 pixels cannot be encoded as H\.264"):
        PlainVideo(20000, 16, rate=25.0, crf=20)
