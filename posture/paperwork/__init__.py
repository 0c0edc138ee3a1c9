"""Paperwork made from the settings: record of processing, impact assessment, camera notice, works agreement, retention
schedule, consent. Each is a template that a lawyer has to check, and says so.

    facts.py      what the program knows of itself and this installation
    values.py     the same in the words of one language
    words/        the texts, a folder a language and a file a document
    compose.py    texts and facts become a `Document`
    document.py   what a document is, whatever its format
    html.py, pdf.py with templates/

What is known is filled in, with the command that shows it. What only people know comes from the section `[privacy]` of
the settings, or is a field to fill in.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from posture.output import whole_file
from posture.paperwork import html, pdf
from posture.paperwork.compose import LANGUAGES, NAMES, Language, document
from posture.paperwork.document import Document
from posture.paperwork.facts import Facts, Locking, collected

__all__ = ["FORMATS", "LANGUAGES", "NAMES", "Facts", "Format", "Language", "Locking", "collected", "document", "write"]

Format = Literal["html", "pdf"]
FORMATS: dict[Format, Callable[[Document], bytes]] = {"html": html.written, "pdf": pdf.written}


def write(name: str, language: Language, kind: Format, facts: Facts, folder: Path, *, overwrite: bool = False) -> Path:
    """Write one document; where it is. Raises OutputExists, SinkError."""
    path = folder / f"{name}.{language}.{kind}"
    content = FORMATS[kind](document(name, language, facts))
    with whole_file(path, overwrite=overwrite) as out:
        out.write(content)
    return path
