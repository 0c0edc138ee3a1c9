"""What the decoding process needs to go on behind a frame after it was ended, and when it says so.

    the estimator's memory (who is where, filters, the last scene) + the position of the frame + a hash of its pixels

Going on begins at a key frame before that frame where the stream allows it (`sources.video`), else at the first frame,
which is decoded without the model. Either way the frame must be the same to the last bit; otherwise the file is done
from its start. So the results are those of a run that was never ended.

Nothing heavy is imported at the top: the limits of the process must hold before.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from posture import wire
from posture.data import Frame, Pose, Source
from posture.errors import SourceError

if TYPE_CHECKING:
    from posture.pose.estimator import Estimator
    from posture.sources.picture import Picture
    from posture.sources.position import Position

LATEST = 4.0
"""A checkpoint waits for a key frame, whose successors are quick to reach again, but no longer than so many times the
usual distance."""


class Unfit(Exception):
    """The checkpoint is not of this file, or another decoder reads it."""


class Earlier:
    """An earlier run up to its checkpoint. Implements `pipeline.Seen`."""

    def __init__(self, position: "Position", digest: str, threads: int | None, memory: bytes) -> None:
        self.position, self.threads, self.memory = position, threads, memory
        self._digest = digest
        self._recognised = False

    @property
    def until_s(self) -> float:
        """See `pipeline.Seen`."""
        return self.position.time_s

    def recognise(self, frame: Frame) -> None:
        """Raise Unfit unless this is the frame of the checkpoint."""
        if frame.index != self.position.index or digest_of(frame) != self._digest:
            raise Unfit("the checkpoint is of another file")
        self._recognised = True

    def check(self) -> None:
        """Raise Unfit unless the frame was recognised. Called before the first frame behind it."""
        if not self._recognised:
            raise Unfit("the frame of the checkpoint is not there")


def earlier(content: bytes) -> Earlier | None:
    """Of the content of a checkpoint; None where there is none, or none that this program can read."""
    if not content:
        return None
    from posture.sources.position import Position

    try:
        position, digest, threads, memory = wire.unpacked(content, tuple[Position, str, int | None, bytes])
    except SourceError:
        return None
    return Earlier(position, digest, threads, memory)


def opened(
    open_: "Callable[[int | None, Position | None], Source]", threads: int | None, earlier: Earlier | None
) -> Source:
    """The source, behind the checkpoint where it can begin at a key frame, else at its beginning."""
    if earlier is None:
        return open_(threads, None)
    from posture.sources.video import Unreachable, VideoSource

    threads = earlier.threads
    try:
        source = open_(threads, earlier.position)
    except Unreachable:
        return open_(threads, None)
    if isinstance(source, VideoSource) and source.reached is not None:
        try:
            earlier.recognise(source.reached)
        except Unfit:
            source.close()
            return open_(threads, None)
    return source


class Keeper:
    """The estimator, watched: says after which frame a checkpoint is due, and makes it."""

    def __init__(
        self, estimator: "Estimator", every_s: float, threads: int | None, earlier: Earlier | None = None
    ) -> None:
        """`every_s`: of wall time; 0 makes none. `threads`: what the source was opened with."""
        from posture.pose.track import Memory

        self._estimator, self._every_s, self._earlier = estimator, every_s, earlier
        self._threads = threads if earlier is None else earlier.threads
        self._kept_s = time.monotonic()
        self._keys = 0
        self._frame: Picture | None = None
        if earlier is not None:
            estimator.remember(wire.unpacked(earlier.memory, Memory))
            self._keys = earlier.position.keys

    def __call__(self, frame: Frame) -> tuple[tuple[Pose, ...], int]:
        """See `Estimator`."""
        from posture.sources.picture import Picture

        if self._earlier is not None:
            self._earlier.check()
        self._frame = frame if isinstance(frame, Picture) and self._every_s else None
        return self._estimator(frame)

    def due(self) -> bool:
        """Whether to make one behind the frame that was estimated last."""
        if self._frame is None or self._frame.position is None:
            return False
        waited_s = time.monotonic() - self._kept_s
        return waited_s >= self._every_s and (
            self._frame.position.keys > self._keys or waited_s >= LATEST * self._every_s
        )

    def checkpoint(self) -> Iterator[wire.Checkpoint]:
        """The checkpoint behind that frame; none where the source cannot go on behind a frame, or nothing is new."""
        frame, self._frame = self._frame, None
        if frame is None or frame.position is None:
            return
        self._kept_s, self._keys = time.monotonic(), frame.position.keys
        memory = wire.packed(self._estimator.memory())
        yield wire.Checkpoint(wire.packed((frame.position, digest_of(frame), self._threads, memory)))


def digest_of(frame: Frame) -> str:
    """SHA-256 of its pixels as they were decoded."""
    from posture.sources.picture import Picture

    return frame.digest() if isinstance(frame, Picture) else ""
