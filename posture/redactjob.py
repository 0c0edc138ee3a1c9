"""What the decoding process does of a redaction: decode, redact, encode, and hand the bytes back in bounded pieces.

    for each file:  decoder ─► redactor ─► encoder ─► Piece, Piece, … Done
                                                      or Refused, whatever was sent before

One process works through many pictures, because starting it and loading the models takes longer than a picture. A
redacted file is complete with `Done` alone: an error anywhere, or a wish to stop, ends the file without it.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from posture import wire
from posture.data import Damage, Frame, Picture, Source
from posture.errors import PostureError, SourceError, VideoUnreadable
from posture.pipeline import Progress, decoded_ahead

if TYPE_CHECKING:
    from posture.redactor import Redacted, Redactor
    from posture.sources.plainvideo import PlainVideo

TELL_EVERY_S = 0.5
"""Seconds of wall time after which the parent hears how far a video is."""


class _Most:
    """What was found, the most of it in one frame."""

    def __init__(self) -> None:
        self.frames = self.faces = self.people = self.uncertain = 0

    def add(self, redacted: "Redacted") -> None:
        self.frames += 1
        self.faces = max(self.faces, redacted.faces)
        self.people = max(self.people, redacted.people)
        self.uncertain = max(self.uncertain, redacted.uncertain)

    def done(self, damage: Damage) -> wire.Done:
        return wire.Done(self.frames, self.faces, self.people, self.uncertain, damage)


class _Redactors:
    """One for all pictures, which have nothing to do with each other; a new one for each video, which it remembers."""

    def __init__(self, spec: wire.RedactSpec) -> None:
        from posture.pose.catalogue import Catalogue

        self._spec = spec
        self._catalogue = Catalogue.load()
        self._replacement = _replacement(spec.replacement)
        self._still: Redactor | None = None
        self._video: Redactor | None = None
        if spec.still:
            self._still = self._new(still=True)
        else:
            self._video = self._new(still=False)

    def for_picture(self) -> "Redactor":
        if self._still is None:
            self._still = self._new(still=True)
        return self._still

    def for_video(self) -> "Redactor":
        """One that has seen no frame yet."""
        redactor, self._video = self._video or self._new(still=False), None
        return redactor

    def _new(self, *, still: bool) -> "Redactor":
        from posture.redactor import Redactor

        spec = self._spec
        return Redactor(
            self._catalogue, spec.redact, spec.pose, replacement=self._replacement, still=still, captions=spec.captions
        )


def messages(spec: wire.RedactSpec, layers: tuple[str, ...], stop: threading.Event) -> Iterator[wire.Message]:
    """The whole job but for `Finished`.

    Raises the PostureError that keeps every file from being redacted: of a model, or of the replacement.
    """
    import cv2

    cv2.setNumThreads(1)
    redactors = _Redactors(spec)
    yield wire.Ready(layers)
    for path, key in zip_longest(spec.paths, spec.clip_keys, fillvalue=b""):
        if stop.is_set():
            break
        try:
            yield from _file(_opened(Path(os.fsdecode(path)), key, spec), spec, redactors, stop)
        except PostureError as exc:
            yield wire.Refused(type(exc).__name__, str(exc))
        except MemoryError:
            limit = spec.memory_bytes >> 20
            yield wire.Refused(SourceError.__name__, f"{_printed(path)}: needs more than job.memory_mib = {limit}")


def _file(
    source: Source, spec: wire.RedactSpec, redactors: _Redactors, stop: threading.Event
) -> Iterator[wire.Message]:
    """One file. Decoded with one thread, so that damage never makes it begin again (see `sources.video`)."""
    try:
        frames: Iterator[Frame] = iter(source)
        start = [next(frames)]
        if source.info.kind == "animation":
            start += [frame for frame in [next(frames, None)] if frame is not None]
        if source.info.kind == "image" or (source.info.kind == "animation" and len(start) == 1):
            yield from _picture(start[0], source, redactors.for_picture())
            return
        with closing(redactors.for_video()) as redactor:
            yield from _video(start, source, redactor, spec.crf, stop)
    finally:
        source.close()


def _opened(path: Path, key: bytes, spec: wire.RedactSpec) -> Source:
    """The part that is asked for of a video; a picture has no parts."""
    from posture.sources import open_source

    if key:
        from posture.sources.clip import ClipSource

        return ClipSource(path, key, threads=1, start_s=spec.start_s, end_s=spec.end_s)
    source = open_source(path, threads=1, start_s=spec.start_s, end_s=spec.end_s)
    if source.info.kind != "image" or spec.start_s == 0:
        return source
    source.close()
    return open_source(path, threads=1)


def _picture(frame: Frame, source: Source, redactor: "Redactor") -> Iterator[wire.Message]:
    from posture.sources.plainpicture import encoded, suffix_for

    suffix, most = suffix_for(source.info.codec), _Most()
    yield wire.Begun(suffix, source.info)
    redacted = redactor(frame)
    most.add(redacted)
    yield from _pieces(encoded(redacted.pixels, suffix))
    yield most.done(source.damage)


def _video(
    start: list[Frame], source: Source, redactor: "Redactor", crf: int, stop: threading.Event
) -> Iterator[wire.Message]:
    """`start`: the frames that the source has given already. Decoding goes on in a thread beside the models."""
    from posture.redactor import LookBack

    yield wire.Begun("mp4", source.info)
    most, told_s = _Most(), time.monotonic()
    waiting, video = LookBack(redactor), _LateVideo(source, crf)
    with decoded_ahead(source, rate="all", progress=Progress(), stop=stop) as coming:
        for frame in chain(start, coming):
            if stop.is_set():
                return
            if frame is None:
                continue
            redacted = redactor(frame)
            most.add(redacted)
            for pixels, time_s in waiting.due(frame.time_s):
                yield from _pieces(video.add(pixels, time_s))
            waiting.add(redacted, frame.time_s)
            if time.monotonic() - told_s >= TELL_EVERY_S:
                told_s = time.monotonic()
                yield wire.Advanced(most.frames, frame.time_s)
    if stop.is_set() or not most.frames:  # a stop that came while the last frames were decoded: some may be missing
        return
    for pixels, time_s in waiting.due():
        yield from _pieces(video.add(pixels, time_s))
    yield from _pieces(video.end())
    yield most.done(source.damage)


class _LateVideo:
    """The encoder, which begins with the first frame because that says how large the picture is."""

    def __init__(self, source: Source, crf: int) -> None:
        self._source, self._crf = source, crf
        self._video: PlainVideo | None = None

    def add(self, pixels: Picture, time_s: float) -> bytes:
        """Encode a frame; what of the file is ready."""
        from posture.sources.plainvideo import PlainVideo

        if self._video is None:
            height, width = pixels.shape[:2]
            self._video = PlainVideo(width, height, rate=self._source.info.frame_rate, crf=self._crf)
        self._video.add(pixels, time_s)
        return self._video.take()

    def end(self) -> bytes:
        """The rest of the file. There was a frame."""
        assert self._video is not None
        self._video.end()
        return self._video.take()


def _pieces(content: bytes) -> Iterator[wire.Message]:
    for start in range(0, len(content), wire.PIECE_LIMIT):
        yield wire.Piece(content[start : start + wire.PIECE_LIMIT])


def _replacement(path: bytes | None) -> Picture | None:
    """The picture that stands in for the background, uint8 RGB [height, width, 3]. Raises VideoUnreadable."""
    from posture.sources import open_source

    if path is None:
        return None
    source = open_source(Path(os.fsdecode(path)), threads=1)
    try:
        if source.info.kind != "image":
            raise VideoUnreadable(f"{_printed(path)}: not a picture; give a JPEG or PNG file for the background")
        frame = next(iter(source))
        if source.damage.any:
            raise VideoUnreadable(f"{_printed(path)} is damaged; give a sound picture for the background")
        return frame.scaled(frame.width, frame.height)
    finally:
        source.close()


def _printed(path: bytes) -> str:
    """The name without its folder, for messages."""
    return Path(os.fsdecode(path)).name
