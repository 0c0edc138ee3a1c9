"""Which time of day the log believes before it deletes or goes over to another month.

The clock of a machine can be wrong for one start: an empty battery, a virtual machine, a date that somebody tried. What
is deleted stays deleted, and a month that has begun is the newest until it is over. So one start decides nothing: an
entry that is at least a day older has to say so too.
"""

from posture.audit.clock import JUMP_S, Moment
from posture.audit.folder import Folder
from posture.audit.records import EntryError, decode, scan

CONFIRMED_AFTER_S = 86_400
"""How much older an entry must be to confirm what the clock shows now: longer than one start with a wrong clock."""
FAR_S = 92 * 86_400
"""Seconds by which the clock may be ahead of such an entry and still be believed. After a longer pause the log goes on
in its last month for a day, which costs nothing."""


def confirmed(folder: Folder, now: Moment) -> Moment | None:
    """The newest time that was written at least a day before `now`; None where there is none."""
    for name in reversed(folder.months()):
        latest = latest_before(folder, name, now.wall - CONFIRMED_AFTER_S)
        if latest is not None:
            return latest
    return None


def latest_before(folder: Folder, month: str, wall: int) -> Moment | None:
    """The newest time in the entries of a month that is not after `wall`; None where there is none."""
    moments = [Moment(entry["wall"], entry["mono_ns"]) for entry in _entries(folder, month) if entry["wall"] <= wall]
    return max(moments, key=lambda moment: moment.wall, default=None)


def is_believed(folder: Folder, now: Moment) -> bool:
    """Whether `now` is not too far ahead of everything that was written at least a day before it."""
    before = confirmed(folder, now)
    return before is None or now.wall - before.wall <= FAR_S


def moved_s(last: Moment | None, now: Moment) -> int:
    """Seconds by which a start finds the time of day before the last entry (negative), or far behind it; else 0."""
    moved = now.wall - last.wall if last is not None else 0
    return moved if moved < -JUMP_S or moved > FAR_S else 0


def _entries(folder: Folder, month: str) -> list[dict[str, int]]:
    try:
        return [decode(entry) for entry in scan(folder.read_log(month) or b"").entries]
    except EntryError:
        return []  # signed by this program all the same; what is no entry says nothing about time
