"""The camera on a fake device: time passes only where somebody waits, so every run comes out the same."""

import math
import threading
from itertools import pairwise

import av
import numpy as np
import pytest

from posture.errors import CameraBusy, CameraLost, CameraPermission, CameraUnavailable, VideoUnreadable
from posture.sources.camera import MOST_AT_ONCE, POLL_S, Camera, CameraSettings, Device, open_camera
from posture.sources.fakecamera import FakeCamera, Fault, Scripted
from posture.sources.film import DemoFilm, JpegFilm, jpeg, of_pictures
from posture.sources.pace import Leaping

RATE_HZ = 30


def numbered(count=60, width=64, height=48):
    """Pictures of noise of one size; the brightness of number n is 40 + 2 n."""
    random = np.random.default_rng(0)
    for number in range(count):
        grey = np.clip(random.normal(40 + 2 * number, 3, (height, width, 1)), 0, 255)
        yield np.repeat(grey, 3, 2).astype(np.uint8)


@pytest.fixture(scope="module")
def film():
    return of_pictures(numbered(), RATE_HZ)


@pytest.fixture
def time():
    return Leaping()


@pytest.fixture
def plugged(film, time):
    """A function that gives an open camera on a fake device with a script; all are closed at the end."""
    opened = []

    def plug(*script, film=film, repeat=True):
        device = FakeCamera(film, script, time, time.wait, repeat=repeat)
        opened.append((device, device.open()))
        return opened[-1]

    yield plug
    for device, camera in opened:
        camera.close()
        assert device.lit == 0


def number_of(picture):
    return round((picture.luma(8, 6).mean() - 40) / 2)


def looked(camera, time, until_s):
    """Every frame until a moment, with the moment at which it came."""
    found = []
    while time() < until_s:
        picture = camera.read(until_s - time())
        if picture is not None:
            found.append((time(), picture))
    return found


def test_every_frame_comes_as_soon_as_it_is_there(plugged, time):
    _, camera = plugged()
    found = looked(camera, time, 1.0)
    assert [number_of(picture) for _, picture in found] == list(range(RATE_HZ + 1))
    assert all(0 <= at - n / RATE_HZ <= POLL_S for n, (at, _) in enumerate(found))
    assert [picture.time_s for _, picture in found] == pytest.approx(
        [n / RATE_HZ for n in range(RATE_HZ + 1)], abs=1e-5
    )


def test_at_a_reduced_rate_the_newest_frame_is_looked_at_and_the_rest_is_not_decoded(plugged, time, monkeypatch):
    decoded = []
    monkeypatch.setattr(
        Camera, "_decoded", lambda self, packet, of=Camera._decoded: decoded.append(1) or of(self, packet)
    )
    _, camera = plugged()
    camera.rate_hz = 2
    found = looked(camera, time, 1.99)
    assert [number_of(picture) for _, picture in found] == [0, 15, 30, 45]
    assert all(at - picture.time_s < 1 / RATE_HZ for at, picture in found)
    assert len(decoded) == 4
    assert camera.info.kind == "camera"


def test_a_slow_reader_gets_the_newest_frame(plugged, time):
    _, camera = plugged()
    next(camera)
    time.wait(threading.Event(), 1.0)
    assert number_of(next(camera)) == RATE_HZ
    assert camera.packet_s == camera.heard_s == pytest.approx(1.0, abs=POLL_S)


def test_a_reader_that_is_very_late_is_not_held_up_by_the_queue(plugged, time):
    _, camera = plugged()
    next(camera)
    time.wait(threading.Event(), 100.0)
    camera.read(0.0)
    assert camera.packet_s == 100.0
    assert number_of(camera.read(0.0)) == (2 * MOST_AT_ONCE) % 60


def test_the_rate_can_change_at_any_time(plugged, time):
    _, camera = plugged()
    camera.rate_hz = 1
    assert len(looked(camera, time, 2.9)) == 3
    camera.rate_hz = None
    assert len(looked(camera, time, 3.9)) == pytest.approx(30, abs=3)
    camera.rate_hz = 1
    assert len(looked(camera, time, 6.9)) <= 4


def test_while_no_look_is_due_the_thread_wakes_ten_times_a_second(plugged, time, monkeypatch):
    _, camera = plugged()
    camera.rate_hz = 1
    waits = []
    monkeypatch.setattr(camera, "_wait", lambda event, s: waits.append(s) or time.wait(event, s))
    looked(camera, time, 60.0)
    assert len(waits) / 60 < 25


