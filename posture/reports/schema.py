"""The shape of a report: what every format shows, and the whole of the JSON file.

Units stand in the names: `_s` seconds of the stream, `_deg` degrees, `_px` pixels, `_hz` per second, `_share` 0 to 1.
None means "not known" or "not measurable"; there is no NaN in a summary. Nothing here is a wall-clock time, a path, a
host or user name; the source is named by its SHA-256. Dates and names are those that a person gave.
"""

from typing import Literal

import msgspec

from posture.reports.criteria_schema import CriterionTime, SupportTime
from posture.reports.node import Curve, Node, Scalar
from posture.reports.review_schema import ReviewFacts
from posture.reports.score_schema import (
    Exposure,
    MethodFacts,
    OwasSummary,
    ScoreSummary,
    SegmentScore,
    TaskFacts,
)

SCHEMA: Literal["posture.report/1"] = "posture.report/1"
"""Grows by one whenever a field is removed or changes its meaning; new fields may come at any time."""


class SourceFacts(Node, frozen=True, kw_only=True):
    """What was analysed."""

    kind: str
    sha256: str
    """Empty for the built-in demonstration and for a camera."""
    size_bytes: int
    width_px: int
    height_px: int
    duration_s: float | None
    """As the container claims."""
    frame_rate_hz: float | None
    codec: str
    pixel_format: str
    rotation_deg: int
    pixel_aspect: float
    interlaced: bool
    has_audio: bool
    discarded_metadata: int
    """Metadata fields that the file carried; they were counted and not read."""
    analysed_from_s: float
    analysed_to_s: float
    stopped_early: bool
    corrupt_frames: int
    decode_errors: int
    truncated: bool
    damage: str
    """One sentence; empty where nothing was lost."""


class EngineFacts(Node, frozen=True, kw_only=True):
    """What made the estimates."""

    program_version: str
    model: str
    model_sha256: str
    provider: str
    fallback_reason: str
    """Why the first choice of provider is not in use; empty where it is."""
    isolation: tuple[str, ...]
    """Limits that the operating system held the decoding process to."""


class Quality(Node, frozen=True, kw_only=True):
    """How much of the source the figures stand on."""

    grade: Literal["good", "fair", "poor", "too_little"]
    judged_share: float
    """Share of the analysed time in which at least one body part of at least one person was judged."""
    parts_judged_share: float
    """Mean over the body parts of the share of the analysed time in which that part was judged; the grade's measure."""
    frames_decoded: int
    frames_analysed: int
    frames_with_person: int
    frames_corrupt: int
    analysed_s: float
    """Seconds that the analysed frames stand for."""
    gaps_s: float
    """Seconds between first and last frame that no frame stands for."""
    nobody_s: float
    person_not_judged_s: float
    """Seconds with a person in view of whom no part could be judged."""
    judged_s: float
    median_rate_hz: float | None
    mean_visibility: float | None
    views_s: dict[str, float]
    """Seconds of person time for each view of the trunk."""
    people_seen: int
    most_others_seen: int
    """Most people seen at once beside those that were followed."""
    others_s: float
    """Seconds with such people in view."""


class PartSummary(Node, frozen=True, kw_only=True):
    """Time of one body part in the zones after ISO 11226. The three zones add up to `judged_s`."""

    part: str
    measure: str
    """The angle that decides."""
    judged_s: float
    acceptable_s: float
    conditional_s: float
    not_recommended_s: float
    not_judged_s: float
    not_judged_reasons_s: dict[str, float]
    acceptable_by_support_s: float = 0.0
    """Of `acceptable_s`: acceptable only because of what a person said of support."""
    longest_hold_s: float
    holds_too_long: int
    """Holds whose verdict is not "within_limit"."""


class Histogram(Node, frozen=True, kw_only=True):
    """Seconds of measurable time in equal bins; bin i covers `start + i * width` to `start + (i + 1) * width`."""

    start: float
    width: float
    seconds: tuple[float, ...]


class MeasureSummary(Node, frozen=True, kw_only=True):
    """Distribution of one measurement over the time in which it was measurable."""

    name: str
    measurable_s: float
    measurable_share: float
    not_measurable_reasons_s: dict[str, float]
    lowest: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    highest: float | None
    histogram: Histogram | None


class HoldSummary(Node, frozen=True, kw_only=True):
    """A static posture: the same conditional or worse zone held for longer than 4 s."""

    part: str
    zone: str
    start_s: float
    duration_s: float
    angle_deg: float
    """Median over the hold."""
    limit_s: float | None
    """Longest acceptable holding time at that angle; None where the zone has none (not recommended at all)."""
    verdict: Literal["within_limit", "over_limit", "not_recommended"]


class Movement(Node, frozen=True, kw_only=True):
    """One movement: the angle rose above the upper limit, reached its peak and fell below the lower limit again."""

    start_s: float
    peak_s: float
    end_s: float
    peak_deg: float


class Repetition(Node, frozen=True, kw_only=True):
    """A movement that was repeated."""

    measure: str
    low_deg: float
    high_deg: float
    count: int
    per_minute: float
    """Per minute of the time in which the angle was measurable."""
    median_duration_s: float
    median_peak_deg: float
    movements: tuple[Movement, ...]
    """In the order of time, at most the first `MOVEMENTS_LISTED`."""


