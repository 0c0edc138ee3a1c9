"""Heads stay covered for a while after they were last seen: a face that turns away for a moment has not gone.

A detector misses a frame now and then, and one uncovered frame of a video shows a face as well as all of them do.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from posture.data import Oval

GRACE_S = 1.0
"""How long a head that is no longer seen stays covered, in seconds of the stream."""
DOUBTFUL_GRACE_S = 0.3
"""The same for what no model was ever sure of."""
SAME_HEAD = 0.45
"""Two ovals whose middles are nearer than this are one head; in the sum of their mean half axes."""
SAME_SIZE = 2.2
"""... and whose sizes differ by less than this factor."""
GROWTH_PER_S = 0.4
"""A held oval grows by this share a second: nobody knows for certain where the head went."""
SPEED_WEIGHT = 0.5
"""Of a new speed against the one so far."""
COASTING_S = 0.3
"""A head that is neither seen nor found again by its looks slows down with this time constant."""

Moved = Callable[[Oval], Oval | None]
"""Where what was at an oval in the frame before is now; None where that cannot be said."""


@dataclass(slots=True)
class Track:
    """One head that is followed: `oval` is where it is now, as far as known, `speed` in pixels a second."""

    oval: Oval
    time_s: float
    seen_s: float
    sure: bool
    speed: tuple[float, float] = (0.0, 0.0)

    @property
    def grace_s(self) -> float:
        """How long it stays without being seen."""
        return GRACE_S if self.sure else DOUBTFUL_GRACE_S

    @property
    def cover(self) -> Oval:
        """How large the head has to be taken."""
        grown = 1 + GROWTH_PER_S * (self.time_s - self.seen_s)
        return self.oval._replace(across=self.oval.across * grown, along=self.oval.along * grown)

    def advance(self, time_s: float, moved: Moved) -> None:
        """Go to the time of the next frame."""
        dt = time_s - self.time_s
        found = moved(self.oval)
        if found is not None:
            self._learn(found, dt)
            self.oval = found
        else:
            slower = math.exp(-dt / COASTING_S)
            self.oval = self.oval._replace(x=self.oval.x + self.speed[0] * dt, y=self.oval.y + self.speed[1] * dt)
            self.speed = self.speed[0] * slower, self.speed[1] * slower
        self.time_s = time_s

    def see(self, oval: Oval, *, sure: bool) -> None:
        """Take a sighting in the frame that `advance` went to."""
        self.oval, self.seen_s, self.sure = oval, self.time_s, self.sure or sure

    def _learn(self, oval: Oval, dt: float) -> None:
        if dt > 0:
            x, y = (oval.x - self.oval.x) / dt, (oval.y - self.oval.y) / dt
            self.speed = (
                self.speed[0] + SPEED_WEIGHT * (x - self.speed[0]),
                self.speed[1] + SPEED_WEIGHT * (y - self.speed[1]),
            )


class Hold:
    """The heads of one stream. For each frame call `advance`, then `see`."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []

    def advance(self, time_s: float, moved: Moved) -> tuple[Oval, ...]:
        """Where the heads of the frames before are expected at `time_s`."""
        for track in self._tracks:
            track.advance(time_s, moved)
        self._tracks = [track for track in self._tracks if time_s - track.seen_s <= track.grace_s]
        return tuple(track.oval for track in self._tracks)

    def see(self, sure: Sequence[Oval], doubtful: Sequence[Oval], time_s: float) -> tuple[Oval, ...]:
        """Take what is seen at the time of the last `advance`; give the ovals of heads that are not seen but held."""
        heads = distinct([*sure, *doubtful])
        for oval in heads:
            track = next((t for t in self._tracks if t.seen_s < time_s and same(t.oval, oval)), None)
            if track is None:
                self._tracks.append(Track(oval, time_s, time_s, oval in sure))
            else:
                track.see(oval, sure=oval in sure)
        return tuple(track.cover for track in self._tracks if track.seen_s < time_s)

    def forget(self) -> None:
        """The scene changed."""
        self._tracks.clear()


def same(a: Oval, b: Oval) -> bool:
    """Whether both ovals lie on one head."""
    size_a, size_b = (a.across + a.along) / 2, (b.across + b.along) / 2
    near = math.dist(a[:2], b[:2]) < SAME_HEAD * (size_a + size_b)
    return near and max(size_a, size_b) < SAME_SIZE * min(size_a, size_b)


def distinct(ovals: Sequence[Oval]) -> tuple[Oval, ...]:
    """One oval a head, the first of those on it."""
    kept: list[Oval] = []
    for oval in ovals:
        if not any(same(oval, other) for other in kept):
            kept.append(oval)
    return tuple(kept)