def test_a_stall_does_not_hold_the_reader_and_little_is_done_meanwhile(plugged, time, monkeypatch):
    _, camera = plugged(Scripted(Fault.STALLED, 1.0, 61.0))
    looked(camera, time, 1.0)
    waits = []
    monkeypatch.setattr(camera, "_wait", lambda event, s: waits.append(s) or time.wait(event, s))
    assert camera.read(0.5) is None
    assert time() == pytest.approx(1.5)
    assert camera.heard_s == pytest.approx(0.97, abs=0.03)
    assert looked(camera, time, 60.9) == []
    assert len(waits) / 60 < 25
    (at, picture), *_ = looked(camera, time, 61.2)
    assert at == pytest.approx(61.0, abs=0.06)
    assert picture.time_s == pytest.approx(61.0, abs=0.06)


def test_the_event_of_the_caller_ends_the_wait(plugged, time):
    _, camera = plugged(Scripted(Fault.STALLED, 1.0))
    looked(camera, time, 1.0)
    wake = threading.Event()
    time.at(5.0, wake.set)
    assert camera.read(60.0, wake) is None
    assert time() == 5.0


def test_closing_while_another_thread_waits_ends_its_loop(film):
    device = FakeCamera(film, [Scripted(Fault.STALLED, 0.0)])
    camera = device.open()
    ended = threading.Event()
    reader = threading.Thread(target=lambda: (list(camera), ended.set()), daemon=True)
    reader.start()
    camera.close()
    assert ended.wait(10)
    reader.join(10)
    assert device.lit == 0


def test_closing_inside_a_read_leaves_the_device_to_the_reader(film):
    device = FakeCamera(film)
    camera = device.open()
    inside, go_on = threading.Event(), threading.Event()
    read = camera._feed.read

    def hanging():
        inside.set()
        assert go_on.wait(10)
        return read()

    camera._feed.read = hanging
    reader = threading.Thread(target=lambda: list(camera), daemon=True)
    reader.start()
    assert inside.wait(10)
    camera.close()  # returns although the reader hangs
    assert device.lit == 1
    go_on.set()
    reader.join(10)
    assert device.lit == 0


def test_a_camera_that_is_pulled_is_lost_even_if_it_is_back_at_once(plugged, time):
    _, camera = plugged(Scripted(Fault.UNPLUGGED, 1.0, 1.01))
    with pytest.raises(CameraLost, match="plug it in again"):
        looked(camera, time, 2.0)
    assert time() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.UNPLUGGED, CameraUnavailable), (Fault.BUSY, CameraBusy), (Fault.FORBIDDEN, CameraPermission)],
)
def test_a_camera_that_does_not_open_says_why(film, time, fault, error):
    device = FakeCamera(film, [Scripted(fault, 0.0, 1.0)], time, time.wait)
    with pytest.raises(error):
        device.open()
    assert device.lit == 0
    time.wait(threading.Event(), 1.0)
    device.open().close()


def test_spoiled_pictures_are_counted_and_the_next_good_one_is_taken(plugged, time):
    _, camera = plugged(Scripted(Fault.SPOILED, 1.0, 1.5))
    camera.rate_hz = 1
    found = looked(camera, time, 1.9)
    assert [number_of(picture) for _, picture in found] == [0, 45]
    assert camera.damage.decode_errors == pytest.approx(15, abs=1)


def test_a_packet_without_content_is_a_spoiled_picture(plugged, time, monkeypatch):
    _, camera = plugged()
    read = camera._feed.read
    given = [av.Packet(), read()]
    monkeypatch.setattr(camera._feed, "read", lambda: given.pop(0) if given else None)
    assert number_of(camera.read(1.0)) == 0
    assert camera.damage.corrupt_frames == 1


def test_pictures_may_change_their_size(plugged, time):
    _, camera = plugged(Scripted(Fault.RESIZED, 1.0, 2.0))
    sizes = {round(at, 1): (picture.width, picture.height) for at, picture in looked(camera, time, 3.0)}
    assert sizes[0.5] == sizes[2.5] == (64, 48)
    assert sizes[1.5] == (32, 24)
    assert (camera.info.width, camera.info.height) == (64, 48)


@pytest.mark.parametrize("jump_s", [-1e6, 5.0, 1e6])
def test_a_jump_of_its_clock_does_not_show(plugged, time, jump_s):
    _, camera = plugged(Scripted(Fault.CLOCK_JUMP, 1.0, 2.0, jump_s))
    found = looked(camera, time, 3.0)
    assert all(abs(at - picture.time_s) < 0.05 for at, picture in found)
    assert all(a.time_s < b.time_s for (_, a), (_, b) in pairwise(found))


def test_packets_that_are_all_the_same_show(plugged, time):
    _, camera = plugged(Scripted(Fault.FROZEN, 1.0, 4.0))
    looked(camera, time, 0.99)
    assert camera.changed_s == camera.heard_s
    looked(camera, time, 3.99)
    assert camera.changed_s == pytest.approx(1.0, abs=0.07)
    looked(camera, time, 4.5)
    assert camera.changed_s == camera.heard_s


