"""The tables of the scores as rows of a spreadsheet, and the formulas that look into them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import msgspec
from xlsxwriter.utility import xl_rowcol_to_cell

from posture.ergonomics.method_data import method_data
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.scoring import METHODS
from posture.ergonomics.worksheet import StepRule
from posture.reports import score_words as sw
from posture.reports.language import say
from posture.reports.schema import Summary
from posture.reports.score_schema import StepShown

SHEET = "Tables"


@dataclass(frozen=True)
class Place:
    """Where a table stands: one row for each position on all axes but the last, which runs across."""

    axes: tuple[tuple[str, int], ...]
    """Name and length."""
    cells: str
    """As a formula writes it."""


Looked = Mapping[tuple[str, str], Place]
"""By method and step."""


@dataclass(frozen=True)
class Tables:
    """What the sheet holds."""

    rows: tuple[tuple[object, ...], ...]
    looked: Looked


def tables_of(summary: Summary) -> Tables:
    """Every table of the methods in the report, with the variants that the settings chose."""
    chosen = {
        key.removeprefix("scores."): value for key, value in summary.settings.items() if key.startswith("scores.")
    }
    settings = msgspec.convert(chosen, ScoreSettings)
    rows: list[tuple[object, ...]] = []
    looked = {}
    for name in dict.fromkeys(score.method for person in summary.people for score in person.scores):
        steps = {step.name: step for person in summary.people for score in person.scores if score.method == name
                 for step in score.worst.steps}  # fmt: skip
        for step in steps.values():
            if step.table:
                axes = _axes(name, step)
                names = [sw.PARTS[axis] for axis, _ in axes]
                rows += [
                    (f"{name.upper()}: {sw.PARTS.get(step.table, say('Table'))}",),
                    (*names[:-1], *(f"{names[-1]} {place}" for place in range(1, axes[-1][1] + 1))),
                ]
                first = len(rows)
                rows += _filled(METHODS[name].steps[step.name], axes, settings)
                looked[name, step.name] = Place(axes, _range(first, len(rows) - 1, len(axes) - 1, axes[-1][1]))
                rows.append(())
    return Tables(tuple(rows), looked)


def looked_up(method: str, step: StepShown, cells: Mapping[str, str], looked: Looked) -> str:
    """The formula of a step. `cells`: where parts and earlier steps stand. Beyond a table means its last row."""
    if not step.table:
        return "=" + "+".join(cells[name] for name in step.low_at)
    place = looked[method, step.name]
    at = [f"MIN({cells[axis]},{length})" for axis, length in place.axes]
    below = [prod(length for _, length in place.axes[i + 1 : -1]) for i in range(len(at) - 1)]
    row = "+".join(f"({one}-1)*{rows}" for one, rows in zip(at[:-1], below, strict=True))
    return f"=INDEX({place.cells},{row}+1,{at[-1]})"


def _axes(method: str, step: StepShown) -> tuple[tuple[str, int], ...]:
    """Name and length of each axis, as the data file nests them."""
    table = method_data(method).tables[step.table]
    lengths, cells = [], table.cells
    for _ in table.axes:
        lengths.append(len(cells))
        cells = cells[0] if isinstance(cells[0], list) else cells
    return tuple(zip(table.axes, lengths, strict=True))


def _filled(rule: StepRule, axes: tuple[tuple[str, int], ...], settings: ScoreSettings) -> list[tuple[Any, ...]]:
    """The rows: the position on each axis but the last, then the cells."""
    names = [name for name, _ in axes]
    rows = []
    for position in product(*(range(1, length + 1) for _, length in axes[:-1])):
        across = range(1, axes[-1][1] + 1)
        rows.append(
            (
                *position,
                *(rule.make(dict(zip(names, (*position, last), strict=True)), settings).score for last in across),
            )
        )
    return rows


def _range(first: int, last: int, left: int, width: int) -> str:
    """Rows and columns from 0."""
    start = xl_rowcol_to_cell(first, left, row_abs=True, col_abs=True)
    end = xl_rowcol_to_cell(last, left + width - 1, row_abs=True, col_abs=True)
    return f"{say(SHEET)}!{start}:{end}"
