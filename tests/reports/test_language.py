import datetime
import string

import pytest
from report_texts import texts

from posture.reports import words
from posture.reports.language import catalogue, day, say, speaking

GERMAN = catalogue("de")


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
