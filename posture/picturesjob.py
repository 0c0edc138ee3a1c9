"""What the decoding process does of many pictures: each is decoded and estimated as if it were alone.

    for each picture:  decoder ─► pose ─► measurements ─► Started, Batch, Analysed
                                                          or Refused

Starting a process and loading the models takes longer than a picture, so one process works through many. Between two
pictures the estimator forgets everything: what is sent of a picture does not depend on those before it.
"""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from posture import wire
from posture.data import Source
from posture.errors import PostureError, SourceError, VideoUnreadable, printable

if TYPE_CHECKING:
    from posture.pose.estimator import Estimator


def messages(spec: wire.PicturesSpec, layers: tuple[str, ...], stop: threading.Event) -> Iterator[wire.Message]:
    """The whole job but for `Finished`. Raises the PostureError that keeps every picture from being analysed."""
    import cv2

    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator
    from posture.sources import RedoSingleThreaded

    cv2.setNumThreads(1)
    sys.setswitchinterval(0.001)  # seconds, as in `analysisjob`
    estimator = Estimator(Catalogue.load(), spec.pose, still=True)
    for path in (Path(os.fsdecode(path)) for path in spec.paths):
        if stop.is_set():
            return
        try:
            try:
                yield from _one(path, spec, estimator, layers, threads=None)
            except RedoSingleThreaded as exc:
                yield wire.Redone(str(exc))
                yield from _one(path, spec, estimator, layers, threads=1)
        except PostureError as exc:
            yield wire.Refused(type(exc).__name__, str(exc))
        except MemoryError:
            words = f"{printable(path.name)}: needs more than job.memory_mib = {spec.memory_bytes >> 20}"
            yield wire.Refused(SourceError.__name__, words)


def _one(
    path: Path, spec: wire.PicturesSpec, estimator: "Estimator", layers: tuple[str, ...], threads: int | None
) -> Iterator[wire.Message]:
    from posture import pipeline
    from posture.analysisjob import measured_by
    from posture.ergonomics.iso11226 import assess
    from posture.pose.track import Memory
    from posture.sources import open_source

    source: Source = open_source(path, threads=threads, rate=spec.analysis.decode_rate)
    try:
        if source.info.kind != "image":
            raise VideoUnreadable(f"{printable(path.name)}: {NOT_A_PICTURE}")
        estimator.remember(Memory())
        provider = estimator.providers[-1]
        yield wire.Started(source.info, *estimator.model, provider, estimator.fallback_reason, layers)
        progress = pipeline.Progress()
        observations = pipeline.observations(
            source,
            estimator,
            measured_by(spec.measure),
            assess,
            rate=spec.analysis.rate,
            progress=progress,
            stop=threading.Event(),
        )
        held = [observation for observation in observations if observation is not None]
        yield wire.Batch(held, progress.frames_decoded, progress.time_s, 0.0)
        yield wire.Analysed(source.damage, progress.frames_decoded)
    finally:
        source.close()


NOT_A_PICTURE = "it moves, and was taken for a picture by its name"
