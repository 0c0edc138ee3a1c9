"""Who is who from frame to frame: one chain of regions per person, and when the detector is to look.

A chain looks where the last pose says that the body will be. It ends when the model sees nobody there, when the body
jumps further than a body can, when two chains sit on one person (the younger ends) and when the scene changes. The
detector looks at the free area of the picture: the people who are followed are painted over.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from posture.data import Array, Frame, Pose, frozen
from posture.pose.blazepose import BODY, CENTRE, SCALE_POINT, Detection, Landmarks
from posture.pose.body import Box, distance, extent, radius
from posture.pose.crop import Region, body_region
from posture.pose.scene import Scene
from posture.pose.smooth import LowPass, OneEuro

SAME_BODY = 0.35
"""Two bodies nearer than this are one; in body radii, see `body.distance`."""
MAX_SPEED = 4.0
"""A body moves at most SAME_BODY + MAX_SPEED * seconds (body radii of about 0.9 m) from one frame to the next."""
OTHERS_EVERY_S = 5.0
"""How often the whole picture is searched while one person is followed: about 2 % of the work at 10 Hz."""
CROWD_EVERY_S = 1.0
"""The same where several people are wanted."""
SPARE_LOOKS = 3
"""A thorough search ends after this many detector runs more than people are wanted."""
MIN_AGREEMENT = 0.5
"""Smallest product of both models' scores for a person beside another one: a picture with people painted over is
nothing the detector was trained for. On the test clips heaps of boxes reach 0.45, people 0.57 or more."""

RESCUE_S, RESCUE_REACH = 2.0, 1.6
"""For so long a person who was lost is looked for where they were, in a square larger than their region by this."""

# MediaPipe 0.10.21, pose_landmark_filtering.pbtxt: lowest cut-off in Hz and beta.
BODY_FILTER, REGION_FILTER, WORLD_FILTER = (0.05, 80.0), (0.01, 10.0), (0.1, 40.0)
VISIBILITY_TIME_S = -1 / 30 / math.log(0.9)
"""Time constant that gives MediaPipe's weight of 0.1 at 30 frames a second."""

Detect = Callable[[Frame, Sequence[Box]], Sequence[Detection]]
"""(frame, boxes to paint over) -> who is there, best first."""
Near = Callable[[Frame, Region], Sequence[Detection]]
"""(frame, upright square) -> who is there, for a search where somebody was just now."""
Look = Callable[[Frame, Region], Landmarks | None]
"""(frame, region) -> the body in it, None where there is none."""


class Remembered(msgspec.Struct, frozen=True):
    """What a chain knows of its person from the frames before; a chain made of it goes on with the same bits."""

    person: int
    time_s: float
    body: Landmarks
    region: Region
    points: tuple[Array, Array, Array] | None
    spans: tuple[Array, Array, Array] | None
    world: tuple[Array, Array, Array] | None
    visibility: Array | None


class Memory(msgspec.Struct, frozen=True):
    """All that a tracker knows from the frames before."""

    chains: tuple[Remembered, ...] = ()
    lost: tuple[Remembered, ...] = ()
    searched_s: float = -math.inf
    scene: Array | None = None
    identities: int = 0
    others: int = 0
    scouted_s: float = -math.inf
    """When parts of the picture were searched last (`posture.pose.scout`)."""


class Find(NamedTuple):
    """A body that the detector pointed at and the landmark model confirmed."""

    region: Region
    body: Landmarks


def size(find: Find) -> float:
    """Order of preference: the largest first."""
    return radius(find.body)


