"""Frames of a camera, always the newest one.

The device is emptied as fast as it fills; of the packets that came, only the newest is decoded, and only when a look
is due. What is dropped was not even decoded where pictures stand for themselves (JPEG, raw: every camera is asked for
these first). A stream whose pictures refer to each other (H.264) has to be decoded whole, and only the looks are fewer.

Nothing here waits inside the device: between two packets the thread rests on an event, so a camera that hangs can be
left at any moment. See `feed.py`.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av

from posture.data import Damage, SourceInfo
from posture.pacing import LivePacer
from posture.sources import cameraerror, devices
from posture.sources.arrival import ArrivalTime
from posture.sources.container import JPEG_CODECS, orientation_of
from posture.sources.devices import Device, cameras
from posture.sources.feed import DeviceFeed, Feed, Packet, nominal_frame_s
from posture.sources.geometry import Orientation
from posture.sources.picture import Picture
from posture.sources.settings import CameraSettings
from posture.sources.stirring import Stirring

__all__ = ["Camera", "CameraSettings", "Device", "cameras", "open_camera", "open_wanted"]

Clock = Callable[[], float]
"""Seconds that only rise, from any origin."""
Wait = Callable[[threading.Event, float], bool]
"""Rests until the event is set or the seconds are over; whether it is set."""

POLL_S = 0.002
"""How late a packet may be noticed while a look is due."""
RARELY_S = 0.1
"""The same while none is due: three packets at 30 Hz, which every driver has room for."""
STALLED_POLL_S = 0.05
"""The same for a camera that has fallen silent."""
MOST_AT_ONCE = 64
"""Packets taken in a row before one is looked at. A queue that fills faster than it is emptied ends nowhere."""
MARKS = 1000
"""Bytes of a packet that are compared to see whether it is the same as the one before."""
READ_S = 1.0

Stamped = tuple[float | None, Any]
"""Stamp of the device in seconds, and the packet or frame."""


class Camera:
    """Implements `posture.data.Source` on a `Feed`.

    Open, read and close it in one thread: DirectShow wants that. On other systems `close` may come from any thread;
    where another one is inside the device at that moment, that one releases it on its way out.
    """

    def __init__(self, feed: Feed, *, clock: Clock = time.monotonic, wait: Wait = threading.Event.wait) -> None:
        """`clock` and `wait` belong together: time passes on the one while the other rests."""
        self._feed = feed
        self._clock, self._wait = clock, wait
        self._lock = threading.Lock()  # whoever holds it may touch the feed
        self._closed = threading.Event()
        self._released = self._ended = False
        self._decoder = feed.decoder
        self._decoder.thread_count = 1  # frame threads would hold pictures back
        self._alone = self._decoder.codec.intra_only
        self._info = feed.info
        self._since_s = clock()
        self._period_s = nominal_frame_s(self._info)
        self._rate_hz: float | None = None
        self._pacer, self._owed, self._due_s = LivePacer("all", self._period_s), False, 0.0
        self._time_of, self._stirring = ArrivalTime(), Stirring()
        self._size, self._marks = -1, b""
        self._turn = 0, Orientation()  # cameras do not turn their pictures, but files that play a camera may
        self._pixel_aspect = Fraction(self._info.pixel_aspect).limit_denominator(1000)
        self._index = self._corrupt = self._errors = 0
        self.motion = math.nan
        """How much moved between the last two frames, from the sizes of all packets between: 0 to 1; NaN unknown."""
        self.packet_s = math.nan
        """When the packet of the last frame came; on the clock."""
        self.decoded_s = math.nan
        """When the last frame was decoded; on the clock."""
        self.heard_s = math.nan
        """When the last packet came, looked at or not; on the clock."""
        self.changed_s = math.nan
        """When a packet last differed from the one before it; on the clock."""

    @property
    def name(self) -> str:
        """What a person calls the camera."""
        return self._feed.name

    @property
    def id(self) -> str:
        """What tells it from every other camera, today and tomorrow."""
        return self._feed.id

    @property
    def info(self) -> SourceInfo:
        """As the device was opened; sizes are those of the last frame."""
        return self._info

    @property
    def damage(self) -> Damage:
        """Pictures that came spoiled or could not be decoded."""
        return Damage(corrupt_frames=self._corrupt, decode_errors=self._errors)

    @property
    def rate_hz(self) -> float | None:
        """Looks a second; None gives every frame that no newer one has overtaken. May be set at any time."""
        return self._rate_hz

    @rate_hz.setter
    def rate_hz(self, rate: float | None) -> None:
        if rate != self._rate_hz:
            self._rate_hz, self._due_s = rate, 0.0
            self._pacer = LivePacer("all" if rate is None else rate, self._period_s)

    def __iter__(self) -> "Camera":
        return self

    def __next__(self) -> Picture:
        try:
            while (picture := self.read(READ_S)) is None:
                pass
        except EOFError:
            raise StopIteration from None
        return picture

    def read(self, timeout_s: float, wake: threading.Event | None = None) -> Picture | None:
        """The next look that is due; None where `timeout_s` passes first or `wake` is set.

        Raises CameraLost where the device is gone, EOFError where it is closed or the stream is over.
        """
        until_s = self._clock() + timeout_s
        while True:
            picture = self._step()
            now_s = self._clock()
            if picture is not None or now_s >= until_s:
                return picture
            event = self._closed if wake is None else wake
            if self._wait(event, min(self._rest_s(now_s), until_s - now_s)) and not self._closed.is_set():
                return None

    def close(self) -> None:
        """See `posture.data.Source`."""
        self._closed.set()
        if self._lock.acquire(blocking=False):  # otherwise the reader sees it when it is done
            try:
                self._release()
            finally:
                self._lock.release()

    def _release(self) -> None:
        if not self._released:
            self._released = True
            self._feed.close()

    def _step(self) -> Picture | None:
        """Empty the device and look at the newest picture if a look is due."""
        try:
            with self._lock:
                if self._closed.is_set() or self._ended:
                    raise EOFError
                return self._looked()
        except (av.FFmpegError, OSError) as exc:
            if isinstance(exc, EOFError):
                raise
            raise cameraerror.while_reading(exc, self.name) from exc
        finally:
            if self._closed.is_set():
                self.close()

    def _looked(self) -> Picture | None:
        newest: tuple[float, Any] | None = None
        for stamp_s, content in self._came():
            time_s = self._time_of(stamp_s, self.heard_s)
            self._owed |= self._pacer.due(time_s)
            newest = time_s, content
        if newest is None or not self._owed:
            return None
        time_s, content = newest
        frame = self._decoded(content) if self._alone else content
        if frame is None:
            return None
        self._owed = False
        self._due_s = self.heard_s + self._pacer.left_s(time_s)
        self.motion = self._stirring.taken()
        self.packet_s, self.decoded_s = self.heard_s, self._clock()
        return self._picture(frame, time_s)

    def _came(self) -> Iterator[Stamped]:
        """What has come since the last time: packets where they stand for themselves, otherwise frames."""
        for _ in range(MOST_AT_ONCE):
            try:
                packet = self._feed.read()
            except EOFError:
                self._ended = True
                yield from () if self._alone else self._frames(None)
                return
            if packet is None:
                return
            self.heard_s = self._clock()
            if not packet.size:
                self._corrupt += 1
                continue
            self._noted(packet)
            if self._alone:
                yield _stamp_s(packet), packet
            else:
                yield from self._frames(packet)

    def _frames(self, packet: Packet | None) -> Iterator[Stamped]:
        for frame in self._taken(packet):
            yield _stamp_s(frame), frame

    def _noted(self, packet: Packet) -> None:
        """Learn from a packet what can be learnt without decoding it."""
        size = packet.size
        if self._alone or not packet.is_keyframe:  # among pictures that refer to each other, a key frame is large
            self._stirring.add(size)
        marks = bytes(memoryview(packet)[:: max(1, size // MARKS)]) if size == self._size else b""
        if not marks or marks != self._marks:
            self.changed_s = self.heard_s
        self._size, self._marks = size, marks

    def _decoded(self, packet: Packet) -> av.VideoFrame | None:
        """The picture of a packet that stands for itself; None where it is spoiled.

        Decoded from a copy: the memory of the packet is the device's, and raw frames would go on pointing to it.
        """
        copy: Packet = av.Packet(bytes(packet))
        copy.pts = packet.pts
        frames = self._taken(copy)
        return frames[-1] if frames else None

    def _taken(self, packet: Packet | None) -> list[av.VideoFrame]:
        """What the decoder gives for a packet, or at the end."""
        try:
            return self._decoder.decode(packet)
        except av.error.MemoryError as exc:
            raise MemoryError("the decoder") from exc
        except av.FFmpegError:
            self._errors += 1
            return []

    def _picture(self, frame: av.VideoFrame, time_s: float) -> Picture:
        self._corrupt += frame.is_corrupt
        self._index += 1
        if frame.rotation != self._turn[0]:
            self._turn = frame.rotation, orientation_of(frame)
        picture = Picture(
            frame,
            index=self._index - 1,
            time_s=time_s,
            orientation=self._turn[1],
            pixel_aspect=self._pixel_aspect,
            corrupt=frame.is_corrupt,
            centred_chroma=self._info.codec in JPEG_CODECS,
        )
        looks, known = (picture.width, picture.height, frame.format.name), self._info
        if looks != (known.width, known.height, known.pixel_format):
            self._info = replace(known, width=looks[0], height=looks[1], pixel_format=looks[2])
        return picture

    def _rest_s(self, now_s: float) -> float:
        """How long nothing has to be done: short where a look is due and a packet is near."""
        if self._due_s - now_s > self._period_s:
            return min(RARELY_S, self._due_s - now_s)
        late_s = now_s - (self._since_s if math.isnan(self.heard_s) else self.heard_s) - self._period_s
        if late_s < 0:
            return max(POLL_S, -late_s - POLL_S)
        return min(max(POLL_S, late_s / 4), STALLED_POLL_S)


def open_camera(
    device: Device,
    settings: CameraSettings,
    *,
    clock: Clock = time.monotonic,
    wait: Wait = threading.Event.wait,
) -> Camera:
    """Open `device` in the mode that reaches the wanted rate at about the wanted size.

    Raises CameraUnavailable, CameraBusy, CameraPermission or CameraLost.
    """
    return Camera(DeviceFeed(device, settings), clock=clock, wait=wait)


def open_wanted(settings: CameraSettings) -> Camera:
    """Open the camera that the settings name, wherever it is plugged in now. Raises as `open_camera`."""
    return open_camera(devices.chosen(settings.device, cameras()), settings)


def _stamp_s(item: "Packet | av.VideoFrame") -> float | None:
    if item.pts is None or item.time_base is None:
        return None
    return item.pts * float(item.time_base)
