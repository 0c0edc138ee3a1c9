"""The worksheet of one moment: every factor, part, table cell and sum, at the lowest and at the highest end."""

from itertools import product

import numpy as np

from posture.data import Array
from posture.ergonomics.evidence import Evidence
from posture.ergonomics.factors import Factor
from posture.ergonomics.ranges import Known, Range
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.scoring import METHODS, Series, factors_at, range_of
from posture.ergonomics.stability import stability
from posture.ergonomics.task import Task
from posture.ergonomics.worksheet import Method, Part, PartRule, Step, Value, Worksheet, fill_in, steps_from
from posture.reports.node import Scalar
from posture.reports.score_schema import FactorShown, PartShown, ScoreAt, StepShown


def score_at(found: Series, evidence: Evidence, row: int, times_s: Array, task: Task) -> ScoreAt:
    """The score of one row."""
    time_s = float(times_s[row])
    factors = factors_at(found.method, found.side, evidence, row, task, time_s)
    method, whole = METHODS[found.method], range_of(found.method, factors, evidence.settings)
    ends = {end: _sheet(method, factors, evidence, end) for end in ("low", "high")}
    rows = np.array([row])
    alone = Evidence(evidence.values[rows], evidence.activity.at(rows), evidence.settings)
    stable = stability(found.method, found.side, alone, times_s[rows], task)[0]
    return ScoreAt(
        time_s=round(time_s, 6),
        low=whole.interval.low,
        high=whole.interval.high,
        stable_low=int(stable[0]),
        stable_high=int(stable[1]),
        factors=tuple(_factor(factor) for factor in factors),
        parts=_parts(method, whole, ends["low"], ends["high"]),
        steps=tuple(_step(low, high) for low, high in zip(ends["low"].steps, ends["high"].steps, strict=True)),
    )


def _sheet(method: Method, factors: tuple[Factor, ...], evidence: Evidence, end: str) -> Worksheet:
    """The worksheet with the lowest or the highest score that is possible."""
    settings, known = evidence.settings, {factor.name: factor.values for factor in factors}
    pick = min if end == "low" else max
    found = {name: _witnesses(rule, known, settings) for name, rule in method.parts.items()}
    if method.ordered:
        chosen = {name: pick(scores) for name, scores in found.items()}
    else:
        every = (dict(zip(found, scores, strict=True)) for scores in product(*(sorted(found[name]) for name in found)))
        chosen = pick(every, key=lambda parts: steps_from(method, parts, settings)[-1].score)
    values = {name: value for part, score in chosen.items() for name, value in found[part][score].items()}
    return fill_in(method, values, settings)


def _witnesses(rule: PartRule, known: Known, settings: ScoreSettings) -> dict[int, dict[str, Value]]:
    """For each possible score of a part, factors that give it."""
    found: dict[int, dict[str, Value]] = {}
    for values in product(*(known[name] for name in rule.factors)):
        one = dict(zip(rule.factors, values, strict=True))
        found.setdefault(rule.score(one, settings).score, one)
    return found


def _factor(factor: Factor) -> FactorShown:
    values: tuple[Scalar, ...] = tuple(
        round(value, 2) if isinstance(value, float) else value for value in factor.values
    )
    return FactorShown(name=factor.name, origin=factor.origin.value, values=values)


def _parts(method: Method, whole: Range, low: Worksheet, high: Worksheet) -> tuple[PartShown, ...]:
    return tuple(
        PartShown(
            name=name,
            low=whole.of(name).low,
            high=whole.of(name).high,
            low_terms=_terms(low.parts[i]),
            high_terms=_terms(high.parts[i]),
        )
        for i, name in enumerate(method.parts)
    )


def _terms(part: Part) -> tuple[tuple[str, str, int], ...]:
    return tuple((term.name, term.detail, term.points) for term in part.terms)


def _step(low: Step, high: Step) -> StepShown:
    return StepShown(
        name=low.name,
        low=low.score,
        high=high.score,
        table=low.cell.table if low.cell else "",
        low_at=dict(low.cell.index if low.cell else low.inputs),
        high_at=dict(high.cell.index if high.cell else high.inputs),
    )
