"""From the camera to the newest frame: the capture thread, and what is known of the camera's state."""

import math
from dataclasses import dataclass
from enum import StrEnum

from posture.data import Frame, SourceInfo


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


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """A decoded frame on its way to the model; times on the monotonic clock, in seconds."""

    frame: Frame
    packet_s: float
    """When its packet came from the device."""
    decoded_s: float
    motion: float = math.nan
    """How much moved since the frame before, from the sizes of the packets between: 0 nothing, 1 a lot; NaN unknown."""
