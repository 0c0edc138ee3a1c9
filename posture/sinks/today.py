"""One day in numbers: how long each state lasted, the longest time sat through, and a score with a plain formula."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from posture.ergonomics.sitting import POOR, Doubt, State

ENOUGH_S = 300.0
"""Judged seconds below which there is no score: five minutes say nothing about a day."""
BREAK_S = 300.0
"""An absence counts as a break from here on: 5 to 10 minutes after 50 to 60 is the advice of the UK HSE (L26)."""


@dataclass(frozen=True, slots=True)
class Spell:
    """Something that lasted."""

    kind: str
    """"posture": a poor one; "sitting": a time sat through; "absence": away or standing; "reminder": no length."""
    state: State
    began: float
    """Seconds since 1970, UTC."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Today:
    """What is known of one day. Seconds throughout."""

    seconds: Mapping[State, float] = field(default_factory=dict)
    """How long each state lasted; states that did not occur are not in it."""
    doubts: Mapping[Doubt, float] = field(default_factory=dict)
    """The part that could not be judged, by its reason."""
    spells: tuple[Spell, ...] = ()
    """In the order in which they began."""

    @property
    def good_s(self) -> float:
        """Sat well."""
        return self.seconds.get(State.GOOD, 0.0)

    @property
    def poor_s(self) -> float:
        """Sat poorly."""
        return math.fsum(self.seconds.get(state, 0.0) for state in POOR)

    @property
    def judged_s(self) -> float:
        """What the score rests on."""
        return self.good_s + self.poor_s

    @property
    def sat_s(self) -> float:
        """At the desk: everything but standing and away."""
        absent = self.seconds.get(State.AWAY, 0.0) + self.seconds.get(State.STANDING, 0.0)
        return math.fsum(self.seconds.values()) - absent

    @property
    def excluded_s(self) -> float:
        """The rest of the time: looking down, turned away, standing, away, and what could not be judged."""
        return math.fsum(self.seconds.values()) - self.judged_s

    @property
    def score(self) -> float | None:
        """100 x good / (good + poor), 0 to 100; None where less than `ENOUGH_S` was judged."""
        return None if self.judged_s < ENOUGH_S else 100 * self.good_s / self.judged_s

    @property
    def longest_sitting_s(self) -> float:
        """The longest time sat through without a minute's absence."""
        return max((spell.seconds for spell in self.spells if spell.kind == "sitting"), default=0.0)

    @property
    def breaks(self) -> int:
        """Absences that were long enough to be a break."""
        return sum(spell.kind == "absence" and spell.seconds >= BREAK_S for spell in self.spells)

    @property
    def reminders(self) -> int:
        """How often the person was reminded."""
        return sum(spell.kind == "reminder" for spell in self.spells)


class Shut(StrEnum):
    """Why a part of a day cannot be read."""

    LOCKED = "locked"
    EXPIRED = "expired"
    """Its key was deleted: nobody can read it any more."""
    DAMAGED = "damaged"
    """Altered, or written by a newer version."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the history."""

    day: date
    known: Today
    """What could be read of it."""
    shut: frozenset[Shut] = frozenset()
    """Why there may be more."""


def since(spells: Iterable[Spell], midnight: float) -> tuple[Spell, ...]:
    """The spells after `midnight` (seconds since 1970) in their order, those that began before it cut there."""
    kept = []
    for spell in spells:
        before = max(midnight - spell.began, 0.0)
        if before == 0.0:
            kept.append(spell)
        elif before < spell.seconds:
            kept.append(Spell(spell.kind, spell.state, midnight, spell.seconds - before))
    return tuple(sorted(kept, key=lambda spell: spell.began))
