"""What a report for reading consists of: texts, tables and charts in order, the same for HTML and PDF.

The templates only arrange this. A report of another kind (a comparison, a week) fills what it needs of it.
"""

from dataclasses import dataclass, field

from posture.reports import angles, score_page, svg
from posture.reports.facts import Table
from posture.reports.score_page import Block
from posture.reports.svg import Svg


@dataclass(frozen=True)
class Tile:
    """A headline figure."""

    label: str
    value: str
    detail: str
    icon: str


@dataclass(frozen=True)
class Entry:
    """A sentence with a shape before it and an advice below."""

    text: str
    advice: str
    icon: str


@dataclass(frozen=True)
class Strip:
    """A labelled chart; `cells` are numbers beside it, `note` a line of small print."""

    label: str
    chart: Svg
    alt: str
    cells: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A key frame."""

    heading: str
    chart: Svg
    alt: str
    icon: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """Something to do."""

    rank: str
    kind: str
    text: str
    driver: str


@dataclass(frozen=True)
class Chapter:
    """One person."""

    heading: str
    lead: str
    tiles: tuple[Tile, ...] = ()
    rated: tuple[score_page.Rated, ...] = ()
    rated_columns: tuple[str, ...] = ()
    recommendations: tuple[Measure, ...] = ()
    body: Svg = svg.NOTHING
    body_alt: str = ""
    findings: tuple[Entry, ...] = ()
    zones: tuple[Strip, ...] = ()
    zones_table: Table | None = None
    strips: tuple[Strip, ...] = ()
    strips_axis: Svg = svg.NOTHING
    strips_table: Table | None = None
    curves: tuple[angles.Drawn, ...] = ()
    curves_axis: Svg = svg.NOTHING
    others: tuple[angles.Drawn, ...] = ()
    others_axis: Svg = svg.NOTHING
    histograms: tuple[Strip, ...] = ()
    measures_table: Table | None = None
    missing_table: Table | None = None
    holds_table: Table | None = None
    holds_note: str = ""
    repetitions_table: Table | None = None
    repetitions_note: str = ""
    pictures: tuple[Picture, ...] = ()
    pictures_note: str = ""
    pictures_table: Table | None = None
    blocks: tuple[Block, ...] = ()
    """Scores and exposure."""


@dataclass(frozen=True)
class Page:
    """A whole report."""

    language: str
    label: str
    stamp: str
    """What stands on every page: whether it is a draft, and who reviewed it."""
    final: bool
    cover: Table
    privacy_table: Table
    lead: str
    words: dict[str, str]
    chapters: tuple[Chapter, ...]
    limits: tuple[str, ...]
    privacy: tuple[str, ...]
    notices: tuple[str, ...] = ()
    """What must be known before reading on."""
    zone_columns: tuple[str, ...] = ()
    legend: tuple[tuple[Svg, str], ...] = ()
    """Swatch and name of each zone."""
    sides: tuple[tuple[Svg, str], ...] = ()
    """Sample and name of the lines of a chart of both sides."""
    people: Table | None = None
    """Everybody with a chapter, where there are several."""
    glimpses: Table | None = None
    review: tuple[Table, ...] = ()
    """Who answers for it, and what that person changed."""
    facts: tuple[Table, ...] = ()
    assumptions: tuple[str, ...] = ()
    pictures: bool = False
    """Whether any moment shows its picture."""
    icons: dict[str, Svg] = field(
        default_factory=lambda: {kind: svg.icon(kind) for kind in ("good", "fair", "poor", "none")}
    )
