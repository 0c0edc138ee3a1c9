"""A clip's key, wrapped for one recipient: HPKE (RFC 9180), base mode, HKDF-SHA256, AES-256-GCM.

The library draws the randomness of each wrap itself, so two wraps of one key differ.
"""

import hashlib
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from posture.errors import Damaged, UnsupportedVersion, WrongKey
from posture.vault.recipient import SEED_BYTES, X25519, X_WING, Recipient, Secret

Random = Callable[[int], bytes]
"""So many random bytes; `os.urandom` but in tests."""

WRAPPED_BYTES = {X25519: 80, X_WING: 1168}
"""Length of a wrapped key of 32 bytes: encapsulation (32 or 1120), ciphertext (32), tag (16)."""

_SUITES = {
    X25519: hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
    X_WING: hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
}
_MLKEM_PUBLIC_BYTES, _MLKEM_SEED_BYTES, _X25519_BYTES = 1184, 64, 32
_LABEL = b"pclip/v1\0"


def new_secret(kem: int = X_WING, random: Random = os.urandom) -> Secret:
    """A new key pair, from 32 bytes of `random` and nothing else. Raises UnsupportedVersion for another kind of key."""
    return secret_of(kem, random(SEED_BYTES))


def secret_of(kem: int, seed: bytes) -> Secret:
    """The key pair of a seed of 32 bytes. Raises Damaged, UnsupportedVersion."""
    if len(seed) != SEED_BYTES:
        raise Damaged(f"the seed of a key has {SEED_BYTES} bytes and not {len(seed)}: the key file was altered")
    public = (key.public_key() for key in _private_parts(kem, seed))
    return Secret(Recipient(kem, b"".join(part.public_bytes_raw() for part in public)), seed)


def wrap(recipient: Recipient, key: bytes, clip_id: bytes) -> bytes:
    """`key` for `recipient` alone, bound to the clip: encapsulation ‖ ciphertext, see `WRAPPED_BYTES`.

    Raises Damaged where `recipient` is no valid public key, UnsupportedVersion for an unknown kind.
    """
    try:
        return _suite(recipient.kem).encrypt(key, _public(recipient), _info(recipient, clip_id))
    except ValueError as exc:  # a wrong length, or an X25519 point of low order
        raise Damaged(f"the public key {recipient.key_id.hex()} is not valid; make a new vault key") from exc


def unwrap(secret: Secret, wrapped: bytes, clip_id: bytes) -> bytes:
    """What `wrap` was given. Raises WrongKey: another key, another clip, or altered."""
    try:
        private = _private(secret)
        return _suite(secret.recipient.kem).decrypt(wrapped, private, _info(secret.recipient, clip_id))
    except (InvalidTag, ValueError) as exc:
        raise WrongKey(f"the key {secret.recipient.key_id.hex()} does not open this recording") from exc


def _info(recipient: Recipient, clip_id: bytes) -> bytes:
    return _LABEL + clip_id + recipient.key_id


def _suite(kem: int) -> hpke.Suite:
    if kem not in _SUITES:
        raise UnsupportedVersion(f"keys of kind {kem:#06x} need a newer version of the program")
    return _SUITES[kem]


def _public(recipient: Recipient) -> X25519PublicKey | hpke.MLKEM768X25519PublicKey:
    if recipient.kem == X25519:
        return X25519PublicKey.from_public_bytes(recipient.public)
    mlkem, x25519 = recipient.public[:_MLKEM_PUBLIC_BYTES], recipient.public[_MLKEM_PUBLIC_BYTES:]
    return hpke.MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(mlkem), X25519PublicKey.from_public_bytes(x25519)
    )


def _private(secret: Secret) -> X25519PrivateKey | hpke.MLKEM768X25519PrivateKey:
    *mlkem, x25519 = _private_parts(secret.recipient.kem, secret.seed)
    assert isinstance(x25519, X25519PrivateKey)
    return hpke.MLKEM768X25519PrivateKey(mlkem[0], x25519) if mlkem else x25519


def _private_parts(kem: int, seed: bytes) -> tuple[X25519PrivateKey] | tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """In the order of the public key. X-Wing: draft-connolly-cfrg-xwing-kem, expandDecapsulationKey."""
    _suite(kem)
    if kem == X25519:
        return (X25519PrivateKey.from_private_bytes(seed),)
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + _X25519_BYTES)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:]),
    )
