"""What the decoding process does while somebody looks at a video: finds moments, and hands single pictures over.

    Find, Next ◄── parent     decoder ─► At, or Ended
    Show       ◄── parent     frame of that moment ─► Pixels

One answer for each command, in order; the parent asks for no more than it shows.
"""

import os
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from queue import SimpleQueue

from posture import wire
from posture.data import Damage, Frame, Source
from posture.errors import VideoUnreadable
from posture.privacy import limits

ONWARD_S = 0.5
"""A moment that is so little ahead is reached by decoding on: opening, seeking and decoding from a key frame costs
more."""
BEFORE_S = 0.4
"""So much before a moment is held too: it is decoded anyway, from the key frame on."""
HELD_PIXELS = 64_000_000
"""Of all frames that are held: about 100 MB."""
_SAME_TIME_S = 1e-6

Commands = SimpleQueue[wire.Command | None]


def messages(spec: wire.LookSpec, layers: tuple[str, ...], commands: Commands) -> Iterator[wire.Message]:
    """Answers until the parent wants no more. Raises SourceError where the file cannot be read at all."""
    import cv2

    cv2.setNumThreads(1)
    looking = _Looking(spec)
    yield wire.Ready(layers)
    try:
        while (command := commands.get()) is not None:
            yield looking.answer(command)
    finally:
        looking.close()
    yield wire.Finished(Damage(), 0, True, time.process_time(), limits.peak_memory())


class _Looking:
    """Where in the video it is. The frames just before are held, because a step back goes to one of them."""

    def __init__(self, spec: wire.LookSpec) -> None:
        self._spec = spec
        self._source: Source | None = None
        self._frames: Iterator[Frame] = iter(())
        self._held: deque[Frame] = deque()
        self._at = -1
        """Which of the held frames is looked at; the last one is where decoding is."""
        self._readable = False
        """Whether there ever was a frame."""

    def answer(self, command: wire.Command) -> wire.Message:
        match command:
            case wire.Find():
                return self._find(command.time_s)
            case wire.Next():
                return self._next()
            case wire.Show():
                return self._pixels(command.width, command.height)

    def close(self) -> None:
        if self._source is not None:
            self._source.close()

    def _find(self, time_s: float) -> wire.Message:
        if (place := self._in_hand(time_s)) is not None:
            self._at = place
            return self._where()
        if not self._held or not self._held[-1].time_s < time_s <= self._held[-1].time_s + ONWARD_S:
            try:
                self._open(max(time_s - BEFORE_S, 0.0))
            except VideoUnreadable:
                if not self._readable:
                    raise
                return wire.Ended()
        self._at = len(self._held) - 1
        found = self._next()
        while isinstance(found, wire.At) and found.time_s < time_s - _SAME_TIME_S:
            found = self._next()
        return found

    def _in_hand(self, time_s: float) -> int | None:
        """Number of the held frame that is the first one at or after `time_s`, where that is certain."""
        times = [frame.time_s for frame in self._held]
        place = bisect_left(times, time_s - _SAME_TIME_S)
        certain = place < len(times) and (place > 0 or times[0] <= time_s + _SAME_TIME_S)
        return place if certain else None

    def _next(self) -> wire.Message:
        if self._at + 1 == len(self._held) and not self._decode():
            return wire.Ended()
        self._at += 1
        return self._where()

    def _decode(self) -> bool:
        """Hold one more frame, and forget the oldest where they are too many."""
        try:
            frame = next(self._frames, None)
        except VideoUnreadable:
            if not self._readable:
                raise
            frame = None  # nothing there any more
        if frame is None:
            return False
        self._readable = True
        self._held.append(frame)
        while len(self._held) > max(2, HELD_PIXELS // (frame.width * frame.height)):
            self._held.popleft()
            self._at -= 1
        return True

    def _where(self) -> wire.At:
        frame = self._held[self._at]
        return wire.At(frame.index, frame.time_s, frame.width, frame.height)

    def _pixels(self, width: int, height: int) -> wire.Message:
        if not self._held:
            return wire.Ended()
        return wire.Pixels(self._held[self._at].shown(width, height).tobytes())

    def _open(self, start_s: float) -> None:
        from posture.sources import open_source

        self.close()
        self._held.clear()
        if self._spec.path is None:
            self._frames = _demo(start_s)
            return
        path = Path(os.fsdecode(self._spec.path))
        self._source = open_source(path, threads=1, start_s=start_s, key=self._spec.clip_key)
        self._frames = iter(self._source)


def _demo(start_s: float) -> Iterator[Frame]:
    """Frames of the bundled demo from a moment on."""
    from posture.sources.demo import PERIOD_S, DemoSource
    from posture.sources.picture import Picture

    demo = DemoSource(duration_s=PERIOD_S)
    rate = demo.info.frame_rate
    for index in count(max(0, -int(-start_s * rate // 1))):
        if (time_s := index / rate) >= PERIOD_S:
            return
        yield Picture(demo.render(time_s), index=index, time_s=time_s)
