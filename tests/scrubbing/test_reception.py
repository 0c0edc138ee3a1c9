"""Whatever a child process sends: a file appears with `Cleaned` and a comparison, and never without."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture import wire
from posture.data import Damage
from posture.errors import CannotScrub, PostureError, SinkError, SourceError
from posture.scrubbing.plan import Plan, Task
from posture.scrubbing.reception import Refusal, await_ready, receive

CONTENT = b"abcdef"
SHA256 = hashlib.sha256(CONTENT).digest()
PARTS = [wire.Placed(0, b"abcXX"), wire.Placed(3, b"def")]
PICTURE = wire.Cleaned("jpeg", (), (), SHA256)
VIDEO = wire.Cleaned("mp4", (), ())
SAME = wire.Compared(5)
REFUSED = wire.Refused("CannotScrub", "a.mp4: the copy has other pixels")
STRANGERS = [wire.Ready(()), wire.Piece(b"abc"), wire.Finished(Damage(), 0, False, 0.0, 0), SAME]


def received(folder, messages, comparison=(), output="out/a"):
    task = Task(folder / "source", folder / output)
    task.path.write_bytes(b"source")
    shares = []
    result = receive(
        iter(messages), task, Plan(), lambda task, copy: iter(comparison), lambda *share: shares.append(share)
    )
    return result, shares


def test_parts_make_the_file_wherever_they_stand(tmp_path):
    result, _ = received(tmp_path, [*PARTS, PICTURE])
    assert (tmp_path / "out" / "a").read_bytes() == CONTENT
    assert (result.size_bytes, result.frames) == (6, 0)


def test_a_video_is_there_once_it_was_compared(tmp_path):
    told = [wire.Ready(()), wire.Advanced(3, 0.5), SAME]
    result, shares = received(tmp_path, [wire.Advanced(2, 0.5), *PARTS, VIDEO], told)
    assert result.frames == 5
    assert shares == [(0.2, 2), (0.7, 3)]


@pytest.mark.parametrize(
    ("messages", "comparison", "error", "words"),
    [
        ([], (), SourceError, "ended before its work"),
        (PARTS, (), SourceError, "ended before its work"),
        ([PICTURE], (), SourceError, "out of turn"),
        ([wire.Placed(1, b"abc"), PICTURE], (), SourceError, "out of turn"),
        ([*PARTS, wire.Placed(1 << 60, b"abc"), PICTURE], (), SourceError, "out of turn"),
        ([wire.Placed(0, b"abc"), PICTURE], (), SinkError, "other bytes"),
        ([*PARTS, VIDEO], (), SourceError, "ended before its work"),
        ([*PARTS, VIDEO], (REFUSED,), Refusal, "other pixels"),
        ([*PARTS, VIDEO], (wire.Ready(()), wire.Finished(Damage(), 0, False, 0.0, 0)), SourceError, "out of turn"),
        ([*PARTS, wire.Cleaned("matroska", (), (), b"", True)], (SAME,), CannotScrub, "right suffix"),
        ([*PARTS, REFUSED], (), Refusal, "other pixels"),
        *(([*PARTS, stranger, PICTURE], (), SourceError, "out of turn") for stranger in STRANGERS),
    ],
)
def test_without_both_there_is_no_file(tmp_path, messages, comparison, error, words):
    with pytest.raises(error, match=words):
        received(tmp_path, messages, comparison)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["source"]


@given(st.lists(st.sampled_from([*PARTS, PICTURE, VIDEO, REFUSED, wire.Advanced(1, 0.1), *STRANGERS]), max_size=5))
def test_any_row_of_messages_gives_the_compared_bytes_or_none(tmp_path_factory, messages):
    folder = tmp_path_factory.mktemp("reception")
    try:
        received(folder, messages)
    except (PostureError, Refusal):
        assert [path.name for path in folder.rglob("*") if path.is_file()] == ["source"]
    else:
        assert (folder / "out" / "a").read_bytes() == CONTENT


def test_a_child_that_does_not_begin(tmp_path):
    with pytest.raises(SourceError, match="out of turn"):
        await_ready(iter([SAME]))
