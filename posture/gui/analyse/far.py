"""A video as a `Clip` for the player: it is decoded in a child process, and only what shows comes over."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np

from posture import wire
from posture.data import Array, Observation, Picture, SourceInfo, frozen
from posture.errors import SourceError
from posture.gui.analyse.case import Case
from posture.gui.recordings.turning import Clip, Frames
from posture.job import Job, JobSettings

ANSWER_S = 30.0
"""How long a child may take to find a moment; then it is ended."""
USUAL_FRAME_S = 1 / 25


class FarFrame:
    """Implements `posture.data.Frame`; its pixels are asked for when they are wanted, while the child stands there."""

    corrupt = False

    def __init__(self, at: wire.At, pixels: Callable[[int, int], Picture]) -> None:
        self.index, self.time_s = at.index, at.time_s
        self.width, self.height = at.width, at.height
        self._pixels = pixels

    def shown(self, width: int, height: int) -> Picture:
        """See `Frame`."""
        return self._pixels(width, height)

    def scaled(self, width: int, height: int) -> Picture:
        """See `Frame`."""
        return np.ascontiguousarray(self.shown(width, height)[..., 2::-1])

    def luma(self, width: int, height: int) -> Picture:
        """See `Frame`."""
        return np.asarray(cv2.cvtColor(self.shown(width, height), cv2.COLOR_BGRA2GRAY), np.uint8)

    def glance(self, width: int, height: int) -> Picture:
        """See `Frame`."""
        return self.luma(width, height)

    def crop(self, affine: Array, size: int, border: str) -> Picture:
        """See `Frame`."""
        how = cv2.BORDER_CONSTANT if border == "black" else cv2.BORDER_REPLICATE
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        whole = self.scaled(self.width, self.height)
        return np.asarray(cv2.warpAffine(whole, affine, (size, size), flags=flags, borderMode=how), np.uint8)


class FarClip:
    """Implements `Clip`. Belongs to the thread that opened it."""

    torn = False

    def __init__(
        self, path: Path | None, info: SourceInfo, last_s: float, limits: JobSettings, key: bytes = b""
    ) -> None:
        """`path` None is the bundled demo; `last_s`: the last moment that was analysed. Raises SourceError."""
        rate, length_s = info.frame_rate, info.duration_s
        self.frame_s = 1 / rate if rate == rate and rate > 0 else USUAL_FRAME_S
        self.length_s = max(length_s if length_s == length_s else 0.0, last_s + self.frame_s)
        place, memory_bytes = os.fsencode(path) if path else None, limits.memory_mib << 20
        spec = wire.LookSpec(path=place, clip_key=key, memory_bytes=memory_bytes)
        # It lives as long as somebody looks; only an answer has to come in time.
        self._job = Job(spec, msgspec.structs.replace(limits, stall_s=ANSWER_S, time_limit_s=1e12))
        self._answers = iter(self._job)
        try:
            if not isinstance(next(self._answers), wire.Ready):
                raise SourceError("the decoding process said something else than that it is ready")
        except BaseException:
            self._job.close()
            raise

    def frames(self, start_s: float) -> Frames:
        """See `Clip`."""
        return _FarFrames(self._ask, start_s)

    def people(self, time_s: float) -> Observation | None:
        """None: the page draws who was seen, because corrections change it."""
        del time_s
        return None

    def close(self) -> None:
        """See `Clip`."""
        self._job.close()

    def _ask(self, command: wire.Command) -> wire.Message:
        self._job.ask(command)
        return next(self._answers)


class _FarFrames:
    def __init__(self, ask: Callable[[wire.Command], wire.Message], start_s: float) -> None:
        self._ask, self._start_s = ask, start_s

    def __iter__(self) -> Iterator[tuple[float, FarFrame]]:
        answer = self._ask(wire.Find(self._start_s))
        while isinstance(answer, wire.At):
            yield answer.time_s, FarFrame(answer, self._pixels)
            answer = self._ask(wire.Next())

    def _pixels(self, width: int, height: int) -> Picture:
        """uint8 [height, width, 4]. The child is not trusted with the size."""
        answer = self._ask(wire.Show(width, height))
        if not isinstance(answer, wire.Pixels) or len(answer.content) != width * height * 4:
            raise SourceError("the decoding process sent another picture than was asked for")
        return frozen(np.frombuffer(answer.content, np.uint8).reshape(height, width, 4))

    def close(self) -> None:
        """Nothing: the child keeps the file open for the next moment."""


class BlankClip:
    """Implements `Clip` for keypoints that came without pictures: a dark ground at the moments that there are."""

    torn = False

    def __init__(self, times_s: Array, size: tuple[int, int]) -> None:
        self._times_s, self._size = times_s, size
        self.frame_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else USUAL_FRAME_S
        self.length_s = float(times_s[-1]) + self.frame_s if len(times_s) else self.frame_s

    def frames(self, start_s: float) -> Frames:
        """See `Clip`."""
        first = int(np.searchsorted(self._times_s, start_s - 1e-6))
        return _BlankFrames(self._times_s[first:].tolist(), first, self._size)

    def people(self, time_s: float) -> Observation | None:
        """See `FarClip.people`."""
        del time_s
        return None

    def close(self) -> None:
        """See `Clip`."""


class _BlankFrames:
    def __init__(self, times_s: list[float], first: int, size: tuple[int, int]) -> None:
        self._times_s, self._first, self._size = times_s, first, size

    def __iter__(self) -> Iterator[tuple[float, FarFrame]]:
        for place, time_s in enumerate(self._times_s, self._first):
            yield time_s, FarFrame(wire.At(place, time_s, *self._size), _blank)

    def close(self) -> None:
        """Nothing is open."""


def _blank(width: int, height: int) -> Picture:
    ground = np.zeros((height, width, 4), np.uint8)
    ground[..., :] = (16, 13, 11, 255)  # `theme.CANVAS_GROUND`
    return frozen(ground)


def clip_of(case: Case) -> Clip:
    """The pictures of what was analysed. Raises SourceError."""
    info, times_s = case.observed.started.info, case.times_s
    if info.kind == "keypoints":
        return BlankClip(times_s, case.size)
    last_s = float(times_s[-1]) if len(times_s) else 0.0
    return FarClip(case.path, info, last_s, case.settings.job, case.key)
