"""The undo stack gives back exactly what was there, whatever was done."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from posture.ergonomics.task import Segment
from posture.gui.analyse.changes import Changes
from posture.review import Exclusion, KeypointFix, Override, as_json
from posture.review.editing import excluding, fixed, named, overridden, with_segment, without

TIMES = st.floats(0, 100)
STEPS = st.one_of(
    st.tuples(TIMES, st.sampled_from(["nose", "left_wrist"])).map(
        lambda a: lambda r: fixed(r, KeypointFix(person=1, joint=a[1], time_s=a[0], x_px=1.0, y_px=a[0]))
    ),
    st.tuples(TIMES, TIMES).map(
        lambda a: lambda r: overridden(r, Override(factor="neck_deg", value=a[1], start_s=a[0], end_s=a[0] + 1))
    ),
    TIMES.map(lambda t: lambda r: excluding(r, Exclusion(start_s=t, end_s=t + 1))),
    st.text(max_size=5).map(lambda name: lambda r: named(r, 1, name)),
    st.integers(0, 30).map(lambda n: lambda r: without(r, r.changes[n % len(r.changes)]) if r.changes else r),
)


@given(steps=st.lists(STEPS, max_size=12), again=st.booleans())
def test_undo_and_redo_are_exact(qapp, steps, again):
    changes = Changes()
    states = [changes.review]
    for step in steps:
        changes.make("step", step(changes.review), again="same" if again else "")
        if changes.review != states[-1]:
            states.append(changes.review)
    last = as_json(changes.review)
    seen = [changes.review]
    while changes.stack.canUndo():
        changes.stack.undo()
        seen.append(changes.review)
    assert seen[-1] is states[0]
    if not again:
        assert seen == states[::-1]
    while changes.stack.canRedo():
        changes.stack.redo()
    assert as_json(changes.review) == last


def test_a_change_is_stamped_to_the_minute(qapp):
    assert Changes(now=lambda: datetime(2026, 11, 28, 21, 5, 33)).stamp() == "2026-11-28T21:05"


def test_parts_are_kept_in_order(qapp):
    changes = Changes()
    for start in (20.0, 0.0):
        changes.make("part", with_segment(changes.review, Segment(name=f"{start}", start=start, end=start + 5)))
    assert [one.name for one in changes.review.task.segments] == ["0.0", "20.0"]
