"""Single pictures from the child process."""

import os

import cv2
import numpy as np
import pytest

from posture import wire
from posture.ergonomics.measure import MeasureSettings
from posture.job import Job, JobSettings
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings
from posture.sources import open_source
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource


def taken(path, *times):
    spec = wire.JobSpec(
        path=os.fsencode(path) if path else None, pose=PoseSettings(), measure=MeasureSettings(),
        analysis=AnalysisSettings(), memory_bytes=2 << 30, stills_s=times,
    )  # fmt: skip
    job = Job(spec, JobSettings())
    try:
        *stills, finished = job
    finally:
        job.close()
    assert isinstance(finished, wire.Finished)
    assert all(isinstance(still, wire.Still) for still in stills)
    return stills


def segments(jpeg):
    """Markers of a JPEG in order, up to the start of its scan."""
    assert jpeg[:2] == b"\xff\xd8"
    found, at = [], 2
    while found[-1:] != [0xDA]:
        assert jpeg[at] == 0xFF
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_clip(path, DemoSource(640, 480, 30.0, 6.0))
    return path


def test_each_is_the_frame_of_its_time(clip):
    frames = {}
    source = open_source(clip, threads=1)
    for frame in source:
        if frame.index in (0, 45, 165):
            frames[round(frame.time_s, 6)] = frame.scaled(480, 360)
    source.close()
    stills = taken(clip, *frames)
    assert [still.time_s for still in stills] == list(frames)
    assert {(still.width, still.height) for still in stills} == {(640, 480)}
    for still in stills:
        picture = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB).astype(float)
        errors = {time_s: np.abs(picture - frame).mean() for time_s, frame in frames.items()}
        assert min(errors, key=errors.get) == still.time_s
        assert errors[still.time_s] < 3.0  # of 255; what JPEG changes


def test_they_are_small_and_carry_no_metadata(clip):
    (still,) = taken(clip, 2.0)
    assert cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (360, 480, 3)
    app0, quantisation, frame, huffman, scan = 0xE0, 0xDB, 0xC0, 0xC4, 0xDA  # no Exif (E1), no comment (FE)
    assert set(segments(still.jpeg)) == {app0, quantisation, frame, huffman, scan}


def test_of_the_demo():
    stills = taken(None, 0.0, 7.5)
    assert [(still.width, still.height) for still in stills] == [(960, 720)] * 2
    assert stills[0].jpeg != stills[1].jpeg


def test_a_time_without_a_frame_is_left_out(clip):
    assert [still.time_s for still in taken(clip, 1.0, 99.0)] == [1.0]


def test_the_same_bytes_each_time(clip):
    assert taken(clip, 1.5) == taken(clip, 1.5)
