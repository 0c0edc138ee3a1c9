"""A demonstration whose truth is known: one portrait, moved by an affine map that is a plain function of time.

A window glides over a public-domain portrait (`portrait/ORIGIN.md`). Turning the window one way leans the person the
other way; a smaller window brings the person closer. The window never leaves the portrait, so every pixel of a frame
is photograph, but for the label. Frames take the way of decoded video: yuv420p planes, BT.601, limited range.
"""

import math
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Array, Damage, SourceInfo
from posture.sources import colour
from posture.sources.picture import Picture

PORTRAIT = Path(__file__).parent / "portrait" / "astronaut.png"
PORTRAIT_PX = 512
"""Width and height of the portrait."""
LABEL = "posture demo"
PERIOD_S = 24.0
UPRIGHT_DEG = -4.0
"""Takes out the tilt of eyes and shoulders in the portrait itself."""
LEAN_DEG = 15.0
"""How far the person leans to either side of that."""
CLOSER, FURTHER = 1.15, 0.8
"""Size of the person against the upright phases."""
MARGIN_PX = 2.0
"""Of the portrait, on each side, for the interpolation."""
NECK = (230.0, 190.0)
"""Centre of the window in the portrait, in pixels, upright and leaning."""
FACE = (230.0, 178.0)
"""Centre of the narrowest window."""
BODY = (254.0, 192.0)
"""Centre of the widest window."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Where the portrait is at one moment."""

    phase: str
    """"upright", "lean left", "lean right" (the person's sides), "closer", "further", or "moving" between them."""
    rotation_deg: float
    """Turn of the portrait, clockwise as seen, which is a lean to the person's left."""
    scale: float
    """Frame pixels per portrait pixel."""
    centre: tuple[float, float]
    """The portrait's point in the middle of the frame."""


@dataclass(frozen=True, slots=True)
class _Key:
    """From `start_s` to `end_s` the motion rests; between keys it is blended by a smooth step."""

    start_s: float
    end_s: float
    phase: str
    rotation_deg: float = UPRIGHT_DEG
    size: float = 1.0
    centre: tuple[float, float] = NECK


_KEYS = (
    _Key(0.0, 4.0, "upright"),
    _Key(5.0, 10.0, "lean left", UPRIGHT_DEG + LEAN_DEG),
    _Key(11.0, 12.0, "upright"),
    _Key(13.0, 16.0, "lean right", UPRIGHT_DEG - LEAN_DEG),
    _Key(17.0, 18.0, "upright"),
    _Key(19.0, 20.5, "closer", size=CLOSER, centre=FACE),
    _Key(21.5, 23.0, "further", size=FURTHER, centre=BODY),
    _Key(PERIOD_S, PERIOD_S + 4.0, "upright"),
)

AT_DESK = (
    _Key(0.0, 18.0, "upright"),
    _Key(19.0, 49.0, "too close", size=1.5, centre=FACE),
    _Key(50.0, 68.0, "upright"),
)
"""A schedule for live monitoring: time to calibrate and to be seen sitting well, then a posture that the judge calls
poor for longer than the usual delay of a reminder."""


