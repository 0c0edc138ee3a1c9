"""Opening a file that nobody vouches for: by file object, without protocols, with a list of formats.

FFmpeg would otherwise follow names inside the file (HLS lists, ffconcat, SDP) to other files and hosts. It never gets
a name of ours either: the file object calls itself "input", so no name is parsed as a pattern or ends in a message.
"""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import av
import numpy as np
from av.container import InputContainer
from av.filter import Graph
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from posture.errors import VideoUnreadable
from posture.sources import reading
from posture.sources.geometry import Orientation

FORMATS = (
    "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,gif,"
    "image2,mjpeg,jpeg_pipe,png_pipe,webp_pipe,bmp_pipe,tiff_pipe,"
    "wav"  # so that a sound file is called one
)
STILL_FORMATS = {"image2", "jpeg_pipe", "png_pipe", "webp_pipe", "bmp_pipe", "tiff_pipe"}
LENIENT_CODECS = {"mjpeg"}
"""Codecs whose decoder fills with grey what it cannot read and does not say so, unless it is told to refuse such a
picture. Then it misses at most the last block of 16 x 16 pixels. (Of other codecs "explode" refuses sound files.)"""
JPEG_CODECS = {"mjpeg", "webp"}
"""Codecs whose pictures have JPEG's chroma siting."""

WITH_TRANSPARENCY = {"vp8": "libvpx", "vp9": "libvpx-vp9"}

INPUT = "input"
"""What every file object calls itself."""
MAX_PIXELS = 2**27
"""134 megapixels: 8K video (33) and the largest phone photos pass, decompression bombs do not."""
UHD_PIXELS = 3840 * 2160
"""From here on two threads decode; below, one keeps ahead of the pose model."""
HD_PIXELS = 1280 * 720
"""The same where only some frames go to the model, so that decoding is the longer half of the work."""
RATE_RANGE_HZ = 0.01, 10_000.0
"""A nominal frame rate outside is a lie of the container."""
EXIF, ICC_PROFILE = 31, 15  # AV_FRAME_DATA_...
UNREADABLE_SIDE_DATA = EXIF, ICC_PROFILE
"""For the first `av.VideoFrame.side_data` raises; after the second the next garbage collection crashes the process
(PyAV 18.1)."""

