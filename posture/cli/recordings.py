"""`posture recordings`: what was recorded, and how long it stays."""

import json
import sys
from contextlib import closing, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from posture.audit.events import EXPORT_REASONS, Event
from posture.cli import exits, trail
from posture.cli.interrupt import stopping
from posture.cli.opening import confirmed, opened, say, today, user_library
from posture.cli.screen import ProgressReport, new_grid, stdout
from posture.errors import ConfigError, PostureError, SinkError

if TYPE_CHECKING:
    from rich.table import Table

    from posture.vault.clip import Closed
    from posture.vault.entry import Entry
    from posture.vault.library import Library

app = typer.Typer(help="Encrypted recordings: list, export, check, keep, delete.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", metavar="", help="Do not ask.")]
One = Annotated[str, typer.Argument(metavar="RECORDING", help="The beginning of its id, or a path.")]
Some = Annotated[list[str] | None, typer.Argument(metavar="[RECORDING]...", help="Ids or paths; all without one.")]
_MARKS = {
    "readable": "[blue]● readable[/blue]",
    "locked": "[dim]○ locked[/dim]",
    "erased": "[dim]○ erased[/dim]",
    "unknown": "[yellow]▲ no key here[/yellow]",
    "damaged": "[red]■ damaged[/red]",
}
SHORT = 12
"""Digits of an id that the list shows: enough to name a recording by."""
EXPORT_QUESTION = "Everybody who gets the file can watch it, and it cannot be erased by its key. Export it?"


