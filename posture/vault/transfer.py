"""Keys for other computers: all of them under a passphrase, or the public ones for everybody to see.

A copy of the keys opens whatever they open, for as long as the copy is there: keeping one defeats the erasure of the
days whose keys are in it.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import msgspec

from posture.errors import Damaged, UnsupportedVersion, WrongKey
from posture.vault import keyfile
from posture.vault.hpke import Random, wrap
from posture.vault.keyfile import PASSPHRASE, Cost, KeyFile, NotOpened, Slot
from posture.vault.recipient import Recipient
from posture.vault.ring import HALF_BYTES, DayKey, Half, Other, OtherKey, Ring

COPY_VERSION = 1
SCHEMA = "posture.public-keys/1"
MOST_BYTES = 1 << 20
_FINGERPRINT_BYTES = 16


class Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys with both halves."""

    version: int
    keys: tuple[DayKey, ...]
    halves: tuple[Half, ...]
    """The sealed half of each."""


class _Public(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of public keys."""

    schema: str
    keys: Annotated[tuple[OtherKey, ...], msgspec.Meta(min_length=1, max_length=400)]


def packed(copy: Copy, passphrase: str, cost: Cost, random: Random = os.urandom) -> bytes:
    """A key file of its own with this copy in it."""
    file_key = random(keyfile.KEY_BYTES)
    slot = Slot.of_passphrase(file_key, passphrase, cost, random)
    return keyfile.built((slot,), file_key, msgspec.json.encode(copy), random)


def unpacked(data: bytes, passphrase: str, name: str) -> Copy:
    """The keys in the file `name`.

    Raises WrongKey for a wrong passphrase as for a file that was altered; UnsupportedVersion.
    """
    try:
        file = KeyFile.parse(data)
        slot = file.slot(PASSPHRASE)
        if slot is None:
            raise NotOpened
        content = file.opened(slot.file_key(slot.key_of(passphrase)))
        copy = msgspec.json.decode(content, type=Copy)
    except (NotOpened, msgspec.DecodeError) as exc:
        raise WrongKey(
            f"{name} does not open: the passphrase is wrong, or it is no copy of keys that `posture keys export` made"
        ) from exc
    if len(copy.keys) != len(copy.halves):
        raise WrongKey(f"{name} is no copy of keys that `posture keys export` made")
    return copy


def public_keys(ring: Ring, today: date) -> bytes:
    """The public keys from today on, for whoever is to encrypt for this vault too."""
    days = sorted({key.day for key in ring.keys if key.day >= today and key.until is None})
    current = [key for day in days if (key := ring.current(day))]
    keys = tuple(OtherKey(key.day, key.public, key.kem) for key in current)
    return msgspec.json.format(msgspec.json.encode(_Public(SCHEMA, keys)), indent=1) + b"\n"


@dataclass(frozen=True, slots=True)
class Shared:
    """Public keys that somebody handed over."""

    other: Other
    fingerprint: str
    """32 hex digits over all of it, to be compared by telephone: whoever altered the file could read everything."""


def shared(data: bytes, name: str, file: str) -> Shared:
    """The keys in a file that `public_keys` made, for the reader `name`. Raises Damaged, UnsupportedVersion."""
    try:
        public = msgspec.json.decode(data[:MOST_BYTES], type=_Public)
        for key in public.keys:
            wrap(Recipient(key.kem, key.public), bytes(HALF_BYTES), b"")
    except (msgspec.DecodeError, UnicodeDecodeError, Damaged) as exc:
        raise Damaged(f"{file} holds no public keys: take the file that `posture keys recovery share` wrote") from exc
    if public.schema != SCHEMA:
        raise UnsupportedVersion(f"{file} has the format {public.schema!r}, and this program reads {SCHEMA!r}")
    return Shared(Other(name, public.keys), fingerprint(public.keys))


def fingerprint(keys: tuple[OtherKey, ...]) -> str:
    """32 hex digits over the days and the keys."""
    content = json.dumps([[key.day.isoformat(), key.kem, key.public.hex()] for key in keys])
    return hashlib.sha256(content.encode()).digest()[:_FINGERPRINT_BYTES].hex()
