"""Changes of a review, each a new review: what stood there before is still there."""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from posture.ergonomics.task import Segment, Task
from posture.review.changes import Change, Exclusion, KeypointFix, Override, Review, check_review

One = TypeVar("One", bound=Change)
_SAME_TIME_S = 1e-6


def fixed(review: Review, fix: KeypointFix) -> Review:
    """With one more correction of a keypoint, in place of an earlier one at the same moment."""
    kept = [one for one in review.keypoints if not _same(one, fix)]
    return replace(review, keypoints=(*kept, fix))


def _same(one: KeypointFix, other: KeypointFix) -> bool:
    return (one.person, one.joint) == (other.person, other.joint) and abs(one.time_s - other.time_s) <= _SAME_TIME_S


def overridden(review: Review, override: Override) -> Review:
    """With one more factor said by the reviewer, in place of an earlier one for the same time. Raises ValueError."""
    same = ("factor", "person", "side", "start_s", "end_s")
    kept = [one for one in review.overrides if any(getattr(one, n) != getattr(override, n) for n in same)]
    return check_review(replace(review, overrides=(*kept, override)))


def excluding(review: Review, exclusion: Exclusion) -> Review:
    """With one more stretch of time that does not count. Raises ValueError."""
    return check_review(replace(review, excluded=(*review.excluded, exclusion)))


def without(review: Review, change: Change) -> Review:
    """Without that change."""
    return replace(
        review,
        keypoints=_but(review.keypoints, change),
        overrides=_but(review.overrides, change),
        excluded=_but(review.excluded, change),
    )


def _but(changes: Iterable[One], left_out: Change) -> tuple[One, ...]:
    return tuple(one for one in changes if one is not left_out)


def named(review: Review, person: int, name: str) -> Review:
    """With a name for a person; an empty one takes it away."""
    names = {number: known for number, known in review.names.items() if number != person}
    return replace(review, names=names | ({person: name} if name else {}))


def with_task(review: Review, task: Task) -> Review:
    """With another task. Raises ValueError where its parts do not fit together."""
    return check_review(replace(review, task=task))


def with_segment(review: Review, segment: Segment) -> Review:
    """With one more segment of the task. Raises ValueError, for instance where it overlaps another one."""
    segments = sorted((*review.task.segments, segment), key=lambda one: one.start_s)
    return with_task(review, replace(review.task, segments=tuple(segments)))
