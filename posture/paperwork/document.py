"""A document as every format shows it: sections of blocks, texts of runs, and fields that somebody has to fill in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Plain = Literal["items", "checks", "text", "fields", "signatures"]
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text; `code`: something to type, or the name of a setting."""

    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """One cell, paragraph or item. `blank`: what a person has to write here, and nothing is known."""

    runs: tuple[Run, ...] = ()
    blank: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One thing on the page.

    `facts`: rows of label and value. `table`: `columns` over rows. `items`: a list. `checks`: boxes to tick. `text`:
    paragraphs. `fields`: empty lines to write on, one for each label. `signatures`: the same, side by side.
    """

    kind: Literal["facts", "table", "items", "checks", "text", "fields", "signatures"]
    rows: tuple[tuple[Text, ...], ...]
    columns: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()
    """Shares of the width, one for each column."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a camera notice shows large."""

    facts: tuple[tuple[str, Text], ...]
    rights: Text
    code: str
    """A QR code as SVG."""
    code_says: str
    sign: str
    """The pictogram as SVG."""
    sign_says: str
    more: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document in one language."""

    name: str
    language: str
    title: str
    over: str
    """Above the title: what kind of paper this is."""
    lead: str
    banner: str
    """That a lawyer has to check it."""
    footer: str
    sections: tuple[Section, ...] = ()
    notice: Notice | None = None
    labels: dict[str, str] = field(default_factory=dict)
    """Words of the page itself."""


def said(text: str) -> Text:
    """A text in which what stands between backticks is code."""
    parts = _CODE.split(text)
    return Text(tuple(Run(part, code=bool(number % 2)) for number, part in enumerate(parts) if part))


def known(text: str, hint: str) -> Text:
    """`text`, literally, or a field to fill in where there is none."""
    return Text((Run(text),)) if text.strip() else Text(blank=hint)


def facts(rows: Sequence[tuple[str, Text | str]]) -> Block:
    """Rows of label and value."""
    return Block("facts", tuple((said(label), _as_text(value)) for label, value in rows))


def table(columns: Sequence[str], rows: Sequence[Sequence[Text | str]], widths: Sequence[float] = ()) -> Block:
    """Rows below a head."""
    cells = tuple(tuple(_as_text(cell) for cell in row) for row in rows)
    return Block("table", cells, tuple(columns), tuple(widths or (1.0,) * len(columns)))


def plain(kind: Plain, texts: Sequence[Text | str]) -> Block:
    """A block of single texts."""
    return Block(kind, tuple((_as_text(text),) for text in texts))


def _as_text(value: Text | str) -> Text:
    return value if isinstance(value, Text) else said(value)
