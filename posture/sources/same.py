"""Do two files show and sound the same? Decoded pixels are compared bit by bit, before anybody relies on a copy.

Videos: every picture, its time, how it is turned, its pixel aspect and its colours; of sound the coded bytes. Pictures:
by Pillow and by FFmpeg, whichever reads the format; at least one has to.
"""

import hashlib
import io
import math
import time
import warnings
from collections.abc import Iterator
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO, cast

import av
from av.stream import Disposition
from PIL import Image, ImageSequence

from posture.errors import CannotScrub, VideoUnreadable
from posture.sources.container import INPUT, MAX_PIXELS, Opened, Stream, open_container, orientation_of
from posture.sources.streamcopy import TELL_EVERY_S, Share

TIME_TOLERANCE_S = 0.0015
"""Matroska counts milliseconds."""
ORIENTATION = 0x0112
_TURNS = range(1, 9)
"""What an orientation may say; everything else is none."""
_ADTS_HEAD = 7  # bytes before AAC in transport streams (ISO/IEC 13818-7)
_OF_ONE_FRAME = ("jpeg", "tiff")
"""What of these stands behind the first picture is left out on purpose."""


def same_video(source: Path, copy: Path, *, with_sound: bool) -> Iterator[Share]:
    """Compare; `Share`s tell how far it is. Raises CannotScrub, VideoUnreadable."""
    frames, told_s, duration_s = 0, -math.inf, math.nan
    first_s: list[float | None] = [None, None]
    pairs = zip_longest(_pictures(source), _pictures(copy))
    for one, other in pairs:
        if one is None or other is None:
            raise _different(source.name, f"has {'fewer' if other is None else 'more'} pictures")
        if one[1:3] != other[1:3]:
            raise _different(source.name, "has other pixels")
        for number, time_s in enumerate((one[0], other[0])):
            first_s[number] = time_s if first_s[number] is None else first_s[number]
        apart = (one[0] - (first_s[0] or 0.0)) - (other[0] - (first_s[1] or 0.0))
        if abs(apart) > TIME_TOLERANCE_S:
            raise _different(source.name, "has other times")
        frames, duration_s = frames + 1, one[3]
        if time.monotonic() - told_s > TELL_EVERY_S:
            told_s = time.monotonic()
            yield Share(one[0] - (first_s[0] or 0.0), duration_s, frames)
    if not frames:
        raise VideoUnreadable(f"{source.name}: no frame could be decoded")
    if with_sound and _sounds(source) != _sounds(copy):
        raise _different(source.name, "sounds different")
    yield Share(duration_s, duration_s, frames)


def _different(name: str, how: str) -> CannotScrub:
    return CannotScrub(
        f"{name}: the copy {how}, so it was not kept: this file cannot be scrubbed without encoding its pictures anew; "
        "`posture redact --faces keep` does that"
    )


Seen = tuple[float, bytes, tuple[object, ...], float]
"""When, a hash of the pixels, how they are to be shown, and how long the video is."""


def _pictures(path: Path) -> Iterator[Seen]:
    """Every picture; where decoding breaks, that is one too, so that both files have to break at the same place."""
    opened = open_container(path, threads=1)
    last_s = 0.0
    try:
        for packet in opened.container.demux(opened.stream):
            try:
                frames = opened.decode(packet)
            except av.FFmpegError as exc:
                yield last_s, b"broken", (type(exc).__name__,), opened.duration_s
                continue
            for frame in frames:
                last_s = last_s if frame.time is None else frame.time
                yield last_s, _digest(frame), _shown(opened, frame), opened.duration_s
    except (av.FFmpegError, OSError) as exc:
        raise VideoUnreadable(f"{path.name}: reading failed ({exc})") from exc
    finally:
        opened.close()


def _shown(opened: Opened, frame: av.VideoFrame) -> tuple[object, ...]:
    return (
        opened.pixel_aspect,
        orientation_of(frame),
        frame.interlaced_frame,
        int(frame.color_range),
        int(frame.colorspace),
        int(frame.color_primaries),
        int(frame.color_trc),
    )


def _digest(frame: av.VideoFrame) -> bytes:
    """A hash of size, format and every pixel, without what lies between the rows in memory."""
    packer: Any = av.CodecContext.create("rawvideo", "w")
    packer.width, packer.height, packer.pix_fmt = frame.width, frame.height, frame.format.name
    packer.time_base = Fraction(1, 25)
    found = hashlib.blake2b(f"{frame.width} {frame.height} {frame.format.name}".encode())
    for packet in packer.encode(frame):
        found.update(packet)
    return found.digest()


