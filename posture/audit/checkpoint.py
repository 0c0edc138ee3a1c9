"""A signed checkpoint: size and root of the tree of one month, three lines that a person can print and keep elsewhere.

Format after C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint) in a signed note: the origin, the size in decimal, the root
in base64. The origin is the name of the signing key and the month: `posture.audit/0123abcd/2026-11`.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Self

from posture.audit.tree import EMPTY_ROOT, HASH_BYTES
from posture.signed_note import NoteError, PrivateKey, PublicKey, opened

_SIZE = re.compile(r"0|[1-9][0-9]{0,14}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: the first `size` entries of `month` have this `root`."""

    log: str
    """The name of the log, which is the name of its key."""
    month: str
    size: int
    root: bytes

    @classmethod
    def empty(cls, log: str, month: str) -> Self:
        """Before the first entry of a month."""
        return cls(log, month, 0, EMPTY_ROOT)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the text of a note. Raises NoteError."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise NoteError("a checkpoint has three lines: origin, size and root")
        log, _, month = lines[0].rpartition("/")
        if not log or not _MONTH.fullmatch(month) or not _SIZE.fullmatch(lines[1]):
            raise NoteError("a checkpoint begins with its origin, which ends in a month, and its size")
        return cls(log, month, int(lines[1]), parse_hash(lines[2]))

    @classmethod
    def opened(cls, note: bytes, key: PublicKey) -> Self:
        """From a signed note that `key` signed. Raises NoteError, also for a checkpoint of another log."""
        checkpoint = cls.parse(opened(note, [key])[0])
        if checkpoint.log != key.name:
            raise NoteError(f"a checkpoint of another log, {checkpoint.log}")
        return checkpoint

    def signed(self, key: PrivateKey) -> bytes:
        """As a signed note."""
        root = base64.b64encode(self.root).decode()
        return key.sign(f"{self.log}/{self.month}\n{self.size}\n{root}\n").encode()


def parse_hash(text: str) -> bytes:
    """A hash from base64. Raises NoteError unless it has 32 bytes and is written in the one canonical form."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise NoteError("a hash is written in base64") from exc
    if len(found) != HASH_BYTES or base64.b64encode(found).decode() != text:
        raise NoteError(f"a hash is {HASH_BYTES} bytes in the canonical form of base64")
    return found
