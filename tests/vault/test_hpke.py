"""Keys from seeds, and wrapping: after the drafts, checked by a second implementation and by public vectors."""

import json
from pathlib import Path

import pytest
import second_reader
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import Damaged, UnsupportedVersion, WrongKey
from posture.vault.hpke import WRAPPED_BYTES, new_secret, secret_of, unwrap, wrap
from posture.vault.recipient import X25519, X_WING, Recipient, Secret

X_WING_VECTOR = json.loads((Path(__file__).resolve().parents[1] / "data" / "x_wing.json").read_text(encoding="utf-8"))
# RFC 9180, appendix A.1.1: private and public key of the recipient, encapsulation, shared secret.
RFC_9180 = {
    "seed": "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
    "public": "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
    "encapsulation": "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
    "shared": "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
}
VECTORS = {X25519: RFC_9180, X_WING: X_WING_VECTOR}
KEY, CLIP_ID = bytes(range(32)), bytes(range(16))
both_kinds = pytest.mark.parametrize("kem", [X25519, X_WING])


@both_kinds
def test_a_seed_gives_the_public_key_of_the_specification(kem):
    assert secret_of(kem, bytes.fromhex(VECTORS[kem]["seed"])).recipient.public.hex() == VECTORS[kem]["public"]


@pytest.mark.parametrize(
    ("kem", "shared"), [(X25519, second_reader._x25519_shared), (X_WING, second_reader._x_wing_shared)]
)
def test_the_second_reader_decapsulates_as_the_specification(kem, shared):
    seed, encapsulation = (bytes.fromhex(VECTORS[kem][name]) for name in ("seed", "encapsulation"))
    assert shared(seed, encapsulation).hex() == VECTORS[kem]["shared"]


@both_kinds
def test_the_second_reader_unwraps_what_was_wrapped(kem):
    secret = new_secret(kem)
    wrapped = wrap(secret.recipient, KEY, CLIP_ID)
    assert len(wrapped) == WRAPPED_BYTES[kem]
    info = b"pclip/v1\0" + CLIP_ID + secret.recipient.key_id
    assert second_reader._unwrap(kem, secret.seed, wrapped, info) == unwrap(secret, wrapped, CLIP_ID) == KEY


@both_kinds
def test_a_key_comes_from_its_seed_and_from_nothing_else(kem):
    asked = []
    secret = new_secret(kem, lambda size: asked.append(size) or bytes(range(size)))
    assert asked == [32]
    assert secret_of(kem, bytes(range(32))).recipient == secret.recipient
    assert new_secret(kem).recipient != new_secret(kem).recipient


@both_kinds
def test_another_key_another_clip_and_altered_bytes_look_the_same(kem):
    secret, other = new_secret(kem), new_secret(kem)
    wrapped = wrap(secret.recipient, KEY, CLIP_ID)
    messages = set()
    for key, content, clip_id in (
        (Secret(secret.recipient, other.seed), wrapped, CLIP_ID),
        (secret, wrapped, bytes(16)),
        (secret, bytes(len(wrapped)), CLIP_ID),
        (secret, wrapped[:-1], CLIP_ID),
        (secret, b"", CLIP_ID),
    ):
        with pytest.raises(WrongKey) as caught:
            unwrap(key, content, clip_id)
        messages.add(str(caught.value))
    assert messages == {f"the key {secret.recipient.key_id.hex()} does not open this recording"}


@pytest.mark.parametrize(
    "recipient",
    [
        Recipient(X25519, b""),
        Recipient(X25519, bytes(31)),
        Recipient(X25519, bytes(32)),  # a point of low order: everybody would know the shared secret
        Recipient(X25519, b"\1" + bytes(31)),
        Recipient(X_WING, bytes(32)),
        Recipient(X_WING, b"\xff" * 1216),  # no ML-KEM key: coefficients beyond the modulus
        Recipient(X_WING, bytes(1217)),
    ],
)
def test_what_is_no_public_key_is_refused(recipient):
    with pytest.raises(Damaged, match=recipient.key_id.hex()):
        wrap(recipient, KEY, CLIP_ID)


def test_a_kind_of_the_future_is_refused():
    for act in (lambda: wrap(Recipient(0x0041, bytes(32)), KEY, CLIP_ID), lambda: new_secret(0x0041)):
        with pytest.raises(UnsupportedVersion, match="0x0041"):
            act()


def test_a_seed_of_another_length_is_refused():
    with pytest.raises(Damaged, match="31"):
        secret_of(X_WING, bytes(31))


def test_a_secret_is_never_printed():
    secret = new_secret(X25519, lambda size: b"\xab" * size)
    assert "ab" * 4 not in repr(secret).replace("\\x", "")
    assert "\\xab" not in repr(secret)


@given(st.binary(max_size=100))
def test_any_bytes_are_an_answer_and_no_crash(content):
    with pytest.raises(WrongKey):
        unwrap(SOME, content, CLIP_ID)


SOME = new_secret(X25519)
