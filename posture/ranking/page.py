"""The ranking as one HTML file without script, whose own policy forbids it to load or run anything.

It holds small pieces of the labelled pictures, with what was labelled and what was found drawn over them.
"""

import base64
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

import cv2

from posture.data import Frame
from posture.evaluate import Accuracy, first_frame, square_around
from posture.pose.crop import Region, affine
from posture.pose.metrics import COCO_NAMES
from posture.ranking.one import Ranked, Worst
from posture.reports.html import environment

SHOT_PX = 240
"""Side of a picture on the page."""
AROUND = 1.3
"""Sides of the square around a labelled box that are shown."""
JPEG_QUALITY = 78
_BONES = (
    ("nose", "left_eye"), ("nose", "right_eye"), ("left_eye", "left_ear"), ("right_eye", "right_ear"),
    ("left_shoulder", "right_shoulder"), ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"), ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"), ("left_hip", "right_hip"), ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
    ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
)  # fmt: skip
BONES = tuple((COCO_NAMES.index(a), COCO_NAMES.index(b)) for a, b in _BONES)

Points = Sequence[tuple[float, float]]


def write(results: Sequence[Ranked], left_out: Mapping[str, str], folder: Path, machine: str, out: BinaryIO) -> None:
    """Write the page. `folder` is that of the annotations. Raises SourceError for a picture that is gone."""
    from markupsafe import Markup

    style = resources.files("posture.ranking").joinpath("templates", "ranking.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    frames = cache(lambda image: first_frame(folder / image))
    content = environment("posture.ranking").get_template("ranking.html").render(
        style=Markup(style),
        style_sha256=digest,
        machine=machine,
        left_out=left_out,
        combinations=[_combination(place, result, frames) for place, result in enumerate(results, 1)],
        joints=[name.replace("_", " ") for name in COCO_NAMES],
        datasets=list(dict.fromkeys(row.dataset for result in results for row in result.accuracy)),
        side=SHOT_PX,
    )  # fmt: skip
    out.write(content.encode())


def share(value: float) -> str:
    """A share from 0 to 1, or a dash for none."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def _combination(place: int, result: Ranked, frames: Callable[[str], Frame]) -> dict[str, Any]:
    whole, box, region = (result.of(mode) for mode in ("whole picture", "given box", "given region"))
    assert whole is not None
    assert box is not None
    return {
        "place": place,
        "label": result.candidate.label,
        "sha256": result.sha256,
        "provider": result.provider,
        "found": f"{whole.found} of {whole.people}",
        "invented": f"{result.invented} in {result.empty_pictures}",
        "figures": [share(whole.average_precision), share(whole.pck), share(box.pck), _of(region)],
        "ms": f"{result.picture_ms:.0f}",
        "mib": f"{result.peak_memory_mib:.0f}",
        "datasets": [_dataset(row) for row in result.accuracy],
        "joints": [_joint(*whole.joints[name]) for name in COCO_NAMES],
        "joint_count": [whole.joints[name][1] for name in COCO_NAMES],
        "worst": [_shot(case, frames(case.image)) for case in result.worst],
    }


def _of(row: Accuracy | None) -> str:
    return "–" if row is None else share(row.pck)


def _dataset(row: Accuracy) -> dict[str, str]:
    return {
        "name": row.dataset, "mode": row.mode, "people": str(row.people), "found": str(row.found),
        "pck": share(row.pck), "points": str(row.pck_points), "ap": share(row.average_precision),
    }  # fmt: skip


def _joint(right: int, labelled: int) -> str:
    return f"{right / labelled:.2f}" if labelled else "–"


def _shot(case: Worst, frame: Frame) -> dict[str, Any]:
    square = square_around(case.box)
    square = Region(square.x, square.y, square.side * AROUND, 0.0)
    picture = frame.crop(affine(square, SHOT_PX), SHOT_PX, "black")
    _, jpeg = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    truth = [point if seen else (math.nan, math.nan) for point, seen in zip(case.truth, case.labelled, strict=True)]
    found = "not found" if case.guess is None else f"OKS {case.similarity:.2f}"
    return {
        "jpeg": base64.b64encode(jpeg.tobytes()).decode(),
        "words": f"{case.dataset}: {found}",
        "truth": _drawn(truth, square),
        "guess": _drawn(case.guess or [], square),
    }


def _drawn(points: Points, square: Region) -> dict[str, Any]:
    """Lines and points in pixels of the shot; what is not there is left out."""
    scale, left, top = SHOT_PX / square.side, square.x - square.side / 2, square.y - square.side / 2
    placed = [((x - left) * scale, (y - top) * scale) for x, y in points]
    there = [i for i, point in enumerate(placed) if math.isfinite(point[0])]
    lines = [(*placed[a], *placed[b]) for a, b in BONES if a in there and b in there]
    return {
        "lines": [tuple(f"{value:.1f}" for value in line) for line in lines],
        "points": [tuple(f"{value:.1f}" for value in placed[i]) for i in there],
    }
