"""A colour profile without text: only the tables that colours are computed with (ICC.1:2022, clause 7)."""

import struct

_HEAD, _ENTRY = 128, 12
_KEPT_TAGS = frozenset(
    (
        *(
            b"rXYZ",
            b"gXYZ",
            b"bXYZ",
            b"rTRC",
            b"gTRC",
            b"bTRC",
            b"kTRC",
            b"wtpt",
            b"bkpt",
            b"chad",
            b"lumi",
            b"gamt",
            b"cicp",
        ),
        *(b"A2B0", b"A2B1", b"A2B2", b"A2B3", b"B2A0", b"B2A1", b"B2A2", b"B2A3"),
        *(b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1", b"B2D2", b"B2D3"),
    )
)
_KEPT_TYPES = frozenset((b"XYZ ", b"curv", b"para", b"sf32", b"mft1", b"mft2", b"mAB ", b"mBA ", b"mpet", b"cicp"))
_ONE_NAME = b"colour"
"""What every profile is called: the format wants a name."""
MOST_BYTES, MOST_TAGS = 16 << 20, 200


def plain_profile(profile: bytes) -> bytes | None:
    """The same colours without names, dates, makers, serial numbers and tags that hold text; None for what is none.

    Two pictures that came with the same kind of profile leave with the same bytes. Applying it twice changes nothing.
    """
    if not _HEAD + 4 <= len(profile) <= MOST_BYTES or profile[36:40] != b"acsp":
        return None
    (count,) = struct.unpack_from(">I", profile, _HEAD)
    if count > MOST_TAGS or len(profile) < _HEAD + 4 + count * _ENTRY:
        return None
    tags: dict[bytes, bytes] = {}
    for number in range(count):
        name, place, size = struct.unpack_from(">4sII", profile, _HEAD + 4 + number * _ENTRY)
        body = profile[place : place + size]
        if name in _KEPT_TAGS and body[:4] in _KEPT_TYPES and len(body) == size:
            tags[name] = _plain_body(body)
    version = profile[8]
    return (
        _assembled(_plain_head(profile), {b"desc": _text(version), b"cprt": _text(version), **tags}) if tags else None
    )


def _plain_body(body: bytes) -> bytes:
    """Of the types of fixed length no byte more; the reserved bytes are zero."""
    size = len(body)
    if body[:4] == b"curv" and size >= 12:
        size = 12 + 2 * int(struct.unpack_from(">I", body, 8)[0])
    elif body[:4] == b"XYZ ":
        size = 20
    return body[:4] + bytes(4) + body[8:size]


def _plain_head(profile: bytes) -> bytes:
    """Class, colour spaces, intent and white point; no date, platform, maker, model, creator or id."""
    head = bytearray(_HEAD)
    for start, end in ((8, 24), (36, 40), (64, 80)):
        head[start:end] = profile[start:end]
    return bytes(head)


def _text(version: int) -> bytes:
    if version < 4:
        return b"desc" + bytes(4) + struct.pack(">I", len(_ONE_NAME) + 1) + _ONE_NAME + bytes(1 + 8 + 3 + 67)
    text = _ONE_NAME.decode().encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28) + text


def _assembled(head: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, data = b"", b""
    start = _HEAD + 4 + len(tags) * _ENTRY
    places: dict[bytes, int] = {}
    for name, body in tags.items():
        if body not in places:
            places[body] = start + len(data)
            data += body + bytes(-len(body) % 4)
        table += struct.pack(">4sII", name, places[body], len(body))
    whole = head + struct.pack(">I", len(tags)) + table + data
    return struct.pack(">I", len(whole)) + whole[4:]
