"""Which moments are looked at when not every frame is: a fixed grid of ticks, so that nothing drifts."""

import math
from typing import Literal

Step = Literal["all", "1/2", "1/3", "1/5", "1/10"]
"""Every frame, or every second, third, ... frame."""
Rate = float | Step
"""Looks a second, or which frames."""


def frames_a_look(rate: Rate) -> int | None:
    """How many frames go by from look to look; None where the rate is one of time."""
    if isinstance(rate, str):
        return int(rate.partition("/")[2] or 1)
    return None


def tick_of(time_s: float, rate: float) -> int:
    """Number of the tick that `time_s` belongs to on a grid of `rate` Hz."""
    return math.floor(time_s * rate + 1e-6)  # 0.1 s * 10 Hz must be tick 1 in spite of rounding


class Pacer:
    """Says which frames are due: the first one at or after each tick, or every n-th, beginning with the first."""

    def __init__(self, rate: Rate) -> None:
        self._step = frames_a_look(rate)
        self._rate = math.nan if isinstance(rate, str) else rate
        self._tick = -1

    def due(self, time_s: float) -> bool:
        """Whether the frame at `time_s` is to be looked at. Call once a frame, in order."""
        if self._step is not None:
            self._tick += 1
            return self._tick % self._step == 0
        tick = tick_of(time_s, self._rate)
        if tick <= self._tick:
            return False
        self._tick = tick
        return True


LATE = 0.3
"""Share of a frame by which the frame that begins a grid is taken to be late: if it was, those after it are on time."""


class LivePacer:
    """The same for a live stream, whose frames come about a tick, not on it: the nearest frame is due.

    Looks are as many as the rate says on average, and never more; after a gap the grid begins anew.
    """

    def __init__(self, rate: float | Literal["all"], frame_s: float) -> None:
        """`frame_s`: seconds from frame to frame, about."""
        self._every_s = 0.0 if rate == "all" else 1 / rate
        self._slack_s, self._late_s = frame_s / 2, LATE * frame_s
        self._next_s = -math.inf

    def due(self, time_s: float) -> bool:
        """Whether the frame at `time_s` is to be looked at. Call once a frame, in order."""
        if self.left_s(time_s) > 0:
            return False
        if time_s > self._next_s + self._every_s:
            self._next_s = time_s - self._late_s
        self._next_s += self._every_s
        return True

    def left_s(self, time_s: float) -> float:
        """Seconds from `time_s` until a frame would be due; 0 or less where it would be now."""
        return self._next_s - self._slack_s - time_s if self._every_s else 0.0
