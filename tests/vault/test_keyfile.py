import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import UnsupportedVersion
from posture.vault import keyfile
from posture.vault.keyfile import KEYRING, PASSPHRASE, Cost, KeyFile, NotOpened, Slot, built

CHEAP = Cost(memory_kib=8, iterations=1, lanes=1)
FILE_KEY, KEYRING_KEY, NAME = b"f" * 32, b"k" * 32, b"n" * 16
CONTENT = b"what the file is for"


def made(words="correct horse"):
    slots = (Slot.of_passphrase(FILE_KEY, words, CHEAP), Slot.of_keyring(FILE_KEY, NAME, KEYRING_KEY))
    return built(slots, FILE_KEY, CONTENT)


def opened(data, words="correct horse"):
    file = KeyFile.parse(data)
    slot = file.slot(PASSPHRASE)
    if slot is None:
        raise NotOpened
    return file.opened(slot.file_key(slot.key_of(words)))


def test_both_ways_lead_to_the_content():
    data = made()
    assert opened(data) == CONTENT
    slot = KeyFile.parse(data).slot(KEYRING)
    assert slot.about == NAME
    assert KeyFile.parse(data).opened(slot.file_key(KEYRING_KEY)) == CONTENT


def test_nothing_of_it_stands_in_plain():
    data = made()
    assert CONTENT not in data
    assert FILE_KEY not in data
    assert KEYRING_KEY not in data
    assert made() != made()  # other salts and nonces each time


@pytest.mark.parametrize("words", ["correct horsf", "", "correct horse ", "Correct horse", "\ud800", "x" * 5000])
def test_another_passphrase_opens_nothing(words):
    with pytest.raises(NotOpened):
        opened(made(), words)


def test_a_passphrase_is_the_same_from_every_keyboard():
    composed, apart = unicodedata.normalize("NFC", "Büro-Schlüssel"), unicodedata.normalize("NFD", "Büro-Schlüssel")
    assert composed != apart
    assert opened(made(apart), composed) == CONTENT


@pytest.mark.parametrize("mask", [0x80, 0x01])
def test_a_bit_flipped_in_any_byte_opens_nothing(mask):
    data = made()
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= mask
        with pytest.raises((NotOpened, UnsupportedVersion)):
            opened(bytes(altered))


def test_a_file_cut_anywhere_opens_nothing():
    data = made()
    for length in range(len(data)):
        with pytest.raises(NotOpened):
            opened(data[:length])
    with pytest.raises(NotOpened):
        opened(data + b"\0")


@given(st.binary(max_size=300))
def test_whatever_stands_in_the_file_is_refused_in_one_way(data):
    for content in (data, keyfile.MAGIC + data, keyfile.MAGIC + b"\0\1" + data):
        with pytest.raises((NotOpened, UnsupportedVersion)):
            opened(content)


def test_slots_of_one_kind_twice_are_refused():
    slot = Slot.of_passphrase(FILE_KEY, "correct horse", CHEAP)
    with pytest.raises(NotOpened):
        KeyFile.parse(built((slot, slot), FILE_KEY, CONTENT))


@pytest.mark.parametrize(
    ("cost", "allowed"),
    [
        (Cost(64 * 1024, 3, 4), True),
        (keyfile.DEFAULT_COST, True),
        (Cost(1 << 20, 10, 16), True),
        (Cost((1 << 20) + 1, 1, 1), False),
        (Cost(8, 11, 1), False),
        (Cost(8, 0, 1), False),
        (Cost(136, 1, 17), False),
        (Cost(8, 1, 0), False),
        (Cost(15, 1, 2), False),
        (Cost(2**32 - 1, 2**32 - 1, 2**32 - 1), False),
    ],
)
def test_a_file_may_not_ask_for_any_amount_of_work(cost, allowed):
    assert cost.bounded() is allowed
    if not allowed:
        numbers = (cost.memory_kib, cost.iterations, cost.lanes)
        about = b"".join(number.to_bytes(4, "big") for number in numbers) + bytes(16)
        with pytest.raises(NotOpened):
            Slot(PASSPHRASE, about, bytes(60)).key_of("correct horse")


def test_the_default_costs_what_rfc_9106_asks_for():
    assert keyfile.DEFAULT_COST.memory_kib >= 64 * 1024
    assert keyfile.DEFAULT_COST.iterations >= 3
    assert keyfile.DEFAULT_COST.bounded()


def test_argon2id_is_that_of_everybody_else():
    # From test.c of the reference implementation, P-H-C/phc-winner-argon2: version 0x13, t 2, m 2^16 KiB, p 1.
    expected = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
    assert Cost(1 << 16, 2, 1).key("password", b"somesalt").hex() == expected


def test_a_newer_version_is_said_to_be_one():
    data = made()
    with pytest.raises(UnsupportedVersion, match="version 2"):
        KeyFile.parse(data[:8] + b"\0\2" + data[10:])
