"""Flip every cell of the tables of RULA, REBA and OWAS, one by one, up and down, and count which checks notice.

    .venv/bin/python tools/mutate_tables.py

The check is the second copy of the tables (`tests/typed_tables.py`), typed row by row as they are printed; it has to
notice every flip, at that cell and no other. Exit 1 where one survives.
"""

import sys
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "tests")]

from typed_tables import TYPED  # type: ignore[import-not-found]  # noqa: E402

from posture.ergonomics.method_data import method_data  # noqa: E402
from posture.ergonomics.score_settings import ScoreSettings  # noqa: E402
from posture.ergonomics.scoring import METHODS  # noqa: E402

STEPS = {("owas", "table"): "category", ("rula", "table_c"): "grand"}


def shape(name: str, table: str) -> tuple[int, ...]:
    """Length of each axis."""
    cells: Any = method_data(name).tables[table].cells
    lengths = []
    while isinstance(cells, list):
        lengths.append(len(cells))
        cells = cells[0]
    return tuple(lengths)


def wrong(name: str, table: str, positions: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Where the product gives something else than the copy."""
    step, axes = STEPS.get((name, table), table), method_data(name).tables[table].axes
    make = METHODS[name].steps[step].make
    return [
        position
        for position, typed in zip(positions, TYPED[name, table], strict=True)
        if make(dict(zip(axes, position, strict=True)), ScoreSettings()).score != typed
    ]


def killed(name: str, table: str) -> tuple[int, int]:
    """Flips that were noticed at exactly their cell, and flips."""
    positions = list(product(*(range(1, length + 1) for length in shape(name, table))))
    noticed = flips = 0
    for position in positions:
        row = method_data(name).tables[table].cells
        for at in position[:-1]:
            row = row[at - 1]
        for by in (1, -1):
            row[position[-1] - 1] += by
            noticed += wrong(name, table, positions) == [position]
            row[position[-1] - 1] -= by
            flips += 1
    return noticed, flips


def main() -> None:
    """Print the table."""
    grid = Table("method", "table", "cells", "flips (+1, -1)", "noticed", "survived", title="Mutation of score tables")
    survived = 0
    for name, table in TYPED:
        noticed, flips = killed(name, table)
        survived += flips - noticed
        grid.add_row(name.upper(), table, str(flips // 2), str(flips), str(noticed), str(flips - noticed))
    Console(width=100).print(grid)
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
