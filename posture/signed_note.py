"""Signed notes: a text with Ed25519 signature lines under it, which a person can read, print and check elsewhere.

Format after C2SP signed-note (c2sp.org/signed-note): the text, an empty line, and for each signature a line
`— NAME BASE64(key id ‖ signature)`. A key has a name, without spaces and plus signs, and a key id: the first 4 bytes of
SHA-256(name ‖ newline ‖ 0x01 ‖ public key). Written down, a public key is `NAME+KEYID+BASE64(0x01 ‖ public key)` and a
private one `PRIVATE+KEY+NAME+KEYID+BASE64(0x01 ‖ seed)`.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NOTE_LIMIT_BYTES = 1 << 20
SIGNATURES_LIMIT = 100
_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_DASH = "\N{EM DASH} "
_PRIVATE = "PRIVATE+KEY+"


class NoteError(ValueError):
    """A note or key is malformed, or no trusted key signed the note. The message is for people."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A named Ed25519 public key (32 bytes)."""

    name: str
    raw: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.raw) != 32:
            raise NoteError("an Ed25519 public key has 32 bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `NAME+KEYID+BASE64`. Raises NoteError."""
        name, key_id, raw = _parts(text.strip())
        key = cls(name, raw)
        if key.key_id.hex() != key_id:
            raise NoteError(f"the key of {name} does not have the key id {key_id}: a character may be wrong")
        return key

    @property
    def key_id(self) -> bytes:
        """4 bytes by which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.raw)}"

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (64 bytes) over `text` is of this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """A named Ed25519 private key; `seed` is the secret (32 bytes)."""

    name: str
    seed: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.seed) != 32:
            raise NoteError("an Ed25519 private key has 32 bytes")

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new random key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `PRIVATE+KEY+NAME+KEYID+BASE64`. Raises NoteError, whose message never holds the key."""
        if not text.startswith(_PRIVATE):
            raise NoteError(f"a private key begins with {_PRIVATE}")
        name, key_id, seed = _parts(text.strip().removeprefix(_PRIVATE))
        key = cls(name, seed)
        if key.public.key_id.hex() != key_id:
            raise NoteError(f"the private key of {name} does not have the key id {key_id}")
        return key

    @property
    def public(self) -> PublicKey:
        """The key by which others check what this one signed."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        return PublicKey(self.name, key.public_key().public_bytes_raw())

    def secret_text(self) -> str:
        """The key written down: whoever reads it can sign."""
        return f"{_PRIVATE}{self.name}+{self.public.key_id.hex()}+{_base64(_ED25519 + self.seed)}"

    def sign(self, text: str) -> str:
        """`text`, which ends with a newline, as a note with one signature."""
        if not text.endswith("\n"):
            raise NoteError("the text of a note ends with a newline")
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n{_DASH}{self.name} {_base64(self.public.key_id + signature)}\n"


def opened(note: bytes, trusted: Iterable[PublicKey]) -> tuple[str, PublicKey]:
    """The text of a note and the first trusted key that signed it.

    Signatures of unknown keys are passed over; a wrong signature under the name and id of a trusted key is refused
    even where another one is right. Raises NoteError.
    """
    text, lines = _split(note)
    keys = {(key.name, key.key_id): key for key in trusted}
    signers = []
    for line in lines:
        name, blob = _signature(line)
        key = keys.get((name, blob[:_KEY_ID_BYTES]))
        if key is None:
            continue
        if not key.signed(text, blob[_KEY_ID_BYTES:]):
            raise NoteError(f"the signature of {name} is wrong: the text was changed after it was signed")
        signers.append(key)
    if not signers:
        names = ", ".join(_signature(line)[0] for line in lines)
        raise NoteError(f"signed by {names}, none of which is trusted here")
    return text, signers[0]


def _split(note: bytes) -> tuple[str, list[str]]:
    if len(note) > NOTE_LIMIT_BYTES:
        raise NoteError(f"a note has at most {NOTE_LIMIT_BYTES} bytes")
    try:
        content = note.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise NoteError("a note is UTF-8 text") from exc
    if any(character < " " and character != "\n" for character in content):
        raise NoteError("a note holds no control characters")
    text, separator, signatures = content.rpartition("\n\n")
    lines = signatures.split("\n")
    if not separator or lines.pop() != "" or not lines:
        raise NoteError("a note ends with an empty line and signature lines")
    if len(lines) > SIGNATURES_LIMIT:
        raise NoteError(f"a note has at most {SIGNATURES_LIMIT} signatures")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes]:
    """Name, and key id with signature, of one signature line."""
    name, _, blob = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not name:
        raise NoteError("a signature line begins with a dash and a name")
    raw = _unbase64(blob)
    if len(raw) <= _KEY_ID_BYTES:
        raise NoteError(f"the signature of {name} is too short")
    return name, raw


def _parts(text: str) -> tuple[str, str, bytes]:
    fields = text.split("+", 2)
    if len(fields) != 3:
        raise NoteError("a key is written NAME+KEYID+BASE64")
    name, key_id, blob = fields
    raw = _unbase64(blob)
    if raw[:1] != _ED25519:
        raise NoteError(f"the key of {name} is no Ed25519 key")
    return name, key_id, raw[1:]


def _check_name(name: str) -> None:
    if not name or "+" in name or not name.isprintable() or any(character.isspace() for character in name):
        raise NoteError("the name of a key is printable and holds neither spaces nor plus signs")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise NoteError("not base64") from exc
    if _base64(raw) != text:  # spare bits of the last character
        raise NoteError("not base64 in its one canonical form")
    return raw
