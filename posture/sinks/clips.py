"""Which fragments make a clip: all of them, or those around an event; and where one clip ends and the next begins."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from posture.sinks.fragments import Fragment
from posture.sinks.recorder_settings import RecorderSettings
from posture.sinks.recording import Clip, Why

LEAST_AFTER_S = 5.0
"""An event is recorded for at least so long after it began."""
MINUTE_S, MIB = 60.0, 1 << 20


class Shelf(Protocol):
    """What is needed of `posture.sinks.storage.Storage`."""

    def put(self, clip: Clip, fragments: Sequence[Fragment]) -> None:
        """Write them, in this order."""

    def finish(self, clip: Clip) -> None:
        """It is over."""


class Clips:
    """Belongs to the encode thread."""

    def __init__(self, settings: RecorderSettings, why: Why, shelf: Shelf) -> None:
        self._settings, self._why, self._shelf = settings, why, shelf
        self._before: deque[Fragment] = deque()
        self._until_s: float | None = None
        """Of the event that was last, on the clock of the recorder; None where none is under way."""
        self._frames = self._bytes = 0
        self.clip: Clip | None = None
        """The one under way."""
        self.begun = 0
        """How many there were."""

    def event(self, t: float) -> None:
        """Something happens at `t` that is to be seen in a clip, with what was before it."""
        if self._why != "event":
            return
        self._until_s = t + max(self._settings.pre_roll_s, LEAST_AFTER_S)
        before, self._before = list(self._before), deque()
        for fragment in before:
            self._put(fragment)

    def add(self, fragment: Fragment) -> None:
        """The next one of the stream."""
        if self._why == "event":
            if self._until_s is not None and fragment.began_s >= self._until_s:
                self._until_s = None
                self._finish()
            if self._until_s is None:
                self._keep(fragment)
                return
        self._put(fragment)

    def end(self) -> None:
        """The stream is over."""
        self._before.clear()
        self._until_s = None
        self._finish()

    def _keep(self, fragment: Fragment) -> None:
        """In memory, with what fits beside it into the pre-roll."""
        self._before.append(fragment)
        most = self._settings.pre_roll_s * self._settings.rate_hz
        while sum(one.frames for one in self._before) > most:
            self._before.popleft()

    def _put(self, fragment: Fragment) -> None:
        if self.clip is not None and self._full(self.clip, fragment):
            self._finish()
        if self.clip is None:
            settings = self._settings
            self.clip = Clip(fragment.head, settings.rate_hz, fragment.began, settings.content, self._why)
            self._frames = self._bytes = 0
            self.begun += 1
        self._frames += fragment.frames
        self._bytes += fragment.size
        self._shelf.put(self.clip, [fragment])

    def _full(self, clip: Clip, fragment: Fragment) -> bool:
        """Whether another clip has to begin: for its length or size, or because the key of another day holds."""
        settings = self._settings
        return (
            fragment.began.date() != clip.began.date()
            or self._frames >= settings.split_min * MINUTE_S * settings.rate_hz
            or self._bytes >= settings.split_mib * MIB
        )

    def _finish(self) -> None:
        clip, self.clip = self.clip, None
        if clip is not None:
            self._shelf.finish(clip)
