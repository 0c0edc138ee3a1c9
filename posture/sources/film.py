"""What a fake camera shows: the packets of a file, or pictures that become JPEG packets as a webcam sends them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from posture.data import Picture, SourceInfo
from posture.sources.clipwriter import grainy
from posture.sources.container import open_container
from posture.sources.demo import AT_DESK, DemoSource
from posture.sources.feed import DEFAULT_RATE_HZ, Packet, described, nominal_frame_s

JPEG_FORMAT = "yuvj420p"
QUALITY = 2
"""Scale of quantisation of FFmpeg's JPEG encoder, 1 (best) to 31. With the noise of a sensor, 1080p comes to about
200 KiB a picture, what webcams send."""
TICKS_HZ = 1_000_000
"""Clock of the stamps, that of Video4Linux."""


class Film(Protocol):
    """Packets of one stream with the times at which they are due."""

    @property
    def name(self) -> str:
        """For messages to the user only."""

    @property
    def info(self) -> SourceInfo:
        """What is known before the first packet."""

    @property
    def decoder(self) -> VideoCodecContext:
        """Turns the packets into frames."""

    def packets(self) -> Iterator[tuple[float, Packet]]:
        """All packets from the start: seconds since the start at which each is due, never falling, and the packet."""

    def close(self) -> None:
        """Release the file."""


class FileFilm:
    """Implements `Film` on a video file. Raises VideoUnreadable where there is none."""

    def __init__(self, path: Path, from_s: float = 0.0) -> None:
        """The film begins with the key frame at or before `from_s`."""
        self._from_us = round(from_s * av.time_base)
        self._opened = open_container(path, threads=1)
        # Read from a second one: to seek, which begins the film again, empties the decoder of the container that does.
        self._reel = open_container(path, threads=1)
        self.name = path.name
        self.decoder = self._opened.stream.codec_context
        aspect = float(self._opened.pixel_aspect)
        self.info = replace(described(self.decoder, self._opened.frame_rate), pixel_aspect=aspect)

    def packets(self) -> Iterator[tuple[float, Packet]]:
        """See `Film`."""
        stream = self._reel.stream
        base = float(stream.time_base or Fraction(1, TICKS_HZ))
        frame_s = nominal_frame_s(self.info)
        self._reel.container.seek(self._from_us)
        origin: float | None = None
        due_s = 0.0
        for number, packet in enumerate(self._reel.container.demux(stream)):
            if not packet.size:
                return
            ticks = packet.dts if packet.dts is not None else packet.pts
            stamp_s = number * frame_s if ticks is None else ticks * base
            origin = stamp_s if origin is None else origin
            due_s = max(due_s, stamp_s - origin)
            yield due_s, packet

    def close(self) -> None:
        """See `Film`."""
        self._opened.close()
        self._reel.close()


class JpegFilm:
    """Implements `Film` on JPEG pictures that are in memory: one after the other, `frame_rate` a second."""

    name = "pictures"

    def __init__(self, contents: Sequence[bytes], size: tuple[int, int], frame_rate: float) -> None:
        """`contents`: the bytes of each picture; `size`: width and height of all of them."""
        self._contents = contents
        self.decoder = jpeg_decoder(*size)
        self.info = described(self.decoder, frame_rate)

    def packets(self) -> Iterator[tuple[float, Packet]]:
        """See `Film`."""
        for number, content in enumerate(self._contents):
            yield number / self.info.frame_rate, av.Packet(content)

    def close(self) -> None:
        """See `Film`."""


def of_pictures(pictures: Iterable[Picture | av.VideoFrame], frame_rate: float = DEFAULT_RATE_HZ) -> Callable[[], Film]:
    """What makes a film of pictures of one size: RGB, uint8 [height, width, 3], or frames. They are encoded here, once.

    Raises ValueError where there is none.
    """
    size, contents = (0, 0), []
    for picture in pictures:
        frame = picture if isinstance(picture, av.VideoFrame) else _frame(picture)
        size = frame.width, frame.height
        contents.append(jpeg(frame))
    if not contents:
        raise ValueError("a film needs a picture")
    return lambda: JpegFilm(contents, size, frame_rate)


class DemoFilm:
    """Implements `Film` on the demo with the noise of a camera: made as it is watched, and never at an end."""

    name = "demo"

    def __init__(self, width: int = 960, height: int = 720, frame_rate: float = DEFAULT_RATE_HZ) -> None:
        self._demo = DemoSource(width, height, frame_rate, schedule=AT_DESK)
        self.decoder = jpeg_decoder(width, height)
        self.info = described(self.decoder, frame_rate)

    def packets(self) -> Iterator[tuple[float, Packet]]:
        """See `Film`."""
        for number in count():
            time_s = number / self._demo.info.frame_rate
            yield time_s, av.Packet(jpeg(grainy(self._demo, number)))

    def close(self) -> None:
        """See `Film`."""
        self._demo.close()


def jpeg_decoder(width: int, height: int) -> VideoCodecContext:
    """A decoder for packets of JPEG pictures; they may turn out to be of another size."""
    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.width, decoder.height, decoder.pix_fmt = width, height, JPEG_FORMAT
    return decoder


def jpeg(frame: av.VideoFrame, size: tuple[int, int] | None = None) -> bytes:
    """The frame as a JPEG picture, 4:2:0, full range; at `size` (width, height) where one is given."""
    width, height = size or (frame.width, frame.height)
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, JPEG_FORMAT
    encoder.time_base = Fraction(1, TICKS_HZ)
    encoder.qmin = encoder.qmax = QUALITY
    encoder.thread_count = 1
    still = frame.reformat(width, height, JPEG_FORMAT)
    still.pts, still.time_base = 0, encoder.time_base
    packets = [*encoder.encode(still), *encoder.encode(None)]
    return bytes(packets[0])


def black_jpeg(width: int, height: int) -> bytes:
    """A black JPEG picture."""
    return jpeg(_frame(np.zeros((height, width, 3), np.uint8)))


def _frame(pixels: Picture) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
