"""A key file: some content that opens with a passphrase, or with a key in the keyring of the system.

Integers are big-endian.

    0      8   magic "PKEYS001"
    8      2   version = 1 (unknown: refuse)
    10     2   slots, 1 or 2: the ways to open it
    12         per slot: kind u16, length u16, and then
               kind 1, passphrase: memory KiB u32, iterations u32, lanes u32, salt 16, nonce 12, wrapped file key 48
               kind 2, keyring: name of the key in the keyring 16, nonce 12, wrapped file key 48
    H     12   nonce
    H+12       the content, AES-256-GCM under the file key; associated data: bytes 0 to H-1

The file key is random. A slot wraps it with AES-256-GCM under Argon2id(passphrase in Unicode form NFC) or under the key
of the keyring; associated data: magic, version, kind and what stands before the nonce.
"""

import os
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from posture.errors import UnsupportedVersion, VaultError

MAGIC: Final = b"PKEYS001"
VERSION: Final = 1
PASSPHRASE, KEYRING = 1, 2
KEY_BYTES, NAME_BYTES, SALT_BYTES, NONCE_BYTES, TAG_BYTES = 32, 16, 16, 12, 16
MOST_BYTES = 1 << 20
"""A file that is larger is none of ours: a year of keys takes 50 KB."""

_FIXED, _SLOT, _COST = struct.Struct(">8sHH"), struct.Struct(">HH"), struct.Struct(f">III{SALT_BYTES}s")
_WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
_LENGTHS = {PASSPHRASE: _COST.size + _WRAPPED_BYTES, KEYRING: NAME_BYTES + _WRAPPED_BYTES}

Random = Callable[[int], bytes]
"""That many random bytes."""


class NotOpened(Exception):
    """The passphrase is wrong, or the file was altered or cut. Nobody can tell which, so neither does this program."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of a passphrase costs: parameters of Argon2id (RFC 9106)."""

    memory_kib: int
    iterations: int
    lanes: int

    def bounded(self) -> bool:
        """Whether a file may ask for it: who can alter the file must not be able to stop the machine."""
        lanes = 1 <= self.lanes <= 16
        return lanes and 1 <= self.iterations <= 10 and 8 * self.lanes <= self.memory_kib <= 1 << 20

    def key(self, passphrase: str, salt: bytes) -> bytes:
        """32 bytes. Raises VaultError where the memory is not there."""
        kdf = Argon2id(
            salt=salt, length=KEY_BYTES, iterations=self.iterations, lanes=self.lanes, memory_cost=self.memory_kib
        )
        try:
            return kdf.derive(unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass"))
        except MemoryError as exc:
            raise VaultError(
                f"checking a passphrase takes {self.memory_kib // 1024} MiB of memory, which this computer does not "
                "have free: close other programs and try again"
            ) from exc


DEFAULT_COST = Cost(memory_kib=256 * 1024, iterations=3, lanes=4)
"""0.6 to 0.7 s on two cores. RFC 9106, section 4, asks for at least 64 MiB with these other two."""


@dataclass(frozen=True, slots=True, repr=False)
class Slot:
    """One way to the file key."""

    kind: int
    about: bytes
    """Cost and salt, or the name in the keyring."""
    wrapped: bytes

    @classmethod
    def of_passphrase(cls, file_key: bytes, passphrase: str, cost: Cost, random: Random = os.urandom) -> "Slot":
        """A new one, with a new salt."""
        salt = random(SALT_BYTES)
        about = _COST.pack(cost.memory_kib, cost.iterations, cost.lanes, salt)
        return cls._sealed(PASSPHRASE, about, file_key, cost.key(passphrase, salt), random)

    @classmethod
    def of_keyring(cls, file_key: bytes, name: bytes, key: bytes, random: Random = os.urandom) -> "Slot":
        """`key` is what the keyring has under `name`."""
        return cls._sealed(KEYRING, name, file_key, key, random)

    @classmethod
    def _sealed(cls, kind: int, about: bytes, file_key: bytes, key: bytes, random: Random) -> "Slot":
        nonce = random(NONCE_BYTES)
        return cls(kind, about, nonce + AESGCM(key).encrypt(nonce, file_key, _bound(kind, about)))

    def file_key(self, key: bytes) -> bytes:
        """Raises NotOpened."""
        try:
            return AESGCM(key).decrypt(self.wrapped[:NONCE_BYTES], self.wrapped[NONCE_BYTES:], self._bound)
        except InvalidTag as exc:
            raise NotOpened from exc

    def key_of(self, passphrase: str) -> bytes:
        """What Argon2id makes of a passphrase with the parameters of this slot. Raises NotOpened if they are absurd."""
        *numbers, salt = _COST.unpack(self.about)
        cost = Cost(*numbers)
        if not cost.bounded():
            raise NotOpened
        return cost.key(passphrase, salt)

    @property
    def _bound(self) -> bytes:
        return _bound(self.kind, self.about)

    def pack(self) -> bytes:
        """As it stands in the file."""
        return _SLOT.pack(self.kind, len(self.about) + len(self.wrapped)) + self.about + self.wrapped


@dataclass(frozen=True, slots=True, repr=False)
class KeyFile:
    """A parsed file, still closed."""

    slots: tuple[Slot, ...]
    head: bytes
    body: bytes

    @classmethod
    def parse(cls, data: bytes) -> "KeyFile":
        """Raises NotOpened for what is no key file, UnsupportedVersion for what a newer program wrote."""
        try:
            magic, version, count = _FIXED.unpack_from(data)
            if magic != MAGIC or len(data) > MOST_BYTES:
                raise NotOpened
            if version != VERSION:
                raise UnsupportedVersion(f"version {version} of key files is newer than this program: update it")
            slots, at = [], _FIXED.size
            for _ in range(count if 1 <= count <= len(_LENGTHS) else 0):
                kind, length = _SLOT.unpack_from(data, at)
                at += _SLOT.size + length
                slots.append(_slot(kind, data[at - length : at]))
        except struct.error as exc:
            raise NotOpened from exc
        if len({slot.kind for slot in slots}) != count:
            raise NotOpened
        return cls(tuple(slots), data[:at], data[at:])

    def slot(self, kind: int) -> Slot | None:
        """The way of this kind, where there is one."""
        return next((slot for slot in self.slots if slot.kind == kind), None)

    def opened(self, file_key: bytes) -> bytes:
        """The content. Raises NotOpened."""
        try:
            return AESGCM(file_key).decrypt(self.body[:NONCE_BYTES], self.body[NONCE_BYTES:], self.head)
        except (InvalidTag, ValueError) as exc:
            raise NotOpened from exc


def built(slots: tuple[Slot, ...], file_key: bytes, content: bytes, random: Random = os.urandom) -> bytes:
    """The bytes of a key file. All of `slots` wrap `file_key`."""
    head = _FIXED.pack(MAGIC, VERSION, len(slots)) + b"".join(slot.pack() for slot in slots)
    nonce = random(NONCE_BYTES)
    return head + nonce + AESGCM(file_key).encrypt(nonce, content, head)


def _bound(kind: int, about: bytes) -> bytes:
    return _FIXED.pack(MAGIC, VERSION, kind) + about


def _slot(kind: int, data: bytes) -> Slot:
    if _LENGTHS.get(kind) != len(data):
        raise NotOpened
    return Slot(kind, data[:-_WRAPPED_BYTES], data[-_WRAPPED_BYTES:])
