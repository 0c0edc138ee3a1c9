"""OpenPose: a folder with one JSON file a frame, BODY_25, `x y confidence` for each point, zeros where it is missing.

    000000000012_keypoints.json
    {"version": 1.3, "time_s": 0.4, "people": [{"person_id": [1], "pose_keypoints_2d": [...]}]}

`time_s` and `size_px` are ours: readers of the format skip what they do not know, and without them a folder says
nothing of its times. The two small toes, which the model does not see, are missing. A point in the very corner of the
picture, which would read as missing, moves by a thousandth of a pixel.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from posture.interchange.layouts import BODY_25, image_in
from posture.interchange.motion import Dense, Motion, new_motion

_FRAME = re.compile(r"(?:.*_)?(\d+)_keypoints\.json")
_FULL = 3 * len(BODY_25)
_LEAST_PX = 0.001
_OTHER_PARTS = (
    "face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d", "pose_keypoints_3d",
    "face_keypoints_3d", "hand_left_keypoints_3d", "hand_right_keypoints_3d",
)  # fmt: skip


class _Person(msgspec.Struct):
    pose_keypoints_2d: list[float]
    person_id: list[int] = []


class _Frame(msgspec.Struct):
    people: list[_Person]
    time_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    size_px: tuple[int, int] = (0, 0)


def write(motion: Motion, target: Path) -> None:
    """Make the folder `target` and write every frame into it."""
    target.mkdir()
    for number, text in enumerate(_frames(motion)):
        (target / f"{number:012d}_keypoints.json").write_text(text, encoding="utf-8")


def holds_frames(folder: Path) -> bool:
    """Whether a folder holds files of this format."""
    return any(_FRAME.fullmatch(path.name) for path in folder.iterdir())


def read(source: Path, rate_hz: float | None = None) -> Motion:
    """Read a folder. Files without our `time_s` are `rate_hz` apart by their number. Raises ValueError, OSError."""
    numbered = {int(found[1]): path for path in source.iterdir() if (found := _FRAME.fullmatch(path.name))}
    if not numbered:
        raise ValueError("the folder holds no file NUMBER_keypoints.json")
    frames = {number: _decoded(numbered[number]) for number in sorted(numbered)}
    times = [_time(number, frame, rate_hz) for number, frame in frames.items()]
    people = _identities(list(frames.values()))
    whole = np.full((len(frames), len(people), len(BODY_25), 3), np.nan)
    for row, frame in enumerate(frames.values()):
        for place, person in enumerate(frame.people):
            whole[row, people[_identity(person, place)]] = _points(person)
    missing = ~(whole[..., 2] > 0)
    whole[missing] = np.nan
    names = [f"person-{identity}" for identity in people]
    size = next((frame.size_px for frame in frames.values() if any(frame.size_px)), (0, 0))
    return new_motion(times, names, BODY_25, image_px=whole[..., :2], confidence=whole[..., 2], size_px=size)


def _frames(motion: Motion) -> Iterator[str]:
    points = image_in(motion, BODY_25)
    points[..., :2] = np.where(np.abs(points[..., :2]) < _LEAST_PX, _LEAST_PX, points[..., :2])
    for time_s, people, seen in zip(motion.time_s, points, motion.seen, strict=True):
        listed = [
            {"person_id": [place + 1], "pose_keypoints_2d": _flat(person)} | {part: [] for part in _OTHER_PARTS}
            for place, person in enumerate(people)
            if seen[place]
        ]
        whole: dict[str, Any] = {"version": 1.3, "time_s": round(float(time_s), 6), "size_px": motion.size_px}
        yield json.dumps(whole | {"people": listed}, separators=(",", ":"))


def _flat(person: Dense) -> list[float]:
    """x, y, confidence after each other. A point without a known confidence counts as sure; a missing one is zeros."""
    here = ~np.isnan(person[:, 0])
    sure = np.where(np.isfinite(person[:, 2]), np.maximum(person[:, 2], 1e-4), 1.0)
    kept = np.where(here[:, None], np.column_stack([person[:, :2].round(3), sure.round(4)]), 0.0)
    return [float(value) for value in kept.ravel()]


def _decoded(path: Path) -> _Frame:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Frame)
    except msgspec.DecodeError as exc:
        raise ValueError(f"{path.name}: {exc}") from exc


def _time(number: int, frame: _Frame, rate_hz: float | None) -> float:
    if rate_hz is not None:
        return number / rate_hz
    if frame.time_s is None:
        raise ValueError("the files say nothing of time: give the frame rate with --frame-rate")
    return frame.time_s


def _identity(person: _Person, place: int) -> int:
    """The number of a person; -1, which OpenPose writes without tracking, counts by the place in the list."""
    return person.person_id[0] if person.person_id and person.person_id[0] >= 0 else place + 1


def _identities(frames: list[_Frame]) -> dict[int, int]:
    found = {_identity(person, place) for frame in frames for place, person in enumerate(frame.people)}
    return {identity: column for column, identity in enumerate(sorted(found))}


def _points(person: _Person) -> Dense:
    if len(person.pose_keypoints_2d) != _FULL:
        raise ValueError(f"pose_keypoints_2d holds {len(person.pose_keypoints_2d)} numbers, and BODY_25 has {_FULL}")
    return np.array(person.pose_keypoints_2d).reshape(-1, 3)
