"""A clip of the vault, open for playing: any moment of it, and who was seen then. Nothing of it is ever in a file."""

import io
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from posture.data import Frame, Observation
from posture.errors import Damaged, UnsupportedVersion
from posture.sources.container import Stream
from posture.sources.video import VideoSource
from posture.vault import boxes, track
from posture.vault.clip import ClipReader
from posture.vault.timeline import FromPart, timeline

_NAME = "recording"
"""For messages; nobody knows it by another one."""
FRESH_S = 0.5
"""A person is shown as lines for so long after the look that found them there, and no longer."""


class VaultClip:
    """Implements `posture.gui.recordings.turning.Clip`."""

    def __init__(self, file: BinaryIO, read: Callable[[BinaryIO], ClipReader]) -> None:
        """`file` is closed with the clip, also where `read` refuses it. Raises VaultError."""
        self._file = file
        try:
            self._reader = read(file)
            self._times = timeline(self._reader)
        except BaseException:
            file.close()
            raise
        self._looks: dict[int, list[Observation]] = {}

    @property
    def length_s(self) -> float:
        """See Clip."""
        return self._times.length_s

    @property
    def frame_s(self) -> float:
        """See Clip."""
        return self._times.frame_s

    @property
    def torn(self) -> bool:
        """See Clip."""
        return self._reader.torn

    def frames(self, start_s: float) -> "Shifted":
        """See Clip."""
        number = self._times.at(start_s)
        began_s = self._times.parts[number].began_s
        stream = Stream(_NAME, partial(self._opened, number))
        source = VideoSource(stream, threads=1, start_s=max(0.0, start_s - began_s))
        return Shifted(source, began_s)

    def people(self, time_s: float) -> Observation | None:
        """See Clip: the newest look, where it is not too old."""
        number = self._times.at(time_s)
        for fragment in (number, number - 1):
            looks = self._seen(fragment) if fragment >= 0 else []
            place = bisect_right(looks, time_s + self._times.frame_s / 2, key=lambda look: look.time_s)
            if place:
                found = looks[place - 1]
                return found if time_s - found.time_s <= FRESH_S else None
        return None

    def close(self) -> None:
        """See Clip."""
        self._reader.close()
        self._file.close()

    def _opened(self, number: int) -> BinaryIO:
        return io.BufferedReader(FromPart(self._reader, self._times, number))

    def _seen(self, number: int) -> list[Observation]:
        """The looks of one fragment; none where they cannot be read: the picture is what counts."""
        if number not in self._looks:
            part = self._times.parts[number]
            try:
                body = None if part.track is None else boxes.track(self._reader, part.track)
                looks = [] if body is None else track.decode(body, part.began_s, part.first)
            except (Damaged, UnsupportedVersion):
                looks = []
            self._looks = {number: looks, **{near: self._looks[near] for near in (number - 1,) if near in self._looks}}
        return self._looks[number]


class Shifted:
    """Frames of a source that begins in the middle of a clip, with their moments in the clip."""

    def __init__(self, source: VideoSource, began_s: float) -> None:
        self._source, self._began_s = source, began_s

    def __iter__(self) -> Iterator[tuple[float, Frame]]:
        for frame in self._source:
            yield self._began_s + frame.time_s, frame

    def close(self) -> None:
        """Release the decoder; the clip stays open."""
        self._source.close()
