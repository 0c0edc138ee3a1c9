"""Scripted people: frames without pixels, and a detector and a landmark model that know where everybody is."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from posture.pose.blazepose import Detection, Landmarks
from posture.pose.crop import Region, body_region
from posture.pose.estimator import Estimator

# Offsets of the 33 keypoints from the middle of the hips in body radii, of a person who stands with hanging arms.
FACE = [(0.02 * (i - 5), -0.75) for i in range(11)]
ARMS = [(side * x, y) for x, y in ((0.2, -0.55), (0.25, -0.25), (0.25, 0.0), *[(0.25, 0.05)] * 3) for side in (1, -1)]
LEGS = [(side * 0.1, y) for y in (0.0, 0.45, 0.85, 0.9, 0.9) for side in (1, -1)]
STANDING = np.array(FACE + ARMS + LEGS)
SIZE = 1000


def body_at(x, y, radius=100.0, score=0.9):
    points = np.zeros((35, 3))
    points[:33, :2] = STANDING * radius + (x, y)
    points[33, :2], points[34, :2] = (x, y), (x, y - radius)
    world = np.zeros((33, 3))
    world[:, :2] = STANDING * 0.9
    return Landmarks(score, points, world, np.full(33, 0.9), np.full(33, 0.95))


@dataclass
class Shot:
    """A frame whose picture is a pattern; the fakes below read `people` instead."""

    time_s: float
    people: list[Landmarks]
    pattern: int = 0
    index: int = 0
    width: int = SIZE
    height: int = SIZE
    corrupt: bool = False

    def crop(self, affine, size, border):
        picture = np.zeros((size, size, 3), np.uint8)
        half = size // 2
        quarters = [(slice(None, half), slice(None, half)), (slice(half, None), slice(half, None))]
        rows, columns = quarters[self.pattern % 2]
        picture[rows, columns] = 200
        return picture


@dataclass
class Models:
    """Both models: they see everybody in `Shot.people`, unless painted over or outside the region."""

    detector_runs: int = 0
    looks: list[Region] = field(default_factory=list)
    sure: float = 0.9

    def detect(self, shot, hidden=()):
        self.detector_runs += 1
        found = []
        for body in shot.people:
            points = body.points_px
            if not any(box.holds(points[[11, 12], :2].mean(0)) for box in hidden):
                shoulders = points[[11, 12], :2].mean(0)
                found.append(Detection(self.sure, np.array([points[33, :2], points[34, :2], shoulders, shoulders])))
        return found

    def look(self, shot, region):
        self.looks.append(region)
        near = [b for b in shot.people if np.hypot(b.points_px[33, 0] - region.x, b.points_px[33, 1] - region.y) < 60]
        best = min(near, key=lambda b: abs(b.points_px[33, 0] - region.x), default=None)
        return best if best is not None and best.score > 0.5 else None


@pytest.fixture
def models():
    return Models()


@pytest.fixture(scope="session")
def region_of():
    return lambda body: body_region(body.points_px[33, :2], body.points_px[34, :2])


@pytest.fixture(scope="session")
def person():
    """(x, y, radius, score) -> a standing body."""
    return body_at


@pytest.fixture(scope="session")
def shot():
    """(time, people, pattern) -> a frame."""
    return Shot


@pytest.fixture(scope="session")
def engine():
    """The real models, one session for all tests. Make a Tracker on its `detect` and `look` for each stream."""
    from posture.pose.catalogue import Catalogue

    return Estimator(Catalogue.load())
