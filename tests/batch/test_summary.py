"""The summary over all files: what its page says, in which language, and where its links lead."""

import csv
import re
from html import unescape
from urllib.parse import unquote

import msgspec
import pytest

from posture.batch.discovery import stem_of
from posture.batch.journal import Found, Journal
from posture.batch.plan import JobPlan
from posture.batch.rows import FileRow, PersonRow
from posture.batch.summary import write_summary
from posture.batch.work import FileOutcome, ResultFile

NAMES = (b"sub/a 100% & <b>.mp4", b"\xff.mp4", b"bad.mp4", b"later.mp4")


def person(share, rula):
    return PersonRow(
        person=1, name="", judged_s=60.0, worst_part="neck", not_recommended_share=share, rula=rula, reba=2,
        holds_too_long=0,
    )  # fmt: skip


def row(*people):
    return FileRow(
        grade="good",
        analysed_s=60.0,
        judged_s=60.0,
        people_seen=1,
        damage="",
        headline="=finding",
        task="",
        people=people,
    )


@pytest.fixture
def summary(tmp_path):
    """Writes the summary of a job with two files that are done, one that failed and one that waits; its texts."""
    plan = JobPlan(inputs=("in",), output=str(tmp_path / "out"))
    with Journal(tmp_path / "job") as journal:
        journal.add(Found(b"/in/" + name, name, 10, person="P1", day="2026-11-28") for name in NAMES)
        journal.name_results(stem_of)
        for entry in list(journal.entries(order="id"))[:3]:
            stem = entry.stem.rpartition(b"/")[2]
            results = tuple(ResultFile(form, stem + b"." + form.encode(), "0" * 64, 1) for form in ("json", "html"))
            worst = row(person(0.996 if entry.id == 1 else 0.25, 7 if entry.id == 1 else 3))
            done = FileOutcome(state="done", results=results, media_s=60.0, row=msgspec.msgpack.encode(worst))
            failed = FileOutcome(state="failed", error="VideoUnreadable", message=f"{tmp_path}/out/bad: no video")
            journal.record(entry.id, failed if entry.below == b"bad.mp4" else done, 1.0 if entry.id == 1 else 0.5)

        def write(language):
            paths = write_summary(plan, journal, "identity", language=language)
            return {path.suffix: path.read_text("utf-8") for path in paths}

        yield write


def test_each_file_leads_to_its_report_whatever_its_name(summary):
    page = summary("en")[".html"]
    links = [unquote(unescape(link), errors="surrogateescape") for link in re.findall(r'<a href="([^"]*)"', page)]
    assert links == ["sub/a 100% & <b>.html", "\udcff.html"]
    assert "<b>" not in page
    assert "a 100% &amp; &lt;b&gt;.mp4" in page


def test_the_page_is_in_the_language_of_the_reports_and_the_data_are_not(summary):
    english, german = summary("en"), summary("de")
    assert '<html lang="de">' in german[".html"]
    assert "Dateien, die schlechteste zuerst" in german[".html"]
    assert "1 Datei ist noch offen" in german[".html"]
    assert "1 file is still to be done" in english[".html"]
    assert (english[".csv"], english[".json"]) == (german[".csv"], german[".json"])


def test_worst_first_and_nothing_is_rounded_to_all(summary):
    texts = summary("en")
    assert texts[".html"].index("a 100%") < texts[".html"].index("bad.mp4")
    assert "&gt;\u00a099\u00a0%" in texts[".html"]
    rows = list(csv.DictReader(texts[".csv"].splitlines()))
    assert [one["state"] for one in rows].count("done") == 2
    assert rows[0]["rula_p90"] == "7"
    assert {one["finding"] for one in rows} <= {"'=finding", ""}, "a spreadsheet takes none for a formula"


def test_it_names_no_folder_of_this_computer(summary, tmp_path):
    assert not [name for name, text in summary("en").items() if str(tmp_path) in text]