class Chain:
    """One person who is followed. New chains have new filters: nothing of another person can leak in."""

    def __init__(self, person: int, found: Find, time_s: float, *, smooth: bool) -> None:
        self.person = person
        self._smooth = smooth
        self.seen_s = time_s
        self._new_filters()
        self.update(found, time_s)

    def _new_filters(self) -> None:
        self._points, self._spans, self._world = OneEuro(*BODY_FILTER), OneEuro(*REGION_FILTER), OneEuro(*WORLD_FILTER)
        self._visibility = LowPass(VISIBILITY_TIME_S)

    def update(self, found: Find, time_s: float) -> None:
        """Take the next look at this person: sets `body` (raw), `pose` (smoothed) and `region` (where to look next)."""
        body, dt, scale = found.body, time_s - self.seen_s, 1 / (2 * radius(found.body))
        self.seen_s = time_s
        self.body = body
        span = self._spans(body.points_px[[CENTRE, SCALE_POINT]], dt, scale)
        self.region = body_region(span[0, :2], span[1, :2])
        points, world, visibility = body.points_px[BODY], body.world_m, body.visibility
        if self._smooth:
            points = self._points(points, dt, scale)
            world = self._world(world, dt)
            visibility = self._visibility(visibility, dt)
        points, world, visibility, presence = (frozen(a.copy()) for a in (points, world, visibility, body.presence))
        self.pose = Pose(self.person, points, world, visibility, presence, body.score, found.region, body.skeleton)

    @classmethod
    def of(cls, memory: Remembered, *, smooth: bool) -> "Chain":
        """The chain that remembered this. It has no pose before its next look."""
        chain = cls.__new__(cls)
        chain.person, chain._smooth, chain.seen_s = memory.person, smooth, memory.time_s
        chain._new_filters()
        chain.body, chain.region = memory.body, memory.region
        chain._points.state, chain._spans.state, chain._world.state = memory.points, memory.spans, memory.world
        chain._visibility.value = memory.visibility
        return chain

    def memory(self) -> Remembered:
        """See `of`."""
        filters = self._points.state, self._spans.state, self._world.state, self._visibility.value
        return Remembered(self.person, self.seen_s, self.body, self.region, *filters)

    def can_be(self, body: Landmarks, time_s: float) -> bool:
        """Whether `body` can be this person at that time."""
        return distance(self.body, body) <= SAME_BODY + MAX_SPEED * (time_s - self.seen_s)


