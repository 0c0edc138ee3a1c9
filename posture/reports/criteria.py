"""What ISO 11226 asks for beside inclinations, summed up over the time of one person."""

import numpy as np

from posture.data import MEASURE_INDEX, MEASURE_NAMES, Array, Reason
from posture.ergonomics.criteria import (
    BESIDE,
    CRITERIA,
    MET,
    NOT_JUDGED,
    NOT_MET,
    Criterion,
    Judged,
    judge,
    limits,
    said_over_time,
)
from posture.ergonomics.evidence import SIDES
from posture.ergonomics.factors import SIDE_FACTORS
from posture.ergonomics.holds import BRIDGE_S, STATIC_AFTER_S
from posture.ergonomics.support import says_support, with_support
from posture.ergonomics.task import Task
from posture.reports.criteria_schema import CriterionTime, SupportTime
from posture.reports.exposure import seconds
from posture.reports.scores import PersonScores, origin_share
from posture.reports.table import REASONS, Person

NOT_ENTERED, SITTING_NOT_SEEN = "not_entered", "sitting_not_seen"


def criteria_times(person: Person, scored: PersonScores) -> tuple[CriterionTime, ...]:
    """Every criterion, in the order of `CRITERIA`."""
    return tuple(_criterion(person, scored, criterion) for criterion in CRITERIA)


def _criterion(person: Person, scored: PersonScores, criterion: Criterion) -> CriterionTime:
    found = judge(criterion, scored.evidence, person.time_s, person.duration_s, scored.task)
    spent = {code: seconds(person.duration_s, found.outcome == code) for code in (MET, NOT_MET, NOT_JUDGED, BESIDE)}
    edges = limits(criterion, scored.evidence.settings) or (None, None)
    held = [length for length in _stretches_s(person.time_s, found) if length > STATIC_AFTER_S]
    return CriterionTime(
        name=criterion.name,
        side=criterion.side,
        from_deg=edges[0],
        to_deg=edges[1],
        met_s=spent[MET],
        not_met_s=spent[NOT_MET],
        not_judged_s=spent[NOT_JUDGED],
        beside_s=spent[BESIDE],
        not_judged_reasons_s=_why_not(person, found),
        held=len(held),
        longest_s=round(max(held, default=0.0), 6),
        origins=origin_share(criterion.name, found.measured, found.said, person.duration_s),
    )


def _why_not(person: Person, found: Judged) -> dict[str, float]:
    """Seconds by reason; of several measurements that of the first one that is missing."""
    missing = found.outcome == NOT_JUDGED
    why = np.full(len(missing), NOT_ENTERED, object)
    for name in reversed(found.criterion.measures):
        codes = person.reasons[:, MEASURE_INDEX[name]]
        unseen = codes != REASONS.index(Reason.MEASURED)
        why[unseen] = [REASONS[code].value for code in codes[unseen]]
    why[~found.sitting_known] = SITTING_NOT_SEEN
    return {reason: seconds(person.duration_s, missing & (why == reason)) for reason in sorted(set(why[missing]))}


def _stretches_s(times_s: Array, found: Judged) -> list[float]:
    """Lengths of the stretches in which a criterion was not met, bridged as static holds are."""
    rows = np.flatnonzero(found.outcome == NOT_MET)
    if not len(rows):
        return []
    usual_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    times = times_s[rows]
    first = np.flatnonzero(np.append(True, np.diff(times) > BRIDGE_S + usual_s))
    last = np.append(first[1:], len(rows)) - 1
    return [float(length) for length in times[last] - times[first]]


def support_times(person: Person, task: Task) -> tuple[SupportTime, ...]:
    """What was said of each support: trunk, head, and each arm."""
    return tuple(
        _support(person, task, name, side)
        for name in ("trunk_supported", "head_supported", "arm_supported")
        for side in (SIDES if name in SIDE_FACTORS else ("",))
    )


def _support(person: Person, task: Task, name: str, side: str) -> SupportTime:
    said = said_over_time(name, side, person.time_s, task)
    yes, no, nothing = (seconds(person.duration_s, rows) for rows in (said == 1.0, said == 0.0, np.isnan(said)))
    return SupportTime(name=name, side=side, supported_s=yes, not_supported_s=no, not_entered_s=nothing)


def supported(person: Person, task: Task) -> Person:
    """The same rows with the zones that hold after what `task` says of support."""
    if not says_support(task):
        return person
    zones = with_support(person.time_s, person.values[:, : len(MEASURE_NAMES)], person.zones, task)
    return person._replace(zones=zones)
