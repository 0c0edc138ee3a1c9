"""Videos full of metadata, generated: written anew there is none of it, and the pictures and sounds are the same."""

import io
from contextlib import suppress

import dirty_files
import pytest
from dirty_files import VIDEOS
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.errors import CannotScrub
from posture.privacy.scrub.containers import note_video
from posture.privacy.scrub.found import Broken, Finding, Notes
from posture.sources.same import same_video
from posture.sources.streamcopy import Patch, copied

DIRTY = {name: dirty_files.video(kind) for name, kind in VIDEOS.items()}
DIRTY["webm"] = dirty_files.video("webm", codec="libvpx", sound=False)
DIRTY["mjpeg.avi"] = dirty_files.video("avi", codec="mjpeg")
KINDS = {**VIDEOS, "webm": "webm", "mjpeg.avi": "avi"}
EXPECTED = {
    "mp4": {"position", "name or text", "text of the encoder", "unknown part"},
    "mov": {"date", "name or text", "text of the encoder"},
    "mkv": {"name or text", "chapters", "attachment", "text of the encoder", "date", "position"},
    "webm": {"name or text", "text of the encoder"},
    "avi": {"name or text", "text of the encoder"},
}


@pytest.fixture
def written(tmp_path):
    """Writes a dirty video anew; gives both paths and what was noted."""

    def _written(name, **options):
        source, copy = tmp_path / f"source.{name}", tmp_path / f"copy.{name}"
        source.write_bytes(DIRTY[name])
        return source, copy, rewritten(source, copy, KINDS[name], **options)

    return _written


def rewritten(source, copy, kind, with_sound=True):
    notes, made = Notes(), bytearray()
    with source.open("rb") as file:
        note_video(kind, file, notes)
    for part in copied(source, kind, notes, with_sound=with_sound):
        if isinstance(part, Patch):
            assert part.at <= len(made)
            made[part.at : part.at + len(part.content)] = part.content
    copy.write_bytes(made)
    return notes


@pytest.mark.parametrize("name", DIRTY)
def test_nothing_that_was_planted_is_left_and_everything_to_see_and_hear_is(written, name, tmp_path):
    source, copy, _ = written(name)
    assert dirty_files.left(DIRTY[name]) == {*dirty_files.SECRETS}, "the negative control"
    assert dirty_files.left(copy.read_bytes()) == set()
    assert rewritten(copy, tmp_path / "again", KINDS[name]).findings == {}
    *_, last = same_video(source, copy, with_sound=True)
    assert last.frames == 12


@pytest.mark.parametrize("name", EXPECTED)
def test_the_report_names_what_was_there(written, name):
    *_, notes = written(name)
    assert EXPECTED[name] <= {finding.kind for finding in notes.findings}


@pytest.mark.parametrize("name", ["mp4", "mkv"])
def test_sound_goes_where_it_is_not_wanted(written, name):
    source, copy, notes = written(name, with_sound=False)
    assert "sound" in {finding.kind for finding in notes.findings}
    list(same_video(source, copy, with_sound=False))
    with pytest.raises(CannotScrub, match="sounds different"):
        list(same_video(source, copy, with_sound=True))


def test_the_name_of_no_program_is_left(written):
    for name in ("mp4", "mov", "mkv", "webm"):
        _, copy, _ = written(name)
        head = copy.read_bytes().lower()
        assert not [word for word in (b"x264", b"lavf", b"libvpx", b"ffmp", b"handler") if word in head], name


@pytest.mark.parametrize("name", ["mp4", "mkv", "avi"])
@settings(max_examples=40)
@given(st.data())
def test_altered_bytes_are_walked_or_refused_and_nothing_else(name, data):
    content = bytearray(DIRTY[name])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Broken):
        note_video(KINDS[name], io.BytesIO(content), Notes())


