"""The Reports page: what is chosen is shown as it would leave, and leaves as it was shown."""

import io
import json
from datetime import date, timedelta

import msgspec
import pytest
from kept_weeks import kept, minutes
from pypdf import PdfReader
from two_reports import written

from posture.errors import SinkError, VideoUnreadable
from posture.gui.reports.draft import PRESETS, Wish, drafted
from posture.gui.reports.page import Reporting, ReportsPage
from posture.sinks.archive import Kept
from posture.sinks.today import Shut

TODAY = date(2026, 11, 27)


@pytest.fixture
def shown(qtbot):
    """A function that shows the page over some days and waits for its report."""
    pages = []

    def show(days=kept, preset="week", language="en", exported=lambda name, path: None):
        page = ReportsPage(Reporting(days, exported), language, lambda: TODAY)
        pages.append(page)
        qtbot.addWidget(page)
        page.show()
        page._choose(list(PRESETS).index(preset))
        qtbot.waitUntil(lambda: not page._errands.busy)
        return page

    yield show
    for page in pages:
        page.close_down()


def few(first, last):
    """Four minutes on the last day."""
    done = list(minutes(last, 4, good=0.9, lean_deg=5))
    return (Kept(last, tuple(one for one, _ in done), tuple(samples for _, samples in done)),)


def test_a_week_is_shown_and_what_leaves_is_said(shown):
    page = shown()
    assert page.preview.page_count == 2
    assert "no picture" in page.leaves.text()
    assert f"posture-week-{TODAY}.pdf" in page.leaves.text()
    assert page.export.isEnabled()
    assert not page.caution.isVisible()


@pytest.mark.parametrize("width", [900, 1440, 2200])
def test_a_page_of_the_preview_keeps_its_shape_in_any_window(shown, qtbot, width):
    page = shown()
    page.resize(width, 900)
    leaf = page.preview.widget().layout().itemAt(0).widget()
    qtbot.waitUntil(lambda: leaf.height() == leaf.heightForWidth(leaf.width()))
    assert leaf.height() / min(leaf.width(), 900) == pytest.approx(297 / 210, rel=0.01)


def test_too_little_is_said_instead_of_a_score(shown):
    page = shown(few, "today")
    assert "there is no score" in page.caution.words.text()
    assert "Sat well</dt>" not in _written(page, "html").decode()


def test_what_is_locked_is_said(shown):
    page = shown(lambda first, last: (Kept(last, (), (), frozenset({Shut.LOCKED})),), "today")
    assert "unlock the vault" in page.caution.words.text()


def test_a_history_that_cannot_be_read_leaves_nothing_to_export(shown):
    def broken(first, last):
        raise SinkError("the history cannot be read")

    page = shown(broken)
    assert "cannot be read" in page.caution.words.text()
    assert not page.export.isEnabled()
    assert page.preview.page_count <= 0


def test_locking_takes_the_report_away_before_it_is_asked_for_again(shown, qtbot):
    page = shown()
    page.hide()
    page.forget()
    assert page.draft is None
    assert page.preview.page_count <= 0


def test_the_language_and_a_reviewer_are_those_of_the_report(shown, qtbot):
    page = shown()
    page.language.setCurrentIndex(1)
    page.reviewer.setText("B. Reviewer")
    page.refresh()
    qtbot.waitUntil(lambda: not page._errands.busy)
    text = PdfReader(io.BytesIO(page.draft.pdf())).pages[0].extract_text()
    assert "Sitzbericht" in text
    assert "B. Reviewer" in text


def test_two_stretches_are_compared(shown):
    page = shown(preset="compare")
    found = json.loads(_written(page, "json"))
    assert found["schema"] == "posture.comparison/1"
    assert [page.format.itemData(i) for i in range(page.format.count())] == ["html", "pdf", "json"]
    assert page.spans[0].isVisible()


def test_an_export_is_the_file_that_was_shown_and_is_noted(shown, qtbot, tmp_path):
    noted = []
    page = shown(exported=lambda name, path: noted.append((name, path)))
    with qtbot.waitSignal(page.told):
        page.save_as(tmp_path / "week.csv", "csv")
    assert (tmp_path / "week.csv").read_bytes() == _written(page, "csv")
    assert noted == [("csv", tmp_path / "week.csv")]


def test_a_saved_analysis_is_shown_in_another_language(make_report, shown, qtbot):
    page = shown()
    page.open_saved(make_report)
    qtbot.waitUntil(lambda: not page._errands.busy)
    assert page.preset == "analysis"
    wish = Wish("analysis", "de", saved=make_report)
    text = PdfReader(io.BytesIO(drafted(wish, kept, TODAY).pdf())).pages[0].extract_text()
    assert "Entwurf" in text


def test_what_is_no_report_is_refused(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(VideoUnreadable):
        drafted(Wish("analysis", "en", saved=tmp_path / "a.json"), kept, TODAY)


@pytest.fixture
def make_report(tmp_path):
    """The JSON report of an analysis in which nobody was seen."""
    from posture.data import SourceInfo
    from posture.reports import Provenance, Table, summarise

    info = SourceInfo("video", 640, 480, 30.0, 1.0)
    facts = {"program_version": "0", "model": "m", "model_sha256": "", "provider": "cpu"}
    summary = summarise(Table(), Provenance(info=info, frames_decoded=0, **facts))
    path = tmp_path / "report.json"
    path.write_bytes(msgspec.json.encode(summary))
    return path


def test_presets_begin_with_the_days_they_name(shown):
    asked = []

    def noting(first, last):
        asked.append((first, last))
        return kept(first, last)

    shown(noting, "week")
    assert asked[-1] == (TODAY - timedelta(days=6), TODAY)


def _written(page, kind):
    out = io.BytesIO()
    page.draft.write(kind, out)
    return out.getvalue()


def test_two_saved_analyses_are_compared_with_intervals_in_the_picture_and_the_file(shown, qtbot, tmp_path):
    before, after = written(tmp_path, "before", 25.0, 1), written(tmp_path, "after", 5.0, 2)
    page = shown(preset="analyses")
    assert page.pair.isVisible()
    assert "choose two reports" in page.caution.words.text()
    for place, path in enumerate((before, after)):
        page.pair.choose(place, path)
    qtbot.waitUntil(lambda: page.draft is not None)
    assert page.preview.page_count >= 2
    assert "the names of both reports" in page.leaves.text()
    found = json.loads(_written(page, "json"))
    assert (found["before"], found["after"]) == ("before", "after")
    bend = [one for one in found["differences"] if one["name"] == "trunk_side_bend_deg" and one["figure"] == "p50"]
    assert [abs(one["change"]) for one in bend] == pytest.approx([20], abs=3)
    assert bend[0]["low"] < bend[0]["change"] < bend[0]["high"]
    html = _written(page, "html").decode()
    assert html.count('class="c-mark"') >= 3, "an interval is drawn for each angle"
    page.language.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page.draft is not None and b"Vorher" in _written(page, "html"))


def test_what_cannot_be_compared_is_said_and_nothing_can_be_exported(shown, qtbot, tmp_path):
    page = shown(preset="analyses")
    page.pair.choose(0, written(tmp_path, "long", 5.0, 1))
    page.pair.choose(1, written(tmp_path, "short", 5.0, 2, seconds=20.0))
    qtbot.waitUntil(lambda: "too little to compare" in page.caution.words.text())
    assert not page.export.isEnabled()
