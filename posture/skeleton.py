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


def _layout(name: str, names: str) -> Skeleton:
    """A layout whose bones are those of `_BONES` that it has both ends of."""
    points = tuple(names.split())
    return Skeleton(name, points, tuple(bone for bone in _BONES if set(bone) <= set(points)))


_BONES = (
    *BLAZEPOSE_33.bones,
    ("head_top", "neck"), ("head_top", "upper_neck"), ("upper_neck", "thorax"), ("thorax", "pelvis"),
    ("neck", "left_shoulder"), ("neck", "right_shoulder"), ("thorax", "left_shoulder"), ("thorax", "right_shoulder"),
    ("pelvis", "left_hip"), ("pelvis", "right_hip"),
)  # fmt: skip

# The layouts of other models. Points with the name of one of BlazePose mean the same; the others (top of the head,
# neck, thorax, pelvis) are drawn where a model is shown, and nothing is measured from them.
# COCO: Lin et al. 2014 (arXiv:1405.0312), categories of person_keypoints. PoseNet and MoveNet use the same order.
COCO_17 = _layout(
    "coco-17",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle",
)
# AI Challenger: Wu et al. 2017 (arXiv:1711.06475), in the order of its annotations.
AIC_14 = _layout(
    "aic-14",
    "right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist right_hip right_knee right_ankle "
    "left_hip left_knee left_ankle head_top neck",
)
# The same in the order of github.com/edvardHua/PoseEstimationForMobile; what it calls left is left in the picture.
AIC_14_TOP = _layout(
    "aic-14-top",
    "head_top neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist right_hip right_knee "
    "right_ankle left_hip left_knee left_ankle",
)
# MPII: Andriluka et al. 2014 (CVPR), in the order of its annotations.
MPII_16 = _layout(
    "mpii-16",
    "right_ankle right_knee right_hip left_hip left_knee left_ankle pelvis thorax upper_neck head_top right_wrist "
    "right_elbow right_shoulder left_shoulder left_elbow left_wrist",
)
# The same points in the order of EfficientPose: Groos et al. 2021 (arXiv:2004.12186), utils/helpers.py of its code.
EFFICIENTPOSE_16 = _layout(
    "efficientpose-16",
    "head_top upper_neck right_shoulder right_elbow right_wrist thorax left_shoulder left_elbow left_wrist pelvis "
    "right_hip right_knee right_ankle left_hip left_knee left_ankle",
)
# CrowdPose: Li et al. 2019 (arXiv:1812.00324).
CROWDPOSE_14 = _layout(
    "crowdpose-14",
    "left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_hip right_hip left_knee "
    "right_knee left_ankle right_ankle head_top neck",
)
# Halpe: Fang et al. 2022 (arXiv:2211.03375), the 26 points of the body; those of the feet have BlazePose's names.
HALPE_26 = _layout(
    "halpe-26",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle head_top neck pelvis left_foot_index "
    "right_foot_index left_small_toe right_small_toe left_heel right_heel",
)
LAYOUTS = {
    layout.name: layout
    for layout in (BLAZEPOSE_33, COCO_17, AIC_14, AIC_14_TOP, MPII_16, EFFICIENTPOSE_16, CROWDPOSE_14, HALPE_26)
}