class Moment(Node, frozen=True, kw_only=True):
    """One frame with everything that was measured in it, so that a person can check it."""

    kind: Literal["worst", "typical"]
    time_s: float
    frame_index: int
    view: str
    zones: dict[str, str]
    values: dict[str, float | None]
    reasons: dict[str, str]
    """Why the values that are None are not measurable."""
    keypoints: tuple[tuple[float | None, float | None, float | None], ...]
    """x, y in pixels and visibility, in the order of the layout."""


class Span(Node, frozen=True, kw_only=True):
    """A stretch of time in one zone."""

    start_s: float
    end_s: float
    zone: str


class Timeline(Node, frozen=True, kw_only=True):
    """Zones and angles over time, thinned to a bounded number of steps. The CSV has every frame."""

    start_s: float
    end_s: float
    step_s: float
    zones: dict[str, tuple[Span, ...]]
    """By body part; each step shows the zone that took most of it."""
    curves: dict[str, Curve]
    """By measurement: those that decide about a zone, and every other that was ever measurable."""


class Finding(Node, frozen=True, kw_only=True):
    """One thing that a reader should know, most important first."""

    weight: Literal["act", "watch", "fine", "note"]
    part: str
    text: str
    advice: str


class Recommendation(Node, frozen=True, kw_only=True):
    """Something to do, and the figure that asks for it."""

    rank: int
    """1 is the most important."""
    kind: Literal["engineering", "administrative", "behaviour"]
    text: str
    driver: str
    """What asks for it: a body part, a movement, a score."""
    evidence: str
    """The figure."""


class Cover(Node, frozen=True, kw_only=True):
    """What the report is about and who answers for it, as a person gave it. Dates are ISO 8601; empty: not given."""

    site: str = ""
    purpose: str = ""
    assessor: str = ""
    assessed_on: str = ""
    follow_up_on: str = ""
    keep_until: str = ""
    reviewer: str = ""
    """Who reviewed it; without, the report is a draft."""
    reviewed_on: str = ""


class PersonSummary(Node, frozen=True, kw_only=True):
    """One person. The number is an identity within this source only."""

    person: int
    first_s: float
    last_s: float
    present_s: float
    judged_s: float
    grade: Literal["good", "fair", "poor", "too_little"]
    """Of this person's time in view, as in `Quality`."""
    parts_judged_share: float
    enough: bool
    """Whether there is enough judged time for figures; where not, only presence and single moments are given."""
    mean_visibility: float | None
    mean_score: float | None
    views_s: dict[str, float]
    parts: tuple[PartSummary, ...]
    measures: tuple[MeasureSummary, ...]
    holds: tuple[HoldSummary, ...]
    """Longest first, at most `HOLDS_SHOWN`."""
    holds_found: int
    repetitions: tuple[Repetition, ...]
    moments: tuple[Moment, ...]
    timeline: Timeline | None
    findings: tuple[Finding, ...]
    name: str = ""
    """Given by the user; empty unless given."""
    scores: tuple[ScoreSummary, ...] = ()
    """RULA and REBA of each side, and the categories of OWAS; only what could be scored."""
    owas: OwasSummary | None = None
    exposure: Exposure | None = None
    segments: tuple[SegmentScore, ...] = ()
    criteria: tuple[CriterionTime, ...] = ()
    """What ISO 11226 asks for beside inclinations."""
    support: tuple[SupportTime, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()


class Glimpse(Node, frozen=True, kw_only=True):
    """A person seen too shortly for figures."""

    person: int
    first_s: float
    last_s: float
    present_s: float


class FromView(Node, frozen=True, kw_only=True):
    """One measurement in two views."""

    name: str
    first_share: float
    """Share of the person's time in which it was taken from the first view."""
    second_share: float
    both_s: float
    """Time in which both views measured it."""
    typical_difference: float | None
    """Median of the absolute difference over that time."""
    p90_difference: float | None


class TwoViews(Node, frozen=True, kw_only=True):
    """A second recording of the same task from another side."""

    second_sha256: str
    first_views_s: dict[str, float]
    second_views_s: dict[str, float]
    offset_s: float
    """What is at t in the first is at t + this in the second."""
    proposed: bool
    """Whether the offset was found in the movements; otherwise a person gave it."""
    uncertainty_s: float | None
    correlation: float | None
    runner_up: float | None
    paired_s: float
    """Time in which both views saw the person."""
    measures: tuple[FromView, ...]


class Summary(Node, frozen=True, kw_only=True):
    """Everything a report says."""

    schema: Literal["posture.report/1"] = SCHEMA
    status: Literal["draft", "final"] = "draft"
    """Final once a reviewer is named."""
    cover: Cover = Cover()
    language: str = "en"
    label: str
    """A name for the report, chosen by the user; empty unless given."""
    source: SourceFacts
    engine: EngineFacts
    settings: dict[str, Scalar]
    """Settings in force, by key path."""
    assumptions: tuple[str, ...]
    """What the figures rest on, such as how the camera stands."""
    quality: Quality
    people: tuple[PersonSummary, ...]
    glimpses: tuple[Glimpse, ...]
    skeleton: str
    bones: tuple[tuple[int, int], ...]
    """Keypoint pairs that are drawn as bones."""
    limits: tuple[str, ...]
    privacy: tuple[str, ...]
    task: TaskFacts | None = None
    methods: tuple[MethodFacts, ...] = ()
    two_views: TwoViews | None = None
    """Where a second view was merged into this."""
    """Where the tables of the scores come from."""
    review: ReviewFacts | None = None
    """What a person changed; None where nobody reviewed it."""


def json_schema() -> dict[str, object]:
    """JSON Schema 2020-12 of the report file."""
    return msgspec.json.schema(Summary)
