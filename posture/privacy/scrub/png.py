"""PNG and APNG (W3C PNG, third edition) with the chunks that pixels and their colours need."""

import struct
import zlib
from collections.abc import Iterator

from posture.privacy.scrub.found import Broken, Clean, Notes, shown
from posture.privacy.scrub.icc import plain_profile
from posture.privacy.scrub.packets import note_tail, note_xmp
from posture.privacy.scrub.tiff_fields import note_exif, small_exif

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sRGB", b"sBIT", b"cICP", b"bKGD"))
_KEPT_TOO = frozenset((b"pHYs", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT"))
_FIXED = {b"IHDR": 13, b"cHRM": 32, b"gAMA": 4, b"sRGB": 1, b"cICP": 4, b"pHYs": 9, b"mDCV": 24, b"cLLI": 8, b"acTL": 8}
_FIXED |= {b"fcTL": 26, b"IEND": 0}
_MOST = {b"PLTE": 768, b"tRNS": 256, b"sBIT": 4, b"bKGD": 6}
_TEXTS = frozenset((b"tEXt", b"zTXt", b"iTXt"))
_XMP = b"XML:com.adobe.xmp"


def clean(data: bytes) -> Clean:
    """The picture, or moving picture, alone. Raises Broken."""
    notes, kept, orientation, end = Notes(), bytearray(SIGNATURE), 1, 0
    stream = zlib.decompressobj()
    for kind, body, behind in _chunks(data):
        end = behind
        if kind == b"eXIf":
            orientation = note_exif(body, notes)
        elif kind == b"iCCP":
            kept += _profile(body, notes)
        elif kind not in _KEPT | _KEPT_TOO or not _fits(kind, body):
            _note(kind, body, notes)
        elif kind == b"IDAT":
            kept += _chunk(kind, _used(stream, body, notes))
        elif kind != b"IEND":
            kept += _chunk(kind, body)
    if not stream.eof:
        raise Broken("the picture is cut")
    if data[end:]:
        note_tail(data[end:], notes, "after the image")
    if orientation > 1:
        notes.keep("orientation")
        ihdr = len(SIGNATURE) + 25
        kept[ihdr:ihdr] = _chunk(b"eXIf", small_exif(orientation))
    return notes.clean(bytes(kept) + _chunk(b"IEND", b""))


def _used(stream: "zlib._Decompress", body: bytes, notes: Notes) -> bytes:
    """What of the coded picture is read; a viewer looks no further than the end of the compressed stream."""
    if stream.eof:
        if body:
            notes.add("bytes after the end", "chunk IDAT")
        return b""
    rest = body
    try:
        while rest and not stream.eof:
            stream.decompress(rest, 1 << 20)
            rest = stream.unconsumed_tail
    except zlib.error as exc:
        raise Broken("the picture is damaged") from exc
    if stream.unused_data:
        notes.add("bytes after the end", "chunk IDAT")
    return body[: len(body) - len(stream.unused_data)]


def _profile(body: bytes, notes: Notes) -> bytes:
    """Name, 0, method 0, deflated profile; the name becomes one that says nothing."""
    name, _, rest = body.partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(rest[1:], 16 << 20)
    except zlib.error:
        profile = b""
    plain = plain_profile(profile)
    if plain is None:
        notes.add("unknown part", "chunk iCCP")
        return b""
    notes.keep_profile(name + profile, b"colour" + plain)
    return _chunk(b"iCCP", b"colour\0\0" + zlib.compress(plain, 9))


def _fits(kind: bytes, body: bytes) -> bool:
    return len(body) == _FIXED.get(kind, len(body)) and len(body) <= _MOST.get(kind, len(body))


def _note(kind: bytes, body: bytes, notes: Notes) -> None:
    if kind == b"iTXt" and body.startswith(_XMP):
        note_xmp(body, notes)
    elif kind in _TEXTS:
        notes.add("name or text", f"chunk {shown(kind)}")
    elif kind == b"tIME":
        notes.add("date", "chunk tIME")
    else:
        notes.add("unknown part", f"chunk {shown(kind)}")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind, content and the place behind it, up to IEND."""
    if not data.startswith(SIGNATURE + b"\0\0\0\x0dIHDR"):
        raise Broken("no PNG")
    place, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        end = place + 12 + size
        if end > len(data):
            raise Broken("the PNG ends before its image")
        if zlib.crc32(data[place + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big") and kind in _KEPT:
            raise Broken(f"the chunk {shown(kind)} is damaged")
        yield kind, data[place + 8 : end - 4], end
        place = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
