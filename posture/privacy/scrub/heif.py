"""HEIC and AVIF (ISO/IEC 23008-12): the picture that is shown, written anew around its coded pixels.

Of the items those stay that the primary one is made of (its tiles), and its opacity. Previews, EXIF, XMP, depth maps
and other pictures go; so do all boxes beside `meta`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from posture.privacy.scrub import units
from posture.privacy.scrub.found import Broken, Clean, Notes, OnlyAnew, shown
from posture.privacy.scrub.icc import plain_profile
from posture.privacy.scrub.packets import note_xmp
from posture.privacy.scrub.tiff_fields import note_exif
from posture.vault.boxes import Box, BoxError, boxes, made

_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"miaf", b"avif", b"MA1A", b"MA1B", b"MiHB"))
_CODED, _DERIVED = frozenset((b"hvc1", b"av01")), frozenset((b"grid", b"iovl", b"iden"))
_PROPERTIES = frozenset(
    (
        *(
            b"ispe",
            b"pixi",
            b"pasp",
            b"irot",
            b"imir",
            b"clap",
            b"colr",
            b"hvcC",
            b"av1C",
            b"auxC",
            b"a1op",
            b"lsel",
            b"a1lx",
        ),
        *(b"clli", b"mdcv", b"cclv", b"rloc"),
    )
)
_TURNS = frozenset((b"irot", b"imir"))
_ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
_MOST_ITEMS = 4096


@dataclass
class _Item:
    kind: bytes = b""
    hidden: bool = False
    method: int = 0
    extents: list[tuple[int, int]] = field(default_factory=list)
    properties: list[tuple[bool, int]] = field(default_factory=list)
    data: bytes = b""


@dataclass
class _Meta:
    """What the `meta` box says."""

    primary: int = 0
    items: dict[int, _Item] = field(default_factory=dict)
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)
    references: list[tuple[bytes, int, list[int]]] = field(default_factory=list)
    idat: bytes = b""


def clean(data: bytes) -> Clean:
    """The picture that is shown, alone. Raises Broken; OnlyAnew for image sequences and what is rarely used."""
    notes = Notes()
    try:
        top = list(boxes(data))
        _note_top(top, notes)
        (found,) = [box for box in top if box.kind == b"meta"]
        meta = _meta(data[found.body + 4 : found.end])
        wanted = _wanted(meta)
        _read(data, meta, notes)
        _note_items(meta, wanted, notes)
        brands = data[top[0].body : top[0].end]
        content = _assembled(brands, _alone(meta, wanted), notes)
    except (BoxError, struct.error, IndexError, KeyError, ValueError) as exc:
        if isinstance(exc, Broken | OnlyAnew):
            raise
        raise Broken("the boxes of the picture are damaged") from exc
    if not notes.findings and len(content) < len(data):
        notes.add("unknown part", "between the parts")
    return notes.clean(content)


def _note_top(top: list[Box], notes: Notes) -> None:
    for box in top:
        if box.kind == b"moov":
            raise OnlyAnew("a moving picture in a HEIC or AVIF file")
        if box.kind == b"mpvd":
            notes.add("video in the picture", "box mpvd")
        elif box.kind not in (b"ftyp", b"meta", b"mdat", b"free"):
            notes.add("unknown part", f"box {shown(box.kind)}")


def _meta(body: bytes) -> _Meta:
    meta = _Meta()
    for box in boxes(body):
        content = body[box.body : box.end]
        if box.kind == b"pitm":
            meta.primary = int.from_bytes(content[4 : 4 + (2 if content[0] == 0 else 4)], "big")
        elif box.kind == b"iinf":
            _read_kinds(content, meta)
        elif box.kind == b"iloc":
            _read_places(content, meta)
        elif box.kind == b"iref":
            _read_references(content, meta)
        elif box.kind == b"iprp":
            _read_properties(content, meta)
        elif box.kind == b"idat":
            meta.idat = content
    if len(meta.items) > _MOST_ITEMS:
        raise Broken("too many items")
    return meta


def _read_kinds(content: bytes, meta: _Meta) -> None:
    for box in boxes(content, 6 if content[0] == 0 else 8):
        entry = content[box.body : box.end]
        if entry[0] not in (2, 3):
            raise OnlyAnew("an old kind of HEIC file")
        wide = 4 if entry[0] == 3 else 2
        item = meta.items.setdefault(int.from_bytes(entry[4 : 4 + wide], "big"), _Item())
        item.kind, item.hidden = entry[6 + wide : 10 + wide], bool(entry[3] & 1)


def _read_places(content: bytes, meta: _Meta) -> None:
    """`iloc` (ISO/IEC 14496-12, 8.11.3)."""
    version, sizes = content[0], content[4:6]
    offset_bytes, length_bytes, base_bytes = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_bytes = sizes[1] & 15 if version else 0
    wide = 4 if version == 2 else 2
    numbers = _Numbers(content, 6)
    for _ in range(numbers(wide)):
        item = meta.items.setdefault(numbers(wide), _Item())
        item.method = numbers(2) & 15 if version else 0
        if numbers(2):
            raise OnlyAnew("a HEIC file whose picture lies in another file")
        base = numbers(base_bytes)
        for _ in range(numbers(2)):
            numbers(index_bytes)
            start = base + numbers(offset_bytes)
            item.extents.append((start, numbers(length_bytes)))


def _read_references(content: bytes, meta: _Meta) -> None:
    wide = 4 if content[0] else 2
    for box in boxes(content, 4):
        numbers = _Numbers(content, box.body)
        source = numbers(wide)
        meta.references.append((box.kind, source, [numbers(wide) for _ in range(numbers(2))]))


def _read_properties(content: bytes, meta: _Meta) -> None:
    for box in boxes(content):
        body = content[box.body : box.end]
        if box.kind == b"ipco":
            meta.properties = [(one.kind, body[one.body : one.end]) for one in boxes(body)]
        elif box.kind == b"ipma":
            _read_associations(body, meta)


def _read_associations(body: bytes, meta: _Meta) -> None:
    numbers, long_index = _Numbers(body, 4), bool(body[3] & 1)
    for _ in range(numbers(4)):
        item = meta.items.setdefault(numbers(4 if body[0] else 2), _Item())
        for _ in range(numbers(1)):
            value = numbers(2 if long_index else 1)
            essential = 0x8000 if long_index else 0x80
            item.properties.append((bool(value & essential), value & essential - 1))


class _Numbers:
    """Big-endian numbers, one after the other."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data, self._place = data, place

    def __call__(self, size: int) -> int:
        end = self._place + size
        if end > len(self._data):
            raise Broken("the boxes of the picture are cut")
        value = int.from_bytes(self._data[self._place : end], "big")
        self._place = end
        return value


