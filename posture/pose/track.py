"""Who is who from frame to frame: one chain of regions per person, and when the detector is to look.

A chain looks where the last pose says that the body will be. It ends when the model sees nobody there, when the body
jumps further than a body can, when two chains sit on one person (the younger ends) and when the scene changes. The
detector looks at the free area of the picture: the people who are followed are painted over.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from posture.data import Frame, Pose, frozen
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

# MediaPipe 0.10.21, pose_landmark_filtering.pbtxt: lowest cut-off in Hz and beta.
BODY_FILTER, REGION_FILTER, WORLD_FILTER = (0.05, 80.0), (0.01, 10.0), (0.1, 40.0)
VISIBILITY_TIME_S = -1 / 30 / math.log(0.9)
"""Time constant that gives MediaPipe's weight of 0.1 at 30 frames a second."""

Detect = Callable[[Frame, Sequence[Box]], Sequence[Detection]]
"""(frame, boxes to paint over) -> who is there, best first."""
Look = Callable[[Frame, Region], Landmarks | None]
"""(frame, region) -> the body in it, None where there is none."""


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
        self._time_s = time_s
        self._points, self._spans, self._world = OneEuro(*BODY_FILTER), OneEuro(*REGION_FILTER), OneEuro(*WORLD_FILTER)
        self._visibility = LowPass(VISIBILITY_TIME_S)
        self.update(found, time_s)

    def update(self, found: Find, time_s: float) -> None:
        """Take the next look at this person: sets `body` (raw), `pose` (smoothed) and `region` (where to look next)."""
        body, dt, scale = found.body, time_s - self._time_s, 1 / (2 * radius(found.body))
        self._time_s = time_s
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

    def can_be(self, body: Landmarks, time_s: float) -> bool:
        """Whether `body` can be this person at that time."""
        return distance(self.body, body) <= SAME_BODY + MAX_SPEED * (time_s - self._time_s)


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
    ) -> None:
        """`search_every_s`: how often the whole picture is searched, by default as said above.

        `min_agreement`: `MIN_AGREEMENT` is for BlazePose's scores. `cuts`: whether to look for changes of the scene;
        otherwise the caller does, and calls `forget` at each.
        """
        self._detect, self._look, self._prefer = detect, look, prefer
        self._people, self._smooth = people, smooth
        usual_s = OTHERS_EVERY_S if people == 1 else CROWD_EVERY_S
        self._search_every_s = usual_s if search_every_s is None else search_every_s
        self._searched_s = -math.inf
        self._min_agreement = min_agreement
        self._cuts, self._scene = cuts, Scene()
        self._chains: list[Chain] = []
        self._identities = 0
        self._others = 0

    def __call__(self, frame: Frame) -> tuple[tuple[Pose, ...], int]:
        """The poses of the people who are followed, oldest first, and how many others the last thorough search saw."""
        lost: list[Chain] = []
        if self._cuts and self._scene.changed(frame):
            self._chains.clear()
            self._searched_s = -math.inf  # who is the largest and who else is there was known of the old scene only
        else:
            lost = self._follow(frame)
        thorough = frame.time_s - self._searched_s >= self._search_every_s
        if thorough or lost or not self._chains:
            self._search(frame, lost, thorough=thorough)
        return tuple(chain.pose for chain in self._chains), self._others

    def forget(self) -> None:
        """Nobody of those who were followed is expected in the next frame; whoever is found is somebody new."""
        self._chains.clear()
        self._scene = Scene()
        self._searched_s = -math.inf
        self._others = 0

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

    def _search(self, frame: Frame, lost: list[Chain], *, thorough: bool) -> None:
        """Start a chain on the largest people that are not followed, as far as more are wanted; count the others."""
        finds = self._finds(frame, self._people + SPARE_LOOKS if thorough else 1)
        finds.sort(key=self._prefer, reverse=True)
        wanted = self._people - len(self._chains)
        for find in finds[:wanted]:
            self._chains.append(Chain(self._identity(find, lost), find, frame.time_s, smooth=self._smooth))
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
                if body is not None and hidden and detection.score * body.score < self._min_agreement:
                    body = None
                hidden.append(extent(body or detection))
                if body is not None and not _known(body, known):
                    known.append(body)
                    finds.append(Find(detection.region, body))
            if len(hidden) == before:
                break
        return finds

    def _identity(self, find: Find, lost: list[Chain]) -> int:
        """Whoever was followed until this very frame and is found again where they were stays who they are."""
        for chain in lost:
            if distance(chain.body, find.body) <= SAME_BODY:
                lost.remove(chain)
                return chain.person
        self._identities += 1
        return self._identities


def _known(body: Landmarks, bodies: Sequence[Landmarks]) -> bool:
    return any(distance(body, other) <= SAME_BODY for other in bodies)
