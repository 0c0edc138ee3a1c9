"""Scores and exposure of one person from the rows of a table. Pure and seeded: same input, same scores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES
from posture.ergonomics.evidence import Evidence, find_activity
from posture.ergonomics.method_data import method_data
from posture.ergonomics.score_settings import PAPER, ScoreSettings
from posture.ergonomics.scoring import METHODS, NOT_SCORED, SCORED, Series, said, segments_at, series
from posture.ergonomics.task import NOTHING_SAID, Task
from posture.reports.exposure import percentile, seconds
from posture.reports.language import Words, say
from posture.reports.moments import APART_S, SLOT_S, nearest, slot_means
from posture.reports.score_schema import LevelTime, MethodFacts, OriginShare, ScoreSummary, SegmentScore, TaskFacts
from posture.reports.score_sheet import score_at
from posture.reports.table import Person, Table
from posture.reports.timeline import score_curve

COLUMNS: tuple[str, ...] = tuple(
    f"{method}_{side}_{end}" if side else f"{method}_{end}" for method, side in SCORED for end in ("low", "high")
)
"""Names of the scores of a row."""
PROVENANCE = Words(
    {"table_a": "Table A", "table_b": "Table B", "table_c": "Table C", "table": "Table", "parts": "Parts"}
)
Edges = NDArray[np.float64] | None
WORST_LISTED = 5
_HIGH_WEIGHT = 0.01
"""The worst moment is that with the highest lower end; the upper end decides between equals."""


@dataclass(frozen=True, eq=False)
class PersonScores:
    """All scores of one person over time."""

    evidence: Evidence
    series: tuple[Series, ...]
    task: Task = NOTHING_SAID
    """What was said about this person: the task, and what a reviewer overrode."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of everybody in a table."""

    task: Task = NOTHING_SAID
    settings: ScoreSettings = PAPER
    people: Mapping[int, PersonScores] = field(default_factory=dict)
    rows: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, len(COLUMNS)), np.int8))
    """[person rows of the table, columns]; `NOT_SCORED` where there is no score."""


def score_table(
    table: Table, task: Task, settings: ScoreSettings, of_person: Callable[[int], Task] | None = None
) -> Scored:
    """Score every person in every row. `of_person`: what was said about one of them, where that differs."""
    rows = np.zeros((table.person_rows, len(COLUMNS)), np.int8)
    people = {}
    for identity in table.people:
        person = table.person(identity)
        found = score_person(person, of_person(identity) if of_person else task, settings)
        people[identity] = found
        rows[person.rows] = np.column_stack([end for one in found.series for end in (one.low, one.high)])
    return Scored(task, settings, people, rows)


def score_person(person: Person, task: Task, settings: ScoreSettings) -> PersonScores:
    """Score every row of one person."""
    values = person.values[:, : len(MEASURE_NAMES)]
    evidence = Evidence(values, find_activity(person.time_s, values, settings), settings)
    return PersonScores(evidence, tuple(series(*one, evidence, person.time_s, task) for one in SCORED), task)


def settings_of(tree: Mapping[str, object]) -> ScoreSettings:
    """The score settings of a tree of plain values; the defaults where it has none."""
    return msgspec.convert(tree.get("scores", {}), ScoreSettings)


def score_summaries(person: Person, scored: PersonScores, edges: Edges = None) -> tuple[ScoreSummary, ...]:
    """Of each method and side that was ever scored; over the steps between `edges` (seconds), where given."""
    return tuple(_summary(person, scored, one, edges) for one in scored.series if (one.low != NOT_SCORED).any())


def _summary(person: Person, scored: PersonScores, found: Series, edges: Edges) -> ScoreSummary:
    told = found.low != NOT_SCORED
    spent = person.duration_s[told]
    low, high = found.low[told].astype(np.float64), found.high[told].astype(np.float64)
    marks = _levels_of(low, high, spent)
    rows = worst_rows(person, found, marks["p90_low"])
    worst = [score_at(found, scored.evidence, row, person.time_s, scored.task) for row in rows]
    return ScoreSummary(
        method=found.method,
        side=found.side,
        scored_s=seconds(spent),
        not_scored_s=seconds(person.duration_s, ~told),
        **marks,
        levels=_levels(found.method, low, high, spent),
        origins=_origins(person, scored, found, told),
        worst=worst[0],
        further_worst=tuple(worst[1:]),
        curve=None if edges is None else score_curve(person, found.low, found.high, edges),
    )


