"""Smoothing over time on real timestamps: One-Euro for coordinates, a first-order low pass for probabilities."""

import math

import numpy as np

from posture.data import Array

MIN_STEP_S = 1e-3
"""Shortest time step of the filters: two frames with (almost) the same time must not divide by zero."""


class OneEuro:
    """Casiez et al. 2012 (CHI, doi 10.1145/2207676.2208639), all coordinates at once.

    As in MediaPipe the speed is taken from one raw value to the next, not from the filtered value.
    """

    def __init__(self, min_cutoff_hz: float, beta: float, speed_cutoff_hz: float = 1.0) -> None:
        self._min_cutoff, self._beta, self._speed_cutoff = min_cutoff_hz, beta, speed_cutoff_hz
        self.state: tuple[Array, Array, Array] | None = None
        """All that it remembers: filtered value, raw value, filtered speed."""

    def __call__(self, value: Array, dt_s: float, scale: float = 1.0) -> Array:
        """Filter `value`; `dt_s` since the last call. `scale` brings speed into the unit that `beta` is made for."""
        if self.state is None:
            self.state = value, value, np.zeros_like(value)
            return value
        dt = max(dt_s, MIN_STEP_S)
        smoothed, raw, speed = self.state
        speed = speed + _weight(self._speed_cutoff, dt) * ((value - raw) * (scale / dt) - speed)
        smoothed = smoothed + _weight(self._min_cutoff + self._beta * np.abs(speed), dt) * (value - smoothed)
        self.state = smoothed, value, speed
        return smoothed


class LowPass:
    """Exponential smoothing with one time constant."""

    def __init__(self, time_constant_s: float) -> None:
        self._tau = time_constant_s
        self.value: Array | None = None
        """All that it remembers."""

    def __call__(self, value: Array, dt_s: float) -> Array:
        """Filter `value`; `dt_s` since the last call."""
        if self.value is None:
            self.value = value
        weight = -math.expm1(-max(dt_s, 0.0) / self._tau)
        self.value = self.value + weight * (value - self.value)
        return self.value


def _weight(cutoff_hz: Array | float, dt_s: float) -> Array | float:
    """Weight of the new value in a first-order low pass with this cut-off frequency (equation 5 of the paper)."""
    turn = 2 * math.pi * dt_s * cutoff_hz
    return turn / (turn + 1)