def test_motion_is_unknown_at_first_and_then_a_share(plugged, time):
    _, camera = plugged()
    camera.rate_hz = 1
    looked(camera, time, 0.5)
    assert math.isnan(camera.motion)
    looked(camera, time, 5.5)
    assert 0 <= camera.motion <= 1


def test_colours_are_those_of_jpeg(time):
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, 16:] = 255
    picture[:16, :16] = 200, 30, 30
    with_camera = FakeCamera(of_pictures([picture]), (), time, time.wait).open()
    frame = next(with_camera)
    assert np.abs(frame.scaled(32, 32).astype(int) - picture).mean() < 6
    assert frame.luma(32, 32)[20:28, 4:10].max() <= 2  # black stays black: full range
    assert frame._centred
    with_camera.close()


def test_a_raw_picture_outlives_the_memory_of_its_device(time, tmp_path, write_video):
    path = write_video(tmp_path / "raw.avi", list(numbered(3)), codec="rawvideo", pixel_format="gray")
    camera = FakeCamera(path, (), time, time.wait).open()
    packets, read = [], camera._feed.read
    camera._feed.read = lambda: packets.append(read()) or packets[-1]
    picture = next(camera)
    before = picture.scaled(64, 48)
    packets[0].update(bytes(packets[0].size))  # the device fills its buffer anew
    camera.close()
    assert np.array_equal(picture.scaled(64, 48), before)
    assert before.mean() > 20


def test_a_stream_whose_pictures_refer_to_each_other_is_decoded_whole(time, tmp_path, write_video):
    path = write_video(tmp_path / "a.mp4", list(numbered(60)), codec="libx264", pixel_format="yuv420p", rate=RATE_HZ)
    camera = FakeCamera(path, (), time, time.wait, repeat=False).open()
    camera.rate_hz = 2
    found = list(camera)
    camera.close()
    assert [picture.time_s for picture in found] == pytest.approx([0, 0.5, 1, 1.5], abs=0.05)
    assert all(abs(number_of(picture) - 30 * picture.time_s) <= 2 for picture in found)
    assert not camera.damage.any


def test_a_script_that_replaces_packets_needs_jpeg(time, tmp_path, write_video):
    path = write_video(tmp_path / "a.mp4", list(numbered(4)), codec="libx264", pixel_format="yuv420p")
    device = FakeCamera(path, [Scripted(Fault.BLACK, 1.0)], time, time.wait)
    with pytest.raises(ValueError, match="JPEG"):
        device.open()


def test_a_file_that_is_no_video_says_so(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(VideoUnreadable):
        FakeCamera(tmp_path / "a.mp4").open()


def test_a_film_without_pictures_is_refused():
    with pytest.raises(ValueError, match="needs a picture"):
        of_pictures([])


def test_the_demo_goes_on_for_ever(time):
    camera = FakeCamera(lambda: DemoFilm(96, 64, 4), (), time, time.wait).open()
    found = looked(camera, time, 30.0)
    assert len(found) == pytest.approx(120, abs=1)
    camera.close()


def test_a_film_that_repeats_goes_on_without_a_gap(plugged, time):
    _, camera = plugged(film=of_pictures(numbered(10), RATE_HZ))
    found = looked(camera, time, 1.0)
    assert [number_of(picture) for _, picture in found] == [n % 10 for n in range(RATE_HZ + 1)]


def test_a_camera_that_does_not_say_its_rate_is_read_all_the_same(time):
    picture = jpeg(av.VideoFrame.from_ndarray(next(numbered()), format="rgb24"))
    film = JpegFilm([picture], (64, 48), 30.0)
    film.info = type(film.info)("camera", 64, 48, math.nan, math.nan, "mjpeg")
    film.packets = lambda: iter([(0.0, av.Packet(picture)), (0.2, av.Packet(picture))])
    camera = FakeCamera(lambda: film, (), time, time.wait, repeat=False).open()
    assert len(list(camera)) == 2


def test_opening_what_is_not_there_is_an_error_with_a_next_step():
    device = Device("by-id/x", "Webcam", "v4l2", "/dev/video-that-is-not-there")
    with pytest.raises(CameraUnavailable, match="Webcam: it is not there; plug it in"):
        open_camera(device, CameraSettings())


def test_a_film_that_was_filmed_sideways_stands_upright(time, tmp_path, write_video):
    path = write_video(
        tmp_path / "a.mp4",
        list(numbered(2)),
        codec="mjpeg",
        pixel_format="yuvj420p",
        setup=lambda stream: stream.set_display_rotation(90),
    )
    camera = FakeCamera(path, (), time, time.wait).open()
    picture = next(camera)
    assert (picture.width, picture.height) == (camera.info.width, camera.info.height) == (48, 64)
    camera.close()
