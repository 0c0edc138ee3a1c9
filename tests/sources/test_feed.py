"""What stands between FFmpeg's devices and the camera, on a device of our own."""

import errno
import os

import av
import numpy as np
import pytest

from posture.errors import CameraBusy, CameraLost, CameraPermission, CameraUnavailable
from posture.sources import feed as room
from posture.sources import v4l2
from posture.sources.cameramode import Mode
from posture.sources.devices import Device
from posture.sources.feed import DeviceFeed
from posture.sources.settings import CameraSettings

WEBCAM = Device("@device_pnp_1", "Webcam", "dshow", "@device_pnp_1")


@pytest.fixture(scope="module")
def clip(tmp_path_factory, write_video):
    pictures = [np.full((48, 64, 3), 40 * n, np.uint8) for n in range(4)]
    path = tmp_path_factory.mktemp("clip") / "a.avi"
    return write_video(path, pictures, codec="mjpeg", pixel_format="yuvj420p", rate=30)


class Container:
    """A device that is at times empty: `nothing` says before which packets."""

    def __init__(self, path, nothing=()):
        self.inner = av.open(path)
        self.streams, self.closed = self.inner.streams, 0
        self.nothing, self.given = set(nothing), 0
        self.packets = self.inner.demux(self.streams.video[0])

    def demux(self, stream):
        while True:
            if self.given in self.nothing:
                self.nothing.remove(self.given)
                raise av.error.BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
            packet = next(self.packets, None)
            if packet is None:
                return
            self.given += 1
            yield packet

    def close(self):
        self.packets.close()
        self.inner.close()
        self.closed += 1


@pytest.fixture
def device(clip, monkeypatch):
    """A function that opens `WEBCAM`; `answers` are what the attempts give, a container or an error."""
    containers, asked = [], []

    def plug(*answers):
        pending = list(answers)

        def opened(_, options):
            asked.append(options)
            answer = pending.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            containers.append(answer)
            return answer

        monkeypatch.setattr(room, "_open", opened)
        return asked

    yield plug
    for container in containers:
        assert container.closed == 1


def read_all(feed):
    """Sizes of the packets, None where there was nothing, up to the error that ends it."""
    found = []

    def read():
        while True:
            packet = feed.read()
            found.append(packet and packet.pts)

    with pytest.raises(OSError, match=os.strerror(errno.ENODEV)):
        read()
    return found


def test_where_nothing_waits_it_says_so_and_goes_on(device, clip):
    device(Container(clip, nothing=[0, 2]))
    feed = DeviceFeed(WEBCAM, CameraSettings())
    found = read_all(feed)
    assert [pts for pts in found if pts is not None] == [0, 1, 2, 3]
    assert found.count(None) >= 2
    feed.close()


def test_a_stream_that_ends_is_a_device_that_is_gone(device, clip):
    device(Container(clip))
    feed = DeviceFeed(WEBCAM, CameraSettings())
    read_all(feed)
    feed.close()


def test_what_is_known_of_it(device, clip):
    device(Container(clip))
    feed = DeviceFeed(WEBCAM, CameraSettings())
    assert feed.name == "Webcam"
    assert (feed.info.kind, feed.info.codec, feed.info.pixel_format) == ("camera", "mjpeg", "yuvj420p")
    assert (feed.info.width, feed.info.height, feed.info.frame_rate) == (64, 48, 30)
    feed.close()


def test_the_next_format_is_tried_where_one_is_refused(device, clip):
    refused = av.error.OSError(errno.EIO, "I/O error")
    asked = device(refused, refused, Container(clip))
    DeviceFeed(WEBCAM, CameraSettings()).close()
    assert len(asked) == 3
    assert asked[0]["vcodec"] == "mjpeg"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (av.error.FileNotFoundError(errno.ENOENT, "No such file or directory"), CameraUnavailable),
        (av.error.PermissionError(errno.EACCES, "Permission denied"), CameraPermission),
        (av.error.OSError(errno.EBUSY, "Device or resource busy"), CameraBusy),
        (av.error.ExitError(-1, "Immediate exit requested"), CameraLost),
    ],
)
def test_where_no_format_would_help_none_is_tried(device, error, kind):
    asked = device(error)
    with pytest.raises(kind, match=r"^Webcam: "):
        DeviceFeed(WEBCAM, CameraSettings())
    assert len(asked) == 1


def test_a_device_that_takes_no_format_is_refused(device):
    device(*[av.error.ArgumentError(errno.EINVAL, "Invalid argument")] * 99)
    with pytest.raises(CameraUnavailable, match="choose another camera"):
        DeviceFeed(WEBCAM, CameraSettings())


@pytest.mark.skipif(os.name == "nt", reason="Video4Linux")
def test_on_linux_the_best_mode_is_asked_for_first_and_the_old_format_given_back(device, clip, monkeypatch, tmp_path):
    node = tmp_path / "video0"
    node.write_bytes(b"")
    done = []

    class Settled:
        def __init__(self, fd):
            self.fd = fd

        def restore(self):
            os.fstat(self.fd)  # still open
            done.append(("restored", container.closed))

    open_before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    container = Container(clip)
    modes = [Mode("yuyv422", 1280, 720, 10), Mode("mjpeg", 1280, 720, 30)]
    monkeypatch.setattr(v4l2, "Settled", Settled)
    monkeypatch.setattr(v4l2, "modes", lambda fd: modes)
    asked = device(container)
    feed = DeviceFeed(Device("x", "Webcam", "v4l2", str(node)), CameraSettings())
    assert asked == [{"input_format": "mjpeg", "video_size": "1280x720", "framerate": "30/1"}]
    feed.close()
    assert done == [("restored", 1)]
    if open_before:
        assert len(os.listdir("/proc/self/fd")) == len(open_before)


@pytest.mark.skipif(os.name == "nt", reason="Video4Linux")
def test_a_node_that_may_not_be_opened_or_is_no_camera_leaves_nothing_open(tmp_path):
    with pytest.raises(CameraUnavailable):
        DeviceFeed(Device("x", "Webcam", "v4l2", str(tmp_path / "none")), CameraSettings())
    node = tmp_path / "video0"
    node.write_bytes(b"")
    with pytest.raises(CameraUnavailable, match="cannot be opened"):
        DeviceFeed(Device("x", "Webcam", "v4l2", str(node)), CameraSettings())


def test_ffmpeg_is_told_not_to_wait(tmp_path, clip):
    container = av.open(str(clip), container_options={"fflags": room.NON_BLOCKING})
    assert container.flags & av.container.Flags.non_block.value
    container.close()


@pytest.mark.parametrize(
    ("device", "file"),
    [
        (WEBCAM, "video=@device_pnp_1"),
        (Device("FaceTime", "FaceTime", "avfoundation", "0"), "0:none"),
        (Device("by-id/x", "Webcam", "v4l2", "/dev/video0"), "/dev/video0"),
    ],
)
def test_each_back_end_gets_the_name_it_knows_and_a_limit_of_time(device, file, monkeypatch):
    called = {}
    monkeypatch.setattr(av, "open", lambda file, **options: called.update(options, file=file))
    room._open(device, {"video_size": "1x1"})
    assert called["file"] == file
    assert called["format"] == device.backend
    assert called["timeout"] == (room.OPEN_LIMIT_S, None)
    assert called["container_options"]["fflags"] == room.NON_BLOCKING
    assert ("rtbufsize" in called["container_options"]) == (device.backend == "dshow")
