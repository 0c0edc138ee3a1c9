"""A table as it was measured and the same as a reviewer sees it, and what the difference is."""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from posture.data import Measurements, Observation, Pose
from posture.ergonomics.factors import CHOICES, SIDE_FACTORS
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.scoring import METHODS, NOT_SCORED, Series
from posture.ergonomics.task import Task
from posture.reports.exposure import percentile
from posture.reports.node import Scalar
from posture.reports.review_schema import ChangeShown, Effect, ReviewFacts
from posture.reports.scores import PersonScores, Scored, score_table
from posture.reports.table import Person, Table
from posture.review import Applied, Exclusion, KeypointFix, Override, Review, task_for
from posture.review.changes import END_S
from posture.skeleton import BLAZEPOSE_33

_PX, _RATIO, _DEG = 1, 4, 2
"""Decimals, as everywhere in a report."""


class Reviewed:
    """Takes observations in order, as they were measured, and keeps them both ways."""

    def __init__(self, review: Review, measure: Callable[[Pose], Measurements], *, keypoints: bool = False) -> None:
        """`measure` is that of the analysis; `keypoints` as for `Table`."""
        self.review = review
        self._applied = Applied(review, measure)
        said = cache(lambda person: task_for(person, review.task, review.overrides))
        self.measured = Table(keypoints=keypoints, said=lambda _: review.task)
        self.table = Table(keypoints=keypoints, left_out=review.left_out, said=said)

    def append(self, observation: Observation) -> Observation | None:
        """Add one frame; what counts of it: it, a corrected one, or None."""
        self.measured.append(observation)
        counted = self._applied(observation)
        if counted is not None:
            self.table.append(counted)
        return counted

    def scored(self, settings: ScoreSettings) -> Scored:
        """Scores with all that the reviewer said."""
        return score_reviewed(self.table, self.review, settings)

    def facts(self, scored: Scored) -> ReviewFacts:
        """What was changed, and what that did; `scored` is what `scored()` gave."""
        before = score_table(self.measured, self.review.task, scored.settings)
        return review_facts(self.review, self.measured, before, self.table, scored)


def score_reviewed(table: Table, review: Review, settings: ScoreSettings) -> Scored:
    """Scores of a table to which the corrections were applied."""
    return score_table(table, review.task, settings, lambda person: task_for(person, review.task, review.overrides))


def review_facts(review: Review, measured: Table, before: Scored, table: Table, after: Scored) -> ReviewFacts:
    """Every change with what was there before it. Pure."""
    changes = [_keypoint(fix, review, measured) for fix in review.keypoints]
    changes += [_factor(one, review, measured, before) for one in review.overrides]
    changes += [_excluded(one, review) for one in review.excluded]
    return ReviewFacts(
        status="final" if review.reviewer else "draft",
        reviewer=review.reviewer,
        reviewed_on=review.reviewed_on.isoformat() if review.reviewed_on else "",
        changes=tuple(sorted(changes, key=lambda one: (one.start_s, one.kind, one.what))),
        effects=_effects(measured, before, table, after) if review.changes else (),
        excluded_s=round(float(measured.duration_s.sum() - table.duration_s.sum()), 6) if review.excluded else 0.0,
    )


def _keypoint(fix: KeypointFix, review: Review, measured: Table) -> ChangeShown:
    found: tuple[Scalar, ...] = ()
    if fix.person in measured.people:
        person = measured.person(fix.person)
        row = int(np.argmin(np.abs(person.time_s - fix.time_s)))
        x, y, visibility = measured.keypoints(int(person.rows[row]))[BLAZEPOSE_33.index[fix.joint]].tolist()
        found = round(x, _PX), round(y, _PX), round(visibility, _RATIO)
    after = (round(fix.x_px, _PX), round(fix.y_px, _PX)) if fix.x_px is not None and fix.y_px is not None else ()
    return ChangeShown(
        kind="keypoint", what=fix.joint, person=fix.person, side="", start_s=round(fix.time_s, 6),
        end_s=round(fix.time_s, 6), before=found, after=after, by=review.who(fix), at=fix.at[:10], reason=fix.reason,
    )  # fmt: skip


def _factor(one: Override, review: Review, measured: Table, before: Scored) -> ChangeShown:
    whose = [one.person] if one.person else sorted(before.people)
    found = [value for person in whose if person in before.people
             for value in _was(one, measured.person(person), before.people[person], review.task)]  # fmt: skip
    numbers = [value for value in found if isinstance(value, float)]
    span: tuple[Scalar, ...] = (min(numbers), max(numbers)) if numbers else tuple(dict.fromkeys(found))
    return ChangeShown(
        kind="factor", what=one.factor, person=one.person, side=one.side, start_s=round(one.start_s, 6),
        end_s=None if one.end_s >= END_S else round(one.end_s, 6), before=span, after=(one.value,),
        by=review.who(one), at=one.at[:10], reason=one.reason,
    )  # fmt: skip


def _was(one: Override, person: Person, scored: PersonScores, task: Task) -> list[Scalar]:
    """Lowest and highest of what was measured in that time, or what was entered."""
    inside = (person.time_s >= one.start_s) & (person.time_s < one.end_s)
    sides = (one.side or "left", one.side or "right") if one.factor in SIDE_FACTORS else ("left",)
    method = next((name for name, method in METHODS.items() if one.factor in method.factors), "rula")
    found: list[Scalar] = []
    for side in dict.fromkeys(sides):
        entered = task.said(side).get(one.factor)
        column = scored.evidence.column(method, one.factor, side)
        if entered is not None:
            found += [entered[0] if len(entered) == 1 else "standing"]
        elif column is not None and one.factor not in CHOICES:
            seen = column[inside & np.isfinite(column)]
            ends = [float(seen.min()), float(seen.max())] if len(seen) else []
            found += [round(v, _DEG) if one.factor.endswith("_deg") else bool(v) for v in ends]
    return found


def _excluded(one: Exclusion, review: Review) -> ChangeShown:
    return ChangeShown(
        kind="excluded", what="", person=0, side="", start_s=round(one.start_s, 6),
        end_s=None if one.end_s >= END_S else round(one.end_s, 6), before=(), after=(),
        by=review.who(one), at=one.at[:10], reason=one.reason,
    )  # fmt: skip


def _effects(measured: Table, before: Scored, table: Table, after: Scored) -> tuple[Effect, ...]:
    found = []
    for person, was in before.people.items():
        now = _by_name(after.people[person]) if person in after.people else {}
        rows = measured.person(person), table.person(person)
        for one in was.series:
            old = _levels(rows[0], one)
            new = _levels(rows[1], now[one.method, one.side]) if now else _NOTHING
            if old != new:
                found.append(
                    Effect(
                        person=person,
                        method=one.method,
                        side=one.side,
                        p90_before=old[0],
                        peak_before=old[1],
                        p90_after=new[0],
                        peak_after=new[1],
                    )
                )
    return tuple(found)


def _by_name(scored: PersonScores) -> Mapping[tuple[str, str], Series]:
    return {(one.method, one.side): one for one in scored.series}


_NOTHING = (0, 0), (0, 0)


def _levels(person: Person, one: Series) -> tuple[tuple[int, int], tuple[int, int]]:
    """P90 and peak, lowest and highest; zeros where nothing was scored."""
    told = one.low != NOT_SCORED
    if not told.any():
        return _NOTHING
    spent = person.duration_s[told]
    low, high = one.low[told].astype(np.float64), one.high[told].astype(np.float64)
    p90 = int(percentile(low, spent, 90)), int(percentile(high, spent, 90))
    return p90, (int(low.max()), int(high.max()))
