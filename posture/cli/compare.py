"""`posture compare`: two analyses against each other."""

import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.markup import escape

from posture.cli import trail
from posture.cli.options import AsJson
from posture.cli.said import Reviewer
from posture.cli.screen import new_grid, stdout
from posture.cli.written import Replace, ReportFile, ReportLanguage, planned, write_all
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.reports.compared import Comparison, Series


def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A report (JSON, CSV), keypoints, or a video.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Likewise, from after the change.")],
    output: ReportFile = None,
    formats: Annotated[
        str | None, typer.Option("--format", metavar="LIST", help="Comma-separated: html, pdf, json (with --output).")
    ] = None,
    person: Annotated[
        int | None, typer.Option(metavar="N", help="Which person of both (default: the one with the most time).")
    ] = None,
    language: ReportLanguage = None,
    reviewer: Reviewer = None,
    overwrite: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two analyses, each difference with its interval.

    Angles, time in zones, and scores; the intervals come from a seeded block bootstrap over time. Refused with the
    reason: another view, other rules, another model or rate, or less than a minute in view. The CSV reports hold every
    frame; the JSON ones hold at most 480 steps.
    """
    from posture import config
    from posture.reports.compared import compare as compared
    from posture.reports.compared.page import FORMATS, write

    settings = config.load({"output.language": language})
    paths = planned(output, formats, FORMATS, overwrite=overwrite)
    trail.started("compare")
    sides = [_series(path, person) for path in (before, after)]
    found = compared(sides[0], sides[1], language=settings.output.language)
    signed = (reviewer or "").strip()
    found = msgspec.structs.replace(found, reviewer=signed, reviewed_on=date.today().isoformat() if signed else "")
    write_all(paths, partial(write, found), overwrite=overwrite)
    if as_json:
        from posture.reports.compared.page import encoded

        sys.stdout.write(encoded(found).decode())
    else:
        show(found)


def _series(path: Path, person: int | None) -> "Series":
    from posture.reports.compared import Series, read_series
    from posture.reports.compared.series import READABLE

    if path.suffix.lower() in READABLE and not path.name.endswith((".coco.json", ".wide.csv", ".long.csv")):
        return read_series(path, person)
    from posture import config
    from posture.analysis import Analysis
    from posture.analysis import Range as Span
    from posture.ergonomics.task import NOTHING_SAID
    from posture.reports import Table, score_table

    settings = config.load()
    seen = Analysis(path, settings, Span()).observe(lambda *_: None)
    table = Table()
    for observation in seen.observations:
        table.append(observation)
    scored = score_table(table, NOTHING_SAID, settings.scores)
    people = table.people
    chosen = person if person is not None else max(people, key=lambda one: people[one].seconds, default=0)
    if chosen not in people:
        raise ConfigError(f"{path.name}: there is no person {chosen} in it")
    flat = {f"scores.{name}": value for name, value in msgspec.to_builtins(settings.scores).items()}
    facts = {"sha256": seen.sha256, "model": seen.started.model_sha256, "settings": flat}
    return Series.of(table, scored, chosen, path.stem, **facts)


def show(found: "Comparison") -> None:
    """What changed, as a table."""
    from posture.reports.compared import words as cw
    from posture.reports.compared.page import rows

    stdout.print(escape(cw.lead(found)), highlight=False, soft_wrap=True)
    shown = [one for one in found.differences if one.shown]
    grid = new_grid(*cw.COLUMNS, title=f"{len(shown)} of {len(found.differences)} figures changed")
    for cells in rows(shown):
        grid.add_row(*map(escape, cells))
    if shown:
        stdout.print(grid)
    else:
        stdout.print("No figure changed by more than its interval.", highlight=False)
    stdout.print(escape(cw.method(found)), highlight=False, soft_wrap=True)
