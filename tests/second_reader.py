"""A second reader of clips, written from the docstring of `posture.vault` and from nothing else of the product.

It shares no code with the first one: HKDF, HPKE (RFC 9180) and X-Wing stand here in full, and the payload goes through
the Cobblestone-256 of the library. What both read alike is what the specification says.
"""

import hashlib
import hmac
import struct

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

X25519, X_WING = 0x0020, 0x647A


class Refused(Exception):
    """This reader does not take the clip."""


def read(clip: bytes, kem: int, seed: bytes) -> bytes:
    """The plaintext, for the secret `seed`. Raises Refused, and InvalidTag of the library."""
    public = _public(kem, seed)
    key_id = hashlib.sha256(b"pclip/v1 key\0" + struct.pack(">H", kem) + public).digest()[:8]
    clip_id, slots, head = _head(clip)
    wrapped = next((slot[2] for slot in slots if slot[:2] == (kem, key_id)), None)
    _require(wrapped is not None, "no slot")
    key = _unwrap(kem, seed, wrapped, b"pclip/v1\0" + clip_id + key_id)
    mac = hmac.digest(_expand("sha512", key, b"pclip/v1 header", 32), head[:-32], "sha256")
    _require(hmac.compare_digest(mac, head[-32:]), "MAC")
    decryptor = Cobblestone256Decryptor(key, b"pclip/v1\0" + clip_id)
    return decryptor.update(clip[len(head) :]) + decryptor.finalize()


def _head(clip: bytes) -> tuple[bytes, list[tuple[int, bytes, bytes]], bytes]:
    _require(len(clip) >= 32, "cut")
    magic, length, version, count, clip_id = struct.unpack(">8sIHH16s", clip[:32])
    _require(magic == b"PCLIP001" and version == 1, "format")
    _require(1 <= count <= 32 and 64 <= length <= 65536 and length <= len(clip), "range")
    slots, place = [], 32
    for _ in range(count):
        _require(place + 12 <= length - 32, "slot")
        kem, size, key_id = struct.unpack(">HH8s", clip[place : place + 12])
        place += 12 + size
        _require(place <= length - 32, "slot")
        _require(size == {X25519: 80, X_WING: 1168}.get(kem, size), "length of a slot")
        slots.append((kem, key_id, clip[place - size : place]))
    _require(place == length - 32, "slack")
    _require(len({key_id for _, key_id, _ in slots}) == count, "twice")
    return clip_id, slots, clip[:length]


def _require(holds: object, what: str) -> None:
    if not holds:
        raise Refused(what)


def _expand(name: str, key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, section 2.3."""
    out = block = b""
    for number in range(1, 256):
        if len(out) >= length:
            break
        block = hmac.digest(key, block + info + bytes([number]), name)
        out += block
    return out[:length]


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")


def _labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return _expand("sha256", prk, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, length)


def _unwrap(kem: int, seed: bytes, wrapped: bytes, info: bytes) -> bytes:
    """RFC 9180, sections 5.1 and 6.1: base mode, HKDF-SHA256 (1), AES-256-GCM (2)."""
    encapsulation, sealed = wrapped[:-48], wrapped[-48:]
    shared = (_x25519_shared if kem == X25519 else _x_wing_shared)(seed, encapsulation)
    suite = b"HPKE" + struct.pack(">HHH", kem, 1, 2)
    context = (
        b"\0" + _labeled_extract(suite, b"", b"psk_id_hash", b"") + _labeled_extract(suite, b"", b"info_hash", info)
    )
    secret = _labeled_extract(suite, shared, b"secret", b"")
    key = _labeled_expand(suite, secret, b"key", context, 32)
    nonce = _labeled_expand(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, sealed, b"")


def _x25519_shared(seed: bytes, encapsulation: bytes) -> bytes:
    """DHKEM(X25519, HKDF-SHA256), RFC 9180 section 4.1."""
    private = X25519PrivateKey.from_private_bytes(seed)
    dh = private.exchange(X25519PublicKey.from_public_bytes(encapsulation))
    suite = b"KEM" + struct.pack(">H", X25519)
    prk = _labeled_extract(suite, b"", b"eae_prk", dh)
    return _labeled_expand(suite, prk, b"shared_secret", encapsulation + private.public_key().public_bytes_raw(), 32)


def _x_wing_keys(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """draft-connolly-cfrg-xwing-kem, section 5.2."""
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def _x_wing_shared(seed: bytes, encapsulation: bytes) -> bytes:
    """Sections 5.3 and 5.5: SHA3-256 over both secrets, the X25519 ciphertext, its public key and the label."""
    mlkem, x25519 = _x_wing_keys(seed)
    first = mlkem.decapsulate(encapsulation[:1088])
    second = x25519.exchange(X25519PublicKey.from_public_bytes(encapsulation[1088:]))
    public = x25519.public_key().public_bytes_raw()
    return hashlib.sha3_256(first + second + encapsulation[1088:] + public + rb"\.//^\ ".strip()).digest()


def _public(kem: int, seed: bytes) -> bytes:
    if kem == X25519:
        return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return b"".join(key.public_key().public_bytes_raw() for key in _x_wing_keys(seed))
