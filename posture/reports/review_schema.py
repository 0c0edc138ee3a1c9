"""The shape of what a reviewer changed: measured and corrected side by side. Units and None as in `schema`."""

from typing import Literal

from posture.reports.node import Node, Scalar


class ChangeShown(Node, frozen=True, kw_only=True):
    """One change by a person, with what was there before it."""

    kind: Literal["keypoint", "factor", "excluded"]
    what: str
    """Name of the keypoint or factor; empty for time that does not count."""
    person: int
    """0: everybody."""
    side: str
    start_s: float
    end_s: float | None
    """None: to the end of the recording."""
    before: tuple[Scalar, ...]
    """Keypoint: x and y in pixels and visibility as measured. Factor: lowest and highest value that was measured or
    entered in that time, or a choice. Empty where nothing was."""
    after: tuple[Scalar, ...]
    """Keypoint: x and y in pixels; empty where it cannot be seen. Factor: the value."""
    by: str
    at: str
    """The day, as the computer's clock said, ISO 8601. The review has the time too; a report holds no time of day."""
    reason: str


class Effect(Node, frozen=True, kw_only=True):
    """What the changes did to one score of one person. 0: not scored."""

    person: int
    method: str
    side: str
    p90_before: tuple[int, int]
    """Lowest and highest possible."""
    p90_after: tuple[int, int]
    peak_before: tuple[int, int]
    peak_after: tuple[int, int]


class ReviewFacts(Node, frozen=True, kw_only=True):
    """Who answers for the report, and everything that this person changed."""

    status: Literal["draft", "final"]
    """A draft has nobody's name under it."""
    reviewer: str
    reviewed_on: str
    changes: tuple[ChangeShown, ...]
    effects: tuple[Effect, ...]
    excluded_s: float
    """Seconds of the recording that do not count."""