Kind = Literal["video", "image", "animation"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A container that is open, and the one stream of it that is looked at."""

    name: str
    """File name without folders, for messages to the user only."""
    file: BinaryIO
    threads: int
    """Frame threads of the decoder."""
    container: InputContainer
    stream: VideoStream
    decoder: VideoCodecContext
    """That of the stream, or the one that decodes its transparency too."""

    @property
    def kind(self) -> Kind:
        """What the format says the file is."""
        name = self.container.format.name
        if name == "gif":
            return "animation"
        still_in_mov = name.startswith("mov") and self.stream.frames == 1 and self.stream.duration is None  # AVIF, HEIC
        return "image" if name in STILL_FORMATS or still_in_mov else "video"

    @property
    def frame_rate(self) -> float:
        """Nominal frames a second, NaN where there is none to be believed."""
        rate = float(self.stream.average_rate or self.stream.guessed_rate or 0)
        low, high = RATE_RANGE_HZ
        return rate if low <= rate <= high and self.kind != "image" else math.nan

    @property
    def duration_s(self) -> float:
        """As claimed; NaN where nothing is."""
        if self.kind == "image":
            return math.nan
        if self.stream.duration is not None and self.stream.time_base is not None:
            return float(self.stream.duration * self.stream.time_base)
        return self.container.duration / av.time_base if self.container.duration is not None else math.nan

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a stored pixel over its height; 1 where nothing sensible is said."""
        aspect = self.stream.sample_aspect_ratio
        return aspect if aspect is not None and Fraction(1, 16) <= aspect <= 16 else Fraction(1)

    @property
    def has_audio(self) -> bool:
        """Whether there is a sound track; it is never decoded."""
        return bool(self.container.streams.audio)

    @property
    def metadata_fields(self) -> int:
        """How many metadata fields there are. Nobody reads their values."""
        return len(self.container.metadata) + sum(len(stream.metadata) for stream in self.container.streams)

    def decode(self, packet: "av.Packet[VideoStream]") -> list[av.VideoFrame]:
        """Frames of `packet` or of those before it."""
        own = self.decoder is self.stream.codec_context
        return packet.decode() if own else self.decoder.decode(packet)

    def lenient(self) -> VideoCodecContext | None:
        """A decoder of the same stream that fills what it cannot read; None where there is none that does so unsaid."""
        context = self.stream.codec_context
        if context.codec.name not in LENIENT_CODECS:
            return None
        made = av.CodecContext.create(context.codec.name, "r")
        assert isinstance(made, VideoCodecContext)
        made.extradata = context.extradata
        made.options = {"max_pixels": str(MAX_PIXELS)}
        return made

    def close(self) -> None:
        """Close container and file."""
        self.container.close()
        self.file.close()


@dataclass(frozen=True, slots=True)
class Stream:
    """A video that is no file on a disk."""

    name: str
    """For messages to the user only."""
    open: Callable[[], BinaryIO]
    """A new seekable file object, at its beginning, which calls itself `INPUT` and an ending."""


def open_container(path: Path | Stream, threads: int | None = None, *, reduced: bool = False) -> Opened:
    """Open `path` for decoding with `threads` frame threads. Raises VideoUnreadable.

    None chooses by the size, and by whether the rate is `reduced`, so that not every frame goes to the model.
    """
    file = path.open() if isinstance(path, Stream) else _open_file(path)
    try:
        return _open_stream(path.name, file, threads, reduced)
    except BaseException:
        file.close()
        raise


def unreadable(name: str, what: str) -> VideoUnreadable:
    """The one error of this room, with the next step."""
    return VideoUnreadable(f"{name}: {what}; try to play it, and export it again as MP4 (H.264) if it plays")


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """How the container (display matrix) or EXIF asks to turn this frame."""
    matrix = _display_matrix(frame)
    return Orientation.from_rotation(frame.rotation) if matrix is None else Orientation.from_display_matrix(matrix)


def profile_of(frame: av.VideoFrame) -> bytes | None:
    """The ICC profile that came with the frame. PyAV cannot show it (`UNREADABLE_SIDE_DATA`); a PNG of FFmpeg does."""
    # "scale" stands where the format changes: left to itself, FFmpeg converts the whole picture before it looks.
    graph = _graph(frame, f"sidedata=mode=select:type={ICC_PROFILE}", "crop=1:1:0:0:exact=1", "scale", "format=rgb24")
    graph.vpush(frame)
    graph.vpush(None)
    try:
        small = graph.vpull()
    except (av.BlockingIOError, av.EOFError):
        return None
    encoder: Any = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = small.width, small.height, "rgb24", Fraction(1)
    png = b"".join(bytes(packet) for packet in encoder.encode(small))
    before, found, chunk = png.partition(b"iCCP")  # ISO/IEC 15948, 11.3.3.3: name, 0, method, deflated profile
    chunk = chunk[: int.from_bytes(before[-4:], "big")]
    return zlib.decompress(chunk[chunk.index(0) + 2 :]) if found else None


def _open_file(path: Path) -> BinaryIO:
    # The suffix stays: for a few formats it settles what damaged bytes leave open.
    file = reading.opened(path, f"{INPUT}{path.suffix.lower() if path.suffix[1:].isalnum() else ''}")
    try:
        if not file.peek(1):
            raise unreadable(path.name, "not a readable video, the file is empty")
    except VideoUnreadable:
        file.close()
        raise
    return file


def _open_stream(name: str, file: BinaryIO, threads: int | None, reduced: bool) -> Opened:
    options = {"protocol_whitelist": "none", "format_whitelist": FORMATS, "max_pixels": str(MAX_PIXELS)}
    try:
        container = av.open(file, mode="r", options=options, metadata_errors="ignore")
    except av.error.MemoryError as exc:
        raise MemoryError(name) from exc
    except (av.FFmpegError, OSError, ValueError) as exc:
        reading.check(file)
        raise unreadable(name, "not a readable video") from exc
    stream = _chosen(container)
    if stream is None:
        container.close()
        raise VideoUnreadable(f"{name}: no video stream; give a file with pictures in it")
    context = _decoder(stream)
    context.options = {"max_pixels": str(MAX_PIXELS)}
    if context.codec.name in LENIENT_CODECS:
        context.options |= {"err_detect": "explode"}
    large = HD_PIXELS if reduced else UHD_PIXELS
    threads = threads or (2 if context.width * context.height >= large else 1)
    context.thread_type = "FRAME"
    context.thread_count = threads
    return Opened(name, file, threads, container, stream, context)


def _chosen(container: InputContainer) -> VideoStream | None:
    """The first video stream that can be decoded and is no cover art.

    Of the still pictures of AVIF and HEIC the one that is to be shown: thumbnails and opacity may come before it.
    """
    usable = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic
    ]
    if container.format.name.startswith("mov"):
        shown = [s for s in usable if s.duration is None and s.disposition & Disposition.default]
        usable = shown or usable
    return usable[0] if usable else None


def _decoder(stream: VideoStream) -> VideoCodecContext:
    """FFmpeg's own decoders of VP8 and VP9 leave out what WebM stores as transparency."""
    own = stream.codec_context
    if stream.metadata.get("alpha_mode") != "1" or own.codec.canonical_name not in WITH_TRANSPARENCY:
        return own
    decoder = cast(VideoCodecContext, av.CodecContext.create(WITH_TRANSPARENCY[own.codec.canonical_name], "r"))
    decoder.width, decoder.height, decoder.extradata = own.width, own.height, own.extradata
    return decoder


def _display_matrix(frame: av.VideoFrame) -> list[int] | None:
    """The nine numbers, None where the frame has none or PyAV cannot show it."""
    try:
        found: Any = _without(UNREADABLE_SIDE_DATA, frame).side_data.get("DISPLAYMATRIX")
    except (ValueError, av.FFmpegError):  # another kind that PyAV does not know
        return None
    return None if found is None else np.frombuffer(memoryview(found), np.int32)[:9].tolist()


def _without(kinds: tuple[int, ...], frame: av.VideoFrame) -> av.VideoFrame:
    """The same picture (no copy of the pixels) without side data of these kinds, which FFmpeg has used already."""
    graph = _graph(frame, *[f"sidedata=mode=delete:type={kind}" for kind in kinds])
    graph.vpush(frame)
    return graph.vpull()


def _graph(like: av.VideoFrame, *filters: str) -> Graph:
    """A chain of filters for frames of this size and format."""
    graph = Graph()
    source = graph.add_buffer(
        width=like.width, height=like.height, format=like.format, time_base=like.time_base or Fraction(1, 25)
    )
    chain = [graph.add(*one.split("=", 1)) for one in filters]
    graph.link_nodes(source, *chain, graph.add("buffersink")).configure()
    return graph
