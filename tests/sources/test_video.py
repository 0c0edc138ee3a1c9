import math
import os
import threading
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from posture.errors import VideoUnreadable

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def colour_at(frame, x, y):
    return frame.crop(np.array([[1.0, 0, x], [0, 1.0, y]]), 1, "edge")[0, 0].astype(int)


def quarters(frame):
    """Colours in the middle of the four quarters: upper left, upper right, lower left, lower right."""
    return [
        colour_at(frame, frame.width * x, frame.height * y)
        for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    ]


def close(colours, expected, tolerance=40):
    return all(np.abs(a - b).max() <= tolerance for a, b in zip(colours, np.array(expected), strict=True))


def numbered(count, width=64, height=48):
    """Pictures whose grey level is ten times their number."""
    return [np.full((height, width, 3), 10 * number, np.uint8) for number in range(count)]


def number_of(frame):
    return round(colour_at(frame, 20, 20).mean() / 10)


@pytest.mark.parametrize(
    ("codec", "suffix", "pixel_format"),
    [
        ("libx264", "mp4", "yuv420p"),
        ("libx264", "mkv", "yuv422p"),
        ("libx264", "mov", "yuv444p"),
        ("libx264", "mp4", "yuv420p10le"),
        ("libx265", "mp4", "yuv420p10le"),
        ("ffv1", "mkv", "yuv444p10le"),
        ("ffv1", "mkv", "bgr0"),
        ("mjpeg", "avi", "yuvj420p"),
        ("mpeg2video", "mpg", "yuv420p"),
        ("libvpx-vp9", "webm", "yuv420p"),
        ("mpeg4", "avi", "yuv420p"),
        ("libx264", "ts", "yuv420p"),
        ("libx264", "flv", "yuv420p"),
    ],
)
def test_codecs_and_containers(tmp_path, write_video, picture_of_corners, codec, suffix, pixel_format, opened):
    path = write_video(tmp_path / f"a.{suffix}", [picture_of_corners()] * 6, codec=codec, pixel_format=pixel_format)
    source = opened(path)
    frames = list(source)
    assert len(frames) == 6
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.time_s for frame in frames] == pytest.approx([n / 25 for n in range(6)], abs=2e-3)
    assert close(quarters(frames[3]), [RED, GREEN, BLUE, WHITE])
    info = source.info
    assert (info.kind, info.width, info.height, info.pixel_format) == ("video", 64, 48, pixel_format)
    assert info.frame_rate == pytest.approx(25)
    assert not source.damage.any
    assert source.damage.message == ""


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        (0, [RED, GREEN, BLUE, WHITE]),
        (-90, [BLUE, RED, WHITE, GREEN]),  # clockwise: the lower left corner comes up
        (90, [GREEN, WHITE, RED, BLUE]),
        (180, [WHITE, BLUE, GREEN, RED]),
    ],
)
def test_the_display_matrix_turns_the_picture(tmp_path, write_video, picture_of_corners, degrees, expected, opened):
    path = write_video(
        tmp_path / "a.mp4",
        [picture_of_corners()] * 2,
        codec="libx264",
        setup=lambda stream: stream.set_display_rotation(degrees),
    )
    source = opened(path)
    frame = next(source)
    assert (frame.width, frame.height) == ((64, 48) if degrees in (0, 180) else (48, 64))
    assert (source.info.width, source.info.height) == (frame.width, frame.height)
    assert source.info.rotation_deg % 360 == degrees % 360
    assert close(quarters(frame), expected)


def test_a_mirroring_display_matrix(tmp_path, write_video, picture_of_corners, opened):
    flip = [-65536, 0, 0, 0, 65536, 0, 64 * 65536, 0, 1 << 30]
    path = write_video(
        tmp_path / "a.mp4",
        [picture_of_corners()],
        codec="libx264",
        setup=lambda stream: stream.set_display_matrix(flip),
    )
    assert close(quarters(next(opened(path))), [GREEN, RED, WHITE, BLUE])


def test_sample_aspect_ratio(tmp_path, write_video, picture_of_corners, opened):
    def wide(stream):
        stream.codec_context.sample_aspect_ratio = 2

    path = write_video(tmp_path / "a.mp4", [picture_of_corners(32, 64)] * 2, codec="libx264", setup=wide)
    source = opened(path)
    frame = next(source)
    assert (frame.width, frame.height, source.info.pixel_aspect) == (64, 64, 2.0)
    assert close(quarters(frame), [RED, GREEN, BLUE, WHITE])


