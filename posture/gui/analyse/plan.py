"""From a reading to what the time line draws, and the same as a table."""

import numpy as np
from numpy.typing import NDArray

from posture.data import PARTS, Array
from posture.ergonomics.scoring import NOT_SCORED
from posture.gui.analyse.case import Case, Reading
from posture.gui.analyse.lanes import Band, Lane, Plan, fine_clock
from posture.gui.analyse.scores_tab import level_words, verdict_of
from posture.gui.theme import Verdict
from posture.gui.words import tr
from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.language import speaking
from posture.reports.table import Person
from posture.review import Review

DOUBTFUL = 0.5
"""Below this mean visibility of the keypoints a moment is greyed."""
STEPS = 480
_VERDICTS = {
    "acceptable": Verdict.GOOD, "conditional": Verdict.FAIR, "not_recommended": Verdict.POOR, "unknown": Verdict.NONE
}  # fmt: skip


def plan_of(case: Case, reading: Reading, review: Review, method: str, side: str, language: str) -> Plan:
    """Everything about one person over time, with the chosen score in a lane of its own."""
    length_s = max(float(case.times_s[-1]) + case.step_s if len(case.times_s) else 0.0, 1e-3)
    with speaking(language):
        lanes = [Lane(words.PARTS[part], _zones(reading, part)) for part in PARTS]
        lanes.append(Lane(sw.title(method, side), _levels(reading, method, side, length_s)))
    return Plan(
        length_s=length_s,
        lanes=tuple(lanes),
        doubtful=_doubtful(reading),
        left_out=tuple((a, min(b, length_s)) for a, b in review.left_out),
        tasks=tuple((one.start_s, one.end_s, one.name) for one in review.task.segments),
        moments=tuple(one.time_s for one in reading.moments),
        corrections=tuple(one.time_s for one in review.keypoints if one.person == reading.identity),
    )


def table_of(plan: Plan) -> tuple[list[str], list[list[str]]]:
    """Head and rows: every band of every lane, and what was marked, in the order of time."""
    rows = [(band.start_s, band.end_s, lane.name, band.words) for lane in plan.lanes for band in lane.bands]
    rows += [(a, b, tr("left out"), "") for a, b in plan.left_out]
    rows += [(a, b, tr("Task"), name) for a, b, name in plan.tasks]
    rows += [(t, t, tr("correction"), "") for t in plan.corrections]
    head = [tr("From"), tr("To"), tr("What"), tr("Verdict")]
    return head, [[fine_clock(a), fine_clock(b), name, said] for a, b, name, said in sorted(rows)]


def _zones(reading: Reading, part: str) -> tuple[Band, ...]:
    if reading.timeline is None:
        return ()
    return tuple(
        Band(span.start_s, span.end_s, _VERDICTS[span.zone], words.ZONES[span.zone])
        for span in reading.timeline.zones[part]
    )


def _levels(reading: Reading, method: str, side: str, length_s: float) -> tuple[Band, ...]:
    """By what is certain (`verdict_of`); the words say both ends."""
    found, person = reading.series(method, side), reading.person
    if not len(person.time_s):
        return ()
    edges, ends = _steps(person, np.column_stack([found.low, found.high]).astype(np.int64), length_s)
    starts = np.flatnonzero((np.diff(ends, axis=0, prepend=-2) != 0).any(axis=1))
    stops = np.append(starts[1:], len(ends))
    return tuple(
        Band(float(edges[a, 0]), float(edges[b - 1, 1]), verdict_of(method, low, high), _said(method, low, high))
        for a, b, (low, high) in zip(starts, stops, ends[starts].tolist(), strict=True)
    )


def _steps(person: Person, scores: NDArray[np.int64], length_s: float) -> tuple[Array, NDArray[np.int64]]:
    """[S, 2] from when to when each step lasts, and [S, 2] the highest of both ends in it: every moment where there are
    few, else at most `STEPS`.
    """
    spans = np.column_stack([person.time_s, person.time_s + person.duration_s])
    if len(spans) <= STEPS:
        return spans, scores
    step = np.floor(person.time_s / length_s * STEPS).astype(np.int64)
    _, first, which = np.unique(step, return_index=True, return_inverse=True)
    most = np.zeros((len(first), 2), np.int64)
    np.maximum.at(most, which, scores)
    last = np.append(first[1:], len(spans)) - 1
    return np.column_stack([spans[first, 0], spans[last, 1]]), most


def _said(method: str, low: int, high: int) -> str:
    if low == NOT_SCORED:
        return tr("not scored")
    return f"{level_words(method, low, high)} ({sw.interval(low, high)})"


def _doubtful(reading: Reading) -> tuple[tuple[float, float], ...]:
    person = reading.person
    low = person.value("visibility_ratio") < DOUBTFUL
    edge = np.flatnonzero(np.diff(low.astype(int), prepend=0, append=0))
    until = person.time_s + person.duration_s
    return tuple((float(person.time_s[a]), float(until[b - 1])) for a, b in zip(edge[::2], edge[1::2], strict=True))
