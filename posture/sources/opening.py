"""The one list of sources."""

from collections.abc import Callable
from pathlib import Path

from posture.data import Source
from posture.sources.camera import open_wanted
from posture.sources.demo import DemoSource
from posture.sources.video import RedoSingleThreaded, VideoSource


def open_source(
    path: Path,
    *,
    threads: int | None = None,
    start_s: float = 0.0,
    end_s: float | None = None,
    rate: float | None = None,
) -> Source:
    """Open a video, animation or still picture; frames from `start_s` (inclusive) to `end_s` (exclusive).

    `rate` in Hz: frames that are not the first of their tick may be left out (`VideoSource`); None gives every one.
    `threads`: of the decoder; None takes one below 4K (720p at a reduced rate) and two from there on.

    Raises VideoUnreadable. Iterating with more than one thread raises `RedoSingleThreaded` at the first damage: throw
    the frames away and call again with `threads=1`, so that the same file always gives the same pixels.
    """
    try:
        return VideoSource(path, threads=threads, start_s=start_s, end_s=end_s, rate=rate)
    except RedoSingleThreaded:  # nothing was handed out yet
        return VideoSource(path, threads=1, start_s=start_s, end_s=end_s, rate=rate)


SOURCES: dict[str, Callable[..., Source]] = {
    "file": open_source,
    "demo": DemoSource,
    "camera": open_wanted,
}
