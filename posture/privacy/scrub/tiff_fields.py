"""The fields of TIFF and EXIF: reading them, telling what they are about, and the smallest EXIF block there is.

TIFF 6.0 and its 64-bit form (BigTIFF); EXIF 2.32 (CIPA DC-008). Nothing is decoded but numbers that say where data lie.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from posture.privacy.scrub.found import Broken, Kind, Notes

ORIENTATION, EXIF_IFD, GPS_IFD, INTEROP_IFD, MAKER_NOTE = 0x0112, 0x8769, 0x8825, 0xA005, 0x927C
_SUB_IFDS = {EXIF_IFD, GPS_IFD, INTEROP_IFD}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type (TIFF 6.0, section 2; BigTIFF)."""
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
MOST_FIELDS, MOST_IFDS = 4096, 64

_DEVICE = {0x010F, 0x0110, 0x013C, 0x9000, 0xA430, 0xA431, 0xA432, 0xA433, 0xA434, 0xA435, 0xA500, 0xC614, 0xC62F}
_DATES = {0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292}
_HISTORY = {0x0131, 0x000B, 0x02BC, 0x8649}
_STRUCTURE = {
    *(
        0x00FE,
        0x00FF,
        0x0100,
        0x0101,
        0x0102,
        0x0103,
        0x0106,
        0x010A,
        0x0111,
        0x0112,
        0x0115,
        0x0116,
        0x0117,
        0x011A,
        0x011B,
    ),
    *(0x011C, 0x0128, 0x0201, 0x0202, 0x0211, 0x0212, 0x0213, 0x0214, 0xA001, 0xA002, 0xA003, 0x8769, 0xA005),
    *(0x0118, 0x0119, 0x0122, 0x0123, 0x0124, 0x0125, 0x012D, 0x013D, 0x013E, 0x013F, 0x0140, 0x0141, 0x0142, 0x0143),
    *(0x0144, 0x0145, 0x014C, 0x014E, 0x0152, 0x0153, 0x0154, 0x0155, 0x015B, 0x8773, 0x9101, 0x9102, 0xA000),
}
"""Tags that say how the picture is stored, and nothing of its making."""


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a directory."""

    tag: int
    type: int
    count: int
    place: int
    """Where its value lies, in bytes from the beginning of the block."""
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Byte order and width of a TIFF block."""

    order: str
    """"<" or ">"."""
    big: bool
    first: int
    """Where the first directory lies."""

    def number(self, data: bytes, place: int, code: str) -> int:
        """An unsigned number. Raises Broken outside of the data."""
        try:
            return int(struct.unpack_from(self.order + code, data, place)[0])
        except struct.error as exc:
            raise Broken("the fields are cut") from exc


def layout(data: bytes) -> Layout:
    """Raises Broken unless the block begins as a TIFF file does."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise Broken("no TIFF header")
    head = Layout(order, False, 0)
    magic = head.number(data, 2, "H")
    if magic not in (42, 43):
        raise Broken("no TIFF header")
    big = magic == 43
    return Layout(order, big, head.number(data, 8 if big else 4, "Q" if big else "I"))


def directory(data: bytes, how: Layout, place: int) -> tuple[list[Field], int]:
    """The fields of the directory at `place`, and where the next one lies (0: nowhere). Raises Broken."""
    count = how.number(data, place, "Q" if how.big else "H")
    if count > MOST_FIELDS:
        raise Broken("too many fields")
    at, step = place + (8 if how.big else 2), 20 if how.big else 12
    fields = [_field(data, how, at + number * step) for number in range(count)]
    return fields, how.number(data, at + count * step, "Q" if how.big else "I")


def _field(data: bytes, how: Layout, at: int) -> Field:
    tag, kind = how.number(data, at, "H"), how.number(data, at + 2, "H")
    count = how.number(data, at + 4, "Q" if how.big else "I")
    size, inline, own = _SIZES.get(kind, 1) * count, 8 if how.big else 4, at + (12 if how.big else 8)
    place = own if size <= inline else how.number(data, own, "Q" if how.big else "I")
    return Field(tag, kind, count, place, size)


def integers(data: bytes, how: Layout, field: Field) -> list[int]:
    """The values of a field of whole numbers. Raises Broken."""
    code = _INTEGERS.get(field.type)
    if code is None or field.place + field.size > len(data):
        raise Broken(f"the field {field.tag} is cut or no number")
    return list(struct.unpack_from(f"{how.order}{field.count}{code}", data, field.place))


def note_exif(data: bytes, notes: Notes, place: str = "EXIF") -> int:
    """Note what an EXIF block is about, and give its orientation, 1 where there is none.

    Never raises: what cannot be read is left out all the same.
    """
    before = len(notes.findings)
    try:
        orientation = note_fields(data, notes, place)
    except Broken:
        orientation = 1
    if len(notes.findings) == before and data != small_exif(orientation):
        notes.add("unknown part", place)
    return orientation


def note_fields(data: bytes, notes: Notes, place: str, *, pages: bool = False) -> int:
    """Note what the fields are about, and give the orientation. `pages`: the second directory is no preview, but a page
    of its own, which is not looked into. Raises Broken.
    """
    orientation, how = 1, layout(data)
    for number, field in _all_fields(data, how):
        if number == 1 and pages:
            continue
        if field.tag == ORIENTATION and number == 0:
            orientation = (integers(data, how, field) or [1])[0]
        elif kind := _about(number, field.tag):
            notes.add(kind, place)
    return orientation if 1 <= orientation <= 8 else 1


def _about(number: int, tag: int) -> Kind | None:
    """What a field is about; `number`: 0 main directory, 1 preview, otherwise the tag that led to its directory."""
    if number == GPS_IFD or tag == GPS_IFD:
        return "position"
    if number == 1:
        return "preview picture"
    if number == INTEROP_IFD or tag in _STRUCTURE:
        return None
    if tag == MAKER_NOTE:
        return "maker's note"
    if tag in _DEVICE:
        return "device"
    if tag in _DATES:
        return "date"
    return "editing history" if tag in _HISTORY else "name or text" if tag < 0x8298 or tag > 0x9C00 else "device"


def _all_fields(data: bytes, how: Layout) -> Iterator[tuple[int, Field]]:
    """Every field of every directory, each directory once."""
    waiting, seen = [(0, how.first)], set[int]()
    while waiting and len(seen) < MOST_IFDS:
        number, place = waiting.pop(0)
        if not place or place in seen:
            continue
        seen.add(place)
        fields, following = directory(data, how, place)
        if number == 0:
            waiting.append((1, following))
        for field in fields:
            yield number, field
            if field.tag in _SUB_IFDS:
                waiting += [(field.tag, place) for place in integers(data, how, field)[:1]]


def small_exif(orientation: int) -> bytes:
    """A TIFF block with the orientation and nothing else: 26 bytes."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
