"""Everything observed in one source, kept small: the only thing that grows with the length of a video.

Resolution is fixed when a value is appended, so that the summary, the CSV and a recomputation from the CSV agree to
the last digit: 1 microsecond, 0.01 degree, 0.0001 (ratios and probabilities), 0.1 pixel.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_INDEX, MEASURE_NAMES, PARTS, Observation, Reason, Subject, View, Zone
from posture.ergonomics.support import says_support, with_support
from posture.ergonomics.task import Task
from posture.reports.packed import Packed
from posture.skeleton import BLAZEPOSE_33

DEGREE_STEP, RATIO_STEP, PIXEL_STEP, TIME_STEP = 0.01, 0.0001, 0.1, 1e-6
REASONS: tuple[Reason, ...] = tuple(Reason)
ZONES: tuple[Zone, ...] = tuple(Zone)
VIEWS: tuple[View, ...] = tuple(View)
"""`REASONS[code]`, `ZONES[code]`, `VIEWS[code]`: what the stored codes mean."""

GAP_S = 1.0
"""A row stands for the time until the next frame, but never for longer than this or, where frames come more slowly
than that, than twice their median distance: over a longer gap nothing is known."""

Spans = Sequence[tuple[float, float]]
TaskOf = Callable[[int], Task]
"""What was said about a person, by identity."""

_REASON_CODE = {reason: float(code) for code, reason in enumerate(REASONS)}
_ZONE_CODE = {zone: float(code) for code, zone in enumerate(ZONES)}
_VIEW_CODE = {view: float(code) for code, view in enumerate(VIEWS)}
_MEASURE_STEPS = [DEGREE_STEP if name.endswith("_deg") else RATIO_STEP for name in MEASURE_NAMES]
_EXTRA = ("facing_deg", "pose_score_ratio", "visibility_ratio")
_VALUE_INDEX = MEASURE_INDEX | {name: len(MEASURE_NAMES) + i for i, name in enumerate(_EXTRA)}
_M, _P, _K = len(MEASURE_NAMES), len(PARTS), len(BLAZEPOSE_33)


class Row(NamedTuple):
    """One person in one frame, or one frame with nobody (`person` 0, no values and codes)."""

    time_s: float
    duration_s: float
    """Seconds that this row stands for, see `GAP_S`."""
    frame_index: int
    corrupt: bool
    others: int
    person: int
    view: str
    values: list[float]
    """`MEASURE_NAMES`, then facing_deg, pose_score_ratio and visibility_ratio (mean over the keypoints); NaN where not
    measurable."""
    reasons: list[Reason]
    """One for each of `MEASURE_NAMES`."""
    zones: list[Zone]
    zone_reasons: list[Reason]
    keypoints: list[float] | None
    """x, y in pixels and visibility of each keypoint in turn (empty: nobody); None unless asked for."""
    scores: Sequence[int] = ()
    """Lowest and highest possible score of each method and side, 0 for none; empty where nothing was scored."""


class Presence(NamedTuple):
    """When a person was seen: first and last time, and for how many seconds in all."""

    first_s: float
    last_s: float
    seconds: float


class Person(NamedTuple):
    """All rows of one person as columns; N rows in time order."""

    rows: NDArray[np.int64]
    """[N] row number among all person rows of the table."""
    frames: NDArray[np.int64]
    """[N] row number among the frames of the table."""
    time_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    values: NDArray[np.float64]
    """[N, M + 3], see `Row.values`."""
    reasons: NDArray[np.int16]
    """[N, M] codes of `REASONS`."""
    zones: NDArray[np.int16]
    """[N, P] codes of `ZONES`."""
    zone_reasons: NDArray[np.int16]
    """[N, P] codes of `REASONS`."""
    views: NDArray[np.int16]
    """[N] codes of `VIEWS`."""

    def value(self, name: str) -> NDArray[np.float64]:
        """[N] one measurement, facing_deg, pose_score_ratio or visibility_ratio."""
        return self.values[:, _VALUE_INDEX[name]]


class Table:
    """Observations of one source in stream order."""

    def __init__(self, *, keypoints: bool = False, left_out: Spans = (), said: TaskOf | None = None) -> None:
        """`keypoints`: whether `rows` gives the keypoints too (they are kept for the key frames in any case).

        `left_out`: stretches of time (from, to; rising) that do not count and that no frame is appended from.
        `said`: what a person said of each identity; the zones are those with its support. None: nothing.
        """
        self._left_out, self._said = left_out, said
        self._supports: dict[int, Task | None] = {}
        self._with_keypoints = keypoints
        self._frames = Packed([TIME_STEP, 1, 1, 1, 1], np.int64)  # time, index, corrupt, others, people
        self._subjects = Packed([1, 1], np.int64)  # frame row, person
        self._values = Packed([*_MEASURE_STEPS, DEGREE_STEP, RATIO_STEP, RATIO_STEP])
        self._codes = Packed([1] * (_M + 2 * _P + 1), np.int16)  # reasons, zones, reasons of zones, view
        self._keypoints = Packed([PIXEL_STEP, PIXEL_STEP, RATIO_STEP] * _K)

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def person_rows(self) -> int:
        """Rows of all people together."""
        return len(self._subjects)

    @property
    def packed_bytes(self) -> int:
        """Memory that the compressed rows take."""
        stores = (self._frames, self._subjects, self._values, self._codes, self._keypoints)
        return sum(store.packed_bytes for store in stores)

    def append(self, observation: Observation) -> None:
        """Add one frame. Times must not go back (they are strictly increasing in every source)."""
        people = observation.people
        frame = len(self._frames)
        self._frames.append(
            [observation.time_s, observation.index, observation.corrupt, observation.others, len(people)]
        )
        for subject in sorted(people, key=lambda subject: subject.pose.person):
            self._append_subject(frame, observation.time_s, subject)

    def _append_subject(self, frame: int, time_s: float, subject: Subject) -> None:
        pose, measured, judged = subject.pose, subject.measurements, subject.assessment
        self._subjects.append([frame, pose.person])
        quality = [measured.facing_deg, pose.score, float(np.mean(pose.visibility))]
        self._values.append(np.concatenate([measured.values, quality]))
        codes = [_REASON_CODE[reason] for reason in measured.reasons]
        codes += self._zones(time_s, subject)
        codes += [_REASON_CODE[reason] for reason in judged.reasons]
        self._codes.append([*codes, _VIEW_CODE[measured.view]])
        self._keypoints.append(np.column_stack([pose.points_px[:, :2], pose.visibility]).ravel())

    def _zones(self, time_s: float, subject: Subject) -> list[float]:
        zones = [_ZONE_CODE[zone] for zone in subject.assessment.zones]
        task = self._supporting(subject.pose.person)
        if task is None:
            return zones
        values = subject.measurements.values[None]
        return [float(z) for z in with_support(np.array([time_s]), values, np.array([zones], np.int16), task)[0]]

    def _supporting(self, person: int) -> Task | None:
        """What was said of a person, if it is about support."""
        if self._said is not None and person not in self._supports:
            task = self._said(person)
            self._supports[person] = task if says_support(task) else None
        return self._supports.get(person)

    @property
    def people(self) -> dict[int, Presence]:
        """Identities in rising order and when each was seen."""
        subjects, times, durations = self._subjects.read_whole(), self.time_s, self.duration_s
        identities, which = np.unique(subjects[:, 1], return_inverse=True)
        seconds = np.bincount(which, durations[subjects[:, 0]], len(identities)).round(6)
        first = np.full(len(identities), np.inf)
        last = np.full(len(identities), -np.inf)
        np.minimum.at(first, which, times[subjects[:, 0]])
        np.maximum.at(last, which, times[subjects[:, 0]])
        columns = (identities.tolist(), first.tolist(), last.tolist(), seconds.tolist())
        return {person: Presence(*span) for person, *span in zip(*columns, strict=True)}

    @property
    def time_s(self) -> NDArray[np.float64]:
        """[F] time of each frame in seconds."""
        return self._frames.column(0)

    @property
    def duration_s(self) -> NDArray[np.float64]:
        """[F] seconds that each frame stands for, see `GAP_S`; the last as many as the median. A single frame: 0."""
        return _durations(self._frames.read_whole()[:, 0], self._left_out)

    @property
    def frames(self) -> NDArray[np.int64]:
        """[F, 4] of each frame: index, whether corrupt, others seen, people in view."""
        return self._frames.read_whole()[:, 1:]

    def person(self, identity: int | None) -> Person:
        """The columns of one person; None: of everyone, in the order of `rows`."""
        subjects = self._subjects.read_whole()
        rows = np.flatnonzero(subjects[:, 1] == identity) if identity is not None else np.arange(len(subjects))
        frames = subjects[rows, 0]
        codes = self._codes.some_whole(rows)
        reasons, zones, zone_reasons = np.split(codes[:, :-1], [_M, _M + _P], axis=1)
        time_s, duration_s = self.time_s[frames], self.duration_s[frames]
        values = self._values.some(rows)
        return Person(rows, frames, time_s, duration_s, values, reasons, zones, zone_reasons, codes[:, -1])

    def keypoints(self, row: int) -> NDArray[np.float64]:
        """[K, 3] x, y in pixels and visibility of one person row."""
        return self._keypoints.row(row).reshape(-1, 3)

    def rows(self, scores: NDArray[np.int8] | None = None) -> Iterator[Row]:
        """All rows in the order of time, then person; only one chunk of people is unpacked at a time.

        `scores`: [person rows, S] what each row was scored with (`scores.COLUMNS`).
        """
        subjects = self._subject_rows(scores)
        for (time_us, index, corrupt, others, people), seconds in zip(self._frame_rows(), self.duration_s, strict=True):
            frame = (time_us / 1e6, float(seconds), index, bool(corrupt), others)
            if not people:
                yield Row(*frame, 0, "", [], [], [], [], [] if self._with_keypoints else None)
            for _ in range(people):
                yield Row(*frame, *next(subjects))

    def _frame_rows(self) -> Iterator[list[int]]:
        for chunk in range(self._frames.chunk_count):
            yield from self._frames.whole(chunk).tolist()

    def _subject_rows(self, scores: NDArray[np.int8] | None) -> Iterator[tuple[Any, ...]]:
        done = 0
        for chunk in range(self._subjects.chunk_count):
            people = self._subjects.whole(chunk)[:, 1].tolist()
            codes = self._codes.whole(chunk).tolist()
            values = self._values.chunk(chunk).tolist()
            points = self._keypoints.chunk(chunk).tolist() if self._with_keypoints else [None] * len(people)
            scored = [[]] * len(people) if scores is None else scores[done : done + len(people)].tolist()
            done += len(people)
            for person, code, value, keypoints, own in zip(people, codes, values, points, scored, strict=True):
                reasons = [REASONS[c] for c in code[:_M]]
                zones = [ZONES[c] for c in code[_M : _M + _P]]
                zone_reasons = [REASONS[c] for c in code[_M + _P : -1]]
                yield person, VIEWS[code[-1]].value, value, reasons, zones, zone_reasons, keypoints, own


def _durations(time_us: NDArray[np.int64], left_out: Spans) -> NDArray[np.float64]:
    """[F] seconds that each frame stands for, whole microseconds; never into what is left out."""
    if len(time_us) < 2:
        return np.zeros(len(time_us))
    steps = np.diff(time_us)
    starts = np.ceil(np.array([start_s for start_s, _ in left_out], np.float64) / TIME_STEP)
    after = np.searchsorted(starts, time_us, side="right")  # of each frame, what is left out next
    whole = after[1:] == after[:-1]
    typical = int(np.median(steps[whole] if whole.any() else np.minimum(steps, round(GAP_S / TIME_STEP))))
    longest = max(round(GAP_S / TIME_STEP), 2 * typical)
    microseconds = np.minimum(np.append(steps, typical), longest)
    return np.asarray(np.minimum(microseconds, np.append(starts, np.inf)[after] - time_us) / 1e6)
