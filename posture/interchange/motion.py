"""Keypoints over time, in the shape in which other programs take them: dense, one row a frame, NaN where nothing is.

An hour at 10 estimates a second takes about 35 MB for each person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, Array, Observation, frozen
from posture.skeleton import BLAZEPOSE_33

Dense = NDArray[np.float64]

TYPICAL_RATE_HZ = 10.0
"""Said of a motion of a single frame, for formats that must name a rate: the rate of an analysis."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """F frames, P people, K keypoints. Missing is NaN, in every array; a part that a file does not have is all NaN.

    Raises ValueError where the shapes do not belong together.
    """

    time_s: Array
    """[F] seconds of the stream, strictly increasing."""
    people: tuple[str, ...]
    """[P] a name for each person: "person-1" unless somebody gave another."""
    names: tuple[str, ...]
    """[K] keypoints, in the words of `posture.skeleton` where they are known there."""
    image_px: Dense
    """[F, P, K, 2] x right, y down, in pixels of the upright picture."""
    world_m: Dense
    """[F, P, K, 3] metres; x right and y down in the picture, z away from the camera, origin between the hips."""
    confidence: Dense
    """[F, P, K] probability that the point is seen; NaN where the point is missing or nobody says."""
    size_px: tuple[int, int] = (0, 0)
    """Width and height of the picture; 0 where the file does not say."""
    angle_names: tuple[str, ...] = ()
    angles: Dense = field(default_factory=lambda: np.empty((0, 0, 0)))
    """[F, P, A] degrees or ratios, as the names say."""
    purpose: str = ""
    """What people were seen for; written where a format has a place for it, and read nowhere."""

    def __post_init__(self) -> None:
        f, p, k = len(self.time_s), len(self.people), len(self.names)
        shapes = {
            "image_px": (f, p, k, 2), "world_m": (f, p, k, 3), "confidence": (f, p, k),
            "angles": (f, p, len(self.angle_names)) if self.angle_names else self.angles.shape,
        }  # fmt: skip
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}, and {shape} goes with the rest")
        if f > 1 and not (np.diff(self.time_s) > 0).all():
            raise ValueError("times must rise")
        if not np.isfinite(self.time_s).all():
            raise ValueError("times must be numbers")

    @property
    def rate_hz(self) -> float:
        """Frames a second: one over the median distance of two."""
        return 1 / float(np.median(np.diff(self.time_s))) if len(self.time_s) > 1 else TYPICAL_RATE_HZ

    @property
    def seen(self) -> NDArray[np.bool_]:
        """[F, P] whether anything of a person is there."""
        return np.asarray(np.isfinite(self.image_px).any((2, 3)) | np.isfinite(self.world_m).any((2, 3)), bool)

    def person(self, index: int) -> "Motion":
        """Only this person, in the same frames."""
        one = slice(index, index + 1)
        return Motion(
            self.time_s, self.people[one], self.names, self.image_px[:, one], self.world_m[:, one],
            self.confidence[:, one], self.size_px, self.angle_names,
            self.angles[:, one] if self.angle_names else self.angles, self.purpose,
        )  # fmt: skip


def new_motion(
    time_s: Sequence[float] | Array,
    people: Sequence[str],
    names: Sequence[str],
    *,
    image_px: Dense | None = None,
    world_m: Dense | None = None,
    confidence: Dense | None = None,
    size_px: tuple[int, int] = (0, 0),
) -> Motion:
    """A motion of what a file has; the rest is NaN. Raises ValueError."""
    shape = len(time_s), len(people), len(names)
    return Motion(
        frozen(np.asarray(time_s, float)),
        tuple(people),
        tuple(names),
        frozen(np.full((*shape, 2), np.nan) if image_px is None else image_px),
        frozen(np.full((*shape, 3), np.nan) if world_m is None else world_m),
        frozen(np.full(shape, np.nan) if confidence is None else confidence),
        size_px,
    )


class Gathering:
    """Takes the observations of one source in order; `motion` is what they came to."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._rows: list[tuple[int, int, NDArray[np.float32]]] = []  # frame, person, [K * 6 + angles]

    def append(self, observation: Observation) -> None:
        """Add one frame."""
        frame = len(self._times)
        self._times.append(observation.time_s)
        for subject in observation.people:
            pose = subject.pose
            parts = np.column_stack([pose.points_px[:, :2], pose.world_m, pose.visibility])
            row = np.concatenate([parts.ravel(), subject.measurements.values]).astype(np.float32)
            self._rows.append((frame, pose.person, row))

    def motion(self, size_px: tuple[int, int], names: Mapping[int, str] | None = None) -> Motion:
        """What was gathered. `names`: of people by their number."""
        identities = sorted({person for _, person, _ in self._rows})
        place = {person: i for i, person in enumerate(identities)}
        points, angles = len(BLAZEPOSE_33), len(MEASURE_NAMES)
        whole = np.full((len(self._times), len(identities), points * 6 + angles), np.nan)
        for frame, person, row in self._rows:
            whole[frame, place[person]] = row
        parts = whole[..., : points * 6].reshape(*whole.shape[:2], points, 6)
        known = names or {}
        return Motion(
            frozen(np.array(self._times, float)),
            tuple(known.get(person, f"person-{person}") for person in identities),
            BLAZEPOSE_33.names,
            frozen(parts[..., :2]),
            frozen(parts[..., 2:5]),
            frozen(parts[..., 5]),
            size_px,
            MEASURE_NAMES,
            frozen(whole[..., points * 6 :]),
        )
