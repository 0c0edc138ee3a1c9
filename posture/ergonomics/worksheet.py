"""How a method is written down, and a score that unfolds to every sub-score, table and cell.

A method has *parts*, each scored from its own factors, and *steps*, which look up or add up what came before:

    factors ──► parts ──► steps ──► score
    upper_arm_deg 30        upper_arm 2 ┐
    abducted no                         ├─► table_a 3 ─► arm_wrist 4 ┐
    ...                     ...         ┘                            ├─► grand 3
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from posture.ergonomics.method_data import Cell
from posture.ergonomics.score_settings import ScoreSettings

Value = float | bool | str
"""Of a factor: an angle or a weight, yes or no, a choice."""
Values = Mapping[str, Value]


@dataclass(frozen=True)
class Term:
    """One line of a part: why, and how many points."""

    name: str
    """"band", or the factor that adds or takes a point."""
    points: int
    detail: str = ""


@dataclass(frozen=True)
class Part:
    """Score of one part."""

    name: str
    score: int
    terms: tuple[Term, ...] = ()
    limits: tuple[int, int] | None = None
    """The sum of the terms is held between these two."""


@dataclass(frozen=True)
class Step:
    """One result on the way: a cell of a table, or a sum."""

    name: str
    score: int
    inputs: tuple[tuple[str, int], ...]
    cell: Cell | None = None
    """None for a sum."""


@dataclass(frozen=True)
class PartRule:
    """How a part is scored: which factors go in, and the rule."""

    factors: tuple[str, ...]
    score: Callable[[Values, ScoreSettings], Part]


@dataclass(frozen=True)
class StepRule:
    """How a step is made from the scores before it."""

    inputs: tuple[str, ...]
    make: Callable[[Mapping[str, int], ScoreSettings], Step]


@dataclass(frozen=True, eq=False)
class Method:
    """One method, whole."""

    name: str
    parts: Mapping[str, PartRule]
    steps: Mapping[str, StepRule]
    """In order; the last one is the score."""
    shared: tuple[str, ...] = ()
    """Parts that go into more than one step."""
    ordered: bool = True
    """Whether more points in a part never lower the score; the codes of OWAS are no amounts."""

    @property
    def factors(self) -> tuple[str, ...]:
        """All factors, each once."""
        return tuple(dict.fromkeys(name for rule in self.parts.values() for name in rule.factors))


@dataclass(frozen=True)
class Worksheet:
    """A score with everything that led to it."""

    method: str
    score: int
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]

    def __getitem__(self, name: str) -> int:
        """Score of a part or step."""
        scores = {part.name: part.score for part in self.parts} | {step.name: step.score for step in self.steps}
        return scores[name]


def fill_in(method: Method, values: Values, settings: ScoreSettings) -> Worksheet:
    """The worksheet for one value of every factor. Raises KeyError where one is missing."""
    parts = tuple(rule.score(values, settings) for rule in method.parts.values())
    steps = steps_from(method, {part.name: part.score for part in parts}, settings)
    return Worksheet(method.name, steps[-1].score, parts, steps)


def steps_from(method: Method, parts: Mapping[str, int], settings: ScoreSettings) -> tuple[Step, ...]:
    """All steps from the scores of the parts, for those who scored the parts themselves."""
    known = dict(parts)
    steps = []
    for name, rule in method.steps.items():
        step = rule.make(known, settings)
        known[name] = step.score
        steps.append(step)
    return tuple(steps)


def summed(name: str, inputs: tuple[str, ...]) -> StepRule:
    """A step that adds up."""

    def make(known: Mapping[str, int], _: ScoreSettings) -> Step:
        return Step(name, sum(known[one] for one in inputs), tuple((one, known[one]) for one in inputs))

    return StepRule(inputs, make)


def tabled(name: str, inputs: tuple[str, ...], cell: Callable[[Mapping[str, int], ScoreSettings], Cell]) -> StepRule:
    """A step that looks up a cell."""

    def make(known: Mapping[str, int], settings: ScoreSettings) -> Step:
        found = cell({one: known[one] for one in inputs}, settings)
        return Step(name, found.value, tuple((one, known[one]) for one in inputs), found)

    return StepRule(inputs, make)


def part(name: str, terms: list[Term], limits: tuple[int, int] | None = None) -> Part:
    """A part from its terms; those without points are left out, except the first."""
    told = (terms[0], *(term for term in terms[1:] if term.points))
    score = sum(term.points for term in terms)
    if limits is not None:
        score = min(max(score, limits[0]), limits[1])
    return Part(name, score, told, limits)
