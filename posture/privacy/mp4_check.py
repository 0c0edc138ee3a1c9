"""Does a video hold pictures and nothing else? The whole file is walked by an allow-list of boxes, fields and units.

What is not known to be needed is a finding: dates, names of programs and devices, places, sound, text, previews, user
data, bytes between the parts. Only pixels are not looked at, and the pose track of a clip is read for being one.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from posture.errors import VaultError
from posture.privacy import unit_check
from posture.vault import boxes, track
from posture.vault.boxes import Box, BoxError
from posture.vault.chunks import Stored, read_exactly

MOST_FINDINGS = 50
MOST_HEAD_BYTES, MOST_FRAGMENT_BYTES = 1 << 20, 1 << 28
"""Heads and fragments that are larger are not looked into, which is a finding."""

INSIDE: dict[bytes, frozenset[bytes]] = {
    b"moov": frozenset({b"mvhd", b"trak", b"mvex"}),
    b"trak": frozenset({b"tkhd", b"mdia"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"vmhd", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset({b"stsd", b"stts", b"stsc", b"stsz", b"stco"}),
    b"mvex": frozenset({b"trex", b"mehd"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun"}),
    b"avc1": frozenset({b"avcC", b"colr", b"pasp", b"btrt"}),
    b"hev1": frozenset({b"hvcC", b"colr", b"pasp", b"btrt"}),
    b"hvc1": frozenset({b"hvcC", b"colr", b"pasp", b"btrt"}),
    b"av01": frozenset({b"av1C", b"colr", b"pasp", b"btrt"}),
}
"""Which boxes may stand in which (ISO/IEC 14496-12)."""
BRANDS = frozenset({b"iso5", b"iso6", b"isom", b"mp41", b"mp42", b"avc1", b"av01", b"hvc1", b"cmfc", b"iso2"})
WORDS = re.compile(
    rb"lav[cf]|x26[45]|svt|nvenc|ffmpeg|options|core \d|mdir|appl|handler|opencv|posture|gps|\d{4}[-:]\d\d[-:]\d\d",
    re.I,
)
"""What must not be read anywhere beside the pictures."""
WORDS_OF_ENCODERS = re.compile(rb"x26[45] ?[-(]|lavc\d\d|libav|ffmpeg|nvenc|svt-av1|options:|copyleft", re.I)
"""The same in coded pictures, in which any three letters come up by chance."""

_SAMPLE_ENTRY_BYTES, _COMPRESSOR = 78, slice(42, 74)  # 12.1.3: fields before the boxes; the name of the encoder
_UND = 0x55C4  # language code "und"
_UPRIGHT = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_TABLES = (b"stts", b"stsc", b"stsz", b"stco")


def findings(file: Stored) -> list[str]:
    """What is in a video beside pictures, in words; nothing where it is plain. At most `MOST_FINDINGS`.

    Raises BoxError where the file is no MP4 at all.
    """
    first = next(boxes.top_boxes(file), None)
    if first is None or first.kind != b"ftyp":
        raise BoxError("this is no MP4 file")
    return list(dict.fromkeys(islice(_Walk(file).top(), MOST_FINDINGS)))


@dataclass
class _Walk:
    """What is known of the file while it is walked."""

    file: Stored
    tracks: int = 0
    sample: Callable[[bytes], Iterator[str]] | None = None
    """What looks into one coded picture."""
    fragment: "_Fragment | None" = None
    seen: list[bytes] = field(default_factory=list)

    def top(self) -> Iterator[str]:
        """The boxes at the top of the file."""
        try:
            for box in boxes.top_boxes(self.file):
                self.seen.append(box.kind)
                yield from self._top_box(box)
        except (BoxError, unit_check.NoUnits) as exc:
            yield str(exc)
        if self.tracks != 1:
            yield f"{self.tracks} tracks instead of one"

    def _top_box(self, box: Box) -> Iterator[str]:
        if box.kind not in boxes.TOP_KINDS:
            yield f"a box {_name(box.kind)}"
        elif box.kind == b"ftyp":
            yield from _brands(self._content(box))
        elif box.kind == b"free":
            yield from () if not any(self._content(box)) else ("a free box with something in it",)
        elif box.kind == b"uuid":
            yield from self._track(box)
        elif box.kind == b"moov":
            yield from self._head(self._content(box))
        elif box.kind == b"moof":
            moof = self._content(box)
            yield from _inside(moof, b"moof")
            yield from _words(moof)
            self.fragment = _fragment(moof, box)
        elif box.kind == b"mdat":
            yield from self._samples(box)

    def _content(self, box: Box) -> bytes:
        if box.end - box.body > (MOST_FRAGMENT_BYTES if box.kind in (b"mdat", b"free") else MOST_HEAD_BYTES):
            raise BoxError(f"a box {_name(box.kind)} of {box.end - box.body} bytes")
        self.file.seek(box.body)
        return read_exactly(self.file, box.end - box.body)

    def _track(self, box: Box) -> Iterator[str]:
        body = boxes.track(self.file, box)
        if body is None:
            yield "a box uuid that is no pose track"
            return
        try:
            track.decode(body, 0.0, 0)
        except VaultError:
            yield "a pose track that cannot be read"

    def _head(self, moov: bytes) -> Iterator[str]:
        """`moov`: one video track, without dates, names and tables."""
        yield from _inside(moov, b"moov")
        yield from _words(moov)
        for box in boxes.boxes(moov):
            content = moov[box.body : box.end]
            if box.kind == b"mvhd":
                yield from _times(b"mvhd", content)
            elif box.kind == b"trak":
                self.tracks += 1
                yield from self._trak(content)

    def _trak(self, trak: bytes) -> Iterator[str]:
        parts = _parts(trak)
        media = _parts(parts.get(b"mdia", b""))
        inner = _parts(media.get(b"minf", b""))
        tables = _parts(inner.get(b"stbl", b""))
        for kind, content in ((b"tkhd", parts.get(b"tkhd", b"")), (b"mdhd", media.get(b"mdhd", b""))):
            yield from _times(kind, content)
        if _UPRIGHT not in parts.get(b"tkhd", b""):
            yield "a picture that is to be turned"
        if int.from_bytes(media.get(b"mdhd", b"")[-4:-2], "big") != _UND:
            yield "a language"
        handler = media.get(b"hdlr", b"")
        if handler[8:12] != b"vide":
            yield "a track that is no video"
        if handler[12:].strip(b"\0"):
            yield "the name of a handler"
        if inner.get(b"dinf", b"")[-8:] != b"url \0\0\0\1":
            yield "pictures in another file"
        if any(any(tables.get(kind, b"")) for kind in _TABLES):
            yield "pictures outside of fragments"
        yield from self._entry(tables.get(b"stsd", b"")[8:])

    def _entry(self, entry: bytes) -> Iterator[str]:
        """How the pictures are coded."""
        found = list(boxes.boxes(entry))
        if len(found) != 1 or found[0].kind not in INSIDE or found[0].end - found[0].body < _SAMPLE_ENTRY_BYTES:
            yield "pictures that are not H.264, HEVC or AV1"
            return
        kind, content = found[0].kind, entry[found[0].body : found[0].end]
        if any(content[_COMPRESSOR]):
            yield "the name of an encoder"
        parts = _parts(content[_SAMPLE_ENTRY_BYTES:])
        yield from (f"a box {_name(one)} in {_name(kind)}" for one in parts if one not in INSIDE[kind])
        if not parts.get(b"colr", b"nclx").startswith(b"nclx"):
            yield "a colour profile"
        if kind == b"avc1":
            length_bytes, faults = unit_check.avc_configuration(parts.get(b"avcC", b""))
            self.sample = partial(unit_check.h264, length_bytes=length_bytes)
        elif kind == b"av01":
            faults = unit_check.av1_configuration(parts.get(b"av1C", b""))
            self.sample = unit_check.av1
        else:
            length_bytes, faults = unit_check.hevc_configuration(parts.get(b"hvcC", b""))
            self.sample = partial(unit_check.hevc, length_bytes=length_bytes)
        yield from faults

    def _samples(self, box: Box) -> Iterator[str]:
        """`mdat`: the samples of the fragment before it, and nothing between them."""
        fragment, self.fragment = self.fragment, None
        if fragment is None or self.sample is None:
            yield "pictures without a fragment"
            return
        data = self._content(box)
        if fragment.first != box.body or sum(fragment.sizes) != len(data):
            yield "bytes between the pictures"
        place = 0
        for size in fragment.sizes:
            yield from self.sample(data[place : place + size])
            place += size
        if found := WORDS_OF_ENCODERS.search(data):
            yield f"the words {found.group().decode('ascii')!r} in the pictures"


@dataclass(frozen=True)
class _Fragment:
    first: int
    """Where the first sample lies in the file."""
    sizes: list[int]


def _fragment(moof: bytes, box: Box) -> "_Fragment | None":
    """Samples of a fragment (8.8.7, 8.8.8); None where it does not say where they are."""
    traf = _parts(_parts(moof).get(b"traf", b""))
    head, run = traf.get(b"tfhd", b""), traf.get(b"trun", b"")
    try:
        flags, count = struct.unpack_from(">II", run)
        flags &= 0xFFFFFF
        if not flags & 0x1:
            return None
        (offset,) = struct.unpack_from(">i", run, 8)
        columns = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
        start = 12 + 4 * bool(flags & 0x4)
        if not flags & 0x200:
            return _Fragment(box.start + offset, [_size(head)] * min(count, MOST_FRAGMENT_BYTES))
        if len(run) - start != 4 * len(columns) * count:
            return None
        rows = struct.unpack(f">{len(columns) * count}I", run[start:])
        return _Fragment(box.start + offset, list(rows[columns.index(0x200) :: len(columns)]))
    except struct.error:
        return None


def _size(head: bytes) -> int:
    """Size of every sample (8.8.7)."""
    (flags,) = struct.unpack_from(">I", head)
    before = 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2) + 4 * bool(flags & 0x8)
    return int(struct.unpack_from(">I", head, before)[0]) if flags & 0x10 else 0


def _parts(content: bytes) -> dict[bytes, bytes]:
    """The boxes in a box by their kind; of several of a kind the last. `_inside` finds those."""
    return {box.kind: content[box.body : box.end] for box in boxes.boxes(content)}


def _inside(content: bytes, parent: bytes) -> Iterator[str]:
    """Boxes that must not be there, at any depth, and boxes that are there twice."""
    seen: set[bytes] = set()
    for box in boxes.boxes(content):
        if box.kind not in INSIDE[parent]:
            yield f"a box {_name(box.kind)} in {_name(parent)}"
        elif box.kind in INSIDE and box.kind not in seen:
            yield from _inside(content[box.body : box.end], box.kind)
        elif box.kind in seen and box.kind != b"trak":
            yield f"two boxes {_name(box.kind)} in {_name(parent)}"
        seen.add(box.kind)


def _brands(content: bytes) -> Iterator[str]:
    names = {content[:4], *(content[place : place + 4] for place in range(8, len(content), 4))}
    yield from (f"the brand {_name(name)}" for name in sorted(names - BRANDS))


def _times(kind: bytes, content: bytes) -> Iterator[str]:
    """Creation and modification time, of 32 or 64 bits each (8.2.2, 8.3.2, 8.4.2)."""
    if any(content[4 : 4 + (16 if content[:1] == b"\1" else 8)]):
        yield f"a date in {_name(kind)}"


def _words(content: bytes) -> Iterator[str]:
    if found := WORDS.search(content):
        yield f"the words {found.group().decode('latin1')!r}"


def _name(kind: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in kind)