def test_a_variable_frame_rate_keeps_its_times(tmp_path, write_video, opened):
    stamps = [0, 40, 200, 210, 1000]
    path = write_video(tmp_path / "a.mkv", numbered(5), stamps=stamps)
    assert [frame.time_s for frame in opened(path)] == pytest.approx([s / 1000 for s in stamps])


def test_a_stream_that_starts_late_starts_at_zero(tmp_path, write_video, opened):
    path = write_video(tmp_path / "a.mkv", numbered(3), stamps=[5000, 5040, 5080])
    assert [frame.time_s for frame in opened(path)] == pytest.approx([0, 0.04, 0.08])


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "ts"])
@pytest.mark.parametrize(
    ("start_s", "end_s", "first", "last"), [(0.4, 0.8, 10, 19), (0.0, 0.2, 0, 4), (0.7, None, 18, 24)]
)
def test_a_range_of_time(tmp_path, write_video, suffix, start_s, end_s, first, last, opened):
    codec = "mpeg4" if suffix == "avi" else "libx264"
    path = write_video(tmp_path / f"a.{suffix}", numbered(25), codec=codec, pixel_format="yuv420p", options={"g": "6"})
    frames = list(opened(path, start_s=start_s, end_s=end_s))
    assert [number_of(frame) for frame in frames] == list(range(first, last + 1))
    assert [frame.time_s for frame in frames] == pytest.approx([n / 25 for n in range(first, last + 1)], abs=2e-3)
    assert [frame.index for frame in frames] == list(range(len(frames)))


def test_a_range_behind_the_end_is_said(tmp_path, write_video, opened):
    path = write_video(tmp_path / "a.mkv", numbered(5))
    with pytest.raises(VideoUnreadable, match=r"a\.mkv: no frame from 9 s on; its last one is at 0\.16 s$"):
        list(opened(path, start_s=9))


def test_a_range_between_two_frames_is_said(tmp_path, write_video, opened):
    path = write_video(tmp_path / "a.mkv", numbered(3), stamps=[0, 1000, 2000])
    with pytest.raises(VideoUnreadable, match=r"a\.mkv: no frame from 1\.2 s to 1\.5 s$"):
        list(opened(path, start_s=1.2, end_s=1.5))


def test_interlaced_video_is_woven_into_one_picture_a_frame(tmp_path, write_video, opened):
    # A bright bar moves 3 pixels between the fields of each frame: woven as is, its edges are combs.
    pictures = []
    for number in range(10):
        picture = np.full((64, 96, 3), 30, np.uint8)
        for field in (0, 1):
            left = 8 + 6 * number + 3 * field
            picture[field::2, left : left + 20] = 220
        pictures.append(picture)
    path = write_video(
        tmp_path / "a.mp4", pictures, codec="libx264", pixel_format="yuv420p", options={"x264-params": "tff=1:crf=8"}
    )
    source = opened(path)
    frames = list(source)
    assert source.info.interlaced
    assert len(frames) == 10
    assert [frame.time_s for frame in frames] == pytest.approx([n / 25 for n in range(10)], abs=1e-3)

    def combs(gray):
        rows = gray.astype(float)
        return np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean()

    assert combs(frames[5].luma(96, 64)) < 0.3 * combs(pictures[5][:, :, 0])


def test_only_the_picture_stream_is_looked_at(tmp_path, opened):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        video = container.add_stream("ffv1", rate=25)
        video.width, video.height, video.pix_fmt = 16, 16, "yuv420p"
        container.metadata["title"] = "Name of a person"
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), "s16", "mono")
        samples.rate = 8000
        container.mux(sound.encode(samples))
        for _ in range(3):
            container.mux(video.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(video.encode(None))
    source = opened(path)
    assert len(list(source)) == 3
    assert source.info.has_audio
    assert source.info.discarded_metadata >= 1
    assert "person" not in repr(source.info)


def test_sound_alone_has_no_video_stream(tmp_path, opened):
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        samples.rate = 8000
        container.mux(sound.encode(samples))
    with pytest.raises(VideoUnreadable, match=r"a\.wav: no video stream"):
        opened(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a readable video, the file is empty"),
        (b"just some text\n" * 50, "not a readable video"),
        (bytes(range(256)) * 4, "not a readable video"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.mp4\n#EXT-X-ENDLIST\n", "not a readable video"),
        (b"ffconcat version 1.0\nfile other.mp4\n", "not a readable video"),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "not a readable video"),
    ],
)
def test_what_is_no_video_is_named(tmp_path, content, what, opened):
    path = tmp_path / "secret folder" / "clip.mp4"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(VideoUnreadable, match=what) as caught:
        opened(path)
    assert str(caught.value).startswith("clip.mp4: ")
    assert "secret folder" not in str(caught.value)


