"""Every cell of every table against a second copy, and the proof that this would notice a wrong one."""

import copy
from collections.abc import Iterator
from itertools import product
from math import prod

import pytest
from typed_tables import TYPED

from posture.ergonomics.method_data import MethodData, method_data
from posture.ergonomics.owas import OWAS
from posture.ergonomics.reba import REBA
from posture.ergonomics.rula import RULA
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.worksheet import Method

METHODS = {"rula": RULA, "reba": REBA, "owas": OWAS}
SHAPES = {
    ("rula", "table_a"): (6, 3, 4, 2),
    ("rula", "table_b"): (6, 6, 2),
    ("rula", "table_c"): (8, 7),
    ("reba", "table_a"): (3, 5, 4),
    ("reba", "table_b"): (6, 2, 3),
    ("reba", "table_c"): (12, 12),
    ("owas", "table"): (4, 3, 7, 3),
}
STEPS = {"table": "category"} | {("rula", "table_c"): "grand"}


def wrong_cells(name: str, table: str) -> list[tuple[int, ...]]:
    """Where a step of the product gives something else than the typed copy."""
    method: Method = METHODS[name]
    step = STEPS.get((name, table), STEPS.get(table, table))
    positions = product(*(range(1, size + 1) for size in SHAPES[name, table]))
    axes = method_data(name).tables[table].axes
    return [
        position
        for position, typed in zip(positions, TYPED[name, table], strict=True)
        if method.steps[step].make(dict(zip(axes, position, strict=True)), ScoreSettings()).score != typed
    ]


@pytest.mark.parametrize(("name", "table"), list(TYPED))
def test_table_equals_the_second_copy(name: str, table: str) -> None:
    assert len(TYPED[name, table]) == prod(SHAPES[name, table])
    assert wrong_cells(name, table) == []


def test_there_are_as_many_cells_as_the_methods_have() -> None:
    cells = {name: sum(len(TYPED[key]) for key in TYPED if key[0] == name) for name in METHODS}
    assert cells == {"rula": 272, "reba": 240, "owas": 252}


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch) -> Iterator[MethodData]:
    """Copies of the data files that may be spoilt."""
    copies = {name: copy.deepcopy(method_data(name)) for name in METHODS}
    monkeypatch.setattr("posture.ergonomics.method_data.method_data", copies.__getitem__)
    return copies


@pytest.mark.parametrize(("name", "table"), list(TYPED))
@pytest.mark.parametrize("by", [1, -1])
def test_every_flipped_cell_is_noticed(spoilt: dict[str, MethodData], name: str, table: str, by: int) -> None:
    survivors = []
    for position in product(*(range(1, size + 1) for size in SHAPES[name, table])):
        row = spoilt[name].tables[table].cells
        for at in position[:-1]:
            row = row[at - 1]
        row[position[-1] - 1] += by
        if wrong_cells(name, table) != [position]:
            survivors.append(position)
        row[position[-1] - 1] -= by
    assert survivors == []
