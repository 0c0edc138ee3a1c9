"""Runs over files with real ends: killed, stopped, a full disk, a broken file among good ones."""

import errno
import os
import shutil
import sys

import cv2
import numpy as np
import plain_files
import pytest

from posture import output
from posture.errors import OutputExists, OutputFull, SinkError, SourceError, VideoUnreadable
from posture.redaction import Redaction

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def errors(done):
    return [type(outcome.error) for outcome in done.outcomes if outcome.error is not None]


def test_pictures_come_out_plain_in_their_order_and_the_same_every_time(run, pictures, tmp_path):
    def once():
        done = run(pictures, jobs=2, overwrite=True)
        assert [outcome.number for outcome in done.outcomes] == list(range(14))
        assert errors(done) == []
        for outcome in done.outcomes:
            plain_files.check_file(outcome.result.output)
        return {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    assert once() == once()


def test_what_stands_before_a_picture_changes_nothing_of_it(run, pictures, tmp_path):
    run(pictures[:3], jobs=1)
    after_others = (tmp_path / "out" / "p02.jpg").read_bytes()
    run(pictures[2:3], overwrite=True)
    assert (tmp_path / "out" / "p02.jpg").read_bytes() == after_others


def test_a_video_comes_out_plain_with_all_its_frames_and_the_same_every_time(run, clip, tmp_path):
    (outcome,) = run([clip]).outcomes
    result = outcome.result
    plain_files.check_file(result.output)
    assert result.output == tmp_path / "out" / "clip.mp4"
    assert (result.done.frames, result.size_bytes) == (60, result.output.stat().st_size)
    first = result.output.read_bytes()
    run([clip], overwrite=True)
    assert result.output.read_bytes() == first


def test_a_part_of_a_video(run, clip):
    (outcome,) = run([clip], start_s=0.5, end_s=1.0).outcomes
    assert outcome.result.done.frames == 15


def test_a_picture_has_no_parts(run, pictures):
    assert errors(run(pictures[:1], start_s=5.0)) == []


def test_a_part_behind_the_end_is_one_error(run, clip, out):
    assert errors(run([clip], start_s=99.0)) == [VideoUnreadable]
    assert out() == []


@posix
def test_a_video_whose_child_is_killed_leaves_nothing(run, long_clip, out, kill_children):
    done = run([long_clip], on_update=kill_children)
    assert errors(done) == [SourceError]
    assert "SIGKILL" in str(done.outcomes[0].error)
    assert out() == []


@posix
def test_a_picture_that_kills_its_child_costs_that_picture_only(run, pictures, out, kill_children):
    done = run(
        pictures,
        jobs=1,
        on_outcome=lambda work, outcome: kill_children(work) if outcome.number == 0 else None,
    )
    assert errors(done) == [SourceError]
    assert [outcome.number for outcome in done.outcomes] == list(range(14))
    assert len(out()) == 13


def test_stopping_leaves_no_unfinished_video_and_begins_no_other(run, long_clip, clip, out):
    done = run([long_clip, clip], on_update=lambda work: work.stop())
    assert done.outcomes == []
    assert done.work.stop_asked
    assert out() == []


def test_stopping_keeps_the_pictures_that_are_complete(run, pictures, out, tmp_path):
    """Of more pictures than the children can have sent before anybody reads."""
    many = [shutil.copy(pictures[0], tmp_path / f"p{number:03}.jpg") for number in range(80)]
    done = run(many, jobs=2, on_outcome=lambda work, outcome: work.stop())
    names = [f"p{outcome.number:03}.jpg" for outcome in done.outcomes]
    assert errors(done) == []
    assert out() == names
    assert 1 <= len(names) < 80


def test_an_error_of_the_consumer_ends_everything(run, long_clip, out):
    def fail(work):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([long_clip], on_update=fail)
    assert out() == []


def test_a_broken_file_among_good_ones_is_one_error(run, pictures, tmp_path, out):
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    done = run([pictures[0], tmp_path / "bad.jpg", tmp_path / "empty.png", pictures[1]], jobs=1)
    assert [outcome.error is None for outcome in done.outcomes] == [True, False, False, True]
    assert errors(done) == [VideoUnreadable] * 2
    assert out() == ["p00.jpg", "p01.jpg"]


def test_videos_run_beside_each_other_each_in_a_process_of_its_own(run, clip, tmp_path, monkeypatch):
    paths = [tmp_path / f"{letter}.mp4" for letter in "abc"]
    for path in paths:
        path.write_bytes(clip.read_bytes())
    specs = []
    original = Redaction._spec
    monkeypatch.setattr(Redaction, "_spec", lambda work, tasks: specs.append(original(work, tasks)) or specs[-1])
    done = run(paths, jobs=2)
    assert errors(done) == []
    assert done.watcher.began == ["3 videos"]
    assert sorted(spec.paths for spec in specs) == [(os.fsencode(path),) for path in paths]
    assert len({outcome.result.output.read_bytes() for outcome in done.outcomes}) == 1


def test_a_video_called_a_picture_and_a_picture_called_a_video(run, clip, pictures, tmp_path, out):
    (tmp_path / "v.jpg").write_bytes(clip.read_bytes())
    (tmp_path / "p.mp4").write_bytes(pictures[0].read_bytes())
    assert errors(run([tmp_path / "v.jpg", tmp_path / "p.mp4"])) == []
    assert out() == ["p.jpg", "v.mp4"]
    for name in out():
        plain_files.check_file(tmp_path / "out" / name)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(run, clip, out, monkeypatch, code):
    def full(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(output.os, "fsync", full)
    assert errors(run([clip])) == [OutputFull]
    assert out() == []


def test_what_is_there_is_kept_unless_asked(run, pictures, tmp_path):
    there = tmp_path / "out" / "p00.jpg"
    there.parent.mkdir()
    there.write_bytes(b"mine")
    assert errors(run(pictures[:2])) == [OutputExists]
    assert there.read_bytes() == b"mine"
    assert errors(run(pictures[:1], overwrite=True)) == []
    plain_files.check_file(there)


@pytest.mark.parametrize("name", ["p.jpg", "q.jpg"])
def test_a_source_is_never_replaced_by_any_of_its_names(run, pictures, tmp_path, name):
    """Neither under its own name nor under another name of the same file."""
    (tmp_path / "out").mkdir()
    source = tmp_path / "out" / "p.jpg"
    source.write_bytes(pictures[0].read_bytes())
    if name != "p.jpg":
        (tmp_path / "out" / name).hardlink_to(source)
        copy = tmp_path / name
        copy.write_bytes(pictures[1].read_bytes())
        paths = [source.rename(tmp_path / "p.jpg"), copy]
    else:
        paths = [source]
    before = [path.read_bytes() for path in paths]
    done = run(paths, overwrite=True)
    assert SinkError in errors(done)
    assert [path.read_bytes() for path in paths] == before


def test_what_concerns_all_files_ends_the_run(run, pictures, out):
    with pytest.raises(VideoUnreadable, match=r"none\.jpg: no such file"):
        run(pictures, replacement=pictures[0].with_name("none.jpg"), flags={"redact.background": "replace"})
    assert out() == []


def test_the_picture_for_the_background_must_be_one(run, pictures, clip):
    flags = {"redact.background": "replace"}
    with pytest.raises(VideoUnreadable, match=r"clip\.mp4: not a picture"):
        run(pictures[:2], replacement=clip, flags=flags)
    assert errors(run(pictures[:1], replacement=pictures[1], flags=flags)) == []


def test_progress_counts_files_and_frames(run, pictures, clip):
    watcher = run([*pictures[:4], clip], jobs=1).watcher
    assert watcher.began == ["4 pictures", "clip.mp4"]
    assert watcher.updates[-1] == (1.0, 1, 60)
    assert (4.0, 4, 4) in watcher.updates
    done = [done for done, total, _ in watcher.updates if total == 4]
    assert done == sorted(done)


def test_a_picture_that_is_too_large_for_the_memory_is_one_error(run, tmp_path, pictures, out):
    cv2.imwrite(str(tmp_path / "large.png"), np.zeros((11_000, 11_000), np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    done = run([tmp_path / "large.png", pictures[0]], jobs=1, flags={"job.memory_mib": 1024})
    assert [outcome.error is None for outcome in done.outcomes] == [False, True]
    assert "job.memory_mib" in str(done.outcomes[0].error)
    assert out() == ["p00.jpg"]


def test_the_picture_for_the_background_must_be_sound(run, pictures, tmp_path, out):
    half = tmp_path / "half.jpg"
    half.write_bytes(pictures[1].read_bytes()[:90_000])
    with pytest.raises(VideoUnreadable, match=r"half\.jpg is damaged"):
        run(pictures[:1], replacement=half, flags={"redact.background": "replace"})
    assert out() == []
