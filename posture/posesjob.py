"""What the decoding process does of keypoints that another program found: read, measure, judge.

    file or folder ─► Motion ─► poses ─► measurements ─► Started, Batch, Batch, … Finished

Their readers are native code of others, so they run under the same limits as the decoder of videos.
"""

import math
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from posture import wire
from posture.data import Damage, Observation, Pose, SourceInfo, Subject
from posture.interchange.reading import format_of, picture_px, poses, read
from posture.privacy import limits

TOGETHER = 500
"""Frames in one message."""


def is_for(spec: wire.JobSpec) -> bool:
    """Whether the job is about keypoints."""
    return spec.path is not None and format_of(Path(os.fsdecode(spec.path))) is not None


def messages(spec: wire.JobSpec, layers: tuple[str, ...], stop: threading.Event) -> Iterator[wire.Message]:
    """The job. Raises VideoUnreadable."""
    from posture.ergonomics.iso11226 import assess
    from posture.ergonomics.measure import measure

    assert spec.path is not None
    if spec.stills_s:  # there are no pictures
        yield _finished(0, stop)
        return
    motion = read(Path(os.fsdecode(spec.path)), spec.frame_rate)
    size = picture_px(motion)
    length_s = float(motion.time_s[-1]) if len(motion.time_s) else 0.0
    yield wire.Started(SourceInfo("keypoints", *size, motion.rate_hz, length_s), "", "", "", "", layers)

    def subject(pose: Pose) -> Subject:
        measured = measure(pose, *size, spec.measure.camera)
        return Subject(pose, measured, assess(measured))

    held: list[Observation] = []
    done, end_s = 0, spec.end_s if spec.end_s is not None else math.inf
    for time_s, people in zip(motion.time_s.tolist(), poses(motion), strict=True):
        if spec.start_s <= time_s < end_s:
            held.append(Observation(done, time_s, tuple(map(subject, people))))
        done += 1
        if len(held) == TOGETHER:
            yield wire.Batch(held, done, time_s, time.process_time())
            held = []
        if stop.is_set():
            break
    yield wire.Batch(held, done, length_s, time.process_time())
    yield _finished(done, stop)


def _finished(frames: int, stop: threading.Event) -> wire.Finished:
    return wire.Finished(Damage(), frames, stop.is_set(), time.process_time(), limits.peak_memory())
