"""`posture fleet`: the machines of an office that work at one job, and the only verbs that open a connection."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from posture.audit.events import Event
from posture.cli import trail
from posture.cli.interrupt import stopping
from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.batch.certificates import Certificates, Role
    from posture.batch.fleet_workers import FleetWorkers, Machine

app = typer.Typer(
    help="Several machines for one job, over TLS inside your own network. Nothing else of this program has a network.",
    no_args_is_help=True,
)
NETWORKED = frozenset({"scheduler", "worker", "status"})
"""Of these verbs, those that open a connection. `posture batch run --fleet` does too."""

Certs = Annotated[Path, typer.Option("--certs", metavar="DIR", help="The folder of this machine's certificate.")]
Scheduler = Annotated[str, typer.Argument(metavar="ADDRESS", help="Of the scheduler: numbers, 192.168.1.5:8786.")]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")]
FleetAddress = Annotated[
    str | None,
    typer.Option("--fleet", metavar="ADDRESS", help="Have the workers of this scheduler do it (`posture fleet`)."),
]
FleetCerts = Annotated[
    Path | None, typer.Option("--certs", metavar="DIR", help="With --fleet: the folder of this machine's certificate.")
]
Stream = Annotated[
    bool,
    typer.Option("--stream", metavar="", help="With --fleet: send a file to a worker where none sees it by itself."),
]


def wants_network(arguments: list[str]) -> bool:
    """Whether these are the words, typed after `posture`, that start a process of a fleet.

    Known before anything else runs, because the network is taken away first. A setting or a job file cannot ask for it.
    """
    if len(arguments) > 1 and arguments[0] == "fleet":
        return arguments[1] in NETWORKED
    typed = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return typed[:2] == ["batch", "run"] and any(each == "--fleet" or each.startswith("--fleet=") for each in typed)


@app.command()
def certs(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the authority is, or is to be.")],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The machine that gets one.")] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", help="What it is: scheduler, worker or client.")
    ] = None,
    days: Annotated[int, typer.Option(metavar="N", help="How long it is valid.")] = 365,
    renew: Annotated[
        bool, typer.Option("--renew", metavar="", help="With --name: another certificate for the key that it has.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the certificates of a fleet, and list them. The first call makes the authority.

    --name and --role make one for a machine, in DIR/NAME: carry that folder there by a safe way, and keep
    DIR/authority.key where it is: whoever has it can make machines of the fleet.
    """
    from posture.batch import certificates

    if (name is None) != (role is None):
        raise ConfigError("--name and --role belong together: which machine, and what it is")
    if renew and name is None:
        raise ConfigError("--renew needs --name and --role: which machine, and what it is")
    if role is not None and role not in certificates.ROLES:
        raise ConfigError(f"--role takes {', '.join(certificates.ROLES)}, not {role!r}")
    trail.started("fleet.certs")
    if not (folder / certificates.AUTHORITY_KEY).exists():
        certificates.create_authority(folder)
        trail.record(Event.FLEET_CERTIFIED, role="authority", fleet=certificates.fleet_of(folder))
    if name is not None and role is not None:
        made = certificates.create_machine(folder, certificates.ROLES[role], name, days, renew=renew)
        trail.record(Event.FLEET_CERTIFIED, role=made.role, fleet=made.fleet)
    _list(folder, as_json)


def _list(folder: Path, as_json: bool) -> None:
    from posture.batch import certificates

    fleet, found = certificates.fleet_of(folder), certificates.machines(folder)
    if as_json:
        rows = [
            {"name": each.name, "role": each.role, "ends": each.ends.isoformat(), "folder": str(each.key.parent)}
            for each in found
        ]
        print(json.dumps({"schema": "posture.fleet-certs/1", "fleet": fleet, "machines": rows}, indent=1))
        return
    stdout.print(f"fleet {fleet}, authority in {escape(str(folder))}", highlight=False, soft_wrap=True)
    grid = new_grid("machine", "is", "ends", "folder")
    for each in found:
        left = certificates.days_left(each)
        colour = "red" if left < 0 else "yellow" if left < certificates.WARN_DAYS else "default"
        ends = f"[{colour}]{each.ends:%Y-%m-%d}[/{colour}] ({left} days)"
        grid.add_row(escape(each.name), each.role, ends, escape(str(each.key.parent)))
    stdout.print(grid)


@app.command()
def scheduler(
    certs: Certs,
    listen: Annotated[str, typer.Option("--listen", metavar="ADDRESS", help="Of this machine: 192.168.1.5:8786.")],
    patience: Annotated[
        float, typer.Option(metavar="S", min=15, help="A machine that is silent for so long counts as gone.")
    ] = 90.0,
) -> None:
    """Hand out work to the workers of the fleet, until Ctrl+C. Holds no file and no result."""
    from posture.batch import fleet
    from posture.batch.address import Address

    at, own = Address.parse(listen), _own(certs, "scheduler")
    if not at.port:
        raise ConfigError("--listen needs a port: the workers must know it")
    trail.started("fleet.scheduler")
    stop = fleet.Stop()
    with _in_fleet(own, str(at)), stopping(stop, "ending") as wish:
        fleet.run_scheduler(at, own, stop, _say, patience)
    raise typer.Exit(wish.code)


