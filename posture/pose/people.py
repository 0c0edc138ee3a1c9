"""Everybody in a frame, as far as the person detector and the landmark model see them: also those who are not sure.

For redaction: whoever the detector points at counts, whether or not the landmark model agrees.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from posture.data import Frame, Pose
from posture.pose import blazepose
from posture.pose.blazepose import Detection, Landmarks
from posture.pose.body import Box, distance, extent
from posture.pose.catalogue import Catalogue
from posture.pose.crop import Region, affine, letterbox
from posture.pose.eyes import in_crop, painted
from posture.pose.settings import LANDMARK_MODELS, PoseSettings
from posture.pose.sure import SureSession
from posture.pose.track import SAME_BODY, Tracker

MOST_IN_STILL, MOST_IN_VIDEO = 20, 10
"""How many are followed or looked for. Beyond these only the face detectors look."""
MIN_SCORE = 0.4
"""Of detector and landmark model; lower than for measuring, because a person missed is worse than one too many."""
SURE_DETECTION = 0.6
"""A detection at least this sure that the landmark model does not confirm is somebody whose head is not known."""
TILE = 0.5
"""Side of the detector's tiles in longer sides of the picture: the second look, at people who are small."""
SURE_IN_TILE = 0.85
"""The same in a tile, where bushes and windows reach 0.8."""
WIDER = 1.4
"""Side of the look at the picture with black around it, in longer sides: people whom the edge cuts off."""
SEARCH_EVERY_S = 0.5
"""How often a video is searched for people who are not followed. With 1.0 a man who jumps is lost for half a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Who is in one frame."""

    bodies: tuple[Landmarks, ...] = ()
    """Everybody whose keypoints are known."""
    unconfirmed: tuple[Detection, ...] = ()
    """Whom only the detector sees."""
    poses: tuple[Pose, ...] = ()
    """Who is followed; a part of `bodies`, with identities and smoothed."""

    @property
    def count(self) -> int:
        """How many people that is."""
        return len(self.bodies) + len(self.unconfirmed)


class People:
    """Both models on one stream of frames, or on pictures that have nothing to do with each other."""

    def __init__(self, catalogue: Catalogue, settings: PoseSettings, *, still: bool) -> None:
        """Load the models of the program: who has to be covered is not left to others' models, which may not see depth.

        Raises ModelError: missing, altered, or refused by every provider.
        """
        own = settings.model if settings.model in LANDMARK_MODELS else "full"
        self._detector, self._landmarks = (
            SureSession(catalogue.reader(name), settings.providers, settings.threads)
            for name in ("pose_detection", f"pose_landmark_{own}")
        )
        self._settings = msgspec.structs.replace(settings, min_score=min(MIN_SCORE, settings.min_score))
        self._still = still
        self._tiled_s = -math.inf
        self._tracker = self._new_tracker()

    def __call__(self, frame: Frame) -> Crowd:
        """Everybody in `frame`. Frames of a video must come in order of time. Raises ModelError."""
        if self._still:
            self._tracker, self._tiled_s = self._new_tracker(), -math.inf
        self._bodies: list[Landmarks] = []
        self._pointed_at: list[Detection] = []
        poses, _ = self._tracker(frame)
        bodies = distinct(self._bodies)
        return Crowd(bodies, unconfirmed(self._pointed_at, bodies), poses)

    def close(self) -> None:
        """End a model call that hangs, from any thread. The object cannot be used afterwards."""
        self._detector.terminate()
        self._landmarks.terminate()

    def _new_tracker(self) -> Tracker:
        most = MOST_IN_STILL if self._still else MOST_IN_VIDEO
        smooth = not self._still and self._settings.smooth
        return Tracker(self._detect, self._look, people=most, smooth=smooth, search_every_s=SEARCH_EVERY_S)

    def _detect(self, frame: Frame, hidden: Sequence[Box]) -> tuple[Detection, ...]:
        whole = letterbox(frame.width, frame.height)
        found = list(self._detect_in(frame, whole, hidden))
        self._pointed_at += [detection for detection in found if detection.score >= SURE_DETECTION]
        if frame.time_s - self._tiled_s >= SEARCH_EVERY_S:
            self._tiled_s = frame.time_s
            squares = [whole._replace(side=WIDER * whole.side), *_tiles(frame.width, frame.height)]
            more = [detection for square in squares for detection in self._detect_in(frame, square, hidden)]
            self._pointed_at += [detection for detection in more if detection.score >= SURE_IN_TILE]
            found += more
        return tuple(sorted(found, key=lambda detection: -detection.score))

    def _detect_in(self, frame: Frame, square: Region, hidden: Sequence[Box]) -> tuple[Detection, ...]:
        size = blazepose.DETECTOR_SIZE
        picture = frame.crop(affine(square, size), size, "black")
        outputs = self._detector.run(painted(picture, [in_crop(box, square) for box in hidden])[None])
        return blazepose.detections(outputs, square, self._settings.min_score)

    def _look(self, frame: Frame, region: Region) -> Landmarks | None:
        size = blazepose.LANDMARK_SIZE
        picture = frame.crop(affine(region, size), size, "edge")
        body = blazepose.landmarks(self._landmarks.run(picture[None]), region, self._settings.min_score)
        if body is not None:
            self._bodies.append(body)
        return body


def distinct(bodies: Sequence[Landmarks]) -> tuple[Landmarks, ...]:
    """Each body once, the most certain look at it."""
    kept: list[Landmarks] = []
    for body in sorted(bodies, key=lambda body: -body.score):
        if all(distance(body, other) > SAME_BODY for other in kept):
            kept.append(body)
    return tuple(kept)


def unconfirmed(detections: Sequence[Detection], bodies: Sequence[Landmarks]) -> tuple[Detection, ...]:
    """The detections whose shoulders lie on none of the bodies, each place once."""
    taken = [extent(body) for body in bodies]
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda detection: -detection.score):
        if not any(box.holds(detection.shoulders) for box in taken):
            taken.append(extent(detection))
            kept.append(detection)
    return tuple(kept)


def _tiles(width: int, height: int) -> list[Region]:
    """Overlapping upright squares over the whole picture, of `TILE` of its longer side."""
    side = TILE * max(width, height)
    across, down = (max(math.ceil((length - side) / (0.6 * side)), 0) + 1 for length in (width, height))
    xs, ys = (
        [side / 2 + (length - side) * i / max(count - 1, 1) if count > 1 else length / 2 for i in range(count)]
        for length, count in ((width, across), (height, down))
    )
    return [Region(x, y, side, 0.0) for y in ys for x in xs]
