"""The two clocks of an entry: the time of day, which can be set, and the time since the start, which cannot."""

import time
from collections.abc import Callable
from dataclasses import dataclass

JUMP_S = 2
"""Seconds by which the time of day must run ahead or behind before it counts as set; whole seconds are compared, so
less than 2 can be rounding."""


def _whole_seconds() -> int:
    return int(time.time())


def _since_start_ns() -> int:
    """Nanoseconds that nobody can set and that go on while the machine sleeps, or each sleep would look like a jump."""
    # Linux stops CLOCK_MONOTONIC in sleep and goes on with CLOCK_BOOTTIME; macOS has only the first, and goes on.
    counting = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic_ns() if counting is None else time.clock_gettime_ns(counting)


def since_start_s() -> float:
    """The same in seconds."""
    return _since_start_ns() / 1e9


@dataclass(frozen=True)
class Clock:
    """Where the log has its times from; tests bring clocks of their own."""

    wall: Callable[[], int] = _whole_seconds
    """Seconds since 1970-01-01, UTC."""
    mono_ns: Callable[[], int] = _since_start_ns

    def now(self) -> "Moment":
        """Both clocks, read together."""
        return Moment(self.wall(), self.mono_ns())


@dataclass(frozen=True)
class Moment:
    """What both clocks showed."""

    wall: int
    mono_ns: int

    @property
    def month(self) -> str:
        """`2026-11`, in UTC."""
        return time.strftime("%Y-%m", time.gmtime(self.wall))

    def jumped_s(self, earlier: "Moment") -> int:
        """Seconds by which the time of day was set forward (or back: negative) since `earlier`; 0 if it was not."""
        drift_s = round(self.wall - earlier.wall - (self.mono_ns - earlier.mono_ns) / 1e9)
        return drift_s if abs(drift_s) > JUMP_S else 0


SYSTEM_CLOCK = Clock()
"""The clocks of this machine."""
