"""`posture models`: what the program can run and whether the files are what they should be."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from posture.audit.events import Event
from posture.cli import exits, trail
from posture.cli.screen import new_grid, stdout

if TYPE_CHECKING:
    from posture.pose.catalogue import Verification

app = typer.Typer(help="The pose models and their verification.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")]

_MARKS = {"verified": "[blue]● verified[/blue]", "missing": "[dim]○ missing[/dim]", "failed": "[red]■ FAILED[/red]"}


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Name, purpose, size, source and licence of every model that the manifest knows."""
    import msgspec

    from posture.pose.catalogue import Catalogue

    entries = Catalogue.load().entries
    if as_json:
        tree = {"schema": "posture.models/1", "models": msgspec.to_builtins(entries)}
        print(msgspec.json.format(msgspec.json.encode(tree), indent=1).decode())
        return
    grid = new_grid("name", "purpose", "input", "size", "SHA-256", "licence")
    for entry in entries:
        shape = "×".join(str(n) for n in entry.inputs[0].shape)
        size = f"{entry.bytes / 1e6:.1f} MB"
        name = f"{entry.name} (optional)" if entry.optional else entry.name
        grid.add_row(name, entry.purpose, f"{shape} {entry.inputs[0].dtype}", size, entry.sha256[:12], entry.licence)
    stdout.print(grid)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Read every model file and compare its SHA-256 with the manifest. Exit 65 if one differs."""
    from posture.pose.catalogue import Catalogue

    trail.started("models.verify")
    results = Catalogue.load().verify_all()
    for result in results:
        _record(result)
    if as_json:
        models = [{"name": r.entry.name, "state": r.state, "message": r.message} for r in results]
        print(json.dumps({"schema": "posture.models-verify/1", "models": models}, indent=1))
    else:
        for result in results:
            stdout.print(f"{_MARKS[result.state]} {result.entry.name}", highlight=False)
            if result.message:
                stdout.print(f"  {result.message}", markup=False, highlight=False, soft_wrap=True)
    if not all(result.ok for result in results):
        raise typer.Exit(exits.BAD_DATA)


def _record(result: "Verification") -> None:
    """What became of one model, for the audit log."""
    sha256 = result.entry.sha256
    if result.state == "verified":
        trail.record(Event.MODEL_VERIFIED, sha256=sha256)
    elif not result.ok:
        trail.record(Event.MODEL_REFUSED, sha256=sha256, reason="missing" if result.state == "missing" else "hash")
