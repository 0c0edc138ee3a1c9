"""A camera that is not there: a film, paced by a clock, with faults that come when the script says so.

It ships with the program: the demo, the benchmark and the tests drive everything from `Camera` upwards with it, so that
what happens when a cable is pulled is the same code in all of them.
"""

import errno
import math
import os
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext

from posture.data import SourceInfo
from posture.sources import cameraerror
from posture.sources.camera import Camera, Clock, Wait
from posture.sources.feed import Packet, nominal_frame_s
from posture.sources.film import TICKS_HZ, FileFilm, Film, black_jpeg, jpeg, jpeg_decoder


class Fault(StrEnum):
    """What can be wrong with a camera."""

    UNPLUGGED = "unplugged"
    BUSY = "busy"
    """Another program has it: it does not open. Once open, it stays so."""
    FORBIDDEN = "forbidden"
    """The system does not let it be opened."""
    STALLED = "stalled"
    """It is open and gives nothing."""
    SPOILED = "spoiled"
    """Its packets cannot be decoded."""
    BLACK = "black"
    FROZEN = "frozen"
    """Always the same packet."""
    RESIZED = "resized"
    """Pictures of half the size."""
    CLOCK_JUMP = "clock_jump"
    """Its stamps are off by `jump_s`."""


JPEG_ONLY = {Fault.SPOILED, Fault.BLACK, Fault.FROZEN, Fault.RESIZED}
"""Faults that replace packets, which works where each packet is a picture."""
ERRORS = {Fault.UNPLUGGED: errno.ENODEV, Fault.BUSY: errno.EBUSY, Fault.FORBIDDEN: errno.EACCES}


@dataclass(frozen=True, slots=True)
class Scripted:
    """A fault from `at_s` (inclusive) to `until_s` (exclusive), in seconds since the fake camera was made.

    Parts of one fault do not overlap.
    """

    fault: Fault
    at_s: float
    until_s: float = math.inf
    jump_s: float = 0.0


_beginning = attrgetter("at_s")


class FakeCamera:
    """The device. `open` gives a `Camera` on it, as often as it is called; `presence` is that of `devices`."""

    def __init__(
        self,
        film: Path | Callable[[], Film],
        script: Iterable[Scripted] = (),
        clock: Clock = time.monotonic,
        wait: Wait = threading.Event.wait,
        *,
        repeat: bool = True,
    ) -> None:
        """`film`: a video file, or what makes a film; it begins anew whenever the camera is opened.

        `repeat`: at its end the film begins again, otherwise the camera ends. Opening raises VideoUnreadable where the
        file is none, and ValueError where the script replaces packets of a film that is not JPEG.
        """
        self._film = (lambda: FileFilm(film)) if isinstance(film, Path) else film
        parts = sorted(script, key=_beginning)
        self._script = {fault: [part for part in parts if part.fault is fault] for fault in Fault}
        self._clock, self._wait = clock, wait
        self._repeat = repeat
        self._born_s = clock()
        self.lit = 0
        """How often it is open now. What the light beside the lens would show."""
        self.openings = 0
        """How often it was opened so far."""

    def open(self) -> Camera:
        """Open it. Raises CameraUnavailable, CameraBusy or CameraPermission where the script says so."""
        film = self._film()
        try:
            for fault, number in ERRORS.items():
                if self.suffers(fault):
                    error = OSError(number, os.strerror(number))
                    raise cameraerror.while_opening(error, film.name, "linux") from error
            if not film.decoder.codec.name == "mjpeg" and any(map(self._script.get, JPEG_ONLY)):
                raise ValueError(f"{film.name}: a script that replaces packets needs a film of JPEG pictures")
            camera = Camera(_FakeFeed(self, film), clock=self._clock, wait=self._wait)
        except BaseException:
            film.close()
            raise
        self.lit += 1
        self.openings += 1
        return camera

    def presence(self) -> Hashable:
        """A value that changes when the camera comes or goes, or may be used from now on."""
        return self.suffers(Fault.UNPLUGGED), self.suffers(Fault.FORBIDDEN)

    @property
    def film(self) -> Film:
        """Made anew, for whoever wants its packets without the camera; to be closed."""
        return self._film()

    def now_s(self) -> float:
        """Seconds since it was made, on its clock."""
        return self._clock() - self._born_s

    def suffers(self, fault: Fault, at_s: float | None = None) -> Scripted | None:
        """What the script says of `fault` at `at_s`, None for now."""
        now_s = self.now_s() if at_s is None else at_s
        part = self._begun(fault, now_s)
        return part if part is not None and now_s < part.until_s else None

    def pulled_since(self, opened_s: float) -> bool:
        """Whether it was unplugged at any moment since `opened_s`."""
        part = self._begun(Fault.UNPLUGGED, self.now_s())
        return part is not None and part.until_s > opened_s

    def _begun(self, fault: Fault, now_s: float) -> Scripted | None:
        """The last part of the script for `fault` that has begun."""
        parts = self._script.get(fault, ())
        place = bisect_right(parts, now_s, key=_beginning)
        return parts[place - 1] if place else None

    def shown(self, film: Film) -> Iterator[tuple[float, Packet]]:
        """The packets of `film`, again and again where it repeats, with times that go on rising."""
        start_s, last_s = 0.0, 0.0
        frame_s = nominal_frame_s(film.info)
        while True:
            for due_s, packet in film.packets():
                last_s = start_s + due_s
                yield last_s, packet
            start_s = last_s + frame_s
            if not self._repeat:
                return