def element(number, content):
    """An EBML element whose size takes eight bytes."""
    return (
        number.to_bytes((number.bit_length() + 7) // 8, "big") + (1 << 56 | len(content)).to_bytes(8, "big") + content
    )


def padding_at(path, said):
    """A Matroska file of the elements of `path`, one in the other, around padding of zeros and of what is `said`."""
    content = element(0xEC, bytes(40) + said)
    for number in reversed(path):
        content = element(number, content)
    return io.BytesIO(content)


PLACES = {
    "beside the segment": (),
    "the head of the file": (0x1A45DFA3,),
    "the segment": (0x18538067,),
    "the list of places": (0x18538067, 0x114D9B74, 0x4DBB),
    "the index": (0x18538067, 0x1C53BB6B, 0xBB, 0xB7),
    "the size of pictures": (0x18538067, 0x1654AE6B, 0xAE, 0xE0),
    "their colours": (0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x55B0, 0x55D0),
    "the sound": (0x18538067, 0x1654AE6B, 0xAE, 0xE1),
    "a cluster": (0x18538067, 0x1F43B675, 0xA0),
}


@pytest.mark.parametrize("path", PLACES.values(), ids=PLACES)
def test_padding_with_something_in_it_is_found_wherever_it_lies(path):
    full, empty = Notes(), Notes()
    note_video("matroska", padding_at(path, b"patient file 12"), full)
    note_video("matroska", padding_at(path, b""), empty)
    assert list(full.findings) == [Finding("unknown part", "filled padding")]
    assert empty.findings == {}, "the negative control"


def test_a_checksum_is_one_only_with_its_size():
    for size, found in ((4, set()), (15, {Finding("unknown part", "checksum")})):
        notes = Notes()
        note_video("matroska", io.BytesIO(element(0x18538067, element(0xBF, b"patient file 12"[:size]))), notes)
        assert set(notes.findings) == found


def test_no_text_hides_behind_zeros():
    track = (0x18538067, 0x1654AE6B, 0xAE)
    for count, said, found in ((0, b"", False), (40, b"x", True), (70_000, b"x", True)):
        content, notes = element(0x22B59C, b"und" + bytes(count) + said), Notes()
        for number in reversed(track):
            content = element(number, content)
        note_video("matroska", io.BytesIO(content), notes)
        assert bool(notes.findings) == found


def hollow(source, kind, head, said):
    """A video with 300 MiB of padding: a hole in the file, which costs no room; what is said stands at its end."""
    size, content = 300 << 20, bytearray(dirty_files.video(kind, sound=False))
    if kind == "matroska":
        start = content.index(bytes.fromhex("18538067")) + 4
        content[start : start + 8] = (1 << 56 | len(content) - start - 8 + len(head) + size).to_bytes(8, "big")
    with source.open("wb") as file:
        file.write(content + head)
        file.truncate(len(content) + len(head) + size)
        file.seek(-len(said), io.SEEK_END)
        file.write(said)


@pytest.mark.parametrize("said", [b"patient file 12", b""], ids=["filled", "empty"])
@pytest.mark.parametrize(
    ("kind", "head", "place"),
    [
        ("matroska", b"\xec" + (1 << 56 | 300 << 20).to_bytes(8, "big"), "filled padding"),
        ("mp4", ((300 << 20) + 8).to_bytes(4, "big") + b"skip", "box skip"),
    ],
    ids=["matroska", "mp4"],
)
def test_padding_of_many_megabytes_is_read_to_its_end_and_goes(tmp_path, kind, head, place, said):
    source, copy = tmp_path / f"source.{kind}", tmp_path / f"copy.{kind}"
    hollow(source, kind, head, said)
    places = {finding.place for finding in rewritten(source, copy, kind).findings}
    assert (place in places) == bool(said)
    assert copy.stat().st_size < 1 << 20
    assert b"patient file 12" not in copy.read_bytes()
    *_, last = same_video(source, copy, with_sound=True)
    assert last.frames == 12


@pytest.mark.parametrize("said", [b"patient file 12", b""], ids=["filled", "empty"])
def test_junk_of_an_avi_is_read_to_its_end(tmp_path, said):
    path, size = tmp_path / "a.avi", 300 << 20
    with path.open("w+b") as file:
        file.write(b"RIFF" + (size + 12).to_bytes(4, "little") + b"AVI JUNK" + size.to_bytes(4, "little"))
        file.truncate(20 + size)
        file.seek(-len(said), io.SEEK_END)
        file.write(said)
        notes = Notes()
        note_video("avi", file, notes)
    assert {finding.place for finding in notes.findings} == ({"chunk JUNK"} if said else set())
