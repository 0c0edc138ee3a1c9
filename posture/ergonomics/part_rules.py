"""How RULA and REBA score a part and look up a table: what both have in common, with the numbers of each method's file.

A part that rests on an angle has the points of the band that it lies in, and a point more or less for each yes.
"""

from collections.abc import Callable, Mapping

from posture.ergonomics.method_data import Cell, look_up, method_data, scale
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.worksheet import Part, PartRule, StepRule, Term, Values, part, tabled


def angled(
    method: str, name: str, points: Mapping[str, int], once: Callable[[ScoreSettings], bool] = lambda _: False
) -> PartRule:
    """The rule of a part that is scored from the angle `name` + "_deg", and from yes or no on the factors of `points`.

    `once`: whether, of these, only the first that applies counts.
    """

    def score(values: Values, settings: ScoreSettings) -> Part:
        return angled_part(method, name, values, settings, _yeses(values, points, at_most_one=once(settings)))

    return PartRule((f"{name}_deg", *points), score)


def angled_part(
    method: str, name: str, values: Values, settings: ScoreSettings, more: list[Term], first: Term | None = None
) -> Part:
    """The part: the band, or `first` in its place, and `more`, held within the limits of the part."""
    band = first or band_of(method, name, float(values[f"{name}_deg"]), settings)
    return part(name, [band, *more], method_data(method).clamps[name])


def band_of(method: str, name: str, angle_deg: float, settings: ScoreSettings) -> Term:
    """The points of an angle, with the edges of its band."""
    bands = scale(method, name, settings)
    at = bands.band(angle_deg)
    low = f"{bands.bounds[at - 1]:g}°" if at else ""
    high = f"{bands.bounds[at]:g}°" if at < len(bands.bounds) else ""
    detail = f"{low} to {high}" if low and high else f"above {low}" if low else f"below {high}"
    return Term("band", bands.scores[at], detail)


def flag(name: str, values: Values, points: int = 1) -> Term:
    """Points for a yes."""
    return Term(name, points if values[name] else 0)


def _yeses(values: Values, points: Mapping[str, int], *, at_most_one: bool) -> list[Term]:
    terms = [flag(name, values, many) for name, many in points.items()]
    if not at_most_one:
        return terms
    counts = next((i for i, term in enumerate(terms) if term.points), None)
    return [term if i == counts else Term(term.name, 0) for i, term in enumerate(terms)]


def cell_of(method: str, table: str, step: str = "") -> StepRule:
    """The step that looks up `table`, by its own name unless the step has another."""

    def cell(position: Mapping[str, int], _: ScoreSettings) -> Cell:
        return look_up(method, table, position)

    return tabled(step or table, method_data(method).tables[table].axes, cell)
