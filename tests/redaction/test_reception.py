"""Whatever a child process sends: a file appears with `Done`, and never without."""

import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture import wire
from posture.data import Damage, SourceInfo
from posture.errors import PostureError, SinkError, SourceError, VideoUnreadable
from posture.redaction.outputs import Outputs
from posture.redaction.plan import Plan, Task
from posture.redaction.reception import Refusal, await_ready, receive

INFO = SourceInfo("video", 64, 48, 25.0, 2.0)
BEGUN = wire.Begun("mp4", INFO)
DONE = wire.Done(5, 1, 2, 0, Damage())
PIECE = wire.Piece(b"abc")
REFUSED = wire.Refused("VideoUnreadable", "a.mp4: no frame")
STRANGERS = [wire.Ready(()), wire.Redone(""), wire.Still(0.0, 1, 1, b""), wire.Finished(Damage(), 0, False, 0.0, 0)]


def received(folder, messages, *, plan=None, shares=None):
    task = Task(folder / "a.mp4", folder / "out" / "a")
    on_share = lambda part, frames: shares.append((part, frames)) if shares is not None else None  # noqa: E731
    return receive(iter(messages), task, plan or Plan(), Outputs([task], overwrite=False), on_share)


def test_pieces_make_the_file(tmp_path):
    shares = []
    result = received(tmp_path, [BEGUN, PIECE, wire.Advanced(3, 1.0), wire.Piece(b"de"), DONE], shares=shares)
    assert result.output.read_bytes() == b"abcde"
    assert (result.size_bytes, result.done, result.begun) == (5, DONE, BEGUN)
    assert shares == [(0.5, 3)]


@pytest.mark.parametrize(
    ("messages", "error", "words"),
    [
        ([], SourceError, "ended before its work"),
        ([BEGUN], SourceError, "ended before its work"),
        ([BEGUN, PIECE], SourceError, "ended before its work"),
        ([BEGUN, DONE], SourceError, "sent Done out of turn"),
        ([DONE], SourceError, "sent Done out of turn"),
        ([PIECE], SourceError, "sent Piece out of turn"),
        ([BEGUN, PIECE, BEGUN, PIECE, DONE], SourceError, "sent Begun out of turn"),
        *(([BEGUN, PIECE, stranger, DONE], SourceError, "out of turn") for stranger in STRANGERS),
        ([REFUSED], Refusal, "no frame"),
        ([BEGUN, PIECE, REFUSED], Refusal, "no frame"),
    ],
)
def test_without_done_in_its_turn_there_is_no_file(tmp_path, messages, error, words):
    with pytest.raises(error, match=words):
        received(tmp_path, messages)
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


@given(st.lists(st.sampled_from([BEGUN, PIECE, DONE, REFUSED, wire.Advanced(1, 0.1), *STRANGERS]), max_size=6))
def test_any_row_of_messages_gives_a_whole_file_or_none(tmp_path_factory, messages):
    folder = tmp_path_factory.mktemp("reception")
    whole = messages[:1] == [BEGUN] and DONE in messages and PIECE in messages[: messages.index(DONE)]
    whole = whole and all(m in (PIECE, wire.Advanced(1, 0.1)) for m in messages[1 : messages.index(DONE)])
    try:
        result = received(folder, messages)
    except (PostureError, Refusal):
        assert not whole
        assert [path for path in folder.rglob("*") if path.is_file()] == []
    else:
        assert whole
        assert result.output.read_bytes() == b"abc" * messages[: messages.index(DONE)].count(PIECE)


def test_an_error_in_between_leaves_nothing(tmp_path):
    def breaking():
        yield from (BEGUN, PIECE)
        raise SourceError("the decoding process died")

    with pytest.raises(SourceError, match="died"):
        received(tmp_path, breaking())
    assert list((tmp_path / "out").iterdir()) == []


def test_a_refusal_is_the_error_that_the_child_met(tmp_path):
    with pytest.raises(Refusal) as caught:
        received(tmp_path, [REFUSED])
    assert isinstance(caught.value.error, VideoUnreadable)


@pytest.mark.parametrize(
    ("length_s", "end_s", "expected"),
    [(2.0, None, 0.25), (2.0, 1.0, 0.5), (2.0, 99.0, 0.25), (float("nan"), None, None), (0.1, None, 1.0)],
)
def test_how_far_a_video_is(tmp_path, length_s, end_s, expected):
    info, shares = SourceInfo("video", 64, 48, 25.0, length_s), []
    received(
        tmp_path, [wire.Begun("mp4", info), wire.Advanced(1, 0.5), PIECE, DONE], plan=Plan(0.0, end_s), shares=shares
    )
    ((part, _),) = shares
    assert part != part if expected is None else part == expected


def test_the_first_message_must_be_ready():
    await_ready(iter([wire.Ready(())]))
    with pytest.raises(SourceError, match="sent Begun out of turn"):
        await_ready(iter([BEGUN]))


def test_the_suffix_of_a_copy_is_one_of_four():
    """So that a child that is not trusted any more cannot choose another name."""
    content = msgspec.msgpack.encode(wire.Begun("../x", INFO))
    with pytest.raises(SourceError, match="no message"):
        wire.read(io.BytesIO(len(content).to_bytes(4, "big") + content))


def test_a_piece_is_bounded():
    stream = io.BytesIO()
    wire.write(stream, wire.Piece(bytes(wire.PIECE_LIMIT + 1)))
    with pytest.raises(SourceError, match="no message"):
        wire.read(io.BytesIO(stream.getvalue()))


def test_a_source_is_no_target(tmp_path):
    source = tmp_path / "out" / "a.mp4"
    source.parent.mkdir()
    source.write_bytes(b"mine")
    task = Task(source, tmp_path / "out" / "a")
    outputs = Outputs([task], overwrite=True)
    with pytest.raises(SinkError, match="one of the files to redact"):
        outputs.of(task, "mp4")
    assert isinstance(outputs.hindrance(task), SinkError)
    assert outputs.of(task, "png") == tmp_path / "out" / "a.png"