def test_a_name_that_looks_like_a_pattern_is_one_file(tmp_path, write_video, picture_of_corners, opened):
    for number in (1, 2):
        write_video(tmp_path / f"b{number}.jpg", [picture_of_corners()], codec="mjpeg", pixel_format="yuvj444p")
    path = tmp_path / "b%d.jpg"
    path.write_bytes((tmp_path / "b1.jpg").read_bytes())
    assert len(list(opened(path))) == 1


def test_no_file_and_a_folder(tmp_path, opened):
    with pytest.raises(VideoUnreadable, match=r"gone\.mp4: no such file"):
        opened(tmp_path / "gone.mp4")
    with pytest.raises(VideoUnreadable, match="not a file"):
        opened(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_and_a_device_are_no_files_and_are_not_waited_for(tmp_path, opened):
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", Path(os.devnull)):
        with pytest.raises(VideoUnreadable, match=f"^{path.name}: not a file"):
            opened(path)


def test_one_and_two_threads_give_the_same_frames(tmp_path, write_video, opened):
    path = write_video(tmp_path / "a.mp4", numbered(12), codec="libx264", pixel_format="yuv420p")
    one, two = (opened(path, threads=threads) for threads in (1, 2))
    assert (one.info.decode_threads, two.info.decode_threads) == (1, 2)
    assert [(f.time_s, f.scaled(64, 48).tobytes()) for f in one] == [
        (f.time_s, f.scaled(64, 48).tobytes()) for f in two
    ]


def test_close_may_come_from_another_thread_while_frames_are_decoded(tmp_path, write_video, opened):
    path = write_video(tmp_path / "a.mp4", numbered(25, 320, 240) * 8, codec="libx264", pixel_format="yuv420p")
    source = opened(path)
    begun = threading.Event()

    def look():
        for _ in source:
            begun.set()

    looker = threading.Thread(target=look)
    looker.start()
    assert begun.wait(10)
    source.close()
    looker.join(10)
    assert not looker.is_alive()
    assert next(source, None) is None


def test_frames_outlive_their_source(tmp_path, write_video, opened):
    path = write_video(tmp_path / "a.mp4", numbered(5), codec="libx264", pixel_format="yuv420p")
    source = opened(path)
    frames = list(source)
    source.close()
    del source
    assert [number_of(frame) for frame in frames] == [0, 1, 2, 3, 4]


def test_a_size_that_changes_midway_belongs_to_each_frame(tmp_path, write_video, opened):
    first = write_video(tmp_path / "a.ts", numbered(4, 64, 48), codec="mpeg2video", pixel_format="yuv420p")
    second = write_video(tmp_path / "b.ts", numbered(4, 96, 80), codec="mpeg2video", pixel_format="yuv420p")
    both = tmp_path / "c.ts"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    frames = list(opened(both))
    assert {(frame.width, frame.height) for frame in frames} == {(64, 48), (96, 80)}
    times = [frame.time_s for frame in frames]
    assert all(a < b for a, b in pairwise(times))


def test_an_animation(tmp_path, write_video, picture_of_corners, opened):
    pictures = [picture_of_corners(), picture_of_corners()[:, ::-1].copy()] * 2
    path = write_video(tmp_path / "a.gif", pictures, codec="gif", pixel_format="rgb8", rate=10)
    source = opened(path)
    frames = list(source)
    assert source.info.kind == "animation"
    assert len(frames) == 4
    assert close(quarters(frames[0]), [RED, GREEN, BLUE, WHITE], 60)
    assert close(quarters(frames[1]), [GREEN, RED, WHITE, BLUE], 60)


def test_a_still_picture_has_no_rate_and_no_length(tmp_path, write_video, picture_of_corners, opened):
    path = write_video(tmp_path / "a.png", [picture_of_corners()], codec="png", pixel_format="rgb24")
    source = opened(path)
    assert [frame.time_s for frame in source] == [0.0]
    assert source.info.kind == "image"
    assert math.isnan(source.info.frame_rate)
    assert math.isnan(source.info.duration_s)
