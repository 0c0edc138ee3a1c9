"""Which of the people in view is the one who was calibrated."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from posture.ergonomics.baseline import Baseline
from posture.ergonomics.desk_compare import scale_of
from posture.ergonomics.desk_features import Features, Near, Seen

SMALLEST_SHARE = 0.6
"""Whoever looks smaller than this, as a share of the calibrated size, is not at the desk: 1.2 m for 70 cm."""
RIVAL_SHARE = 0.7
"""A second person at least this large beside the one who is followed sits at the same place..."""
RIVAL_M = 0.7
"""...when this close aside. Desks stand 1.2 m and more apart; people who share one sit 50 to 60 cm apart."""
RIVAL_HEIGHT_M = 0.3
"""...and their shoulders are as high: whoever stands up behind a seat has them 40 cm higher."""
RIVAL_SIDE_SHARE = 0.8
"""The share from the side: beside a sitter 1.5 m away, whoever passes 30 cm behind looks up to 0.77 times as large."""
PLACE_M = 0.8
"""Nobody further aside from the calibrated place is taken for the person, unless they were followed there."""
ASIDE_M, SIZE, STRANGER = 0.35, 0.35, 0.7
"""What one unit of unlikeness is: metres aside, logarithm of size, and being another one than before."""


class Choice(NamedTuple):
    """Who is judged."""

    seen: Seen | None
    """None: the place is empty."""
    rival: bool
    """Somebody else is so near that they could be the person as well."""


class Last(NamedTuple):
    """Who was followed at the last look."""

    person: int
    x: float
    """In picture widths."""


def choose(
    people: Sequence[Seen], baseline: Baseline, last: Last | None, fov_deg: float, chosen: int | None = None
) -> Choice:
    """The person who is most like the calibrated one in place and size, and like the one of the look before; but
    `chosen` where that one is there, whoever else may be.
    """
    if (one := next((seen for seen in people if seen.person == chosen), None)) is not None:
        return Choice(one, rival=False)
    was, scale = baseline.features, scale_of(baseline, fov_deg)
    metres, focal = scale.metres, scale.focal
    size0, x0 = _size(was, baseline.near, focal), _x(was)
    middle = last.x if last else x0

    def place(seen: Seen) -> tuple[float, float]:
        """Size as a share of the calibrated one, and metres aside of the calibrated place."""
        share = _size(seen.loose, baseline.near, focal) / size0
        return share, (_x(seen.loose) - x0) * metres / max(share, 0.1)

    def unlike(seen: Seen) -> float:
        share, _ = place(seen)
        aside = abs(_x(seen.loose) - middle) * metres / max(share, 0.1)
        followed = last is not None and seen.person == last.person
        return aside / ASIDE_M + abs(math.log(share)) / SIZE + (0.0 if followed else STRANGER)

    def there(seen: Seen) -> bool:
        share, aside = place(seen)
        followed = last is not None and seen.person == last.person
        return share >= SMALLEST_SHARE and (abs(aside) <= PLACE_M or followed)

    candidates = [seen for seen in people if there(seen)]
    if not candidates:
        return Choice(None, rival=False)
    best = min(candidates, key=unlike)
    share, aside = place(best)
    least = share * (RIVAL_SHARE if baseline.near is Near.BOTH else RIVAL_SIDE_SHARE)

    def rival(seen: Seen) -> bool:
        tall = _height(seen.loose, baseline.near, focal) / _height(was, baseline.near, focal)
        higher = (seen.loose.shoulders_y - best.loose.shoulders_y) * metres / max(share, 0.1)
        return tall >= least and abs(place(seen)[1] - aside) <= RIVAL_M and abs(higher) <= RIVAL_HEIGHT_M

    return Choice(best, rival=any(rival(other) for other in candidates if other is not best))


def _size(features: Features, near: Near, focal: float) -> float:
    if near is Near.BOTH:
        return features.shoulders_apart * _unstretched(features, focal) ** 2
    return math.hypot(features.shoulders_x - features.ears_x, features.shoulders_y - features.ears_y)


def _height(features: Features, near: Near, focal: float) -> float:
    """What is as large in somebody who faces the camera as in the person seen from the side, where the shoulder of the
    other one lies far aside of the ear.
    """
    if near is Near.BOTH:
        return _size(features, near, focal)
    return abs(features.shoulders_y - features.ears_y) * _unstretched(features, focal)


def _unstretched(features: Features, focal: float) -> float:
    """What takes back how a lens draws things wider towards the edge: at an angle from its axis it shows them taller by
    one over the cosine and broader by its square, at the same distance.
    """
    return 1.0 / math.hypot(1.0, (features.shoulders_x - 0.5) / focal)


def _x(features: Features) -> float:
    return features.shoulders_x
