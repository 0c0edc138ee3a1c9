"""JPEG (ITU-T T.81) with the segments that its pixels need, and nothing behind the end of the image."""

import re
import struct
from collections.abc import Iterator

from posture.privacy.scrub.found import Broken, Clean, Notes
from posture.privacy.scrub.icc import plain_profile
from posture.privacy.scrub.packets import note_tail, note_xmp
from posture.privacy.scrub.tiff_fields import note_exif, small_exif

_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP13, _APP14, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE
_PICTURE = frozenset((*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, _SOS)) - {0xC8}
"""Frame headers, tables of codes and of quantization, restart intervals, numbers of lines, scans (B.1.1.3)."""
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
_EXIF, _XMP, _LONG_XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_ICC, _MPF, _ADOBE, _JFIF, _JFXX = b"ICC_PROFILE\0", b"MPF\0", b"Adobe", b"JFIF\0", b"JFXX\0"
_ICC_HEAD = len(_ICC) + 2
_MOST_BODY = 0xFFFF - 2


def clean(data: bytes, *, still: bool = True) -> Clean:
    """The picture alone. `still`: a file; otherwise one picture of a video or of a TIFF file, which may lack tables and
    carries no orientation.

    Raises Broken.
    """
    notes, kept = Notes(), bytearray()
    profile: dict[int, bytes] = {}
    orientation, end = 1, 0
    for marker, body, behind in _segments(data):
        end = behind
        if marker in _PICTURE or marker in (_SOI, _EOI):
            kept += body
        elif marker == _APP1 and body[4:].startswith(_EXIF):
            orientation = max(orientation, note_exif(body[4 + len(_EXIF) :], notes))
        elif marker == _APP2 and body[4:].startswith(_ICC) and len(body) > 4 + _ICC_HEAD:
            profile[body[4 + len(_ICC)]] = body[4 + _ICC_HEAD :]
        else:
            kept += _header(marker, body, notes)
    if data[end:].strip(b"\0" if not still else b""):
        note_tail(data[end:], notes, "after the image")
    heads = _heads(orientation if still else 1, b"".join(profile[number] for number in sorted(profile)), notes)
    at = 2 + len(_first_header(bytes(kept)))
    return notes.clean(bytes(kept[:at]) + heads + bytes(kept[at:]))


def _heads(orientation: int, profile: bytes, notes: Notes) -> bytes:
    """The segments that stay although they are no picture."""
    made = b""
    if orientation > 1:
        notes.keep("orientation")
        made += _segment(_APP1, _EXIF + small_exif(orientation))
    if profile:
        plain = plain_profile(profile)
        if plain is None:
            notes.add("unknown part", "ICC")
            return made
        notes.keep_profile(profile, plain)
        step = _MOST_BODY - _ICC_HEAD
        parts = [plain[start : start + step] for start in range(0, len(plain), step)]
        for number, part in enumerate(parts, start=1):
            made += _segment(_APP2, _ICC + bytes((number, len(parts))) + part)
    return made


def _header(marker: int, body: bytes, notes: Notes) -> bytes:
    """What stays of a segment that is none of the picture: how the pixels are to be understood."""
    content = body[4:]
    if marker == _APP0 and content.startswith(_JFIF) and len(content) >= 14:
        if len(content) > 14:
            notes.add("preview picture", "JFIF")
        return _segment(_APP0, content[:12] + b"\0\0")
    if marker == _APP0 and content.startswith(b"AVI1") and len(content) >= 5:  # which field of a video comes first
        return _segment(_APP0, content[:5] + bytes(9))
    if marker == _APP14 and content.startswith(_ADOBE) and len(content) >= 12:
        if content[12:] or content[5:11] not in _ADOBE_FIELDS:
            notes.add("unknown part", "segment APP14")
        return _segment(_APP14, _ADOBE + b"\0\x64\0\0\0\0" + content[11:12])
    _note(marker, content, notes)
    return b""


_ADOBE_FIELDS = (b"\0\x64\0\0\0\0", b"\0\x64\x80\0\0\0", b"\0\x65\0\0\0\0", b"\0\x64\xc0\0\0\0", b"\0\x64\x40\0\0\0")
"""Version and flags as Adobe's programs write them."""


def _note(marker: int, content: bytes, notes: Notes) -> None:
    if marker == _COM:
        notes.add("name or text", "comment")
    elif marker == _APP1 and content.startswith((_XMP, _LONG_XMP)):
        note_xmp(content, notes)
    elif marker == _APP13:
        notes.add("name or text", "IPTC")
    elif marker == _APP2 and content.startswith(_MPF):
        notes.add("further picture", "MPF")
    elif marker == _APP0 and content.startswith(_JFXX):
        notes.add("preview picture", "JFXX")
    else:
        notes.add("unknown part", f"segment APP{marker - _APP0}" if marker >= _APP0 else f"segment {marker:#x}")


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, whole segment (with the coded scan behind SOS), and the place behind it, up to the end of the image."""
    if data[:2] != bytes((0xFF, _SOI)):
        raise Broken("no JPEG")
    yield _SOI, data[:2], 2
    place = 2
    while True:
        start = place
        while data[place + 1 : place + 2] == b"\xff":  # fill bytes (B.1.1.2)
            place += 1
        if data[place : place + 1] != b"\xff" or place + 2 > len(data):
            raise Broken("the JPEG ends before its image" if place + 2 > len(data) else "bytes that are no segment")
        marker = data[place + 1]
        if marker == _EOI:
            yield _EOI, bytes((0xFF, _EOI)), place + 2
            return
        size = int.from_bytes(data[place + 2 : place + 4], "big")
        end = place + 2 + size
        if size < 2 or end > len(data) or marker < 0xC0:
            raise Broken("a segment is cut")
        start, place = place, _after_scan(data, end) if marker == _SOS else end
        yield marker, data[start:place], place


def _after_scan(data: bytes, place: int) -> int:
    found = _AFTER_SCAN.search(data, place)
    if found is None:
        raise Broken("the JPEG ends before its image")
    return found.start()


def _first_header(kept: bytes) -> bytes:
    """JFIF has to come first where it is there."""
    if kept[2:4] != bytes((0xFF, _APP0)):
        return b""
    return kept[2 : 4 + int.from_bytes(kept[4:6], "big")]


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
