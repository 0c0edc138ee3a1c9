"""TIFF and BigTIFF: the first page, written anew around its coded pixels, with the fields that these need."""

import struct
from dataclasses import dataclass, field

from posture.privacy.scrub import jpeg
from posture.privacy.scrub.found import Broken, Clean, Notes, OnlyAnew
from posture.privacy.scrub.icc import plain_profile
from posture.privacy.scrub.tiff_fields import Field, Layout, directory, integers, layout, note_fields

_SIZE = (256, 257)
_KEPT = frozenset(
    (
        *(
            254,
            256,
            257,
            258,
            259,
            262,
            266,
            274,
            277,
            278,
            280,
            281,
            282,
            283,
            284,
            290,
            291,
            292,
            293,
            296,
            301,
            317,
            318,
        ),
        *(319, 320, 321, 322, 323, 332, 334, 338, 339, 340, 341, 347, 529, 530, 531, 532),
    )
)
"""TIFF 6.0 and its supplements: size, compression, colours. No text, no date, no offset."""
_STRIPS, _TILES, _JPEG_TABLES, _PROFILE, _SUBFILE, _COMPRESSION = (273, 279), (324, 325), 347, 34675, 254, 259
_SUB_IFDS, _ORIENTATION = 330, 274
_OLD_JPEG, _JPEG = 6, 7
_MOST_STRIPS = 1 << 20


@dataclass
class _Page:
    """What the new directory will hold: (tag, type, count, bytes)."""

    fields: dict[int, tuple[int, int, bytes]] = field(default_factory=dict)
    strips: list[bytes] = field(default_factory=list)
    offsets_tag: int = 0


def clean(data: bytes) -> Clean:
    """The first page alone. Raises Broken; OnlyAnew for camera raw files, whose picture lies behind a preview."""
    notes, how = Notes(), layout(data)
    fields, following = directory(data, how, how.first)
    if not fields:
        raise Broken("a page without fields")
    by_tag = {one.tag: one for one in fields}
    if not by_tag.keys() >= set(_SIZE):
        raise Broken("a page without a size")
    if _SUB_IFDS in by_tag or 50706 in by_tag or _first(data, how, by_tag, _SUBFILE) & 1:
        raise OnlyAnew("a camera's raw file; export it as JPEG or TIFF first")
    note_fields(data, notes, "TIFF field", pages=True)
    if following:
        notes.add("further picture", "page 2")
    page = _page(data, how, by_tag, notes)
    if _first(data, how, by_tag, _ORIENTATION) > 1:
        notes.keep("orientation")
    content = _assembled(how, page)
    if not notes.findings and len(data) > len(content):
        notes.add("unknown part", "between the parts")
    return notes.clean(content)


def _page(data: bytes, how: Layout, by_tag: dict[int, Field], notes: Notes) -> _Page:
    page = _Page()
    compression, dropped = _first(data, how, by_tag, _COMPRESSION), list[int]()
    if compression == _OLD_JPEG:
        raise OnlyAnew("a TIFF with the old kind of JPEG inside")
    for tag, one in by_tag.items():
        if tag in _KEPT:
            page.fields[tag] = one.type, one.count, _value(data, one)
        elif tag == _PROFILE:
            _keep_profile(_value(data, one), page, notes)
        elif tag not in (*_STRIPS, *_TILES):
            dropped.append(tag)
    if dropped and not notes.findings:  # otherwise they were named already by what they are about
        notes.add("unknown part", f"TIFF field {dropped[0]}")
    where, sizes = _STRIPS if _STRIPS[0] in by_tag else _TILES
    if where not in by_tag or sizes not in by_tag:
        raise Broken("a page without pixels")
    page.offsets_tag = where
    places, lengths = integers(data, how, by_tag[where]), integers(data, how, by_tag[sizes])
    if len(places) != len(lengths) or len(places) > _MOST_STRIPS:
        raise Broken("a page without pixels")
    for place, length in zip(places, lengths, strict=True):
        if place + length > len(data):
            raise Broken("the TIFF ends before its image")
        strip = data[place : place + length]
        page.strips.append(_jpeg(strip, notes) if compression == _JPEG else strip)
    if compression == _JPEG and _JPEG_TABLES in page.fields:
        tables = _jpeg(page.fields[_JPEG_TABLES][2], notes)
        page.fields[_JPEG_TABLES] = 7, len(tables), tables
    code = 16 if how.big else 4
    page.fields[sizes] = code, len(page.strips), _numbers(how, [len(strip) for strip in page.strips])
    page.fields[where] = code, len(page.strips), _numbers(how, [0] * len(page.strips))
    return page


def _jpeg(strip: bytes, notes: Notes) -> bytes:
    inner = jpeg.clean(strip, still=False)
    for finding in inner.findings:
        notes.add(finding.kind, finding.place)
    return inner.content


def _keep_profile(profile: bytes, page: _Page, notes: Notes) -> None:
    plain = plain_profile(profile)
    if plain is None:
        notes.add("unknown part", "ICC")
        return
    notes.keep_profile(profile, plain)
    page.fields[_PROFILE] = 7, len(plain), plain


def _value(data: bytes, one: Field) -> bytes:
    if one.place + one.size > len(data):
        raise Broken(f"the field {one.tag} is cut")
    return data[one.place : one.place + one.size]


def _first(data: bytes, how: Layout, by_tag: dict[int, Field], tag: int) -> int:
    found = by_tag.get(tag)
    return next(iter(integers(data, how, found)), 0) if found is not None else 0


def _numbers(how: Layout, numbers: list[int]) -> bytes:
    return struct.pack(f"{how.order}{len(numbers)}{'Q' if how.big else 'I'}", *numbers)


def _assembled(how: Layout, page: _Page) -> bytes:
    """Header, directory, values, pixels."""
    order, wide, inline = how.order, "Q" if how.big else "I", 8 if how.big else 4
    magic = b"II" if order == "<" else b"MM"
    head = magic + struct.pack(f"{order}HHHQ", 43, 8, 0, 16) if how.big else magic + struct.pack(f"{order}HI", 42, 8)
    tags = sorted(page.fields)
    place = len(head) + (8 if how.big else 2) + len(tags) * (20 if how.big else 12) + inline
    places: dict[int, int] = {}
    for tag in tags:
        if len(page.fields[tag][2]) > inline:
            places[tag] = place
            place += len(page.fields[tag][2]) + len(page.fields[tag][2]) % 2
    starts = []
    for strip in page.strips:
        starts.append(place)
        place += len(strip) + len(strip) % 2
    kind, count, _ = page.fields[page.offsets_tag]
    page.fields[page.offsets_tag] = kind, count, _numbers(how, starts)
    table, values = struct.pack(order + ("Q" if how.big else "H"), len(tags)), b""
    for tag in tags:
        kind, count, value = page.fields[tag]
        table += struct.pack(f"{order}HH{wide}", tag, kind, count)
        if tag in places:
            table += struct.pack(order + wide, places[tag])
            values += value + bytes(len(value) % 2)
        else:
            table += value + bytes(inline - len(value))
    pixels = b"".join(strip + bytes(len(strip) % 2) for strip in page.strips)
    return head + table + bytes(inline) + values + pixels
