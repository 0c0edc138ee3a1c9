"""Recordings that are hardly any, or of many people: a reason instead of an empty page, and a bounded size."""

import io

import numpy as np
import pytest
from pypdf import PdfReader
from workbook import Book

from posture.data import MEASURE_NAMES, Observation, SourceInfo
from posture.reports import FORMATS, csv, summarise

STILL = SourceInfo("image", 640, 480, float("nan"), float("nan"))
REASONS = {
    "nothing": "No frame of it was analysed, so there is nothing to measure.",
    "nobody": "Nobody was found in the picture, so there is nothing to measure.",
    "one_frame": "One frame: its angles stand below. Shares of time and holds need a recording.",
    "short": "There is too little judged time for figures, so none are shown.",
}


@pytest.fixture(scope="module")
def observed(make):
    """Observations and source of each case."""
    seen = (make.subject(make.UPRIGHT),)
    return {
        "nothing": ([], {"frames_decoded": 0}),
        "nobody": ([Observation(i, i / 10) for i in range(60)], {}),
        "one_frame": ([Observation(0, 0.0, seen)], {"info": STILL}),
        "short": ([Observation(i, i / 10, seen) for i in range(20)], {}),
    }


def content(name, summary, table):
    out = io.BytesIO()
    FORMATS[name].write(summary, table.rows(), out)
    return out.getvalue()


@pytest.mark.parametrize("case", REASONS)
def test_the_reason_stands_where_figures_would(case, observed, make):
    observations, facts = observed[case]
    table = make.filled(observations)
    summary = summarise(table, make.provenance(**facts))
    assert REASONS[case] in content("html", summary, table).decode()
    read = PdfReader(io.BytesIO(content("pdf", summary, table)))
    pages = [" ".join(page.extract_text().split()) for page in read.pages]
    assert REASONS[case] in pages[0]
    assert len(pages) <= 5
    book = Book(content("xlsx", summary, table))
    for name in ("Zones", "Angles", "Holds"):
        assert REASONS[case] in book.sheets[name].values.values(), name


def test_no_sheet_and_no_page_is_empty(make, observed):
    for observations, facts in observed.values():
        table = make.filled(observations)
        summary = summarise(table, make.provenance(**facts))
        headers = {"Frames": len(csv.header())}
        for name, sheet in Book(content("xlsx", summary, table)).sheets.items():
            assert len(sheet.values) >= headers.get(name, 1), name
        for page in PdfReader(io.BytesIO(content("pdf", summary, table))).pages:
            assert len(page.extract_text()) > 120


def test_several_people_are_told_apart_on_the_first_page(make):
    upright = [name for name in MEASURE_NAMES if name.endswith("_deg")]
    bent = [make.subject(make.UPRIGHT | dict.fromkeys(upright, 10.0 * p), person=p) for p in range(1, 6)]
    table = make.filled([Observation(i, i / 10, tuple(bent)) for i in range(120)])
    summary = summarise(table, make.provenance(names={2: "Bo"}))
    first = " ".join(PdfReader(io.BytesIO(content("pdf", summary, table))).pages[0].extract_text().split())
    assert "People at a glance" in first
    assert all(name in first for name in ("Person 1", "Bo", "Person 3", "Person 4", "Person 5"))
    assert "Person 5 12 s Good Trunk 100" in first  # all angles are 50 degrees


def test_a_shift_of_eight_hours_makes_no_longer_a_report(make):
    """One estimate in ten seconds is enough here: what grows with the time are rows, and a report has none."""
    noise = np.random.default_rng(1)

    def shift(seconds):
        values = np.full(len(MEASURE_NAMES), 10.0)
        for i in range(seconds // 10):
            values = np.clip(values + noise.normal(0, 2, len(values)), -20, 70)
            measured = dict(zip(MEASURE_NAMES, values.tolist(), strict=True))
            yield Observation(i, i * 10.0, (make.subject(measured),))

    table = make.filled(shift(8 * 3600))
    summary = summarise(table, make.provenance())
    assert len(PdfReader(io.BytesIO(content("pdf", summary, table))).pages) <= 20
    assert len(content("html", summary, table)) < 700_000
