"""What the decoding process does of an analysis: decode and pose together, or the pictures of single moments.

    decoder ─► pose ─► measurements ─► Started, Batch, Batch, … Finished
    or Still, Still, … Finished; for the trial of a model Finished alone

Nothing heavy is imported at the top: the limits of the process must hold before.
"""

import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from posture import checkpoints, wire
from posture.data import Damage, Frame, Measurements, Observation, Pose, Source
from posture.errors import SourceError
from posture.privacy import limits

if TYPE_CHECKING:
    from posture.ergonomics.measure import MeasureSettings
    from posture.pipeline import Progress
    from posture.sources.position import Position

BATCH_S = 0.5
"""Seconds after which the child sends what it has."""
STILL_PX, STILL_QUALITY = 480, 85
"""Longer side of a still and its JPEG quality: enough to see how a person stands."""
RECORDED = "the poses that were recorded with it"
"""Stands for a model where none ran."""
_SAME_TIME_S = 1e-6
"""Times in reports are rounded to this."""


def messages(spec: wire.JobSpec, layers: tuple[str, ...], stop: threading.Event) -> Iterator[wire.Message]:
    """The job, redone once with one decoder thread where frame threads met damage (they do not repeat there)."""
    import cv2

    from posture.sources import RedoSingleThreaded

    cv2.setNumThreads(1)
    sys.setswitchinterval(0.001)  # seconds; at the default 5 ms a thread waits too long for the GIL after a model run
    if spec.trial_sha256:
        yield _trial(spec)
        return
    if spec.stills_s:
        yield from _stills(spec, stop)
        return
    earlier = checkpoints.earlier(spec.behind)
    try:
        try:
            yield from _attempt(spec, layers, stop, threads=None, earlier=earlier)
        except checkpoints.Unfit as exc:
            yield wire.Redone(str(exc))
            yield from _attempt(spec, layers, stop, threads=None)
    except RedoSingleThreaded as exc:
        yield wire.Redone(str(exc))
        yield from _attempt(spec, layers, stop, threads=1)


def _attempt(
    spec: wire.JobSpec,
    layers: tuple[str, ...],
    stop: threading.Event,
    threads: int | None,
    earlier: "checkpoints.Earlier | None" = None,
) -> Iterator[wire.Message]:
    from posture import pipeline
    from posture.ergonomics.iso11226 import assess
    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator
    from posture.sources.clip import ClipSource

    source = checkpoints.opened(partial(_open, spec), threads, earlier)
    try:
        looks = source.looks() if isinstance(source, ClipSource) and spec.analysis.poses == "recorded" else iter(())
        if (first := next(looks, None)) is not None:
            yield from _of_looks(spec, source, chain([first], looks), layers, stop)
            return
        estimator = Estimator(Catalogue.load(), spec.pose, still=source.info.kind == "image")
        provider = estimator.providers[-1]
        yield wire.Started(source.info, *estimator.model, provider, estimator.fallback_reason, layers)
        progress = pipeline.Progress()
        keeper = checkpoints.Keeper(estimator, spec.checkpoint_s, threads, earlier)
        observations = pipeline.observations(
            source,
            keeper,
            measured_by(spec.measure),
            assess,
            rate=spec.analysis.rate,
            progress=progress,
            stop=stop,
            seen=earlier,
        )
        if earlier is not None:
            progress.frames_decoded, progress.time_s = earlier.position.index + 1, earlier.until_s
        yield from _batches(observations, progress, keeper)
        if stop.is_set():
            yield from keeper.checkpoint()
        elif earlier is not None:
            earlier.check()
        yield _finished(source.damage, progress, stop)
    finally:
        source.close()


def measured_by(settings: "MeasureSettings") -> Callable[[Pose, int, int], Measurements]:
    """What measures a pose in a picture of some width and height."""
    from posture.ergonomics.measure import measure

    camera = settings.camera
    return lambda pose, width, height: measure(pose, width, height, camera)


