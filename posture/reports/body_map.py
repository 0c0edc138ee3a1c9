"""The body as a map: how much of the time each part was outside what is acceptable, left and right apart.

Seen from the front, as somebody who faces the reader: their right is on the left. The darker, the more of the time; the
figure stands beside each part, so that nothing is said by a colour alone. A dashed outline: not judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from posture.reports import score_words as sw
from posture.reports import svg, words
from posture.reports.findings import judged_enough
from posture.reports.language import say
from posture.reports.schema import PersonSummary
from posture.reports.svg import Svg

WIDTH, HEIGHT = 460.0, 300.0
STEPS = (0.05, 0.25, 0.5, 0.75)
"""Shares from which on a part is one step darker."""
LEAST_S = 5.0
"""A joint that was measurable for less is left dashed, as `findings.MIN_PART_S`."""


class Limb(NamedTuple):
    """A part of the figure: a bar with round ends from one point to another."""

    start: tuple[float, float]
    end: tuple[float, float]
    wide: float


@dataclass(frozen=True)
class Region:
    """One part with its share."""

    name: str
    share: float | None
    """Of the judged time outside what is acceptable; None: not judged."""
    limbs: tuple[Limb, ...]
    label: tuple[float, float]
    """Where its words stand; to the left of the figure they end there."""
    from_point: tuple[float, float]
    """Where the line to the words begins."""


_LIMBS: Mapping[str, tuple[tuple[Limb, ...], tuple[float, float], tuple[float, float]]] = {
    "head": ((Limb((230, 34), (230, 44), 38),), (330, 30), (248, 36)),
    "neck": ((Limb((230, 66), (230, 72), 18),), (330, 66), (239, 70)),
    "trunk": ((Limb((230, 104), (230, 150), 62),), (130, 244), (207, 171)),
    "right_upper_arm": ((Limb((182, 92), (170, 140), 19),), (130, 92), (168, 106)),
    "left_upper_arm": ((Limb((278, 92), (290, 140), 19),), (330, 100), (292, 108)),
    "lower_arm_deg right": ((Limb((167, 160), (160, 204), 15),), (130, 180), (156, 180)),
    "lower_arm_deg left": ((Limb((293, 160), (300, 204), 15),), (330, 180), (304, 180)),
    "knee_deg ": (
        (Limb((214, 198), (212, 276), 24), Limb((246, 198), (248, 276), 24)),
        (330, 240),
        (262, 238),
    ),
}


def regions(person: PersonSummary) -> tuple[Region, ...]:
    """All parts of the map in the order from head to foot."""
    shares: dict[str, tuple[str, float | None]] = {}
    for part in person.parts:
        outside_s = part.conditional_s + part.not_recommended_s
        told = judged_enough(part, person.present_s)
        shares[part.part] = words.PARTS[part.part], outside_s / part.judged_s if told else None
    for joint in person.exposure.joints if person.exposure else ():
        least = min(band.points for band in joint.bands)
        outside_s = sum(band.seconds for band in joint.bands if band.points > least)
        share = outside_s / joint.measurable_s if joint.measurable_s >= LEAST_S else None
        shares.setdefault(f"{joint.factor} {joint.side}", (sw.sided(sw.JOINTS[joint.factor], joint.side), share))
    return tuple(
        Region(*shares[key], limbs, label, from_point)
        for key, (limbs, label, from_point) in _LIMBS.items()
        if key in shares
    )


def body_map(person: PersonSummary) -> Svg:
    """The figure; decoration where nothing was judged."""
    pieces = []
    for region in regions(person):
        pieces += [_limb(limb, _class(region.share)) for limb in region.limbs]
        pieces += _label(region)
    chart = svg.chart(say("Body map"), pieces, width=WIDTH, height=HEIGHT, description=told(person), class_="figure")
    return svg.scaled(chart, WIDTH, HEIGHT)


def told(person: PersonSummary) -> str:
    """The same in words."""
    return "; ".join(f"{region.name}: {_share(region)}" for region in regions(person))


def _share(region: Region) -> str:
    return say("not judged") if region.share is None else words.percent(region.share)


def _class(share: float | None) -> str:
    if share is None:
        return "z-unknown"
    return f"heat heat-{sum(share >= step for step in STEPS)}"


def _limb(limb: Limb, class_: str) -> str:
    (x1, y1), (x2, y2) = limb.start, limb.end
    along, across = (x2 - x1, y2 - y1), limb.wide / 2
    long = (along[0] ** 2 + along[1] ** 2) ** 0.5
    side = -along[1] / long * across, along[0] / long * across
    corners = [(x1 + side[0], y1 + side[1]), (x2 + side[0], y2 + side[1])]
    back = [(x2 - side[0], y2 - side[1]), (x1 - side[0], y1 - side[1])]
    round_end, round_start = (f"A{across:.1f} {across:.1f} 0 0 0 {svg.pair(point)}" for point in (back[0], corners[0]))
    path = f"{svg.path(corners)}{round_end}L{svg.pair(back[1])}{round_start}Z"
    return svg.element("path", d=path, class_=class_)


def _label(region: Region) -> list[str]:
    x, y = region.label
    before = x < WIDTH / 2
    line = svg.path([region.from_point, (x + 6 if before else x - 6, y)])
    anchor = "end" if before else "start"
    return [
        svg.element("path", d=line, class_="c-leader"),
        svg.text(region.name, x=x, y=y, text_anchor=anchor),
        svg.text(_share(region), x=x, y=y + 14, text_anchor=anchor, class_="c-label c-strong"),
    ]
