"""GIF89a (and 87a): pictures, their colour tables and times, and how often they repeat."""

from collections.abc import Iterator

from posture.privacy.scrub.found import Broken, Clean, Notes
from posture.privacy.scrub.packets import note_tail, note_xmp

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _COMMENT, _TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def clean(data: bytes) -> Clean:
    """The pictures alone. Raises Broken."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 13:
        raise Broken("no GIF")
    notes = Notes()
    place = 13 + _table(data[10])
    kept = bytearray(data[:place])
    while True:
        if place >= len(data):
            raise Broken("the GIF ends before its image")
        introducer, start = data[place], place
        if introducer == _TRAILER:
            break
        if introducer == _IMAGE:
            place = _after_blocks(data, start + 11 + _table(_byte(data, start + 9)))
            kept += data[start:place]
        elif introducer == _EXTENSION:
            place = _after_blocks(data, start + 2)
            kept += _extension(data[start:place], notes)
        else:
            raise Broken("bytes that are no block")
    if data[place + 1 :]:
        note_tail(data[place + 1 :], notes, "after the image")
    return notes.clean(bytes(kept) + bytes((_TRAILER,)))


def _extension(block: bytes, notes: Notes) -> bytes:
    label, blocks = block[1], list(_blocks(block[2:]))
    first = blocks[0] if blocks else b""
    if label == _CONTROL and [len(one) for one in blocks] == [4]:
        return block
    if label == _APPLICATION and first in _LOOPS:
        loop = next((one for one in blocks[1:] if len(one) == 3 and one[0] & 7 == 1), None)
        if len(blocks) > 1 + (loop is not None):
            notes.add("unknown part", "loop block")
        return bytes((_EXTENSION, _APPLICATION, 11)) + first + b"\3" + loop + b"\0" if loop else b""
    if label == _COMMENT:
        notes.add("name or text", "comment")
    elif label == _TEXT:
        notes.add("name or text", "text block")
    elif label == _APPLICATION and first.startswith(b"XMP Data"):
        note_xmp(block, notes)
    else:
        notes.add("unknown part", "application block")
    return b""


def _blocks(data: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(data) and data[place]:
        yield data[place + 1 : place + 1 + data[place]]
        place += 1 + data[place]


def _after_blocks(data: bytes, place: int) -> int:
    while size := _byte(data, place):
        place += 1 + size
    return place + 1


def _byte(data: bytes, place: int) -> int:
    if place >= len(data):
        raise Broken("the GIF ends before its image")
    return data[place]


def _table(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