def _wanted(meta: _Meta) -> list[int]:
    """The items of the picture that is shown, and of its opacity, in the order of their numbers."""
    wanted, waiting = set[int](), [meta.primary]
    while waiting:
        number = waiting.pop()
        if number in wanted:
            continue
        wanted.add(number)
        for kind, source, targets in meta.references:
            if kind == b"dimg" and source == number:
                waiting += targets
            if kind == b"auxl" and number in targets and _is_alpha(meta, source):
                waiting.append(source)
    for number in wanted:
        if meta.items[number].kind not in _CODED | _DERIVED:
            raise OnlyAnew(f"its picture is stored as {shown(meta.items[number].kind)}")
    return sorted(wanted)


def _is_alpha(meta: _Meta, number: int) -> bool:
    return any(kind == b"auxC" and body[4:].split(b"\0")[0] in _ALPHA for _, kind, body in _properties_of(meta, number))


def _properties_of(meta: _Meta, number: int) -> Iterator[tuple[bool, bytes, bytes]]:
    for essential, index in meta.items[number].properties:
        if index:  # 0: none
            yield essential, *meta.properties[index - 1]


def _read(data: bytes, meta: _Meta, notes: Notes) -> None:
    for item in meta.items.values():
        if item.method > 1:
            raise OnlyAnew("a HEIC file whose items lie in each other")
        whole = data if item.method == 0 else meta.idat
        for start, length in item.extents:
            end = start + length if length else len(whole)
            if end > len(whole):
                raise Broken("the picture ends before its pixels")
            item.data += whole[start:end]


def _note_items(meta: _Meta, wanted: list[int], notes: Notes) -> None:
    """What the items are that go."""
    previews = {source for kind, source, _ in meta.references if kind == b"thmb"}
    for number, item in meta.items.items():
        if number in wanted:
            continue
        if item.kind == b"Exif":
            note_exif(item.data[4 + int.from_bytes(item.data[:4], "big") :], notes)
        elif item.kind == b"mime":
            note_xmp(item.data, notes)
        elif number in previews:
            notes.add("preview picture", "item")
        else:
            notes.add(
                "further picture" if item.kind in _CODED | _DERIVED else "unknown part", f"item {shown(item.kind)}"
            )


