"""The page that says what is in a copy of one's data: HTML without script, which loads nothing."""

import base64
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from html import escape
from importlib import resources
from typing import Literal

from posture.sentences import translated

Language = Literal["en", "de"]
_STYLE = """
html{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:3rem auto;padding:0 1.5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .6rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .9rem .45rem 0;border-bottom:1px solid #8884}
td:last-child,th:last-child{text-align:right;white-space:nowrap;padding-right:0}
td:first-child{overflow-wrap:anywhere;min-width:9rem}
.note{border-left:4px solid #c27c00;padding:.5rem 1rem;margin:1.5rem 0}
.note p,.note ul{margin:.2rem 0}
"""
_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'">
<title>{title}</title>
<style>{style}</style>
<h1>{title}</h1>
<p>{lead}</p>
{note}
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}</tbody>
</table>
</html>
"""
_CODE = re.compile(r"`([^`]+)`")
_LEAD = (
    "Everything that posture keeps about its user on this computer, as of {made}. Collected for: {purpose}. Nothing "
    "here is encrypted: delete the folder once it has served its purpose. {index} has the SHA-256 of each file."
)
_INDEX = '<a href="index.json">index.json</a>'
_COLUMNS = ("file", "what it is", "size")
_PURPOSES = {
    "own-posture": "how you sit",
    "workplace-design": "how workplaces are made",
    "risk-assessment": "risk assessment",
    "occupational-health": "occupational health",
}
"""In words; the others are words already."""


def page(
    made: str, purpose: str, files: Sequence[tuple[str, str, int]], missing: Sequence[str], language: Language = "en"
) -> bytes:
    """`made`: ISO 8601 with its offset. `files`: name, what it is, bytes. `missing`: what could not be read.

    What is said is given in English, and stands in `language`.
    """

    def said(text: str) -> str:
        return _CODE.sub(r"<code>\1</code>", escape(_in(language, text)))

    rows = "".join(
        f'<tr><td><a href="{escape(name)}">{escape(name)}</a></td><td>{said(what)}</td>'
        f"<td>{_size(size, language)}</td></tr>\n"
        for name, what, size in files
    )
    left = "".join(f"<li>{said(words)}</li>" for words in missing)
    note = f'<div class="note"><p>{said("Not in this copy:")}</p><ul>{left}</ul></div>' if missing else ""
    moment = datetime.fromisoformat(made)
    when = f"{moment:%d.%m.%Y, %H:%M %Z}" if language == "de" else f"{moment:%Y-%m-%d %H:%M %Z}"
    lead = said(_LEAD).format(made=when, purpose=said(_PURPOSES.get(purpose, purpose)), index=_INDEX)
    return _PAGE.format(
        language=language,
        digest=base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode(),
        style=_STYLE,
        title=said("My data"),
        lead=lead,
        note=note,
        head="".join(f"<th>{said(column)}</th>" for column in _COLUMNS),
        rows=rows,
    ).encode()


def _in(language: Language, text: str) -> str:
    return text if language == "en" else translated(text, german(), german().__getitem__)


@cache
def german() -> Mapping[str, str]:
    """English sentences to German ones."""
    return tomllib.loads(resources.files("posture.rights").joinpath("de.toml").read_text("utf-8"))


def _size(size: int, language: Language) -> str:
    text = f"{size:,} B" if size < 10_000 else f"{size / 1000:,.0f} kB"
    return text.replace(",", ".") if language == "de" else text
