"""Any moment of a clip: where its fragment lies, and the clip from there on as a file."""

import io
import os

import pytest
from filled_vault import PASSPHRASE, RATE_HZ, FilledVault
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import Damaged
from posture.sources.container import Stream
from posture.sources.video import VideoSource
from posture.vault import boxes
from posture.vault.clip import open_clip
from posture.vault.timeline import FromPart, timeline

SECONDS = 4.5


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    made = FilledVault(tmp_path_factory.mktemp("vault"))
    made.make()
    return made


@pytest.fixture(scope="module")
def video(vault):
    """The plain video of a clip, which nobody but this test ever has."""
    path = vault.clip(SECONDS)
    with vault.vault.unlock(PASSPHRASE) as unlocked, path.open("rb") as file:
        return open_clip(file, unlocked.secrets).read()


def test_fragments_begin_when_their_pictures_do(video):
    times = timeline(io.BytesIO(video))
    assert [part.began_s for part in times.parts] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [part.frames for part in times.parts] == [10, 10, 10, 10, 5]
    assert [part.first for part in times.parts] == [0, 10, 20, 30, 40]
    assert (times.length_s, times.frame_s) == (SECONDS, 1 / RATE_HZ)
    assert all(boxes.track(io.BytesIO(video), part.track) for part in times.parts)


@pytest.mark.parametrize(("time_s", "part"), [(-1.0, 0), (0.0, 0), (0.99, 0), (1.0, 1), (3.95, 3), (4.4, 4), (99.0, 4)])
def test_a_moment_lies_in_the_last_fragment_that_has_begun(video, time_s, part):
    assert timeline(io.BytesIO(video)).at(time_s) == part


@pytest.mark.parametrize("part", range(5))
def test_from_a_fragment_on_come_the_same_pictures(video, part):
    times = timeline(io.BytesIO(video))
    whole = list(VideoSource(Stream("clip", lambda: io.BufferedReader(FromPart(io.BytesIO(video), times, 0)))))
    rest = list(VideoSource(Stream("clip", lambda: io.BufferedReader(FromPart(io.BytesIO(video), times, part)))))
    expected = whole[times.parts[part].first :]
    assert [round(frame.time_s + times.parts[part].began_s, 6) for frame in rest] == [
        round(frame.time_s, 6) for frame in expected
    ]
    assert all((a.scaled(32, 18) == b.scaled(32, 18)).all() for a, b in zip(rest, expected, strict=True))


@given(st.integers(0, 4), st.lists(st.tuples(st.integers(0, 150_000), st.integers(0, 40_000)), min_size=1, max_size=6))
def test_reading_from_a_fragment_is_reading_a_file(video, part, reads):
    times = timeline(io.BytesIO(video))
    file = FromPart(io.BytesIO(video), times, part)
    expected = io.BytesIO(times.head + video[times.parts[part].start : times.size])
    assert file.seek(0, os.SEEK_END) == len(expected.getvalue())
    for offset, size in reads:
        assert file.seek(offset) == expected.seek(offset)
        content = b""
        while piece := file.read(size - len(content)):
            content += piece
        assert content == expected.read(size)


def test_a_clip_that_was_cut_has_its_whole_fragments(video):
    starts = [part.start for part in timeline(io.BytesIO(video)).parts]
    whole = boxes.whole_end(io.BytesIO(video[: starts[3] + 100]))
    cut = timeline(io.BytesIO(video[:whole]))
    assert len(cut.parts) == 3
    assert cut.length_s == 3.0


@pytest.mark.parametrize("end", [0, 20])
def test_no_fragment_is_damage(video, end):
    with pytest.raises(Damaged):
        timeline(io.BytesIO(video[:end]))


@given(st.lists(st.tuples(st.integers(0, 6_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_other_bytes_are_damage_or_times_and_nothing_else(video, changes):
    changed = bytearray(video)
    for place, value in changes:
        changed[place] = value
    try:
        times = timeline(io.BytesIO(bytes(changed)))
    except Damaged:
        return
    assert times.parts
    assert times.size <= len(video)
