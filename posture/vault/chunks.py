"""Cobblestone-256: a stream of AES-256-GCM chunks that can be written at its end and read anywhere.

Format after C2SP chunked-encryption (c2sp.org/chunked-encryption), with SHA-512 and AES-256-GCM: salt (24 bytes) ‖
commitment (32) ‖ chunks. Chunk k is sealed under the nonce `base nonce XOR k` without associated data. Each holds
16,384 bytes but the last, which is always shorter: where it is missing, the stream was cut.

The rule of the whole vault: a nonce never sees two plaintexts. A chunk is sealed once; what cannot be written is
written again as the same bytes, or the stream is given up. No stream is ever continued by another writer.
"""

import io
import os
from collections.abc import Callable, Iterable, Iterator
from hmac import compare_digest
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from posture.errors import Damaged

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

KEY_BYTES, SALT_BYTES, COMMITMENT_BYTES = 32, 24, 32
CHUNK_BYTES, TAG_BYTES = 16384, 16
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
PREAMBLE_BYTES = SALT_BYTES + COMMITMENT_BYTES
MOST_CHUNKS = 2**38
"""4 PiB, the limit of the specification."""

_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
_NONCE_BYTES = 12

ALTERED = "the recording was altered or cut; `posture recordings verify` says how much of it can be read"


