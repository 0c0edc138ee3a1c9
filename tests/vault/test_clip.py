"""Clips from the first fragment to the last: what comes back, what cannot, and what a real video decodes to."""

import hashlib
import io
from itertools import pairwise
from random import Random

import av
import numpy as np
import pytest
import second_reader
from torture_clips import HEAD, Kept, finder, fragment, made, no_sync, secret, three

from posture.errors import Damaged, WrongKey
from posture.sources.plainvideo import PlainVideo
from posture.vault import boxes, header
from posture.vault.boxes import BoxError
from posture.vault.chunks import CHUNK_BYTES, ChunkWriter
from posture.vault.clip import ClipWriter, input_key, open_clip, open_with_key, verify
from posture.vault.recipient import X25519, X_WING

CLIPS = three(7)
each_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.name)


def file_of(clip):
    return io.BytesIO(clip.content)


@each_clip
def test_every_secret_reads_what_was_written(clip):
    for each in clip.secrets:
        reader = open_clip(file_of(clip), finder(each), recover=True)
        assert (reader.read(), reader.torn) == (clip.plain, "crash" in clip.name)


@pytest.mark.parametrize("clip", CLIPS[:2], ids=lambda clip: clip.name)
def test_a_second_reader_reads_the_same(clip):
    for each in clip.secrets:
        assert second_reader.read(clip.content, each.recipient.kem, each.seed) == clip.plain


def test_a_clip_without_its_end_opens_only_as_one_that_was_cut():
    clip = CLIPS[2]
    with pytest.raises(Damaged):
        open_clip(file_of(clip), clip.find)


@each_clip
def test_one_clips_key_opens_it_and_no_other(clip):
    key = input_key(file_of(clip), clip.find)
    reader = open_with_key(file_of(clip), key, recover=True)
    assert (reader.read(), reader.clip_id) == (clip.plain, clip.content[16:32])
    for other in CLIPS:
        if other is not clip:
            with pytest.raises(Damaged):
                open_with_key(file_of(other), key, recover=True)


def test_one_clips_key_does_not_open_it_with_an_altered_head():
    clip = CLIPS[1]
    altered = bytearray(clip.content)
    altered[12 + 32 + 5] ^= 1  # in the slot of the first recipient
    with pytest.raises(Damaged):
        open_with_key(io.BytesIO(altered), clip.key, recover=True)


def test_nobody_else_opens_it():
    stranger = secret(X_WING, Random(99))
    for act in (open_clip, verify, input_key):
        with pytest.raises(WrongKey, match="no key at hand"):
            act(file_of(CLIPS[1]), finder(stranger))


def test_the_same_randomness_gives_the_same_payload_and_clip_id():
    first, second = (made("", [X_WING], [100, 30000], 5) for _ in range(2))
    assert first.content[first.head_bytes :] == second.content[second.head_bytes :]
    assert first.content[16:32] == second.content[16:32]
    other = made("", [X_WING], [100, 30000], 6)
    assert other.content[other.head_bytes :] != first.content[first.head_bytes :]


def test_closing_says_length_and_hash_of_the_payload_as_verifying_does():
    file = Kept()
    key = secret(X25519, Random(1))
    writer = ClipWriter(file, [key.recipient], sync=no_sync)
    head_bytes = writer.length - 56
    writer.fragment(HEAD)
    writer.fragment(fragment(Random(2), 100_000, track=True))
    writer.fragment(fragment(Random(3), 9))
    closed = writer.close()
    payload = file.content[head_bytes:]
    assert (closed.length, closed.sha256) == (len(payload), hashlib.sha256(payload).hexdigest())
    verdict = verify(io.BytesIO(file.content), finder(key))
    assert (verdict.closed, verdict.torn, verdict.fragments) == (closed, False, 2)
    assert (verdict.clip_id, verdict.size) == (writer.clip_id, 9 * CHUNK_BYTES)


