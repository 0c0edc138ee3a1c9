"""Who corrected, overrode and excluded what stands in every format; without a reviewer each says that it is a draft."""

import csv
import io

import msgspec
import pytest
from pypdf import PdfReader
from workbook import Book

from posture.reports import FORMATS, REVIEW, WRITERS
from posture.reports.review_schema import ChangeShown, Effect, ReviewFacts

SAID = {"by": "A. Other", "at": "2026-11-28", "reason": "=seen, on site", "person": 1, "side": ""}
CHANGES = (
    ChangeShown(
        kind="keypoint", what="left_shoulder", start_s=2.0, end_s=2.0, before=(10.0, 20.5, 0.9), after=(), **SAID
    ),
    ChangeShown(
        kind="factor", what="wrist_deg", start_s=3.0, end_s=None, before=(5.0, 10.0), after=(20.0,),
        **SAID | {"side": "right"},
    ),
    ChangeShown(kind="excluded", what="", start_s=4.0, end_s=5.5, before=(), after=(), **SAID | {"person": 0}),
)  # fmt: skip
EFFECT = Effect(
    person=1, method="rula", side="left", p90_before=(3, 7), p90_after=(4, 4), peak_before=(3, 7), peak_after=(5, 6)
)


@pytest.fixture(scope="module")
def reviewed(desk_summary):
    """The summary of a sitting that somebody reviewed and signed."""
    facts = ReviewFacts(
        status="final", reviewer="R. Reviewer", reviewed_on="2026-11-28", changes=CHANGES, effects=(EFFECT,),
        excluded_s=1.5,
    )  # fmt: skip
    cover = msgspec.structs.replace(desk_summary.cover, reviewer="R. Reviewer", reviewed_on="2026-11-28")
    return msgspec.structs.replace(desk_summary, review=facts, cover=cover, status="final")


def content(name, summary):
    out = io.BytesIO()
    WRITERS[name].write(summary, (), out)
    return out.getvalue()


def text_of(name, summary):
    """All that a reader sees."""
    made = content(name, summary)
    if name == "pdf":
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())
    if name == "xlsx":
        book = Book(made)
        return " ".join(str(value) for sheet in ("Review", "Summary") for value in book.sheets[sheet].values.values())
    return made.decode()


@pytest.mark.parametrize("name", ["html", "pdf", "xlsx"])
def test_every_change_and_its_author_can_be_read(name, reviewed):
    told = text_of(name, reviewed)
    for words in ("R. Reviewer", "A. Other, 28 November 2026", "left shoulder", "Wrist", "time that does not count",
                  "=seen, on site", "3–7", "Final, reviewed by R. Reviewer"):  # fmt: skip
        assert words in told, words


@pytest.mark.parametrize("name", ["html", "pdf", "xlsx"])
def test_what_nobody_reviewed_is_a_draft(name, desk_summary):
    assert "Draft: no reviewer is named" in text_of(name, desk_summary)


def test_no_text_of_the_review_becomes_a_formula(reviewed):
    assert not Book(content("xlsx", reviewed)).sheets["Review"].formulas
    (*_, excluded) = csv.DictReader(io.StringIO(content(REVIEW, reviewed).decode(), newline=""))
    assert excluded["reason"] == "'=seen, on site"


def test_the_csv_has_a_row_for_each_change(reviewed):
    made = content(REVIEW, reviewed)
    assert made.count(b"\n") == made.count(b"\r\n") == 4
    keypoint, factor, excluded = csv.DictReader(io.StringIO(made.decode(), newline=""))
    assert keypoint | {"reason": ""} == {
        "status": "final", "reviewer": "R. Reviewer", "reviewed_on": "2026-11-28", "kind": "keypoint",
        "what": "left_shoulder", "person": "1", "side": "", "start_s": "2.0", "end_s": "2.0", "before": "10 20.5 0.9",
        "after": "", "by": "A. Other", "on": "2026-11-28", "reason": "",
    }  # fmt: skip
    assert (factor["end_s"], factor["side"], factor["before"], factor["after"]) == ("", "right", "5 10", "20")
    assert (excluded["start_s"], excluded["end_s"], excluded["person"]) == ("4.0", "5.5", "0")


def test_the_csv_of_no_review_says_draft(desk_summary):
    (row,) = csv.DictReader(io.StringIO(content(REVIEW, desk_summary).decode(), newline=""))
    assert {name: value for name, value in row.items() if value} == {"status": "draft"}


def test_it_is_no_format_to_choose():
    assert REVIEW not in FORMATS
