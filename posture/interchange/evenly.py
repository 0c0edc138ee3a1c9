"""A motion at even times, for formats that know a rate and no times."""

from dataclasses import replace

import numpy as np

from posture.data import frozen
from posture.interchange.motion import Dense, Motion

EVEN = 0.01
"""Times count as even where none is further than this share of a frame from its place."""
LONGEST_GAP = 2.0
"""In frames: between two times that are further apart nothing is interpolated."""


def evenly(motion: Motion) -> Motion:
    """The motion itself where its times are even; else interpolated in straight lines to even times from 0 on."""
    times, rate = motion.time_s, motion.rate_hz
    if len(times) < 2 or np.abs((times - times[0]) * rate - np.arange(len(times))).max() <= EVEN:
        return motion
    even = times[0] + np.arange(round((times[-1] - times[0]) * rate) + 1) / rate
    return replace(
        motion,
        time_s=frozen(even),
        image_px=_at(even, times, motion.image_px, rate),
        world_m=_at(even, times, motion.world_m, rate),
        confidence=_at(even, times, motion.confidence, rate),
        angles=_at(even, times, motion.angles, rate) if motion.angle_names else motion.angles,
    )


def _at(even: Dense, times: Dense, values: Dense, rate_hz: float) -> Dense:
    """`values` [F, ...] at the times `even`; NaN next to a missing value and in a long gap."""
    after = np.clip(np.searchsorted(times, even), 1, len(times) - 1)
    before = after - 1
    share = np.clip((even - times[before]) / (times[after] - times[before]), 0.0, 1.0)
    near = share.round().astype(bool)
    long = (times[after] - times[before]) * rate_hz > LONGEST_GAP
    # On a time of its own a value needs no neighbour.
    weight = share.reshape(-1, *[1] * (values.ndim - 1))
    mixed = values[before] * (1 - weight) + values[after] * weight
    exact = np.isclose(share, near, atol=EVEN)
    mixed[exact] = np.where(near.reshape(weight.shape), values[after], values[before])[exact]
    mixed[long & ~exact] = np.nan
    return np.asarray(mixed)
