"""What is in a Matroska or WebM file beside pictures and sound (RFC 8794, RFC 9559), by the identifiers of elements."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from posture.privacy.scrub.found import Broken, Kind, Notes
from posture.privacy.scrub.padding import only_zeros

_CRC_BYTES = 4
_MOST_WORDS = 1 << 16
"""Of a text: longer ones are no name of a program and no language."""
_MOST_PARTS = 5_000_000

_EBML, _SEGMENT, _CLUSTER, _TAGS, _VOID, _CRC = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1254C367, 0xEC, 0xBF
_INFO, _TRACKS_ID, _ENTRY_ID, _GROUP, _SEEK_HEAD, _CUES = 0x1549A966, 0x1654AE6B, 0xAE, 0xA0, 0x114D9B74, 0x1C53BB6B
_SEEK, _CUE, _CUE_PLACE, _VIDEO, _AUDIO, _COLOUR = 0x4DBB, 0xBB, 0xB7, 0xE0, 0xE1, 0x55B0
_MASTERING, _PROJECTION = 0x55D0, 0x7670
# fmt: off
_MASTERS: dict[int, frozenset[int]] = {
    _EBML: frozenset((0x4286, 0x42F7, 0x42F2, 0x42F3, 0x4282, 0x4287, 0x4285)),
    _SEGMENT: frozenset((_SEEK_HEAD, _INFO, _TRACKS_ID, _CLUSTER, _CUES, _TAGS, 0xE7, 0xA3, _GROUP, 0xA7, 0xAB)),
    _SEEK_HEAD: frozenset((_SEEK,)),
    _SEEK: frozenset((0x53AB, 0x53AC)),
    _INFO: frozenset((0x2AD7B1, 0x4489, 0x4D80, 0x5741)),
    _TRACKS_ID: frozenset((_ENTRY_ID,)),
    _ENTRY_ID: frozenset((
        0xD7, 0x73C5, 0x83, 0xB9, 0x88, 0x55AA, 0x9C, 0x22B59C, 0x22B59D, 0x86, 0x63A2, 0x23E383, 0x56AA, 0x56BB,
        _VIDEO, _AUDIO, 0x6DE7, 0x6DF8, 0x55EE, 0x23314F, 0xAA,
    )),
    _VIDEO: frozenset((
        0xB0, 0xBA, 0x9A, 0x9D, 0x53B8, 0x53C0, 0x54AA, 0x54BB, 0x54CC, 0x54DD, 0x54B0, 0x54BA, 0x54B2, 0x54B3,
        0x2EB524, _COLOUR, _PROJECTION,
    )),
    _COLOUR: frozenset((*range(0x55B1, 0x55BE), _MASTERING)),
    _MASTERING: frozenset(range(0x55D1, 0x55DB)),
    _PROJECTION: frozenset(range(0x7671, 0x7676)),
    _AUDIO: frozenset((0xB5, 0x78B5, 0x9F, 0x6264)),
    _CUES: frozenset((_CUE,)),
    _CUE: frozenset((0xB3, _CUE_PLACE)),
    _CUE_PLACE: frozenset((0xF7, 0xF1, 0xF0, 0xB2, 0x5378, 0xEA)),
    _CLUSTER: frozenset((0xE7, 0xA3, _GROUP, 0xA7, 0xAB)),
    _GROUP: frozenset((0xA1, 0x9B, 0xFB, 0x75A2, 0x75A1)),
    _TAGS: frozenset((0x7373,)),
    0x7373: frozenset((0x63C0, 0x67C8)),
    0x63C0: frozenset((0x63C5,)),
    0x67C8: frozenset((0x45A3, 0x4487)),
}
# fmt: on
_MATROSKA_KINDS: dict[int, tuple[Kind, str]] = {
    0x1043A770: ("chapters", "chapters"),
    0x1941A469: ("attachment", "attachments"),
    0x4461: ("date", "header"),
    0x7BA9: ("name or text", "title"),
    0x536E: ("name or text", "track name"),
    0x7384: ("name or text", "file name"),
    0x73A4: ("unknown part", "unique numbers"),
    _VOID: ("unknown part", "filled padding"),
    _CRC: ("unknown part", "checksum"),
}
_APPS, _WRITERS = (0x4D80, 0x5741), (b"Lavf", b"none")
_LANGUAGE, _LANGUAGE_TAG, _NAME, _VALUE = 0x22B59C, 0x22B59D, 0x45A3, 0x4487


def note_matroska(file: BinaryIO, notes: Notes) -> None:
    """Walk a whole file. Raises Broken."""
    size = file.seek(0, os.SEEK_END)
    for number, start, end in _elements(file, 0, size):
        if number in (_EBML, _SEGMENT):
            _note_master(file, number, start, end, notes)
        elif not _is_empty(file, number, start, end):
            notes.add(*_MATROSKA_KINDS.get(number, ("bytes after the end", "after the segment")))


def _note_master(file: BinaryIO, parent: int, first: int, last: int, notes: Notes) -> None:
    """The elements inside one that holds others."""
    for number, start, end in _elements(file, first, last):
        if _is_empty(file, number, start, end):
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
            if _is_empty(file, number, start, end):
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


def _is_empty(file: BinaryIO, number: int, start: int, end: int) -> bool:
    """Whether it is padding of zeros, however long, or a checksum (RFC 8794, 11.3): nothing that says anything."""
    if number == _CRC:
        return end - start == _CRC_BYTES
    return number == _VOID and only_zeros(file, start, end)


def _bytes(file: BinaryIO, start: int, end: int) -> bytes:
    """A text; one that is too long to be looked at stands for a word that is not expected."""
    file.seek(start)
    return file.read(end - start) if end - start <= _MOST_WORDS else b"too long"


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
        number = int.from_bytes(head[:id_bytes], "big")
        raw = int.from_bytes(head[id_bytes : id_bytes + size_bytes], "big")
        unknown = raw == (1 << 7 * size_bytes + 1) - 1
        start = place + id_bytes + size_bytes
        # A cluster of unknown size (RFC 9559, 23.2) counts as empty: what it holds follows it as if beside it.
        stop = (start if number == _CLUSTER else end) if unknown else start + (raw & (1 << 7 * size_bytes) - 1)
        if stop > end:
            raise Broken("its elements are cut")
        yield number, start, stop
        place = stop
    raise Broken("too many elements")
