"""Looking back at the history: what a report says is what the minutes say, and too little is said."""

import io
import json
from datetime import date, timedelta

import numpy as np
import pytest
from kept_weeks import fill
from pypdf import PdfReader
from workbook import Book

from posture.errors import ConfigError
from posture.reports.sittings import FORMATS, write
from posture.retrospect import against, last_sitting, read, report
from posture.sinks.archive import Archive

MONDAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def archive():
    """A week: an hour a day, better from Thursday on; nothing on Sunday, four minutes on Saturday."""
    kept = Archive.in_memory()
    for back, (count, good, lean_deg) in enumerate(
        [(60, 0.5, 20), (60, 0.5, 20), (60, 0.5, 20), (60, 0.9, 8), (60, 0.9, 8), (4, 0.9, 8)]
    ):
        fill(kept, MONDAY + timedelta(back), count, good=good, lean_deg=lean_deg)
    return kept


def days(archive, first, last):
    return read(archive, MONDAY + timedelta(first), MONDAY + timedelta(last), None)


def test_a_day_says_what_its_minutes_say(archive):
    one = report(days(archive, 0, 0), "today", "en").days[0]
    assert one.good_s + one.poor_s == pytest.approx(3600)
    assert one.score == pytest.approx(100 * one.good_s / 3600, abs=0.01)
    assert one.longest_sitting_s == 3600


def test_percentiles_are_those_of_the_samples(archive):
    found = report(days(archive, 0, 0), "today", "en")
    (angle,) = found.angles
    assert angle.name == "trunk_inclination_deg"
    assert angle.measurable_s == 3600
    assert angle.p50 == pytest.approx(20, abs=0.3)
    assert angle.p90 == pytest.approx(20 + 1.2816 * 2, abs=0.4)


def test_less_than_five_minutes_give_no_score_and_every_reading_format_says_so(archive):
    found = report(days(archive, 5, 5), "today", "de")
    assert (found.days[0].score, found.enough) == (None, False)
    for name in ("html", "pdf", "xlsx"):
        out = io.BytesIO()
        write(found, name, out)
        if name == "html":
            assert "Es gibt keine Punktzahl" in out.getvalue().decode()
            assert "Gut gesessen</dt>" not in out.getvalue().decode()
        elif name == "pdf":
            assert "keine Punktzahl" in " ".join(PdfReader(out).pages[0].extract_text().split())
        else:
            sheet = Book(out.getvalue()).sheets["Tage"]
            assert any("keine Punktzahl" in str(value) for value in sheet.values.values())


def test_every_format_is_the_same_bytes_twice(archive):
    found = report(days(archive, 0, 6), "week", "en")
    for name in FORMATS:
        first, second = io.BytesIO(), io.BytesIO()
        write(found, name, first)
        write(found, name, second)
        assert first.getvalue() == second.getvalue(), name


def test_the_workbook_computes_the_scores(archive):
    found = report(days(archive, 0, 6), "week", "en")
    out = io.BytesIO()
    write(found, "xlsx", out)
    book = Book(out.getvalue())
    computed = [book.cell("Days", f"H{row}") for row in range(2, 9)]
    assert computed[:5] == pytest.approx([day.score for day in found.days[:5]], abs=0.01)
    assert computed[5:] == ["", ""]


def test_no_time_of_day_is_in_any_format(archive):
    for name in FORMATS:
        out = io.BytesIO()
        write(report(days(archive, 0, 6), "week", "en"), name, out)
        assert b"T09:" not in out.getvalue()
        assert b"09:00" not in out.getvalue()
        if name == "json":
            assert "began" not in json.dumps(json.loads(out.getvalue()))


def test_two_stretches_differ_by_what_changed(archive):
    found = against(days(archive, 0, 2), days(archive, 3, 4), "en")
    named = {(one.name, one.figure): one for one in found.differences}
    well, lean = named["desk", "acceptable"], named["trunk_inclination_deg", "p50"]
    assert well.change == pytest.approx(0.4, abs=0.02)
    assert lean.change == pytest.approx(-12, abs=0.3)
    assert well.shown
    assert lean.shown


def test_a_stretch_without_minutes_is_not_compared(archive):
    with pytest.raises(ConfigError, match="nothing was judged"):
        against(days(archive, 0, 2), days(archive, 6, 6), "en")


def test_the_last_sitting_is_since_monitoring_began(archive):
    (only,) = last_sitting(days(archive, 3, 4))
    assert only.day == MONDAY + timedelta(4)
    assert len(only.accounts) == 60
    assert np.frombuffer(only.samples[0], "<f4").size
