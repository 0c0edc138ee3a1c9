"""What a person looks like who sits well at one place before one camera: the baseline, and the profile it belongs to.

Both are plain numbers and words, so that they can be kept as TOML or JSON. There is no picture and no name in them but
the one that the person gives the place.
"""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from posture.ergonomics.desk_features import Features, Near

Seat = Literal["front", "side"]
SIDE_FROM_DEG = 55.0
"""A person whose shoulders have at least this azimuth is seen from the side. The pose model says 5 to 15 degrees less
than the truth there, so a true quarter turn is side and a camera 45 degrees off is still front."""
MAD_TO_DEVIATION = 1.4826
"""A standard deviation from a median absolute deviation, for normal noise."""
OUTLIER, SMALLEST = 2.5, 1e-9
"""What is further from the median than so many deviations is left out. The mean of the rest has two thirds of the
median's variance, which counts where five seconds are ten looks."""


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The means of the features over a calibration without outliers, and their noise."""

    values: dict[str, float]
    """Feature name (`Features`) to mean; only what was seen in most looks."""
    spread: dict[str, float]
    """Standard deviation of one look (robust), for the same features."""
    near: Near = Near.BOTH
    aspect: float = 9 / 16
    """Height of the picture over its width."""

    @property
    def features(self) -> Features:
        """The means as features; NaN where there is none."""
        return Features(**self.values)

    @property
    def seat(self) -> Seat:
        """From where the camera sees the person."""
        return "front" if self.near is Near.BOTH else "side"


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calibrated place: one camera, one seat, one set of screens."""

    name: str
    baseline: Baseline
    camera: str = ""
    """The device's stable name."""
    seat: Seat = "front"
    screens: str = ""
    """Key of the set of screens that was connected; empty = any."""
    standing: bool = False
    """Whether the person stands at this place."""


def near_side(facing_deg: float, seat: Seat | None = None) -> Near:
    """Which side is turned to the camera in a seat; None = as `facing_deg` says."""
    if seat == "front" or (seat is None and not abs(facing_deg) >= SIDE_FROM_DEG):
        return Near.BOTH
    return Near.LEFT if facing_deg > 0 else Near.RIGHT


def summarised(looks: Sequence[Features], near: Near, aspect: float = 9 / 16) -> Baseline:
    """Robust mean and spread of every feature that most of `looks` have; `aspect` is height over width."""
    values, spread = {}, {}
    for name in Features.__struct_fields__:
        numbers = np.array([getattr(look, name) for look in looks])
        numbers = numbers[np.isfinite(numbers)]
        if 2 * len(numbers) > len(looks):
            off = np.abs(numbers - np.median(numbers))
            spread[name] = float(np.median(off)) * MAD_TO_DEVIATION
            values[name] = float(numbers[off <= OUTLIER * spread[name] + SMALLEST].mean())
    return Baseline(values=values, spread=spread, near=near, aspect=aspect)


def blended(old: Features, new: Features, weights: dict[str, float], usual: float) -> Features:
    """`old` moved towards `new` by the weight of each feature (`usual` where `weights` has none); what is not seen
    now is not known, what was not seen before is taken as it is.
    """
    moved = {}
    for name in Features.__struct_fields__:
        before, now = getattr(old, name), getattr(new, name)
        weight = weights.get(name, usual)
        moved[name] = now if math.isnan(before) else before + weight * (now - before)
    return Features(**moved)
