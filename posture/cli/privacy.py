"""`posture privacy`: what keeps data on this machine, tried while you look."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from posture.cli import exits, paperwork, policy, report, rights
from posture.cli.options import AsJson
from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import printable

if TYPE_CHECKING:
    from posture.privacy.flow import FlowMap, Found, Outside
    from posture.privacy.flow_words import Language

app = typer.Typer(help="What keeps data on this machine, and how you can check it.", no_args_is_help=True)
app.command("report")(report.report)
app.command("paperwork")(paperwork.paperwork)
app.command("export")(rights.export)
app.command("erase")(rights.erase)
app.add_typer(rights.consent, name="consent")
app.add_typer(policy.app, name="policy")

_ACTIVE, _MISSING = "[blue]● active[/blue]", "[yellow]▲ missing[/yellow]"
_STOPS = {
    "environment": "the model runtime's telemetry; detours",
    "system": "every connection, also by native code",
    "interpreter": "connections by Python code, with the name of the call",
    "decoding process": "takes nearly everything from the process that reads your files",
}
_WITHOUT_SYSTEM = {
    "linux": "The kernel refuses the filter here (an old kernel, or a container that forbids it). To be sure, run: "
    "unshare -rn posture ...",
    "win32": "Here a process cannot take the network from itself. A firewall rule can, and whether it does "
    "is not tried: only this program's own layers are sure.",
    "darwin": "Without the sandbox only this program's own layers hold here.",
}


@app.command()
def status(as_json: AsJson = False) -> None:
    """Try each layer that keeps the network away, and name those that are active. Exit 1 if the system's is not.

    Processes of yours that somebody started for a fleet have a network, and are named first.
    """
    from posture import doctor
    from posture.batch.running import running
    from posture.privacy import guard

    with stderr.status("trying each layer"):
        layers = guard.layers()
        decoding = doctor.analysis()[0]
        telemetry = doctor.telemetry()
    rows = [(str(layer.name), layer.active, layer.how) for layer in layers]
    rows.append(("decoding process", decoding.state == "ok", decoding.found))
    fleet = running()
    blocked = next(layer.active for layer in layers if layer.name == "system")
    if as_json:
        found = [{"name": name, "active": active, "how": how} for name, active, how in rows]
        tree = {"schema": "posture.privacy-status/1", "network_blocked_by_system": blocked, "layers": found}
        networked = [{"pid": each.pid, "role": each.role, "address": each.address} for each in fleet]
        print(json.dumps({**tree, "runtime": telemetry.found, "fleet": networked}, indent=1))
    else:
        for each in fleet:
            stdout.print(
                f"[yellow]▲ NETWORK OPEN[/yellow] for process {each.pid}: a {each.role} of a fleet, {each.address}. "
                "It was started for that; everything else is as below.",
                highlight=False,
                soft_wrap=True,
            )
        _print(rows, blocked, telemetry.found)
    if not blocked:
        raise typer.Exit(exits.FAILED)


def _print(rows: list[tuple[str, bool, str]], blocked: bool, runtime: str) -> None:
    who = "the operating system" if blocked else "[yellow]not[/yellow] blocked by the operating system"
    stdout.print(f"Network: {'blocked by ' if blocked else ''}{who}, for this process and all that it starts.")
    grid = new_grid("layer", "", "stops", "tried just now")
    for name, active, how in rows:
        grid.add_row(name, _ACTIVE if active else _MISSING, _STOPS[name], how)
    stdout.print(grid)
    stdout.print(f"Telemetry of the model runtime: {runtime}.", highlight=False)
    if not blocked:
        stdout.print(_WITHOUT_SYSTEM.get(sys.platform, ""), highlight=False, soft_wrap=True)
    stdout.print(
        "Not covered: other programs of your account, which this one can reach over AF_UNIX sockets (display, session "
        "bus), and folders that something else synchronises.",
        highlight=False,
    )


@app.command("map")
def data_map(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="A diagram: .svg, .html or .pdf.")
    ] = None,
    language: Annotated[Literal["en", "de"], typer.Option(help="Of table and diagram.")] = "en",
    overwrite: Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """List every touchpoint: what is read, computed, kept, where, under which key, until when, and who can read it.

    Made from what the code declares and from what lies there now. Exit 1 where files lie in the data folder that nobody
    declares, or where a declared place receives something that does not exist.
    """
    from posture import config
    from posture.cli.flow import user_map

    with stderr.status("looking at each place"):
        found = user_map(config.load())
    if output is not None:
        _draw(found, output, language, overwrite=overwrite)
    if as_json:
        print(json.dumps(map_tree(found, language), indent=1, ensure_ascii=False))
    elif output is None:
        print_map(found, language)
    strange = [f"nobody declares {path}" for path in found.undeclared]
    strange += [
        f"[[flow.declared]] {one.declared.name!r} receives {one.declared.receives!r}, which is no touchpoint"
        for one in found.outside
        if not one.known
    ]
    for line in strange:
        stderr.print(f"warning: {line}", markup=False, highlight=False, soft_wrap=True)
    if strange:
        raise typer.Exit(exits.FAILED)


def _draw(found: "FlowMap", output: Path, language: "Language", *, overwrite: bool) -> None:
    """The diagram, in the format that the name of the file says."""
    from datetime import datetime

    from posture.output import whole_file
    from posture.privacy import guard
    from posture.reports.flow_page import FORMATS, write

    suffix = output.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise typer.BadParameter(f"{output.name} ends with none of {', '.join(f'.{name}' for name in FORMATS)}")
    blocked = next(layer.active for layer in guard.layers() if layer.name == "system")
    with whole_file(output, overwrite=overwrite, advice="choose another name, or pass --overwrite") as out:
        write(FORMATS[suffix], found, language, datetime.now(), blocked=blocked, out=out)


def map_tree(found: "FlowMap", language: "Language") -> dict[str, Any]:
    """The map for programs."""
    return {
        "schema": "posture.privacy-map/1",
        "touchpoints": [_tree_of(one, found, language) for one in found.found],
        "declared": [_outside_tree(one) for one in found.outside],
        "undeclared_files": [str(path) for path in found.undeclared],
    }


def _tree_of(one: "Found", found: "FlowMap", language: "Language") -> dict[str, Any]:
    from posture.privacy.flow_words import filled

    point = one.touchpoint
    texts = {name: filled(getattr(point, name), language, found.settings) for name in _TEXTS}
    checked = {
        "paths": list(one.patterns), "files": one.files, "bytes": one.size_bytes, "more": one.more,
        "access": one.access or None, "other_owner": one.others, "copied_by": one.copied_by or None,
        "problem": one.problem or None,
    }  # fmt: skip
    declared = {"personal": point.personal, "covers": list(point.covers), "settings": list(point.settings)}
    return {"name": point.name, "stage": str(point.stage), **texts, **declared, **checked}


_TEXTS = ("title", "data", "where", "key", "kept", "readers")


def _outside_tree(one: "Outside") -> dict[str, Any]:
    said = one.declared
    names = ("name", "receives", "where", "how", "key", "kept", "readers")
    return {**{name: getattr(said, name) for name in names}, "known": one.known, "exists": one.exists}


def print_map(found: "FlowMap", language: "Language") -> None:
    """The map as a table."""
    from posture.privacy.flow_words import STAGES, filled, now, outside_now, places_said, word

    def said(text: str) -> str:
        return printable(filled(text, language, found.settings))

    columns = ("what", "where, and what is there now", "key", "until when", "who can read it")
    grid = new_grid(*(word(column, language) for column in columns))
    for stage in STAGES:
        grid.add_section()
        grid.add_row(f"[bold]{word(STAGES[stage], language)}[/bold]")
        for one in (one for one in found.found if one.touchpoint.stage == stage):
            point = one.touchpoint
            where = [*map(printable, places_said(one)), said(point.where), now(one, language)]
            grid.add_row(
                f"{said(point.title)}\n[dim]{said(point.data)}[/dim]",
                "\n".join(filter(None, where)), said(point.key), said(point.kept), said(point.readers),
            )  # fmt: skip
    grid.add_section()
    grid.add_row(f"[bold]{word('Outside the program, as declared', language)}[/bold]")
    for outside in found.outside:
        given = outside.declared
        grid.add_row(
            f"{printable(given.name)}\n[dim]{printable(given.receives)}; {printable(given.how)}[/dim]",
            "\n".join(filter(None, (printable(given.where), outside_now(outside, language)))),
            *(printable(text) for text in (given.key, given.kept, given.readers)),
        )  # fmt: skip
    stdout.print(grid, highlight=False)
