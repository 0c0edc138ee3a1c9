"""What is known of a camera's state, from what comes of it."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from posture.data import Frame, SourceInfo

FROZEN_S = 2.0
"""Without a packet, or with always the same one."""
BLACK_LUMA, BLACK_S = 16.0, 3.0
"""A picture whose mean brightness (0 to 255) is below for so long is black: the lens is covered, or it is dark."""
LUMA_PX = 32, 18
LUMA_EVERY_S = 0.5
"""Brightness is measured no more often."""


class CameraState(StrEnum):
    """What is known of the camera."""

    CLOSED = "closed"
    OPENING = "opening"
    RUNNING = "running"
    NONE = "none"
    BUSY = "busy"
    PERMISSION = "permission"
    LOST = "lost"
    BLACK = "black"
    """Frames arrive and are black: covered, or too dark."""
    FROZEN = "frozen"
    """Frames arrive and are all the same, or none arrives although the device is open."""


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """The state, and what belongs to it."""

    state: CameraState
    since_s: float
    """Monotonic clock."""
    name: str = ""
    """Of the device, for the window alone; never logged."""
    info: SourceInfo | None = None
    """Where the device is open."""
    next_try_s: float = math.nan
    """Monotonic time of the next attempt; NaN where none is due."""
    message: str = ""
    """One sentence for the person, where something is wrong."""


class Heard(Protocol):
    """What a `Camera` knows of its packets; see there."""

    rate_hz: float | None
    heard_s: float
    changed_s: float


MESSAGES = {
    CameraState.BLACK: "The picture is black: open the camera's cover, or turn on a light.",
    CameraState.FROZEN: "The camera gives the same picture all the time, or none: pull it out and plug it in again.",
}


class View:
    """What the frames of one opening look like."""

    def __init__(self, now_s: float) -> None:
        self._opened_s = self._seen_s = now_s
        self._every_s = 0.0
        self._measured_s = -math.inf
        self._dark_s = math.inf
        self.luma = math.nan

    def saw(self, frame: Frame, source: Heard, now_s: float) -> None:
        """Measure the brightness of a frame, now and then."""
        self._seen_s, self._every_s = now_s, _every_s(source)
        if now_s - self._measured_s >= LUMA_EVERY_S:
            self._measured_s = now_s
            self.luma = float(np.mean(frame.glance(*LUMA_PX)))
        if not self._dark:
            self._dark_s = math.inf
        elif math.isinf(self._dark_s):
            self._dark_s = now_s

    def heard_s(self, source: Heard) -> float:
        """When the camera last gave a packet; when it was opened where it gave none yet."""
        return self._opened_s if math.isnan(source.heard_s) else source.heard_s

    def state(self, source: Heard, now_s: float) -> CameraState:
        """The state of a camera that is open."""
        overdue_s = FROZEN_S + max(self._every_s, _every_s(source))  # the rate may have changed just now
        if now_s - self.heard_s(source) > FROZEN_S or now_s - self._seen_s > overdue_s:
            return CameraState.FROZEN
        if math.isnan(source.heard_s):
            return CameraState.OPENING
        if self._dark:  # a closed shutter gives the same black all the time
            return CameraState.BLACK if now_s - self._dark_s >= BLACK_S else CameraState.RUNNING
        return CameraState.FROZEN if now_s - source.changed_s > FROZEN_S else CameraState.RUNNING

    @property
    def _dark(self) -> bool:
        return self.luma < BLACK_LUMA


def _every_s(source: Heard) -> float:
    """Seconds from look to look."""
    return 1 / source.rate_hz if source.rate_hz else 0.0
