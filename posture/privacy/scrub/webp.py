"""WebP (RFC 9649), still and moving."""

import struct
from collections.abc import Iterator

from posture.privacy.scrub.found import Broken, Clean, Notes, shown
from posture.privacy.scrub.icc import plain_profile
from posture.privacy.scrub.packets import note_tail, note_xmp
from posture.privacy.scrub.tiff_fields import note_exif, small_exif

_PICTURE = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_FIXED = {b"VP8X": 10, b"ANIM": 6}
_HAS_PROFILE, _HAS_EXIF, _FLAGS = 0x20, 0x08, 0x10 | 0x02  # transparency and movement stay
_FRAME_HEAD = 16


def clean(data: bytes) -> Clean:
    """The picture, or moving picture, alone. Raises Broken."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise Broken("no WebP")
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Broken("the WebP ends before its image")
    notes, orientation, profile = Notes(), 1, b""
    chunks: list[tuple[bytes, bytes]] = []
    for kind, body in _chunks(data[12:end]):
        if kind == b"EXIF":
            orientation = note_exif(body.removeprefix(b"Exif\0\0"), notes)
        elif kind == b"XMP ":
            note_xmp(body, notes)
        elif kind == b"ICCP":
            profile = body
        elif kind == b"ANMF":
            chunks.append((kind, _frame(body, notes)))
        elif kind in _PICTURE or len(body) == _FIXED.get(kind):
            chunks.append((kind, body))
        else:
            notes.add("unknown part", f"chunk {shown(kind)}")
    if data[end:]:
        note_tail(data[end:], notes, "after the image")
    return notes.clean(_assembled(chunks, orientation, profile, notes))


def _assembled(chunks: list[tuple[bytes, bytes]], orientation: int, profile: bytes, notes: Notes) -> bytes:
    plain = plain_profile(profile)
    if profile and plain is None:
        notes.add("unknown part", "ICC")
    extended = bool(chunks) and chunks[0][0] == b"VP8X"
    if extended:
        head = chunks[0][1]
        flags = head[0] & _FLAGS | (_HAS_PROFILE if plain else 0) | (_HAS_EXIF if orientation > 1 else 0)
        chunks[0] = b"VP8X", bytes((flags, 0, 0, 0)) + head[4:]
    if plain and extended:
        notes.keep_profile(profile, plain)
        chunks.insert(1, (b"ICCP", plain))
    if orientation > 1 and extended:
        notes.keep("orientation")
        chunks.append((b"EXIF", small_exif(orientation)))
    body = b"WEBP" + b"".join(_chunk(kind, content) for kind, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _frame(body: bytes, notes: Notes) -> bytes:
    """One picture of a moving one: its place and duration, then chunks."""
    kept = body[:_FRAME_HEAD]
    for kind, content in _chunks(body[_FRAME_HEAD:]):
        if kind in _PICTURE:
            kept += _chunk(kind, content)
        else:
            notes.add("unknown part", f"chunk {shown(kind)}")
    return kept


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(data):
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        if place + 8 + size > len(data):
            raise Broken(f"the chunk {shown(kind)} is cut")
        yield kind, data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
