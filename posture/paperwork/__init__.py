"""Paperwork made from the settings: record of processing, impact assessment, camera notice, works agreement, retention
schedule, consent. Each is a template that a lawyer has to check, and says so.

    facts.py      what the program knows of itself and this installation
    values.py     the same in the words of one language
    words/        the texts, a folder a language and a file a document
    compose.py    texts and facts become a `Document`
    document.py   what a document is, whatever its format
    html.py, pdf.py with templates/, writing.py

What is known is filled in, with the command that shows it. What only people know comes from the section `[privacy]` of
the settings, or is a field to fill in.
"""

from posture.paperwork.compose import LANGUAGES, NAMES, Language, document
from posture.paperwork.facts import Facts, Locking, collected
from posture.paperwork.writing import FORMATS, Format, write

__all__ = ["FORMATS", "LANGUAGES", "NAMES", "Facts", "Format", "Language", "Locking", "collected", "document", "write"]
