"""What was seen beside the pictures: poses, measurements and zones of each looked-at frame, inside the clip.

It is what the `uuid` box of a fragment holds (see the format of a clip): little-endian, K keypoints, M measurements and
P body parts as in `posture.data`.

    0   1   version, 1
    1   3   K, M, P (one byte each)
    4   4   width and height of the picture that the points refer to (2 bytes each)
    8   2   number of looks
    10  ..  the looks, each: 4 seconds since the fragment began (float), 2 number of the frame in it, 1 other people,
            1 people, then `person(K, M, P)` for each of them

No wall clock, no name, nothing of the picture. Words (views, reasons, zones) are their places in the lists of
`posture.data`, which only ever grow at their ends.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

from posture.data import (
    MEASURE_NAMES,
    PARTS,
    Array,
    Assessment,
    Measurements,
    Observation,
    Pose,
    Reason,
    Subject,
    View,
    Zone,
    frozen,
)
from posture.errors import Damaged, UnsupportedVersion
from posture.skeleton import BLAZEPOSE_33
from posture.vault import boxes
from posture.vault.chunks import Stored, read_exactly

VERSION = 1
_HEAD, _LOOK = struct.Struct("<BBBBHHH"), struct.Struct("<fHBB")
_K, _M, _P = len(BLAZEPOSE_33), len(MEASURE_NAMES), len(PARTS)
_SHARE = 255
"""Probabilities are kept in 255ths."""
_VIEWS, _REASONS, _ZONES = tuple(View), tuple(Reason), tuple(Zone)

Word = TypeVar("Word", bound=StrEnum)


def person(keypoints: int, measures: int, parts: int) -> np.dtype[Any]:
    """How one person is stored. Metres as float16: a millimetre at two metres."""
    return np.dtype(
        [
            ("person", "<u4"),
            ("score", "<f4"),
            ("region", "<f4", (4,)),
            ("points_px", "<f4", (keypoints, 3)),
            ("world_m", "<f2", (keypoints, 3)),
            ("visibility", "u1", (keypoints,)),
            ("presence", "u1", (keypoints,)),
            ("view", "u1"),
            ("facing_deg", "<f4"),
            ("values", "<f4", (measures,)),
            ("reasons", "u1", (measures,)),
            ("zones", "u1", (parts,)),
            ("zone_reasons", "u1", (parts,)),
        ]
    )


_PERSON = person(_K, _M, _P)


@dataclass(frozen=True, slots=True)
class Look:
    """One observation of a fragment that is being written."""

    since_s: float
    """Seconds since the fragment began, on the grid of the recording."""
    number: int
    """Of the frame in the fragment, from 0."""
    observation: Observation


def encode(looks: Sequence[Look], width: int, height: int, scale: float = 1.0) -> bytes:
    """What the box holds. `scale`: pixels of the recorded picture, `width` x `height`, a pixel of the frame."""
    body = [_HEAD.pack(VERSION, _K, _M, _P, width, height, len(looks))]
    for look in looks:
        people = [one for one in look.observation.people if len(one.pose.points_px) == _K][:_SHARE]
        body.append(_LOOK.pack(look.since_s, look.number, min(look.observation.others, _SHARE), len(people)))
        body.append(np.array([_stored(one, scale) for one in people], _PERSON).tobytes())
    return b"".join(body)


def decode(body: bytes, began_s: float, first: int) -> list[Observation]:
    """The looks in `body`, of a fragment that begins at `began_s` with the frame number `first` of the clip. Points are
    pixels of the recorded picture.

    Raises Damaged where the box is not whole, UnsupportedVersion where a newer program wrote it.
    """
    try:
        version, *sizes, _, _, count = _HEAD.unpack_from(body)
        if version != VERSION or tuple(sizes) != (_K, _M, _P):
            raise UnsupportedVersion(
                "the poses of this clip were written by another version; update posture to read it"
            )
        observations, place = [], _HEAD.size
        for _ in range(count):
            since_s, number, others, people = _LOOK.unpack_from(body, place)
            rows = np.frombuffer(body, _PERSON, people, place + _LOOK.size)
            place += _LOOK.size + rows.nbytes
            subjects = tuple(map(_read, rows))
            observations.append(Observation(first + number, began_s + since_s, subjects, others))
    except (struct.error, ValueError, IndexError) as exc:
        raise Damaged("the poses in this clip are damaged") from exc
    if place != len(body):
        raise Damaged("the poses in this clip are damaged")
    return observations


def read(file: Stored) -> Iterator[Observation]:
    """All looks of a clip that is open for reading, in order, with the times and frame numbers of the video.

    Nothing comes from a clip without a track. Raises Damaged and UnsupportedVersion as `decode`.
    """
    ticks_hz, first, body = 0, 0, None
    try:
        for box in boxes.top_boxes(file):
            if box.kind == b"moov":
                ticks_hz = _number(_within(_content(file, box), b"trak", b"mdia", b"mdhd"), 12, 20, wide=False)
            elif box.kind == b"uuid":
                body = boxes.track(file, box)
            elif box.kind == b"moof":
                moof = _content(file, box)
                if body is not None:
                    yield from decode(body, _number(_within(moof, b"traf", b"tfdt"), 4, 4) / ticks_hz, first)
                first, body = first + _number(_within(moof, b"traf", b"trun"), 4, 4, wide=False), None
    except (boxes.BoxError, struct.error, ZeroDivisionError, KeyError) as exc:
        raise Damaged("this clip holds no video that can be read") from exc


def _content(file: Stored, box: boxes.Box) -> bytes:
    file.seek(box.body)
    return read_exactly(file, box.end - box.body)


def _within(content: bytes, *path: bytes) -> bytes:
    """The content of the first box on that path. Raises KeyError."""
    for kind in path:
        found = {box.kind: box for box in reversed(list(boxes.boxes(content)))}[kind]
        content = content[found.body : found.end]
    return content


def _number(content: bytes, short: int, long: int, *, wide: bool = True) -> int:
    """The number of a full box at `short`; where it is of version 1 at `long`, and of 64 bits if `wide`."""
    if not content[:1] or not content[0]:
        return int(struct.unpack_from(">I", content, short)[0])
    return int(struct.unpack_from(">Q" if wide else ">I", content, long)[0])


def _stored(one: Subject, scale: float) -> tuple[object, ...]:
    pose, measured, judged = one.pose, one.measurements, one.assessment
    x, y, side, rotation = pose.region
    return (
        pose.person,
        pose.score,
        (x * scale, y * scale, side * scale, rotation),
        pose.points_px * scale,
        pose.world_m,
        _shares(pose.visibility),
        _shares(pose.presence),
        _VIEWS.index(measured.view),
        measured.facing_deg,
        measured.values,
        [_REASONS.index(reason) for reason in measured.reasons],
        [_ZONES.index(zone) for zone in judged.zones],
        [_REASONS.index(reason) for reason in judged.reasons],
    )


def _read(row: Any) -> Subject:  # noqa: ANN401 - a row of `_PERSON`
    x, y, side, rotation = (float(value) for value in row["region"])
    pose = Pose(
        person=int(row["person"]),
        points_px=frozen(row["points_px"].astype(np.float64)),
        world_m=frozen(row["world_m"].astype(np.float64)),
        visibility=frozen(row["visibility"] / _SHARE),
        presence=frozen(row["presence"] / _SHARE),
        score=float(row["score"]),
        region=(x, y, side, rotation),
    )
    measurements = Measurements(
        view=_VIEWS[row["view"]],
        facing_deg=float(row["facing_deg"]),
        values=frozen(row["values"].astype(np.float64)),
        reasons=_words(_REASONS, row["reasons"]),
    )
    return Subject(pose, measurements, Assessment(_words(_ZONES, row["zones"]), _words(_REASONS, row["zone_reasons"])))


def _words(words: Sequence[Word], places: Any) -> tuple[Word, ...]:  # noqa: ANN401
    return tuple(words[place] for place in places)


def _shares(values: Array) -> Any:  # noqa: ANN401
    return np.rint(np.clip(np.nan_to_num(values), 0, 1) * _SHARE)
