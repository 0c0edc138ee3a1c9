"""`posture privacy`: what keeps data on this machine, tried while you look."""

import json
import sys
from typing import Annotated

import typer

from posture.cli import exits
from posture.cli.screen import new_grid, stderr, stdout

app = typer.Typer(help="What keeps data on this machine, and how you can check it.", no_args_is_help=True)

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
def status(as_json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")] = False) -> None:
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