_TICK = Fraction(1, TICKS_HZ)


class _FakeFeed:
    """Implements `posture.sources.feed.Feed`."""

    def __init__(self, device: FakeCamera, film: Film) -> None:
        self._device, self._film = device, film
        self.name = film.name
        self.id = f"played {film.name}"
        self._opened_s = device.now_s()
        self._packets = device.shown(film)
        self._next: tuple[float, Packet] | None = None
        self._last = b""
        self._open = True

    @property
    def info(self) -> SourceInfo:
        return self._film.info

    @property
    def decoder(self) -> VideoCodecContext:
        return self._film.decoder

    def read(self) -> Packet | None:
        device = self._device
        if device.pulled_since(self._opened_s):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        while True:
            if self._next is None:
                self._next = next(self._packets, None)
            if self._next is None:
                raise EOFError
            due_s, packet = self._next
            if self._opened_s + due_s > device.now_s():
                return None
            self._next = None
            if not device.suffers(Fault.STALLED, self._opened_s + due_s):
                return self._altered(packet, self._opened_s + due_s)

    def close(self) -> None:
        self._packets, self._next = iter(()), None
        self._film.close()
        self._device.lit -= self._open
        self._open = False

    def _altered(self, packet: Packet, due_s: float) -> Packet:
        """The packet as the script wants it, stamped like those of a device."""
        content = self._content(packet, due_s)
        if content is not None:
            packet = av.Packet(content)
        jump = self._device.suffers(Fault.CLOCK_JUMP, due_s)
        ahead_s = 0.0  # of the moment at which it is decoded, where pictures refer to later ones
        if packet.pts is not None and packet.dts is not None and packet.time_base is not None:
            ahead_s = float((packet.pts - packet.dts) * packet.time_base)
        packet.time_base = _TICK
        packet.dts = round((due_s + (jump.jump_s if jump else 0.0)) * TICKS_HZ)
        packet.pts = packet.dts + round(ahead_s * TICKS_HZ)
        return packet

    def _content(self, packet: Packet, due_s: float) -> bytes | None:
        """What takes the place of the packet; None where nothing does."""
        device, size = self._device, (self._film.info.width, self._film.info.height)
        if device.suffers(Fault.SPOILED, due_s):
            return bytes(packet)[:2] + bytes(64)
        if device.suffers(Fault.BLACK, due_s):
            return black_jpeg(*size)
        if device.suffers(Fault.FROZEN, due_s):
            self._last = self._last or bytes(packet)
            return self._last
        self._last = b""
        if device.suffers(Fault.RESIZED, due_s):
            (frame,) = jpeg_decoder(*size).decode(packet)
            return jpeg(frame, (size[0] // 2, size[1] // 2))
        return None
