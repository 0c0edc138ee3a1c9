"""What a pose model would say of a sitter before a camera: projection, noise, hidden points, the background's shift."""

import math
from collections.abc import Iterator

import numpy as np
from scenario_file import Other, Person, Scenario, Segment
from sitter import DESK_M, STAND_M, Lens, Stance, arms_of, body, eyes_of, lens, turn_y

from posture.data import Array, Pose, frozen
from posture.skeleton import BLAZEPOSE_33

SIDE_M = 1.5
"""Distance of a camera beside the sitter."""
DEPTH_NOISE_M = 0.0027
"""Of the model's world coordinates along the line of sight, for each pixel of noise; across it is the pixel noise."""
DEPTH_SHARE = 0.85
"""The model makes bodies flatter than they are: it says 5 to 15 degrees less of a turn."""
SEEN, DIM, HIDDEN = 0.98, 0.6, 0.1
"""Visibility of points that are seen, on the far side, hidden."""
DARK_LUMA, BLIND_LUMA = 20.0, 3.0
"""Below the first the model's visibility sinks, below the second it sees nobody."""
LEAST_POINTS = 3
"""Fewer of `_CORE` in the picture, and nobody is found."""
SHIFT_NOISE_PX = 0.5
WALL_POINTS, LEAST_WALL = 40, 8
"""Points of the background, and how many must still be in the picture for its shift to be measured."""

_I = BLAZEPOSE_33.index
_CORE = [_I[name] for name in ("nose", "left_eye", "right_eye")] + [
    _I[f"{side}_{part}"] for side in ("left", "right") for part in ("shoulder", "elbow", "hip")
]
_SIDES = {
    side: [i for i, name in enumerate(BLAZEPOSE_33.names) if side in name] for side in ("left", "right")
}
_FACE = range(11)


