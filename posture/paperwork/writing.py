"""Documents as files."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from posture.output import whole_file
from posture.paperwork import html, pdf
from posture.paperwork.compose import Language, document
from posture.paperwork.document import Document
from posture.paperwork.facts import Facts

Format = Literal["html", "pdf"]
FORMATS: dict[Format, Callable[[Document], bytes]] = {"html": html.written, "pdf": pdf.written}


def write(name: str, language: Language, kind: Format, facts: Facts, folder: Path, *, overwrite: bool = False) -> Path:
    """Write one document; where it is. Raises OutputExists, SinkError."""
    path = folder / f"{name}.{language}.{kind}"
    content = FORMATS[kind](document(name, language, facts))
    with whole_file(path, overwrite=overwrite) as out:
        out.write(content)
    return path
