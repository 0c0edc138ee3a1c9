"""Which moments are looked at when not every frame is: a fixed grid of ticks, so that nothing drifts."""

import math
from typing import Literal

Rate = float | Literal["all"]
"""Looks a second, or every frame."""


def tick_of(time_s: float, rate: float) -> int:
    """Number of the tick that `time_s` belongs to on a grid of `rate` Hz."""
    return math.floor(time_s * rate + 1e-6)  # 0.1 s * 10 Hz must be tick 1 in spite of rounding


class Pacer:
    """Says which frames are due: the first one at or after each tick."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._tick = -1

    def due(self, time_s: float) -> bool:
        """Whether the frame at `time_s` is to be looked at. Call once a frame, in order."""
        if self._rate == "all":
            return True
        tick = tick_of(time_s, self._rate)
        if tick <= self._tick:
            return False
        self._tick = tick
        return True
