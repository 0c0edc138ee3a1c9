"""The head of a clip: for whom its key is wrapped, and a MAC over all of it. The package says where each byte lies."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest, digest

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from posture.errors import Damaged, UnsupportedVersion, WrongKey
from posture.vault.chunks import ALTERED, KEY_BYTES, Stored, read_exactly
from posture.vault.hpke import WRAPPED_BYTES, unwrap, wrap
from posture.vault.recipient import KEY_ID_BYTES, Recipient, Secrets

MAGIC, VERSION = b"PCLIP001", 1
MOST_BYTES, MOST_SLOTS = 65536, 32
CLIP_ID_BYTES, MAC_BYTES = 16, 32

_FIXED = struct.Struct(f">8sIHH{CLIP_ID_BYTES}s")
_SLOT = struct.Struct(f">HH{KEY_ID_BYTES}s")
_MAC_LABEL = b"pclip/v1 header"


@dataclass(frozen=True, slots=True)
class Slot:
    """The clip's key, wrapped for the recipient with this key id."""

    kem: int
    key_id: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A head that is well-formed; authentic only after `check`."""

    clip_id: bytes
    slots: tuple[Slot, ...]
    raw: bytes
    """All bytes, the MAC too: the payload begins at `len(raw)`."""

    def check(self, key: bytes) -> None:
        """Raise Damaged unless the head is what its writer, who knew `key`, wrote."""
        if not compare_digest(_mac(key, self.raw[:-MAC_BYTES]), self.raw[-MAC_BYTES:]):
            raise Damaged(ALTERED)

    def key(self, secrets: Secrets) -> bytes:
        """The clip's key (32 bytes), by the first slot that has a secret. Raises WrongKey, Damaged."""
        for slot in self.slots:
            secret = secrets(slot.key_id) if slot.kem in WRAPPED_BYTES else None
            if secret is None or secret.recipient.kem != slot.kem:
                continue
            key = unwrap(secret, slot.wrapped, self.clip_id)
            if len(key) != KEY_BYTES:
                raise Damaged(ALTERED)
            self.check(key)
            return key
        raise WrongKey("no key at hand opens this recording; unlock the vault, or its day's key was erased")


def context(clip_id: bytes) -> bytes:
    """What binds the payload to the head."""
    return b"pclip/v1\0" + clip_id


def build(recipients: Sequence[Recipient], key: bytes, clip_id: bytes) -> bytes:
    """The head of a new clip. Raises Damaged, UnsupportedVersion for a recipient that is no valid public key."""
    if not 1 <= len({recipient.key_id for recipient in recipients}) == len(recipients) <= MOST_SLOTS:
        raise ValueError(f"a clip has 1 to {MOST_SLOTS} different recipients")
    if len(clip_id) != CLIP_ID_BYTES or len(key) != KEY_BYTES:
        raise ValueError(f"a clip id has {CLIP_ID_BYTES} bytes and a key {KEY_BYTES}")
    slots = b"".join(_slot(recipient, wrap(recipient, key, clip_id)) for recipient in recipients)
    length = _FIXED.size + len(slots) + MAC_BYTES
    body = _FIXED.pack(MAGIC, length, VERSION, len(recipients), clip_id) + slots
    return body + _mac(key, body)


def read(file: Stored) -> Header:
    """The head at the beginning of `file`, of which at most 64 KiB are read. Raises Damaged, UnsupportedVersion."""
    file.seek(0)
    fixed = read_exactly(file, _FIXED.size)
    length = _checked_length(fixed)
    return parse(fixed + read_exactly(file, length - _FIXED.size))


def parse(raw: bytes) -> Header:
    """The head that is exactly `raw`. Raises Damaged, UnsupportedVersion."""
    if len(raw) < _FIXED.size or _checked_length(raw[: _FIXED.size]) != len(raw):
        raise Damaged(ALTERED)
    _, _, _, count, clip_id = _FIXED.unpack_from(raw)
    slots, place, end = [], _FIXED.size, len(raw) - MAC_BYTES
    for _ in range(count):
        slot, place = _slot_at(raw, place, end)
        slots.append(slot)
    if place != end or len({slot.key_id for slot in slots}) != count:
        raise Damaged(ALTERED)
    return Header(clip_id, tuple(slots), raw)


def reslotted(raw: bytes, secrets: Secrets, recipients: Sequence[Recipient]) -> bytes:
    """A head for other recipients over the same payload. Raises WrongKey, Damaged, UnsupportedVersion."""
    header = parse(raw)
    return build(recipients, header.key(secrets), header.clip_id)


def _checked_length(fixed: bytes) -> int:
    magic, length, version, count, _ = _FIXED.unpack(fixed)
    if magic != MAGIC:
        raise Damaged("this is no recording of this program, or its beginning was altered")
    if version > VERSION:
        raise UnsupportedVersion(f"the recording has format {version}, and this program reads {VERSION}: update it")
    least = _FIXED.size + count * _SLOT.size + MAC_BYTES
    if version != VERSION or not 1 <= count <= MOST_SLOTS or not least <= length <= MOST_BYTES:
        raise Damaged(ALTERED)
    return int(length)


def _slot(recipient: Recipient, wrapped: bytes) -> bytes:
    return _SLOT.pack(recipient.kem, len(wrapped), recipient.key_id) + wrapped


def _slot_at(raw: bytes, place: int, end: int) -> tuple[Slot, int]:
    """The slot at `place` and the place behind it. A kind that is not known yet may have any length."""
    start = place + _SLOT.size
    kem, size, key_id = _SLOT.unpack_from(raw, place)  # the MAC behind the slots is longer than these fields
    if start + size > end or WRAPPED_BYTES.get(kem, size) != size:
        raise Damaged(ALTERED)
    return Slot(kem, key_id, raw[start : start + size]), start + size


def _mac(key: bytes, body: bytes) -> bytes:
    return digest(HKDFExpand(SHA512(), MAC_BYTES, _MAC_LABEL).derive(key), body, "sha256")
