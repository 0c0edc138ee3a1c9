"""JPEG 2000 (ITU-T T.800, annexes A and I): the boxes and segments that pixels and their colours need."""

from posture.privacy.scrub.found import Broken, Clean, Kind, Notes, OnlyAnew, shown
from posture.privacy.scrub.icc import plain_profile
from posture.privacy.scrub.packets import note_tail
from posture.vault.boxes import BoxError, boxes, made

_TOP = frozenset((b"jP  ", b"ftyp", b"jp2h", b"jp2c"))
_HEADER = frozenset((b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef", b"res "))
_KINDS: dict[bytes, Kind] = {b"uuid": "name or text", b"xml ": "name or text", b"uinf": "name or text"}
_SOC, _SOT, _EOC, _COM = b"\xff\x4f", b"\xff\x90", b"\xff\xd9", b"\xff\x64"
_PROFILE_METHOD = 2


def clean(data: bytes) -> Clean:
    """The picture alone. Raises Broken, OnlyAnew."""
    notes, kept, seen = Notes(), b"", set[bytes]()
    try:
        for box in boxes(data):
            body = data[box.body : box.end]
            seen.add(box.kind)
            if box.kind not in _TOP:
                notes.add(_KINDS.get(box.kind, "unknown part"), f"box {shown(box.kind)}")
            elif box.kind == b"jp2h":
                kept += made(b"jp2h", _header(body, notes))
            else:
                kept += made(box.kind, _codestream(body, notes) if box.kind == b"jp2c" else body)
    except (BoxError, IndexError) as exc:
        raise Broken("its boxes are damaged or cut") from exc
    if _TOP - seen:
        raise Broken("the picture is cut")
    return notes.clean(kept)


def _header(body: bytes, notes: Notes) -> bytes:
    kept = b""
    for box in boxes(body):
        content = body[box.body : box.end]
        if box.kind == b"colr" and content[0] == _PROFILE_METHOD:
            plain = plain_profile(content[3:])
            if plain is None:
                raise OnlyAnew("its colour profile is of a rare kind")
            notes.keep_profile(content[3:], plain)
            kept += made(b"colr", content[:3] + plain)
        elif box.kind in _HEADER:
            kept += made(box.kind, content)
        else:
            notes.add("unknown part", f"box {shown(box.kind)}")
    return kept


def _codestream(data: bytes, notes: Notes) -> bytes:
    """Without the comments of the main header and of the tiles, up to the end of the codestream."""
    if data[:2] != _SOC:
        raise Broken("no JPEG 2000 codestream")
    head, place = _without_comments(data, 2, notes)
    kept = [_SOC, head]
    while data[place : place + 2] == _SOT:
        size = int.from_bytes(data[place + 6 : place + 10], "big")
        end = place + size if size else data.rfind(_EOC)
        if end > len(data) or end <= place:
            raise Broken("the picture ends before its pixels")
        inside, pixels = _without_comments(data, place + 12, notes)
        tile = inside + data[pixels:end]
        length = len(tile) + 12 if size else 0
        kept.append(data[place : place + 6] + length.to_bytes(4, "big") + data[place + 10 : place + 12] + tile)
        place = end
    if data[place : place + 2] != _EOC:
        raise Broken("the picture ends before its pixels")
    if data[place + 2 :]:
        note_tail(data[place + 2 :], notes, "after the image")
    return b"".join(kept) + _EOC


def _without_comments(data: bytes, place: int, notes: Notes) -> tuple[bytes, int]:
    """The segments up to the next tile or its pixels, and where that lies."""
    kept = b""
    while data[place : place + 2] not in (_SOT, b"\xff\x93", _EOC):
        size = 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if data[place : place + 1] != b"\xff" or size < 4 or place + size > len(data):
            raise Broken("a segment is cut")
        if data[place : place + 2] == _COM:
            notes.add("name or text", "comment")
        else:
            kept += data[place : place + size]
        place += size
    return kept, place
