"""Who the main person is, and which pixels belong to everybody else."""

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from posture.data import Array, Picture
from posture.pose import heads
from posture.pose.blazepose import Landmarks
from posture.pose.body import Box, distance, extent, radius
from posture.pose.covers import settled, whole
from posture.pose.face import Face
from posture.pose.people import Crowd
from posture.pose.track import SAME_BODY
from posture.skeleton import BLAZEPOSE_33

WORK_PX = 640
"""Longer side of the mask."""
FLESH_M = 0.16
"""How far a body reaches around its bones, with clothes."""
MAIN_GRACE_S = 1.0
"""How long nobody else becomes the main person after they were last seen: somebody who is near is a bystander."""
LOOSE_FACE = 0.6
"""A face at least this sure that is on nobody's head is a bystander's."""
LOOSE_ACROSS, LOOSE_ALONG = 2.2, 9.0
"""What is painted for such a face: half the width and, downwards, the height of a body, in half axes of the head."""

_BONES = tuple((BLAZEPOSE_33.index[a], BLAZEPOSE_33.index[b]) for a, b in BLAZEPOSE_33.bones)


class MainPerson:
    """The largest person; the same one for as long as they are seen."""

    def __init__(self) -> None:
        self._last: Landmarks | None = None
        self._seen_s = -math.inf

    def __call__(self, crowd: Crowd, time_s: float) -> Landmarks | None:
        """The main person of this frame; None where they are not seen, until `MAIN_GRACE_S` have passed."""
        last = self._last
        there = [body for body in crowd.bodies if last is not None and distance(body, last) <= SAME_BODY]
        if not there and (last is None or time_s - self._seen_s > MAIN_GRACE_S):
            there = list(crowd.bodies)
        if not there:
            return None
        self._last, self._seen_s = max(there, key=radius), time_s
        return self._last

    def forget(self) -> None:
        """The scene changed."""
        self._last = None


def bystanders(
    crowd: Crowd,
    faces: Sequence[Face],
    main: Landmarks | None,
    width: int,
    height: int,
    hold: Callable[[Sequence[Box]], Sequence[Box]] = tuple,
) -> Picture:
    """Where everybody but `main` is: uint8 [h, w], 255 there and 0 elsewhere, `WORK_PX` on its longer side or less.

    Rectangles around the others, without what is nearer to the bones of the main person than to theirs. `hold` adds
    those of the frames before.
    """
    factor = min(WORK_PX / max(width, height), 1.0)
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    mask = np.zeros(size[::-1], np.uint8)
    others = [body for body in crowd.bodies if body is not main]
    boxes = [whole(body) for body in others] + [extent(detection) for detection in crowd.unconfirmed]
    boxes += _loose(faces, crowd)
    for box in hold(boxes):
        low, high = np.array(box[:2]) * factor, np.array(box[2:]) * factor
        (left, top), (right, bottom) = (
            np.maximum(np.floor(low), 0).astype(int),
            np.maximum(np.ceil(high), 0).astype(int),
        )
        mask[top:bottom, left:right] = 255
    if main is not None and mask.any():
        to_main, to_others = _to_bones([main], size, factor), _to_bones(others, size, factor)
        reach = FLESH_M * heads.scale(main) * factor
        mask[(to_main < to_others) & (to_main < reach)] = 0
    return mask


def _loose(faces: Sequence[Face], crowd: Crowd) -> list[Box]:
    """Bodies below faces that nobody's keypoints explain."""
    known = [heads.head(body) for body in crowd.bodies]
    found = []
    for face in faces:
        head = face.head
        if face.score < LOOSE_FACE or any(settled(other, [face]) for other in known):
            continue
        found.append(
            Box(
                head.x - LOOSE_ACROSS * head.across,
                head.y - head.along,
                head.x + LOOSE_ACROSS * head.across,
                head.y + LOOSE_ALONG * head.along,
            )
        )
    return found


def _to_bones(bodies: Sequence[Landmarks], size: tuple[int, int], factor: float) -> Array:
    """[h, w] distance in pixels of the mask to the next bone or head of `bodies`."""
    clear = np.full(size[::-1], 255, np.uint8)
    for body in bodies:
        points = np.rint(np.clip(body.points_px[:, :2] * factor, -30000, 30000)).astype(int)
        for a, b in _BONES:
            cv2.line(clear, _pair(points[a]), _pair(points[b]), 0, 1)
        head = heads.head(body)
        axes = max(round(head.across * factor * 0.7), 1), max(round(head.along * factor * 0.7), 1)
        middle = round(head.x * factor), round(head.y * factor)
        cv2.ellipse(clear, middle, axes, math.degrees(head.rotation), 0, 360, 0, cv2.FILLED)
        cv2.fillConvexPoly(clear, points[[11, 12, 24, 23]], 0)
    return cv2.distanceTransform(clear, cv2.DIST_L2, 3).astype(np.float64)


def _pair(point: Array) -> tuple[int, int]:
    return int(point[0]), int(point[1])
