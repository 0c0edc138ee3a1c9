"""`posture doctor`: whether everything here is as it should be."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from posture.cli import exits
from posture.cli.screen import new_grid, stderr, stdout

_MARKS = {"ok": "[blue]● ok[/blue]", "note": "[yellow]▲ note[/yellow]", "bad": "[red]■ bad[/red]"}
_ADVICE = "choose another FILE for --bundle, or remove that one first"


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    bundle: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a redacted report for a bug ticket; you see it first.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write the bundle without asking.")] = False,
) -> None:
    """Check the installation: libraries, models, kernel limits, telemetry, and a short analysis of the demo."""
    from posture import doctor as checks
    from posture.output import refuse_existing

    if bundle is not None:
        refuse_existing(bundle, overwrite=False, advice=_ADVICE)
    findings = checks.examine()
    if as_json:
        tree = {"schema": "posture.doctor/1", "findings": [finding.as_dict() for finding in findings]}
        print(json.dumps(tree, indent=1))
    else:
        grid = new_grid("", "what", "found")
        for finding in findings:
            grid.add_row(_MARKS[finding.state], finding.what, finding.found)
        stdout.print(grid)
        for finding in findings:
            if finding.advice:
                stdout.print(f"{finding.what}: {finding.advice}", markup=False, highlight=False, soft_wrap=True)
    if bundle is not None:
        _write_bundle(bundle, checks.bundle(findings), yes)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(exits.FAILED)


def _write_bundle(path: Path, text: str, yes: bool) -> None:
    from posture.output import whole_file

    print(text, file=sys.stderr)
    if not yes and not typer.confirm(f"Write this to {path}?", err=True):
        raise typer.Exit(exits.CANCELLED)
    with whole_file(path, advice=_ADVICE) as out:
        out.write(text.encode())
    stderr.print(f"written: {path}", markup=False, highlight=False, soft_wrap=True)
