"""Frames of a camera, always the newest one.

The device is emptied as fast as it fills; of the packets that came, only the newest is decoded, and only when a look
is due. What is dropped was not even decoded where pictures stand for themselves (JPEG, raw: every camera is asked for
these first). A stream whose pictures refer to each other (H.264) has to be decoded whole, and only the looks are fewer;
see `inorder.py`.

Nothing here waits inside the device: between two packets the thread rests on an event, so a camera that hangs can be
left at any moment. See `feed.py`.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext

from posture.data import Damage, SourceInfo
from posture.pacing import LivePacer
from posture.sources import cameraerror, devices
from posture.sources.arrival import ArrivalTime
from posture.sources.container import JPEG_CODECS, orientation_of
from posture.sources.devices import Device, cameras
from posture.sources.feed import DeviceFeed, Feed, Packet, nominal_frame_s
from posture.sources.geometry import Orientation
from posture.sources.inorder import InOrder
from posture.sources.picture import Picture
from posture.sources.settings import CameraSettings
from posture.sources.stirring import Stirring

__all__ = ["Camera", "CameraSettings", "Device", "cameras", "open_camera", "open_wanted"]

Clock = Callable[[], float]
"""Seconds that only rise, from any origin."""
Wait = Callable[[threading.Event, float], bool]
"""Rests until the event is set or the seconds are over; whether it is set."""

POLL_S, POLL_SHARE = 0.001, 0.02
"""How late a packet may be noticed while a look is due: seconds, or the share of the time from look to look."""
RARELY_S = 0.1
"""The same while none is due: three packets at 30 Hz, which every driver has room for."""
STALLED_POLL_S = 0.05
"""The same for a camera that has fallen silent."""
MOST_AT_ONCE = 64
"""Packets taken in a row before one is looked at. A queue that fills faster than it is emptied ends nowhere."""
MARKS = 1000
"""Bytes of a packet that are compared to see whether it is the same as the one before."""
READ_S = 1.0

Found = tuple[float, float, av.VideoFrame]
"""Stream time of a frame, when its packet came, and the frame."""


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
        self._copies = self._decoder.codec.name == "rawvideo"  # its frames lie in the memory of their packets
        self._info = feed.info
        self._since_s = clock()
        self._period_s = nominal_frame_s(self._info)
        self._in_order = None if self._decoder.codec.intra_only else InOrder(self._decoder, self._period_s)
        if self._in_order is None:
            self._decoder.thread_count = 1  # frame threads would hold pictures back
        self._rate_hz: float | None = None
        self._pacer, self._owed, self._due_s, self._poll_s = LivePacer("all", self._period_s), False, 0.0, POLL_S
        self._time_of, self._stirring = ArrivalTime(), Stirring()
        self._size, self._marks = -1, b""
        self._turn = 0, Orientation()  # cameras do not turn their pictures, but files that play a camera may
        self._pixel_aspect = Fraction(self._info.pixel_aspect).limit_denominator(1000)
        self._index = self._corrupt = self._errors = self._left_out = 0
        self.overtaken = 0
        """Pictures between the last two frames that were wanted and never decoded: newer ones had come by then."""
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
            self._poll_s = POLL_S if rate is None else max(POLL_S, POLL_SHARE / rate)

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
                if self._closed.is_set() or (self._ended and not self._waits):
                    raise EOFError
                found = self._newest() if self._in_order is None else self._next(self._in_order)
                return None if found is None else self._looked(*found)
        except (av.FFmpegError, OSError) as exc:
            if isinstance(exc, EOFError):
                raise
            raise cameraerror.while_reading(exc, self.name) from exc
        finally:
            if self._closed.is_set():
                self.close()

    def _looked(self, time_s: float, heard_s: float, frame: av.VideoFrame) -> Picture:
        self._owed = False
        self._due_s = heard_s + self._pacer.left_s(time_s)
        self.packet_s, self.decoded_s = heard_s, self._clock()
        self.overtaken, self._left_out = self._left_out, 0
        self.motion = self._stirring.taken()
        return self._picture(frame, time_s)

    def _newest(self) -> Found | None:
        """The newest of the packets that came, decoded where a look is due; each of them stands for itself."""
        time_s, newest, due = 0.0, None, 0
        for newest in self._came():
            time_s = self._time_of(_stamp_s(newest), self.heard_s)
            due += self._pacer.due(time_s)
        self._left_out += max(0, due - 1)
        self._owed |= due > 0
        if newest is None or not self._owed:
            return None
        frame = self._decoded(newest)
        return None if frame is None else (time_s, self.heard_s, frame)

    def _next(self, in_order: InOrder) -> Found | None:
        """The next frame of those that refer to each other, where a look is due."""
        for packet in self._came():
            in_order.add(packet, self.heard_s)
        found = None
        frames = in_order.next(self._clock(), self._taken)
        self._left_out, in_order.left_out = self._left_out + in_order.left_out, 0
        for heard_s, frame in frames:
            time_s = self._time_of(_stamp_s(frame), heard_s)
            self._owed |= self._pacer.due(time_s)
            found = time_s, heard_s, frame
        return found if self._owed else None

    @property
    def _waits(self) -> bool:
        return self._in_order is not None and self._in_order.waits

    def _came(self) -> Iterator[Packet]:
        """The packets that have come since the last time."""
        for _ in range(0 if self._ended else MOST_AT_ONCE):
            try:
                packet = self._feed.read()
            except EOFError:
                self._ended = True
                if self._in_order is not None:
                    self._in_order.end(self._clock())
                return
            if packet is None:
                return
            self.heard_s = self._clock()
            if packet.size:
                self._noted(packet)
                yield packet
            else:
                self._corrupt += 1

    def _noted(self, packet: Packet) -> None:
        """Learn from a packet what can be learnt without decoding it."""
        size = packet.size
        if self._in_order is None or not packet.is_keyframe:  # key frames of others are large
            self._stirring.add(size)
        marks = bytes(memoryview(packet)[:: max(1, size // MARKS)]) if size == self._size else b""
        if not marks or marks != self._marks:
            self.changed_s = self.heard_s
        self._size, self._marks = size, marks

    def _decoded(self, packet: Packet) -> av.VideoFrame | None:
        """The picture of a packet that stands for itself; None where it is spoiled.

        A raw one is decoded from a copy: the memory of the packet is the device's, and the frame would point to it.
        """
        if self._copies:
            copy: Packet = av.Packet(bytes(packet))
            copy.pts = packet.pts
            packet = copy
        frames = self._taken(self._decoder, packet)
        return frames[-1] if frames else None

    def _taken(self, decoder: VideoCodecContext, packet: Packet | None) -> list[av.VideoFrame]:
        """What the decoder gives for a packet, or at the end."""
        try:
            return decoder.decode(packet)
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
        if self._waits:
            return 0.0
        if self._due_s - now_s > self._period_s:
            return min(RARELY_S, self._due_s - now_s)
        late_s = now_s - (self._since_s if math.isnan(self.heard_s) else self.heard_s) - self._period_s
        if late_s < 0:
            return max(self._poll_s, -late_s - self._poll_s)
        return min(max(self._poll_s, late_s / 4), STALLED_POLL_S)


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
