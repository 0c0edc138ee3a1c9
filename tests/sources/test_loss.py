"""What comes of files that are damaged: at the packets, in the container, for want of memory."""

import threading
from dataclasses import replace
from itertools import islice

import av
import cv2
import numpy as np
import pytest

from posture.data import Damage
from posture.errors import VideoUnreadable
from posture.sources import RedoSingleThreaded, container
from posture.sources.loss import DAMAGED_PICTURE, MOST_REFUSED


def numbered(count, width=64, height=48):
    """Pictures whose grey level is ten times their number."""
    return [np.full((height, width, 3), 10 * number, np.uint8) for number in range(count)]


def number_of(frame):
    return round(frame.scaled(64, 48)[20, 20].mean() / 10)


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
    path = write_video(tmp_path / "a.mp4", numbered(20), codec="libx264", pixel_format="yuv420p", options={"bf": "3"})
    source = ending(path, 12, Raising(av.error.InvalidDataError(1, "broken")))
    frames = list(source)
    assert len(frames) == 12  # as many as packets
    assert source.damage == Damage(0, 0, True, f"Nothing after {frames[-1].time_s:.1f} s could be read.")


def test_closing_does_not_wait_for_a_key_frame(tmp_path, write_video, ending):
    path = write_video(tmp_path / "a.mkv", numbered(5))
    refused_once = Raising(av.error.InvalidDataError(1, "broken"), decoder=True)
    refused_once.is_keyframe = False  # and never one after it, without end
    source = ending(path, 3, refused_once)
    looker = threading.Thread(target=list, args=(source,), daemon=True)
    looker.start()
    while not refused_once.times:
        assert looker.is_alive()
    closer = threading.Thread(target=source.close, daemon=True)
    closer.start()
    closer.join(10)
    looker.join(10)
    assert not closer.is_alive()
    assert not looker.is_alive()


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


def jpeg(path, side=256, options=()):
    """A JPEG of noise, every block of which takes about as many bytes."""
    noise = np.random.default_rng(7).integers(0, 255, (side, side, 3), np.uint8)
    path.write_bytes(cv2.imencode(".jpg", noise, list(options))[1].tobytes())
    return path


@pytest.mark.parametrize("options", [(), (cv2.IMWRITE_JPEG_PROGRESSIVE, 1), (cv2.IMWRITE_JPEG_RST_INTERVAL, 4)])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_picture_of_which_the_end_is_missing_is_given_and_said_to_be_damaged(tmp_path, opened, options, share):
    whole = opened(jpeg(tmp_path / "whole.jpg", options=options))
    before = next(whole).luma(256, 256)
    assert whole.damage == Damage(), "the negative control"
    source = opened(cut(jpeg(tmp_path / "a.jpg", options=options), share))
    (frame,) = source
    assert frame.corrupt
    assert source.damage == Damage(1, 0, False, DAMAGED_PICTURE)
    if not options:
        assert (frame.luma(256, 256)[:100] == before[:100]).all()


def test_a_large_picture_that_two_threads_would_decode_is_said_to_be_damaged_too(tmp_path, opened):
    source = opened(cut(jpeg(tmp_path / "a.jpg", side=3000), 0.5))
    assert len(list(source)) == source.info.decode_threads == 1
    assert source.damage.message == DAMAGED_PICTURE


def test_a_frame_of_a_video_of_jpegs_is_marked_and_the_others_are_not(tmp_path, write_video, opened):
    noise = list(np.random.default_rng(3).integers(0, 255, (6, 48, 64, 3), np.uint8))
    path = write_video(tmp_path / "a.avi", noise, codec="mjpeg", pixel_format="yuvj420p")
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    place, size = packets[2]
    content = bytearray(path.read_bytes())
    start = content.index(b"\xff\xd8", place)
    content[start + size // 2 : start + size] = bytes(size - size // 2)
    path.write_bytes(content)
    source = opened(path)
    frames = list(source)
    assert [frame.corrupt for frame in frames] == [False, False, True, False, False, False]
    assert [frame.time_s for frame in frames] == pytest.approx([number / 25 for number in range(6)])
    assert source.damage.message == "1 frame is damaged."
