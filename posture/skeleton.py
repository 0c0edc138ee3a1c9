"""Keypoint layouts: which body point has which index, which pairs mirror each other, which are joined by a bone."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Skeleton:
    """A keypoint layout. `names[i]` is keypoint i; left and right are those of the person."""

    name: str
    names: tuple[str, ...]
    bones: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def index(self) -> dict[str, int]:
        """Keypoint name to index."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def mirrored(self) -> tuple[int, ...]:
        """`mirrored[i]` is the keypoint that takes the place of i in a picture flipped left to right."""
        other = {"left": "right", "right": "left"}
        swap = ["_".join(other.get(word, word) for word in name.split("_")) for name in self.names]
        return tuple(self.index[name] for name in swap)


# BlazePose GHUM topology, 33 points: Bazarevsky et al. 2020 (arXiv:2006.10204), order of the MediaPipe documentation.
BLAZEPOSE_33 = Skeleton(
    name="blazepose-33",
    names=(
        "nose",
        "left_eye_inner", "left_eye", "left_eye_outer",
        "right_eye_inner", "right_eye", "right_eye_outer",
        "left_ear", "right_ear",
        "mouth_left", "mouth_right",
        "left_shoulder", "right_shoulder",
        "left_elbow", "right_elbow",
        "left_wrist", "right_wrist",
        "left_pinky", "right_pinky",
        "left_index", "right_index",
        "left_thumb", "right_thumb",
        "left_hip", "right_hip",
        "left_knee", "right_knee",
        "left_ankle", "right_ankle",
        "left_heel", "right_heel",
        "left_foot_index", "right_foot_index",
    ),
    bones=(
        ("left_ear", "left_eye"), ("left_eye", "nose"), ("nose", "right_eye"), ("right_eye", "right_ear"),
        ("mouth_left", "mouth_right"),
        ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
        ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
        ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"), ("left_wrist", "left_index"),
        ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"), ("right_wrist", "right_index"),
        ("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("left_ankle", "left_foot_index"),
        ("right_hip", "right_knee"), ("right_knee", "right_ankle"), ("right_ankle", "right_foot_index"),
    ),
)  # fmt: skip
