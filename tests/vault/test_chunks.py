"""The chunk stream: against the Cobblestone-256 of the library, at every edge, and with files that misbehave."""

import io

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import Damaged
from posture.vault import chunks
from posture.vault.chunks import CHUNK_BYTES, PREAMBLE_BYTES, SEALED_BYTES, ChunkReader, ChunkWriter, read_exactly

KEY, CONTEXT, SALT = bytes(range(32)), b"a context", bytes(range(24))
EDGES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES - 1]
lengths = st.one_of(st.sampled_from(EDGES), st.integers(0, 3 * CHUNK_BYTES))


def message(length):
    return bytes(number % 251 for number in range(length))


def sealed(content, *cuts):
    out = bytearray()
    writer = ChunkWriter(out.extend, KEY, CONTEXT, SALT)
    for start, end in zip((0, *cuts), (*cuts, len(content)), strict=True):
        writer.add(content[start:end])
    writer.close()
    return bytes(out)


def opened(stored, offset=0, **how):
    return ChunkReader(io.BytesIO(stored), offset, KEY, CONTEXT, **how)


@given(lengths, st.lists(st.integers(0, 3 * CHUNK_BYTES), max_size=4))
def test_the_library_reads_what_was_written_in_any_pieces(length, cuts):
    content = message(length)
    stored = sealed(content, *sorted(min(cut, length) for cut in cuts))
    decryptor = Cobblestone256Decryptor(KEY, CONTEXT)
    assert decryptor.update(stored) + decryptor.finalize() == content
    assert stored == sealed(content)


@given(lengths)
def test_what_the_library_wrote_is_read(length):
    content = message(length)
    encryptor = Cobblestone256Encryptor(KEY, CONTEXT)
    stored = encryptor.update(content) + encryptor.finalize()
    reader = opened(b"before" + stored, 6)
    assert (reader.size, reader.torn, reader.read()) == (length, False, content)


@given(st.data())
def test_it_reads_anywhere_as_a_file_does(data):
    content = message(data.draw(lengths))
    ours, plain = opened(sealed(content)), io.BytesIO(content)
    for _ in range(5):
        whence = data.draw(st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]))
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: plain.tell(), io.SEEK_END: len(content)}[whence]
        offset = data.draw(st.integers(-origin, 3 * CHUNK_BYTES))
        size = data.draw(st.one_of(st.just(-1), st.integers(0, 2 * CHUNK_BYTES)))
        assert ours.seek(offset, whence) == plain.seek(offset, whence)
        assert ours.read(size) == plain.read(size)
        assert ours.tell() == plain.tell()


def test_a_chunk_is_read_once_for_many_small_reads():
    file = io.BytesIO(sealed(message(20000)))
    reader, reads = ChunkReader(file, 0, KEY, CONTEXT), []
    reader._stored = lambda place, size, stored=reader._stored: reads.append(place) or stored(place, size)
    while reader.read(100):
        pass
    assert reads == [PREAMBLE_BYTES, PREAMBLE_BYTES + SEALED_BYTES]


def test_it_can_be_buffered():
    content = message(50000)
    with io.BufferedReader(opened(sealed(content))) as reader:
        assert (reader.read(3), reader.read()) == (content[:3], content[3:])


@pytest.mark.parametrize(("offset", "whence"), [(-1, io.SEEK_SET), (-11, io.SEEK_END), (-1, io.SEEK_CUR), (0, 3)])
def test_a_place_that_is_none_is_refused(offset, whence):
    reader = opened(sealed(message(10)))
    with pytest.raises(ValueError, match="cannot seek"):
        reader.seek(offset, whence)
    assert reader.tell() == 0


def test_a_closed_reader_forgets_and_leaves_the_file_open():
    file = io.BytesIO(sealed(message(10)))
    reader = ChunkReader(file, 0, KEY, CONTEXT)
    reader.read()
    reader.close()
    assert (reader._chunk, file.closed) == (b"", False)
    with pytest.raises(ValueError, match="closed"):
        reader.read()


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(key):
    with pytest.raises(Damaged):
        ChunkReader(io.BytesIO(sealed(b"")), 0, key, CONTEXT)
    with pytest.raises(ValueError, match="32"):
        ChunkWriter(bytearray().extend, key, CONTEXT, SALT)


def test_nothing_comes_out_of_a_chunk_that_is_not_authentic():
    stored = bytearray(sealed(message(40000)))
    stored[PREAMBLE_BYTES + SEALED_BYTES] ^= 1
    reader = opened(bytes(stored))
    assert reader.read(CHUNK_BYTES) == message(CHUNK_BYTES)
    into = bytearray(100)
    for _ in range(2):  # and it stays so
        with pytest.raises(Damaged):
            reader.readinto(into)
    assert into == bytes(100)
    reader.seek(2 * CHUNK_BYTES)
    assert reader.read() == message(40000)[2 * CHUNK_BYTES :]


def test_a_file_that_shrinks_while_it_is_read_is_damaged():
    file = io.BytesIO(sealed(message(40000)))
    reader = ChunkReader(file, 0, KEY, CONTEXT)
    file.truncate(20000)
    with pytest.raises(Damaged):
        reader.read()


class InPieces(io.BytesIO):
    """Brings at most 7 bytes a read, as a pipe or a share may."""

    def read(self, size=-1, /):
        return super().read(min(size, 7))


def test_short_reads_are_put_together():
    assert ChunkReader(InPieces(sealed(message(20000))), 0, KEY, CONTEXT).read() == message(20000)
    with pytest.raises(Damaged):
        read_exactly(InPieces(bytes(20)), 21)


class Gone(io.RawIOBase):
    """A file that would block: raw files answer None then."""

    def read(self, size=-1, /):
        return None


def test_a_file_that_has_nothing_to_say_is_no_endless_loop():
    with pytest.raises(Damaged):
        read_exactly(Gone(), 1)


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_writer_whose_write_failed_writes_nothing_more(fails_at):
    calls = []

    def write(data):
        calls.append(bytes(data))
        if len(calls) == fails_at:
            raise OSError

    def use():
        writer.add(message(CHUNK_BYTES))
        writer.close()

    if fails_at == 1:
        with pytest.raises(OSError):  # noqa: PT011 - any
            ChunkWriter(write, KEY, CONTEXT, SALT)
        return
    writer = ChunkWriter(write, KEY, CONTEXT, SALT)
    with pytest.raises(OSError):  # noqa: PT011 - any
        use()
    for act in (lambda: writer.add(b""), writer.close):
        with pytest.raises(ValueError, match="closed, or writing it failed"):
            act()
    assert len(calls) == fails_at


def test_no_stream_is_longer_than_the_nonces_last(monkeypatch):
    stored = sealed(message(2 * CHUNK_BYTES))
    monkeypatch.setattr(chunks, "MOST_CHUNKS", 2)  # with the short one
    writer = ChunkWriter(bytearray().extend, KEY, CONTEXT, SALT)
    writer.add(message(CHUNK_BYTES))
    with pytest.raises(ValueError, match="at most 2 chunks"):
        writer.add(message(CHUNK_BYTES))
    writer.close()
    with pytest.raises(Damaged):
        opened(stored)
    reader = opened(stored, recover=True)
    assert (reader.torn, reader.size) == (True, 2 * CHUNK_BYTES)


def test_the_limit_is_that_of_the_specification():
    assert chunks.MOST_CHUNKS * CHUNK_BYTES == 4 << 50
