"""Runs with real ends: killed, stopped, a full disk, a file that vanishes, lies or changes, and scrubbing in place."""

import errno
import os
import shutil
import sys

import dirty_files
import pytest

from posture import output
from posture.errors import CannotScrub, OutputExists, OutputFull, SinkError, SourceError, VideoUnreadable
from posture.scrubbing import Plan, Scrubbing, Task, reception, scrub_file

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX")


def errors(done):
    return [type(outcome.error) for outcome in done.outcomes if outcome.error is not None]


def test_pictures_and_a_video_come_out_clean_in_their_order(run, pictures, clip, out, tmp_path):
    done = run([pictures[0], clip, *pictures[1:]])
    assert errors(done) == []
    assert [outcome.number for outcome in done.outcomes] == [0, 1, 2, 3, 4]
    assert out() == ["clip.mp4", "p0.jpg", "p1.jpg", "p2.jpg", "p3.jpg"]
    for name in out():
        assert dirty_files.left((tmp_path / "out" / name).read_bytes()) == set()
    assert [outcome.result.frames for outcome in done.outcomes] == [0, 12, 0, 0, 0]
    assert done.watcher.began == ["p0.jpg", "clip.mp4", "3 pictures"]
    assert done.watcher.updates[-1][:2] == (3, 3)


def test_one_file_by_itself(pictures, settings, tmp_path):
    result = scrub_file(pictures[0], tmp_path / "x.jpg", settings)
    assert result.output == tmp_path / "x.jpg"
    assert dirty_files.left(result.output.read_bytes()) == set()
    with pytest.raises(OutputExists):
        scrub_file(pictures[0], tmp_path / "x.jpg", settings)
    look = scrub_file(pictures[0], tmp_path / "x.jpg", settings, Plan(look=True))
    assert look.output is None
    assert {found.kind for found in look.cleaned.found} >= {"position", "device"}


def test_a_look_writes_nothing(run, pictures, clip, out):
    done = run([*pictures, clip], look=True)
    assert errors(done) == []
    assert out() == []
    assert all(outcome.result.cleaned.found for outcome in done.outcomes)


@pytest.mark.parametrize("kind", ["jpg", "mp4"])
def test_in_place_the_file_is_replaced_as_a_whole_and_keeps_its_mode(run, tmp_path, pictures, clip, kind):
    path = tmp_path / f"mine.{kind}"
    shutil.copyfile({"jpg": pictures[0], "mp4": clip}[kind], path)
    path.chmod(0o640)
    before = path.stat()
    assert errors(run([path], in_place=True)) == []
    assert dirty_files.left(path.read_bytes()) == set()
    assert path.stat().st_ino != before.st_ino, "another file under the name, never the same one written over"
    if sys.platform != "win32":
        assert path.stat().st_mode == before.st_mode
    assert sorted(tmp_path.iterdir()) == [path]


def test_in_place_no_page_is_lost(run, tmp_path):
    path = tmp_path / "pages.tif"
    content = dirty_files.tiff()
    path.write_bytes(content)
    done = run([path], in_place=True)
    assert errors(done) == [CannotScrub]
    assert path.read_bytes() == content
    assert errors(run([path])) == []


@posix
def test_another_name_of_the_file_would_keep_everything_so_it_is_refused(run, tmp_path, pictures):
    path = tmp_path / "mine.jpg"
    shutil.copyfile(pictures[0], path)
    (tmp_path / "other.jpg").hardlink_to(path)
    before = path.read_bytes()
    done = run([path], in_place=True)
    assert errors(done) == [SinkError]
    assert "hard links" in str(done.outcomes[0].error)
    assert path.read_bytes() == before


