"""The one list of sources."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from posture.data import Source
from posture.sources.camera import open_wanted
from posture.sources.clip import ClipSource
from posture.sources.demo import DemoSource
from posture.sources.position import Position
from posture.sources.video import RedoSingleThreaded, VideoSource


def open_source(
    path: Path,
    *,
    threads: int | None = None,
    start_s: float = 0.0,
    end_s: float | None = None,
    rate: float | None = None,
    key: bytes = b"",
    behind: Position | None = None,
) -> VideoSource:
    """Open a video, animation or still picture; frames from `start_s` (inclusive) to `end_s` (exclusive).

    `behind`: begin behind this frame, as `VideoSource` does.

    `key`: the input key of a clip of the vault, where it is one.

    `rate` in Hz: frames that are not the first of their tick may be left out (`VideoSource`); None gives every one.
    `threads`: of the decoder; None takes one below 4K (720p at a reduced rate) and two from there on.

    Raises VideoUnreadable, for a clip VaultError too. Iterating with more than one thread raises `RedoSingleThreaded`
    at the first damage: throw the frames away and call again with `threads=1`, so that the same file always gives the
    same pixels.
    """
    opened = partial(ClipSource, path, key) if key else partial(VideoSource, path)
    try:
        return opened(threads=threads, start_s=start_s, end_s=end_s, rate=rate, behind=behind)
    except RedoSingleThreaded:  # nothing was handed out yet
        return opened(threads=1, start_s=start_s, end_s=end_s, rate=rate)


SOURCES: dict[str, Callable[..., Source]] = {
    "file": open_source,
    "clip": ClipSource,
    "demo": DemoSource,
    "camera": open_wanted,
}
