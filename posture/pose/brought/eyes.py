"""Models with an entry, as the tracker uses them: detectors, top-down models, and those that find everybody at once."""

from collections.abc import Sequence

import numpy as np

from posture.data import Array, Frame
from posture.pose import blazepose
from posture.pose.blazepose import CENTRE, Detection, Landmarks
from posture.pose.body import Box, radius
from posture.pose.brought.found import Keypoints, Outputs, check_finite, even
from posture.pose.brought.heads import BOX_HEADS, POSE_HEADS
from posture.pose.brought.lift import lifted
from posture.pose.brought.use import Use
from posture.pose.brought.window import Window, around, mirrored, seen, tensor, whole
from posture.pose.crop import MARGIN, Region, affine, letterbox
from posture.pose.eyes import in_crop, painted, pointed_at
from posture.pose.runtimes import Runs
from posture.skeleton import LAYOUTS

SHOULDERS_AT = 0.25
"""Of the height of a box, from above: where the shoulders of a person are guessed who has no keypoints yet."""
NEAR = 1.0
"""A body belongs to a region if its middle is nearer to that of the region than this many of its radii."""


class BoxDetector:
    """A person detector whose boxes have no keypoints."""

    def __init__(self, runs: Runs, use: Use, min_score: float) -> None:
        self.runs, self._use, self._min_score = runs, use, min_score

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """See `posture.pose.eyes.Detects`."""
        return self._found(frame, whole(frame.width, frame.height, self._use.input), hidden)

    def within(self, frame: Frame, square: Region) -> tuple[Detection, ...]:
        """Everybody in one upright square of the picture, best first."""
        return self._found(frame, around(square, self._use.input))

    def _found(self, frame: Frame, window: Window, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        pixels = painted(seen(frame, window, self._use.input), [_inside(box, window) for box in hidden])
        found = BOX_HEADS[self._use.head](self.runs.run(tensor(pixels, self._use.input)), self._use)
        chances = even(found.scores, self._use)
        corners = window.to_picture(found.corners)
        return tuple(
            self._detection(corners[i], float(chances[i]))
            for i in np.argsort(-chances, kind="stable")
            if chances[i] > self._min_score
        )

    def _detection(self, box: Array, score: float) -> Detection:
        """The four points of a detection that a box stands for: it lies upright."""
        middle, (width, height) = box.mean(0), box[1] - box[0]
        reach = max(width, height) / 2
        shoulders = (middle[0], box[0, 1] + SHOULDERS_AT * height)
        top = (middle[0], middle[1] - reach)
        return Detection(score, np.array([middle, top, shoulders, shoulders]))


class SsdDetector:
    """BlazePose's detector in another form than the program's own."""

    def __init__(self, runs: Runs, use: Use, min_score: float) -> None:
        self.runs, self._use, self._min_score = runs, use, min_score

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """See `posture.pose.eyes.Detects`."""
        square, size = letterbox(frame.width, frame.height), blazepose.DETECTOR_SIZE
        picture = painted(frame.crop(affine(square, size), size, "black"), [in_crop(box, square) for box in hidden])
        outputs = self.runs.run(tensor(picture, self._use.input))
        check_finite(outputs)
        return blazepose.detections(outputs, square, self._min_score)


class LandmarkEyes:
    """A BlazePose landmark model in another form than the program's own."""

    def __init__(self, runs: Runs, use: Use, min_score: float) -> None:
        self.runs, self._use, self._min_score = runs, use, min_score

    def look(self, frame: Frame, region: Region) -> Landmarks | None:
        """See `posture.pose.eyes.Sees`."""
        size = blazepose.LANDMARK_SIZE
        picture = frame.crop(affine(region, size), size, "edge")
        outputs = self.runs.run(tensor(picture, self._use.input))
        check_finite(outputs)
        return blazepose.landmarks(outputs, region, self._min_score)


class RegionEyes:
    """A model that finds the keypoints of the one person in a region."""

    def __init__(self, runs: Runs, use: Use, min_score: float) -> None:
        self.runs, self._use, self._min_score = runs, use, min_score

    def look(self, frame: Frame, region: Region) -> Landmarks | None:
        """See `posture.pose.eyes.Sees`. The region is taken upright."""
        wanted = region.side * self._use.input.padding / MARGIN
        window = around(region._replace(side=wanted), self._use.input)
        found = _keypoints(self.runs, self._use, frame, window)
        if not len(found.points):
            return None
        body = lifted(window.to_picture(found.points[0]), even(found.scores[0], self._use), self._use.layout)
        return body if body.score > self._min_score else None


class CrowdEyes:
    """A model that finds everybody in a picture at once; for each frame it runs once, whoever asks."""

    def __init__(self, runs: Runs, use: Use, min_score: float) -> None:
        self.runs, self._use, self._min_score = runs, use, min_score
        self._frame: Frame | None = None
        self._bodies: tuple[Landmarks, ...] = ()

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """See `posture.pose.eyes.Detects`. Nothing is painted over: who is there is left out by the tracker."""
        return tuple(pointed_at(body) for body in self._all(frame))

    def look(self, frame: Frame, region: Region) -> Landmarks | None:
        """See `posture.pose.eyes.Sees`: the body whose middle is nearest to that of the region."""
        middle = np.array([region.x, region.y])
        away = [
            float(np.hypot(*(body.points_px[CENTRE, :2] - middle))) / max(radius(body), region.side / (2 * MARGIN))
            for body in self._all(frame)
        ]
        best = min(range(len(away)), key=away.__getitem__, default=None)
        return None if best is None or away[best] > NEAR else self._bodies[best]

    def _all(self, frame: Frame) -> tuple[Landmarks, ...]:
        if frame is not self._frame:
            window = whole(frame.width, frame.height, self._use.input)
            found = _keypoints(self.runs, self._use, frame, window)
            bodies = [
                lifted(window.to_picture(points), even(scores, self._use), self._use.layout)
                for points, scores in zip(found.points, found.scores, strict=True)
            ]
            sure = (body for body in bodies if body.score > self._min_score)
            self._frame, self._bodies = frame, tuple(sorted(sure, key=lambda body: -body.score))
        return self._bodies


def _keypoints(runs: Runs, use: Use, frame: Frame, window: Window) -> Keypoints:
    """What the head finds in a window; with `use.flip` averaged with what it finds in the mirror."""
    head = POSE_HEADS[use.head]
    values = tensor(seen(frame, window, use.input), use.input)
    found = head(runs.run(values), use)
    if not use.flip:
        return found
    return averaged(found, back(head(_copied(runs.run(mirrored(values, use.input))), use), use))


def back(found: Keypoints, use: Use) -> Keypoints:
    """Keypoints found in the mirror, as they are in the picture: left is right, and both sides change places."""
    order = list(LAYOUTS[use.layout].mirrored)
    points = found.points[:, order].copy()
    points[..., 0] = use.input.width - 1 - points[..., 0]
    return Keypoints(points, found.scores[:, order])


def averaged(one: Keypoints, other: Keypoints) -> Keypoints:
    """The mean of both looks, weighted by score; who is seen in one of them only stays as seen there.

    Where there are several people, those whose points are nearest belong together.
    """
    points, scores = one.points.copy(), one.scores.copy()
    for i, person in enumerate(one.points):
        if not len(other.points):
            break
        steps = other.points - person
        nearest = int(np.median(np.hypot(steps[..., 0], steps[..., 1]), axis=1).argmin())
        weights = np.stack([one.scores[i], other.scores[nearest]])
        total = np.maximum(weights.sum(0), 1e-9)
        both = np.stack([person, other.points[nearest]])
        points[i] = (both * (weights / total)[..., None]).sum(0)
        scores[i] = weights.mean(0)
    return Keypoints(points, scores)


def _copied(outputs: Outputs) -> Outputs:
    return {name: values.copy() for name, values in outputs.items()}


def _inside(box: Box, window: Window) -> Array:
    return window.to_input(np.array([[box.left, box.top], [box.right, box.bottom]]))
