"""The shape of a report of live sittings. Units stand in the names; None is not known."""

from typing import Literal

from posture.reports.node import Node

ENOUGH_S = 300.0
"""Judged time below which there is no score: five minutes say nothing about a day."""
Preset = Literal["today", "sitting", "week", "range"]


class SatDay(Node, frozen=True, kw_only=True):
    """What is known of one day, or of the part of it that the report is about."""

    day: str
    """ISO 8601."""
    seconds: dict[str, float]
    """How long each state lasted."""
    doubts: dict[str, float]
    """The part that could not be judged, by its reason."""
    good_s: float
    poor_s: float
    sat_s: float
    longest_sitting_s: float
    breaks: int
    reminders: int
    score: float | None
    """100 x sat well / judged; None for less than `ENOUGH_S` judged."""
    shut: tuple[str, ...] = ()
    """Why there may be more: locked, expired, damaged."""


class AngleFigures(Node, frozen=True, kw_only=True):
    """One measurement over the whole stretch, from a sample every two seconds."""

    name: str
    measurable_s: float
    p10: float
    p50: float
    p90: float


class SittingsReport(Node, frozen=True, kw_only=True):
    """Everything that such a report says."""

    schema: Literal["posture.sittings/1"] = "posture.sittings/1"
    language: str = "en"
    preset: Preset
    days: tuple[SatDay, ...]
    """In order; a day of which nothing is known has no seconds."""
    angles: tuple[AngleFigures, ...] = ()
    """Only what was measurable for long enough."""
    program_version: str
    reviewer: str = ""
    reviewed_on: str = ""

    @property
    def judged_s(self) -> float:
        """What a score would rest on."""
        return sum(day.good_s + day.poor_s for day in self.days)

    @property
    def enough(self) -> bool:
        """Whether there is enough for a score."""
        return self.judged_s >= ENOUGH_S
