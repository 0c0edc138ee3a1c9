"""Results that never lie on a disk in plain: written in memory, encrypted for the keys of the vault, then stored.

    file   0   4   length of the header, big-endian
           4       header of a sealed stream (`vault.sealed`)
                   then pieces, each: length, 4, big-endian; blob, bound to its place and to whether it is the last one

Who writes needs public keys alone, so a locked vault takes results. They can be opened for as long as the keys of that
day are kept (`vault.keep_days`), as recordings can.
"""

import hashlib
import io
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from posture.errors import Damaged, SinkError
from posture.output import refuse_existing, whole_file
from posture.vault.recipient import Recipient, Secrets
from posture.vault.sealed import SealedStream, open_stream

SUFFIX = ".sealed"
PIECE_BYTES = 1 << 20
_LABEL = "posture result"
_LENGTH = struct.Struct(">I")
MOST_PIECE_BYTES = PIECE_BYTES + 4096


class Sealing:
    """Implements `analysis.Writing`: files that are encrypted for these recipients."""

    suffix = SUFFIX

    def __init__(self, recipients: Sequence[Recipient]) -> None:
        self._recipients = tuple(recipients)
        self.digests: dict[Path, tuple[str, int]] = {}
        """SHA-256 and size of what was written, before it was encrypted, by the file that holds it."""

    @contextmanager
    def open(self, path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
        """As `whole_file`. What is written is in memory until the block ends."""
        refuse_existing(path, overwrite=overwrite)
        content = io.BytesIO()
        yield content
        with whole_file(path, overwrite=overwrite, private=True) as out:
            out.write(sealed(content.getbuffer(), self._recipients))
        self.digests[path] = hashlib.sha256(content.getbuffer()).hexdigest(), len(content.getbuffer())


def sealed(content: bytes | memoryview, recipients: Sequence[Recipient]) -> bytes:
    """A whole file of `content`."""
    stream = SealedStream.begin(recipients, _LABEL)
    places = range(0, max(len(content), 1), PIECE_BYTES)
    parts = [_LENGTH.pack(len(stream.header)), stream.header]
    for place in places:
        blob = stream.seal(bytes(content[place : place + PIECE_BYTES]), _bound(place, last=place == places[-1]))
        parts += [_LENGTH.pack(len(blob)), blob]
    return b"".join(parts)


def opened(content: bytes, secrets: Secrets) -> bytes:
    """What was sealed. Raises WrongKey, or Damaged where anything is missing or altered."""
    file = io.BytesIO(content)
    reader = open_stream(_taken(file), secrets, _LABEL)
    parts: list[bytes] = []
    while True:
        last = file.tell() + _LENGTH.size + _ahead(file) >= len(content)
        parts.append(reader.open(_taken(file), _bound(len(parts) * PIECE_BYTES, last=last)))
        if last:
            return b"".join(parts)


def open_file(path: Path, secrets: Secrets) -> bytes:
    """What a sealed file holds. Raises VaultError, SinkError."""
    try:
        return opened(path.read_bytes(), secrets)
    except OSError as exc:
        raise SinkError(f"cannot read {path}: {exc.strerror}") from exc


def _bound(place: int, *, last: bool) -> bytes:
    return struct.pack(">Q?", place, last)


def _ahead(file: io.BytesIO) -> int:
    """Length of what comes next."""
    at = file.tell()
    head = file.read(_LENGTH.size)
    file.seek(at)
    if len(head) < _LENGTH.size or (length := int(_LENGTH.unpack(head)[0])) > MOST_PIECE_BYTES:
        raise Damaged("an encrypted result was altered or cut")
    return length


def _taken(file: io.BytesIO) -> bytes:
    length = _ahead(file)
    file.read(_LENGTH.size)
    content = file.read(length)
    if len(content) < length:
        raise Damaged("an encrypted result was altered or cut")
    return content