def _of_looks(
    spec: wire.JobSpec, source: Source, looks: Iterator[Observation], layers: tuple[str, ...], stop: threading.Event
) -> Iterator[wire.Message]:
    """The job where a recording brings its poses along: without a model."""
    from posture import pipeline
    from posture.ergonomics.iso11226 import assess

    info, progress = source.info, pipeline.Progress()
    yield wire.Started(info, RECORDED, "", "", "", layers)
    observations = pipeline.recorded(
        looks,
        (info.width, info.height),
        measured_by(spec.measure),
        assess,
        rate=spec.analysis.rate,
        between_s=(spec.start_s, math.inf if spec.end_s is None else spec.end_s),
        progress=progress,
        stop=stop,
    )
    yield from _batches(observations, progress)
    yield _finished(source.damage, progress, stop)


def _trial(spec: wire.JobSpec) -> wire.Finished:
    """Run a model once that is not trusted yet. Raises ModelError."""
    from posture.pose.trial import run_once

    assert spec.path is not None
    run_once(Path(os.fsdecode(spec.path)), spec.trial_sha256, spec.pose, spec.trial_use)
    return wire.Finished(Damage(), 0, stopped=False, cpu_s=time.process_time(), peak_memory_bytes=limits.peak_memory())


def _open(spec: wire.JobSpec, threads: int | None, behind: "Position | None" = None) -> Source:
    from posture.sources import open_source
    from posture.sources.demo import PERIOD_S, DemoSource

    if spec.path is None:
        return DemoSource(duration_s=spec.end_s or PERIOD_S)
    path, rate = Path(os.fsdecode(spec.path)), spec.analysis.decode_rate
    return open_source(
        path, threads=threads, start_s=spec.start_s, end_s=spec.end_s, rate=rate, key=spec.clip_key, behind=behind
    )


def _stills(spec: wire.JobSpec, stop: threading.Event) -> Iterator[wire.Message]:
    """Each from a source of its own, which seeks. A frame that cannot be read again is left out."""
    found = 0
    for time_s in spec.stills_s:
        if stop.is_set():
            break
        with suppress(SourceError):
            yield _still(_frame_at(spec, time_s), time_s)
            found += 1
    yield wire.Finished(Damage(), found, stop.is_set(), time.process_time(), limits.peak_memory())


def _frame_at(spec: wire.JobSpec, time_s: float) -> Frame:
    """The frame of that time. Raises SourceError."""
    from posture.sources import open_source
    from posture.sources.demo import DemoSource
    from posture.sources.picture import Picture

    if spec.path is None:
        return Picture(DemoSource().render(time_s), index=0, time_s=time_s)
    start_s = max(time_s - _SAME_TIME_S, 0.0)
    source = open_source(Path(os.fsdecode(spec.path)), threads=1, start_s=start_s, key=spec.clip_key)
    try:
        return next(iter(source))
    finally:
        source.close()


def _still(frame: Frame, time_s: float) -> wire.Still:
    import cv2

    scale = min(1.0, STILL_PX / max(frame.width, frame.height))
    size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    picture = cv2.cvtColor(frame.scaled(*size), cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, STILL_QUALITY])  # writes no metadata
    return wire.Still(time_s, frame.width, frame.height, jpeg.tobytes())


def _batches(
    observations: Iterable[Observation | None], progress: "Progress", keeper: "checkpoints.Keeper | None" = None
) -> Iterator[wire.Message]:
    held: list[Observation] = []
    sent_s = time.monotonic()
    for observation in observations:
        if observation is not None:
            held.append(observation)
        due = keeper is not None and observation is not None and keeper.due()
        if due or time.monotonic() - sent_s >= BATCH_S:
            yield wire.Batch(held, progress.frames_decoded, progress.time_s, time.process_time())
            held, sent_s = [], time.monotonic()
        if due and keeper is not None:
            yield from keeper.checkpoint()
    yield wire.Batch(held, progress.frames_decoded, progress.time_s, time.process_time())


def _finished(damage: Damage, progress: "Progress", stop: threading.Event) -> wire.Finished:
    return wire.Finished(
        damage=damage,
        frames_decoded=progress.frames_decoded,
        stopped=stop.is_set(),
        cpu_s=time.process_time(),
        peak_memory_bytes=limits.peak_memory(),
    )
