"""Heads stay covered for a while after they were last seen: a face that turns away for a moment has not gone.

A detector misses a frame now and then, and one uncovered frame of a video shows a face as well as all of them do. Of
a small face it misses many in a row; there the picture itself shows that the head is still in its place.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from posture.data import Oval

GRACE_S = 1.0
"""How long a head that is no longer seen stays covered, in seconds of the stream."""
DOUBTFUL_GRACE_S = 0.3
"""The same for what no model was ever sure of."""
UNCHANGED = 0.9
"""Correlation from one frame to the next from which a head that no model sees counts as still there. Small heads of
people who sit have 0.98 and more (15 frames a second)."""
SMALL_PX = 24
"""Half axis along a head in pixels of the picture, up to which that counts: a small face is missed many times in a row.
A larger head is seen again soon, and a false one hides much: without a limit, up to a third of a test clip's picture.
"""
LONGEST_UNSEEN_S = 3.0
"""How long that counts, then the grace begins. In a classroom a face whose score swings around what is needed is seen
again after 2.1 s."""
SAME_HEAD = 0.45
"""Two ovals whose middles are nearer than this are one head; in the sum of their mean half axes."""
SAME_SIZE = 2.2
"""... and whose sizes differ by less than this factor."""
MARGIN = 0.25
"""A held oval is larger by this share at once,"""
GROWTH_PER_S = 0.4
"""and grows by this share a second: nobody knows for certain where the head went."""
SPEED_WEIGHT = 0.5
"""Of a new speed against the one so far: half of it is what two models differ in."""
COASTING_S = 0.3
"""A head that is neither seen nor found again by its looks slows down with this time constant."""

Moved = Callable[[Oval], tuple[Oval, float] | None]
"""Where what was at an oval in the frame before is now, and their correlation; None where that cannot be said."""


@dataclass(slots=True)
class Track:
    """One head that is followed: `oval` is where it is now, as far as known, `speed` in pixels a second.

    It was last seen at `seen_s`, and at `there_s` it was last seen or looked as in the frame before.
    """

    oval: Oval
    time_s: float
    seen_s: float
    there_s: float
    sure: bool
    speed: tuple[float, float] = (0.0, 0.0)

    @property
    def grace_s(self) -> float:
        """How long it stays when nothing says that it is there."""
        return GRACE_S if self.sure else DOUBTFUL_GRACE_S

    @property
    def cover(self) -> Oval:
        """How large the head has to be taken."""
        grown = 1 + MARGIN + GROWTH_PER_S * min(self.time_s - self.seen_s, self.grace_s)
        return self.oval._replace(across=self.oval.across * grown, along=self.oval.along * grown)

    def expected(self, time_s: float) -> Oval:
        """Where the head should be at that time, by its speed."""
        dt = time_s - self.time_s
        return self.oval._replace(x=self.oval.x + self.speed[0] * dt, y=self.oval.y + self.speed[1] * dt)

    def advance(self, time_s: float, moved: Moved) -> None:
        """Go to the time of the next frame without having been seen in it."""
        found = moved(self.oval)
        if found is not None:
            oval, alike = found
            if alike >= UNCHANGED and self._may_stay(time_s):
                self.there_s = time_s
            self._go(oval, time_s)
            return
        slower = math.exp(-(time_s - self.time_s) / COASTING_S)
        self.oval, self.time_s = self.expected(time_s), time_s
        self.speed = self.speed[0] * slower, self.speed[1] * slower

    def see(self, oval: Oval, time_s: float, *, sure: bool) -> None:
        """Take a sighting."""
        self._go(oval, time_s)
        self.seen_s, self.there_s, self.sure = time_s, time_s, self.sure or sure

    def _may_stay(self, time_s: float) -> bool:
        """Whether its looks alone can tell that it is there. Once they changed, they may be those of what is behind."""
        unbroken = self.there_s == self.time_s
        return unbroken and self.oval.along <= SMALL_PX and time_s - self.seen_s <= LONGEST_UNSEEN_S

    def _go(self, oval: Oval, time_s: float) -> None:
        dt = time_s - self.time_s
        if dt > 0:
            x, y = (oval.x - self.oval.x) / dt, (oval.y - self.oval.y) / dt
            self.speed = (
                self.speed[0] + SPEED_WEIGHT * (x - self.speed[0]),
                self.speed[1] + SPEED_WEIGHT * (y - self.speed[1]),
            )
        self.oval, self.time_s = oval, time_s


class Hold:
    """The heads of one stream."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self.appeared: tuple[Oval, ...] = ()
        """Ovals of the heads that the last call saw for the first time, with the margin of a held one."""

    def __call__(self, sure: Sequence[Oval], doubtful: Sequence[Oval], time_s: float, moved: Moved) -> tuple[Oval, ...]:
        """Take what is seen at `time_s`, in order of time; give the ovals of heads that are not seen but held."""
        unseen = [track for track in self._tracks if time_s - track.there_s <= track.grace_s]
        self._tracks = []
        self.appeared = ()
        for oval in distinct([*sure, *doubtful]):
            track = next((track for track in unseen if same(track.expected(time_s), oval)), None)
            if track is None:
                track = Track(oval, time_s, time_s, time_s, oval in sure)
                self.appeared += (track.cover,)
            else:
                unseen.remove(track)
                track.see(oval, time_s, sure=oval in sure)
            self._tracks.append(track)
        for track in unseen:
            track.advance(time_s, moved)
        self._tracks += unseen
        return tuple(track.cover for track in unseen)

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