class DemoSource:
    """Implements `posture.data.Source`. The same settings give the same bytes."""

    def __init__(
        self,
        width: int = 960,
        height: int = 720,
        frame_rate: float = 30.0,
        duration_s: float = PERIOD_S,
        schedule: tuple[_Key, ...] = _KEYS,
    ) -> None:
        """`width` and `height` in pixels, even, not flatter than 2:1 and not higher than 1:1. Raises ValueError."""
        if width % 2 or height % 2 or not 1 <= width / height <= 2 or height < 64:
            raise ValueError(f"a demo of {width} x {height}: use even numbers, 64 rows or more, between 1:1 and 2:1")
        if not (frame_rate > 0 and duration_s > 0):
            raise ValueError(f"a demo of {duration_s} s at {frame_rate} Hz: both must be positive")
        self._size = width, height
        self._frame_rate = frame_rate
        self._count = max(1, round(duration_s * frame_rate))
        self._schedule = schedule
        self._next = 0
        self._closed = threading.Event()

    @property
    def info(self) -> SourceInfo:
        """See `posture.data.Source`."""
        return SourceInfo(
            kind="demo",
            width=self._size[0],
            height=self._size[1],
            frame_rate=self._frame_rate,
            duration_s=self._count / self._frame_rate,
            pixel_format="yuv420p",
        )

    @property
    def damage(self) -> Damage:
        """Never any."""
        return Damage()

    def __iter__(self) -> "DemoSource":
        return self

    def __next__(self) -> Picture:
        if self._closed.is_set() or self._next >= self._count:
            raise StopIteration
        index, self._next = self._next, self._next + 1
        time_s = index / self._frame_rate
        return Picture(self.render(time_s), index=index, time_s=time_s)

    def close(self) -> None:
        """See `posture.data.Source`."""
        self._closed.set()

    def truth(self, time_s: float) -> Motion:
        """Where the person is at `time_s`, exactly. The schedule repeats when its last key begins."""
        time_s %= self._schedule[-1].start_s
        before = max((key for key in self._schedule if key.start_s <= time_s), key=lambda key: key.start_s)
        after = self._schedule[self._schedule.index(before) + 1]
        part = _smooth_step((time_s - before.end_s) / (after.start_s - before.end_s))
        rotation, size, x, y = (
            (1 - part) * a + part * b
            for a, b in zip(
                (before.rotation_deg, before.size, *before.centre),
                (after.rotation_deg, after.size, *after.centre),
                strict=True,
            )
        )
        phase = before.phase if time_s <= before.end_s else "moving"
        return Motion(phase, rotation, size * self._size[0] / _window_width(self._size[0] / self._size[1]), (x, y))

    def affine(self, time_s: float) -> Array:
        """float64 [2, 3]: portrait pixel (x, y, 1) -> frame pixel at `time_s`."""
        motion = self.truth(time_s)
        angle = math.radians(motion.rotation_deg)
        linear = motion.scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        middle = (np.array(self._size) - 1) / 2
        return np.column_stack([linear, middle - linear @ motion.centre])

    def render(self, time_s: float) -> av.VideoFrame:
        """The frame at `time_s` as yuv420p."""
        width, height = self._size
        to_portrait = np.linalg.inv(np.vstack([self.affine(time_s), [0.0, 0.0, 1.0]]))
        luma, *chroma = (
            cv2.warpAffine(plane, (to_plane @ to_portrait @ grid)[:2], size, flags=cv2.INTER_LINEAR | _INVERSE)
            for plane, to_plane, grid, size in zip(
                *_planes(), (np.eye(3), _CHROMA_GRID, _CHROMA_GRID), _plane_sizes(width, height), strict=True
            )
        )
        _label(luma, chroma)
        stacked = np.concatenate([luma.ravel(), *(plane.ravel() for plane in chroma)])
        return av.VideoFrame.from_ndarray(stacked.reshape(height * 3 // 2, width), "yuv420p")


_INVERSE = cv2.WARP_INVERSE_MAP
_CHROMA_GRID = np.array([[2.0, 0, 0], [0, 2.0, 0.5], [0, 0, 1.0]])
"""Chroma sample -> luma pixel: left-sited, as in video."""
_ENLARGED = 4, 2, 2
"""The planes are enlarged once with cubic interpolation, so that the cheap bilinear one will do for every frame."""


def _plane_sizes(width: int, height: int) -> tuple[tuple[int, int], ...]:
    return (width, height), (width // 2, height // 2), (width // 2, height // 2)


@cache
def _planes() -> tuple[tuple[NDArray[np.uint8], ...], tuple[Array, ...]]:
    """The enlarged planes Y', Cb, Cr of the portrait, and for each the map from portrait pixel to its own."""
    with PORTRAIT.open("rb") as file, av.open(file, "r") as container:
        rgb = next(container.decode(video=0)).to_ndarray(format="rgb24")
    to_rgb = colour.to_rgb(colour.UNSPECIFIED, False, 8)
    linear = np.linalg.inv(to_rgb[:, :3])
    ycc = cv2.transform(rgb, np.column_stack([linear, -linear @ to_rgb[:, 3]]))
    planes = tuple(
        cv2.resize(plane, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
        for plane, factor in zip(cv2.split(ycc), _ENLARGED, strict=True)
    )
    maps = tuple(
        np.array([[factor, 0, factor / 2 - 0.5], [0, factor, factor / 2 - 0.5], [0, 0, 1.0]]) for factor in _ENLARGED
    )
    return planes, maps


@cache
def _window_width(aspect: float) -> float:
    """Width in portrait pixels of the upright window: the widest that still fits at every rest of the schedule."""
    return min(_room(key, aspect) * key.size for key in _KEYS)


def _room(key: _Key, aspect: float) -> float:
    """Width of the widest window of `aspect` at the centre and turn of `key`."""
    cosine, sine = math.cos(math.radians(key.rotation_deg)), abs(math.sin(math.radians(key.rotation_deg)))
    beside, above = (min(c, PORTRAIT_PX - 1 - c) - MARGIN_PX for c in key.centre)
    return 2 * min(beside / (cosine + sine / aspect), above / (sine + cosine / aspect))


def _smooth_step(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)


def _label(luma: NDArray[Any], chroma: list[NDArray[Any]]) -> None:
    """Say what it is in the upper left corner, beside the head in every phase."""
    height, width = luma.shape
    (text_width, text_height), below = cv2.getTextSize(LABEL, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 1)
    size = 0.15 * width / text_width
    border = round(0.01 * width / 2) * 2
    box = round(text_width * size) + 3 * border, round((text_height + below) * size) + border
    luma[: box[1], : box[0]] = 16
    for plane in chroma:
        plane[: box[1] // 2, : box[0] // 2] = 128
    at = border, round(text_height * size) + border // 2
    thickness = max(1, round(height / 480))
    cv2.putText(luma, LABEL, at, cv2.FONT_HERSHEY_SIMPLEX, size, (235,), thickness, cv2.LINE_AA)
