import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.pose.smooth import LowPass, OneEuro

# Without numbers below 1e-308: the runtime, once loaded, makes this process take them as 0.
reals = partial(st.floats, allow_subnormal=False)


class Scalar:
    """One-Euro as in the paper's listing (speed between raw values), one number at a time."""

    def __init__(self, min_cutoff, beta, speed_cutoff=1.0):
        self.min_cutoff, self.beta, self.speed_cutoff = min_cutoff, beta, speed_cutoff
        self.value = None

    @staticmethod
    def alpha(cutoff, dt):
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau / dt)

    def __call__(self, x, dt, scale):
        if self.value is None:
            self.value, self.raw, self.speed = x, x, 0.0
            return x
        speed = (x - self.raw) * scale / dt
        a = self.alpha(self.speed_cutoff, dt)
        self.speed = a * speed + (1 - a) * self.speed
        a = self.alpha(self.min_cutoff + self.beta * abs(self.speed), dt)
        self.value = a * x + (1 - a) * self.value
        self.raw = x
        return self.value


steps = st.tuples(reals(-1000, 1000), reals(-1, 1), reals(0.002, 5), reals(1e-4, 1))


@given(st.lists(steps, min_size=1, max_size=12), st.sampled_from([(0.05, 80.0), (0.01, 10.0), (0.1, 40.0)]))
def test_agrees_with_the_scalar_reference(stream, parameters):
    vector, first, second = OneEuro(*parameters), Scalar(*parameters), Scalar(*parameters)
    for a, b, dt, scale in stream:
        expected = first(a, dt, scale), second(b, dt, scale)
        assert vector(np.array([a, b]), dt, scale) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def ramp(rate_hz, seconds=4.0, speed=30.0):
    """Filtered end of a movement of 30 px/s seen at `rate_hz`."""
    euro = OneEuro(0.05, 80.0)
    for i in range(round(seconds * rate_hz) + 1):
        value = euro(np.array([speed * i / rate_hz]), 1 / rate_hz, scale=1 / 200)
    return float(value[0])


def test_the_lag_is_a_time_and_not_a_number_of_frames():
    """120 px after 4 s; the cut-off grows to 0.05 + 80 * 30 / 200 = 12 Hz: lag 1 / (2 pi 12 Hz) = 13 ms, 0.4 px."""
    assert ramp(1000) == pytest.approx(120 - 30 / (2 * math.pi * 12.05), abs=0.1)
    assert ramp(30) == pytest.approx(ramp(60), abs=0.3)
    assert ramp(10) == pytest.approx(ramp(60), abs=0.6)


def test_a_still_point_is_quiet():
    """Noise of 1 px on a body of 200 px: at the lowest cut-off, 0.05 Hz, hardly any of it comes through."""
    noise = np.random.default_rng(1).normal(0, 1, 600)
    euro = OneEuro(0.05, 0.0)
    out = np.array([euro(np.array([x]), 1 / 30)[0] for x in noise])
    assert out[300:].std() < 0.1 * noise.std()


def test_two_frames_at_the_same_time_do_not_divide_by_zero():
    euro, low = OneEuro(0.05, 80.0), LowPass(0.3)
    for value in (0.0, 1.0):
        assert np.isfinite(euro(np.array([value]), 0.0)).all()
        assert low(np.array([value]), 0.0) == pytest.approx([0.0])


def test_low_pass_forgets_by_time():
    """After one time constant 1 - 1/e of a step is through, whatever the frame rate."""
    for rate in (5, 10, 30):
        low = LowPass(1.0)
        low(np.zeros(1), 0.0)
        for _ in range(rate):
            value = low(np.ones(1), 1 / rate)
        assert value[0] == pytest.approx(1 - math.exp(-1))


def test_outputs_are_not_changed_by_later_calls():
    euro = OneEuro(0.05, 80.0)
    first = euro(np.array([1.0]), 0.1)
    euro(np.array([5.0]), 0.1)
    assert first == [1.0]
