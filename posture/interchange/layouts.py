"""Keypoints of other layouts in the words of ours, and ours in theirs."""

from collections.abc import Mapping

import numpy as np

from posture.interchange.motion import Dense, Motion

# BODY_25 of OpenPose, in its order (CMU Perceptual Computing Lab, "Output format" of its documentation).
BODY_25 = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear", "left_foot_index", "left_small_toe", "left_heel", "right_foot_index", "right_small_toe",
    "right_heel",
)  # fmt: skip

# COCO keypoints, in the order of its annotation files (Lin et al. 2014, arXiv:1405.0312; cocodataset.org).
COCO_17 = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
COCO_BONES = (
    ("left_ankle", "left_knee"), ("left_knee", "left_hip"), ("right_ankle", "right_knee"), ("right_knee", "right_hip"),
    ("left_hip", "right_hip"), ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
    ("left_shoulder", "right_shoulder"), ("left_shoulder", "left_elbow"), ("right_shoulder", "right_elbow"),
    ("left_elbow", "left_wrist"), ("right_elbow", "right_wrist"), ("left_eye", "right_eye"), ("nose", "left_eye"),
    ("nose", "right_eye"), ("left_eye", "left_ear"), ("right_eye", "right_ear"), ("left_ear", "left_shoulder"),
    ("right_ear", "right_shoulder"),
)  # fmt: skip

MIDDLES: Mapping[str, tuple[str, str]] = {
    "neck": ("left_shoulder", "right_shoulder"),
    "mid_hip": ("left_hip", "right_hip"),
}
"""Points that lie halfway between two others, which is how OpenPose's training data defines them."""


def image_in(motion: Motion, names: tuple[str, ...]) -> Dense:
    """[F, P, len(names), 3] x, y in pixels and confidence of the points of another layout.

    A point that lies between two others is as sure as the less sure one. NaN where a point is not to be had.
    """
    index = {name: i for i, name in enumerate(motion.names)}
    found = np.full((*motion.confidence.shape[:2], len(names), 3), np.nan)
    for column, name in enumerate(names):
        if name in index:
            found[:, :, column, :2] = motion.image_px[:, :, index[name]]
            found[:, :, column, 2] = motion.confidence[:, :, index[name]]
        elif name in MIDDLES and all(side in index for side in MIDDLES[name]):
            left, right = (index[side] for side in MIDDLES[name])
            found[:, :, column, :2] = (motion.image_px[:, :, left] + motion.image_px[:, :, right]) / 2
            found[:, :, column, 2] = np.minimum(motion.confidence[:, :, left], motion.confidence[:, :, right])
    return found
