"""A video that holds pictures and nothing else: no name of a program, no date, no text, no sound.

Fragmented MP4, written front to back, so that memory does not grow with the video. What FFmpeg and its encoders would
add is left out or taken out again: their names (`bitexact`), handler names (`empty_hdlr_name`), the user data box
(`udta`, dropped here) and supplemental information in the stream (`filter_units`: access unit delimiters, SEI, filler).
With a software encoder the same frames give the same bytes.
"""

import os
from fractions import Fraction
from typing import Any, cast

import av
import cv2
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags
from av.video.stream import VideoStream

from posture.data import Picture
from posture.errors import SinkError
from posture.sources.encoders import ENCODER_THREADS, Encoding, for_export

TICKS_HZ = 90_000
"""Clock of the stream; every usual frame rate is a whole number of its ticks."""
KEY_FRAME_EVERY_S = 2.0
MOST_BETWEEN_KEY_FRAMES = 240
"""Frames of one fragment, which is held in memory."""
DEFAULT_RATE_HZ = 25.0
DEFAULT_CRF = 20
BT709, LIMITED = 1, 1  # ITU-T H.273: the colours are written into the stream, so that no player has to guess

_CONTAINER = {
    "fflags": "+bitexact+flush_packets",
    "movflags": "+frag_keyframe+empty_moov+default_base_moof+skip_trailer",
    "empty_hdlr_name": "1",
    "write_tmcd": "0",
    "brand": "iso6",
}
_NAMES = {"h264": "H.264", "hevc": "HEVC", "av1": "AV1"}
_BOX_HEAD = 8  # bytes: size and type of an MP4 box (ISO/IEC 14496-12, 4.2)


class PlainVideo:
    """Frames in, bytes of an MP4 file out: `add` each frame, `end`, and `take` the bytes now and then."""

    def __init__(
        self, width: int, height: int, *, rate: float, crf: int | None = None, encoding: Encoding | None = None
    ) -> None:
        """`width` and `height` in pixels; an odd one grows by one, which repeats the last column or row (yuv420p).

        `rate`: nominal frames a second, NaN where unknown. `crf`: H.264 of that quality, 0 (lossless) to 51; or another
        `encoding`. Raises SinkError where the encoder is not there or refuses the size.
        """
        self._encoding = encoding or for_export(DEFAULT_CRF if crf is None else crf)
        self._size = width, height
        self._coded = width + width % 2, height + height % 2
        self._rate = rate if 0 < rate < TICKS_HZ else DEFAULT_RATE_HZ
        self._origin_s: float | None = None
        self._last_tick = -1
        self._sink = _Sink()
        # Not seekable: FFmpeg must not come back to what has been handed on.
        self._container = av.open(cast(Any, self._sink), "w", format="mp4", options=_CONTAINER)
        name = _NAMES[self._encoding.codec]
        os.environ["SVT_LOG"] = "1"  # errors; else SVT-AV1 tells of itself on stderr
        try:
            self._stream = self._new_stream()
            self._container.start_encoding()
        except (av.FFmpegError, ValueError) as exc:  # ValueError: this build has no such encoder
            self._container.close()
            why = exc.strerror if isinstance(exc, av.FFmpegError) else exc
            raise SinkError(f"{width} x {height} pixels cannot be encoded as {name}: {why}") from exc
        self._filter = BitStreamFilterContext(self._encoding.removed_units, in_stream=self._stream, out_stream=None)

    def add(self, pixels: Picture, time_s: float) -> None:
        """One frame, uint8 RGB [height, width, 3], at `time_s` of the source; the first one is at 0 in the file.

        A frame of another size is fitted into the size of the first, with black beside it.
        """
        if self._origin_s is None:
            self._origin_s = time_s
        tick = max(round((time_s - self._origin_s) * TICKS_HZ), self._last_tick + 1)
        frame = av.VideoFrame.from_ndarray(_even(_fitted(pixels, self._size)), format="rgb24")
        frame = frame.reformat(format=self._encoding.pixel_format, dst_colorspace=BT709, dst_color_range=LIMITED)
        frame.pts, frame.time_base = tick, Fraction(1, TICKS_HZ)
        frame.duration = round(TICKS_HZ / self._rate)
        self._last_tick = tick
        self._write(frame)

    def end(self) -> None:
        """No frame comes after this."""
        self._write(None)
        self._put(self._filter.filter(None))
        self._container.close()

    def take(self) -> bytes:
        """The bytes that came since the last call, in the order of the file."""
        return self._sink.take()

    def _new_stream(self) -> VideoStream:
        rate, encoding = Fraction(self._rate).limit_denominator(1001), self._encoding
        stream = cast(VideoStream, self._container.add_stream(encoding.encoder, rate=rate))
        stream.width, stream.height = self._coded
        stream.pix_fmt = encoding.pixel_format
        context = stream.codec_context
        context.options = dict(encoding.options)
        context.time_base = Fraction(1, TICKS_HZ)
        usual = min(max(1, round(KEY_FRAME_EVERY_S * self._rate)), MOST_BETWEEN_KEY_FRAMES)
        context.gop_size = encoding.every_frames or usual
        context.thread_count = ENCODER_THREADS
        context.flags |= Flags.bitexact | Flags.global_header
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        return stream

    def _write(self, frame: av.VideoFrame | None) -> None:
        """Encode, take out what is no picture, and put what comes into the container."""
        try:
            for coded in self._stream.encode(frame):
                self._put(self._filter.filter(coded))
        except av.error.MemoryError as exc:
            raise MemoryError("the encoder") from exc
        except av.FFmpegError as exc:
            raise SinkError(f"the encoder gave up: {exc.strerror}; try again, or a part of the video") from exc

    def _put(self, packets: "list[av.Packet[Any]]") -> None:
        for packet in packets:
            packet.stream = self._stream
            self._container.mux(packet)


