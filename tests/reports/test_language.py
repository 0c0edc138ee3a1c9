import datetime
import io
import string
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader
from report_texts import texts
from workbook import Book

from posture.data import MEASURE_NAMES, Observation
from posture.reports import FORMATS, summarise, words
from posture.reports.language import catalogue, day, say, speaking

GERMAN = catalogue("de")
SHEETS = (
    "Summary", "Zones", "Worksheets", "Tables", "Angles", "Holds", "Criteria", "Exposure", "Review", "About",
    "Settings", "Frames",
)  # fmt: skip


def test_every_text_has_a_translation_and_no_other_is_kept():
    assert sorted(texts() - set(GERMAN)) == []
    assert sorted(set(GERMAN) - texts()) == []


@pytest.mark.parametrize("english", sorted(GERMAN))
def test_a_translation_keeps_the_places_of_its_values(english):
    assert _places(GERMAN[english]) == _places(english)


def _places(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_numbers_and_dates_follow_the_language():
    with speaking("de"):
        german = words.length(3.44), words.number(-1.25, 2), words.short(0.5), day(datetime.date(2026, 11, 3))
    assert german == ("3,4 s", "−1,25", "0,5", "3. November 2026")
    assert day(datetime.date(2026, 11, 3)) == "3 November 2026"


def test_the_language_ends_with_its_block():
    with speaking("de"):
        inside = say("yes")
    assert (inside, say("yes")) == ("ja", "yes")


class Texts(HTMLParser):
    """Every text between tags, but for the style sheet."""

    def __init__(self, content):
        super().__init__()
        self.found, self._style = [], False
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self._style = tag == "style"
        self.found += [value for name, value in attrs if name in ("aria-label", "alt", "title")]

    def handle_data(self, data):
        if data.strip() and not self._style:
            self.found.append(" ".join(data.split()))


@pytest.fixture(scope="module")
def german(make):
    """A summary in German with everything in it, and the rows of its table."""
    degrees = [name for name in MEASURE_NAMES if name.endswith("_deg")]
    bent = [make.subject(make.UPRIGHT | dict.fromkeys(degrees, 0.3 * i)) for i in range(300)]
    table = make.filled([Observation(i, i / 10, (subject,)) for i, subject in enumerate(bent)])
    return summarise(table, make.provenance(language="de", damage=make.DAMAGED)), table


def in_english(found):
    """Which of these texts are English ones that have a translation, or hold a longer one."""
    known = {english for english, translated in GERMAN.items() if english != translated}
    long = [english for english in known if len(english.split()) > 2 and "{" not in english]
    return [text for text in found if text in known - {*GERMAN.values()} or any(one in text for one in long)]


def test_no_english_is_left_in_a_german_page(german):
    summary, table = german
    out = io.BytesIO()
    FORMATS["html"].write(summary, table.rows(), out)
    found = Texts(out.getvalue().decode()).found
    assert len(found) > 500
    assert in_english(found) == []


def test_no_english_is_left_in_a_german_workbook(german):
    summary, table = german
    out = io.BytesIO()
    FORMATS["xlsx"].write(summary, table.rows(), out)
    book = Book(out.getvalue())
    assert list(book.sheets) == [GERMAN[name] for name in SHEETS]
    found = [cell for name in book.sheets if name != GERMAN["Frames"] for cell in book.sheets[name].values.values()]
    assert in_english([cell for cell in found if isinstance(cell, str)]) == []


def test_the_pdf_says_its_language_and_on_every_page_that_it_is_a_draft(german):
    summary, table = german
    out = io.BytesIO()
    FORMATS["pdf"].write(summary, table.rows(), out)
    document = PdfReader(out)
    assert document.trailer["/Root"]["/Lang"] == "de"
    assert all(GERMAN["Draft: no reviewer is named"] in page.extract_text() for page in document.pages)
