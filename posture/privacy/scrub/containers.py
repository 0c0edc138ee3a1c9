"""What is in a video file beside its pictures and its sound: MP4 and MOV, Matroska and WebM, AVI.

Each is walked by an allow-list of what FFmpeg needs to write, so a copy must have no finding at all, and the findings of
a source are what its copy will not have. The coded pictures are looked into by `units.py`, not here.
"""

import os
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from posture.privacy.scrub.found import Broken, Kind, Notes, shown
from posture.vault.boxes import Box, BoxError, boxes

_MOST_HEAD_BYTES = 256 << 20
"""Of the index of a video: some bytes a picture, so many hours."""
_MOST_PARTS = 5_000_000


def note_video(kind: str, file: BinaryIO, notes: Notes) -> None:
    """Walk a whole video file of this kind (`kinds.VIDEOS`). Raises Broken."""
    walk = {"mp4": _note_mp4, "mov": _note_mp4, "matroska": _note_matroska, "webm": _note_matroska, "avi": _note_avi}[
        kind
    ]
    try:
        walk(file, notes)
    except (BoxError, struct.error, IndexError) as exc:
        raise Broken("its parts are damaged or cut") from exc


# MP4 and MOV (ISO/IEC 14496-12, QuickTime File Format)
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
    )
    + (
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
    )
    + (b"CoLL", b"SA3D", b"gama")
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


def _note_mp4(file: BinaryIO, notes: Notes) -> None:
    for box in _top_boxes(file):
        if box.kind not in _TOP:
            notes.add(_BOX_KINDS.get(box.kind, "unknown part"), f"box {shown(box.kind)}")
        elif box.kind in _EMPTY and any(_content(file, box)):
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
    if box.end - box.body > _MOST_HEAD_BYTES:
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


# Matroska and WebM (RFC 9559): what may stand where, by the identifiers of elements.
_EBML, _SEGMENT, _CLUSTER, _TAGS, _VOID, _CRC = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1254C367, 0xEC, 0xBF
_INFO, _TRACKS_ID, _ENTRY_ID, _GROUP = 0x1549A966, 0x1654AE6B, 0xAE, 0xA0
_MASTERS: dict[int, frozenset[int]] = {
    _SEGMENT: frozenset((0x114D9B74, _INFO, _TRACKS_ID, _CLUSTER, 0x1C53BB6B, _TAGS)),
    _INFO: frozenset((0x2AD7B1, 0x4489, 0x4D80, 0x5741)),
    _TRACKS_ID: frozenset((_ENTRY_ID,)),
    _ENTRY_ID: frozenset(
        (0xD7, 0x73C5, 0x83, 0xB9, 0x88, 0x55AA, 0x9C, 0x22B59C, 0x22B59D, 0x86, 0x63A2, 0x23E383, 0x56AA, 0x56BB, 0xE0)
        + (0xE1, 0x6DE7, 0x6DF8, 0x55EE, 0x23314F, 0xAA)
    ),
    _CLUSTER: frozenset((0xE7, 0xA3, _GROUP, 0xA7, 0xAB)),
    _GROUP: frozenset((0xA1, 0x9B, 0xFB, 0x75A2, 0x75A1)),
    _TAGS: frozenset((0x7373,)),
    0x7373: frozenset((0x63C0, 0x67C8)),
    0x63C0: frozenset((0x63C5,)),
    0x67C8: frozenset((0x45A3, 0x4487)),
}
_MATROSKA_KINDS: dict[int, tuple[Kind, str]] = {
    0x1043A770: ("chapters", "chapters"),
    0x1941A469: ("attachment", "attachments"),
    0x4461: ("date", "header"),
    0x7BA9: ("name or text", "title"),
    0x536E: ("name or text", "track name"),
    0x7384: ("name or text", "file name"),
    0x73A4: ("unknown part", "unique numbers"),
}
_APPS, _WRITERS = (0x4D80, 0x5741), (b"Lavf", b"none")
_LANGUAGE, _LANGUAGE_TAG, _NAME, _VALUE = 0x22B59C, 0x22B59D, 0x45A3, 0x4487


def _note_matroska(file: BinaryIO, notes: Notes) -> None:
    size = file.seek(0, os.SEEK_END)
    for number, start, end in _elements(file, 0, size):
        if number == _SEGMENT:
            _note_master(file, _SEGMENT, start, end, notes)
        elif number != _EBML and not _is_void(file, number, start, end):
            notes.add("bytes after the end", "after the segment")


def _note_master(file: BinaryIO, parent: int, first: int, last: int, notes: Notes) -> None:
    """The elements inside one that holds others."""
    for number, start, end in _elements(file, first, last):
        if number == _CRC or _is_void(file, number, start, end):
            continue
        if number == _TAGS and _only_durations(file, start, end):
            continue
        if number not in _MASTERS[parent] or number == _TAGS:
            kind, place = _MATROSKA_KINDS.get(number, ("unknown part", f"element {number:X}"))
            notes.add("name or text" if number == _TAGS else kind, "tags" if number == _TAGS else place)
        elif number in _MASTERS:
            _note_master(file, number, start, end, notes)
        elif number in (*_APPS, _LANGUAGE, _LANGUAGE_TAG):
            _note_words(number, _bytes(file, start, end), notes)


def _note_words(number: int, value: bytes, notes: Notes) -> None:
    if number in _APPS and value not in _WRITERS:
        notes.add("text of the encoder", "writing application")
    if number in (_LANGUAGE, _LANGUAGE_TAG) and value.strip(b"\0") != b"und":
        notes.add("name or text", "language")