class Tracker:
    """Follows up to `people` people through frames given in order of time.

    Where there are more, those with the highest `prefer` are chosen; equal ones in the order of the detector.
    """

    def __init__(
        self,
        detect: Detect,
        look: Look,
        *,
        people: int = 1,
        smooth: bool = True,
        prefer: Callable[[Find], float] = size,
        search_every_s: float | None = None,
        cuts: bool = True,
        min_agreement: float = MIN_AGREEMENT,
        near: Near | None = None,
    ) -> None:
        """`search_every_s`: how often the whole picture is searched, by default as said above.

        `min_agreement`: `MIN_AGREEMENT` is for BlazePose's scores. `cuts`: whether to look for changes of the scene;
        otherwise the caller does, and calls `forget` at each. `near` finds people again who are too small for `detect`.
        """
        self._detect, self._look, self._prefer = detect, look, prefer
        self._people, self._smooth = people, smooth
        usual_s = OTHERS_EVERY_S if people == 1 else CROWD_EVERY_S
        self._search_every_s = usual_s if search_every_s is None else search_every_s
        self._searched_s = -math.inf
        self._min_agreement, self._near = min_agreement, near
        self._cuts, self._scene = cuts, Scene()
        self._chains: list[Chain] = []
        self._lost: list[Chain] = []
        """Those whose person was not seen where expected, for `RESCUE_S`."""
        self._identities = 0
        self._others = 0

    def __call__(self, frame: Frame) -> tuple[tuple[Pose, ...], int]:
        """The poses of the people who are followed, oldest first, and how many others the last thorough search saw."""
        if self._cuts and self._scene.changed(frame):
            self._chains.clear()
            self._lost.clear()
            self._searched_s = -math.inf  # who is the largest and who else is there was known of the old scene only
        else:
            self._lost += self._follow(frame)
        self._rescue(frame)
        thorough = frame.time_s - self._searched_s >= self._search_every_s
        if thorough or self._lost or not self._chains:
            self._search(frame, thorough=thorough)
        rescue_s = RESCUE_S if self._near is not None else 0.0
        self._lost = [chain for chain in self._lost if frame.time_s - chain.seen_s < rescue_s]
        return tuple(chain.pose for chain in self._chains), self._others

    def forget(self) -> None:
        """Nobody of those who were followed is expected in the next frame; whoever is found is somebody new."""
        self._chains.clear()
        self._lost.clear()
        self._scene = Scene()
        self._searched_s = -math.inf
        self._others = 0

    def memory(self) -> Memory:
        """What a tracker with the same settings needs to go on behind this frame with the same bits."""
        chains, lost = (tuple(chain.memory() for chain in some) for some in (self._chains, self._lost))
        return Memory(chains, lost, self._searched_s, self._scene.last, self._identities, self._others)

    def remember(self, memory: Memory) -> None:
        """Go on where a tracker was that gave this memory."""
        self._chains = [Chain.of(one, smooth=self._smooth) for one in memory.chains]
        self._lost = [Chain.of(one, smooth=self._smooth) for one in memory.lost]
        self._searched_s, self._scene.last = memory.searched_s, memory.scene
        self._identities, self._others = memory.identities, memory.others

    def _follow(self, frame: Frame) -> list[Chain]:
        """Look where each chain expects its person; the chains whose person is not there end and are returned."""
        lost = []
        for chain in self._chains:
            body = self._look(frame, chain.region)
            if body is not None and chain.can_be(body, frame.time_s):
                chain.update(Find(chain.region, body), frame.time_s)
            else:
                lost.append(chain)
        kept: list[Chain] = []
        for chain in self._chains:  # oldest first, so that of two on one person the younger goes
            if chain not in lost and not _known(chain.body, [other.body for other in kept]):
                kept.append(chain)
        self._chains = kept
        return lost

    def _search(self, frame: Frame, *, thorough: bool) -> None:
        """Start a chain on the largest people that are not followed, as far as more are wanted; count the others."""
        finds = self._finds(frame, self._people + SPARE_LOOKS if thorough else 1)
        finds.sort(key=self._prefer, reverse=True)
        wanted = self._people - len(self._chains)
        for find in finds[:wanted]:
            self._chains.append(Chain(self._identity(find), find, frame.time_s, smooth=self._smooth))
        self._chains.sort(key=lambda chain: chain.person)
        if thorough:
            self._searched_s, self._others = frame.time_s, max(len(finds) - wanted, 0)

    def _finds(self, frame: Frame, runs: int) -> list[Find]:
        """Everybody in the free area. The detector often sees the main person only: each run hides who was found."""
        known = [chain.body for chain in self._chains]
        hidden = [extent(body) for body in known]
        finds: list[Find] = []
        for _ in range(runs):
            before = len(hidden)
            for detection in self._detect(frame, tuple(hidden)):
                if any(box.holds(detection.shoulders) for box in hidden):
                    continue
                body = self._look(frame, detection.region)
                doubtful = hidden and not detection.confirmed
                if body is not None and doubtful and detection.score * body.score < self._min_agreement:
                    body = None
                find = None if body is None else Find(detection.region, body)
                if find is not None and detection.rough:
                    find = closer(self._look, frame, find)
                hidden.append(extent(find.body if find else detection))
                if find is not None and not _known(find.body, known):
                    known.append(find.body)
                    finds.append(find)
            if len(hidden) == before:
                break
        return finds

    def _rescue(self, frame: Frame) -> None:
        """Take up those again who are where they were when they were lost."""
        if self._near is None:
            return
        for chain in list(self._lost):
            at = chain.region
            for detection in self._near(frame, Region(at.x, at.y, RESCUE_REACH * at.side, 0.0)):
                body = self._look(frame, detection.region)
                if body is None or detection.score * body.score < self._min_agreement:
                    continue
                same = distance(chain.body, body) <= SAME_BODY
                if same and len(self._chains) < self._people and not _known(body, [one.body for one in self._chains]):
                    chain.update(Find(detection.region, body), frame.time_s)
                    self._lost.remove(chain)
                    self._chains.append(chain)
                    break

    def _identity(self, find: Find) -> int:
        """Whoever was followed until just now and is found again where they were stays who they are."""
        for chain in self._lost:
            if distance(chain.body, find.body) <= SAME_BODY:
                self._lost.remove(chain)
                return chain.person
        self._identities += 1
        return self._identities


def closer(look: Look, frame: Frame, find: Find) -> Find:
    """A second look, around what the first one saw, where it is surer."""
    again = look(frame, find.body.region)
    return Find(find.body.region, again) if again is not None and again.score >= find.body.score else find


def _known(body: Landmarks, bodies: Sequence[Landmarks]) -> bool:
    return any(distance(body, other) <= SAME_BODY for other in bodies)
