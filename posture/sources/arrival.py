"""Stream time of a live source: smooth like the device's own stamps, honest like the clock on the wall.

A device stamps its pictures evenly, but its clock may jump, stand still or run in other units. The time of arrival
jitters, but it is true. So the stamps are believed for as long as they stay near the arrivals.
"""

MOST_APART_S = 0.5
"""Stamps that are further away from the arrivals are no longer those of this clock; a busy computer delays less."""
LEAST_STEP_S = 1e-3
"""Between two pictures, where stamps say less than nothing."""


class ArrivalTime:
    """Gives each picture a time in seconds, strictly increasing; that of the first is 0."""

    def __init__(self) -> None:
        self._first_s: float | None = None
        self._offset_s: float | None = None
        self._last_s = 0.0

    def __call__(self, stamp_s: float | None, arrival_s: float) -> float:
        """`stamp_s`: the device's stamp, None where it has none; `arrival_s`: monotonic clock."""
        if self._first_s is None:
            self._first_s = arrival_s
            self._offset_s = None if stamp_s is None else -stamp_s
            return 0.0
        since_s = arrival_s - self._first_s
        self._last_s = max(self._time(stamp_s, since_s), self._last_s + LEAST_STEP_S)
        return self._last_s

    def _time(self, stamp_s: float | None, since_s: float) -> float:
        if stamp_s is None:
            return since_s
        if self._offset_s is None or abs(stamp_s + self._offset_s - since_s) > MOST_APART_S:
            self._offset_s = since_s - stamp_s
        return stamp_s + self._offset_s