@app.command()
def worker(
    address: Scheduler,
    certs: Certs,
    share: Annotated[
        list[str],
        typer.Option(
            "--share",
            metavar="[THEIRS=]FOLDER",
            help="A folder whose files this machine may read and write, and how the job calls it. Repeat it.",
        ),
    ],
    places: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Files at a time (default: as processors and memory allow).")
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="ADDRESS", help="Of this machine, for the scheduler (default: a free port)."),
    ] = None,
    patience: Annotated[
        float, typer.Option(metavar="S", min=15, help="A scheduler that is silent for so long counts as gone.")
    ] = 90.0,
) -> None:
    """Work for a scheduler, until Ctrl+C. What decodes and computes has no network; when the connection breaks, it
    is made again.
    """
    from posture.batch import fleet
    from posture.batch.address import Address
    from posture.batch.fleet_bench import Bench
    from posture.batch.incoming import Incoming
    from posture.batch.offers import offered
    from posture.batch.shares import parse_all
    from posture.batch.workers import how_many
    from posture.folders import data_folder

    at, own, shares = Address.parse(address), _own(certs, "worker"), parse_all(share)
    own_address = None if listen is None else Address.parse(listen, default_port=0)
    with stderr.status("comparing every model with its hash"):
        offers = offered()
    trail.started("fleet.worker")
    stop, number = fleet.Stop(), places or how_many()
    with (
        _in_fleet(own, str(at)),
        stopping(stop, "ending; the scheduler gives the work to others") as wish,
    ):
        bench = Bench(number, shares, Incoming(data_folder() / "fleet" / "incoming"))
        try:
            fleet.run_worker(
                at, own, bench, stop, _say, places=number, offers=offers, listen=own_address, patience_s=patience
            )
        finally:
            bench.close()
    raise typer.Exit(wish.code)


@app.command()
def status(address: Scheduler, certs: Certs, as_json: AsJson = False) -> None:
    """Which machines the fleet has, what they have installed and whether they work. Exit 69 if nobody answers."""
    from posture.batch.address import Address
    from posture.batch.fleet_link import Connection
    from posture.batch.offers import program

    at, own = Address.parse(address), _own(certs, "client")
    trail.started("fleet.status")
    with _in_fleet(own, str(at)):
        connection = Connection(at, own)
        try:
            machines = connection.machines()
        finally:
            connection.close()
    if as_json:
        import msgspec

        rows = [{**msgspec.to_builtins(each), "fits": program() in each.offers} for each in machines]
        tree = {"schema": "posture.fleet-status/1", "scheduler": str(at), "program": program(), "workers": rows}
        print(json.dumps(tree, indent=1))
        return
    _show(machines, program())


@contextmanager
def fleet_of(address: str | None, certs: Path | None, *, stream: bool) -> "Iterator[FleetWorkers | None]":
    """The workers of the scheduler that was named with --fleet; None where none was. Raises FleetError, ConfigError."""
    if address is None:
        if certs is not None or stream:
            raise ConfigError("--certs and --stream go with --fleet ADDRESS")
        yield None
        return
    if certs is None:
        raise ConfigError("--fleet needs --certs DIR, the folder of this machine's certificate")
    from posture.batch.address import Address
    from posture.batch.fleet_link import Connection
    from posture.batch.fleet_workers import FleetWorkers
    from posture.batch.offers import program

    at, own = Address.parse(address), _own(certs, "client")
    with _in_fleet(own, str(at)):
        connection = Connection(at, own)
        workers = FleetWorkers(connection, streams=stream, say=_say)
        try:
            for each in connection.machines():
                if program() not in each.offers:
                    _say(f"▲ {each.name} has {each.version} and gets no work; here is {program()}")
            yield workers
        finally:
            workers.close()


def _show(machines: "tuple[Machine, ...]", ours: str) -> None:
    if not machines:
        stdout.print(
            f"no worker is there yet, for a job of {ours}: start one with `posture fleet worker`", highlight=False
        )
        return
    grid = new_grid("worker", "address", "at work", "last heard", "version", "")
    for each in machines:
        fits = "[blue]● fits[/blue]" if ours in each.offers else "[yellow]▲ another version: gets no work[/yellow]"
        grid.add_row(
            escape(each.name),
            each.address.removeprefix("tls://"),
            f"{each.busy} of {each.places}",
            f"{each.silent_s:.0f} s ago",
            escape(each.version),
            fits,
        )
    stdout.print(grid)
    places = sum(each.places for each in machines if ours in each.offers)
    stdout.print(f"{places} place{'' if places == 1 else 's'} for a job of {ours}", highlight=False)


def _own(folder: Path, role: "Role") -> "Certificates":
    """The certificate of this machine; one that ends soon is said."""
    from posture.batch import certificates

    own = certificates.load(folder, role)
    left = certificates.days_left(own)
    if left < certificates.WARN_DAYS:
        stderr.print(f"[yellow]▲[/yellow] the certificate of {own.name} ends in {left} days", highlight=False)
    return own


@contextmanager
def _in_fleet(own: "Certificates", address: str) -> Iterator[None]:
    """Say it loudly: on the terminal, in the audit log, and to `posture privacy status`."""
    from posture.batch import fleet
    from posture.batch.running import noted

    fleet.check_installed()
    trail.record(Event.FLEET_STARTED, role=own.role, fleet=own.fleet)
    stderr.print(
        f"[yellow]▲ NETWORK OPEN[/yellow] for this process alone: TLS with the fleet {own.fleet}, {address}. "
        "What decodes and computes stays without a network.",
        highlight=False,
        soft_wrap=True,
    )
    try:
        with noted(own.role, address):
            yield
    finally:
        trail.record(Event.FLEET_ENDED, role=own.role, fleet=own.fleet)


def _say(words: str) -> None:
    stderr.print(words, markup=False, highlight=False, soft_wrap=True)
    sys.stderr.flush()
