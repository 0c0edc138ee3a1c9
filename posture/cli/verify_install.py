"""`posture verify-install`: every file of this installation against the record of the installer."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.progress import Progress

from posture.cli import exits
from posture.cli.screen import new_grid, stderr, stdout

if TYPE_CHECKING:
    from posture.verify_install.examine import OnProgress, Report
    from posture.verify_install.record import Checked

SHOWN = 20
"""Files of one distribution that the table names; `--json` names all."""
PROVES = (
    "Compared with the RECORD files of the installer: this finds accidental change and simple tampering, not somebody "
    "who changed RECORD as well. Not looked at are Python itself with pyvenv.cfg, folders that PYTHONPATH adds, "
    "distributions that neither the program needs nor Python starts, and the files in __pycache__; without the latter, "
    "Python makes them again."
)
_OK, _BAD, _NOTE = "[blue]● as recorded[/blue]", "[red]■ DIFFERS[/red]", "[yellow]▲ no record[/yellow]"


def verify_install(as_json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")] = False) -> None:
    """Compare every file of the program and of what it stands on with the hashes of the installation.

    Exit 65 if a file is altered, missing, or there without being recorded.
    """
    from posture.verify_install.examine import examine

    with Progress(console=stderr, transient=True, disable=not stderr.is_terminal) as progress:
        task = progress.add_task("reading files", total=None)
        on_progress: OnProgress = lambda done, total: progress.update(task, completed=done, total=total)  # noqa: E731
        report = examine(on_progress)
    if as_json:
        print(json.dumps(_as_dict(report), indent=1))
    else:
        _show(report)
    if not report.ok:
        raise typer.Exit(exits.BAD_DATA)


def _show(report: "Report") -> None:
    grid = new_grid("distribution", "version", "files", "size", "compiled", "state")
    for each in report.distributions:
        size = f"{each.bytes / 1e6:.1f} MB"
        grid.add_row(each.name, each.version, str(each.files), size, str(each.compiled), _OK if each.ok else _BAD)
    stdout.print(grid)
    libraries = new_grid("shared library", "of", "SHA-256", "state")
    for library in report.libraries:
        libraries.add_row(library.name, library.distribution, library.sha256[:12], library.state)
    stdout.print(libraries)
    for words in _differences(report):
        stdout.print("[red]■[/red] ", end="")
        stdout.print(words, markup=False, highlight=False, soft_wrap=True)
    if not report.models:
        stdout.print("[blue]●[/blue] the models are those of the manifest", highlight=False)
    if report.program == "checkout":
        stdout.print(f"{_NOTE} ", end="", highlight=False)
        stdout.print(_checkout(report), markup=False, highlight=False, soft_wrap=True)
    stdout.print(PROVES, markup=False, highlight=False)


def _checkout(report: "Report") -> str:
    return (
        f"the program runs from its source in {report.folder}, and no RECORD speaks of those files: "
        "`git status` and `git fsck` there compare them with the commit"
    )


def _differences(report: "Report") -> list[str]:
    """One line each, the worst first."""
    found = [f"{name}: is needed and not installed; install the program again" for name in report.absent]
    for each in report.distributions:
        found += _of_one(each)
    found += [f"{name}: nobody recorded it, and Python runs or imports it" for name in report.loose]
    return [*found, f"models: {report.models}"] if report.models else found


def _of_one(each: "Checked") -> list[str]:
    kinds = (("altered", each.altered), ("missing", each.missing), ("not recorded", each.unrecorded))
    found = [f"{each.name}: {each.problem}"] if each.problem else []
    for words, paths in kinds:
        found += [f"{each.name}: {path} is {words}" for path in paths[:SHOWN]]
        found += [f"{each.name}: {len(paths) - SHOWN} more are {words}"] if len(paths) > SHOWN else []
    return found


def _as_dict(report: "Report") -> dict[str, Any]:
    return {
        "schema": "posture.verify-install/1",
        "ok": report.ok,
        "program": {"state": report.program, "advice": _checkout(report) if report.program == "checkout" else ""},
        "distributions": [{"ok": each.ok, **msgspec.to_builtins(each)} for each in report.distributions],
        "absent": list(report.absent),
        "loose": list(report.loose),
        "models": {"ok": not report.models, "message": report.models},
        "proves": PROVES,
    }
