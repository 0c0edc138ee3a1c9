"""One analysed file, and what counts of it after a review. Knows no widget; everything slow runs in a worker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from posture.analysis import Observed, Range, measuring
from posture.config import Settings
from posture.data import MEASURE_NAMES, PARTS, Array, Observation, Subject, Zone
from posture.ergonomics.evidence import Evidence
from posture.ergonomics.scoring import NOT_SCORED, SCORED, Series, series
from posture.ergonomics.task import Task
from posture.reports import Table
from posture.reports.criteria import supported
from posture.reports.exposure import hold_summaries
from posture.reports.moments import worst_rows
from posture.reports.node import Scalar
from posture.reports.schema import HoldSummary, Timeline
from posture.reports.score_schema import ScoreAt
from posture.reports.score_sheet import score_at
from posture.reports.scores import PersonScores, score_person, worst_row
from posture.reports.table import ZONES, Person
from posture.reports.timeline import timeline
from posture.review import Applied, Review, task_for
from posture.skeleton import BLAZEPOSE_33

_SIDES = {
    side: [BLAZEPOSE_33.index[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")]
    for side in ("left", "right")
}
_EMPTY = np.zeros(0, np.int8)


@dataclass(frozen=True, slots=True)
class KeyMoment:
    """A moment that a person should look at."""

    time_s: float
    kind: str
    """"worst": of the body's zones, "hold": the longest one, or the name of a method."""
    detail: tuple[Scalar, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """One person of a case, as it stands after a review."""

    review: Review
    identity: int
    person: Person
    scored: PersonScores
    timeline: Timeline | None
    moments: tuple[KeyMoment, ...]
    holds: tuple[HoldSummary, ...]

    def series(self, method: str, side: str) -> Series:
        """Scores of every moment."""
        return next(one for one in self.scored.series if (one.method, one.side) == (method, side))


@dataclass(frozen=True, eq=False)
class Case:
    """What an analysis gave, kept in memory alone."""

    path: Path | None
    """None: the bundled demo."""
    observed: Observed
    settings: Settings
    part: Range = field(default_factory=Range)
    key: bytes = b""
    """Of a recording of the vault."""
    side: str = "automatic"
    """Whose scores show first; see `Options`."""
    _raw: dict[int, Person] = field(default_factory=dict)

    @cached_property
    def times_s(self) -> Array:
        """[F] moments that were analysed."""
        return np.array([one.time_s for one in self.observed.observations])

    @property
    def size(self) -> tuple[int, int]:
        """Of the upright picture in pixels."""
        info = self.observed.started.info
        return info.width, info.height

    @cached_property
    def people(self) -> Mapping[int, float]:
        """Seconds in view by identity, longest first."""
        found = self.table.people
        return {p: found[p].seconds for p in sorted(found, key=lambda p: (-found[p].seconds, p))}

    @cached_property
    def table(self) -> Table:
        """As it was measured."""
        table = Table()
        for observation in self.observed.observations:
            table.append(observation)
        return table

    def prepare(self) -> None:
        """Work out what everything is read from: seconds for an hour of video."""
        _ = self.people, self.times_s

    @property
    def step_s(self) -> float:
        """Between two moments that were analysed, as a rule."""
        return float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 0.0

    def nearest(self, time_s: float) -> Observation | None:
        """The analysed moment that a picture at `time_s` shows; None where there is none near."""
        if not len(self.times_s):
            return None
        after = int(np.searchsorted(self.times_s, time_s))
        near = [i for i in (after - 1, after) if 0 <= i < len(self.times_s)]
        best = min(near, key=lambda i: abs(float(self.times_s[i]) - time_s))
        found = self.observed.observations[best]
        return found if abs(found.time_s - time_s) <= 0.6 * self.step_s + 1e-6 else None

    def first_s(self, identity: int) -> float:
        """When a person is seen first."""
        return float(self.table.people[identity].first_s) if identity in self.people else 0.0

    def side_of(self, identity: int) -> str:
        """Left or right, as was chosen; else whichever arm and leg the camera sees better over the recording."""
        if self.side != "automatic":
            return self.side
        looks = (one.pose for each in self.observed.observations for one in each.people)
        seen = np.array([pose.visibility for pose in looks if pose.person == identity])
        return max(_SIDES, key=lambda side: float(seen[:, _SIDES[side]].mean())) if len(seen) else "left"

    def applied(self, review: Review) -> Applied:
        """The review, for the poses of this file."""
        return Applied(review, measuring(self.observed.started.info, self.settings))

    def read(self, identity: int, review: Review) -> Reading:
        """Everything about one person: takes about a second for an hour of video."""
        task = task_for(identity, review.task, review.overrides)
        person = supported(self._corrected(identity, review), task)
        scored = score_person(person, task, self.settings.scores)
        start_s, end_s = self._span
        over_time = timeline(person, start_s, end_s) if len(person.time_s) > 1 else None
        holds = hold_summaries(person) if len(person.time_s) else ()
        return Reading(review, identity, person, scored, over_time, _moments(person, scored, holds), holds)

    @property
    def _span(self) -> tuple[float, float]:
        times = self.times_s
        return (float(times[0]), float(times[-1]) + self.step_s) if len(times) else (0.0, 0.0)

    def _corrected(self, identity: int, review: Review) -> Person:
        """The columns of a person with the corrected rows measured anew, and without what does not count."""
        raw = self._raw.get(identity)
        if raw is None:
            raw = self._raw[identity] = self.table.person(identity)
        applied = self.applied(review)
        rows = applied.corrected(identity, raw.time_s)
        if rows:
            raw = _with_rows(raw, rows, self._measured_anew(applied, identity, raw, rows))
        return _without(raw, review.left_out) if review.excluded else raw

    def _measured_anew(self, applied: Applied, identity: int, raw: Person, rows: list[int]) -> Person:
        """Those rows, by way of a table so that they are rounded like all others."""
        table = Table()
        for row in rows:
            observation = self.observed.observations[int(raw.frames[row])]
            one = next(s for s in observation.people if s.pose.person == identity)
            corrected = applied.subject(one, observation.time_s)
            table.append(Observation(observation.index, observation.time_s, (corrected,)))
        return table.person(identity)

    def sheet(
        self, reading: Reading, review: Review, subject: Subject, time_s: float, method: str, side: str
    ) -> ScoreAt:
        """The worksheet of one moment under `review`, which may be newer than the reading. It is filled in for a moment
        that is not scored too (`intervals`), so that a person sees what is missing.
        """
        seen, task, times = self._moment(reading, review, subject, time_s)
        return score_at(Series(method, side, _EMPTY, _EMPTY), seen, 0, times, task)

    def intervals(
        self, reading: Reading, review: Review, subject: Subject, time_s: float
    ) -> dict[tuple[str, str], tuple[int, int]]:
        """Lowest and highest possible score of each method and side at one moment; zeros: not scored."""
        seen, task, times = self._moment(reading, review, subject, time_s)
        found = [series(method, side, seen, times, task) for method, side in SCORED]
        return {(one.method, one.side): (int(one.low[0]), int(one.high[0])) for one in found}

    def _moment(
        self, reading: Reading, review: Review, subject: Subject, time_s: float
    ) -> tuple[Evidence, Task, Array]:
        near = np.array([_row_near(reading.person, time_s)])
        values = np.round(subject.measurements.values, 2)[None, : len(MEASURE_NAMES)]
        seen = Evidence(values, reading.scored.evidence.activity.at(near), self.settings.scores)
        return seen, task_for(reading.identity, review.task, review.overrides), np.array([time_s])


def _row_near(person: Person, time_s: float) -> int:
    after = int(np.searchsorted(person.time_s, time_s))
    near = [i for i in (after - 1, after) if 0 <= i < len(person.time_s)]
    return min(near, key=lambda i: abs(float(person.time_s[i]) - time_s))


def _with_rows(raw: Person, rows: list[int], anew: Person) -> Person:
    changed = {}
    for name in ("values", "reasons", "zones", "zone_reasons", "views"):
        column = getattr(raw, name).copy()
        column[rows] = getattr(anew, name)
        changed[name] = column
    return raw._replace(**changed)


def _without(person: Person, left_out: tuple[tuple[float, float], ...]) -> Person:
    starts = np.array([start_s for start_s, _ in left_out])
    kept = np.ones(len(person.time_s), np.bool_)
    for start_s, end_s in left_out:
        kept &= (person.time_s < start_s) | (person.time_s >= end_s)
    after = np.append(starts, np.inf)[np.searchsorted(starts, person.time_s, side="right")]
    cut = person._replace(duration_s=np.minimum(person.duration_s, after - person.time_s))
    return cut._replace(**{name: getattr(cut, name)[kept] for name in cut._fields})


def _worst_parts(person: Person, row: int) -> tuple[Scalar, ...]:
    """The parts in the worst zone of that moment."""
    zones = [ZONES[code] for code in person.zones[row]]
    worst = Zone.NOT_RECOMMENDED if Zone.NOT_RECOMMENDED in zones else Zone.CONDITIONAL
    return tuple(part for part, zone in zip(PARTS, zones, strict=True) if zone is worst)


def _moments(person: Person, scored: PersonScores, holds: tuple[HoldSummary, ...]) -> tuple[KeyMoment, ...]:
    """The worst ones and the longest hold, in the order of time."""
    if not len(person.time_s):
        return ()
    found = [KeyMoment(float(person.time_s[row]), "worst", _worst_parts(person, row)) for row in worst_rows(person)]
    if holds:
        found.append(KeyMoment(holds[0].start_s, "hold", (holds[0].part, holds[0].duration_s)))
    for one in scored.series:
        if (one.low != NOT_SCORED).any() and one.method != "owas":
            row = worst_row(person, one)
            found.append(
                KeyMoment(float(person.time_s[row]), one.method, (one.side, int(one.low[row]), int(one.high[row])))
            )
    return tuple(sorted(found, key=lambda one: one.time_s))