def _levels_of(low: NDArray[np.float64], high: NDArray[np.float64], spent: NDArray[np.float64]) -> dict[str, int]:
    """P50, P90 and peak of both ends."""
    ends = {"low": low, "high": high}
    marks = {f"p{p}_{name}": int(percentile(end, spent, p)) for name, end in ends.items() for p in (50, 90)}
    return marks | {f"peak_{name}": int(end.max()) for name, end in ends.items()}


def _levels(
    method: str, low: NDArray[np.float64], high: NDArray[np.float64], spent: NDArray[np.float64]
) -> tuple[LevelTime, ...]:
    return tuple(
        LevelTime(
            level=level.level,
            lowest_score=level.lowest,
            text=level.text,
            at_least_s=seconds(spent, low >= level.lowest),
            at_most_s=seconds(spent, high >= level.lowest),
        )
        for level in method_data(method).levels
    )


def _origins(person: Person, scored: PersonScores, found: Series, told: NDArray[np.bool_]) -> tuple[OriginShare, ...]:
    task = scored.task
    where = segments_at(person.time_s, task)[told]
    entered = {
        number: said(found.method, found.side, task, task.segments[number] if number >= 0 else None)
        for number in np.unique(where).tolist()
    }
    spent = person.duration_s[told]
    shares = []
    for name in METHODS[found.method].factors:
        column = scored.evidence.column(found.method, name, found.side)
        seen = np.zeros(int(told.sum()), np.bool_) if column is None else np.isfinite(column[told])
        by_hand = np.isin(where, [number for number, names in entered.items() if name in names])
        shares.append(origin_share(name, seen, by_hand, spent))
    return tuple(shares)


def origin_share(
    name: str, seen: NDArray[np.bool_], said: NDArray[np.bool_], spent_s: NDArray[np.float64]
) -> OriginShare:
    """Shares of the time in which a factor was seen by the camera, said by a person, both or neither. All [T]."""
    weights = np.maximum(spent_s, 1e-6)  # a single frame stands for no time
    kinds = (seen & ~said, ~seen & said, seen & said, ~seen & ~said)
    measured, typed, over, open_ = (round(float(weights[kind].sum() / weights.sum()), 6) for kind in kinds)
    return OriginShare(name=name, measured=measured, entered=typed, overridden=over, assumed=open_)


def worst_row(person: Person, found: Series) -> int:
    """The worst of `worst_rows`."""
    return worst_rows(person, found)[0]


def worst_rows(person: Person, found: Series, least: int = 0) -> list[int]:
    """Rows of the worst seconds that score at least `least`, worst first: never empty, at most `WORST_LISTED`.

    Of each second the row nearest to its mean, so that one bad estimate is no worst moment.
    """
    told = np.flatnonzero(found.low != NOT_SCORED)
    rank = found.low[told] + _HIGH_WEIGHT * found.high[told]
    which, mean = slot_means(person.time_s[told], person.duration_s[told], rank, SLOT_S)
    chosen: list[int] = []
    for slot in np.argsort(-mean, kind="stable"):
        row = int(told[nearest(rank, np.flatnonzero(which == slot), mean[slot])])
        if chosen and (len(chosen) == WORST_LISTED or found.low[row] < least):
            break
        if all(abs(person.time_s[row] - person.time_s[other]) >= APART_S for other in chosen):
            chosen.append(row)
    return chosen


def segment_scores(person: Person, scored: PersonScores, task: Task) -> tuple[SegmentScore, ...]:
    """P50, P90 and peak of each method and side in each segment of the task."""
    found = []
    for segment in task.segments:
        inside = (person.time_s >= segment.start_s) & (person.time_s < segment.end_s)
        for one in scored.series:
            told = inside & (one.low != NOT_SCORED)
            if told.any():
                low, high = one.low[told].astype(np.float64), one.high[told].astype(np.float64)
                marks = _levels_of(low, high, person.duration_s[told])
                spent = seconds(person.duration_s, told)
                found.append(SegmentScore(name=segment.name, method=one.method, side=one.side, scored_s=spent, **marks))
    return tuple(found)


def method_facts() -> tuple[MethodFacts, ...]:
    """What is printed as the provenance of the tables."""
    data = {name: method_data(name) for name in METHODS}
    return tuple(
        MethodFacts(
            method=name,
            reference=one.reference,
            provenance=tuple(f"{PROVENANCE[what]}: {say(words)}" for what, words in one.provenance.items()),
        )
        for name, one in data.items()
    )


def task_facts(task: Task) -> TaskFacts | None:
    """What a person said; None where nobody said anything."""
    if task == NOTHING_SAID:
        return None
    return TaskFacts(
        name=task.name,
        entered_by=task.entered_by,
        entered_on=task.entered_on.isoformat() if task.entered_on else "",
        segments=tuple(segment.name for segment in task.segments),
        overridden=task.overrides,
    )
