"""Stream time from presentation timestamps that may be missing, equal or wrong."""

from fractions import Fraction

MAX_GAP_S = 3600.0
"""A step forward by more than this is no pause but a broken timestamp."""


class Clock:
    """Gives each frame a time in seconds, strictly increasing, that of the origin being 0.

    The rule: a timestamp after that of the last frame is believed. One that is missing, equal, earlier or more than
    `MAX_GAP_S` later counts as "one nominal frame after the last", and if it exists, later timestamps are read
    relative to it, so that after a jump in either direction the clock goes on. An equal one shifts nothing that
    follows.
    """

    def __init__(self, frame_s: float, origin: Fraction | None = None) -> None:
        """`frame_s`: nominal duration of a frame; `origin`: stream time that is 0 (None: that of the first frame)."""
        self._frame_s = frame_s
        self._origin = origin
        self._last_stamp: Fraction | None = None
        self._last_s: float | None = None
        self.steady = True
        """Whether every timestamp was believed so far."""

    def go_on(self, stamp: Fraction, time_s: float) -> None:
        """The frame before the next one was at `stamp` and got `time_s`."""
        self._last_stamp, self._last_s = stamp, time_s

    @property
    def origin(self) -> Fraction | None:
        """Stream time of the first frame, None where it had no timestamp."""
        return self._origin

    def __call__(self, stamp: Fraction | None) -> float:
        """Time of the next frame; `stamp`: its presentation time in seconds of the container."""
        self._last_s = self._time(stamp)
        return self._last_s

    def _time(self, stamp: Fraction | None) -> float:
        if self._last_s is None:
            return self._first(stamp)
        following = self._last_s + self._frame_s
        if stamp is None or self._origin is None:
            self.steady = False
            return following
        time_s = float(stamp - self._origin)
        jumped = self._last_stamp is not None and stamp < self._last_stamp
        self._last_stamp = stamp
        if self._last_s < time_s <= self._last_s + MAX_GAP_S and not jumped:
            return time_s
        self.steady = False
        if jumped or time_s > self._last_s + MAX_GAP_S:
            self._origin = stamp - Fraction(following)
        return following

    def _first(self, stamp: Fraction | None) -> float:
        self._last_stamp = stamp
        if self._origin is None:
            self._origin = stamp
        return 0.0 if stamp is None or self._origin is None else float(stamp - self._origin)
