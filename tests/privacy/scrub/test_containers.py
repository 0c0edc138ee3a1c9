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
from posture.privacy.scrub.found import Broken, Notes
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
