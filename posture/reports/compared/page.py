"""A comparison as a report for reading: HTML, PDF and JSON."""

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from posture.reports import cover, html, pdf, statements, svg, words
from posture.reports.compared import words as cw
from posture.reports.compared.difference import Comparison, Difference, Kind
from posture.reports.facts import Table
from posture.reports.language import say, speaking
from posture.reports.layout import Chapter, Page, Strip
from posture.reports.schema import Cover
from posture.reports.score_page import Block
from posture.reports.svg import Svg

PLOT_WIDTH, PLOT_HEIGHT = 525.0, 18.0
FORMATS = ("html", "pdf", "json")
HOLDS = (
    "This comparison contains figures of two recordings, the names of their reports and of the reviewer. It contains "
    "no picture, no sound, no face, no time of day and no place."
)


def write(comparison: Comparison, name: str, out: BinaryIO) -> None:
    """Write in the format `name`, one of `FORMATS`."""
    if name == "json":
        out.write(encoded(comparison))
        return
    with speaking(comparison.language):
        (html.render if name == "html" else pdf.render)(page(comparison), out)


def encoded(comparison: Comparison) -> bytes:
    """The JSON file."""
    return msgspec.json.format(msgspec.json.encode(comparison, order="sorted"), indent=2) + b"\n"


def page(comparison: Comparison) -> Page:
    """Lay it out."""
    signed = Cover(reviewer=comparison.reviewer, reviewed_on=comparison.reviewed_on)
    sources = (
        (say("Before"), comparison.before),
        (say("After"), comparison.after),
        (say("SHA-256 of the source before"), comparison.before_sha256 or say("not given")),
        (say("SHA-256 of the source after"), comparison.after_sha256 or say("not given")),
        (say("How"), cw.method(comparison)),
    )
    digest = hashlib.sha256(encoded(comparison)).hexdigest()
    held = ((say("Pictures"), say("none")), (say("SHA-256 of the same report as JSON"), digest))
    angles = [one for one in comparison.differences if one.kind == "angle" and one.name.endswith("_deg")]
    plotted = [one for one in angles if one.figure == "p90"]
    heads = {"report": cw.TEXTS["report"], "timeline": cw.TEXTS["plot"], "timeline_note": cw.TEXTS["plot_note"]}
    return Page(
        language=comparison.language,
        label="",
        stamp=cover.stamp(signed),
        final=bool(comparison.reviewer),
        cover=Table(cw.TEXTS["facts"], tuple(words.FACTS_TABLE), sources),
        privacy_table=Table(words.HEADINGS["privacy_facts"], tuple(words.FACTS_TABLE), held),
        lead=cw.lead(comparison),
        words=dict(words.HEADINGS) | heads,
        chapters=(
            Chapter(
                heading=cw.TEXTS["report"],
                lead=cw.lead(comparison),
                blocks=tuple(_blocks(comparison)),
                strips=tuple(_strip(one, plotted) for one in plotted),
                strips_axis=_axis(plotted),
            ),
        ),
        limits=statements.limits(),
        privacy=tuple(map(say, (statements.PRIVACY[0], HOLDS, statements.PRIVACY[4]))),
    )


def rows(differences: Sequence[Difference]) -> tuple[tuple[str, ...], ...]:
    """The cells of a table of differences, as `cw.COLUMNS` heads them."""
    return tuple(
        (
            cw.name(one),
            cw.figure(one),
            cw.value(one, one.before),
            cw.value(one, one.after),
            cw.value(one, one.change, sign=True),
            cw.interval(one),
            cw.verdict(one),
        )
        for one in differences
    )


def _blocks(comparison: Comparison) -> list[Block]:
    found: list[Block] = []
    kinds: tuple[tuple[Kind, str], ...] = (("score", "scores"), ("zone", "zones"), ("angle", "angles"))
    for kind, heading in kinds:
        chosen = [one for one in comparison.differences if one.kind == kind]
        if chosen:
            note = cw.TEXTS["note"] if not found else ""
            table = Table(cw.TEXTS[heading], tuple(cw.COLUMNS), rows(chosen), numeric=(2, 3, 4, 5))
            found.append(Block(cw.TEXTS[heading], note, table, level=2, narrow=True))
    if comparison.left_out:
        kind_of = {"deg": "angle", "ratio": "angle", "low": "score", "high": "score"}
        missing = tuple(
            (cw.quantity(kind_of.get(key.rpartition("_")[2], "zone"), key), cw.REASONS[why])
            for key, why in comparison.left_out.items()
        )
        heading = cw.TEXTS["left_out"]
        found.append(Block(heading, "", Table(heading, tuple(cw.LEFT_OUT), missing), level=2))
    return found


def _widest(plotted: Sequence[Difference]) -> float:
    """The change at the edge of the plot, in tens of degrees."""
    most = max((abs(end) for one in plotted for end in (one.low, one.high, one.change)), default=0.0)
    return max(10.0, -(-most // 10) * 10.0)


def _strip(one: Difference, plotted: Sequence[Difference]) -> Strip:
    edge, middle = _widest(plotted), PLOT_HEIGHT / 2

    def at(change: float) -> str:
        return svg.share(change + edge, 2 * edge)

    pieces = [
        svg.element("line", x1="50%", x2="50%", y1=0, y2=PLOT_HEIGHT, class_="c-zero"),
        svg.element("line", x1=at(one.low), x2=at(one.high), y1=middle, y2=middle, class_="c-mark"),
        svg.element("circle", cx=at(one.change), cy=middle, r=4, class_="c-joint"),
    ]
    alt = f"{cw.name(one)}: {cw.value(one, one.change, sign=True)}, {cw.interval(one)}, {cw.verdict(one)}"
    chart = svg.chart(cw.name(one), pieces, width=PLOT_WIDTH, height=PLOT_HEIGHT, description=alt)
    return Strip(cw.name(one), chart, alt)


def _axis(plotted: Sequence[Difference]) -> Svg:
    edge = _widest(plotted)
    pieces = []
    for change in (-edge, -edge / 2, 0.0, edge / 2, edge):
        x = svg.share(change + edge, 2 * edge)
        anchor = "start" if change == -edge else "end" if change == edge else "middle"
        pieces.append(svg.element("line", x1=x, x2=x, y1=0, y2=4, class_="c-grid"))
        label = f"{'+' if change > 0 else ''}{words.number(change)}°"
        pieces.append(svg.text(label, x=x, y=15, text_anchor=anchor))
    return svg.chart("", pieces, width=PLOT_WIDTH, height=18)
