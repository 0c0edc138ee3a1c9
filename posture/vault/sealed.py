"""Small records that are encrypted one by one: rows of a database, a file of a few numbers.

A stream has a random key, which is wrapped for its recipients as that of a clip is (`hpke.py`). Who writes needs no
secret, and the program that writes a stream can read it again for as long as it runs. Integers are big-endian.

    header   0   8   magic "PSEAL001"
             8   2   slots, 1 to 32
            10  16   stream id, random
            26       per slot: kem u16, length u16, key id 8, HPKE output (as in the header of a clip)

    blob     0   8   number of the record, counted from 0
             8       AES-256-GCM: the content, 0x80 and zeros up to a whole block of `BLOCK_BYTES`; then the tag, 16

    key  = HKDF-Expand-SHA512(wrapped key, "posture/sealed/v1" 0x00 stream id label, 32)
    nonce = the number, 12 bytes; a number is used once, and a stream that was closed is never taken up again
    associated data = what stands beside the blob in plain: the columns of its row

Whoever has the public key can write such a stream: a blob says that nobody altered it, not who wrote it.
"""

import os
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from posture.errors import Damaged, WrongKey
from posture.vault import hpke
from posture.vault.recipient import KEY_ID_BYTES, Recipient, Secrets

MAGIC: Final = b"PSEAL001"
ID_BYTES, KEY_BYTES, TAG_BYTES = 16, 32, 16
BLOCK_BYTES = 256
"""Contents are filled up to whole blocks, so that the length of a blob says little."""
MOST_SLOTS = 32
MOST_RECORDS = 1 << 32
"""Of one stream: far below where AES-GCM with counted nonces would have to stop (NIST SP 800-38D, 8.3)."""
_FIXED, _SLOT, _NUMBER = struct.Struct(f">8sH{ID_BYTES}s"), struct.Struct(f">HH{KEY_ID_BYTES}s"), struct.Struct(">Q")


class SealedStream:
    """A stream that is being written, by any thread. `header` is kept beside the blobs."""

    def __init__(self, header: bytes, cipher: AESGCM) -> None:
        """Made by `begin`."""
        self.header = header
        self._reader = Reader(cipher)
        self._cipher = cipher
        self._next = 0
        self._lock = threading.Lock()

    @classmethod
    def begin(
        cls, recipients: Sequence[Recipient], label: str, random: Callable[[int], bytes] = os.urandom
    ) -> "SealedStream":
        """A new stream for these recipients, 1 to 32; `label` is what it is for, and opening it names the same.

        `random`: gives that many random bytes; the HPKE output is random besides.
        """
        if not 1 <= len(recipients) <= MOST_SLOTS:
            raise ValueError(f"{len(recipients)} recipients: 1 to {MOST_SLOTS}")
        key, stream_id = random(KEY_BYTES), random(ID_BYTES)
        slots = [_slot(recipient, key, stream_id) for recipient in recipients]
        header = _FIXED.pack(MAGIC, len(slots), stream_id) + b"".join(slots)
        return cls(header, _cipher(key, stream_id, label))

    def seal(self, content: bytes, columns: bytes = b"") -> bytes:
        """A blob that opens with the same `columns` only. Calling it twice gives two different blobs."""
        with self._lock:
            number, self._next = self._next, self._next + 1
        if number >= MOST_RECORDS:
            raise OverflowError("the stream is full: begin another one")
        padded = content + b"\x80" + bytes(-(len(content) + 1) % BLOCK_BYTES)
        return _NUMBER.pack(number) + self._cipher.encrypt(_nonce(number), padded, columns)

    def open(self, blob: bytes, columns: bytes = b"") -> bytes:
        """What this stream sealed. Raises Damaged."""
        return self._reader.open(blob, columns)


class Reader:
    """Opens the blobs of one stream."""

    def __init__(self, cipher: AESGCM) -> None:
        """Made by `open_stream`."""
        self._cipher = cipher

    def open(self, blob: bytes, columns: bytes = b"") -> bytes:
        """The content. Raises Damaged where blob or columns are not those that were sealed."""
        try:
            (number,) = _NUMBER.unpack_from(blob)
            padded = self._cipher.decrypt(_nonce(number), blob[_NUMBER.size :], columns)
        except (struct.error, InvalidTag) as exc:
            raise Damaged("an encrypted record was altered or cut") from exc
        content, mark, _ = padded.rpartition(b"\x80")
        if not mark:
            raise Damaged("an encrypted record was altered or cut")
        return content


def open_stream(header: bytes, secrets: Secrets, label: str) -> Reader:
    """The stream of this header. Raises WrongKey where no secret at hand opens it, Damaged for no such header."""
    stream_id, slots = _parsed(header)
    for kem, key_id, wrapped in slots:
        secret = secrets(key_id)
        if secret is not None and secret.recipient.kem == kem:
            return Reader(_cipher(hpke.unwrap(secret, wrapped, stream_id), stream_id, label))
    raise WrongKey("no key at hand opens this: it is locked, or its day is over")


def key_ids(header: bytes) -> tuple[bytes, ...]:
    """For which keys the stream of this header is. Raises Damaged."""
    return tuple(key_id for _, key_id, _ in _parsed(header)[1])


def _slot(recipient: Recipient, key: bytes, stream_id: bytes) -> bytes:
    wrapped = hpke.wrap(recipient, key, stream_id)
    return _SLOT.pack(recipient.kem, len(wrapped), recipient.key_id) + wrapped


def _parsed(header: bytes) -> tuple[bytes, list[tuple[int, bytes, bytes]]]:
    """Stream id, and kem, key id and HPKE output of each slot."""
    try:
        magic, count, stream_id = _FIXED.unpack_from(header)
        slots = list(_slots(header, count))
    except struct.error as exc:
        raise Damaged("the beginning of an encrypted stream was altered or cut") from exc
    if magic != MAGIC or not 1 <= count <= MOST_SLOTS:
        raise Damaged("the beginning of an encrypted stream was altered or cut")
    return stream_id, slots


def _slots(header: bytes, count: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Raises struct.error where `header` does not end with the last slot."""
    at = _FIXED.size
    for _ in range(count):
        kem, length, key_id = _SLOT.unpack_from(header, at)
        at += _SLOT.size + length
        yield kem, key_id, header[at - length : at]
    if at != len(header):
        raise struct.error("the slots end elsewhere")


def _cipher(key: bytes, stream_id: bytes, label: str) -> AESGCM:
    info = b"posture/sealed/v1\0" + stream_id + label.encode()
    return AESGCM(HKDFExpand(SHA512(), KEY_BYTES, info).derive(key))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
