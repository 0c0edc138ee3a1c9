"""What is remembered of one minute: what lasted, which is little, and the measurements. `archive.py` encrypts both.

The measurements are float32, little endian, rows of `COLUMNS`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, Measurements
from posture.ergonomics.sitting import Doubt, Judgement, State
from posture.errors import Damaged
from posture.sinks.today import Spell, Today, since

SAMPLE_S = 2.0
"""Between two samples of the measurements: posture moves slowly, and a minute takes 2.5 KB."""
COLUMNS = ("second", *MEASURE_NAMES)
"""Of a row of the samples: seconds since the minute began, then the vocabulary; NaN is not visible."""

_Key = TypeVar("_Key")
_NOTHING: NDArray[np.float64] = np.full(len(MEASURE_NAMES), np.nan)


class Account(msgspec.Struct, frozen=True, array_like=True):
    """What lasted. Moments are seconds since 1970 (UTC), lengths are seconds of the stream's clock."""

    session: float
    """When monitoring began; it and the number of a spell tell it from every other."""
    began: float
    seconds: dict[State, float]
    doubts: dict[Doubt, float]
    spells: dict[int, Spell]
    """By number, as far as they are known by now; the account of a later minute knows more of the same one."""
    purpose: str = ""
    """What for: `privacy.purpose` of the settings then."""

    def encoded(self) -> bytes:
        """MessagePack."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decoded(cls, content: bytes) -> "Account":
        """Raises Damaged."""
        try:
            return msgspec.msgpack.decode(content, type=cls)
        except msgspec.MsgspecError as exc:
            raise Damaged("a minute of the history is not what this program writes") from exc


def summed(accounts: Iterable[Account], midnight: float) -> Today:
    """One day in numbers: what its minutes say together, in whatever order.

    A minute belongs to the day in which it began; a spell that began before `midnight` is cut there.
    """
    seconds: dict[State, float] = {}
    doubts: dict[Doubt, float] = {}
    spells: dict[tuple[float, int], Spell] = {}
    for account in accounts:
        for state, lasted_s in account.seconds.items():
            _add(seconds, state, lasted_s)
        for doubt, lasted_s in account.doubts.items():
            _add(doubts, doubt, lasted_s)
        for number, spell in account.spells.items():
            before = spells.get((account.session, number), spell)
            spells[account.session, number] = max(before, spell, key=lambda one: one.seconds)
    return Today(seconds, doubts, since(spells.values(), midnight))


def _add(total: dict[_Key, float], key: _Key, seconds: float) -> None:
    total[key] = total.get(key, 0.0) + seconds


@dataclass(slots=True)
class Minute:
    """One that is being lived. `began_t` is of the clock of the stream."""

    session: float
    began_t: float
    began: float
    purpose: str = ""
    seconds: dict[State, float] = field(default_factory=dict)
    doubts: dict[Doubt, float] = field(default_factory=dict)
    over: dict[int, Spell] = field(default_factory=dict)
    """Spells that ended in it, by number."""
    rows: list[NDArray[np.float64]] = field(default_factory=list)
    sampled_t: float = -math.inf

    def lasted(self, judgement: Judgement, seconds: float) -> None:
        """`judgement` held for so long."""
        if seconds > 0:
            _add(self.seconds, judgement.state, seconds)
            if judgement.doubt is not Doubt.NONE:
                _add(self.doubts, judgement.doubt, seconds)

    def sample(self, t: float, measurements: Measurements | None) -> None:
        """Keep the measurements if a sample is due."""
        if t - self.sampled_t < SAMPLE_S - 1e-6:
            return
        self.sampled_t = t
        values = _NOTHING if measurements is None else measurements.values
        self.rows.append(np.concatenate([[t - self.began_t], values]))

    def account(self, still: dict[int, Spell]) -> Account:
        """As it is by now; `still` are the spells that go on."""
        spells = {**self.over, **still}
        return Account(self.session, self.began, dict(self.seconds), dict(self.doubts), spells, self.purpose)

    @property
    def samples(self) -> bytes:
        """See the head of this file."""
        return np.array(self.rows, "<f4").tobytes()
