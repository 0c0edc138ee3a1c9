"""The summary over all files as a page: by person, task and day, and every file with a link to its report."""

import base64
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, BinaryIO

from posture import __version__
from posture.batch.journal import Counts, Entry, results_of
from posture.batch.plan import JobPlan
from posture.batch.rows import FileRow, severity
from posture.errors import printable
from posture.reports import svg, words
from posture.reports.html import environment
from posture.reports.language import Words, say, spoken

if TYPE_CHECKING:
    from posture.batch.summary import Groups

SHOWN = 500
"""Files and groups that are listed; CSV and JSON have all."""
_AS_IT_IS = frozenset(b"/-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Of a path in a link: RFC 3986, 2.3. Everything else is written as its number, a colon and `%` too."""
STATES = Words(
    {"done": "Done", "failed": "Failed", "refused": "Refused", "waiting": "Not yet done", "running": "In hand"}
)
_KINDS = Words({"person": "By person", "task": "By task", "day": "By day"})
_HEADS = Words({"person": "Person", "task": "Task", "day": "Day"})
_DID = Words({"analyze": "Analysed", "redact": "Redacted", "scrub": "Without metadata"})


def write(
    out: BinaryIO, plan: JobPlan, counts: Counts, groups: "Groups", lines: Iterable[tuple[Entry, FileRow | None, str]]
) -> None:
    """Write the page in the language that is spoken. `lines`: files, worst first, with their rows and messages."""
    from markupsafe import Markup

    style = _style()
    content = (
        environment("posture.batch")
        .get_template("summary.html")
        .render(
            say=say,
            language=spoken(),
            style=Markup(style),
            style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            title=plan.name or say("All files"),
            judged=plan.what == "analyze",
            lead=_lead(plan, counts),
            states=[(STATES[state], counts.files[state]) for state in ("done", "failed", "refused")],
            left=counts.open,
            groups=[(_KINDS[kind], _HEADS[kind], groups.ordered(kind)[:SHOWN]) for kind in _KINDS],
            length=words.length,
            percent=words.percent,
            lines=[_line(*line) for _, line in zip(range(SHOWN), lines, strict=False)],
            more=max(0, counts.total - SHOWN),
            version=__version__,
        )
    )
    out.write(content.encode())


def _lead(plan: JobPlan, counts: Counts) -> str:
    parts = [_DID[plan.what], say("1 file") if counts.total == 1 else say("{count} files", count=counts.total)]
    if counts.media_s:
        parts.append(say("{time} of recordings", time=words.length(counts.media_s)))
    return " · ".join(parts)


def _line(entry: Entry, row: FileRow | None, message: str) -> dict[str, object]:
    """A row of the table of files."""
    worst = max(row.people, key=severity, default=None) if row else None
    return {
        "file": printable(entry.below.decode("utf-8", "replace")),
        "report": _link(entry),
        "state": STATES[entry.state],
        "failed": entry.state in ("failed", "refused"),
        "share": words.percent(worst.not_recommended_share) if worst and worst.judged_s else "–",
        "part": words.PARTS.get(worst.worst_part, "") if worst and worst.worst_part else "",
        "rula": worst.rula or "–" if worst else "–",
        "reba": worst.reba or "–" if worst else "–",
        "judged": words.length(row.judged_s) if row else "–",
        "said": (row.headline or row.damage) if row else message,
    }


def _link(entry: Entry) -> str:
    """Of its report or copy, as a path below the folder of this page; empty where none can be opened."""
    first = next((one.name for one in results_of(entry) if one.format not in ("json", "csv")), b"")
    path = os.path.join(os.path.dirname(entry.stem), first) if first else b""
    return "".join(chr(byte) if byte in _AS_IT_IS else f"%{byte:02X}" for byte in path)


@cache
def _style() -> str:
    """The style sheet of the reports, and what only this page has."""
    sheet = resources.files("posture.reports").joinpath("templates", "report.css").read_text("utf-8")
    own = resources.files("posture.batch").joinpath("templates", "summary.css").read_text("utf-8")
    light, dark = ("".join(f"--{name}:{value};" for name, value in theme.items()) for theme in (svg.LIGHT, svg.DARK))
    themes = f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    return themes + sheet + own
