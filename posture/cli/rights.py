"""`posture privacy export`, `erase` and `consent`: a copy of one's data, its erasure, and notes of who agreed."""

import hashlib
import json
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from posture.cli import exits, trail
from posture.cli.opening import can_ask, confirmed, opened, say, today, user_vault
from posture.cli.options import AsJson, listed
from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import ConfigError, NoInput

if TYPE_CHECKING:
    from posture.rights.consents import Note
    from posture.rights.erasure import Outcome, Plan, Scope
    from posture.rights.holdings import Places

_ID_LETTERS = 8
"""Of a note, in a list: `withdraw` takes the beginning."""
WORD = "ERASE"
"""What a person types to erase: nothing that comes out of a finger that slips."""
COPY_QUESTION = "The copy is not encrypted: whoever gets the folder can read it. Write it?"
Yes = Annotated[bool, typer.Option("--yes", "-y", metavar="", help="Do not ask.")]
consent = typer.Typer(help="Who was told of the camera or agreed to it, under aliases.", no_args_is_help=True)


def user_places() -> "Places":
    """Where the data of this user are."""
    from posture import config
    from posture.folders import data_folder
    from posture.rights.holdings import Places
    from posture.vault.places import recordings_folders

    settings = trail.settings_in_force().vault
    folders = recordings_folders(settings.folder)
    return Places(data_folder(), config.config_path(), user_vault(), folders, settings.keep_days)


