"""What is in an AVI file beside pictures and sound (Microsoft RIFF, OpenDML)."""

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from posture.privacy.scrub.found import Broken, Kind, Notes, shown
from posture.privacy.scrub.padding import only_zeros

_HEAD_BYTES = 16
"""Of padding: as long as what FFmpeg leaves there."""
_MOST_PARTS = 5_000_000

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


def note_avi(file: BinaryIO, notes: Notes) -> None:
    """Walk a whole file. Raises Broken."""
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
            if not _is_padding(file, start, end):
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
        elif (kind[:2].isdigit() and kind[2:] in (b"dc", b"db", b"wb", b"pc")) or kind[:2] == b"ix":
            continue
        elif kind != b"JUNK" or not _is_padding(file, start, end):
            notes.add("subtitles" if kind[2:] == b"tx" else "unknown part", f"chunk {shown(kind)}")


def _is_padding(file: BinaryIO, start: int, end: int) -> bool:
    """Zeros, or the place that FFmpeg keeps for an index it did not need."""
    head = min(end, start + _HEAD_BYTES)
    file.seek(start)
    return not any(_PLACE_OF_INDEX.sub(b"", file.read(head - start))) and only_zeros(file, head, end)


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
