"""What is to be covered: heads as ovals, and whole people where the place of the head is not certain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from posture.data import Oval
from posture.pose import heads
from posture.pose.blazepose import Landmarks
from posture.pose.body import Box, extent
from posture.pose.face import Face
from posture.pose.hold import MARGIN
from posture.pose.people import Crowd

SURE_FACE = 0.5
"""A face at least this sure settles where the head of a body is."""
ON_HEAD = 1.0
"""A face whose middle is nearer to the middle of a head than this is that head's; in half axes of the head."""
WHOLE_GRACE_S = 0.5
"""How long a person who was covered as a whole stays so in a video."""


@dataclass(frozen=True, slots=True)
class Covers:
    """Of one frame, in pixels of the upright picture."""

    heads: tuple[Oval, ...] = ()
    """Those that a model is sure of."""
    doubtful: tuple[Oval, ...] = ()
    """Those that only may be heads. They are covered all the same, but not held for as long."""
    wholes: tuple[Box, ...] = ()
    """People whose head may be anywhere on them."""


def covers(crowd: Crowd, faces: Sequence[Face], width: int, height: int) -> Covers:
    """Every face and every head of a body; a body whose head is not certain, and whom only the detector sees, whole."""
    sure = [face.head for face in faces if face.score >= SURE_FACE]
    doubtful = [face.head for face in faces if face.score < SURE_FACE]
    wholes = [extent(detection) for detection in crowd.unconfirmed]
    for body in crowd.bodies:
        head = heads.head(body)
        known = heads.certain(body, width, height)
        (sure if known else doubtful).append(head)
        if not known and not settled(head, faces):
            wholes.append(whole(body))
    inside = partial(_inside, width=width, height=height)
    return Covers(inside(sure), inside(doubtful), tuple(wholes))


def settled(head: Oval, faces: Sequence[Face]) -> bool:
    """Whether a face detector is sure of a face on `head`."""
    reach = ON_HEAD * (head.across + head.along) / 2
    return any(face.score >= SURE_FACE and math.dist(face.centre, head[:2]) <= reach for face in faces)


def whole(body: Landmarks) -> Box:
    """The rectangle of everything that is known of a body, its head included wherever the points put it."""
    box, head = extent(body), heads.head(body)
    reach = max(head.across, head.along)
    return Box(
        min(box.left, head.x - reach),
        min(box.top, head.y - reach),
        max(box.right, head.x + reach),
        max(box.bottom, head.y + reach),
    )


def grown(box: Box) -> Box:
    """A rectangle with the margin of a head that is held: nobody knows for certain where they were."""
    x, y = MARGIN / 2 * (box.right - box.left), MARGIN / 2 * (box.bottom - box.top)
    return Box(box.left - x, box.top - y, box.right + x, box.bottom + y)


def _within(inner: Box, outer: Box) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def _inside(ovals: Sequence[Oval], width: int, height: int) -> tuple[Oval, ...]:
    """Those of which any part can lie in a picture of that size."""
    reached = [(oval, max(oval.across, oval.along)) for oval in ovals]
    return tuple(o for o, r in reached if -r < o.x < width + r and -r < o.y < height + r)


class WholeHold:
    """Keeps whole people covered for `WHOLE_GRACE_S` after they were last uncertain."""

    def __init__(self) -> None:
        self._seen: list[tuple[Box, float]] = []
        self.appeared: tuple[Box, ...] = ()
        """Of the last call: rectangles with a margin that reach beyond where somebody was covered shortly before."""

    def __call__(self, wholes: Sequence[Box], time_s: float) -> tuple[Box, ...]:
        """The rectangles of now and of shortly before."""
        self._seen = [(box, seen_s) for box, seen_s in self._seen if time_s - seen_s <= WHOLE_GRACE_S]
        held = tuple(box for box, _ in self._seen)
        known = [grown(box) for box in held]
        self.appeared = tuple(grown(box) for box in wholes if not any(_within(box, other) for other in known))
        self._seen += [(box, time_s) for box in wholes]
        return (*wholes, *held)

    def forget(self) -> None:
        """The scene changed."""
        self._seen.clear()
