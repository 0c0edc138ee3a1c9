"""The page that says what is in a copy of one's data: HTML without script, which loads nothing."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

_STYLE = """
html{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:3rem auto;padding:0 1.5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .6rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .9rem .45rem 0;border-bottom:1px solid #8884}
td:last-child,th:last-child{text-align:right;white-space:nowrap;padding-right:0}
td{overflow-wrap:anywhere}
.note{border-left:4px solid #c27c00;padding:.5rem 1rem;margin:1.5rem 0}
"""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'">
<title>My data</title>
<style>{style}</style>
<h1>My data</h1>
<p>Everything that posture keeps about its user on this computer, as of {made}. Collected for: {purpose}.
Nothing here is encrypted: delete the folder once it has served its purpose.
<a href="index.json">index.json</a> has the SHA-256 of each file.</p>
{note}
<table>
<thead><tr><th>file</th><th>what it is</th><th>size</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
</html>
"""


def page(made: str, purpose: str, files: Sequence[tuple[str, str, int]], missing: Sequence[str]) -> bytes:
    """`files`: name, what it is, bytes. `missing`: what could not be read, in sentences."""
    rows = "".join(
        f'<tr><td><a href="{escape(name)}">{escape(name)}</a></td><td>{escape(what)}</td><td>{_size(size)}</td></tr>\n'
        for name, what, size in files
    )
    left = "".join(f"<li>{escape(words)}</li>" for words in missing)
    note = f'<div class="note"><p>Not in this copy:</p><ul>{left}</ul></div>' if missing else ""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return _PAGE.format(
        digest=digest, style=_STYLE, made=escape(made), purpose=escape(purpose), note=note, rows=rows
    ).encode()


def _size(size: int) -> str:
    return f"{size:,} B" if size < 10_000 else f"{size / 1000:,.0f} kB"