@app.command("list")
def list_recordings(
    unlock: Annotated[
        bool, typer.Option("--unlock", metavar="", help="Ask for the passphrase: when each began, how long it is.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Every recording: day, size, and how long it can be read. Works while the vault is locked."""
    from posture.vault.places import warning

    library = user_library()
    with opened(library.vault) if unlock else nullcontext() as library.unlocked:
        entries = library.entries()
    if as_json:
        print(json.dumps({"schema": "posture.recordings/1", "recordings": [_as_dict(e) for e in entries]}, indent=1))
        return
    if not entries:
        say(f"no recordings in {escape(', '.join(map(str, library.folders)))}")
        return
    stdout.print(_grid(entries))
    for folder in library.folders:
        if words := warning(folder):
            say(f"[yellow]▲ {escape(words)}[/yellow]")
    if any(entry.state == "erased" for entry in entries):
        say("nobody can read what is erased; `posture recordings retain` deletes the files")


@app.command()
def play(recording: One) -> None:
    """Watch a recording in a window. It is decrypted in memory as it is shown, and never written anywhere."""
    from posture import config
    from posture.cli.window import has_display

    if not has_display():
        raise PostureError("no display was found (neither DISPLAY nor WAYLAND_DISPLAY is set); use it on a desktop")
    from posture.gui.recordings.alone import play as shown
    from posture.gui.recordings.clip import VaultClip
    from posture.gui.recordings.safe import Item

    trail.started("recordings.play")
    settings, library = config.load(), user_library()
    with opened(library.vault) as library.unlocked:
        entry = library.find(recording)
        shown(
            Item(entry),
            lambda: VaultClip(entry.path.open("rb"), lambda file: library.open(entry, file)),
            settings.window,
            60.0 * settings.vault.lock_after_min,
        )


@app.command()
def verify(recordings: Some = None, as_json: AsJson = False) -> None:
    """Check every byte of recordings, and whether they are what was finished then. Exit 65 if one is not whole."""
    trail.started("recordings.verify")
    library = user_library()
    with opened(library.vault) as library.unlocked:
        finished = _finished()
        results = [(entry, *_verified(library, entry, finished)) for entry in _chosen(library, recordings)]
    if as_json:
        files = [{**_as_dict(entry), "verdict": state, "message": words} for entry, state, words in results]
        print(json.dumps({"schema": "posture.recordings-verify/1", "recordings": files}, indent=1))
    else:
        for entry, state, words in results:
            mark = {"whole": "[blue]● whole[/blue]", "cut": "[yellow]▲ cut[/yellow]"}.get(state, "[red]■ FAILED[/red]")
            stdout.print(f"{mark} {entry.name[:SHORT]}  {escape(words)}", highlight=False, soft_wrap=True)
    if any(state != "whole" for _, state, _ in results):
        raise typer.Exit(exits.BAD_DATA)


@app.command()
def export(
    recording: One,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The video file, such as clip.mp4.")],
    reason: Annotated[
        str | None, typer.Option(metavar="WORD", help=f"For the audit log: {', '.join(EXPORT_REASONS)}.")
    ] = None,
    redacted: Annotated[
        bool,
        typer.Option("--redact", metavar="", help="Cover faces and what else the settings of [redact] say, once more."),
    ] = False,
    yes: Yes = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace a file that is there.")] = False,
) -> None:
    """Decrypt a recording into a video file without metadata, whole or not at all. Asks first, and asks why."""
    trail.started("recordings.export")
    library = user_library()
    word = _reason(reason)
    with opened(library.vault) as library.unlocked:
        entry = library.find(recording)
        if not confirmed(EXPORT_QUESTION, yes):
            raise typer.Exit(exits.CANCELLED)
        if redacted:
            whole = _redacted(library, entry, out, word, overwrite=overwrite)
        else:
            whole = library.export(entry, out, reason=word, confirmed=True, overwrite=overwrite)
    say(f"wrote {escape(str(out))}{'' if whole else ': as much as could be read, the recording is cut'}")


@app.command()
def repair(recording: One) -> None:
    """Make a whole recording of one that was cut or altered, with all that can be read, in its place."""
    trail.started("recordings.repair")
    library = user_library()
    with opened(library.vault) as library.unlocked:
        repaired = library.repair(library.find(recording))
    say("it is whole: nothing to repair" if repaired is None else f"repaired: it is {repaired.name[:SHORT]} now")


@app.command()
def delete(recording: One, yes: Yes = False) -> None:
    """Delete this copy of a recording. Works while the vault is locked."""
    trail.started("recordings.delete")
    library = user_library()
    entry = library.find(recording)
    say(entry.promise)
    if not confirmed(f"Delete {entry.path}?", yes):
        raise typer.Exit(exits.CANCELLED)
    library.delete(entry)
    say(f"deleted {escape(str(entry.path))}")


@app.command()
def retain() -> None:
    """Erase the keys of days that were kept long enough (vault.keep_days), and delete what they encrypted.

    Works while the vault is locked. What they erased stands in the audit log.
    """
    trail.started("recordings.retain")
    done = user_library().retain(today())
    if done.doubted:
        say("[yellow]▲ the clock is far ahead of the last use: nothing was erased; run this again tomorrow[/yellow]")
    say(f"{_number(len(done.keys), 'key')} erased, {_number(len(done.removed), 'recording')} deleted")
    for key_id in done.keys:
        say(f"  erased key {key_id.hex()}: nobody can read what it encrypted, wherever a copy is")
    for name in done.others:
        say(f"[red]■ {escape(name)} was another reader on those days, and may still have keys[/red]")
    for path in done.failed:
        say(f"[yellow]▲ cannot delete {escape(str(path))}; nobody can read it[/yellow]")
    if done.failed:
        raise typer.Exit(exits.CANNOT_WRITE)


@app.command()
def rekey(recordings: Some = None) -> None:
    """Encrypt recordings for the keys of their days as they are now: after `keys rotate`, for a reader more or less.

    The video itself is not touched. Copies that were made before stay as they are.
    """
    trail.started("recordings.rekey")
    library = user_library()
    with opened(library.vault) as library.unlocked:
        wanted = [entry for entry in _chosen(library, recordings) if recordings or entry.state == "readable"]
        changed = sum(library.rekey(entry) for entry in wanted)
    say(f"{_number(changed, 'recording')} encrypted for other keys, {len(wanted) - changed} had them already")


@app.command()
def hold(
    recording: One,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day on which it can be read: 2026-12-31.")
    ] = None,
    days: Annotated[int | None, typer.Option(metavar="N", min=1, help="Or so many days more than now.")] = None,
) -> None:
    """Keep a recording for longer than its day, or for shorter than before. The video itself is not touched."""
    if (until is None) == (days is None):
        raise typer.BadParameter("give --until DATE or --days N")
    trail.started("recordings.hold")
    library = user_library()
    with opened(library.vault) as library.unlocked:
        entry = library.find(recording)
        if days is not None:
            last = library.extend(entry, days, today())
        else:
            last = _date(until or "")
            library.hold(entry, last, today())
    say(f"kept through {last}; copies that were made of it before are erased with their day")


def _redacted(library: "Library", entry: "Entry", out: Path, reason: str, *, overwrite: bool) -> bool:
    """Export a copy with covered faces: the decoding process gets the key of this recording and no other.

    Whether all of it could be read. The log has it before the file is there.
    """
    from posture import config
    from posture.redaction import Plan, Redaction, Task

    if out.suffix != ".mp4":
        raise ConfigError(f"-o {out}: a redacted copy is an MP4 file, so give it a name that ends with .mp4")
    work = Redaction(config.load(), Plan(overwrite=overwrite))
    tasks = [Task(entry.path, out.with_suffix(""), key=library.key(entry))]
    trail.record(Event.CLIP_EXPORTED, clip=entry.clip_id.hex(), purpose=reason)
    with (
        ProgressReport("auto", work.steps(tasks)) as report,
        stopping(work, "stopping; a file that is not complete is not written") as wish,
        closing(work.run(tasks, report)) as outcomes,
    ):
        done = list(outcomes)
    if wish.code:
        raise typer.Exit(wish.code)
    (outcome,) = done
    if outcome.result is None:
        raise outcome.error or SinkError(f"{out} was not written")
    trail.redacted(outcome.result.output, outcome.result.size_bytes)
    return not outcome.result.done.damage.any


def _chosen(library: "Library", names: list[str] | None) -> "list[Entry]":
    return [library.find(name) for name in names] if names else library.entries()


def _verified(library: "Library", entry: "Entry", finished: "dict[str, Closed]") -> tuple[str, str]:
    """What became of the check, in a word, and what it means."""
    try:
        verdict = library.verify(entry)
    except PostureError as exc:
        return "failed", str(exc)
    closed = finished.get(entry.name)
    readable = f"{_number(verdict.fragments, 'part')} can be read"
    if verdict.torn:
        return "cut", f"{readable}, the rest is lost; `posture recordings repair {entry.name[:SHORT]}` makes it whole"
    if closed not in (None, verdict.closed):
        return "failed", f"{entry.path} is not what was finished: the audit log has another length or hash for it"
    return "whole", readable + ("" if closed else "; the audit log does not say how long it was when it was finished")


def _finished() -> "dict[str, Closed]":
    """What finished recordings are recognised by, by clip id: the audit log has it."""
    from posture.audit.archive import read_folder
    from posture.audit.records import decode
    from posture.vault.clip import Closed

    entries = (decode(entry) for entry in read_folder(trail.folder()).entries())
    closed = (entry for entry in entries if entry["ev"] == Event.CLIP_CLOSED)
    return {entry["clip"]: Closed(entry["bytes"], entry["sha256"]) for entry in closed}


def _grid(entries: "list[Entry]") -> "Table":
    grid = new_grid("recording", "day", "began", "length", "shows", "size", "state", "kept through", "")
    for entry in entries:
        about = entry.about
        began = datetime.fromtimestamp(about.started_s).strftime("%H:%M:%S") if about else ""
        length = _minutes(about.length_s) if about and about.length_s is not None else ""
        size = f"{entry.size_bytes / 1e6:.1f} MB"
        grid.add_row(
            escape(entry.name[:SHORT]),
            str(entry.day or ""),
            began,
            length,
            escape(about.content) if about else "",
            size,
            _MARKS[entry.state],
            str(entry.last_day or ""),
            escape(_note(entry)),
        )
    return grid


def _note(entry: "Entry") -> str:
    words = [entry.problem] if entry.problem else []
    if entry.clip_id and not entry.finished:
        words.append("not finished")
    if entry.held:
        words.append("held")
    if entry.others:
        words.append(f"{_number(entry.others, 'other reader')}")
    return ", ".join(words)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _as_dict(entry: "Entry") -> dict[str, object]:
    import msgspec

    return {
        "recording": entry.name,
        "file": str(entry.path),
        "state": entry.state,
        "day": entry.day.isoformat() if entry.day else None,
        "kept_through": entry.last_day.isoformat() if entry.last_day else None,
        "held": entry.held,
        "finished": entry.finished,
        "bytes": entry.size_bytes,
        "other_readers": entry.others,
        "problem": entry.problem,
        "about": msgspec.to_builtins(entry.about) if entry.about else None,
    }


def _reason(word: str | None) -> str:
    if word is None and sys.stdin.isatty():
        word = str(typer.prompt(f"Why? One of {', '.join(EXPORT_REASONS)}", err=True))
    if word not in EXPORT_REASONS:
        raise ConfigError(f"--reason {word or 'WORD'}: give one of {', '.join(EXPORT_REASONS)}")
    return word


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise typer.BadParameter(f"--until takes a day such as 2026-12-31, not {text!r}") from exc


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
