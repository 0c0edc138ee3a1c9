"""One whole picture a frame out of two half pictures: FFmpeg's bwdif, as soon as a frame is flagged interlaced."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.filter import Graph


@dataclass(frozen=True, slots=True)
class Decoded:
    """A frame and what a filter would not keep of it."""

    frame: av.VideoFrame
    stamp: Fraction | None
    """Presentation time in seconds of the container; None where it has none."""
    corrupt: bool = False


def deinterlaced(frames: Iterable[Decoded]) -> Iterator[Decoded]:
    """As many frames as come in, in the same order. Progressive frames pass untouched."""
    filter_: Bwdif | None = None
    for decoded in frames:
        if filter_ is not None and not filter_.fits(decoded.frame):
            yield from filter_.flush()
            filter_ = None
        if filter_ is None and decoded.frame.interlaced_frame:
            filter_ = Bwdif(decoded.frame)
        if filter_ is None:
            yield decoded
        else:
            yield from filter_.push(decoded)
    if filter_ is not None:
        yield from filter_.flush()


class Bwdif:
    """The filter graph for frames of one size and format. It holds one frame back, because it looks at the next."""

    def __init__(self, like: av.VideoFrame) -> None:
        self._shape = like.width, like.height, like.format.name
        self._waiting: deque[Decoded] = deque()
        self._number = 0
        self._graph = Graph()
        source = self._graph.add_buffer(
            width=like.width, height=like.height, format=like.format, time_base=Fraction(1, 25)
        )
        bwdif = self._graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
        self._graph.link_nodes(source, bwdif, self._graph.add("buffersink")).configure()

    def fits(self, frame: av.VideoFrame) -> bool:
        """Whether `frame` is of the size and format that the graph was made for."""
        return self._shape == (frame.width, frame.height, frame.format.name)

    def push(self, decoded: Decoded) -> Iterator[Decoded]:
        """Give one frame, get those that are ready."""
        # The filter wants timestamps that rise; the true ones are kept aside.
        decoded.frame.pts, decoded.frame.time_base = self._number, Fraction(1, 25)
        self._number += 1
        self._waiting.append(decoded)
        self._graph.vpush(decoded.frame)
        yield from self._ready()

    def flush(self) -> Iterator[Decoded]:
        """Those that are still held back."""
        self._graph.vpush(None)
        yield from self._ready()

    def _ready(self) -> Iterator[Decoded]:
        while True:
            try:
                frame = self._graph.vpull()
            except (av.BlockingIOError, av.EOFError):
                return
            original = self._waiting.popleft()
            frame.colorspace, frame.color_range = original.frame.colorspace, original.frame.color_range
            frame.color_primaries, frame.color_trc = original.frame.color_primaries, original.frame.color_trc
            yield Decoded(frame, original.stamp, original.corrupt)
