"""From what is known about the factors to every score that is possible: gone through one by one, never sampled.

The parts of a method share no factor (a test holds that), so the possible scores of each part are found from its own
factors alone, and then every combination of parts goes through the tables. Parts that go into two sums at once, such as
the force in RULA, are held at one value meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.worksheet import Method, Value

Scores = frozenset[int]
Known = Mapping[str, tuple[Value, ...]]
"""Possible values of each factor."""


@dataclass(frozen=True)
class Interval:
    """Lowest and highest of what is possible, both included."""

    low: int
    high: int

    @property
    def open(self) -> bool:
        """Whether more than one score is possible."""
        return self.low < self.high


@dataclass(frozen=True)
class Range:
    """All scores that are possible, and those of every part and step."""

    scores: Scores
    parts: Mapping[str, Scores]
    """By name of the part or step."""

    @property
    def interval(self) -> Interval:
        """From the lowest to the highest."""
        return Interval(min(self.scores), max(self.scores))

    def of(self, name: str) -> Interval:
        """Interval of a part or step."""
        return Interval(min(self.parts[name]), max(self.parts[name]))


def possible(method: Method, known: Known, settings: ScoreSettings) -> Range:
    """Every score of `method` that agrees with `known`. Raises KeyError where a factor is missing."""
    parts = tuple(
        _part(method, name, tuple(tuple((type(one), one) for one in known[f]) for f in rule.factors), settings)
        for name, rule in method.parts.items()
    )
    return _through_steps(method, parts, settings)


_Typed = tuple[type, Value]
"""To a cache "yes" is 1.0, unless its type stands beside it."""


@lru_cache(maxsize=65536)
def _part(method: Method, name: str, values: tuple[tuple[_Typed, ...], ...], settings: ScoreSettings) -> Scores:
    rule = method.parts[name]
    return frozenset(
        rule.score({factor: value for factor, (_, value) in zip(rule.factors, chosen, strict=True)}, settings).score
        for chosen in product(*values)
    )


@lru_cache(maxsize=65536)
def _through_steps(method: Method, parts: tuple[Scores, ...], settings: ScoreSettings) -> Range:
    of = dict(zip(method.parts, parts, strict=True))
    found: dict[str, set[int]] = {name: set(scores) for name, scores in of.items()}
    for chosen in product(*(sorted(of[name]) for name in method.shared)):
        known = of | {name: frozenset([score]) for name, score in zip(method.shared, chosen, strict=True)}
        for name, rule in method.steps.items():
            known[name] = frozenset(
                rule.make(dict(zip(rule.inputs, scores, strict=True)), settings).score
                for scores in product(*(known[one] for one in rule.inputs))
            )
            found.setdefault(name, set()).update(known[name])
    frozen = {name: frozenset(scores) for name, scores in found.items()}
    return Range(frozen[list(method.steps)[-1]], frozen)