def _only_durations(file: BinaryIO, first: int, last: int) -> bool:
    """Whether all that the tags say is how long each track is; FFmpeg always writes that."""
    names: list[bytes] = []
    waiting = [(_TAGS, first, last)]
    while waiting:
        parent, begin, stop = waiting.pop()
        for number, start, end in _elements(file, begin, stop):
            if number == _CRC or _is_void(file, number, start, end):
                continue
            if number not in _MASTERS[parent]:
                return False
            if number in _MASTERS:
                waiting.append((number, start, end))
            elif number == _NAME:
                names.append(_bytes(file, start, end))
            elif number == _VALUE and _bytes(file, start, end).strip(b"0123456789:.\0"):
                return False
    return set(names) <= {b"DURATION"}


def _is_void(file: BinaryIO, number: int, start: int, end: int) -> bool:
    return number == _VOID and (end - start > _MOST_HEAD_BYTES or not any(_bytes(file, start, end)))


def _bytes(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(min(end - start, _MOST_HEAD_BYTES))


def _elements(file: BinaryIO, place: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Identifier, beginning and end of the content (RFC 8794, 4 and 5). A size that is unknown reaches to the end."""
    for _ in range(_MOST_PARTS):
        if place >= end:
            return
        file.seek(place)
        head = file.read(12)
        if not head:
            return
        id_bytes = 9 - head[0].bit_length()
        if id_bytes > 4 or len(head) <= id_bytes:
            raise Broken("its elements are damaged")
        size_bytes = 9 - head[id_bytes].bit_length()
        if size_bytes > 8:
            raise Broken("its elements are damaged")
        raw = int.from_bytes(head[id_bytes : id_bytes + size_bytes], "big")
        unknown = raw == (1 << 7 * size_bytes + 1) - 1
        start = place + id_bytes + size_bytes
        stop = end if unknown else start + (raw & (1 << 7 * size_bytes) - 1)
        if stop > end:
            raise Broken("its elements are cut")
        yield int.from_bytes(head[:id_bytes], "big"), start, stop
        place = stop
    raise Broken("too many elements")


# AVI (Microsoft RIFF, OpenDML)
_LISTS: dict[bytes, frozenset[bytes]] = {
    b"AVI ": frozenset((b"hdrl", b"movi", b"idx1")),
    b"AVIX": frozenset((b"movi", b"idx1")),
    b"hdrl": frozenset((b"avih", b"strl", b"odml")),
    b"strl": frozenset((b"strh", b"strf", b"indx", b"vprp")),
    b"odml": frozenset((b"dmlh",)),
    b"rec ": frozenset(),
}
_AVI_KINDS: dict[bytes, tuple[Kind, str]] = {
    b"INFO": ("name or text", "list INFO"),
    b"IDIT": ("date", "chunk IDIT"),
    b"strn": ("name or text", "chunk strn"),
    b"strd": ("device", "chunk strd"),
}


def _note_avi(file: BinaryIO, notes: Notes) -> None:
    size = file.seek(0, os.SEEK_END)
    end = 0
    for kind, name, start, end in _riff(file, 0, size):
        if kind != b"RIFF":
            notes.add("bytes after the end", "after the video")
            break
        _note_list(file, name, start, end, notes)
    if end < size:
        notes.add("bytes after the end", "after the video")


def _note_list(file: BinaryIO, parent: bytes, first: int, last: int, notes: Notes) -> None:
    for kind, name, start, end in _riff(file, first, last):
        what = name if kind == b"LIST" else kind
        if kind == b"JUNK":
            if not _is_padding(_bytes(file, start, end)):
                notes.add("unknown part", "chunk JUNK")
        elif what == b"movi":
            _note_movi(file, start, end, notes)
        elif what not in _LISTS.get(parent, frozenset()):
            known, place = _AVI_KINDS.get(what, ("unknown part", f"chunk {shown(what)}"))
            notes.add(known, place)
        elif kind == b"LIST":
            _note_list(file, name, start, end, notes)


def _note_movi(file: BinaryIO, first: int, last: int, notes: Notes) -> None:
    """Chunks of pictures, sound and index: two digits and two letters."""
    for kind, _, start, end in _riff(file, first, last):
        if kind == b"LIST":
            _note_movi(file, start, end, notes)
        elif kind[:2].isdigit() and kind[2:] in (b"dc", b"db", b"wb", b"pc") or kind[:2] == b"ix":
            continue
        elif kind != b"JUNK" or not _is_padding(_bytes(file, start, end)):
            notes.add("subtitles" if kind[2:] == b"tx" else "unknown part", f"chunk {shown(kind)}")


def _is_padding(junk: bytes) -> bool:
    """Zeros, or the place that FFmpeg keeps for an index it did not need."""
    return not any(_PLACE_OF_INDEX.sub(b"", junk))


_PLACE_OF_INDEX = re.compile(rb"\A(?:\x04\0{7}[0-9]{2}(?:dc|db|wb)|odmldmlh\xf8\0\0\0|odmldmlh)")


def _riff(file: BinaryIO, place: int, end: int) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Kind, name of a list, and beginning and end of the content."""
    for _ in range(_MOST_PARTS):
        if place + 8 > end:
            return
        file.seek(place)
        head = file.read(12)
        kind, size = head[:4], int.from_bytes(head[4:8], "little")
        is_list = kind in (b"RIFF", b"LIST")
        stop = place + 8 + size
        if stop > end or (is_list and size < 4):
            raise Broken("its chunks are cut")
        yield kind, head[8:12] if is_list else b"", place + (12 if is_list else 8), stop
        place = stop + size % 2
    raise Broken("too many chunks")