class Stored(Protocol):
    """A file that is read anywhere; one read may bring less than was asked for."""

    def read(self, size: int, /) -> bytes | None:
        """At most `size` bytes, none at the end."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """As of every file."""


class _Sealer:
    """Key, base nonce and commitment of one stream."""

    def __init__(self, key: bytes, context: bytes, salt: bytes) -> None:
        if len(key) != KEY_BYTES or len(salt) != SALT_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes and a salt {SALT_BYTES}")
        hkdf = HKDFExpand(SHA512(), KEY_BYTES + _NONCE_BYTES + COMMITMENT_BYTES, _LABEL + salt + context)
        derived = hkdf.derive(key)
        self.aes = AESGCM(derived[:KEY_BYTES])
        self._base = int.from_bytes(derived[KEY_BYTES : KEY_BYTES + _NONCE_BYTES], "big")
        self.commitment = derived[KEY_BYTES + _NONCE_BYTES :]

    def nonce(self, number: int) -> bytes:
        return (self._base ^ number).to_bytes(_NONCE_BYTES, "big")


class ChunkWriter:
    """Seals what is added and hands it to `write`, which takes all of it or raises.

    After an error this writer takes nothing more: what was sealed and not written is lost with it.
    """

    def __init__(self, write: Callable[[bytes | memoryview], object], key: bytes, context: bytes, salt: bytes) -> None:
        """Writes salt and commitment. `salt` (24 bytes) is random, and used with this key for this stream only.

        What `write` gets is overwritten by the next call of `add` or `close`.
        """
        self._write = write
        self._sealer = _Sealer(key, context, salt)
        self._held = bytearray()
        self._room = bytearray()
        self._number = 0
        self._open = True
        write(salt + self._sealer.commitment)

    def add(self, *pieces: "ReadableBuffer") -> None:
        """Write every chunk that is full now, all of them in one call."""
        views = [memoryview(piece).cast("B") for piece in pieces]
        whole = (len(self._held) + sum(map(len, views))) // CHUNK_BYTES
        if self._number + whole >= MOST_CHUNKS:  # the short one comes behind them
            raise ValueError(f"a stream holds at most {MOST_CHUNKS} chunks")
        self._seal(self._full(views), whole * SEALED_BYTES)

    def close(self) -> None:
        """Write the short chunk that says that the stream is whole."""
        self._seal([self._held], len(self._held) + TAG_BYTES)
        self._open = False

    def _full(self, views: Iterable[memoryview]) -> Iterator[memoryview | bytearray]:
        """The chunks that are full; the rest is held."""
        for view in views:
            if self._held:
                missing = CHUNK_BYTES - len(self._held)
                self._held += view[:missing]
                view = view[missing:]
                if len(self._held) == CHUNK_BYTES:
                    yield self._held
                    self._held = bytearray()
            for start in range(0, len(view) - CHUNK_BYTES + 1, CHUNK_BYTES):
                yield view[start : start + CHUNK_BYTES]
            self._held += view[len(view) - len(view) % CHUNK_BYTES :]

    def _seal(self, chunks: Iterable[memoryview | bytearray], size: int) -> None:
        """Hand on the sealed chunks, `size` bytes."""
        if not self._open:
            raise ValueError("this stream is closed, or writing it failed")
        self._open = False
        if len(self._room) < size:
            self._room = bytearray(size)
        sealed, place = memoryview(self._room)[:size], 0
        for chunk in chunks:
            end = place + len(chunk) + TAG_BYTES
            self._sealer.aes.encrypt_into(self._sealer.nonce(self._number), chunk, None, sealed[place:end])
            self._number, place = self._number + 1, end
        if size:
            self._write(sealed)
        self._open = True


class ChunkReader(io.RawIOBase):
    """The plaintext of a stream, for reading anywhere; only bytes whose chunk is authentic ever come out.

    Opening checks the key, and the length by the last chunk. Every chunk is checked when it is read. With `recover`
    all chunks are checked first, and the stream ends before the first one that is not authentic; then `torn` is set.
    """

    def __init__(self, file: Stored, offset: int, key: bytes, context: bytes, *, recover: bool = False) -> None:
        """`file` is seekable and stays the caller's; the stream goes from `offset` to its end. Raises Damaged."""
        super().__init__()
        self._file, self._offset = file, offset
        length = file.seek(0, os.SEEK_END) - offset
        preamble = self._stored(0, PREAMBLE_BYTES)
        if len(key) != KEY_BYTES:
            raise Damaged(f"a key has {KEY_BYTES} bytes and not {len(key)}")
        self._sealer = _Sealer(key, context, preamble[:SALT_BYTES])
        if not compare_digest(self._sealer.commitment, preamble[SALT_BYTES:]):
            raise Damaged(ALTERED)
        self._whole, self._last_bytes = divmod(length - PREAMBLE_BYTES, SEALED_BYTES)
        self._place = 0
        self._number, self._chunk = -1, b""
        self.torn = False
        self.size = self._recovered() if recover else self._measured()

    def close(self) -> None:
        """Forget the plaintext and refuse further reads. The file stays open: it is the caller's."""
        self._number, self._chunk = -1, b""
        super().close()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Bytes before the next one."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of every file; a place behind the end is allowed and reads nothing."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self.size}.get(whence)
        if origin is None or origin + offset < 0:
            raise ValueError(f"cannot seek to {offset}, {whence}")
        self._place = origin + offset
        return self._place

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill `buffer` as far as the stream goes. Raises Damaged at the first chunk that is not authentic."""
        if self.closed:
            raise ValueError("read of a closed recording")
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self.size - self._place))
        filled = 0
        while filled < wanted:
            number, inside = divmod(self._place, CHUNK_BYTES)
            piece = self._opened(number)[inside : inside + wanted - filled]
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._place += len(piece)
        return filled

    def readall(self) -> bytes:
        """Everything from here on."""
        content = bytearray(max(0, self.size - self._place))
        self.readinto(content)
        return bytes(content)

    def _measured(self) -> int:
        """The size, which the last chunk proves."""
        return self._whole * CHUNK_BYTES + len(self._opened(self._whole))

    def _recovered(self) -> int:
        """The size up to the first chunk that is not authentic, or is missing."""
        size = 0
        try:
            for number in range(self._whole + 1):
                size += len(self._opened(number))
        except Damaged:
            self.torn = True
        return size

    def _opened(self, number: int) -> bytes:
        """The plaintext of a chunk. Raises Damaged."""
        if number != self._number:
            size = SEALED_BYTES if number < self._whole else self._last_bytes
            if size < TAG_BYTES or number >= MOST_CHUNKS:
                raise Damaged(ALTERED)
            stored = self._stored(PREAMBLE_BYTES + number * SEALED_BYTES, size)
            try:
                self._chunk = self._sealer.aes.decrypt(self._sealer.nonce(number), stored, None)
            except InvalidTag as exc:
                raise Damaged(ALTERED) from exc
            self._number = number
        return self._chunk

    def _stored(self, place: int, size: int) -> bytes:
        """`size` bytes of the file. Raises Damaged where it is shorter."""
        self._file.seek(self._offset + place)
        return read_exactly(self._file, size)


def read_exactly(file: Stored, size: int) -> bytes:
    """`size` bytes, over however many reads they come. Raises Damaged where the file ends before."""
    content = b""
    while len(content) < size:
        more = file.read(size - len(content))
        if not more:
            raise Damaged(ALTERED)
        content = content + more if content else more
    return content