def test_verifying_a_cut_clip_says_how_much_can_be_read():
    clip = CLIPS[1]
    cut = io.BytesIO(clip.content[: clip.payload + 16400])  # the head of the file, and half a fragment less
    verdict = verify(cut, clip.find)
    assert (verdict.torn, verdict.size, verdict.fragments) == (True, CHUNK_BYTES, 0)


def test_a_clip_that_is_being_written_can_be_watched():
    file, key = io.BytesIO(), secret(X25519, Random(1))
    writer = ClipWriter(file, [key.recipient], sync=no_sync)
    sizes = []
    for data in (HEAD, fragment(Random(2), 20000), fragment(Random(3), 9)):
        writer.fragment(data)
        sizes.append(open_clip(io.BytesIO(file.getvalue()), finder(key), recover=True).size)
    assert sizes == [CHUNK_BYTES, 3 * CHUNK_BYTES, 4 * CHUNK_BYTES]


def test_a_fragment_that_is_none_changes_nothing():
    file, key = Kept(), secret(X25519, Random(1))
    writer = ClipWriter(file, [key.recipient], sync=no_sync)
    before = file.getvalue()
    with pytest.raises(BoxError):
        writer.fragment(boxes.made(b"meta", b""))
    assert file.getvalue() == before
    writer.fragment(HEAD)
    writer.close()
    assert open_clip(io.BytesIO(file.content), finder(key)).size == CHUNK_BYTES


@pytest.mark.parametrize("end", ["close", "abandon"])
def test_after_its_end_a_clip_takes_nothing(end):
    file, key = Kept(), secret(X25519, Random(1))
    writer = ClipWriter(file, [key.recipient], sync=no_sync)
    getattr(writer, end)()
    content = file.content
    for act in (lambda: writer.fragment(HEAD), writer.close):
        with pytest.raises(ValueError, match="this clip is closed"):
            act()
    writer.abandon()
    assert file.content == content
    assert open_clip(io.BytesIO(content), finder(key), recover=True).torn == (end == "abandon")


def test_a_clip_of_something_else_is_damaged_and_no_crash():
    """Whoever knows a public key can encrypt anything for it."""
    key, input_key_, clip_id = secret(X25519, Random(1)), bytes(range(32)), bytes(16)
    for content in (b"no boxes at all", boxes.made(b"free", b"") * 5000, b"\0\0\0\0mdat" + bytes(40000)):
        out = bytearray(header.build([key.recipient], input_key_, clip_id))
        stream = ChunkWriter(out.extend, input_key_, header.context(clip_id), bytes(24))
        stream.add(content)
        stream.close()
        assert open_clip(io.BytesIO(out), finder(key)).read() == content
        with pytest.raises(Damaged):
            verify(io.BytesIO(out), finder(key))
        assert open_clip(io.BytesIO(out[:-1]), finder(key), recover=True).size <= len(content)


def film(frames):
    """The boxes of a real video: its head, then one piece a fragment."""
    video = PlainVideo(64, 48, rate=10.0, crf=30)
    for number in range(frames):
        video.add(np.full((48, 64, 3), number * 5, np.uint8), number / 10)
    video.end()
    content = video.take()
    cuts = [0, *(box.end for box in boxes.boxes(content) if box.kind in (b"moov", b"mdat")), len(content)]
    return [content[start:end] for start, end in pairwise(cuts) if start < end]


def decoded(reader):
    with av.open(reader, format="mp4") as container:
        return [int(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]


def test_a_real_video_is_played_from_the_clip_and_from_what_is_left_of_it():
    file, key = Kept(), secret(X_WING, Random(1))
    writer = ClipWriter(file, [key.recipient], sync=no_sync)
    pieces = film(45)
    for piece in pieces:
        writer.fragment(piece)
    writer.close()
    whole = decoded(open_clip(io.BytesIO(file.content), finder(key)))
    assert len(whole) == 45
    cut = decoded(open_clip(io.BytesIO(file.content[: -16400 - 16]), finder(key), recover=True))
    assert 0 < len(cut) < 45
    assert cut == whole[: len(cut)]
    assert b"moof" not in file.content
