"""A video written anew around its coded pictures and sounds, which are copied and never decoded.

FFmpeg writes the container from nothing but the two kinds of streams: no chapter, subtitle, data track, attachment,
cover, tag or date comes along. Each coded picture goes through a filter (`privacy/scrub/units.py`) on its way. What
FFmpeg itself would put in (its name, the user data box) is switched off or taken out.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
from av.container import OutputContainer
from av.packet import PacketSideData
from av.stream import Disposition, Stream

from posture.errors import SinkError
from posture.privacy.scrub import sound, units
from posture.privacy.scrub.found import Broken, Kind, Notes, OnlyAnew
from posture.sources.container import Opened, open_container, unreadable
from posture.vault.boxes import Box, boxes, made

TELL_EVERY_S = 0.3
_OPTIONS = {"fflags": "+bitexact"}
_MOV_OPTIONS = {"empty_hdlr_name": "1", "write_tmcd": "0"}
_OPTIONS_OF = {
    "3gp": _MOV_OPTIONS,
    "mp4": _MOV_OPTIONS,
    "mov": _MOV_OPTIONS,
    "matroska": {"write_crc32": "0"},
    "webm": {"write_crc32": "0"},
}
"""Checksums in a Matroska file would not fit after the names are taken out; it needs none."""
_PROGRAM = ((b"\x4d\x80\x84Lavf", b"\x4d\x80\x84none"), (b"\x57\x41\x84Lavf", b"\x57\x41\x84none"))
"""The names of the programs that made a Matroska file (RFC 9559, 5.1.2); the format wants some."""
_HEAD_BYTES = 4096
"""They stand before this place."""
_SIDE_DATA = frozenset(("palette", "skip_samples"))
_ALPHA_ID = (1).to_bytes(8, "big")
_METADATA: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("location", "gps", "xyz", "loci"), "position"),
    (("make", "model", "firmware", "device", "manufacturer", "serial"), "device"),
    (("date", "creation_time", "year"), "date"),
    (("encoder", "software", "encoded_by", "vendor_id"), "text of the encoder"),
)
_NOTHING = ("none", "[0][0][0][0]")
"""What FFmpeg reads where nobody is named."""
_STRUCTURE = frozenset(("major_brand", "minor_version", "compatible_brands", "duration", "language", "alpha_mode"))


@dataclass(frozen=True, slots=True)
class Patch:
    """Bytes of the new file, and where they stand in it; parts may be written twice."""

    at: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Share:
    """How far it is."""

    time_s: float
    duration_s: float
    """NaN where unknown."""
    frames: int


def copied(path: Path, kind: str, notes: Notes, *, with_sound: bool) -> Iterator[Patch | Share]:
    """The new file, bit by bit. `kind`: one of `privacy.scrub.containers.WALKS`.

    Raises VideoUnreadable; OnlyAnew where the streams cannot be copied as they are; SinkError where FFmpeg cannot write
    them.
    """
    opened = open_container(path, threads=1)
    try:
        _note_streams(opened, notes, with_sound=with_sound)
        yield from _copied(opened, kind, notes, with_sound=with_sound)
    except Broken as exc:
        raise unreadable(opened.name, str(exc)) from exc
    finally:
        opened.close()


def _copied(opened: Opened, kind: str, notes: Notes, *, with_sound: bool) -> Iterator[Patch | Share]:
    sink = _Sink()
    out = av.open(cast(Any, sink), "w", format=kind, options={**_OPTIONS, **_OPTIONS_OF.get(kind, {})})
    try:
        filters = _streams(out, opened, kind, notes, with_sound=with_sound)
        yield from _packets(out, opened, filters, notes, sink)
        sink.hold()
        out.close()
    except (av.FFmpegError, ValueError) as exc:
        if isinstance(exc, Broken | OnlyAnew):
            raise
        raise SinkError(f"{opened.name}: its streams cannot be written as they are ({exc})") from exc
    finally:
        sink.closed = True
        out.close()
    yield from sink.take_end()


def _streams(
    out: OutputContainer, opened: Opened, kind: str, notes: Notes, *, with_sound: bool
) -> dict[int, tuple[Stream, units.Filter]]:
    """The streams of the new file by the number of their source, and what their packets go through."""
    filters: dict[int, tuple[Stream, units.Filter]] = {}
    for stream in (opened.stream, *(opened.container.streams.audio if with_sound else ())):
        context = stream.codec_context
        if context is None:
            raise OnlyAnew("it has a sound track that nobody here can read; leave it out with --no-sound")
        name, extradata = context.codec.canonical_name, context.extradata or b""
        made_for = units.for_codec if stream is opened.stream else sound.for_codec
        filtered, header, found = made_for(name, extradata)
        notes.findings |= found.findings
        try:
            copy = out.add_stream_from_template(stream, opaque=True)
        except ValueError as exc:
            raise OnlyAnew(f"{name} does not go into a {kind} file") from exc
        if header != extradata:
            copy.codec_context.extradata = header
        rate = opened.stream.average_rate
        counts_frames = kind == "avi" and stream is opened.stream and rate  # an AVI file has no times, only numbers
        copy.time_base = 1 / rate if counts_frames and rate else stream.time_base
        filters[stream.index] = copy, filtered
    return filters


def _packets(
    out: OutputContainer, opened: Opened, filters: dict[int, tuple[Stream, units.Filter]], notes: Notes, sink: "_Sink"
) -> Iterator[Patch | Share]:
    frames, told_s = 0, -math.inf
    base = opened.stream.time_base
    for packet in opened.container.demux(*[opened.container.streams[index] for index in filters]):
        if not packet.size:
            continue
        if packet.is_corrupt:
            raise OnlyAnew("it is damaged")
        stream, filtered = filters[packet.stream_index]
        of_video = packet.stream_index == opened.stream.index
        out.mux_one(_filtered(packet, stream, filtered, notes))
        frames += of_video
        yield from sink.take()
        if of_video and time.monotonic() - told_s > TELL_EVERY_S and packet.pts is not None and base is not None:
            told_s = time.monotonic()
            yield Share(float(packet.pts * base), opened.duration_s, frames)
    if not frames:
        raise unreadable(opened.name, "no picture in it")


def _filtered(packet: "av.Packet[Any]", stream: Stream, filtered: units.Filter, notes: Notes) -> "av.Packet[Any]":
    """A new packet with the same times, and of its side data that which belongs to the pixels and samples."""
    fresh: av.Packet[Any] = av.Packet(filtered(bytes(packet), notes))
    fresh.pts, fresh.dts, fresh.duration = packet.pts, packet.dts, packet.duration
    fresh.time_base, fresh.is_keyframe = packet.time_base, packet.is_keyframe
    fresh.stream = stream
    for side in packet.iter_sidedata():
        if side.data_type in _SIDE_DATA or _is_alpha(side):
            fresh.set_sidedata(side)
        elif side.data_type == "new_extradata":
            raise OnlyAnew("its streams change their header midway")
        elif side.data_type == "matroska_block_additional":
            notes.add("captions or user data", "block")
    return fresh


def _is_alpha(side: PacketSideData) -> bool:
    return side.data_type == "matroska_block_additional" and bytes(side)[:8] == _ALPHA_ID


def _note_streams(opened: Opened, notes: Notes, *, with_sound: bool) -> None:
    """What FFmpeg knows of the source beside what is copied.

    Names of fields are looked at; values only for being none.
    """
    container = opened.container
    if container.chapters():
        notes.add("chapters", "chapters")
    for metadata in (container.metadata, *(stream.metadata for stream in container.streams)):
        for name, value in metadata.items():
            if value not in _NOTHING and (kind := _about(name.lower())):
                notes.add(kind, "tags")
    for stream in container.streams:
        if stream.index == opened.stream.index or (stream.type == "audio" and with_sound):
            continue
        if stream.disposition & Disposition.attached_pic:
            notes.add("preview picture", "cover")
        elif stream.type == "video":
            notes.add("further picture", "video track")
        else:
            notes.add(_STREAMS.get(stream.type, "unknown part"), f"track {stream.type}")


_STREAMS: dict[str, Kind] = {
    "audio": "sound",
    "subtitle": "subtitles",
    "attachment": "attachment",
    "data": "telemetry",
}


def _about(name: str) -> Kind | None:
    if name in _STRUCTURE:
        return None
    for marks, kind in _METADATA:
        if any(mark in name for mark in marks):
            return kind
    return "name or text"


class _Sink:
    """What FFmpeg writes to. The end of the file is held back, because the index of an MP4 file stands there."""

    def __init__(self) -> None:
        self._place = self._size = 0
        self._waiting: list[Patch] = []
        self._held_from: int | None = None
        self._held = bytearray()
        self.closed = False

    def write(self, content: bytes) -> int:
        if self._held_from is not None and self._place >= self._held_from:
            start = self._place - self._held_from
            self._held[start : start + len(content)] = content
        elif not self.closed:
            self._waiting.append(Patch(self._place, self._renamed(bytes(content))))
        self._place += len(content)
        self._size = max(self._size, self._place)
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset + (0, self._place, self._size)[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def hold(self) -> None:
        """From here on what comes behind the end so far is kept."""
        self._held_from = self._size

    def take(self) -> list[Patch]:
        taken, self._waiting = self._waiting, []
        return taken

    def take_end(self) -> Iterator[Patch]:
        """The rest, without the user data box that FFmpeg puts into every MP4 file."""
        yield from self.take()
        assert self._held_from is not None
        if self._held:
            yield Patch(self._held_from, _without_user_data(bytes(self._held)))

    def _renamed(self, content: bytes) -> bytes:
        if self._place < _HEAD_BYTES:
            for name, other in _PROGRAM:
                content = content.replace(name, other)
        return content


def _without_user_data(end: bytes) -> bytes:
    """Nothing behind `moov`, and no offset points into it, so it may shrink. Vendors' codes become zero."""
    place = end.find(b"moov")
    while place >= 4:
        if int.from_bytes(end[place - 4 : place], "big") == len(end) - place + 4:
            moov = end[place + 4 :]
            kept = (_without_vendor(moov, box) for box in boxes(moov) if box.kind != b"udta")
            return end[: place - 4] + made(b"moov", b"".join(kept))
        place = end.find(b"moov", place + 1)
    return end


_WAY = {b"trak": b"mdia", b"mdia": b"minf", b"minf": b"stbl", b"stbl": b"stsd"}
_STSD_HEAD, _VENDOR = 8, slice(12, 16)  # QuickTime File Format, "Video sample description"


def _without_vendor(data: bytes, box: Box) -> bytes:
    """A box with the vendor of each sample description set to zero."""
    content = data[box.body : box.end]
    if box.kind == b"stsd":
        inside = b"".join(_zeroed(content, one) for one in boxes(content, _STSD_HEAD))
        return data[box.start : box.body] + content[:_STSD_HEAD] + inside
    if box.kind not in _WAY:
        return data[box.start : box.end]
    return data[box.start : box.body] + b"".join(_without_vendor(content, one) for one in boxes(content))


def _zeroed(content: bytes, entry: Box) -> bytes:
    whole = bytearray(content[entry.start : entry.end])
    head = entry.body - entry.start
    whole[head + _VENDOR.start : head + _VENDOR.stop] = bytes(4)
    return bytes(whole)
