"""From one judgement after the other to what lasted: poor postures, time sat through, absences."""

import itertools
from dataclasses import dataclass

from posture.ergonomics.sitting import POOR, State
from posture.sinks.today import Spell

ABSENT: frozenset[State] = frozenset({State.AWAY, State.STANDING})
GAP_S = 60.0
"""A time sat through ends when nobody was seen sitting for so long; a doubt or a shorter absence is part of it."""


@dataclass(slots=True)
class Open:
    """A spell that may go on. `number` tells it from every other of the same `Spells`."""

    kind: str
    state: State
    began: float
    began_t: float
    last_t: float
    number: int

    @property
    def spell(self) -> Spell:
        """As far as it is known."""
        return Spell(self.kind, self.state, self.began, self.last_t - self.began_t)


class Spells:
    """Takes what held from one moment to the next. `t` are seconds of the stream, `began` is the wall clock's."""

    def __init__(self) -> None:
        self.open: dict[str, Open] = {}
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """One that no spell has yet."""
        return next(self._numbers)

    @property
    def going_on(self) -> dict[int, Spell]:
        """What is open, by number, as far as it is known."""
        return {one.number: one.spell for one in self.open.values()}

    def add(self, state: State, start_t: float, end_t: float, began: float) -> dict[int, Spell]:
        """`state` held from `start_t` to `end_t` and began at `began`; the spells that are over by now, by number."""
        over: dict[int, Spell] = {}
        kinds = {
            "posture": state if state in POOR else None,
            "absence": state if state in ABSENT else None,
            "sitting": None if state in ABSENT or state is State.UNRELIABLE else state,
        }
        for kind, now in kinds.items():
            over |= self._step(kind, now, start_t, end_t, began)
        return over

    def end(self) -> dict[int, Spell]:
        """Nothing is known from now on: all that is open is over."""
        over, self.open = self.going_on, {}
        return over

    def _step(self, kind: str, now: State | None, start_t: float, end_t: float, began: float) -> dict[int, Spell]:
        running = self.open.get(kind)
        tolerated_s = GAP_S if kind == "sitting" else 0.0
        over = {}
        if running is not None:
            ended = end_t - running.last_t >= tolerated_s if now is None else start_t - running.last_t > tolerated_s
            changed = kind == "posture" and now is not running.state
            if ended or changed:
                over[running.number] = self.open.pop(kind).spell
                running = None
        if now is not None:
            if running is None:
                running = self.open[kind] = Open(kind, now, began, start_t, end_t, self.number())
            running.last_t = end_t
        return over