class _Sink:
    """What FFmpeg writes to. Takes the user data box out of the head of the file on its way."""

    def __init__(self) -> None:
        self._head: bytearray | None = bytearray()
        self._body = bytearray()

    def write(self, content: bytes) -> int:
        if self._head is None:
            self._body += content
            return len(content)
        self._head += content
        if (rest := _after_head(self._head)) is not None:
            self._body += _without_user_data(bytes(self._head[:rest])) + self._head[rest:]
            self._head = None
        return len(content)

    def take(self) -> bytes:
        taken = bytes(self._body)
        self._body.clear()
        return taken


def _after_head(content: bytes | bytearray) -> int | None:
    """Offset behind the `moov` box; None while it is not complete."""
    offset = 0
    while offset + _BOX_HEAD <= len(content):
        end = offset + int.from_bytes(content[offset : offset + 4], "big")
        if content[offset + 4 : offset + _BOX_HEAD] == b"moov":
            return end if end <= len(content) else None
        offset = end
    return None


def _without_user_data(head: bytes) -> bytes:
    """`ftyp` and `moov` without `moov/udta`. A fragmented file has no offsets that would have to move with it."""
    start = int.from_bytes(head[:4], "big")
    inside, offset = b"", start + _BOX_HEAD
    while offset < len(head):
        end = offset + int.from_bytes(head[offset : offset + 4], "big")
        if head[offset + 4 : offset + _BOX_HEAD] != b"udta":
            inside += head[offset:end]
        offset = end
    return head[:start] + (len(inside) + _BOX_HEAD).to_bytes(4, "big") + b"moov" + inside


def _fitted(pixels: Picture, size: tuple[int, int]) -> Picture:
    """The picture at `size` (width, height): as it is, or scaled as a whole onto black."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    scale = min(size[0] / width, size[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    whole = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole[top : top + inner[1], left : left + inner[0]] = cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA)
    return whole


def _even(pixels: Picture) -> Picture:
    """The picture with even sides; the last column or row stands twice where one was odd."""
    down, right = pixels.shape[0] % 2, pixels.shape[1] % 2
    if not down and not right:
        return pixels
    return cv2.copyMakeBorder(pixels, 0, down, 0, right, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
