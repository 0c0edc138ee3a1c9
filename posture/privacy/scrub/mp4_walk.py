"""What is in an MP4 or MOV file beside pictures and sound (ISO/IEC 14496-12, QuickTime File Format)."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from posture.privacy.scrub.found import Broken, Kind, Notes, shown
from posture.privacy.scrub.padding import only_zeros
from posture.vault.boxes import Box, boxes

MOST_HEAD_BYTES = 256 << 20
"""Of the index of a video: some bytes a picture, so many hours."""
_MOST_PARTS = 5_000_000

_INSIDE: dict[bytes, frozenset[bytes]] = {
    b"moov": frozenset((b"mvhd", b"trak", b"mvex")),
    b"trak": frozenset((b"tkhd", b"edts", b"mdia")),
    b"edts": frozenset((b"elst",)),
    b"mdia": frozenset((b"mdhd", b"hdlr", b"minf")),
    b"minf": frozenset((b"vmhd", b"smhd", b"dinf", b"stbl", b"hdlr")),
    b"dinf": frozenset((b"dref",)),
    b"stbl": frozenset(
        (b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stco", b"co64", b"stss", b"sgpd", b"sbgp", b"sdtp")
    ),
    b"mvex": frozenset((b"trex", b"mehd")),
    b"moof": frozenset((b"mfhd", b"traf")),
    b"traf": frozenset((b"tfhd", b"tfdt", b"trun")),
}
_TOP = frozenset((b"ftyp", b"moov", b"moof", b"mdat", b"free", b"wide", b"skip", b"mfra", b"sidx", b"styp"))
_EMPTY = frozenset((b"free", b"wide", b"skip"))
_ENTRY = frozenset(
    (
        *(
            b"avcC",
            b"hvcC",
            b"av1C",
            b"vpcC",
            b"esds",
            b"d263",
            b"colr",
            b"pasp",
            b"btrt",
            b"fiel",
            b"clap",
            b"clli",
            b"mdcv",
        ),
        *(
            b"wave",
            b"chan",
            b"dOps",
            b"dac3",
            b"dec3",
            b"dfLa",
            b"alac",
            b"pcmC",
            b"chnl",
            b"glbl",
            b"samr",
            b"damr",
            b"SmDm",
        ),
        *(b"CoLL", b"SA3D", b"gama"),
    )
)
_VISUAL_BYTES, _COMPRESSOR = 78, slice(42, 74)
_UND = (0x55C4, 0, 0x7FFF)
_BOX_KINDS: dict[bytes, Kind] = {
    b"udta": "name or text",
    b"meta": "name or text",
    b"uuid": "unknown part",
    b"tref": "unknown part",
    b"prft": "date",
}
_TRACKS: dict[bytes, Kind] = {
    b"text": "subtitles",
    b"sbtl": "subtitles",
    b"subt": "subtitles",
    b"clcp": "subtitles",
    b"tmcd": "time code",
    b"meta": "telemetry",
    b"hint": "unknown part",
}


def note_mp4(file: BinaryIO, notes: Notes) -> None:
    """Walk a whole file. Raises Broken, BoxError."""
    for box in _top_boxes(file):
        if box.kind not in _TOP:
            notes.add(_BOX_KINDS.get(box.kind, "unknown part"), f"box {shown(box.kind)}")
        elif box.kind in _EMPTY and not only_zeros(file, box.body, box.end):
            notes.add("unknown part", f"box {shown(box.kind)}")
        elif box.kind == b"moov":
            _note_moov(_content(file, box), notes)
        elif box.kind == b"moof":
            _note_inside(_content(file, box), b"moof", notes)


def _top_boxes(file: BinaryIO) -> Iterator[Box]:
    size, place = file.seek(0, os.SEEK_END), 0
    for _ in range(_MOST_PARTS):
        if place >= size:
            return
        file.seek(place)
        head = file.read(16)
        if len(head) >= 8 and head[:4] == bytes(4):  # to the end of the file
            yield Box(head[4:8], place, place + 8, size)
            return
        large = head[:4] == b"\0\0\0\1"
        length = int.from_bytes(head[8:16] if large else head[:4], "big")
        if len(head) < 8 or length < (16 if large else 8) or place + length > size:
            raise Broken("its boxes are cut")
        yield Box(head[4:8], place, place + (16 if large else 8), place + length)
        place += length
    raise Broken("too many boxes")


def _content(file: BinaryIO, box: Box) -> bytes:
    if box.end - box.body > MOST_HEAD_BYTES:
        raise Broken(f"a box {shown(box.kind)} of {box.end - box.body} bytes")
    file.seek(box.body)
    return file.read(box.end - box.body)


def _note_inside(content: bytes, parent: bytes, notes: Notes) -> None:
    for box in boxes(content):
        if box.kind in _EMPTY and not any(content[box.body : box.end]):
            continue
        if box.kind not in _INSIDE[parent]:
            notes.add(_BOX_KINDS.get(box.kind, "unknown part"), f"box {shown(box.kind)}")
        elif box.kind in _INSIDE:
            _note_inside(content[box.body : box.end], box.kind, notes)


def _note_moov(moov: bytes, notes: Notes) -> None:
    for box in boxes(moov):
        content = moov[box.body : box.end]
        if box.kind == b"mvhd":
            _note_times(content, notes)
        elif box.kind == b"trak":
            _note_track(content, notes)
        elif box.kind == b"mvex":
            _note_inside(content, b"mvex", notes)
        elif box.kind not in _EMPTY or any(content):
            notes.add(_BOX_KINDS.get(box.kind, "unknown part"), f"box {shown(box.kind)}")


def _note_times(content: bytes, notes: Notes) -> None:
    if any(content[4 : 4 + (16 if content[:1] == b"\1" else 8)]):
        notes.add("date", "header")


def _note_track(trak: bytes, notes: Notes) -> None:
    """A track of pictures or sound is looked into; every other one goes as a whole."""
    parts = _parts(trak)
    media = _parts(parts.get(b"mdia", b""))
    handler = media.get(b"hdlr", b"")
    if (kind := handler[8:12]) not in (b"vide", b"soun"):
        notes.add(_TRACKS.get(kind, "unknown part"), f"track {shown(kind)}")
        return
    _note_inside(trak, b"trak", notes)
    _note_times(parts.get(b"tkhd", b""), notes)
    header = media.get(b"mdhd", b"")
    _note_times(header, notes)
    if int.from_bytes(header[-4:-2], "big") not in _UND:
        notes.add("name or text", "language")
    if handler[12:16].strip(b"\0") or handler[24:].strip(b"\0"):
        notes.add("name or text", "handler name")
    inner = _parts(media.get(b"minf", b""))
    if inner.get(b"hdlr", b"")[24:].strip(b"\0"):
        notes.add("name or text", "handler name")
    entries = _parts(inner.get(b"stbl", b"")).get(b"stsd", b"")[8:]
    for box in boxes(entries):
        _note_entry(kind, entries[box.body : box.end], notes)


def _note_entry(handler: bytes, entry: bytes, notes: Notes) -> None:
    if handler != b"vide":
        return
    if any(entry[_COMPRESSOR]):
        notes.add("text of the encoder", "encoder name")
    if any(entry[8 + 4 : 8 + 8]):
        notes.add("text of the encoder", "vendor")
    for box in boxes(entry[_VISUAL_BYTES:]) if len(entry) >= _VISUAL_BYTES + 8 else ():
        if box.kind not in _ENTRY:
            notes.add("unknown part", f"box {shown(box.kind)}")
        elif box.kind == b"colr" and entry[_VISUAL_BYTES + box.body :][:4] not in (b"nclx", b"nclc"):
            notes.add("text of a colour profile", "ICC")


def _parts(content: bytes) -> dict[bytes, bytes]:
    return {box.kind: content[box.body : box.end] for box in boxes(content)}
