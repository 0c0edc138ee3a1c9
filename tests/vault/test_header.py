"""The head of a clip: a kit of faults, two readers that must agree, and how little of a hostile file is read."""

import io
import json
from pathlib import Path

import header_faults
import make_header_vectors
import pytest
import second_reader
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from torture_clips import finder

from posture.errors import Damaged, UnsupportedVersion, VaultError, WrongKey
from posture.vault import header
from posture.vault.clip import open_clip
from posture.vault.hpke import new_secret, secret_of
from posture.vault.recipient import X25519, X_WING

STORED = json.loads((Path(__file__).resolve().parents[1] / "data" / "pclip_headers.json").read_text(encoding="utf-8"))
VECTORS = make_header_vectors.vectors(STORED)
PLAIN = bytes.fromhex(STORED["plain"])
SEEDS = {X25519: bytes.fromhex(STORED["parts"]["seed_x"]), X_WING: bytes.fromhex(STORED["parts"]["seed_w"])}
MINE = [secret_of(kem, seed) for kem, seed in SEEDS.items()]
ERRORS = {"damaged": Damaged, "wrong key": WrongKey, "unsupported": UnsupportedVersion}

each_vector = pytest.mark.parametrize(("result", "clip"), [pytest.param(*rest, id=name) for name, *rest in VECTORS])


def test_the_kit_is_what_its_maker_makes_and_names_each_fault_once():
    assert list(header_faults.faults(STORED["parts"])) == VECTORS
    assert len({name for name, _, _ in VECTORS}) == len({clip for _, _, clip in VECTORS}) == len(VECTORS) >= 60


@each_vector
def test_each_fault_is_named_rightly(result, clip):
    if result == "valid":
        assert open_clip(io.BytesIO(clip), finder(*MINE)).read() == PLAIN
        return
    for recover in (False, True):
        file = io.BytesIO(clip)
        if recover and recoverable(clip):
            reader = open_clip(file, finder(*MINE), recover=True)
            assert reader.torn
            assert PLAIN.startswith(reader.read())
            continue
        with pytest.raises(ERRORS[result]) as caught:
            open_clip(file, finder(*MINE), recover=recover)
        assert type(caught.value) is ERRORS[result]


def recoverable(clip):
    """Whether the fault lies behind salt and commitment, so that an empty clip is what remains."""
    whole = next(content for name, _, content in VECTORS if name == "x25519")
    head_and_commitment = len(whole) - len(PLAIN) - 16
    return len(clip) >= head_and_commitment and clip[:head_and_commitment] == whole[:head_and_commitment]


@each_vector
def test_a_reader_that_shares_no_code_agrees(result, clip):
    answers = set()
    for kem, seed in SEEDS.items():
        try:
            answers.add(second_reader.read(clip, kem, seed))
        except (second_reader.Refused, InvalidTag, ValueError):
            continue
    assert answers == ({PLAIN} if result == "valid" else set())


class Counted(io.BytesIO):
    """Knows how far it was read, and fails where a reader asks for more than a head can have."""

    furthest = 0

    def read(self, size=-1, /):
        assert 0 <= size <= header.MOST_BYTES
        content = super().read(size)
        self.furthest = max(self.furthest, self.tell())
        return content


@pytest.mark.parametrize(
    ("fixed", "most"),
    [
        (b"PCLIP001" + b"\xff" * 24, 32),
        (b"PCLIP001" + (65537).to_bytes(4, "big") + b"\0\1\0\1" + bytes(16), 32),
        (b"PCLIP001" + (65536).to_bytes(4, "big") + b"\0\1\0\1" + bytes(16), 65536),
        (bytes(32), 32),
    ],
)
def test_a_hostile_file_costs_a_head_at_most(fixed, most):
    file = Counted(fixed + bytes(1 << 20))
    with pytest.raises(VaultError):
        header.read(file)
    assert file.furthest <= most


def test_only_one_key_is_tried():
    asked = []
    secret, others = new_secret(X25519), [new_secret(X25519) for _ in range(31)]
    raw = header.build([secret.recipient, *(other.recipient for other in others)], bytes(32), bytes(16))

    def find(key_id):
        asked.append(key_id)
        return secret

    assert header.parse(raw).key(find) == bytes(32)
    assert asked == [secret.recipient.key_id]


def test_a_secret_of_another_kind_is_passed_over():
    secret, wing = new_secret(X25519), new_secret(X_WING)
    raw = header.build([secret.recipient, wing.recipient], bytes(32), bytes(16))
    assert header.parse(raw).key(lambda key_id: wing) == bytes(32)


def test_other_recipients_get_the_same_key_and_the_old_ones_none():
    old, new, second = new_secret(X_WING), new_secret(X_WING), new_secret(X25519)
    key, clip_id = bytes(range(32)), bytes(range(16))
    raw = header.build([old.recipient], key, clip_id)
    other = header.parse(header.reslotted(raw, finder(old), [new.recipient, second.recipient]))
    assert other.clip_id == clip_id
    assert other.key(finder(new)) == other.key(finder(second)) == key
    with pytest.raises(WrongKey):
        other.key(finder(old))
    with pytest.raises(WrongKey):
        header.reslotted(raw, finder(new), [new.recipient])


def test_an_altered_head_is_not_wrapped_again():
    old = new_secret(X25519)
    raw = bytearray(header.build([old.recipient], bytes(32), bytes(16)))
    raw[-1] ^= 1
    with pytest.raises(Damaged):
        header.reslotted(bytes(raw), finder(old), [old.recipient])


@pytest.mark.parametrize("count", [0, 33])
def test_a_clip_has_1_to_32_recipients(count):
    with pytest.raises(ValueError, match="1 to 32"):
        header.build([new_secret(X25519).recipient for _ in range(count)], bytes(32), bytes(16))


def test_nobody_is_a_recipient_twice():
    recipient = new_secret(X25519).recipient
    with pytest.raises(ValueError, match="different"):
        header.build([recipient, recipient], bytes(32), bytes(16))


@pytest.mark.parametrize(("key", "clip_id"), [(bytes(31), bytes(16)), (bytes(32), bytes(15))])
def test_key_and_clip_id_have_their_length(key, clip_id):
    with pytest.raises(ValueError, match="16 bytes and a key 32"):
        header.build([new_secret(X25519).recipient], key, clip_id)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_refused_by_name(content, with_magic):
    with pytest.raises(VaultError):
        header.read(io.BytesIO(b"PCLIP001" * with_magic + content))