def _sounds(path: Path) -> list[str]:
    """A hash of the coded bytes of each sound track."""
    opened = open_container(path, threads=1)
    found = {stream.index: hashlib.blake2b() for stream in opened.container.streams.audio}
    try:
        for packet in opened.container.demux(*opened.container.streams.audio) if found else ():
            if packet.size:
                found[packet.stream_index].update(_payload(packet))
    except (av.FFmpegError, OSError) as exc:
        raise VideoUnreadable(f"{path.name}: reading failed ({exc})") from exc
    finally:
        opened.close()
    return [one.hexdigest() for one in found.values()]


def _payload(packet: "av.Packet[Any]") -> bytes:
    content = bytes(packet)
    is_adts = packet.stream.codec_context.name == "aac" and content[:1] == b"\xff" and content[1:2] >= b"\xf0"
    return content[_ADTS_HEAD:] if is_adts else content


def same_picture(name: str, kind: str, source: bytes, copy: bytes) -> None:
    """Compare two picture files of one kind (`privacy.scrub.kinds.PICTURES`). Raises CannotScrub, VideoUnreadable."""
    read_any = False
    for look in (_by_pillow, _by_ffmpeg if kind != "heif" else _tiles):
        seen = look(source, kind)  # FFmpeg stumbles over some bytes behind the end, which the copy has no more
        if seen is not None and seen != look(copy, kind):
            raise _different(name, "has other pixels")
        read_any = read_any or seen is not None
    if not read_any:
        raise VideoUnreadable(f"{name}: its picture cannot be decoded, so a copy could not be compared with it")


def _by_pillow(content: bytes, kind: str) -> list[object] | None:
    """Every picture with its pixels, palette, time and turn; None where Pillow does not read it."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            turned = picture.getexif().get(ORIENTATION) if kind != "heif" else 1
            return [*_frames(picture, kind), turned if turned in _TURNS else 1]
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, Image.DecompressionBombError):
        return None


def _frames(picture: Image.Image, kind: str) -> Iterator[object]:
    for frame in ImageSequence.Iterator(picture):
        pixels = hashlib.blake2b(frame.tobytes()).digest()
        times = frame.info.get("duration"), frame.info.get("loop")
        yield frame.size, frame.mode, tuple(frame.getpalette() or ()), times, pixels
        if kind in _OF_ONE_FRAME:
            return


def _by_ffmpeg(content: bytes, kind: str) -> list[object] | None:
    """The pictures that FFmpeg reads of it; None where it does not."""
    found: list[object] = []
    try:
        opened = open_container(Stream("picture", lambda: _file(content, kind)), threads=1)
    except VideoUnreadable:
        return None
    try:
        for packet in opened.container.demux(opened.stream):
            for frame in opened.decode(packet):
                found.append((_digest(frame), orientation_of(frame)))
                if kind in _OF_ONE_FRAME:
                    return found
    except (av.FFmpegError, OSError):
        return None
    finally:
        opened.close()
    return found or None


def _tiles(content: bytes, kind: str) -> list[object] | None:
    """What the picture of a HEIC or AVIF file is put together from, tile by tile, or the one picture that is shown.

    FFmpeg does not say of the others which is a preview and which is opacity; Pillow shows the opacity of an AVIF file.
    """
    try:
        opened = open_container(Stream("picture", lambda: _file(content, kind)), threads=1)
    except VideoUnreadable:
        return None
    streams = [one for one in opened.container.streams.video if one.disposition & Disposition.dependent]
    found: list[tuple[int, object]] = []
    try:
        for packet in opened.container.demux(*(streams or [opened.stream])):
            found += [(packet.stream_index, (_digest(frame), orientation_of(frame))) for frame in _video_frames(packet)]
    except (av.FFmpegError, OSError):
        return None
    finally:
        opened.close()
    return [seen for _, seen in sorted(found, key=lambda one: one[0])] or None


def _video_frames(packet: "av.Packet[Any]") -> list[av.VideoFrame]:
    return [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]


def _file(content: bytes, kind: str) -> BinaryIO:
    named: Any = type("Named", (io.BytesIO,), {"name": f"{INPUT}.{kind}"})
    return cast(BinaryIO, named(content))
