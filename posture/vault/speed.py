"""How fast this machine encrypts, and whether it does so in hardware."""

import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from posture.errors import VaultError
from posture.vault.chunks import CHUNK_BYTES, TAG_BYTES

HARDWARE_MB_S = 1000.0
"""Between what one core reaches at 16 KiB with AES instructions (measured: 6,450 MB/s) and without (277 MB/s)."""

_ROUNDS, _ROUND_S = 5, 0.008
"""The best of some short rounds: other programs that run take time from one, not from all."""

# NIST's test case 16 of AES-256-GCM (McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B).
_KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
_NONCE = bytes.fromhex("cafebabefacedbaddecaf888")
_PLAIN = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
)
_ADDITIONAL = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_SEALED = bytes.fromhex(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b"
)


@dataclass(frozen=True, slots=True)
class Speed:
    """What one thread reaches."""

    mb_per_s: float
    """AES-256-GCM over chunks of 16 KiB, in 10^6 bytes a second."""

    @property
    def hardware(self) -> bool:
        """Whether the processor has instructions for AES, judged by the speed."""
        return self.mb_per_s > HARDWARE_MB_S


def measured() -> Speed:
    """Encrypt a known text and compare, then measure for 0.04 s. Raises VaultError where the result is wrong."""
    if AESGCM(_KEY).encrypt(_NONCE, _PLAIN, _ADDITIONAL) != _SEALED:
        raise VaultError("AES-256-GCM gives a wrong result on this machine: nothing can be encrypted; install again")
    return Speed(max(_round() for _ in range(_ROUNDS)) / 1e6)


def _round() -> float:
    """Bytes a second."""
    aes, chunk, sealed = AESGCM(AESGCM.generate_key(256)), bytes(CHUNK_BYTES), bytearray(CHUNK_BYTES + TAG_BYTES)
    number, began_s = 0, time.perf_counter()
    while (taken_s := time.perf_counter() - began_s) < _ROUND_S:
        aes.encrypt_into(number.to_bytes(12, "big"), chunk, None, sealed)
        number += 1
    return number * CHUNK_BYTES / taken_s
