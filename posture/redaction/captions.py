"""What is written beside the people of an annotated copy, in the language of the reports."""

from posture.data import PARTS, Zone
from posture.reports import words
from posture.reports.language import LanguageName, speaking

DEGREES: dict[LanguageName, str] = {"en": "deg", "de": "Grad"}
"""The letters that are drawn are ASCII alone: there is no sign for degrees among them."""


def captions(language: LanguageName) -> dict[str, str]:
    """Each part of the body, each zone, and `deg` for the unit, in words of plain ASCII."""
    with speaking(language):
        return {part: words.PARTS[part] for part in PARTS} | {
            Zone.CONDITIONAL: words.ZONES[Zone.CONDITIONAL].lower(),
            Zone.NOT_RECOMMENDED: words.ZONES[Zone.NOT_RECOMMENDED].lower(),
            "deg": DEGREES[language],
        }
