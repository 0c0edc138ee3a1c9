"""Heads stay covered for a while after they were last seen: a face that turns away for a moment has not gone.

A detector misses a frame now and then, and one uncovered frame of a video shows a face as well as all of them do.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from posture.data import Oval

GRACE_S = 1.0
"""How long a head that is no longer seen stays covered, in seconds of the stream."""
SAME_HEAD = 0.45
"""Two ovals whose middles are nearer than this are one head; in the sum of their mean half axes."""
SAME_SIZE = 2.2
"""... and whose sizes differ by less than this factor."""
GROWTH_PER_S = 0.6
"""A held oval grows by this share a second: nobody knows where the head went."""
SPEED_WEIGHT = 0.5
"""Of a new speed against the one so far."""
COASTING_S = 0.3
"""A head that is not seen slows down with this time constant."""


@dataclass(slots=True)
class Track:
    """One head that is followed."""

    oval: Oval
    seen_s: float
    speed: tuple[float, float] = (0.0, 0.0)
    """Pixels a second, x and y."""

    def at(self, time_s: float) -> Oval:
        """Where the head may be at that time, and how large it has to be taken."""
        dt = time_s - self.seen_s
        way = COASTING_S * (1 - math.exp(-dt / COASTING_S))
        grown = 1 + GROWTH_PER_S * dt
        return self.oval._replace(
            x=self.oval.x + self.speed[0] * way,
            y=self.oval.y + self.speed[1] * way,
            across=self.oval.across * grown,
            along=self.oval.along * grown,
        )

    def see(self, oval: Oval, time_s: float) -> None:
        """Take the next sighting."""
        dt = time_s - self.seen_s
        if dt > 0:
            steps = (oval.x - self.oval.x) / dt, (oval.y - self.oval.y) / dt
            self.speed = (
                self.speed[0] + SPEED_WEIGHT * (steps[0] - self.speed[0]),
                self.speed[1] + SPEED_WEIGHT * (steps[1] - self.speed[1]),
            )
        self.oval, self.seen_s = oval, time_s


class Hold:
    """The heads of one stream."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []

    def __call__(self, seen: Iterable[Oval], time_s: float) -> tuple[Oval, ...]:
        """Take what is seen now; give the ovals of heads that are not seen now but were `GRACE_S` ago or later."""
        heads = list(seen)
        for oval in distinct(heads):
            track = next((t for t in self._tracks if t.seen_s < time_s and same(t.at(time_s), oval)), None)
            if track is None:
                self._tracks.append(Track(oval, time_s))
            else:
                track.see(oval, time_s)
        self._tracks = [track for track in self._tracks if time_s - track.seen_s <= GRACE_S]
        return tuple(track.at(time_s) for track in self._tracks if track.seen_s < time_s)

    def expected(self, time_s: float) -> tuple[Oval, ...]:
        """Where heads are expected at that time."""
        return tuple(track.at(time_s) for track in self._tracks)

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
