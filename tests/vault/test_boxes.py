"""Walking over boxes that anybody may have written, and what a clip takes."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torture_clips import HEAD, KEPT_HEAD

from posture.vault import boxes
from posture.vault.boxes import BoxError, made
from posture.vault.chunks import CHUNK_BYTES

MOOF, MDAT = made(b"moof", b"12"), made(b"mdat", b"345")


def kinds(data):
    return [(box.kind, box.start, box.body, box.end) for box in boxes.boxes(data)]


def test_boxes_lie_one_behind_the_other():
    assert kinds(MOOF + MDAT) == [(b"moof", 0, 8, 10), (b"mdat", 10, 18, 21)]
    assert kinds(b"") == []
    large = (1).to_bytes(4, "big") + b"mdat" + (19).to_bytes(8, "big") + b"345"
    assert kinds(large + MOOF) == [(b"mdat", 0, 16, 19), (b"moof", 19, 27, 29)]


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        MOOF[:7],
        MOOF + MDAT[:-1],
        b"\0\0\0\7moof",
        b"\0\0\0\0mdat345",  # "to the end of the file" has no place in a file that grows
        b"\0\0\0\1mdat",
        b"\0\0\0\1mdat" + (15).to_bytes(8, "big"),
        b"\0\0\0\1mdat" + (2**64 - 1).to_bytes(8, "big"),
        b"\xff\xff\xff\xffmdat",
    ],
)
def test_what_is_no_whole_box_is_refused(data):
    with pytest.raises(BoxError):
        kinds(data)
    with pytest.raises(BoxError):
        list(boxes.top_boxes(io.BytesIO(data)))
    with pytest.raises(BoxError):
        boxes.for_clip(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_boxes_or_refused(data):
    for walk in (kinds, lambda each: list(boxes.top_boxes(io.BytesIO(each))), boxes.for_clip):
        try:
            walk(data)
        except BoxError:
            continue
    assert 0 <= boxes.whole_end(io.BytesIO(data)) <= len(data)


def test_a_thousand_million_tiny_boxes_keep_nobody_busy():
    tiny = io.BytesIO(made(b"free", b"") * (CHUNK_BYTES // 8))
    with pytest.raises(BoxError, match="too many"):
        list(boxes.top_boxes(tiny))
    assert boxes.whole_end(tiny) < CHUNK_BYTES


@given(st.integers(0, 3 * CHUNK_BYTES))
def test_padding_is_one_free_box_of_zeros_up_to_the_next_chunk(length):
    padding = boxes.padding(length, CHUNK_BYTES)
    assert (length + len(padding)) % CHUNK_BYTES == 0
    assert len(padding) < CHUNK_BYTES + 8
    if padding:
        assert kinds(padding) == [(b"free", 0, 8, len(padding))]
        assert not any(padding[8:])


def test_user_data_goes_and_all_else_stays():
    assert b"".join(boxes.for_clip(HEAD)) == KEPT_HEAD
    assert b"".join(boxes.for_clip(MOOF + MDAT)) == MOOF + MDAT
    track = boxes.track_box(b"pose")
    assert b"".join(boxes.for_clip(track + MOOF + MDAT)) == track + MOOF + MDAT


@pytest.mark.parametrize(
    "data",
    [
        made(b"moov", b"cut"),
        made(b"meta", b""),
        made(b"sidx", b"") + MDAT,
        made(b"uuid", bytes(16)),
        made(b"uuid", b"short"),
        boxes.track_box(b"1") + boxes.track_box(b"2") + MDAT,
    ],
)
def test_what_a_clip_does_not_hold_is_refused(data):
    with pytest.raises(BoxError):
        boxes.for_clip(data)


def test_a_track_is_found_again():
    file = io.BytesIO(boxes.track_box(b"pose") + MOOF + made(b"uuid", bytes(20)) + made(b"uuid", b"") + MDAT)
    assert [boxes.track(file, box) for box in boxes.top_boxes(file)] == [b"pose", None, None, None, None]


def test_a_track_that_is_too_long_is_not_read(monkeypatch):
    monkeypatch.setattr(boxes, "MOST_TRACK_BYTES", 20)
    file = io.BytesIO(boxes.track_box(b"four") + boxes.track_box(b"fives"))
    first, second = boxes.top_boxes(file)
    assert boxes.track(file, first) == b"four"
    with pytest.raises(BoxError, match="too long"):
        boxes.track(file, second)


@pytest.mark.parametrize(
    ("data", "end"),
    [(b"", 0), (MOOF, 0), (MOOF + MDAT, 21), (MOOF + MDAT + MOOF, 21), (MOOF + MDAT + MOOF + MDAT[:-1], 21),
     (HEAD + MOOF, len(HEAD)), (MOOF + MDAT + made(b"free", bytes(9)), 38), (MOOF + MDAT + b"\0\0\0", 21)],
)  # fmt: skip
def test_a_cut_file_ends_with_its_last_whole_fragment(data, end):
    assert boxes.whole_end(io.BytesIO(data)) == end


def test_a_box_beyond_4_gib_is_refused():
    class Huge(bytes):
        def __len__(self):
            return 1 << 32

    with pytest.raises(BoxError, match="too long"):
        made(b"mdat", Huge())
