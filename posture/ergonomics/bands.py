"""The bands of ISO 11226 as numbers, and what they say about an angle or a column of angles.

    part        angle                       acceptable   conditional: maximum holding time        not recommended
    trunk       trunk inclination           0 to 20      20 to 60: 240 s falling to 60 s          > 60, or backward
    head        head inclination (gravity)  0 to 25      25 to 85: 480 s falling to 60 s          > 85, or backward
    neck        head less trunk             0 to 25      none                                     > 25, or backward
    upper arm   elevation                   0 to 20      20 to 60: 180 s falling to 60 s          > 60

The band of 25 to 85 degrees belongs to the *head inclination*, never to the neck, which is capped at 25. The lower
band includes its edge: 20 degrees are still acceptable.

These are the zones by the angle alone, as if nothing were supported, and with both limits where the head's own holding
time (a supported trunk) or the trunk's (an unsupported one) may be the one that counts. What a person says of support
is applied by `support`; symmetry, shoulders, the seated back and knees are judged by `criteria`.
"""

import math
from bisect import bisect_left
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture.data import PARTS, Array, Zone

ZONES: tuple[Zone, ...] = tuple(Zone)
"""`ZONES[code]` is the meaning of the codes of `zones_of`."""

UPRIGHT_WITHIN_DEG = 10.0
"""Leaning back by less than this still counts as upright. Ours: the standard measures against the person's own upright
posture. Without it, upright people read -12 to +8 degrees (trunk, side view) and -7 to +8 (head) on the test clips,
so a smaller dead-band would call upright people not recommended."""

PART_MEASURES: dict[str, str] = {
    "trunk": "trunk_inclination_deg",
    "head": "head_inclination_deg",
    "neck": "neck_flexion_deg",
    "left_upper_arm": "left_upper_arm_elevation_deg",
    "right_upper_arm": "right_upper_arm_elevation_deg",
}
"""The measurement that decides about each of `PARTS`."""


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of one body part, degrees; pairs are (from, to)."""

    acceptable_deg: tuple[float, float]
    conditional_deg: tuple[float, float] | None
    holding_time_s: tuple[tuple[float, float], tuple[float, float]] | None
    """Two points (angle, seconds) of a straight line."""
    support: str
    """The factor of a task that says whether the part is fully supported."""
    support_allows: tuple[Literal["conditional", "backward"], ...]
    """What full support makes acceptable: the conditional band, leaning backward."""


class Bands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole data file."""

    reference: str
    provenance: str
    interpolation: str
    bands: dict[str, Band]
    seated_knee_interior_deg: tuple[float, float]
    """From and to which interior angle (180 = straight) a seated knee is acceptable, edges included."""


@cache
def table() -> Bands:
    """The data file beside this module."""
    text = resources.files("posture.ergonomics").joinpath("iso11226.json").read_bytes()
    return msgspec.json.decode(text, type=Bands)


def band(part: str) -> Band:
    """The limits of one of `PARTS`. Raises KeyError for any other name."""
    if part not in PARTS:
        raise KeyError(part)
    return table().bands[part.removeprefix("left_").removeprefix("right_")]


@cache
def edges_of(part: str) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Ascending edges (degrees) and the codes of the zones below, between and above them; an edge belongs below."""
    limits = band(part)
    worse, fine, conditional = (ZONES.index(z) for z in (Zone.NOT_RECOMMENDED, Zone.ACCEPTABLE, Zone.CONDITIONAL))
    lowest, acceptable = limits.acceptable_deg
    if limits.conditional_deg is None:
        return (lowest - UPRIGHT_WITHIN_DEG, acceptable), (worse, fine, worse)
    return (lowest - UPRIGHT_WITHIN_DEG, acceptable, limits.conditional_deg[1]), (worse, fine, conditional, worse)


def zones_of(part: str, angles: Array) -> NDArray[np.uint8]:
    """Zone of every angle, uint8 [T], codes into `ZONES`; NaN gives UNKNOWN. `angles`: float64 [T], degrees."""
    edges, codes = edges_of(part)
    zones = np.array(codes, np.uint8)[np.searchsorted(edges, angles)]
    zones[np.isnan(angles)] = ZONES.index(Zone.UNKNOWN)
    return zones


def zone_of(part: str, angle_deg: float) -> Zone:
    """Zone of one angle; NaN gives UNKNOWN."""
    if math.isnan(angle_deg):
        return Zone.UNKNOWN
    edges, codes = edges_of(part)
    return ZONES[codes[bisect_left(edges, angle_deg)]]


def holding_limit_s(part: str, angle_deg: float) -> float:
    """How long the posture may be held, seconds: infinite where acceptable, 0 where not recommended, NaN for NaN.

    In the conditional band it falls in a straight line, whose first value already holds at the edge of that band.
    """
    line = band(part).holding_time_s
    if line and line[0][0] <= angle_deg <= line[1][0]:
        (low, longest), (high, shortest) = line
        return longest + (angle_deg - low) / (high - low) * (shortest - longest)
    return {Zone.ACCEPTABLE: math.inf, Zone.NOT_RECOMMENDED: 0.0}.get(zone_of(part, angle_deg), math.nan)
