"""What is to be covered: heads as ovals, and whole people where the place of the head is not certain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from posture.data import Oval
from posture.pose import heads
from posture.pose.blazepose import Landmarks
from posture.pose.body import Box, extent
from posture.pose.face import Face
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
    wholes: tuple[Box, ...] = ()


def covers(crowd: Crowd, faces: Sequence[Face], width: int, height: int) -> Covers:
    """Every face and every head of a body; a body whose head is not certain, and whom only the detector sees, whole."""
    ovals = [face.head for face in faces]
    wholes = [extent(detection) for detection in crowd.unconfirmed]
    for body in crowd.bodies:
        head = heads.head(body)
        ovals.append(head)
        if not heads.certain(body, width, height) and not settled(head, faces):
            wholes.append(whole(body))
    return Covers(tuple(oval for oval in ovals if in_picture(oval, width, height)), tuple(wholes))


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


def in_picture(oval: Oval, width: int, height: int) -> bool:
    """Whether any part of `oval` can lie in a picture of that size."""
    reach = max(oval.across, oval.along)
    return -reach < oval.x < width + reach and -reach < oval.y < height + reach


class WholeHold:
    """Keeps whole people covered for `WHOLE_GRACE_S` after they were last uncertain."""

    def __init__(self) -> None:
        self._seen: list[tuple[Box, float]] = []

    def __call__(self, wholes: Sequence[Box], time_s: float) -> tuple[Box, ...]:
        """The rectangles of now and of shortly before."""
        self._seen = [(box, seen_s) for box, seen_s in self._seen if time_s - seen_s <= WHOLE_GRACE_S]
        held = tuple(box for box, _ in self._seen)
        self._seen += [(box, time_s) for box in wholes]
        return (*wholes, *held)

    def forget(self) -> None:
        """The scene changed."""
        self._seen.clear()
