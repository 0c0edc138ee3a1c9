"""Applies a review to what was measured. Pure: nothing but the arguments goes in.

A correction holds for `reach_s` before and after its moment. Between two corrections of the same keypoint that are at
most `JOIN_S` apart the point moves from one to the other in a straight line, as in every program for annotation.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import msgspec
import numpy as np

from posture.data import Array, Measurements, Observation, Pose, Subject, frozen
from posture.ergonomics.factors import SIDE_FACTORS
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.task import Segment, SideFactors, Task
from posture.review.changes import KeypointFix, Override, Review, factor_value
from posture.skeleton import BLAZEPOSE_33

JOIN_S = 2.0
"""Between corrections that are further apart nothing is known of the way from one to the other."""
_SAME_TIME_S = 1e-6

Measure = Callable[[Pose], Measurements]
Place = tuple[float, float] | None
"""x and y in pixels; None: cannot be seen."""


class Applied:
    """A review, ready to be applied to observations in any order."""

    def __init__(self, review: Review, measure: Measure) -> None:
        """`measure` is that of the analysis, for its picture and camera."""
        self._measure = measure
        self._left_out = review.left_out
        self._fixes: dict[int, dict[int, list[KeypointFix]]] = {}
        for fix in sorted(review.keypoints, key=lambda one: one.time_s):
            of_person = self._fixes.setdefault(fix.person, {})
            of_person.setdefault(BLAZEPOSE_33.index[fix.joint], []).append(fix)

    def __call__(self, observation: Observation) -> Observation | None:
        """The observation with corrections; None where it does not count."""
        time_s = observation.time_s
        if any(start_s <= time_s < end_s for start_s, end_s in self._left_out):
            return None
        people = tuple(self.subject(one, time_s) for one in observation.people)
        if all(new is old for new, old in zip(people, observation.people, strict=True)):
            return observation
        return replace(observation, people=people)

    def subject(self, subject: Subject, time_s: float) -> Subject:
        """One person at one moment: measured and judged anew where a keypoint was corrected, else the very same."""
        places = self.places(subject.pose.person, time_s)
        if not places or subject.pose.skeleton != BLAZEPOSE_33.name:
            return subject
        pose = moved(subject.pose, places)
        measured = self._measure(pose)
        return Subject(pose, measured, assess(measured))

    def places(self, person: int, time_s: float) -> dict[int, Place]:
        """Where the corrected keypoints of a person are at that moment, by number of the keypoint."""
        found = {}
        for joint, fixes in self._fixes.get(person, {}).items():
            held = _held(fixes, time_s)
            if held is not _NOWHERE:
                found[joint] = held
        return found  # type: ignore[return-value]  # the mark for "nothing said" is never among them

    def corrected(self, person: int, times_s: Array) -> list[int]:
        """Numbers of the moments (rising seconds) at which a keypoint of `person` is not where it was measured."""
        near: set[int] = set()
        for fixes in self._fixes.get(person, {}).values():
            spans = [(fix.time_s - fix.reach_s, fix.time_s + fix.reach_s) for fix in fixes]
            spans += [(a.time_s, b.time_s) for a, b in pairwise(fixes) if b.time_s - a.time_s <= JOIN_S]
            for start_s, end_s in spans:
                first, last = np.searchsorted(times_s, [start_s - _SAME_TIME_S, end_s + _SAME_TIME_S])
                near.update(range(int(first), int(last)))
        return sorted(near)


_NOWHERE = object()


def _held(fixes: Sequence[KeypointFix], time_s: float) -> object:
    """Where a keypoint is by its corrections, in order of time; `_NOWHERE` where none reaches so far."""
    after = bisect_right(fixes, time_s + _SAME_TIME_S, key=lambda fix: fix.time_s)
    before = fixes[after - 1] if after else None
    later = fixes[after] if after < len(fixes) else None
    if before is not None and later is not None and before.seen and later.seen:
        apart_s = later.time_s - before.time_s
        if apart_s <= JOIN_S:
            return _between(before, later, min(max((time_s - before.time_s) / apart_s, 0.0), 1.0))
    near = [fix for fix in (before, later) if fix and abs(fix.time_s - time_s) <= fix.reach_s + _SAME_TIME_S]
    if not near:
        return _NOWHERE
    return _place(min(near, key=lambda fix: abs(fix.time_s - time_s)))


def _place(fix: KeypointFix) -> Place:
    return None if fix.x_px is None or fix.y_px is None else (fix.x_px, fix.y_px)


def _between(first: KeypointFix, last: KeypointFix, share: float) -> Place:
    a, b = _place(first), _place(last)
    assert a is not None  # both say where the point is
    assert b is not None
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def moved(pose: Pose, places: Mapping[int, Place]) -> Pose:
    """The pose with some keypoints elsewhere. What a person says is certain: such a point is seen, or is not seen.

    In space a point is moved by as much, in the scale of the body; its depth stays what the model took it for, because
    nobody sees depth in a picture.
    """
    points, world = pose.points_px.copy(), pose.world_m.copy()
    visibility, presence = pose.visibility.copy(), pose.presence.copy()
    scale = _metres_per_pixel(pose)
    for joint, place in places.items():
        visibility[joint] = presence[joint] = 0.0 if place is None else 1.0
        if place is not None:
            world[joint, :2] += (np.array(place) - points[joint, :2]) * scale
            points[joint, :2] = place
    return replace(
        pose, points_px=frozen(points), world_m=frozen(world), visibility=frozen(visibility), presence=frozen(presence)
    )


def _metres_per_pixel(pose: Pose) -> float:
    """From all bones together, so that one bad point does not decide."""
    ends = np.array([(BLAZEPOSE_33.index[a], BLAZEPOSE_33.index[b]) for a, b in BLAZEPOSE_33.bones])
    pixels = np.linalg.norm(np.diff(pose.points_px[ends, :2], axis=1), axis=2)
    metres = np.linalg.norm(np.diff(pose.world_m[ends, :2], axis=1), axis=2)
    return float(np.nansum(metres) / max(float(np.nansum(pixels)), 1e-9))


def task_for(person: int, task: Task, overrides: Iterable[Override]) -> Task:
    """What holds for `person`: the task, and above it whatever was overridden, in segments without overlap.

    The segments are pieces for scoring, without the names of the task's own; those stay in `task`.
    """
    mine = [one for one in overrides if one.person in (0, person)]
    if not mine:
        return task
    edges = sorted(
        {edge for one in mine for edge in (one.start_s, one.end_s)}
        | {edge for one in task.segments for edge in (one.start_s, one.end_s)}
    )
    pieces = []
    for number, (start_s, end_s) in enumerate(pairwise(edges)):
        segment = next((one for one in task.segments if one.start_s <= start_s < one.end_s), None)
        active = [one for one in mine if one.start_s <= start_s < one.end_s]
        if segment is not None or active:
            pieces.append(_piece(f"{number + 1}", start_s, end_s, segment, active))
    return msgspec.structs.replace(task, segments=tuple(pieces))


def _piece(name: str, start_s: float, end_s: float, segment: Segment | None, active: Iterable[Override]) -> Segment:
    piece = msgspec.structs.replace(segment or Segment(name=name, start=0, end=0), name=name, start=start_s, end=end_s)
    for one in active:
        said = {one.factor: factor_value(one.factor, one.value)}
        if one.factor in SIDE_FACTORS:
            sides = (one.side,) if one.side else ("left", "right")
            said = {side: _with(getattr(piece, side), said) for side in sides}  # type: ignore[misc]
        piece = msgspec.structs.replace(piece, **said)
    return piece


def _with(side: SideFactors, said: Mapping[str, object]) -> SideFactors:
    return msgspec.structs.replace(side, **said)
