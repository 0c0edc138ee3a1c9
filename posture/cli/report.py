"""`posture privacy report`: all that the Privacy page shows, as text or JSON."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posture.cli import exits, trail
from posture.cli.opening import opened, say, user_vault
from posture.cli.options import AsJson
from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import LogDamaged, printable

if TYPE_CHECKING:
    from posture.doctor import Finding
    from posture.overview import CameraTime, Overview, Sources

_LAST = 10
_RULES = {"recordings": "recordings", "history": "history", "audit": "audit log", "consents": "consents and notices"}


def report(
    unlock: Annotated[bool, typer.Option("--unlock", metavar="", help="Ask for the passphrase: consents too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say all that the Privacy page shows: network, camera, what is kept, audit log, exports, retention, consents.

    Exit 1 where the system does not refuse the network or files lie about that nobody declares, 65 where the audit log
    does not hold.
    """
    from contextlib import nullcontext

    from posture import doctor, overview

    sources = user_sources()
    with opened(sources.vault) if unlock else nullcontext() as unlocked, stderr.status("looking at everything"):
        found = overview.overview(sources, unlocked)
        holds = _checked(found)
        decoding = doctor.analysis()[0]
    if as_json:
        print(json.dumps(_tree(found, decoding, holds), indent=1, ensure_ascii=False))
    else:
        _print(found, decoding, holds)
    if holds:
        raise LogDamaged(holds)
    if not found.blocked or found.flow.undeclared:
        raise typer.Exit(exits.FAILED)


def user_sources() -> "Sources":
    """Of this account."""
    from posture.cli.flow import user_map
    from posture.folders import data_folder
    from posture.overview import Sources

    return Sources(data_folder(), user_vault(), trail.settings_in_force, user_map)


def _checked(found: "Overview") -> str:
    """Why the audit log does not hold; empty where it does or there is none."""
    from posture.overview import checked

    if not found.log.exists():
        return ""
    try:
        checked(found.log)
    except LogDamaged as error:
        return str(error)
    return ""


def _tree(found: "Overview", decoding: "Finding", problem: str) -> dict[str, Any]:
    from posture.cli.privacy import map_tree

    camera = found.camera
    return {
        "schema": "posture.privacy-report/1",
        "when": found.when.isoformat(timespec="seconds"),
        "network": {
            "blocked_by_system": found.blocked,
            "layers": [{"name": one.name, "active": one.active, "how": one.how} for one in found.layers],
            "decoding_process": {"active": decoding.state == "ok", "how": decoding.found},
            "variables": found.variables,
        },
        "camera_today": None if camera is None else {
            "seconds": round(camera.seconds), "times": camera.times, "on": camera.on, "certain": camera.certain,
        },
        "map": map_tree(found.flow, "en"),
        "audit": {
            "folder": str(found.log), "enabled": found.log_enabled, "entries": len(found.entries),
            "holds": not problem, "problem": problem or None, "last": list(found.entries[-_LAST:]),
        },
        "exports": list(found.exports),
        "retention": [
            {"what": one.what, "days": one.days, "months": one.months, "setting": one.setting or None}
            for one in found.retention
        ],
        "retention_ran": found.retained.isoformat(timespec="seconds") if found.retained else None,
        "consents": [
            {"note": one.note, "encrypted": one.encrypted, "known": one.known is not None} for one in found.consents
        ],
    }  # fmt: skip


def _print(found: "Overview", decoding: "Finding", problem: str) -> None:
    from posture.cli.privacy import print_map

    say(
        "[green]● the system refuses the network[/green]" if found.blocked else "[yellow]▲ network not refused[/yellow]"
    )
    grid = new_grid("layer", "", "tried just now")
    for layer in found.layers:
        grid.add_row(layer.name, "● active" if layer.active else "[yellow]▲ missing[/yellow]", printable(layer.how))
    state = "● active" if decoding.state == "ok" else "[yellow]▲ missing[/yellow]"
    grid.add_row("decoding process", state, printable(decoding.found))
    for name, value in found.variables.items():
        if value is not None:
            grid.add_row("variable", "", printable(f"{name}={value}"))
    stdout.print(grid, highlight=False)
    stdout.print(f"Camera today: {_camera(found.camera)}", highlight=False)
    print_map(found.flow, "en")
    _print_rules(found)
    _print_log(found, problem)


def _camera(camera: "CameraTime | None") -> str:
    if camera is None:
        return "not known, because there is no audit log that can be read"
    hours, minutes = divmod(round(camera.seconds / 60), 60)
    words = f"on for {hours} h {minutes:02d} min, switched on {camera.times} times"
    words += "; on now, or the program ended without a word" if camera.on else ""
    return words if camera.certain else f"{words}; at least, because the program was ended while it was on"


def _print_rules(found: "Overview") -> None:
    grid = new_grid("kept", "for", "setting")
    for one in found.retention:
        grid.add_row(_RULES[one.what], f"{one.days} days" if one.days else f"{one.months} months", one.setting)
    stdout.print(grid, highlight=False)
    stdout.print(f"Retention ran last: {found.retained or 'never yet'}", highlight=False)
    for note in found.consents:
        known = note.known
        what = f"locked note {note.note}" if known is None else f"{known.kind} of {known.alias}, {known.given:%Y-%m-%d}"
        stdout.print(what, markup=False, highlight=False)


def _print_log(found: "Overview", problem: str) -> None:
    from posture.audit.sentences import sentence

    if not found.log_enabled:
        say("[yellow]▲ the audit log is switched off (audit.enabled)[/yellow]")
    words = f"Audit log: {len(found.entries)} entries; it {'does NOT hold' if problem else 'holds'}"
    stdout.print(words, highlight=False)
    last = [entry for entry in found.entries if entry not in found.exports][-_LAST:]
    for title, entries in (("last entries", last), ("exports", found.exports[-_LAST:])):
        grid = new_grid("local time", title)
        for entry in entries:
            grid.add_row(_local(entry["wall"]), printable(sentence(entry)))
        stdout.print(grid, markup=False, highlight=False)


def _local(wall: int) -> str:
    from datetime import datetime

    return f"{datetime.fromtimestamp(wall):%Y-%m-%d %H:%M:%S}"
