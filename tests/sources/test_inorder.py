"""Pictures that refer to each other, and a decoder that is too slow: the clock moves by what decoding takes."""

import threading

import av
import numpy as np
import pytest

from posture.errors import CameraLost
from posture.sources.camera import Camera
from posture.sources.fakecamera import FakeCamera
from posture.sources.film import FileFilm
from posture.sources.inorder import KEYLESS_S, LATE_S, TOO_LATE_S
from posture.sources.pace import Leaping

RATE_HZ = 30
NONE_REFERS_BACK = {"bf": "0", "sc_threshold": "0"}


def filmed(write_video, path, seconds, key_every, *, refers_forward=False):
    """A stream as a camera's encoder gives it: the brightness of frame n is 40 + 2 (n modulo 60)."""
    random = np.random.default_rng(0)
    noise = random.normal(0, 3, (48, 64, 1))
    frames = [
        np.clip(40 + 2 * (n % 60) + noise, 0, 255).repeat(3, 2).astype(np.uint8) for n in range(seconds * RATE_HZ)
    ]
    options = {"g": str(key_every), "keyint_min": str(key_every), **({} if refers_forward else NONE_REFERS_BACK)}
    return write_video(path, frames, codec="libx264", pixel_format="yuv420p", rate=RATE_HZ, options=options)


@pytest.fixture
def watched(write_video, tmp_path, monkeypatch):
    """A function that watches such a stream while decoding one packet takes `decode_s(now)`; see `Watched`."""

    def watch(decode_s, *, seconds=12, key_every=30, rate_hz=None):
        time, contexts = Leaping(), []
        path = filmed(write_video, tmp_path / "a.mp4", seconds, key_every)

        def slow(self, decoder, packet, of=Camera._taken):
            if decoder not in contexts:
                contexts.append(decoder)
            time.wait(threading.Event(), decode_s(time()))
            return of(self, decoder, packet)

        monkeypatch.setattr(Camera, "_taken", slow)
        camera = FakeCamera(path, (), time, time.wait, repeat=False).open()
        camera.rate_hz = rate_hz
        found = []
        try:
            for picture in camera:
                found.append((time(), camera.packet_s, picture, camera.overtaken))
        finally:
            camera.close()
        return found, contexts

    return watch


def late_s(found):
    return [at - packet_s for at, packet_s, *_ in found]


def number_of(picture):
    return round((picture.luma(8, 6).mean() - 40) / 2)


def test_a_decoder_that_is_fast_enough_shows_every_frame_at_once(watched):
    found, contexts = watched(lambda now: 0.02)
    assert len(found) == 12 * RATE_HZ
    assert max(late_s(found)) < 0.03
    assert sum(lost for *_, lost in found) == 0
    assert [context.thread_type.name for context in contexts] == ["SLICE"]


def test_a_decoder_that_is_too_slow_goes_on_with_the_newest_key_frame(watched):
    found, contexts = watched(lambda now: 0.06)
    assert max(late_s(found)) < LATE_S + 1.1  # a key frame comes every second
    assert max(late_s(found[len(found) // 2 :])) < LATE_S + 1.1  # and it does not get worse
    lost = sum(lost for *_, lost in found)
    assert len(found) + lost == pytest.approx(12 * RATE_HZ, abs=35)
    assert lost > 100
    assert all(
        abs((number_of(picture) - round(picture.time_s * RATE_HZ) + 30) % 60 - 30) <= 1 for _, _, picture, _ in found
    )
    assert [context.thread_type.name for context in contexts] == ["SLICE"]  # frame threads would delay each picture


def test_after_one_interruption_it_is_at_the_newest_again(watched):
    found, contexts = watched(lambda now: 0.8 if 2.6 < now < 2.7 else 0.01)
    assert max(late_s([one for one in found if one[0] > 3.8])) < 0.02
    assert 0 < sum(lost for *_, lost in found) < 30
    assert [context.thread_type.name for context in contexts] == ["SLICE"]


def test_a_stream_without_further_key_frames_is_caught_up_with_by_decoding(watched):
    found, _ = watched(lambda now: 0.8 if 2.0 < now < 2.1 else 0.01, key_every=900)
    assert sum(lost for *_, lost in found) == 0
    assert max(late_s([one for one in found if one[0] > 4.2])) < 0.02


def test_a_stream_without_further_key_frames_that_is_too_much_is_opened_anew(watched):
    with pytest.raises(CameraLost):
        watched(lambda now: 0.06, seconds=30, key_every=1800)


def test_the_rate_is_kept_where_every_packet_is_decoded(watched):
    found, _ = watched(lambda now: 0.01, rate_hz=1, seconds=6)
    assert [picture.time_s for _, _, picture, _ in found] == pytest.approx(range(6), abs=0.05)
    assert max(late_s(found)) < 0.2


def test_limits_are_in_order():
    assert LATE_S < TOO_LATE_S < KEYLESS_S


def test_moments_never_go_back_where_pictures_refer_to_later_ones(write_video, tmp_path):
    """Recorder and judge take them for a clock that only rises."""
    path, time = filmed(write_video, tmp_path / "b.mp4", 2, 30, refers_forward=True), Leaping()
    with av.open(str(path)) as container:
        stamps = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert stamps != sorted(stamps), "the stream holds pictures back"
    camera = FakeCamera(path, (), time, time.wait, repeat=False).open()
    try:
        moments = [camera.packet_s for _ in camera]
    finally:
        camera.close()
    assert len(moments) > 50
    assert moments == sorted(moments)


def test_a_film_that_begins_again_loses_no_picture_and_its_stamps_go_on(write_video, tmp_path):
    """Its last packet is still to be decoded when the film is wound back."""
    path, time = filmed(write_video, tmp_path / "c.mp4", 2, 30), Leaping()
    camera = FakeCamera(lambda: FileFilm(path, from_s=1.0), (), time, time.wait).open()
    try:
        found = [next(camera) for _ in range(70)]
    finally:
        camera.close()
    assert [picture.time_s for picture in found] == pytest.approx([n / RATE_HZ for n in range(70)], abs=1e-3)
    bright = [picture.luma(64, 48).mean() for picture in found]
    assert bright == pytest.approx([40 + 2 * (30 + n % 30) for n in range(70)], abs=4)
