import math
import os
import threading
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from posture.data import Damage
from posture.errors import VideoUnreadable
from posture.sources import RedoSingleThreaded, container
from posture.sources.loss import MOST_REFUSED

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


def cut(path, share):
    """The same file without its end."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def broken(tmp_path, write_video):
    """An MP4 with its index in front that ends in the middle of its pictures."""
    noise = np.random.default_rng(3).integers(0, 255, (20, 48, 64, 3), np.uint8)
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "5", "bf": "0", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for picture in noise:
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return cut(path, 0.6)


def test_what_can_be_decoded_is_given_and_the_loss_is_said(tmp_path, write_video, opened):
    source = opened(broken(tmp_path, write_video))
    frames = list(source)
    assert 5 <= len(frames) < 20
    damage = source.damage
    assert damage.any
    assert damage.truncated
    assert damage.decode_errors == 1
    assert damage.message == f"1 frame could not be decoded; nothing after {frames[-1].time_s:.1f} s could be read."


def refused(path, write_video, numbers, count=20, **options):
    """An MP4 of H.264 with a key frame every 5 frames; the decoder refuses the packets of those numbers."""
    options = {"g": "5", "bf": "0", "x264-params": "scenecut=0", **options}
    write_video(path, numbered(count), codec="libx264", pixel_format="yuv420p", options=options)
    with av.open(str(path)) as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    for number in numbers:
        content[places[number] : places[number] + 4] = b"\x7f\xff\xff\xff"  # the length of a unit, beyond its packet
    path.write_bytes(content)
    return path


def test_decoding_goes_on_at_the_next_key_frame(tmp_path, write_video, opened):
    path = refused(tmp_path / "a.mp4", write_video, [7, 16])
    source = opened(path)
    frames = list(source)
    assert [number_of(frame) for frame in frames] == [*range(7), *range(10, 16)]
    assert [frame.time_s for frame in frames] == pytest.approx([number_of(frame) / 25 for frame in frames], abs=1e-3)
    damage = source.damage
    assert (damage.corrupt_frames, damage.decode_errors, damage.truncated) == (0, 2, True)
    assert damage.message == "7 frames could not be decoded; nothing after 0.6 s could be read."


def test_a_refused_packet_in_the_middle_does_not_end_the_stream(tmp_path, write_video, opened):
    source = opened(refused(tmp_path / "a.mp4", write_video, [9]))
    assert [number_of(frame) for frame in source] == [*range(9), *range(10, 20)]
    assert source.damage == Damage(0, 1, False, "1 frame could not be decoded.")


def test_a_refused_packet_at_a_reduced_rate(tmp_path, write_video, opened):
    path = refused(tmp_path / "a.mp4", write_video, [13], 25, bf="2")
    every, due = (opened(path, rate=rate, threads=1) for rate in (None, 5.0))
    all_frames = {frame.index: frame for frame in every}
    due_frames = {frame.index: frame for frame in due}
    assert len(due_frames) < len(all_frames) < 25
    assert every.damage == due.damage
    for index, frame in due_frames.items():
        assert frame.time_s == all_frames[index].time_s
        assert number_of(frame) == number_of(all_frames[index])


def test_refused_packets_under_two_threads_ask_for_one(tmp_path, write_video, opened):
    with pytest.raises(RedoSingleThreaded):
        list(opened(refused(tmp_path / "a.mp4", write_video, [7]), threads=2))


def test_a_file_whose_first_packet_is_refused_is_unreadable(tmp_path, write_video, opened):
    with pytest.raises(VideoUnreadable, match="no frame could be decoded"):
        opened(refused(tmp_path / "a.mp4", write_video, [0]))


class Ending:
    """A container of which some packets come and then something else."""

    def __init__(self, container, packets, ending):
        self._container, self._packets, self._ending = container, packets, ending

    def __getattr__(self, name):
        return getattr(self._container, name)

    def demux(self, stream):
        yield from islice(self._container.demux(stream), self._packets)
        yield from self._ending


class Raising:
    """An iterator, and the key frame packet that it gives, if `decoder`: the error is raised by its decoder."""

    pts, size, is_keyframe = None, 1, True

    def __init__(self, error, *, decoder=False):
        self._error, self._decoder, self.times = error, decoder, 0

    def __iter__(self):
        return self

    def __next__(self):
        return self if self._decoder else self.decode()

    def decode(self):
        self.times += 1
        raise self._error


@pytest.fixture
def ending(monkeypatch, opened):
    def open_ending(path, packets, ending):
        def open_container(*args, **options):
            found = container.open_container(*args, **options)
            return replace(found, container=Ending(found.container, packets, ending))

        monkeypatch.setattr("posture.sources.video.open_container", open_container)
        return opened(path, threads=1)

    return open_ending


def test_a_decoder_that_refuses_everything_is_given_up(tmp_path, write_video, ending):
    path = write_video(tmp_path / "a.mkv", numbered(5))
    garbage = Raising(av.error.InvalidDataError(1, "broken"), decoder=True)  # without end
    source = ending(path, 3, garbage)
    assert [number_of(frame) for frame in source] == [0, 1, 2]
    assert garbage.times == MOST_REFUSED
    assert source.damage == Damage(
        0, 1000, True, "1000 frames could not be decoded; nothing after 0.1 s could be read."
    )


def test_where_the_container_breaks_the_frames_that_the_decoder_holds_back_come(tmp_path, write_video, ending):
    path = write_video(tmp_path / "a.mp4", numbered(20), codec="libx264", pixel_format="yuv420p", options={"bf": "0"})
    source = ending(path, 12, Raising(av.error.InvalidDataError(1, "broken")))
    assert [number_of(frame) for frame in source] == list(range(12))
    assert source.damage == Damage(0, 0, True, "Nothing after 0.4 s could be read.")


@pytest.mark.parametrize("decoder", [True, False])
def test_want_of_memory_is_no_damage(tmp_path, write_video, ending, decoder):
    path = write_video(tmp_path / "a.mkv", numbered(5))
    with pytest.raises(MemoryError) as caught:
        list(ending(path, 3, Raising(av.error.MemoryError(12, "Cannot allocate memory"), decoder=decoder)))
    assert not isinstance(caught.value, av.FFmpegError)


def test_damage_under_two_threads_asks_for_one(tmp_path, write_video, opened):
    path = broken(tmp_path, write_video)
    with pytest.raises(RedoSingleThreaded):
        list(opened(path, threads=2))
    runs = [[frame.luma(64, 48).tobytes() for frame in opened(path, threads=1)] for _ in range(2)]
    assert runs[0] == runs[1]


def test_damaged_frames_are_marked(tmp_path, write_video, opened):
    noise = list(np.random.default_rng(3).integers(0, 255, (12, 48, 64, 3), np.uint8))
    path = write_video(
        tmp_path / "a.mkv", noise, codec="libx264", pixel_format="yuv420p", options={"x264-params": "cabac=0"}
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 30] = np.random.default_rng(1).bytes(30)
    path.write_bytes(content)
    source = opened(path)
    marked = [frame.corrupt for frame in source]
    assert sum(marked) == 1
    assert not marked[0]
    assert source.damage.corrupt_frames == sum(marked)
    assert source.damage.message == "1 frame is damaged."


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
