"""A file of which nothing can be read without one secret: written at its end, read from its beginning.

    length   4   big-endian
    record       the header of a sealed stream (`sealed.py`), or a blob of the stream whose header came last

Each process that writes begins a stream of its own, because one that was closed is never taken up again. A blob is
bound to its place in the file. That nothing is missing at the end is for the reader to know, by a length that it keeps
elsewhere.
"""

import struct
from collections.abc import Sequence
from typing import BinaryIO

from posture.errors import Damaged
from posture.vault.recipient import Recipient, Secret, Secrets
from posture.vault.sealed import MAGIC, Reader, SealedStream, open_stream

_LENGTH, _PLACE = struct.Struct(">I"), struct.Struct(">Q")


class SealedFile:
    """As far as programs that keep messages need it a binary file; places are bytes of the file on the disk."""

    def __init__(self, file: BinaryIO, recipients: Sequence[Recipient], secrets: Secrets, label: str) -> None:
        """`file` is at its beginning. `recipients`: for whom it is written; who only reads has none.

        `secrets`: what opens it. `label`: what it is for; reading names the same.
        """
        self._file, self._recipients, self._secrets, self._label = file, recipients, secrets, label
        self._writer: SealedStream | None = None
        self._reader: Reader | None = None
        self._read_ahead = b""

    @classmethod
    def of(cls, file: BinaryIO, secret: Secret, label: str) -> "SealedFile":
        """One that the same secret writes and reads."""
        own = secret.recipient
        return cls(file, (own,), lambda key_id: secret if key_id == own.key_id else None, label)

    def write(self, content: bytes) -> None:
        """One record, at the place where the file is."""
        if self._writer is None:
            self._writer = SealedStream.begin(self._recipients, self._label)
            self._put(self._writer.header)
        self._put(self._writer.seal(content, _PLACE.pack(self._file.tell())))

    def read(self, size: int = -1) -> bytes:
        """Up to so much of what was written; all of it without a size. Raises Damaged, WrongKey."""
        while (size < 0 or len(self._read_ahead) < size) and self._read_record():
            pass
        end = len(self._read_ahead) if size < 0 else size
        taken, self._read_ahead = self._read_ahead[:end], self._read_ahead[end:]
        return taken

    def truncate(self, place: int) -> None:
        """Nothing is behind `place` any more."""
        self._file.truncate(place)

    def seek(self, place: int) -> None:
        """Go to the beginning of a stream, or to where one is to begin."""
        self._file.seek(place)
        self._writer, self._reader, self._read_ahead = None, None, b""

    def tell(self) -> int:
        """Where the file is, behind a whole record."""
        return self._file.tell()

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._file.flush()

    def fileno(self) -> int:
        """Of the file."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _put(self, record: bytes) -> None:
        self._file.write(_LENGTH.pack(len(record)) + record)

    def _read_record(self) -> bool:
        """Whether there was one."""
        place, record = self._file.tell(), first_record(self._file)
        if not record:
            return False
        if record.startswith(MAGIC):
            self._reader = open_stream(record, self._secrets, self._label)
        elif self._reader is None:
            raise Damaged("an encrypted file begins with something else")
        else:
            self._read_ahead += self._reader.open(record, _PLACE.pack(place))
        return True


def first_record(file: BinaryIO) -> bytes:
    """The record that begins where the file is: of a whole file the header of a stream. Empty at the end."""
    return file.read(int.from_bytes(file.read(_LENGTH.size), "big"))
