"""The shape of scores and exposure in a report. Units and None as in `schema`.

A score is an interval: `low` is the lowest that is possible with what was measured and entered, `high` the highest. As
long as anything is assumed, `low` is a lower bound of the true score.
"""

from posture.reports.node import Curve, Node, Scalar


class FactorShown(Node, frozen=True, kw_only=True):
    """One input of a score at one moment."""

    name: str
    origin: str
    """measured, entered, overridden, or assumed: then `values` are all that were gone through."""
    values: tuple[Scalar, ...]


class PartShown(Node, frozen=True, kw_only=True):
    """Points of one body part or other input, and why."""

    name: str
    low: int
    high: int
    low_terms: tuple[tuple[str, str, int], ...]
    """What adds up to the lowest points: "band" or the factor, its detail (a band of angles, a weight), its points."""
    high_terms: tuple[tuple[str, str, int], ...]


class StepShown(Node, frozen=True, kw_only=True):
    """A cell of a table, or a sum, at the lowest and at the highest end."""

    name: str
    low: int
    high: int
    table: str
    """Empty for a sum."""
    low_at: dict[str, int]
    """Where in the table, from 1; for a sum what is added."""
    high_at: dict[str, int]


class ScoreAt(Node, frozen=True, kw_only=True):
    """A score at one moment with everything that led to it, so that a person can redo it on paper."""

    time_s: float
    low: int
    high: int
    stable_low: int
    """5th percentile of the lowest score under the noise of the keypoints."""
    stable_high: int
    """95th percentile of the highest score under it."""
    factors: tuple[FactorShown, ...]
    parts: tuple[PartShown, ...]
    steps: tuple[StepShown, ...]


class LevelTime(Node, frozen=True, kw_only=True):
    """Time at an action level or a higher one."""

    level: int
    lowest_score: int
    text: str
    at_least_s: float
    """By the lowest possible scores."""
    at_most_s: float
    """By the highest possible scores."""


class OriginShare(Node, frozen=True, kw_only=True):
    """Where the values of a factor came from, as shares of the scored time."""

    name: str
    measured: float
    entered: float
    overridden: float
    assumed: float


class ScoreSummary(Node, frozen=True, kw_only=True):
    """One method on one side, over the time in which it could be scored; percentiles as those of the angles."""

    method: str
    side: str
    scored_s: float
    not_scored_s: float
    p50_low: int
    p50_high: int
    p90_low: int
    p90_high: int
    peak_low: int
    peak_high: int
    levels: tuple[LevelTime, ...]
    origins: tuple[OriginShare, ...]
    worst: ScoreAt
    further_worst: tuple[ScoreAt, ...] = ()
    """The next worst seconds, worst first: apart from each other, and not below P90."""
    curve: Curve | None = None
    """Over the steps of the person's timeline: median of the lowest, lowest and highest possible score."""


class OwasSummary(Node, frozen=True, kw_only=True):
    """OWAS by interval sampling: how often each code of each digit, and each action category, was found."""

    interval_s: float
    samples: int
    enough: bool
    """Whether there are as many samples as the method asks for."""
    digits: dict[str, dict[str, int]]
    """By back, arms, legs and load: samples with each code; "open" where more than one code is possible."""
    category_low: dict[str, int]
    """Samples by the lowest possible action category."""
    category_high: dict[str, int]


class BandTime(Node, frozen=True, kw_only=True):
    """Time of a joint in one band of a method."""

    from_deg: float | None
    to_deg: float | None
    points: int
    seconds: float


class JointBands(Node, frozen=True, kw_only=True):
    """Time of one joint in each band; the seconds add up to `measurable_s`."""

    method: str
    factor: str
    side: str
    """Empty for what has no sides."""
    measurable_s: float
    bands: tuple[BandTime, ...]


class Sitting(Node, frozen=True, kw_only=True):
    """Stretches of sitting of at least 20 s."""

    sitting_s: float
    known_s: float
    longest_start_s: float | None
    longest_s: float


class Exposure(Node, frozen=True, kw_only=True):
    """What a person was exposed to over the recording, beside the scores."""

    joints: tuple[JointBands, ...]
    sitting: Sitting
    posture_changes: int
    posture_changes_per_hour: float | None
    """None for less than a minute in view."""


class SegmentScore(Node, frozen=True, kw_only=True):
    """Scores within one segment of the task."""

    name: str
    method: str
    side: str
    scored_s: float
    p50_low: int
    p50_high: int
    p90_low: int
    p90_high: int
    peak_low: int
    peak_high: int


class MethodFacts(Node, frozen=True, kw_only=True):
    """Where a method and its tables come from."""

    method: str
    reference: str
    provenance: tuple[str, ...]


class TaskFacts(Node, frozen=True, kw_only=True):
    """What a person entered about the task."""

    name: str
    entered_by: str
    entered_on: str
    segments: tuple[str, ...]
    overridden: tuple[str, ...]
    """Factors that were entered although a camera can measure them."""
