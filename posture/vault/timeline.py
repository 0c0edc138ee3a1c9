"""When each fragment of a clip begins, and the clip from one of them on.

A clip has no index: it is written once, from front to back, and may end anywhere. Players that look for a moment in
such a file guess, or read it from its beginning. So the heads of all fragments are read once, and who wants a moment
gets a file that begins with its fragment.
"""

import io
import os
import struct
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from posture.errors import Damaged
from posture.vault.boxes import Box, BoxError, boxes, top_boxes
from posture.vault.chunks import Stored, read_exactly

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

NAME = "input.mp4"
"""What the file calls itself: players look at endings."""
_MOST_HEAD_BYTES = 1 << 20
"""Of `moov` and of a `moof`: that of a second of video takes about 1 KB."""
# ISO/IEC 14496-12, 8.8.7 and 8.8.8: which fields a fragment and its runs have.
_BASE_OFFSET, _DESCRIPTION, _DURATION = 0x1, 0x2, 0x8
_RUN_OFFSET, _RUN_FIRST, _RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_SHIFT = 0x1, 0x4, 0x100, 0x200, 0x400, 0x800


@dataclass(frozen=True, slots=True)
class Part:
    """One fragment."""

    start: int
    """Its first byte in the video; its pose track is part of it."""
    began_s: float
    frames: int
    first: int
    """Number of its first picture in the clip."""
    track: Box | None
    """Where its pose track lies."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """All fragments of a clip that can be read."""

    head: bytes
    """`ftyp` and `moov`."""
    parts: tuple[Part, ...]
    length_s: float
    frame_s: float
    """From one picture to the next."""
    size: int
    """Bytes up to the end of the last whole fragment."""

    def at(self, time_s: float) -> int:
        """Which fragment has the picture of that moment."""
        return max(0, bisect_right(self.parts, time_s + 1e-6, key=lambda part: part.began_s) - 1)


def timeline(reader: Stored) -> Timeline:
    """Read the heads of all fragments. Raises Damaged where there is no whole one."""
    try:
        return _read(reader)
    except (BoxError, struct.error, IndexError) as exc:
        raise Damaged(f"the recording cannot be played: {exc}") from exc


class FromPart(io.RawIOBase):
    """The video from one fragment on, as a file of its own. Closing it leaves the clip open."""

    name = NAME

    def __init__(self, reader: Stored, times: Timeline, part: int) -> None:
        self._reader, self._head = reader, times.head
        self._start = times.parts[part].start - len(times.head)
        self._size, self._place = times.size - self._start, 0

    def readable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def seekable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See io.RawIOBase."""
        self._place = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence])
        return self._place

    def tell(self) -> int:
        """See io.RawIOBase."""
        return self._place

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """See io.RawIOBase. Raises Damaged."""
        out = memoryview(buffer).cast("B")
        wanted = min(len(out), max(0, self._size - self._place))
        if self._place < len(self._head):
            data = self._head[self._place : self._place + wanted]
        else:
            self._reader.seek(self._start + self._place)
            data = self._reader.read(wanted) or b""
        out[: len(data)] = data
        self._place += len(data)
        return len(data)


def _read(reader: Stored) -> Timeline:
    head, clock, parts = b"", _Clock(), list[Part]()
    start: int | None = None
    track: Box | None = None
    began, length, frames, first, size = 0, 0, 0, 0, 0
    frame_s = 0.0
    for box in top_boxes(reader):
        if box.kind == b"moov":
            reader.seek(0)
            head = read_exactly(reader, _bounded(box.end))
            clock = _clock(head, box)
        elif box.kind in (b"uuid", b"moof"):
            start = box.start if start is None else start
            track = box if box.kind == b"uuid" else track
        if box.kind == b"moof":
            began, length, frames = _fragment(_content(reader, box), clock.usual)
        elif box.kind == b"mdat" and start is not None and frames:
            parts.append(Part(start, began / clock.hz, frames, first, track))
            frame_s = frame_s or length / clock.hz / frames
            first, size, start, track = first + frames, box.end, None, None
    if not parts:
        raise BoxError("not one second of it can be read")
    return Timeline(head, tuple(parts), (began + length) / clock.hz, frame_s, size)


class _Clock(NamedTuple):
    hz: int = 1
    """Ticks a second."""
    usual: int = 0
    """Ticks of a picture that says nothing else."""


def _clock(head: bytes, moov: Box) -> _Clock:
    media = _inside(head, moov, b"trak", b"mdia", b"mdhd")
    extends = _inside(head, moov, b"mvex", b"trex")
    (hz,) = struct.unpack_from(">I", head, media.body + (20 if head[media.body] else 12))
    if hz == 0:
        raise BoxError("its clock stands still")
    return _Clock(hz, struct.unpack_from(">I", head, extends.body + 12)[0])


def _fragment(moof: bytes, usual: int) -> tuple[int, int, int]:
    """When it begins and how long it is, in ticks, and how many pictures it has. Those of its one track."""
    whole = Box(b"moof", 0, 0, len(moof))
    traf = _inside(moof, whole, b"traf")
    header, time = _inside(moof, traf, b"tfhd"), _inside(moof, traf, b"tfdt")
    flags = int.from_bytes(moof[header.body + 1 : header.body + 4], "big")
    if flags & _DURATION:
        place = header.body + 8 + 8 * bool(flags & _BASE_OFFSET) + 4 * bool(flags & _DESCRIPTION)
        (usual,) = struct.unpack_from(">I", moof, place)
    (began,) = struct.unpack_from(">Q" if moof[time.body] else ">I", moof, time.body + 4)
    runs = [_run(moof, box.body, usual) for box in boxes(moof, traf.body, traf.end) if box.kind == b"trun"]
    return began, sum(length for length, _ in runs), sum(frames for _, frames in runs)


def _run(moof: bytes, body: int, usual: int) -> tuple[int, int]:
    """Ticks and pictures of a `trun`."""
    flags, frames = struct.unpack_from(">II", moof, body)
    flags &= 0xFFFFFF
    if not flags & _RUN_DURATION:
        return usual * frames, frames
    fields = sum(bool(flags & one) for one in (_RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_SHIFT))
    place = body + 8 + 4 * bool(flags & _RUN_OFFSET) + 4 * bool(flags & _RUN_FIRST)
    numbers = struct.unpack_from(f">{frames * fields}I", moof, place)
    return sum(numbers[::fields]), frames


def _inside(data: bytes, box: Box, *kinds: bytes) -> Box:
    """The first box of these kinds, one inside the other. Raises BoxError where there is none."""
    for kind in kinds:
        found = next((one for one in boxes(data, box.body, box.end) if one.kind == kind), None)
        if found is None:
            raise BoxError(f"it has no {kind.decode()} box")
        box = found
    return box


def _content(reader: Stored, box: Box) -> bytes:
    reader.seek(box.body)
    return read_exactly(reader, _bounded(box.end - box.body))


def _bounded(size: int) -> int:
    if size > _MOST_HEAD_BYTES:
        raise BoxError("a head is too long")
    return size
