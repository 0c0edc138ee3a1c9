"""Looking at a video in a child: it finds moments, hands over what was asked for, and nothing else."""

import os
from contextlib import closing

import numpy as np
import pytest

from posture import wire
from posture.data import SourceInfo
from posture.errors import SourceError, VideoUnreadable
from posture.gui.analyse.far import BlankClip, FarClip
from posture.job import Job, JobSettings
from posture.sources.plainvideo import PlainVideo

RATE, FRAMES = 10.0, 30


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Three seconds; each frame is brighter than the one before."""
    film = PlainVideo(64, 48, rate=RATE, crf=18)
    content = b""
    for number in range(FRAMES):
        film.add(np.full((48, 64, 3), 20 + 7 * number, np.uint8), number / RATE)
        content += film.take()
    film.end()
    path = tmp_path_factory.mktemp("look") / "brighter.mp4"
    path.write_bytes(content + film.take())
    return path


def clip(path):
    return FarClip(path, SourceInfo("video", 64, 48, RATE, FRAMES / RATE), 2.9, JobSettings())


def number_of(frame):
    return round((float(frame.shown(64, 48)[..., :3].mean()) - 20) / 7)


def test_any_moment_is_found_and_read_on_from(video):
    with closing(clip(video)) as far:
        for start_s in (0.0, 1.25, 1.15, 0.85, 2.0, 0.31, 2.9, 2.8):
            coming = iter(far.frames(start_s))
            first = round(start_s * RATE + 0.4999)
            for number in range(first, min(first + 2, FRAMES)):
                time_s, frame = next(coming)
                assert time_s == pytest.approx(number / RATE, abs=0.002)
                assert number_of(frame) == number
        assert list(far.frames(60.0)) == []
        assert next(iter(far.frames(0.5)))[0] == pytest.approx(0.5, abs=0.002), "goes on after that"


def test_a_picture_is_as_large_as_it_was_asked_for(video):
    with closing(clip(video)) as far:
        _, frame = next(iter(far.frames(0.0)))
        assert (frame.width, frame.height) == (64, 48)
        assert frame.shown(32, 24).shape == (24, 32, 4)
        assert not frame.shown(32, 24).flags.writeable


def test_the_child_is_not_trusted_with_the_size(video):
    with closing(clip(video)) as far:
        frames = far.frames(0.0)
        frames._ask = lambda command: (
            wire.At(0, 0.0, 64, 48) if isinstance(command, wire.Find) else wire.Pixels(b"too few")
        )
        _, frame = next(iter(frames))
        with pytest.raises(SourceError, match="another picture"):
            frame.shown(32, 24)


def test_what_is_no_video_is_said_to_be_none(tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"nothing")
    with closing(clip(bad)) as far, pytest.raises(VideoUnreadable):
        next(iter(far.frames(0.0)))


def test_the_child_ends_when_nobody_asks_any_more(video):
    job = Job(wire.LookSpec(path=os.fsencode(video), memory_bytes=4 << 30), JobSettings())
    answers = iter(job)
    assert isinstance(next(answers), wire.Ready)
    job.stop()
    assert isinstance(next(answers), wire.Finished)
    job.close()


def test_the_demo_can_be_looked_at(tmp_path):
    info = SourceInfo("demo", 960, 720, 30.0, 24.0)
    with closing(FarClip(None, info, 23.9, JobSettings())) as far:
        time_s, frame = next(iter(far.frames(7.01)))
        assert time_s == pytest.approx(7.0333, abs=0.001)
        assert frame.shown(96, 72)[..., :3].std() > 10


def test_keypoints_without_pictures_have_a_dark_ground():
    blank = BlankClip(np.array([0.0, 0.5, 1.0]), (64, 48))
    assert [time_s for time_s, _ in blank.frames(0.4)] == [0.5, 1.0]
    assert blank.length_s == 1.5