def _alone(meta: _Meta, wanted: list[int]) -> _Meta:
    """The wanted items under new numbers, 1 and so on, which the oldest forms of the boxes have room for."""
    new = {number: place for place, number in enumerate(wanted, start=1)}
    references = [
        (kind, new[source], [new[target] for target in targets])
        for kind, source, targets in meta.references
        if kind in (b"dimg", b"auxl", b"prem") and source in new and all(target in new for target in targets)
    ]
    items = {new[number]: meta.items[number] for number in wanted}
    return _Meta(new[meta.primary], items, meta.properties, references)


def _assembled(brands: bytes, meta: _Meta, notes: Notes) -> bytes:
    properties: dict[tuple[bytes, bytes], int] = {}
    associations, infos, places, idat, mdat = b"", b"", [], b"", b""
    for number, item in meta.items.items():
        links, filtered = _links(meta, number, properties, notes)
        associations += struct.pack(">HB", number, len(links)) + b"".join(struct.pack(">H", link) for link in links)
        infos += made(b"infe", bytes((2, 0, 0, item.hidden)) + struct.pack(">HH4sB", number, 0, item.kind, 0))
        content = filtered(item.data)
        if not content:  # a length of 0 would stand for all that follows
            raise Broken("a part of the picture is empty")
        places.append((number, item.kind in _DERIVED, len(idat if item.kind in _DERIVED else mdat), len(content)))
        if item.kind in _DERIVED:
            idat += content
        else:
            mdat += content
    boxes_before = [
        made(b"hdlr", bytes(8) + b"pict" + bytes(13)),
        made(b"pitm", struct.pack(">IH", 0, meta.primary)),
        made(b"iinf", struct.pack(">IH", 0, len(meta.items)) + infos),
        *_references(meta),
        made(b"iprp", made(b"ipco", b"".join(made(*one) for one in properties)) + _ipma(associations, len(meta.items))),
        *([made(b"idat", idat)] if idat else []),
    ]
    known = [brands[place : place + 4] for place in range(8, len(brands), 4)]
    ftyp = made(b"ftyp", brands[:4] + bytes(4) + b"".join(brand for brand in known if brand in _BRANDS))
    size = len(ftyp) + 12 + sum(map(len, boxes_before)) + len(_iloc(places, 0)) + 8
    meta_box = made(b"meta", bytes(4) + b"".join(boxes_before) + _iloc(places, size))
    return ftyp + meta_box + made(b"mdat", mdat)


def _links(
    meta: _Meta, number: int, properties: dict[tuple[bytes, bytes], int], notes: Notes
) -> tuple[list[int], units.Plain]:
    """Numbers of the properties of an item, each marked if it is essential; and what its coded bytes go through."""
    links: list[int] = []
    filtered: units.Plain = _same
    for essential, kind, body in _properties_of(meta, number):
        if kind not in _PROPERTIES:
            if essential:
                raise OnlyAnew(f"its picture needs the property {shown(kind)}")
            notes.add("unknown part", f"property {shown(kind)}")
            continue
        if kind == b"colr" and body[:4] in (b"prof", b"rICC"):
            plain = plain_profile(body[4:])
            if plain is None:
                notes.add("unknown part", "ICC")
                continue
            notes.keep_profile(body[4:], plain)
            body = b"prof" + plain
        elif kind == b"hvcC":
            length, body = units.hvcc(body, notes)
            filtered = units.hevc_picture(length, notes)
        elif kind == b"av1C":
            body = body[:4] + units.av1(body[4:], notes)
            filtered = units.av1_picture(notes)
        if kind in _TURNS:
            notes.keep("orientation")
        links.append(properties.setdefault((kind, body), len(properties) + 1) | (0x8000 if essential else 0))
    return links, filtered


def _same(data: bytes) -> bytes:
    return data


def _references(meta: _Meta) -> list[bytes]:
    kept = b""
    for kind, source, targets in meta.references:
        kept += made(kind, struct.pack(f">HH{len(targets)}H", source, len(targets), *targets))
    return [made(b"iref", bytes(4) + kept)] if kept else []


def _ipma(associations: bytes, count: int) -> bytes:
    return made(b"ipma", struct.pack(">II", 1, count) + associations)


def _iloc(places: list[tuple[int, bool, int, int]], mdat: int) -> bytes:
    """`places`: number, whether in `idat`, where there or in `mdat` (whose content begins at `mdat`), and how long."""
    body = struct.pack(">IBBH", 1 << 24, 0x44, 0, len(places))
    for number, inside, start, length in places:
        body += struct.pack(">HHHHII", number, int(inside), 0, 1, start if inside else mdat + start, length)
    return made(b"iloc", body)