def test_a_file_that_somebody_changes_meanwhile_is_not_replaced(run, tmp_path, pictures, monkeypatch):
    path = tmp_path / "mine.jpg"
    shutil.copyfile(pictures[0], path)
    compared = reception._compared

    def changed(*arguments):
        path.write_bytes(b"newer")
        return compared(*arguments)

    monkeypatch.setattr(reception, "_compared", changed)
    assert errors(run([path], in_place=True)) == [SinkError]
    assert path.read_bytes() == b"newer"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("in_place", [False, True])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(run, tmp_path, pictures, out, monkeypatch, code, in_place):
    path = tmp_path / "mine.jpg"
    shutil.copyfile(pictures[0], path)

    def full(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(output.os, "fsync", full)
    assert errors(run([path], in_place=in_place)) == [OutputFull]
    assert path.read_bytes() == pictures[0].read_bytes()
    assert out() == []
    assert path in tmp_path.iterdir()
    assert not list(tmp_path.glob(".*"))


def test_a_disk_that_gives_back_other_bytes_is_noticed(run, pictures, out, monkeypatch):
    original = reception._until_cleaned

    def flipped(messages, stream, on_share):
        cleaned = original(messages, stream, on_share)
        stream.seek(100)
        byte = stream.read(1)
        stream.seek(100)
        stream.write(bytes((byte[0] ^ 1,)))
        return cleaned

    monkeypatch.setattr(reception, "_until_cleaned", flipped)
    done = run(pictures[:1])
    assert errors(done) == [SinkError]
    assert "other bytes" in str(done.outcomes[0].error)
    assert out() == []


def test_a_video_with_one_altered_picture_is_noticed_by_the_second_process(run, clip, out, monkeypatch):
    original = reception._until_cleaned

    def altered(messages, stream, on_share):
        cleaned = original(messages, stream, on_share)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        content = stream.read(size)
        place = content.index(b"mdat") + 200
        stream.seek(place)
        stream.write(bytes(byte ^ 0x55 for byte in content[place : place + 8]))
        return cleaned

    monkeypatch.setattr(reception, "_until_cleaned", altered)
    assert errors(run([clip])) in ([CannotScrub], [VideoUnreadable])
    assert out() == []


def test_bad_files_among_good_ones_cost_themselves_alone(run, pictures, tmp_path, out):
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.png").write_bytes(b"no picture at all")
    (tmp_path / "cut.jpg").write_bytes(pictures[0].read_bytes()[:900])
    bad = [tmp_path / name for name in ("empty.jpg", "text.png", "cut.jpg", "gone.jpg")]
    done = run([pictures[0], *bad, pictures[1]])
    assert errors(done) == [VideoUnreadable] * 4
    assert all(path.name in str(done.outcomes[number].error) for number, path in enumerate(bad, 1))
    assert out() == ["p0.jpg", "p1.jpg"]


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_error(run, pictures, tmp_path):
    path = tmp_path / "secret.jpg"
    shutil.copyfile(pictures[0], path)
    path.chmod(0)
    done = run([path, pictures[0]])
    assert errors(done) == [VideoUnreadable]
    assert "permissions" in str(done.outcomes[0].error)


@posix
def test_a_pipe_is_no_file_and_never_waited_for(run, tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert errors(run([tmp_path / "pipe.jpg"])) == [VideoUnreadable]


def test_files_that_lie_about_what_they_are(run, pictures, clip, tmp_path, out):
    """The content counts: a video called a picture is a video, and the other way round."""
    shutil.copyfile(clip, tmp_path / "v.jpg")
    shutil.copyfile(pictures[0], tmp_path / "p.mp4")
    done = run([tmp_path / "v.jpg", tmp_path / "p.mp4"])
    assert errors(done) == []
    assert [outcome.result.cleaned.format for outcome in done.outcomes] == ["mp4", "jpeg"]
    assert out() == ["p.mp4", "v.jpg"]
    for name in out():
        assert dirty_files.left((tmp_path / "out" / name).read_bytes()) == set()


@pytest.mark.parametrize(("suffix", "right"), [("ts", False), ("mkv", True)])
def test_a_container_that_has_to_change_does_so_under_the_right_name_alone(run, tmp_path, out, suffix, right):
    path = tmp_path / f"clip.{suffix}"
    path.write_bytes(dirty_files.video("mpegts", sound=False))
    done = run([path])
    assert errors(done) == ([] if right else [CannotScrub])
    assert out() == (["clip.mkv"] if right else [])


@posix
def test_a_child_that_is_killed_costs_the_file_it_was_at(run, tmp_path, out, kill_children):
    """More files than the child can have sent before anybody reads: it is at one of them when it is killed."""
    paths = [tmp_path / f"p{number}.jpg" for number in range(100)]
    for path in paths:
        path.write_bytes(dirty_files.jpeg())
    done = run(paths, on_outcome=lambda work, outcome: kill_children(work) if outcome.number == 0 else None)
    assert errors(done) == [SourceError]
    lost = [paths[outcome.number].name for outcome in done.outcomes if outcome.result is None]
    assert len(done.outcomes) == 100
    assert out() == sorted({path.name for path in paths} - set(lost))


def test_stopping_keeps_what_is_complete_and_begins_nothing_else(run, pictures, clip, out):
    done = run([*pictures, clip], on_outcome=lambda work, outcome: work.stop())
    assert errors(done) == []
    assert len(done.outcomes) == len(out()) >= 1
    assert "clip.mp4" not in out()
    assert not [name for name in out() if name.startswith(".")]


def test_a_video_that_is_stopped_midway_leaves_nothing(run, clip, out):
    done = run([clip], on_update=lambda work: work.stop())
    assert done.outcomes == []
    assert out() == []


def test_what_is_there_is_kept_unless_asked(run, pictures, tmp_path):
    there = tmp_path / "out" / "p0.jpg"
    there.parent.mkdir()
    there.write_bytes(b"mine")
    assert errors(run(pictures[:2])) == [OutputExists]
    assert there.read_bytes() == b"mine"
    assert errors(run(pictures[:1], overwrite=True)) == []


def test_a_source_is_never_replaced_by_the_copy_of_another(settings, pictures, tmp_path):
    inside = tmp_path / "p1.jpg"
    shutil.copyfile(pictures[1], inside)
    work = Scrubbing(settings, Plan(overwrite=True))
    first, second = work.run([Task(pictures[0], inside), Task(inside, tmp_path / "x.jpg")], Nobody())
    assert type(first.error) is SinkError
    assert second.error is None
    assert inside.read_bytes() == pictures[1].read_bytes()


class Nobody:
    def begin(self, name):
        pass

    def update(self, time_s, duration_s, frames):
        pass
