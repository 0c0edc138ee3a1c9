"""The shape of what ISO 11226 asks for beside inclinations. Units and None as in `schema`; all over a person's time."""

from posture.reports.node import Node
from posture.reports.score_schema import OriginShare


class CriterionTime(Node, frozen=True, kw_only=True):
    """One criterion of one side. The four times add up to the person's time in view."""

    name: str
    side: str
    """Empty for what has no sides."""
    from_deg: float | None
    """The criterion is met between these: of a seated knee the interior angle, edges included, else without them. None
    where it is about no angle."""
    to_deg: float | None
    met_s: float
    not_met_s: float
    not_judged_s: float
    beside_s: float
    """The criterion is about sitting, and the person did not sit."""
    not_judged_reasons_s: dict[str, float]
    """As those of a measurement; "not_entered" where only a person can say it, and nobody did; "sitting_not_seen"."""
    held: int
    """How often it was not met for longer than 4 s: as a static posture that is not recommended."""
    longest_s: float
    origins: OriginShare
    """Of the time in view."""


class SupportTime(Node, frozen=True, kw_only=True):
    """What was said of one support. The three times add up to the person's time in view."""

    name: str
    side: str
    supported_s: float
    not_supported_s: float
    not_entered_s: float
