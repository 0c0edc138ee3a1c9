"""`posture report`: reports of live sittings, from the history of the vault."""

import sys
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import msgspec
import typer
from rich.markup import escape

from posture.cli import trail
from posture.cli.opening import opened, today, user_vault
from posture.cli.options import AsJson
from posture.cli.said import Reviewer
from posture.cli.screen import new_grid, stdout
from posture.cli.written import Replace, ReportFile, ReportLanguage, planned, write_all
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.reports.compared import Comparison
    from posture.reports.sittings import SittingsReport
    from posture.sinks.archive import Kept

Which = Literal["today", "sitting", "week", "range", "compare"]
WEEK = 7


class _Chosen(NamedTuple):
    """What is to be done with a report."""

    paths: dict[str, Path]
    overwrite: bool
    as_json: bool


def report(
    what: Annotated[
        Which,
        typer.Argument(metavar="today|sitting|week|range|compare", help="What the report is about (default: today)."),
    ] = "today",
    days: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DAY|FIRST..LAST]...", help="Such as 2026-11-28; range takes one, compare two."),
    ] = None,
    output: ReportFile = None,
    formats: Annotated[
        str | None,
        typer.Option("--format", metavar="LIST", help="Comma-separated: html, pdf, xlsx, csv, json (with --output)."),
    ] = None,
    language: ReportLanguage = None,
    reviewer: Reviewer = None,
    overwrite: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Report how you sat: today, in the last sitting, over seven days, over a range, or two stretches compared.

    From the encrypted history of the vault. Less than five judged minutes give no score, and the report says so. It
    holds no picture and no time of day.
    """
    from posture import config
    from posture.reports.compared.page import FORMATS as COMPARED
    from posture.reports.sittings import FORMATS
    from posture.retrospect import against, last_sitting
    from posture.retrospect import report as reported

    settings = config.load({"output.language": language})
    paths = planned(output, formats, COMPARED if what == "compare" else FORMATS, overwrite=overwrite)
    stretches = _stretches(what, days or [])
    trail.started("report")
    kept = _kept(stretches)
    signed = (reviewer or "").strip()
    spoken, chosen = settings.output.language, _Chosen(paths, overwrite, as_json)
    if what == "compare":
        found = against(kept[0], kept[1], spoken)
        on = today().isoformat() if signed else ""
        _give_comparison(msgspec.structs.replace(found, reviewer=signed, reviewed_on=on), chosen)
        return
    shown = last_sitting(kept[0]) if what == "sitting" else kept[0]
    _give(reported(shown, what, spoken, reviewer=signed), chosen)


def _stretches(what: Which, days: list[str]) -> list[tuple[date, date]]:
    """First and last day of each stretch."""
    now = today()
    wanted = {"range": 1, "compare": 2}.get(what, 0)
    if len(days) != wanted:
        raise ConfigError(f"report {what} takes {wanted or 'no'} stretch{'es' if wanted == 2 else ''} of days")
    if what == "week":
        return [(now - timedelta(days=WEEK - 1), now)]
    if what == "sitting":
        return [(now - timedelta(days=1), now)]
    return [_stretch(text) for text in days] or [(now, now)]


def _stretch(text: str) -> tuple[date, date]:
    first, _, last = text.partition("..")
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError as exc:
        raise ConfigError(f"{text!r} is no stretch of days: give 2026-11-28, or 2026-11-21..2026-11-28") from exc
    if ends < begins or (ends - begins).days > 366:
        raise ConfigError(f"{text}: the last day lies before the first one, or more than a year after it")
    return begins, ends


def _kept(stretches: list[tuple[date, date]]) -> "list[tuple[Kept, ...]]":
    from posture.retrospect import read
    from posture.sinks.archive import NAME, Archive, connect
    from posture.vault.historykeys import HistoryKeys

    vault = user_vault()
    with opened(vault) as unlocked:
        if not (vault.folder / NAME).exists():
            raise ConfigError("there is no history yet: it begins with `posture live` once there is a vault")
        with closing(Archive(connect(vault.folder / NAME), HistoryKeys(vault))) as archive:
            return [read(archive, first, last, unlocked.secrets) for first, last in stretches]


def _give(found: "SittingsReport", chosen: _Chosen) -> None:
    from posture.reports.sittings import words as lw
    from posture.reports.sittings import write
    from posture.reports.sittings.formats import encoded

    write_all(chosen.paths, partial(write, found), overwrite=chosen.overwrite)
    if chosen.as_json:
        sys.stdout.write(encoded(found).decode())
        return
    stdout.print(escape(lw.lead(found)), highlight=False, soft_wrap=True)
    for why in dict.fromkeys(why for day in found.days for why in day.shut):
        stdout.print(escape(lw.SHUT[why]), highlight=False, soft_wrap=True)
    if not found.enough:
        stdout.print(escape(lw.too_little(found.judged_s)), highlight=False, soft_wrap=True)
    grid = new_grid(*lw.DAY_HEADS)
    for cells in lw.day_rows(found):
        grid.add_row(*map(escape, cells))
    stdout.print(grid)


def _give_comparison(found: "Comparison", chosen: _Chosen) -> None:
    from posture.cli.compare import show
    from posture.reports.compared.page import encoded, write

    write_all(chosen.paths, partial(write, found), overwrite=chosen.overwrite)
    if chosen.as_json:
        sys.stdout.write(encoded(found).decode())
    else:
        show(found)
