"""For whom something is encrypted, and who can read it.

A recipient is public: who only writes needs nothing else. Its secret is a seed of 32 bytes, for both kinds of keys.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

X25519 = 0x0020
"""DHKEM(X25519, HKDF-SHA256), RFC 9180 section 7.1."""
X_WING = 0x647A
"""ML-KEM-768 with X25519: holds against quantum computers as well, draft-connolly-cfrg-xwing-kem."""

KEY_ID_BYTES = 8
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key: `public` is 32 bytes for X25519 and 1216 for X-Wing (ML-KEM-768 key, then X25519 key)."""

    kem: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """8 bytes that name the key without saying whose it is: SHA-256 over a label, the kind and the public key."""
        return hashlib.sha256(b"pclip/v1 key\0" + self.kem.to_bytes(2, "big") + self.public).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What opens what was encrypted for `recipient`. Never printed: it has no `repr`."""

    recipient: Recipient
    seed: bytes


Secrets = Callable[[bytes], Secret | None]
"""The secret of a key id, where there is one."""
