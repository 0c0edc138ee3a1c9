"""Weeks of somebody at a desk, for pictures of the Today page."""

import math
from datetime import date, datetime, timedelta
from datetime import time as clock

from posture.ergonomics.sitting import State
from posture.gui.history.past import Past
from posture.sinks.today import Day, Shut, Spell, Today

LOCKED, EXPIRED = 4, 24
"""Days back: one that is locked, and from where on the keys are gone."""


def past(count: int) -> Past:
    """Weeks of a person at a desk: free weekends, a locked day, and old ones whose keys are gone."""
    today = date.today()
    days = [_day(today - timedelta(days=back), back) for back in reversed(range(count))]
    return Past(tuple(days))


def _day(day: date, back: int) -> Day:
    if back >= EXPIRED:
        return Day(day, Today(), frozenset({Shut.EXPIRED}))
    if back == LOCKED:
        return Day(day, Today(), frozenset({Shut.LOCKED}))
    if back and day.weekday() >= 5:
        return Day(day, Today())
    began = datetime.combine(day, clock(9, 12)).timestamp()
    share = 0.62 + 0.012 * (24 - back) + 0.05 * math.sin(2.1 * back)
    judged_s = 12_600 + 2_400 * math.sin(1.3 * back)
    spells = (
        Spell("sitting", State.GOOD, began, 4980.0 - 420 * (back % 3)),
        Spell("posture", State.SLUMP, began + 900, 340.0),
        Spell("reminder", State.SLUMP, began + 920, 0.0), Spell("absence", State.AWAY, began + 4980, 780.0),
        Spell("posture", State.FORWARD_HEAD, began + 7200, 95.0), Spell("absence", State.AWAY, began + 9000, 400.0),
    )  # fmt: skip
    poor_s = (1 - share) * judged_s
    seconds = {
        State.GOOD: share * judged_s, State.FORWARD_HEAD: 0.6 * poor_s, State.SLUMP: 0.3 * poor_s,
        State.LEAN_LEFT: 0.1 * poor_s, State.LOOKING_DOWN: 900.0, State.AWAY: 1860.0, State.UNRELIABLE: 240.0,
        State.STANDING: 420.0,
    }  # fmt: skip
    return Day(day, Today(seconds=seconds, spells=spells))
