"""What transparency hides stays hidden: a picture that is not opaque is laid on white, before anybody looks at it.

Most decoders give the opacity with the picture. Exceptions: of AVIF and HEIC it is a second picture in the file; of a
black and white PNG the shade that is transparent stands in a chunk (tRNS) that FFmpeg 8.1 leaves aside; and raw AVI has
none, though FFmpeg says so.
"""

import struct
from typing import Any

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from posture.sources.container import MAX_PIXELS, Opened, unreadable

Opacity = NDArray[np.uint8]
"""[height, width] of the stored picture: 0 hides, 255 shows."""

OPAQUE = 255
_HEAD_BYTES = 1 << 20
"""Where a picture file declares what it holds, before the pixels."""
_ALPHA_ITEMS = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"
"""ISO/IEC 23000-22 (AVIF) and 23008-12 (HEIC): the types of a picture that is the opacity of another."""
_PNG = b"\x89PNG\r\n\x1a\n"
_BLACK_AND_WHITE = {"monob", "monow"}


def on_white(frame: av.VideoFrame, opacity: Opacity | None = None) -> av.VideoFrame:
    """The frame itself where it is opaque; else RGB of the same size, blended with white.

    `opacity`: where it is known from elsewhere. Side data stay behind.
    """
    if opacity is None and not frame.format.has_palette and not any(part.is_alpha for part in frame.format.components):
        return frame
    if opacity is not None and opacity.min() == OPAQUE:
        return frame
    pixels = frame.reformat(format="rgba").to_ndarray().astype(np.uint8, copy=False)
    shown = np.ascontiguousarray(pixels[:, :, 3]) if opacity is None else opacity
    if shown.min() == OPAQUE:
        return frame
    missing = cv2.bitwise_not(np.ascontiguousarray(pixels[:, :, :3]))
    seen = cv2.multiply(missing, cv2.merge([shown] * 3), scale=1 / OPAQUE).astype(np.uint8, copy=False)
    return av.VideoFrame.from_ndarray(~seen, format="rgb24")


def opacity_beside(opened: Opened, frame: av.VideoFrame) -> Opacity | None:
    """What is to be taken instead of what the decoder gives, for all frames; None where that is right.

    Moves on in the file of a still picture. Raises VideoUnreadable where opacity is declared and cannot be had.
    """
    container, codec = opened.container.format.name, opened.decoder.codec.name
    if (container, codec) == ("avi", "rawvideo"):
        return np.full((1, 1), OPAQUE, np.uint8)  # BITMAPINFOHEADER, BI_RGB: the fourth byte of a pixel is not used
    if opened.kind != "image":
        return None
    if frame.format.name in _BLACK_AND_WHITE:
        shade = _transparent_shade(_head(opened))
        gray = frame.reformat(format="gray").to_ndarray()
        return None if shade is None else np.where((gray > 0) == shade, 0, OPAQUE).astype(np.uint8)
    if container.startswith("mov") and any(name in _head(opened) for name in _ALPHA_ITEMS):
        return _second_picture(opened, frame)
    return None


def _second_picture(opened: Opened, frame: av.VideoFrame) -> Opacity:
    """The one grey still picture of the same size; an animation beside it has others."""
    size = frame.width, frame.height
    streams = [s for s in opened.container.streams.video if s.duration is None and _is_gray(s, size)]
    try:
        if len(streams) == 1 and streams[0] is not opened.stream:
            streams[0].codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            opened.container.seek(0)
            found = next(opened.container.decode(streams[0]))
            if (found.width, found.height) == size:
                return found.reformat(format="gray").to_ndarray().astype(np.uint8, copy=False)
    except av.error.MemoryError as exc:
        raise MemoryError("the decoder") from exc
    except (av.FFmpegError, StopIteration):
        pass
    raise unreadable(opened.name, "parts of it are transparent, and which ones cannot be read")


def _is_gray(stream: VideoStream, size: tuple[int, int]) -> bool:
    context: Any = stream.codec_context
    return context is not None and (context.width, context.height) == size and "gray" in (context.pix_fmt or "")


def _head(opened: Opened) -> bytes:
    """The beginning of the file; FFmpeg finds its place unchanged."""
    place = opened.file.tell()
    opened.file.seek(0)
    try:
        return opened.file.read(_HEAD_BYTES)
    finally:
        opened.file.seek(place)


def _transparent_shade(png: bytes) -> int | None:
    """0 or 1, the transparent shade of a black and white PNG (ISO/IEC 15948, 11.3.2); None where it has none."""
    offset = len(_PNG)
    while png.startswith(_PNG) and offset + 8 <= len(png):
        size, kind = struct.unpack_from(">I4s", png, offset)
        if kind == b"tRNS" and size == 2:
            return png[offset + 9] & 1
        if kind == b"IDAT":
            return None
        offset += 12 + size
    return None
