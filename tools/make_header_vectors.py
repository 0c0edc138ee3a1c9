"""Write or check `tests/data/pclip_headers.json`: heads of clips with one fault each, for this reader and any other.

    python tools/make_header_vectors.py --check   # are they what this program makes of the parts in the file?
    python tools/make_header_vectors.py           # write them again, from these parts
    python tools/make_header_vectors.py --new     # from new keys, wraps and payloads

It shares no code with the reader. Every head has the right MAC unless the MAC is its fault: so nothing but the check
that is named can refuse it. Results: `valid`, `damaged`, `wrong key`, `unsupported`.
"""

import argparse
import json
import os
import struct
import sys
import zlib
from hashlib import sha256, shake_256
from pathlib import Path
from typing import Any

from cryptography.cobblestone import Cobblestone256Encryptor
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from header_faults import X25519, X_WING, Fault, faults

VECTORS = Path(__file__).resolve().parents[1] / "tests" / "data" / "pclip_headers.json"
PLAIN = b"one short chunk of a clip"


def main() -> int:
    """Write or check; 1 where a check fails."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    options.add_argument("--new", action="store_true")
    asked = options.parse_args()
    stored = json.loads(VECTORS.read_text(encoding="utf-8"))
    parts = new_parts() if asked.new else stored["parts"]
    if asked.check:
        same = vectors(stored) == list(faults(parts))
        print(f"{VECTORS.name}: {'as this program makes it' if same else 'NOT what this program makes'}")
        return 0 if same else 1
    VECTORS.write_text(rendered(parts), encoding="utf-8")
    return 0


def vectors(stored: dict[str, Any]) -> list[Fault]:
    """Name, result and clip of each; compressed, the same clip may look different under another zlib."""
    return [(each["name"], each["result"], zlib.decompress(bytes.fromhex(each["clip"]))) for each in stored["vectors"]]


def rendered(parts: dict[str, str]) -> str:
    """The file, from its parts."""
    packed = [(name, result, zlib.compress(clip, 9).hex()) for name, result, clip in faults(parts)]
    vectors = [{"name": name, "result": result, "clip": clip} for name, result, clip in packed]
    about = "clip: zlib, then hex. parts: the keys of the reader (x, w), and what the clips are made of."
    return json.dumps({"about": about, "plain": PLAIN.hex(), "parts": parts, "vectors": vectors}, indent=1) + "\n"


def new_parts() -> dict[str, str]:
    """New keys, and everything that is random in a clip."""
    parts = {name: os.urandom(32) for name in ("seed_x", "seed_w", "seed_stranger", "key", "other_key")}
    parts |= {name: os.urandom(16) for name in ("clip_id", "other_clip_id")}
    wraps = {
        "x": (X25519, "seed_x", "key", "clip_id"),
        "w": (X_WING, "seed_w", "key", "clip_id"),
        "stranger": (X25519, "seed_stranger", "key", "clip_id"),
        "x_other_key": (X25519, "seed_x", "other_key", "clip_id"),
        "x_other_clip": (X25519, "seed_x", "key", "other_clip_id"),
        "x_zero_clip": (X25519, "seed_x", "key", "zero"),
    }
    zero = {"zero": bytes(16)}
    for name, (kem, seed, key, clip_id) in wraps.items():
        parts[f"wrap_{name}"] = wrapped(kem, parts[seed], parts[key], b"pclip/v1\0" + (parts | zero)[clip_id])
    parts["wrap_x_no_label"] = wrapped(X25519, parts["seed_x"], parts["key"], parts["clip_id"])
    parts |= {f"id_{name}": key_id(wraps[name][0], parts[wraps[name][1]]) for name in ("x", "w", "stranger")}
    parts["payload"] = payload(parts["key"], parts["clip_id"])
    parts["payload_other_clip"] = payload(parts["key"], parts["other_clip_id"])
    parts["payload_other_key"] = payload(parts["other_key"], parts["clip_id"])
    parts["payload_zero_clip"] = payload(parts["key"], bytes(16))
    return {name: value.hex() for name, value in parts.items()}


def payload(key: bytes, clip_id: bytes) -> bytes:
    """Cobblestone-256 over `PLAIN`."""
    encryptor = Cobblestone256Encryptor(key, b"pclip/v1\0" + clip_id)
    return encryptor.update(PLAIN) + encryptor.finalize()


def public(kem: int, seed: bytes) -> tuple[bytes, X25519PrivateKey | hpke.MLKEM768X25519PrivateKey]:
    """The public key as bytes, and the private one."""
    if kem == X25519:
        private = X25519PrivateKey.from_private_bytes(seed)
        return private.public_key().public_bytes_raw(), private
    expanded = shake_256(seed).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
    raw = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return raw, hpke.MLKEM768X25519PrivateKey(mlkem, x25519)


def key_id(kem: int, seed: bytes) -> bytes:
    """Of the key pair of `seed`."""
    return sha256(b"pclip/v1 key\0" + struct.pack(">H", kem) + public(kem, seed)[0]).digest()[:8]


def wrapped(kem: int, seed: bytes, key: bytes, info: bytes) -> bytes:
    """HPKE, with the key id behind `info`."""
    suite = {X25519: hpke.KEM.X25519, X_WING: hpke.KEM.MLKEM768_X25519}[kem]
    private = public(kem, seed)[1]
    return hpke.Suite(suite, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM).encrypt(
        key, private.public_key(), info + key_id(kem, seed)
    )


if __name__ == "__main__":
    sys.exit(main())
