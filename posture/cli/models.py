"""`posture models`: what the program can run and whether the files are what they should be."""

import json
from typing import Annotated

import typer

from posture.cli import exits
from posture.cli.screen import new_grid, stdout

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

    results = Catalogue.load().verify_all()
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
