"""The workbook: its formulas give what the report says, whoever computes them, and nobody's text becomes one."""

import io
import re

import pytest
from typed_tables import TYPED
from workbook import Book, number

from posture.data import MEASURE_NAMES, PARTS, Observation
from posture.reports import FORMATS, csv, summarise, xlsx
from posture.reports.scores import COLUMNS as SCORE_COLUMNS
from posture.reports.sheet_tables import tables_of


@pytest.fixture(scope="module")
def made(make):
    """A summary and its workbook: all that can be measured is, and it bends more and more."""
    degrees = [name for name in MEASURE_NAMES if name.endswith("_deg")]
    bent = [make.subject(make.UPRIGHT | dict.fromkeys(degrees, 0.3 * i)) for i in range(300)]
    table = make.filled([Observation(i, i / 10, (subject,)) for i, subject in enumerate(bent)])
    summary = summarise(table, make.provenance(label="=1+1"))
    out = io.BytesIO()
    FORMATS["xlsx"].write(summary, table.rows(), out)
    return summary, Book(out.getvalue()), out.getvalue()


def test_time_in_zones_is_summed_over_the_frames(made):
    summary, book, _ = made
    rows = iter(range(2, 2 + len(PARTS)))
    for part in summary.people[0].parts:
        row = next(rows)
        computed = [book.cell("Zones", f"{column}{row}") for column in "CDEFG"]
        known = [part.acceptable_s, part.conditional_s, part.not_recommended_s, part.judged_s, part.not_judged_s]
        assert computed == pytest.approx(known, abs=1e-6), part.part
        assert book.sheets["Zones"].values[f"I{row}"] == "yes"


def test_every_stored_value_is_what_its_formula_gives(made):
    _, book, _ = made
    found = 0
    for name in ("Worksheets",):
        for place, stored in book.sheets[name].values.items():
            if place in book.sheets[name].formulas:
                found += 1
                assert book.cell(name, place) == stored, (name, place, book.sheets[name].formulas[place])
    assert found > 50


def test_points_of_a_reviewer_change_the_score(made):
    _, book, _ = made
    sheet = book.sheets["Worksheets"]
    arm = next(place for place, value in sheet.values.items() if value == "Upper arm").replace("A", "D")
    grand = next(place for place, value in sheet.values.items() if value == "Table C, grand score").replace("A", "D")
    before, sheet.values[arm] = book.cell("Worksheets", grand), 6.0
    assert book.cell("Worksheets", grand) > before


def test_the_tables_are_those_of_the_methods(made):
    """Every cell, against the copy that was typed a second time."""
    summary, _, _ = made
    found = tables_of(summary)
    assert {method for method, _ in found.looked} == {score.method for score in summary.people[0].scores}
    tables = {(score.method, s.name): s.table for score in summary.people[0].scores for s in score.worst.steps}
    for (method, step), place in found.looked.items():
        left, top, right, bottom = _corners(place.cells)
        cells = [cell for row in found.rows[top : bottom + 1] for cell in row[left : right + 1]]
        assert cells == TYPED[method, tables[method, step]], (method, step)


def _corners(cells):
    """Column and row of the first and the last cell, from 0."""
    start, end = re.findall(r"\$([A-Z]+)\$(\d+)", cells)
    return number(start[0]), int(start[1]) - 1, number(end[0]), int(end[1]) - 1


def test_no_text_becomes_a_formula(made):
    _, book, content = made
    assert book.sheets["Summary"].values["A1"] == "=1+1"
    assert not book.sheets["Summary"].formulas
    assert b"=1+1</f>" not in content


def test_frames_that_have_no_room_leave_values_instead_of_formulas(make, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 50)
    table = make.filled(list(make.desk_session(seconds=60)))
    summary = summarise(table, make.provenance())
    out = io.BytesIO()
    FORMATS["xlsx"].write(summary, table.rows(), out)
    book = Book(out.getvalue())
    assert "C2" not in book.sheets["Zones"].formulas
    assert book.cell("Zones", "C2") == pytest.approx(summary.people[0].parts[0].acceptable_s)
    assert f"A{50}" in book.sheets["Frames"].values
    assert f"A{51}" not in book.sheets["Frames"].values


def test_frames_are_the_rows_of_the_csv(made, make):
    _, book, _ = made
    header = csv.header()
    assert [book.sheets["Frames"].values.get(f"{letter}1") for letter in "ABCDEFG"] == header[:7]
    assert [book.cell("Frames", f"A{2 + i}") for i in (0, 7, 299)] == pytest.approx([0, 0.7, 29.9])
    row = next(iter(make.filled(list(make.desk_session(seconds=1))).rows()))
    assert len(csv.cells(row)) in (len(header), len(header) - len(SCORE_COLUMNS))
