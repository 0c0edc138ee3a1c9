"""What comes out of a clip: its video as a plain MP4, or its fragments for another clip."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from posture.audit.folder import sync_folder
from posture.errors import Damaged
from posture.output import translated, whole_file
from posture.vault import boxes, header
from posture.vault.chunks import PREAMBLE_BYTES, SEALED_BYTES, TAG_BYTES, Stored
from posture.vault.clip import SUFFIX, ClipReader, ClipWriter, Closed
from posture.vault.recipient import Recipient, Secrets

_PIECE_BYTES = 1 << 20
_LEFT_OUT = frozenset((b"free", b"uuid"))
_ADVICE = "free some space or check the permissions of its folder; the recording is as it was"


def plain_video(reader: ClipReader, out: BinaryIO) -> None:
    """The video alone, as an MP4 file without padding and pose track. Raises Damaged where nothing can be read."""
    _refuse_empty(reader)
    for box in boxes.top_boxes(reader):
        if box.kind not in _LEFT_OUT:
            _copy(reader, out, box.start, box.end)


def fragments(reader: ClipReader) -> Iterator[bytes]:
    """Whole fragments as `ClipWriter.fragment` takes them; the first is the head of the file. Holds one at a time."""
    whole = bytearray()
    for box in boxes.top_boxes(reader):
        if box.kind == b"free":
            continue
        reader.seek(box.start)
        whole += reader.read(box.end - box.start)
        if box.kind in (b"moov", b"mdat"):
            yield bytes(whole)
            whole.clear()


def copied(reader: ClipReader, folder: Path, recipients: Sequence[Recipient]) -> tuple[bytes, Path, Closed]:
    """A whole new clip of all that can be read: its clip id, where it is, and what it is recognised by.

    Raises Damaged where nothing can be read, SinkError where nothing can be written; then there is no new clip.
    """
    _refuse_empty(reader)
    path = folder / f"{os.urandom(8).hex()}{SUFFIX}"
    # The writer closes its own file; `out` is closed once all of it is on the disk.
    with (
        whole_file(path, advice=_ADVICE, private=True) as out,
        os.fdopen(os.dup(out.fileno()), "r+b", buffering=0) as file,
    ):
        writer = ClipWriter(file, recipients, sync=lambda _: None)
        for fragment in fragments(reader):
            writer.fragment(fragment)
        closed = writer.close()
    sync_folder(folder, _ADVICE)
    return writer.clip_id, path, closed


def rewrap(path: Path, secrets: Secrets, recipients: Sequence[Recipient]) -> None:
    """Encrypt a clip's key for other recipients, whole or not at all; its payload is copied as it is.

    Raises WrongKey, Damaged, UnsupportedVersion; SinkError, and then the clip is as it was.
    """
    try:
        with path.open("rb") as file:
            before = header.read(file)
            head = header.reslotted(before.raw, secrets, recipients)
            with whole_file(path, overwrite=True, advice=_ADVICE, private=True) as out:
                out.write(head)
                _copy(file, out, len(before.raw), file.seek(0, os.SEEK_END))
    except OSError as exc:
        raise translated(path, exc, _ADVICE) from exc
    sync_folder(path.parent, _ADVICE)


def is_finished(size_bytes: int, head_bytes: int) -> bool:
    """Whether a clip of this length ends with a short chunk: one that was closed does, one that was cut rarely."""
    return (size_bytes - head_bytes - PREAMBLE_BYTES) % SEALED_BYTES >= TAG_BYTES


def _refuse_empty(reader: ClipReader) -> None:
    if not any(box.kind == b"mdat" for box in boxes.top_boxes(reader)):
        raise Damaged("not one second of this recording can be read")


def _copy(file: Stored, out: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        piece = file.read(min(_PIECE_BYTES, end - start))
        if not piece:
            raise Damaged("the recording ends while it is read")
        out.write(piece)
        start += len(piece)
