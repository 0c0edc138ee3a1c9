"""Writers whose disk fails: what was acknowledged stays, and no place in a file ever gets two different contents."""

import errno
import io
import os
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torture_clips import HEAD, KEPT_HEAD, finder, fragment, secret

from posture.vault.chunks import CHUNK_BYTES
from posture.vault.clip import ATTEMPTS, ClipWriter, open_clip, synced
from posture.vault.recipient import X25519

KEY = secret(X25519, Random(1))
PIECES = [HEAD, fragment(Random(2), 40000, track=True), fragment(Random(3), 500), fragment(Random(4), 20000)]


class Faulty(io.BytesIO):
    """A file that follows a script: for each write and sync a number of bytes to take, an error, or all is well.

    It fails the test when a byte that was written is written again as another one: then a nonce had two plaintexts.
    """

    def __init__(self, script=()):
        super().__init__()
        self.script = iter(script)
        self.content = b""

    def next_fault(self):
        fault = next(self.script, None)
        if isinstance(fault, BaseException):
            raise fault
        return fault

    def write(self, data):
        limit = self.next_fault()
        if limit == "would block":
            return None
        data = bytes(data[:limit])
        place = self.tell()
        there = self.getvalue()[place : place + len(data)]
        assert data.startswith(there), "a byte was changed after it was written"
        return super().write(data)

    def sync(self, file):
        assert file is self
        self.next_fault()

    def close(self):
        if not self.closed:
            self.content = self.getvalue()
        super().close()


def broken():
    return OSError(errno.EIO, "Input/output error")


def record(file):
    """Write all pieces as far as the disk lets us; how many were acknowledged, and the error."""
    acknowledged = 0
    try:
        writer = ClipWriter(file, [KEY.recipient], random=Random(9).randbytes, sync=file.sync)
        for piece in PIECES:
            writer.fragment(piece)
            acknowledged += 1
        writer.close()
    except OSError as error:
        return acknowledged, error
    return acknowledged, None


SOUND = Faulty()
assert record(SOUND) == (len(PIECES), None)
WHOLE = open_clip(io.BytesIO(SOUND.content), finder(KEY)).read()
ENDS = [0, CHUNK_BYTES, 4 * CHUNK_BYTES, 5 * CHUNK_BYTES, 7 * CHUNK_BYTES]


def payload(content):
    return content[156:]  # the wrapped key in the head is random


def test_the_plaintext_is_as_the_other_tests_believe():
    assert WHOLE.startswith(KEPT_HEAD)
    assert len(WHOLE) == ENDS[-1]


@pytest.mark.parametrize("taken", [1, 7, 16399, 16400])
def test_short_writes_are_continued(taken):
    file = Faulty([taken] * 4000)
    assert record(file) == (len(PIECES), None)
    assert payload(file.content) == payload(SOUND.content)


STEPS = 3 + 2 * len(PIECES) + 2  # writes and syncs: head, preamble, sync; pieces; short chunk, sync


@pytest.mark.parametrize("step", range(STEPS))
def test_one_failure_anywhere_is_made_good_with_the_same_bytes(step):
    file = Faulty([None] * step + [broken()])
    assert record(file) == (len(PIECES), None)
    assert payload(file.content) == payload(SOUND.content)


@pytest.mark.parametrize("step", range(0, STEPS, 2))
def test_half_a_write_and_then_a_failure_are_made_good_too(step):
    file = Faulty([None] * step + [100, broken()])
    assert record(file) == (len(PIECES), None)
    assert payload(file.content) == payload(SOUND.content)


@pytest.mark.parametrize("half", [[], [50]], ids=["at once", "after half a write"])
@pytest.mark.parametrize("step", range(3, STEPS - 1))
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), OSError(errno.ESTALE, "gone"), broken()])
def test_a_disk_that_stays_broken_ends_the_clip_and_keeps_what_was_acknowledged(step, half, error):
    file = Faulty([None] * step + half + [error] * 1000)
    acknowledged, seen = record(file)
    assert seen is error
    assert file.closed
    reader = open_clip(io.BytesIO(file.content), finder(KEY), recover=True)
    assert reader.size >= ENDS[acknowledged]
    assert reader.size in ENDS
    assert WHOLE.startswith(reader.read())


@pytest.mark.parametrize("fault", [0, "would block"])
def test_a_file_that_takes_nothing_is_no_endless_loop(fault):
    _, error = record(Faulty([fault] * 1000))
    assert "takes no more" in str(error)


def test_it_tries_as_often_as_it_says():
    file = Faulty([None, None, None] + [broken()] * 1000)
    writer = ClipWriter(file, [KEY.recipient], sync=file.sync)
    with pytest.raises(OSError, match="Input/output"):
        writer.fragment(HEAD)
    left = sum(1 for _ in file.script)
    assert left == 1000 - ATTEMPTS
    with pytest.raises(ValueError, match="closed, or was given up"):
        writer.fragment(HEAD)


def test_a_call_that_was_interrupted_is_finished_by_the_next_one():
    file = Faulty([None] * 5 + [100, KeyboardInterrupt()])
    writer = ClipWriter(file, [KEY.recipient], random=Random(9).randbytes, sync=file.sync)
    writer.fragment(PIECES[0])
    with pytest.raises(KeyboardInterrupt):
        writer.fragment(PIECES[1])
    for piece in PIECES[2:]:
        writer.fragment(piece)
    writer.close()
    assert payload(file.content) == payload(SOUND.content)


faults = st.lists(
    st.one_of(st.none(), st.integers(0, 70000), st.just("would block"), st.builds(broken)), min_size=1, max_size=40
)


@given(faults)
def test_no_script_of_faults_loses_or_changes_anything(script):
    file = Faulty(script)
    acknowledged, error = record(file)
    if error is None:
        assert payload(file.content) == payload(SOUND.content)
        return
    if acknowledged == 0 and len(file.content) < 156 + 56:
        return  # not even the head came to the disk
    reader = open_clip(io.BytesIO(file.content), finder(KEY), recover=True)
    assert reader.size >= ENDS[acknowledged]
    assert WHOLE.startswith(reader.read())


def test_an_error_of_closing_takes_nothing_back():
    class Complains(Faulty):
        def close(self):
            super().close()
            raise broken()

    file = Complains()
    assert record(file) == (len(PIECES), None)
    assert payload(file.content) == payload(SOUND.content)
    file.close = lambda: None  # the interpreter closes it once more


def test_a_system_without_fdatasync_syncs_all(monkeypatch, tmp_path):
    calls = []
    monkeypatch.delattr(os, "fdatasync", raising=False)
    monkeypatch.setattr(os, "fsync", calls.append)
    with (tmp_path / "file").open("wb", buffering=0) as file:
        synced(file)
        assert calls == [file.fileno()]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_named():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
        ClipWriter(full, [KEY.recipient])