def export(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="A new folder for the copy.")],
    clips: Annotated[
        bool, typer.Option("--clips", metavar="", help="The videos of recordings too, and the poses in them.")
    ] = False,
    locked: Annotated[
        bool, typer.Option("--locked", metavar="", help="Without the passphrase: leave out what is encrypted.")
    ] = False,
    language: Annotated[
        Literal["en", "de"] | None,
        typer.Option(help="Of the index page (default: output.language).", show_default=False),
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Export my data: everything that is kept about you, in open formats, with an index. Exit 3 if a part is missing.

    History, recordings on request, settings, calibrations, consents and the audit log.
    """
    from posture import config
    from posture.rights import access

    trail.started("privacy.export")
    if not confirmed(COPY_QUESTION, yes):
        raise typer.Exit(exits.CANCELLED)
    settings, places = trail.settings_in_force(), user_places()  # also where a policy is broken
    opening = nullcontext() if locked or not places.vault.exists else opened(places.vault)
    with opening as unlocked, stderr.status("copying") as status:
        done = access.export(
            places,
            out,
            unlocked=unlocked,
            clips=clips,
            settings=config.as_toml(settings),
            purpose=settings.privacy.purpose,
            language=language or settings.output.language,
            progress=lambda number, of, words: status.update(f"copying {escape(words)}"),
        )
    if as_json:
        print((done.folder / "index.json").read_text("utf-8"), end="")
    else:
        say(f"wrote {len(done.parts)} files; open {escape(str(done.folder / 'index.html'))}")
        for words in done.missing:
            say(f"[yellow]▲[/yellow] {escape(words)}")
    if not done.complete:
        raise typer.Exit(exits.SOME_FAILED)


def erase(
    kinds: Annotated[
        str | None,
        typer.Option("--only", metavar="LIST", help="Of these kinds only: recordings, history, ..."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Recordings and history from this day.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="And through this one.")] = None,
    calibration: Annotated[
        str | None, typer.Option("--calibration", metavar="NAME", help="Only the remembered calibration of this name.")
    ] = None,
    audit_log: Annotated[
        bool, typer.Option("--audit-log", metavar="", help="The audit log as well; a new one begins with the proof.")
    ] = False,
    list_only: Annotated[
        bool, typer.Option("--list", metavar="", help="Say what would be erased, and erase nothing.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase everything, or a part: keys first, then files. Lists each path before, and asks for a word.

    Reports, copies and exports lie where you put them, and are not found here. A run that was killed is taken up again.
    """
    from posture.rights import erasure

    places = user_places()
    plan = erasure.unfinished(places)
    if plan is not None:
        say("[yellow]▲ an erasure was interrupted: this is what it still has to do[/yellow]")
    else:
        plan = erasure.planned(places, _scope(kinds, start, end, calibration, audit_log), today())
    if not as_json:
        _show(plan, places)
    if list_only or plan.empty:
        if as_json:
            _print_plan(plan, None)
        return
    if not _typed(yes):
        raise typer.Exit(exits.CANCELLED)
    trail.started("privacy.erase")
    with stderr.status("erasing") as status:
        outcome = erasure.erase(plan, places, lambda done, of, words: status.update(f"erasing {done} of {of}"))
    if as_json:
        _print_plan(plan, outcome)
    else:
        _tell(outcome)
    if not outcome.finished:
        raise typer.Exit(exits.CANNOT_WRITE)


@consent.command("add")
def add(
    alias: Annotated[str, typer.Argument(metavar="ALIAS", help="Who, under a name that only you can place: P07.")],
    notice: Annotated[
        bool, typer.Option("--notice", metavar="", help="They were told, and were not asked: another legal basis.")
    ] = False,
    document: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What they were shown; its SHA-256 is noted.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Note that somebody agreed to be seen by the camera, or was told of it. Encrypted where there is a vault."""
    from posture.rights.consents import Consents

    trail.started("privacy.consent.add")
    settings, places = trail.settings_in_force(), user_places()
    digest = "" if document is None else _digest(document)
    with opened(places.vault) if places.vault.exists else nullcontext() as unlocked:
        notes = Consents(places.data, places.vault, unlocked)
        note = notes.add(alias, "notice" if notice else "consent", settings.privacy.purpose, digest)
    if not places.vault.exists:
        say(f"[yellow]▲ there is no vault: the note is not encrypted[/yellow] ({escape(str(notes.path))})")
    _print_note(note, as_json=as_json)


@consent.command("list")
def show(
    unlock: Annotated[bool, typer.Option("--unlock", metavar="", help="Ask for the passphrase.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every note. What is encrypted shows its id alone while the vault is locked."""
    from posture.rights.consents import NAME, Consents

    places = user_places()
    with opened(places.vault) if unlock else nullcontext() as unlocked:
        notes = Consents(places.data, places.vault, unlocked).listed()
    if as_json:
        import msgspec

        rows = [{"note": one.note, "encrypted": one.encrypted, **_known(one.known)} for one in notes]
        print(json.dumps({"schema": "posture.consents/1", "notes": msgspec.to_builtins(rows)}, indent=1))
        return
    grid = new_grid("note", "alias", "what", "given", "for", "state")
    for one in notes:
        grid.add_row(one.note[:_ID_LETTERS], *_cells(one.known))
    stdout.print(grid if notes else "nothing is noted")
    if any(not one.encrypted for one in notes):
        say(f"[yellow]▲ not encrypted, because there is no vault[/yellow] ({escape(str(places.data / NAME))})")
    if any(one.known is None for one in notes):
        say("What is locked shows with --unlock.")


def _cells(note: "Note | None") -> tuple[str, ...]:
    """Of the list: alias, kind, day, purpose and state of a note."""
    if note is None:
        return ("", "", "", "", "[dim]○ locked[/dim]")
    holds = f"[blue]●[/blue] kept to {note.given.date() + timedelta(days=_keep_days())}"
    state = holds if note.withdrawn is None else f"[dim]○[/dim] withdrawn {note.withdrawn:%Y-%m-%d}"
    return (escape(note.alias), note.kind, f"{note.given:%Y-%m-%d}", note.purpose, state)


@consent.command("withdraw")
def withdraw(
    who: Annotated[str, typer.Argument(metavar="ALIAS|NOTE", help="The alias, or the beginning of the note's id.")],
    erase_since: Annotated[
        bool | None, typer.Option("--erase/--keep", help="Erase what was recorded since it was given, or not.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Note that somebody does not agree any more, and offer to erase what was recorded since they did."""
    from posture.rights import erasure
    from posture.rights.consents import Consents

    trail.started("privacy.consent.withdraw")
    places = user_places()
    with opened(places.vault) if places.vault.exists else nullcontext() as unlocked:
        note = Consents(places.data, places.vault, unlocked).withdraw(who)
    _print_note(note, as_json=as_json)
    plan = erasure.planned(places, erasure.Scope(first=note.given.date()), today())
    if plan.empty:
        say("nothing that was recorded since then is here any more")
        return
    say("Stop what is being recorded now. What was recorded since then shows everybody who was in view:")
    _show(plan, places)
    if erase_since is None:
        erase_since = _typed(False)
    if erase_since:
        _tell(erasure.erase(plan, places))


def _scope(kinds: str | None, start: str | None, end: str | None, calibration: str | None, audit_log: bool) -> "Scope":
    from posture.rights.erasure import Scope
    from posture.rights.holdings import KINDS

    wanted = frozenset(listed(kinds) or ())
    if strange := wanted - set(KINDS):
        raise ConfigError(f"--only {', '.join(sorted(strange))}: choose from {', '.join(KINDS)}")
    ways = [bool(wanted), start is not None or end is not None, calibration is not None]
    if sum(ways) > 1:
        raise typer.BadParameter("give one of --only, --from/--to and --calibration")
    if audit_log and any(ways):
        raise typer.BadParameter("--audit-log goes with everything; alone it is --only audit")
    chosen = frozenset(kind for kind in KINDS if kind in wanted)
    return Scope(chosen, _day("--from", start), _day("--to", end), calibration or "", audit_log)


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{option} takes a day such as 2026-12-31, not {text!r}") from exc


def _show(plan: "Plan", places: "Places") -> None:
    """Each path with its size and kind."""
    from posture.rights.holdings import WHAT, others_recordings

    if plan.empty:
        say("there is nothing to erase")
        return
    if plan.whole:
        say(f"[bold]the vault[/bold], {len(plan.keys)} keys: what they encrypted cannot be read any more, anywhere")
    elif plan.keys:
        say(f"{len(plan.keys)} keys: what they encrypted cannot be read any more, anywhere")
    if plan.calibration:
        say(f"the remembered calibration {escape(repr(plan.calibration))}")
    if plan.history_days:
        say(f"the history of {', '.join(plan.history_days)}")
    grid = new_grid("kind", "bytes", "path")
    for file in plan.files:
        grid.add_row(WHAT[file.kind], f"{file.bytes:,}", escape(file.path))
    if plan.files:
        stdout.print(grid)
        say(f"{len(plan.files)} {'file' if len(plan.files) == 1 else 'files'}, {plan.bytes:,} bytes")
    if plan.whole:
        for path in others_recordings(places):
            say(f"stays, because no key for it was ever here: {escape(str(path))}")
    say("Not found by this: reports, redacted copies and exports, wherever you put them; copies and backups of files.")
    say("What was encrypted in those copies is erased with its key, what was not is not.")


def _typed(yes: bool) -> bool:
    """Whether the person wants it: by the word, which is typed."""
    if yes:
        return True
    return can_ask() and typer.prompt(f"Type {WORD} to erase it for good", err=True, default="") == WORD


def _tell(outcome: "Outcome") -> None:
    say(f"{len(outcome.plan.keys)} keys and {outcome.removed} {'file' if outcome.removed == 1 else 'files'} erased")
    if outcome.finished:
        say(f"proof, which the audit log has too: {outcome.plan.sha256}")
    for path in outcome.failed:
        say(f"[yellow]▲ cannot delete {escape(path)}[/yellow]; run it again once that is possible")


def _print_plan(plan: "Plan", outcome: "Outcome | None") -> None:
    import msgspec

    done = None if outcome is None else {
        "finished": outcome.finished, "removed": outcome.removed, "failed": list(outcome.failed),
    }  # fmt: skip
    tree = {"schema": "posture.erasure/1", "plan": msgspec.to_builtins(plan), "sha256": plan.sha256, "done": done}
    print(json.dumps(tree, indent=1))


def _print_note(note: "Note", *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"schema": "posture.consent/1", **_known(note)}, indent=1))
        return
    what = "withdrawn" if note.withdrawn else f"noted, kept through {note.given.date() + timedelta(days=_keep_days())}"
    say(f"{note.kind} {note.note} of {escape(note.alias)}: {what}")


def _keep_days() -> int:
    from posture.rights.consents import KEEP_DAYS

    return KEEP_DAYS


def _known(note: "Note | None") -> dict[str, object]:
    import msgspec

    return {} if note is None else dict(msgspec.to_builtins(note))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise NoInput(f"{path} cannot be read: {exc.strerror}; check the spelling") from exc
