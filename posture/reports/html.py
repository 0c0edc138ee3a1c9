"""HTML: one self-contained file without script. Its own policy forbids it to load or run anything.

The style sheet is named in the policy by its hash, and there is no style attribute anywhere, so even a text that got
through the escaping could neither run nor load nor restyle anything.
"""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, BinaryIO

from posture.reports import svg
from posture.reports.language import speaking
from posture.reports.layout import Page
from posture.reports.page import page
from posture.reports.schema import Summary
from posture.reports.still import NO_STILLS, Stills
from posture.reports.table import Row

if TYPE_CHECKING:
    import jinja2


def write(summary: Summary, rows: Iterable[Row], out: BinaryIO, stills: Stills = NO_STILLS) -> None:
    """Write `summary` as HTML; `rows` is not used. Only a report with `stills` may show pictures, and only its own."""
    del rows
    with speaking(summary.language):
        render(page(summary, stills), out)


def render(shown: Page, out: BinaryIO) -> None:
    """Write any page as HTML."""
    # Loaded when there is HTML to write: the parent of an analysis stays small while its child works.
    from markupsafe import Markup

    style = _style() + _on_every_page(shown.stamp)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = environment().get_template("report.html")
    content = template.render(page=shown, style=Markup(style), style_sha256=digest, patterns=svg.PATTERNS)
    out.write(content.encode())


def _on_every_page(stamp: str) -> str:
    """A rule that prints the stamp in the margin of each page; each character escaped (CSS Syntax 3, 4.3.7)."""
    written = "".join(f"\\{ord(character):x} " for character in stamp)
    return f'@page{{@bottom-right{{content:"{written}";font:9px sans-serif;color:{svg.LIGHT["soft"]}}}}}'


@cache
def _style() -> str:
    """The whole style sheet: colours of both themes as variables, the page, the charts."""
    sheet = resources.files("posture.reports").joinpath("templates", "report.css").read_text("utf-8")
    light, dark = ("".join(f"--{name}:{value};" for name, value in theme.items()) for theme in (svg.LIGHT, svg.DARK))
    themes = f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    return themes + sheet + svg.rules({name: f"var(--{name})" for name in svg.LIGHT})


@cache
def environment(package: str = "posture.reports") -> "jinja2.Environment":
    """Of the templates of a package: everything is escaped, and a name that is not there is an error."""
    import jinja2  # late, as in `write`

    return jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
