"""A clip: a video that is encrypted while it is written, fragment by fragment, and decrypted while it is read."""

import errno
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from posture.vault import boxes, header
from posture.vault.chunks import CHUNK_BYTES, KEY_BYTES, SALT_BYTES, ChunkReader, ChunkWriter, Stored
from posture.vault.hpke import Random
from posture.vault.recipient import Recipient, Secrets

SUFFIX = ".pclip"
ATTEMPTS = 2
"""How often the same bytes are written before a clip is given up."""


def synced(file: BinaryIO) -> None:
    """Wait until what was written is on the disk, not only on its way. Raises OSError."""
    descriptor = file.fileno()
    if sys.platform == "darwin":  # where fsync leaves it in the cache of the drive; not run
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
        except OSError as exc:
            if exc.errno not in (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY):  # a share does not know it
                raise
    getattr(os, "fdatasync", os.fsync)(descriptor)


@dataclass(frozen=True, slots=True)
class Closed:
    """What a whole clip is recognised by: length in bytes and SHA-256 of its payload.

    The payload is everything behind the head: that one changes when the clip is wrapped for other recipients.
    """

    length: int
    sha256: str


class ClipWriter:
    """Writes one clip, and nothing of it twice but the same bytes.

    It belongs to one thread and owns `file`: new, empty, opened for writing without a buffer and not for appending,
    seekable. Every error of the system (OSError) ends the clip: what was acknowledged before stays readable, and the
    next frames need a new clip.
    """

    def __init__(
        self,
        file: BinaryIO,
        recipients: Sequence[Recipient],
        *,
        random: Random = os.urandom,
        sync: Callable[[BinaryIO], object] = synced,
    ) -> None:
        """Writes the head. From the same `random` comes the same payload; the wrapping of keys is random all the same.

        Raises OSError; Damaged or UnsupportedVersion for a recipient that is no valid public key.
        """
        self.clip_id = random(header.CLIP_ID_BYTES)
        key, salt = random(KEY_BYTES), random(SALT_BYTES)
        self._file, self._sync = file, sync
        self._digest = hashlib.sha256()
        self._pending: list[bytes | memoryview] = []
        self._acknowledged = 0
        self._closed = False
        head = header.build(recipients, key, self.clip_id)
        self._head_bytes = len(head)
        self._pending.append(head)
        self._chunks = ChunkWriter(self._take, key, header.context(self.clip_id), salt)
        self._acknowledge()

    @property
    def length(self) -> int:
        """Bytes of the file that are acknowledged."""
        return self._acknowledged

    def fragment(self, data: bytes) -> None:
        """Write whole boxes: the head of the file (`ftyp`, `moov`), or one fragment (`uuid`?, `moof`, `mdat`).

        When it returns, all of it is on the disk. Blocks as long as the disk does. Raises OSError, and BoxError for
        what is no fragment of a clip; only after that one the clip goes on.
        """
        self._check_open()
        pieces = boxes.for_clip(data)
        self._acknowledge()  # what an interrupted call has left
        self._chunks.add(*pieces, boxes.padding(sum(map(len, pieces)), CHUNK_BYTES))
        self._acknowledge()

    def close(self) -> Closed:
        """Say that the clip is whole, and close the file. Raises OSError: then the clip ends as one that was cut."""
        self._check_open()
        self._acknowledge()
        self._chunks.close()
        self._acknowledge()
        self.abandon()  # whatever closing says: all of it is on the disk
        return Closed(self._acknowledged - self._head_bytes, self._digest.hexdigest())

    def abandon(self) -> None:
        """Close the file as it is: a clip that was cut, with all that was acknowledged. Harmless a second time."""
        self._closed = True
        with suppress(OSError):
            self._file.close()

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("this clip is closed, or was given up after a failed write")

    def _take(self, sealed: bytes | memoryview) -> None:
        self._pending.append(sealed)
        self._digest.update(sealed)

    def _acknowledge(self) -> None:
        """Bring the pending bytes to the disk, or give the clip up."""
        if not self._pending:
            return
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._write_pending()
            except OSError:
                if attempt == ATTEMPTS:
                    self.abandon()
                    raise
            else:
                break
        self._acknowledged += sum(map(len, self._pending))
        self._pending = []

    def _write_pending(self) -> None:
        """All pending bytes at their place. After a failed sync the system may have dropped them: they all go again."""
        self._file.seek(self._acknowledged)
        for piece in self._pending:
            rest = memoryview(piece)
            while rest:
                written = self._file.write(rest)
                if not written:  # 0, or None of a file that would block
                    raise OSError("the file takes no more bytes")
                rest = rest[written:]
        self._file.flush()
        self._sync(self._file)


class ClipReader(ChunkReader):
    """The MP4 file in a clip: a seekable raw file of `size` bytes, decrypted as it is read.

    `torn`: it was recovered, and ends with the last whole fragment before it was cut or altered.
    """

    def __init__(self, file: Stored, head: header.Header, key: bytes, *, recover: bool) -> None:
        """`head` was checked with `key`. `file` stays the caller's; one reader a file, one thread a reader."""
        self.clip_id = head.clip_id
        super().__init__(file, len(head.raw), key, header.context(head.clip_id), recover=recover)
        if self.torn:
            self.size = boxes.whole_end(self)
            self.seek(0)


def input_key(file: Stored, secrets: Secrets) -> bytes:
    """The key of this clip alone (32 bytes), for `open_with_key`. Raises WrongKey, Damaged, UnsupportedVersion."""
    return header.read(file).key(secrets)


def open_clip(file: Stored, secrets: Secrets, *, recover: bool = False) -> ClipReader:
    """Read a clip. Raises WrongKey, Damaged, UnsupportedVersion; reading raises Damaged where a chunk was altered.

    `recover` checks all of it first and opens what is authentic, see `ClipReader.torn`.
    """
    head = header.read(file)
    return ClipReader(file, head, head.key(secrets), recover=recover)


def open_with_key(file: Stored, key: bytes, *, recover: bool = False) -> ClipReader:
    """As `open_clip`, with the `input_key` of this clip instead of secrets that open others too."""
    head = header.read(file)
    head.check(key)
    return ClipReader(file, head, key, recover=recover)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clip turned out to be."""

    clip_id: bytes
    torn: bool
    """Cut or altered; a power cut and a crash look the same."""
    size: int
    """Bytes of video that can be read, up to the last whole fragment."""
    fragments: int
    closed: Closed
    """Length and hash of the payload as it is now, to compare with the entry of the audit log."""


def verify(file: Stored, secrets: Secrets) -> Verdict:
    """Check every chunk. Raises WrongKey, UnsupportedVersion, and Damaged where nothing can be read."""
    reader = open_clip(file, secrets, recover=True)
    fragments = sum(box.kind == b"mdat" for box in boxes.top_boxes(reader))
    head = header.read(file)
    file.seek(len(head.raw))
    digest, length = hashlib.sha256(), 0
    while piece := file.read(1 << 20):
        digest.update(piece)
        length += len(piece)
    return Verdict(reader.clip_id, reader.torn, reader.size, fragments, Closed(length, digest.hexdigest()))
