"""From the texts of one language and the facts of this installation to documents.

The texts lie in `words/LANGUAGE/NAME.toml`: sections of blocks, with the marks that `shared.toml` explains. Both
languages have the same shape; a test holds them together.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from posture.paperwork.document import Block, Document, Plain, Section, Text, facts, known, plain, said, table
from posture.paperwork.facts import Facts
from posture.paperwork.notice import notice
from posture.paperwork.values import Values, values_of

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = ("en", "de")
NAMES = ("art30", "dpia", "notice", "works-council", "retention", "consent")
"""Every document there is."""
_PLAIN: tuple[Plain, ...] = ("items", "checks", "text", "fields", "signatures")
_SHARED = {"categories": "category", "measures": "measure", "recipients": "recipient"}
_FLAG = re.compile(r"@(!?)([a-z_]+) ")
_ASKED = re.compile(r"\{\?([a-z_-]+): (.*)\}", re.DOTALL)


def document(name: str, language: Language, about: Facts) -> Document:
    """One document of `NAMES`."""
    texts, shared = _texts(language, name), _texts(language, "shared")
    values = values_of(about, shared, language)
    page = _Page(values, shared, about)
    sections = tuple(page.section(one) for one in texts.get("section", ()))
    return Document(
        name,
        language,
        texts["title"],
        texts["over"],
        page.fill(texts["lead"]),
        shared["page"]["banner"],
        page.fill(shared["page"]["footer"]),
        sections,
        notice(texts, values, page.cell) if name == "notice" else None,
        shared["page"],
    )


@cache
def _texts(language: str, name: str) -> dict[str, Any]:
    file = resources.files("posture.paperwork").joinpath("words", language, f"{name}.toml")
    return tomllib.loads(file.read_text("utf-8"))


class _Page:
    """Fills in what is known."""

    def __init__(self, values: Values, shared: Mapping[str, Any], about: Facts) -> None:
        self._values, self._shared, self._about = values, shared, about

    def fill(self, text: str) -> str:
        """With values in their places."""
        return text.format_map(self._values.texts)

    def cell(self, text: str) -> Text:
        """A cell: a text, or what only people know."""
        asked = _ASKED.fullmatch(text)
        if asked is None:
            return said(self.fill(text))
        return known(self._values.told.get(asked.group(1), ""), asked.group(2))

    def section(self, one: Mapping[str, Any]) -> Section:
        return Section(one["title"], tuple(self._block(block) for block in one["block"]))

    def _block(self, block: Mapping[str, Any]) -> Block:
        if "facts" in block:
            return facts([(label, self.cell(value)) for label, value in self._kept(block["facts"])])
        if "table" in block:
            rows = [[self.cell(cell) for cell in row] for row in self._rows(block)]
            return table(block["columns"], rows, block["widths"])
        kind = next(kind for kind in _PLAIN if kind in block)
        return plain(kind, [self.cell(text) for (text,) in self._kept([text] for text in block[kind])])

    def _rows(self, block: Mapping[str, Any]) -> Iterable[list[str]]:
        """Of a table: those in the block, or what the name of a shared one or of a computed one stands for."""
        match block["table"]:
            case "rows":
                return self._kept(block["rows"])
            case "models":
                names = self._shared["model"]
                return [
                    [_literal(one.name), names.get(_stem(one.name)) or _literal(one.purpose), f"`{one.sha256}`"]
                    for one in self._about.models
                ]
            case "settings":
                rows = [self._values.setting(one["key"], one["what"]) for one in self._shared["setting"]]
                return [[row[name] for name in block["pick"]] for row in rows]
        shared = self._shared[
            {"categories": "category", "measures": "measure", "recipients": "recipient"}[block["table"]]
        ]
        return self._kept(self._picked(one, block["pick"]) for one in shared)

    def _picked(self, one: Mapping[str, str], pick: Iterable[str]) -> list[str]:
        """The columns of a shared row; the first one keeps the flag of the row."""
        flag = _FLAG.match(next(iter(one.values())))
        cells = [self._either(one, name) for name in pick]
        if "command" in pick:
            cells = [f"`{cell}`" if name == "command" else cell for name, cell in zip(pick, cells, strict=True)]
        return [(flag.group() if flag else "") + cells[0], *cells[1:]]

    def _either(self, one: Mapping[str, str], name: str) -> str:
        """A text, or the one that stands in where its flag does not hold."""
        text = one[name]
        found = _FLAG.match(text)
        if found is None:
            return text
        return text[found.end() :] if self._holds(found) or f"{name}_else" not in one else one[f"{name}_else"]

    def _kept(self, rows: Iterable[Iterable[str]]) -> list[list[str]]:
        """Rows whose flag holds, without it."""
        kept = []
        for row in rows:
            cells = list(row)
            found = _FLAG.match(cells[0])
            if found is None:
                kept.append([self._unflagged(cell) for cell in cells])
            elif self._holds(found):
                kept.append([cells[0][found.end() :], *map(self._unflagged, cells[1:])])
        return kept

    def _unflagged(self, cell: str) -> str:
        """A cell with a flag of its own, which is empty where that does not hold."""
        found = _FLAG.match(cell)
        if found is None:
            return cell
        return cell[found.end() :] if self._holds(found) else "–"

    def _holds(self, found: re.Match[str]) -> bool:
        return self._values.flags[found.group(2)] != bool(found.group(1))


def _literal(text: str) -> str:
    """Without what `fill` would take for a value."""
    return text.replace("{", "{{").replace("}", "}}")


def _stem(model: str) -> str:
    """The name of a model without its precision."""
    return model.partition(".")[0]