class Studio:
    """The room of a scenario: the first segment's sitter aims the camera, later ones move before it."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        self._rng = rng
        self._scenario = scenario
        first = _stance(scenario.timeline[0].person)
        self._eyes = eyes_of(first)
        self._desk_m = DESK_M + first.standing * STAND_M
        self.lens = self._aimed()
        self._wall = self._background()
        self._wall_at = self.lens.pixels(self.lens.seen(self._wall))

    def _aimed(self) -> Lens:
        setup = self._scenario.camera
        above = np.array([0.0, setup.above_eyes_m, 0.0])
        if setup.view == "front":
            place = np.array([setup.aside_m or 0.0, self._eyes[1], 0.0]) + above
        else:
            beside = (SIDE_M if setup.aside_m is None else setup.aside_m) * (-1 if setup.view == "right" else 1)
            place = self._eyes + above + np.array([beside, 0.0, 0.0])
        aimed = lens(setup.size_px, setup.fov_deg, place, self._eyes)
        if setup.tilt_deg is not None:
            down = math.degrees(math.asin(float(-aimed.axes[2][1])))
            aimed = aimed.turned(setup.tilt_deg - down, 0.0, 0.0)
        return aimed.turned(0.0, setup.pan_deg or 0.0, setup.roll_deg)

    def _background(self) -> Array:
        """Points behind the sitter, spread over the picture."""
        rng = np.random.default_rng(self._scenario.seed + 1)
        at = rng.uniform(-0.45, 0.45, (WALL_POINTS, 2)) * [self.lens.width, self.lens.height] / self.lens.focal_px
        away = rng.uniform(2.0, 4.0, (WALL_POINTS, 1))
        found: Array = np.hstack([at * away, away]) @ self.lens.axes + self.lens.place
        return found

    def camera_at(self, before: Segment, now: Segment, share: float) -> Lens:
        """The camera on its way from one segment to the next."""
        tilt, pan, roll = (
            (1 - share) * getattr(before.camera, name) + share * getattr(now.camera, name)
            for name in ("tilt_deg", "pan_deg", "roll_deg")
        )
        return self.lens.turned(tilt, pan, roll)

    def shift(self, camera: Lens, luma: float) -> tuple[float, float]:
        """The background's shift as image registration would find it, in picture widths."""
        if not self._scenario.camera.background or luma < DARK_LUMA:
            return math.nan, math.nan
        at = camera.pixels(camera.seen(self._wall))
        inside = ((at >= 0) & (at < [camera.width, camera.height])).all(1)
        if inside.sum() < LEAST_WALL:
            return math.nan, math.nan
        moved = np.median((at - self._wall_at)[inside], axis=0) + self._rng.normal(0, SHIFT_NOISE_PX, 2)
        return float(moved[0] / camera.width), float(moved[1] / camera.width)

    def sitter(self, before: Person, now: Person, share: float, camera: Lens, luma: float, number: int) -> Pose | None:
        """The sitter's pose; None where no model would find them."""
        if not before.present:
            before, share = now, 1.0
        stance = _stance(before).blended(_stance(now), share)
        points = body(stance, arms_of(before.arms, now.arms, share))
        return self._pose(points, camera, luma, number, now.hidden)

    def others(self, segment: Segment, t: float, camera: Lens, luma: float, first: int) -> Iterator[Pose]:
        """Everybody else; they face the camera."""
        begin, end = segment.t_s
        for number, other in enumerate(segment.others):
            points = self._other(other, (t - begin) / (end - begin))
            pose = self._pose(points, camera, luma, first + number, ())
            if pose is not None:
                yield pose

    def _other(self, other: Other, share: float) -> Array:
        x = other.x_m if other.moves_to_x_m is None else other.x_m + share * (other.moves_to_x_m - other.x_m)
        away, right = self.lens.axes[2] * [1, 0, 1], self.lens.axes[0] * [1, 0, 1]
        away, right = away / np.linalg.norm(away), right / np.linalg.norm(right)
        stance = Stance(
            trunk_flexion_deg=2, neck_flexion_deg=4, standing=float(other.standing), distance_m=other.distance_m
        )
        points = body(stance, arms_of("hang", "hang", 1.0))
        facing = turn_y(math.degrees(math.atan2(-away[0], -away[2])))
        points = (points + [0, 0, other.distance_m]) @ facing.T
        found: Array = points + self.lens.place * [1, 0, 1] + away * other.distance_m + right * x
        return found

    def _pose(self, points: Array, camera: Lens, luma: float, number: int, hidden: tuple[str, ...]) -> Pose | None:
        noise = self._scenario.keypoint_noise_px
        seen = camera.seen(points)
        at = camera.pixels(seen) + self._rng.normal(0, noise, (33, 2))
        inside = ((at >= 0) & (at < [camera.width - 1, camera.height - 1])).all(1) & (seen[:, 2] > 0.1)
        visible = self._visibility(points, camera, hidden) * min(1.0, luma / DARK_LUMA)
        visible[~inside] = 0.05
        if luma < BLIND_LUMA or inside[_CORE].sum() < LEAST_POINTS:
            return None
        world = self._world(seen, noise, camera)
        depth = (seen[:, 2:] - seen[[_I["left_hip"], _I["right_hip"]], 2].mean()) * camera.focal_px / seen[:, 2].mean()
        size = float(np.linalg.norm(at[_I["left_shoulder"]] - at[_I["right_shoulder"]])) * 4
        return Pose(
            person=number,
            points_px=frozen(np.hstack([at, depth])),
            world_m=frozen(world),
            visibility=frozen(visible),
            presence=frozen(np.where(inside, 0.98, 0.05)),
            score=0.95,
            region=(float(at[_I["nose"], 0]), float(at[_I["nose"], 1]), size, 0.0),
        )

    def _world(self, seen: Array, noise_px: float, camera: Lens) -> Array:
        """The model works on a crop, so its metres are along the line of sight to the body, not along the camera's."""
        middle = seen[[_I["left_shoulder"], _I["right_shoulder"]]].mean(0)
        away = middle / np.linalg.norm(middle)
        right = np.array([away[2], 0.0, -away[0]])
        right = right / np.linalg.norm(right)
        axes = np.array([right, np.cross(away, right), away])
        hips = seen[[_I["left_hip"], _I["right_hip"]]].mean(0)
        across = noise_px * float(middle[2]) / camera.focal_px
        world = (seen - hips) @ axes.T * [1, 1, DEPTH_SHARE]
        found: Array = world + self._rng.normal(0, 1, (33, 3)) * [across, across, DEPTH_NOISE_M * noise_px]
        return found

    def _visibility(self, points: Array, camera: Lens, hidden: tuple[str, ...]) -> Array:
        """Hidden: below the desk (from the front), the far side of head and body, and what the scenario names."""
        visible = np.full(33, SEEN)
        to_camera = camera.place - points.mean(0)
        for side, other in (("left", "right"), ("right", "left")):
            trunk = points[_I[f"{side}_shoulder"]] - points[_I[f"{other}_shoulder"]]
            head = points[_I[f"{side}_ear"]] - points[_I[f"{other}_ear"]]
            if _cosine(trunk, to_camera) < -0.8:
                visible[[i for i in _SIDES[side] if i not in _FACE]] = DIM
                visible[[_I[f"{side}_elbow"], _I[f"{side}_wrist"]]] = HIDDEN
            if _cosine(head, to_camera) < -0.6:
                visible[[i for i in _SIDES[side] if i in _FACE]] = DIM
        if self._scenario.camera.view == "front":
            visible[points[:, 1] < self._desk_m] = HIDDEN
        visible[[_I[name] for name in hidden]] = HIDDEN
        return visible


def _stance(person: Person) -> Stance:
    names = Stance.__dataclass_fields__
    return Stance(**{name: float(getattr(person, name)) for name in names})


def _cosine(a: Array, b: Array) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
