"""Packets of a camera that is open: read without ever waiting, by whatever means its system has.

FFmpeg's devices wait for a picture inside the kernel, where nothing can call them back: a camera that hangs would take
its thread with it. So they are opened non-blocking from the start, and `read` says None where nothing has come yet.
"""

import errno
import math
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext

from posture.data import SourceInfo
from posture.sources import cameraerror, cameramode, v4l2
from posture.sources.cameramode import Options
from posture.sources.devices import Device
from posture.sources.settings import CameraSettings

if TYPE_CHECKING:
    Packet = av.Packet[Any]
else:  # PyAV's classes are generic for type checkers only
    Packet = av.Packet

DEFAULT_RATE_HZ = 30.0
"""Of a camera that does not say."""
OPEN_LIMIT_S = 5.0
"""A camera that gives no picture for so long does not open. Slow ones take about three seconds."""
NON_BLOCKING = "+4"
"""AVFMT_FLAG_NONBLOCK, which has no name among the values of `fflags`."""
BUFFER_BYTES = 2**26
"""Of DirectShow: three raw 4K pictures, or a second of JPEG."""


class Feed(Protocol):
    """An open camera, or something that behaves like one. Used by one thread at a time."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def id(self) -> str:
        """Stays the same when it is opened again, also another day."""

    @property
    def info(self) -> SourceInfo:
        """What is known before the first packet."""

    @property
    def decoder(self) -> VideoCodecContext:
        """Turns its packets into frames."""

    def read(self) -> Packet | None:
        """The oldest packet that waits; None where none does. An empty one is a picture that was spoiled on its way.

        Raises OSError or av.FFmpegError where the device is gone, EOFError where there is an end and it is reached.
        """

    def close(self) -> None:
        """Release the device. No packet of it may be used any more."""


class DeviceFeed:
    """Implements `Feed` on a real camera."""

    def __init__(self, device: Device, settings: CameraSettings) -> None:
        """Open `device`. Raises CameraUnavailable, CameraBusy, CameraPermission or CameraLost."""
        self.name, self.id = device.name, device.id
        self._device = device
        self._after = ExitStack()
        try:
            self._container = self._opened(settings)
            self._after.callback(self._container.close)
            self._stream = self._container.streams.video[0]
            self.decoder = self._stream.codec_context
            self._packets: Iterator[Packet] = iter(())
        except (av.FFmpegError, OSError, IndexError) as exc:
            self._after.close()
            trouble = exc if not isinstance(exc, IndexError) else OSError(errno.EINVAL, "it gives no video")
            raise cameraerror.while_opening(trouble, device.name) from exc
        except BaseException:
            self._after.close()
            raise

    @property
    def info(self) -> SourceInfo:
        """See `Feed`."""
        return described(self.decoder, float(self._stream.average_rate or self._stream.guessed_rate or 0))

    def read(self) -> Packet | None:
        """See `Feed`."""
        try:
            packet = next(self._packets, None)
        except av.error.BlockingIOError:
            packet = None
        if packet is None:  # an exception has ended the iterator, or there was none yet
            self._packets = self._container.demux(self._stream)
            return None
        if not packet.size and packet.pts is None:  # with this one PyAV ends a stream
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return packet

    def close(self) -> None:
        """See `Feed`."""
        self._packets = iter(())  # packets lie in the memory of the device
        self._after.close()

    def _opened(self, settings: CameraSettings) -> InputContainer:
        """The device in the first format that it takes."""
        trouble: cameraerror.Trouble = OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        for options in self._wishes(settings):
            try:
                return _open(self._device, options)
            except (av.FFmpegError, OSError) as exc:
                trouble = exc
                if cameraerror.settles(exc):
                    break
        raise trouble

    def _wishes(self, settings: CameraSettings) -> Iterator[Options]:
        """Options to try one after the other."""
        if self._device.backend == "v4l2":
            mode = cameramode.best(self._modes(), settings)
            if mode is not None:
                yield cameramode.of_mode(mode, settings)
        yield from cameramode.attempts(self._device.backend, settings)

    def _modes(self) -> list[cameramode.Mode]:
        """What the device offers; its present format is noted and given back when it is closed."""
        fd = os.open(self._device.path, os.O_RDWR | os.O_NONBLOCK)
        self._after.callback(os.close, fd)
        self._after.callback(v4l2.Settled(fd).restore)
        try:
            return v4l2.modes(fd)
        except OSError:
            return []


def described(decoder: VideoCodecContext, rate: float) -> SourceInfo:
    """What is known of a camera from its decoder and its nominal rate in Hz (0 or NaN where unknown)."""
    return SourceInfo(
        kind="camera",
        width=decoder.width,
        height=decoder.height,
        frame_rate=rate or math.nan,
        duration_s=math.nan,
        codec=decoder.codec.name,
        pixel_format=decoder.pix_fmt or "",
    )


def nominal_frame_s(info: SourceInfo) -> float:
    """Seconds from frame to frame."""
    return 1 / (DEFAULT_RATE_HZ if math.isnan(info.frame_rate) else info.frame_rate)


def _open(device: Device, options: Options) -> InputContainer:
    names = {"dshow": f"video={device.path}", "avfoundation": f"{device.path}:none"}
    extra = {"rtbufsize": str(BUFFER_BYTES)} if device.backend == "dshow" else {}
    return av.open(
        names.get(device.backend, device.path),
        mode="r",
        format=device.backend,
        container_options={**options, **extra, "fflags": NON_BLOCKING},
        timeout=(OPEN_LIMIT_S, None),
        metadata_errors="ignore",
    )
