"""From a file or folder of keypoints to a `Motion`, and from that to poses as the estimator would give them."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from posture.data import Pose, frozen
from posture.errors import VideoUnreadable
from posture.interchange import FORMATS, Format, Motion
from posture.interchange.openpose import holds_frames
from posture.skeleton import BLAZEPOSE_33

PIXELS_PER_METRE = 500.0
"""Of the picture that is drawn of a motion without one: seen from straight ahead, without perspective."""
_BESIDE_PX = 100


def format_of(path: Path) -> Format | None:
    """The format that a file is in by its name, or a folder by what lies in it; None where it is none of them."""
    if path.is_dir():
        return FORMATS["openpose"] if holds_frames(path) else None
    name = path.name.lower()
    files = [kind for kind in FORMATS.values() if not kind.folder]
    return next((kind for kind in files if name.endswith(f".{kind.suffix}")), None)


def read(path: Path, rate_hz: float | None) -> Motion:
    """Read `path`; `rate_hz` is for files that say nothing of time. Raises VideoUnreadable, which names the file."""
    kind = format_of(path)
    if kind is None:
        raise VideoUnreadable(f"{path}: no format of keypoints by its name")
    try:
        motion = kind.read(path, rate_hz)
    except ModuleNotFoundError as exc:
        raise VideoUnreadable(f"{path}: {kind.title} need {' and '.join(kind.packages)}, not installed here") from exc
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RuntimeError, OSError) as exc:
        # Libraries say in many ways that a file is damaged.
        raise VideoUnreadable(f"{path}: cannot be read as {kind.title}: {exc}") from exc
    if not motion.names:
        raise VideoUnreadable(f"{path}: holds angles and no keypoints, so there is nothing to measure")
    if not set(motion.names) & set(BLAZEPOSE_33.names):
        raise VideoUnreadable(f"{path}: none of its keypoints is known here: {', '.join(motion.names[:5])}, …")
    return motion


def poses(motion: Motion) -> Iterator[tuple[Pose, ...]]:
    """The poses of each frame. A point that is missing is neither visible nor present, and NaN."""
    index = {name: i for i, name in enumerate(BLAZEPOSE_33.names)}
    known = [(column, index[name]) for column, name in enumerate(motion.names) if name in index]
    theirs, ours = (list(column) for column in zip(*known, strict=True))
    pixels, metres = _drawn(motion)
    for frame in range(len(motion.time_s)):
        people = []
        for person in np.flatnonzero(motion.seen[frame]):
            points = np.full((len(BLAZEPOSE_33), 7), np.nan)  # x, y, z in pixels, x, y, z in metres, confidence
            points[ours, :2] = pixels[frame, person, theirs]
            points[ours, 2] = 0.0
            points[ours, 3:6] = metres[frame, person, theirs]
            points[ours, 6] = motion.confidence[frame, person, theirs]
            here = np.isfinite(points[:, :2]).all(1)
            sure = np.where(here, np.where(np.isfinite(points[:, 6]), points[:, 6], 1.0), 0.0)
            people.append(
                Pose(
                    int(person) + 1,
                    frozen(points[:, :3].copy()),
                    frozen(points[:, 3:6].copy()),
                    frozen(sure),
                    frozen(here.astype(float)),
                    float(sure[here].mean()) if here.any() else 0.0,
                    (math.nan, math.nan, math.nan, 0.0),
                )
            )
        yield tuple(people)


def picture_px(motion: Motion) -> tuple[int, int]:
    """Width and height of the picture in which `poses` lie: the file's own, or as large as its points need."""
    if all(motion.size_px):
        return motion.size_px
    reach = np.nanmax(_drawn(motion)[0], axis=(0, 1, 2)) if motion.seen.any() else np.zeros(2)
    return int(reach[0]) + _BESIDE_PX, int(reach[1]) + _BESIDE_PX


def _drawn(motion: Motion) -> tuple["np.ndarray[tuple[int, ...], np.dtype[np.float64]]", ...]:
    """Pixels and metres. Where a file has no pixels, they are the metres as a camera far away sees them."""
    if np.isfinite(motion.image_px).any() or not motion.seen.any():
        return motion.image_px, motion.world_m
    flat = motion.world_m[..., :2] * PIXELS_PER_METRE
    return flat - np.nanmin(flat, axis=(0, 1, 2)) + _BESIDE_PX, motion.world_m
