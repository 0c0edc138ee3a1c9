"""A figure of a person with joints at round numbers, which a camera sees without perspective."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from posture.data import Pose
from posture.skeleton import BLAZEPOSE_33

RISE = 0.08 * np.tan(np.radians(10))  # eyes over ears of a person who looks level

# (to the right, up, forward) in metres from the middle of the hips, right side; the left side mirrors it.
_MIDDLE = {"nose": (0.0, 0.68, 0.11)}
_RIGHT = {
    "eye_inner": (0.02, 0.70 + RISE, 0.08), "eye": (0.03, 0.70 + RISE, 0.08), "eye_outer": (0.04, 0.70 + RISE, 0.08),
    "ear": (0.07, 0.70, 0.0), "mouth": (0.02, 0.63, 0.09),
    "shoulder": (0.18, 0.50, 0.0), "elbow": (0.18, 0.20, 0.0), "wrist": (0.18, -0.05, 0.0),
    "pinky": (0.18, -0.12, 0.0), "index": (0.18, -0.13, 0.0), "thumb": (0.18, -0.10, 0.02),
    "hip": (0.10, 0.0, 0.0), "knee": (0.10, -0.45, 0.0), "ankle": (0.10, -0.90, 0.0),
    "heel": (0.10, -0.93, -0.05), "foot_index": (0.10, -0.93, 0.15),
}  # fmt: skip
_HEAD = ("nose", "eye", "ear", "mouth")
_UPPER = (*_HEAD, "shoulder", "elbow", "wrist", "pinky", "index", "thumb")


class Figure:
    """An upright person with hanging arms; the methods bend it and return it."""

    def __init__(self) -> None:
        self.points: dict[str, np.ndarray] = {}
        for name in BLAZEPOSE_33.names:
            part = name.replace("left", "").replace("right", "").strip("_").replace("__", "_")
            right, up, forward = _MIDDLE[name] if name in _MIDDLE else _RIGHT[part]
            self.points[name] = np.array([-right if "left" in name else right, up, forward])

    def put(self, places: Mapping[str, tuple[float, float, float]]) -> "Figure":
        """Put keypoints at (right, up, forward)."""
        self.points |= {name: np.array(place) for name, place in places.items()}
        return self

    def _turn(
        self, parts: tuple[str, ...], pivot: tuple[float, float, float], from_: int, to: int, deg: float
    ) -> "Figure":
        c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
        for name, point in self.points.items():
            if any(part in name for part in parts):
                d = point - pivot
                a, b = d[from_], d[to]
                d[from_], d[to] = c * a - s * b, s * a + c * b
                self.points[name] = d + pivot
        return self

    def lean(self, forward: float = 0, right: float = 0) -> "Figure":
        """Lean the trunk, with arms and head, from the hips."""
        return self._turn(_UPPER, (0, 0, 0), 1, 2, forward)._turn(_UPPER, (0, 0, 0), 1, 0, right)

    def nod(self, forward: float = 0, right: float = 0, turn: float = 0) -> "Figure":
        """Turn the head to the right, tilt it and bend it forward, about the middle between the ears."""
        ears = tuple(np.mean([self.points["left_ear"], self.points["right_ear"]], axis=0))
        self._turn(_HEAD, ears, 1, 2, forward)._turn(_HEAD, ears, 1, 0, right)
        return self._turn(_HEAD, ears, 2, 0, turn)

    def twist(self, right: float) -> "Figure":
        """Turn everything above the hips to the right."""
        return self._turn(_UPPER, (0, 0, 0), 2, 0, right)

    def seen(
        self,
        facing: float = 0,
        *,
        pitch: float = 0,
        roll: float = 0,
        scale: float = 400,
        centre: tuple[float, float] = (960, 540),
        **changes: Any,
    ) -> Pose:
        """The pose that a camera reports that looks down by `pitch` and is turned clockwise by `roll` degrees."""
        f, p, r = np.radians([facing, pitch, roll])
        body = np.array([self.points[name] for name in BLAZEPOSE_33.names])
        axes = np.array([[-np.cos(f), 0, np.sin(f)], [0, -1, 0], [-np.sin(f), 0, -np.cos(f)]])
        down = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
        turned = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
        world = body @ axes @ down.T @ turned.T
        pixels = world * scale * [1, 1, 3] + [*centre, 0]  # the depth of pixel coordinates has another scale
        fields: dict[str, Any] = {
            "person": 1, "points_px": pixels, "world_m": world, "visibility": np.ones(33), "presence": np.ones(33),
            "score": 1.0, "region": (960.0, 540.0, 900.0, 0.0),
        }  # fmt: skip
        return Pose(**(fields | changes))


@pytest.fixture(scope="session")
def figure() -> Callable[[], Figure]:
    """Makes an upright figure."""
    return Figure


@pytest.fixture(scope="session")
def mirrored() -> Callable[[Pose, int], Pose]:
    """The pose in the picture flipped left to right."""

    def flip(pose: Pose, width: int) -> Pose:
        swap = list(BLAZEPOSE_33.mirrored)
        pixels, world = pose.points_px[swap].copy(), pose.world_m[swap].copy()
        pixels[:, 0] = width - 1 - pixels[:, 0]
        world[:, 0] *= -1
        return Pose(
            pose.person,
            pixels,
            world,
            pose.visibility[swap],
            pose.presence[swap],
            pose.score,
            pose.region,
            pose.skeleton,
        )

    return flip
