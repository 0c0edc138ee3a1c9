"""The public vectors of Project Wycheproof, in each way in which Cobblestone-256 can be read and written."""

import hashlib
import io
import json
import zlib
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from posture.errors import Damaged
from posture.vault.chunks import CHUNK_BYTES, SALT_BYTES, ChunkReader, ChunkWriter

FOLDER = Path(__file__).resolve().parents[1] / "data" / "wycheproof"


def vectors(name):
    groups = json.loads((FOLDER / name).read_text(encoding="utf-8"))["testGroups"]
    return [pytest.param(test, id=f"{test['tcId']} {test['comment']}") for group in groups for test in group["tests"]]


COBBLESTONE = vectors("cobblestone256.json")
AES_GCM = vectors("aes_gcm_256.json")
each_stream = pytest.mark.parametrize("test", COBBLESTONE)


def test_none_is_missing():
    assert (len(COBBLESTONE), len(AES_GCM)) == (35, 66)


def opened(test, **how):
    stored = zlib.decompress(bytes.fromhex(test["ct"]))
    return ChunkReader(io.BytesIO(stored), 0, bytes.fromhex(test["key"]), bytes.fromhex(test["ctx"]), **how)


def is_message(content, test):
    return (len(content), hashlib.sha512(content).hexdigest()) == (test["msgLength"], test["msgSha512"])


@each_stream
def test_reading_from_the_beginning(test):
    if test["result"] == "valid":
        assert is_message(opened(test).read(), test)
        return
    content = b""
    with pytest.raises(Damaged):  # noqa: PT012 - opening may fail, or the read of any piece
        reader = opened(test)
        while piece := reader.read(5000):
            content += piece
    if "PartialPlaintext" in test["flags"]:
        assert len(content) <= test["msgLength"]
    else:
        assert content == b""


@each_stream
def test_the_last_chunk_proves_the_length(test):
    if test["result"] == "valid" or "ValidFinalChunk" in test["flags"]:
        assert opened(test).size % CHUNK_BYTES == opened(test).seek(0, io.SEEK_END) % CHUNK_BYTES
    else:
        with pytest.raises(Damaged):
            opened(test)


@each_stream
def test_reading_backwards(test):
    if test["result"] == "invalid":
        with pytest.raises(Damaged):
            backwards(opened(test))
    else:
        assert is_message(backwards(opened(test)), test)


def backwards(reader):
    content, place = b"", reader.size
    while place:
        size = min(place, 9999)
        place -= size
        reader.seek(place)
        content = reader.read(size) + content
    return content


@each_stream
def test_recovery_gives_the_longest_authentic_part(test):
    if "HeaderFailure" in test["flags"]:
        with pytest.raises(Damaged):
            opened(test, recover=True)
        return
    reader = opened(test, recover=True)
    assert reader.torn == (test["result"] == "invalid")
    if "msgLength" in test:
        assert is_message(reader.read(), test)
    else:
        assert reader.read() == b""


@pytest.mark.parametrize("test", [each for each in COBBLESTONE if each.values[0]["result"] == "valid"])
def test_writing_the_message_with_the_salt_gives_the_same_bytes(test):
    stored = zlib.decompress(bytes.fromhex(test["ct"]))
    message, out = opened(test).read(), bytearray()
    writer = ChunkWriter(out.extend, bytes.fromhex(test["key"]), bytes.fromhex(test["ctx"]), stored[:SALT_BYTES])
    writer.add(message[:7], message[7:20000])
    writer.add(message[20000:])
    writer.close()
    assert out == stored


@pytest.mark.parametrize("test", AES_GCM)
def test_aes_256_gcm(test):
    aes = AESGCM(bytes.fromhex(test["key"]))
    nonce, message, additional = (bytes.fromhex(test[name]) for name in ("iv", "msg", "aad"))
    sealed = bytes.fromhex(test["ct"] + test["tag"])
    if test["result"] == "valid":
        assert (aes.encrypt(nonce, message, additional), aes.decrypt(nonce, sealed, additional)) == (sealed, message)
    else:
        with pytest.raises(InvalidTag):
            aes.decrypt(nonce, sealed, additional)
