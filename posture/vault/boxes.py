"""The boxes of a fragmented MP4 (ISO/IEC 14496-12, 4.2): walking over them, making them, and what a clip may hold."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from posture.errors import Damaged
from posture.vault.chunks import CHUNK_BYTES, Stored, read_exactly

TOP_KINDS = frozenset((b"ftyp", b"moov", b"moof", b"mdat", b"free", b"uuid"))
"""What may stand at the top of a clip."""

TRACK_TYPE = bytes.fromhex("6f0d1c3a5b7e8a42b1c95e2d7f3a9064")
"""Extended type of the one `uuid` box that may stand beside the video of a fragment: the pose track."""

_HEAD, _LARGE, _TYPE_BYTES = struct.Struct(">I4s"), struct.Struct(">Q"), 16
MOST_TRACK_BYTES = 16 << 20
"""Of one fragment, a second: 60 frames with ten people are 33 keypoints of some floats each, so below 1 MB."""
_ENDS_FRAGMENT = (b"moov", b"mdat", b"free")
_MOST_A_CHUNK = 64
"""Boxes at the top for every 16 KiB. A fragment has four and fills at least as much; whoever makes a clip of a thousand
million tiny boxes shall not keep a reader busy for hours."""


class BoxError(Damaged):
    """These bytes are no whole boxes, or a box is not one of a clip."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies, in bytes from the beginning: head from `start`, content from `body`, `end` behind it."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes from `start` to `end` (default: all of `data`), those inside them not. Raises BoxError."""
    end = len(data) if end is None else end
    while start < end:
        box = _box(data[start : min(end, start + _HEAD.size + _LARGE.size)], start, end)
        yield box
        start = box.end


def top_boxes(file: Stored) -> Iterator[Box]:
    """The boxes at the top of a seekable file, of which only the heads are read. Raises BoxError at one that is cut."""
    size, start = file.seek(0, os.SEEK_END), 0
    left = (size // CHUNK_BYTES + 1) * _MOST_A_CHUNK
    while start < size:
        left -= 1
        if left < 0:
            raise BoxError("too many boxes")
        file.seek(start)
        box = _box(read_exactly(file, min(_HEAD.size + _LARGE.size, size - start)), start, size)
        yield box
        start = box.end


def track(file: Stored, box: Box) -> bytes | None:
    """The pose track in a box, None for another one. Raises BoxError where it is too long."""
    if box.kind != b"uuid" or box.end - box.body < _TYPE_BYTES:
        return None
    if box.end - box.body > MOST_TRACK_BYTES:
        raise BoxError("a pose track is too long")
    file.seek(box.body)
    content = read_exactly(file, box.end - box.body)
    return content[_TYPE_BYTES:] if content[:_TYPE_BYTES] == TRACK_TYPE else None


def whole_end(file: Stored) -> int:
    """Where the last whole fragment of a file ends that may be cut anywhere."""
    end = 0
    try:
        for box in top_boxes(file):
            if box.kind in _ENDS_FRAGMENT:
                end = box.end
    except BoxError:
        pass
    return end


def made(kind: bytes, content: bytes) -> bytes:
    """A box."""
    if len(content) + _HEAD.size >= 1 << 32:
        raise BoxError(f"a {kind.decode()} box of {len(content)} bytes is too long")
    return _HEAD.pack(_HEAD.size + len(content), kind) + content


def track_box(content: bytes) -> bytes:
    """The pose track of one fragment, to be written beside its video."""
    return made(b"uuid", TRACK_TYPE + content)


def padding(length: int, multiple: int) -> bytes:
    """A `free` box of zeros that fills `length` up to a multiple, or nothing where it is one."""
    missing = -length % multiple
    if 0 < missing < _HEAD.size:
        missing += multiple
    return made(b"free", bytes(missing - _HEAD.size)) if missing else b""


def for_clip(data: bytes) -> list[bytes | memoryview]:
    """The boxes of one fragment, or of the head of the file, without user data.

    Raises BoxError where a box is cut, of a kind that no clip holds, or a second track.
    """
    whole, out, tracks = memoryview(data), [], 0
    for box in boxes(data):
        if box.kind not in TOP_KINDS:
            raise BoxError(f"a clip holds no {box.kind!r} box")
        if box.kind == b"uuid":
            tracks += 1
            if tracks > 1 or data[box.body : box.body + _TYPE_BYTES] != TRACK_TYPE:
                raise BoxError("a fragment holds one uuid box, the pose track")
        out.append(_without_user_data(data, box) if box.kind == b"moov" else whole[box.start : box.end])
    return out


def _without_user_data(data: bytes, moov: Box) -> bytes:
    """A fragmented file has no offsets that would have to move with it."""
    kept = [box for box in boxes(data, moov.body, moov.end) if box.kind != b"udta"]
    return made(b"moov", b"".join(data[box.start : box.end] for box in kept))


def _box(head: bytes, start: int, limit: int) -> Box:
    if len(head) < _HEAD.size:
        raise BoxError("a box is cut")
    size, kind = _HEAD.unpack_from(head)
    body = start + _HEAD.size
    if size == 1 and len(head) >= _HEAD.size + _LARGE.size:
        (size,) = _LARGE.unpack_from(head, _HEAD.size)
        body += _LARGE.size
    if start + size < body or start + size > limit:
        raise BoxError(f"a {kind!r} box of {size} bytes is cut, or no box")
    return Box(kind, start, body, start + size)
