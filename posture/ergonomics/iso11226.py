"""Zones after ISO 11226 for each body part, and how long each may be held: numbers in `bands`, rules in `holds`.

What a person says of support is applied by `support`, what is asked for beside inclinations is judged by `criteria`.
"""

from posture.data import PARTS, Assessment, Measurements
from posture.ergonomics.bands import PART_MEASURES, ZONES, holding_limit_s, table, zone_of, zones_of
from posture.ergonomics.holds import Hold, HoldVerdict, find_holds, holds

__all__ = [
    "PART_MEASURES",
    "ZONES",
    "Hold",
    "HoldVerdict",
    "assess",
    "find_holds",
    "holding_limit_s",
    "holds",
    "table",
    "zone_of",
    "zones_of",
]


def assess(measurements: Measurements) -> Assessment:
    """Zone of each of `PARTS`; UNKNOWN with the measurement's reason where its angle is not measurable."""
    names = [PART_MEASURES[part] for part in PARTS]
    return Assessment(
        zones=tuple(zone_of(part, measurements[name]) for part, name in zip(PARTS, names, strict=True)),
        reasons=tuple(measurements.reason(name) for name in names),
    )
