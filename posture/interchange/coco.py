"""COCO keypoints: one JSON file with images, annotations and one category, as pycocotools loads it.

    info         ours: purpose
    images       one a frame: id from 1, width, height, and ours: frame_number, time_s
    annotations  one a person and frame: 17 points as x, y, v (0 missing, 1 hidden, 2 seen), bbox, area, score;
                 track_id (as PoseTrack has it) keeps people apart, keypoint_scores carry what v cannot say

No picture lies under `file_name`: it only numbers the frame.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from posture.interchange.layouts import COCO_17, COCO_BONES, image_in
from posture.interchange.motion import Dense, Motion, new_motion

SEEN = 0.5
"""Probability from which a point counts as seen."""
_FULL = 3 * len(COCO_17)


class _Image(msgspec.Struct):
    id: int
    width: int = 0
    height: int = 0
    time_s: float | None = None


class _Annotation(msgspec.Struct):
    image_id: int
    keypoints: list[float]
    track_id: int = 1
    keypoint_scores: list[float | None] = []


class _Category(msgspec.Struct):
    keypoints: list[str] = []


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category] = []


def write(motion: Motion, target: Path) -> None:
    """Write the file `target`."""
    points = image_in(motion, COCO_17)
    images = [_image(motion, frame) for frame in range(len(motion.time_s))]
    annotations: list[dict[str, Any]] = []
    for frame, place in zip(*np.nonzero(motion.seen), strict=True):
        annotations.append(_annotation(len(annotations) + 1, int(frame), int(place), points[frame, place]))
    index = {name: i + 1 for i, name in enumerate(COCO_17)}
    category = {
        "id": 1, "name": "person", "supercategory": "person", "keypoints": list(COCO_17),
        "skeleton": [[index[a], index[b]] for a, b in COCO_BONES],
    }  # fmt: skip
    info = {"description": "keypoints of posture", "purpose": motion.purpose}
    whole = {"info": info, "images": images, "annotations": annotations, "categories": [category]}
    target.write_text(json.dumps(whole, separators=(",", ":")), encoding="utf-8")


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read a file. Images without our `time_s` are `rate_hz` apart in the order of their ids. Raises ValueError."""
    try:
        file = msgspec.json.decode(source.read_bytes(), type=_File)
    except msgspec.DecodeError as exc:
        raise ValueError(str(exc)) from exc
    for category in file.categories:
        if category.keypoints and tuple(category.keypoints) != COCO_17:
            raise ValueError("its keypoints are not the 17 of COCO")
    images = sorted(file.images, key=lambda image: image.id)
    row = {image.id: i for i, image in enumerate(images)}
    tracks = {track: i for i, track in enumerate(sorted({one.track_id for one in file.annotations}))}
    whole = np.full((len(images), len(tracks), len(COCO_17), 3), np.nan)
    for one in file.annotations:
        if one.image_id not in row:
            raise ValueError(f"an annotation names the image {one.image_id}, which is not there")
        whole[row[one.image_id], tracks[one.track_id]] = _points(one)
    size = (images[0].width, images[0].height) if images else (0, 0)
    names = [f"person-{track}" for track in tracks]
    times = [_time(place, image, rate_hz) for place, image in enumerate(images)]
    return new_motion(times, names, COCO_17, image_px=whole[..., :2], confidence=whole[..., 2], size_px=size)


def _image(motion: Motion, frame: int) -> dict[str, Any]:
    width, height = motion.size_px
    return {
        "id": frame + 1, "file_name": f"frame_{frame:06d}", "width": width, "height": height,
        "frame_number": frame, "time_s": round(float(motion.time_s[frame]), 6),
    }  # fmt: skip


def _annotation(number: int, frame: int, place: int, points: Dense) -> dict[str, Any]:
    here = ~np.isnan(points[:, 0])
    sure = np.where(here & (points[:, 2] < SEEN), 1, 2) * here
    kept = np.where(here[:, None], points[:, :2].round(2), 0.0)
    scores = [round(float(score), 4) if np.isfinite(score) else None for score in points[:, 2]]
    known = [score for score in scores if score is not None]
    left, top = (kept[here].min(0) if here.any() else np.zeros(2)).tolist()
    right, bottom = (kept[here].max(0) if here.any() else np.zeros(2)).tolist()
    return {
        "id": number, "image_id": frame + 1, "category_id": 1, "track_id": place + 1, "iscrowd": 0,
        "keypoints": np.column_stack([kept, sure]).ravel().tolist(), "num_keypoints": int(here.sum()),
        "keypoint_scores": scores, "score": round(sum(known) / len(known), 4) if known else 0.0,
        "bbox": [left, top, round(right - left, 2), round(bottom - top, 2)],
        "area": round((right - left) * (bottom - top), 2),
    }  # fmt: skip


def _points(one: _Annotation) -> Dense:
    """[17, 3] x, y, confidence; without scores, a seen point counts as sure and a hidden one as half sure."""
    if len(one.keypoints) != _FULL:
        raise ValueError(f"keypoints hold {len(one.keypoints)} numbers, and the 17 of COCO have {_FULL}")
    points = np.array(one.keypoints, float).reshape(-1, 3)
    scores = np.array([np.nan if score is None else score for score in one.keypoint_scores])
    missing = points[:, 2] == 0
    points[:, 2] = scores if len(scores) == len(points) else np.where(points[:, 2] == 1, SEEN / 2, 1.0)
    points[missing] = np.nan
    return points


def _time(place: int, image: _Image, rate_hz: float | None) -> float:
    if rate_hz is not None:
        return place / rate_hz
    if image.time_s is None:
        raise ValueError("the images say nothing of time: give the frame rate with --frame-rate")
    return image.time_s
