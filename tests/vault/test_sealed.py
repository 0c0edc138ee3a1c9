import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import Damaged, WrongKey
from posture.vault import hpke
from posture.vault.recipient import X25519
from posture.vault.sealed import BLOCK_BYTES, MOST_RECORDS, TAG_BYTES, SealedStream, key_ids, open_stream

LABEL = "history"
MINE, OTHER = hpke.new_secret(), hpke.new_secret(X25519)  # one of each kind


def secrets(*known):
    by_id = {one.recipient.key_id: one for one in known}
    return by_id.get


def begun(*secrets):
    return SealedStream.begin([one.recipient for one in secrets or (MINE,)], LABEL)


@given(st.binary(max_size=2000), st.binary(max_size=40))
def test_what_was_sealed_comes_back_with_its_columns_and_no_others(content, columns):
    stream = begun()
    blob = stream.seal(content, columns)
    reader = open_stream(stream.header, secrets(MINE), LABEL)
    assert reader.open(blob, columns) == stream.open(blob, columns) == content
    with pytest.raises(Damaged):
        reader.open(blob, columns + b"x")


def test_each_recipient_opens_it_and_nobody_else():
    stream = begun(MINE, OTHER)
    blob = stream.seal(b"sat well")
    for known in (MINE, OTHER):
        assert open_stream(stream.header, secrets(known), LABEL).open(blob) == b"sat well"
    assert key_ids(stream.header) == (MINE.recipient.key_id, OTHER.recipient.key_id)
    with pytest.raises(WrongKey):
        open_stream(stream.header, secrets(hpke.new_secret()), LABEL)


def test_another_label_is_another_key():
    stream = begun()
    blob = stream.seal(b"sat well")
    with pytest.raises(Damaged):
        open_stream(stream.header, secrets(MINE), "catalogue").open(blob)


def test_no_nonce_is_used_twice_by_many_threads():
    stream = begun()
    blobs = []
    threads = [threading.Thread(target=lambda: blobs.extend(stream.seal(b"") for _ in range(200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int.from_bytes(blob[:8], "big") for blob in blobs) == list(range(1600))


def test_a_full_stream_seals_no_more():
    stream = begun()
    stream._next = MOST_RECORDS
    with pytest.raises(OverflowError, match="full"):
        stream.seal(b"")


def test_the_length_says_only_how_many_blocks():
    stream = begun()
    lengths = {len(stream.seal(bytes(size))) for size in range(BLOCK_BYTES)}
    assert lengths == {8 + BLOCK_BYTES + TAG_BYTES}
    assert len(stream.seal(bytes(BLOCK_BYTES))) == 8 + 2 * BLOCK_BYTES + TAG_BYTES


def test_every_flipped_bit_and_every_cut_of_a_blob_is_noticed():
    stream = begun()
    blob = stream.seal(b"slump")
    for bit in range(8 * len(blob)):
        altered = bytearray(blob)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            stream.open(bytes(altered))
    for length in range(len(blob)):
        with pytest.raises(Damaged):
            stream.open(blob[:length])


def test_every_flipped_bit_and_every_cut_of_a_header_is_noticed():
    stream = begun(OTHER)
    blob = stream.seal(b"slump")
    for bit in range(8 * len(stream.header)):
        altered = bytearray(stream.header)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises((Damaged, WrongKey)):
            open_stream(bytes(altered), secrets(OTHER), LABEL).open(blob)
    for length in range(len(stream.header)):
        with pytest.raises(Damaged):
            open_stream(stream.header[:length], secrets(OTHER), LABEL)
    with pytest.raises(Damaged):
        open_stream(stream.header + b"\0", secrets(OTHER), LABEL)


@given(st.binary(max_size=300))
def test_rubbish_is_no_stream_and_no_blob(content):
    with pytest.raises(Damaged):
        open_stream(content, secrets(OTHER), LABEL)
    with pytest.raises(Damaged):
        begun().open(content)


@pytest.mark.parametrize("count", [0, 33])
def test_a_stream_is_for_one_to_32(count):
    with pytest.raises(ValueError, match="1 to 32"):
        SealedStream.begin([MINE.recipient] * count, LABEL)
