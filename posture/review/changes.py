"""What a review says, as immutable data: undoing a change is taking the review from before it.

Times are seconds of the stream, so a review means the same whatever the rate of the analysis is.
"""

import math
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from posture.ergonomics.factors import SIDE_FACTORS
from posture.ergonomics.task import FACTORS, NOTHING_SAID, Factors, Task, check_task
from posture.ergonomics.worksheet import Value
from posture.skeleton import BLAZEPOSE_33

SCHEMA: Literal["posture.review/1"] = "posture.review/1"
"""Grows by one whenever a field is removed or changes its meaning."""
REACH_S = 0.25
"""A corrected keypoint stays where it was put for so long before and after its moment."""
LONGEST_REACH_S = 60.0
END_S = 1e9
"""Stands for the end of the recording."""

Time = Annotated[float, msgspec.Meta(ge=0, le=END_S)]
Pixel = Annotated[float, msgspec.Meta(ge=-100_000, le=100_000)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who changed something, when and why. `by` empty: the reviewer of the whole."""

    by: Text = ""
    at: Text = ""
    """Date and time of the change as ISO 8601, from the clock of the computer."""
    reason: Text = ""


class KeypointFix(Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a keypoint really is at one moment, or that it cannot be seen there."""

    person: Annotated[int, msgspec.Meta(ge=1)]
    joint: Text
    """Name of the keypoint (`posture.skeleton`)."""
    time_s: Time
    x_px: Pixel | None = None
    y_px: Pixel | None = None
    """Of the upright picture. Neither: the point cannot be seen, and what rests on it is not measured."""
    reach_s: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_REACH_S)] = REACH_S

    @property
    def seen(self) -> bool:
        """Whether it says where the point is."""
        return self.x_px is not None and self.y_px is not None


class Override(Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A factor of the scores, said by the reviewer for a stretch of time instead of what was measured or entered."""

    factor: Text
    value: float | bool | str
    start_s: Time = 0.0
    end_s: Time = END_S
    """The end belongs to what follows."""
    person: Annotated[int, msgspec.Meta(ge=0)] = 0
    """0: everybody."""
    side: Literal["", "left", "right"] = ""
    """Empty: the whole body, or both sides."""


class Exclusion(Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of time that does not count."""

    start_s: Time
    end_s: Time


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that a reviewer said about one recording."""

    schema: Literal["posture.review/1"] = SCHEMA
    source_sha256: Sha256 = ""
    """Of the recording that it is about; empty for the demonstration."""
    reviewer: Text = ""
    """Whoever answers for the report. Without a name the report is a draft."""
    reviewed_on: date | None = None
    names: dict[int, Text] = {}
    """Names of people, by their number."""
    keypoints: tuple[KeypointFix, ...] = ()
    overrides: tuple[Override, ...] = ()
    """A later one goes before an earlier one."""
    excluded: tuple[Exclusion, ...] = ()
    task: Task = NOTHING_SAID

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of what was measured, in the order of their kinds."""
        return (*self.keypoints, *self.overrides, *self.excluded)

    @property
    def left_out(self) -> tuple[tuple[float, float], ...]:
        """Stretches of time that do not count, in order and joined where they touch: start and end in seconds."""
        joined: list[tuple[float, float]] = []
        for start_s, end_s in sorted((one.start_s, one.end_s) for one in self.excluded):
            if joined and start_s <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(end_s, joined[-1][1])
            else:
                joined.append((start_s, end_s))
        return tuple(joined)

    def who(self, change: Change) -> str:
        """Who made a change; empty where nobody signed."""
        return change.by or self.reviewer


NO_REVIEW = Review()


def factor_value(factor: str, value: Any) -> Value:  # noqa: ANN401 - whatever stood in a file or a field
    """The same value, of the type that the factor has. Raises ValueError that says what is allowed."""
    if factor not in FACTORS:
        raise ValueError(f"{factor!r} is no factor of a score; known are {', '.join(FACTORS)}")
    try:
        kept: Value = getattr(msgspec.convert({factor: value}, Factors), factor)
    except msgspec.ValidationError as exc:
        raise ValueError(f"{factor} = {value!r}: {exc}") from exc
    if kept is None:
        raise ValueError(f"{factor} needs a value")
    return kept


def check_review(review: Review) -> Review:
    """The same review. Raises ValueError where its parts do not fit together."""
    for fix in review.keypoints:
        if fix.joint not in BLAZEPOSE_33.index:
            raise ValueError(f"{fix.joint!r} is no keypoint; known are {', '.join(BLAZEPOSE_33.names)}")
        if (fix.x_px is None) is not (fix.y_px is None):
            raise ValueError(f"{fix.joint} at {fix.time_s:g} s has one coordinate: give x_px and y_px, or neither")
    for override in review.overrides:
        factor_value(override.factor, override.value)
        if override.side and override.factor not in SIDE_FACTORS:
            raise ValueError(f"{override.factor} has no sides: leave side out")
    for start_s, end_s in _spans(review):
        if not (math.isfinite(start_s) and start_s < end_s):
            raise ValueError(f"a change from {start_s:g} s to {end_s:g} s ends before it begins")
    check_task(review.task)
    return review


def _spans(review: Review) -> list[tuple[float, float]]:
    overridden = [(one.start_s, one.end_s) for one in review.overrides]
    return overridden + [(one.start_s, one.end_s) for one in review.excluded]
