"""Streams whose pictures refer to each other (H.264): every packet goes through the decoder, one after the other.

A decoder that is slower than its camera would fall behind for ever. So as soon as what waits is late, all before the
newest key frame is left out, undecoded; and where none waits, in the end all until the next one.
"""

import errno
import math
import os
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import av
from av.video.codeccontext import VideoCodecContext

from posture.sources.feed import Packet

LATE_S = 0.3
"""A packet that has waited for so long is late. One large key frame delays by half of that on a slow computer."""
TOO_LATE_S = 2.0
"""From here on the pictures in between are given up, though no key frame has come. Cameras send one in 1 or 2 s."""
KEYLESS_S = 10.0
"""A camera that sends none for so long has to be opened anew: its stream begins with one."""
MOST_THREADS = 4
"""For the slices of one picture. Threads for whole frames would make each picture later."""

Decode = Callable[[VideoCodecContext, "Packet | None"], list[av.VideoFrame]]


class _Waiting(NamedTuple):
    heard_s: float
    packet: "Packet | None"
    """None is the end of the stream."""
    key: bool


class InOrder:
    """The packets that wait, and the decoder. Belongs to one thread."""

    def __init__(self, decoder: VideoCodecContext, period_s: float) -> None:
        """`decoder` has not decoded yet; `period_s` is the time from picture to picture, about."""
        self.left_out = 0
        """Packets that were left out since somebody set this to 0."""
        self._decoder, self._period_s = decoder, period_s
        decoder.thread_type = "SLICE"
        decoder.thread_count = min(os.cpu_count() or 1, MOST_THREADS)
        self._waiting: deque[_Waiting] = deque()
        self._keyless_s = math.inf
        """Since when it has waited for a key frame; infinite while it does not."""

    @property
    def waits(self) -> bool:
        """Whether there is something to decode."""
        return bool(self._waiting)

    def add(self, packet: Packet, heard_s: float) -> None:
        """Put in the next packet, which came at `heard_s`. Its memory is copied: it may be the device's.

        Raises OSError where the stream has no key frame and can only be begun anew.
        """
        if packet.is_keyframe:
            self._keyless_s = math.inf
        elif heard_s >= self._keyless_s:
            self.left_out += 1
            if heard_s - self._keyless_s > KEYLESS_S:
                raise OSError(errno.ENODATA, os.strerror(errno.ENODATA))
            return
        copy: Packet = av.Packet(bytes(packet))
        copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
        self._waiting.append(_Waiting(heard_s, copy, packet.is_keyframe))

    def end(self, heard_s: float) -> None:
        """Nothing more will come."""
        self._waiting.append(_Waiting(heard_s, None, key=False))

    def next(self, now_s: float, decode: Decode) -> list[tuple[float, av.VideoFrame]]:
        """Decode one packet: the frames that it completes, each with the moment at which that packet came.

        Moments never go back: what a stream holds back, because later pictures come first, counts from when it may be
        shown. `decode` gives the frames of a packet, or at the end (None).
        """
        self._catch_up(now_s)
        if not self._waiting:
            return []
        heard_s, packet, _ = self._waiting.popleft()
        return [(heard_s, frame) for frame in decode(self._decoder, packet)]

    def _catch_up(self, now_s: float) -> None:
        """Leave out what cannot be shown in time any more."""
        if not self._waiting or self._waiting[-1].packet is None:
            return
        # Packets that came at once had waited in the device.
        late_s = max(now_s - self._waiting[0].heard_s, (len(self._waiting) - 1) * self._period_s)
        if late_s < LATE_S:
            return
        newest = max((place for place, one in enumerate(self._waiting) if one.key), default=0)
        if newest == 0 and late_s >= TOO_LATE_S:
            newest, self._keyless_s = len(self._waiting), now_s
        if newest:
            for _ in range(newest):
                self._waiting.popleft()
            self.left_out += newest
            self._decoder.flush_buffers()
