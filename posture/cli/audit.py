"""`posture audit`: what the program did, whether the record of it still holds, and proofs of that for elsewhere."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posture.cli import exits, trail
from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import LogDamaged, NoInput, printable
from posture.output import whole_file

if TYPE_CHECKING:
    from posture.audit.archive import Archive
    from posture.audit.log import AuditLog
    from posture.audit.verify import MonthFound

SHOWN = 30
FILE_LIMIT_BYTES = 1 << 30
"""What is read of a file that somebody hands over; an export of a year of heavy use has some 10 MB."""
LIMITS = (
    "What this proves: since each checkpoint, no entry that it covers was changed, removed, added or moved.",
    "What it cannot prove: whoever can write your files holds the signing key too, and could write the whole log anew",
    "or set it back. Order and completeness hold only since a checkpoint that you keep elsewhere: print one with",
    "`posture audit export --checkpoint`, and compare later with `posture audit verify --against FILE`.",
)

app = typer.Typer(help="What the program did here, and whether that record still holds.", no_args_is_help=True)
Elsewhere = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Read this log instead: one that was put aside, a copy.")
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")]
Against = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A checkpoint that was kept elsewhere: does the log still hold it?")
]
Target = Annotated[Path | None, typer.Argument(metavar="FILE", help="Where the export goes.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace a file that is already there.")]


@app.command()
def show(
    last: Annotated[int | None, typer.Option(min=1, metavar="N", help=f"How many entries (default {SHOWN}).")] = None,
    event: Annotated[
        str | None, typer.Option(metavar="EVENT", help="Only this event, such as report.exported.")
    ] = None,
    folder: Elsewhere = None,
    as_json: AsJson = False,
) -> None:
    """Print the entries, the newest last. They are not checked here; `posture audit verify` does that."""
    from posture.audit.events import Event
    from posture.audit.records import EntryError, decode

    if event is not None and event not in set(Event):
        raise typer.BadParameter(f"there is no event {event!r}; there are {', '.join(Event)}")
    archive = _archive(folder)
    try:
        entries = [decode(entry) for entry in archive.entries()]
    except EntryError as exc:
        raise LogDamaged(f"the audit log holds something that is no entry ({exc}); see `posture audit verify`") from exc
    found = [entry for entry in entries if event in (None, entry["ev"])]
    chosen = found[-last:] if last else found if as_json else found[-SHOWN:]
    if as_json:
        print(json.dumps({"schema": "posture.audit/1", "entries": chosen}, indent=1))
        return
    _print_table(chosen)
    stdout.print(f"{len(chosen)} of {len(found)} entries", highlight=False)
    if any(month.records and month.records.tail for month in archive.months):
        stderr.print("the log does not end with a whole entry; see `posture audit verify`")


def _print_table(entries: list[dict[str, Any]]) -> None:
    from posture.audit.sentences import sentence

    grid = new_grid("no.", "local time", "event", "what happened")
    for entry in entries:
        grid.add_row(str(entry["seq"]), _local(entry["wall"]), printable(entry["ev"]), printable(sentence(entry)))
    stdout.print(grid, markup=False)


@app.command()
def verify(
    against: Against = None,
    export: Annotated[Path | None, typer.Option(metavar="FILE", help="Check this exported log instead.")] = None,
    proof: Annotated[Path | None, typer.Option(metavar="FILE", help="Check what `posture audit prove` wrote.")] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="The public key that it must be signed with, kept elsewhere.")
    ] = None,
    folder: Elsewhere = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry, every signed checkpoint and the chain of months. Exit 65 if something does not hold.

    --export and --proof need nothing but the file, so they work on every machine.
    """
    if sum(given is not None for given in (export, proof, folder)) > 1:
        raise typer.BadParameter("only one of --export, --proof and --folder")
    try:
        words, tree = _proof(proof, against, key) if proof else _log(export, folder, against, key)
    except LogDamaged as error:
        if as_json:
            print(json.dumps({"schema": "posture.audit-verify/1", "holds": False, "message": str(error)}, indent=1))
        else:
            stdout.print("[red]■[/red] it does [bold]not[/bold] hold", highlight=False)
        raise
    if as_json:
        print(json.dumps({"schema": "posture.audit-verify/1", "holds": True, **tree}, indent=1))
        return
    for line in (*words, "", *LIMITS):
        stdout.print(line, markup=False, highlight=False, soft_wrap=True)


def _log(
    export: Path | None, folder: Path | None, against: Path | None, key: str | None
) -> tuple[list[str], dict[str, Any]]:
    """What the check of a log found, for a person and for a program."""
    from posture.audit.archive import read_export
    from posture.audit.verify import verify as check
    from posture.audit.verify import verify_against

    archive = read_export(_read(export)) if export else _archive(folder)
    _expect_key(archive.key, key)
    months = check(archive)
    words = ["● the log holds", f"  key {archive.key}", *(f"  {_month(found)}" for found in months)]
    tree: dict[str, Any] = {"key": str(archive.key), "months": [_month_tree(found) for found in months]}
    if against is not None:
        seen = verify_against(archive, _witness(against))
        words.append(f"  it still holds the {seen.size} entries of {seen.month} that the checkpoint has seen")
        tree["against"] = {"month": seen.month, "size": seen.size, "root": seen.root.hex()}
    return words, tree


def _proof(path: Path, against: Path | None, key: str | None) -> tuple[list[str], dict[str, Any]]:
    """What a proof shows, for a person and for a program."""
    from posture.audit.proof import read_proof, verify_proof
    from posture.audit.sentences import sentence
    from posture.audit.verify import opened

    proven = verify_proof(read_proof(_read(path)))
    _expect_key(proven.key, key)
    held = f"{proven.checkpoint.size} entries of {proven.checkpoint.month}"
    tree: dict[str, Any] = {"key": str(proven.key), "size": proven.checkpoint.size, "month": proven.checkpoint.month}
    words = ["● the proof holds", f"  key {proven.key}", f"  under a checkpoint over {held}"]
    if proven.entry is not None:
        words.append(f"  entry {proven.entry['seq']}, {_local(proven.entry['wall'])}: {sentence(proven.entry)}")
        tree["entry"] = proven.entry
    if proven.earlier is not None:
        words.append(f"  it continues a checkpoint over {proven.earlier.size}: nothing of that was changed")
        tree["earlier"] = proven.earlier.size
    if against is not None and opened(_witness(against), proven.key) not in (proven.checkpoint, proven.earlier):
        raise LogDamaged(
            "the proof speaks of another checkpoint than the one kept elsewhere; see `posture audit prove --against`"
        )
    return [printable(word) for word in words], tree


@app.command("export")
def export_log(
    file: Target = None,
    checkpoint: Annotated[
        bool,
        typer.Option(
            "--checkpoint", metavar="", help="Only the signed checkpoint, to keep elsewhere (default: printed)."
        ),
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Write the whole log into one file that anyone can check, or only its checkpoint."""
    if not checkpoint and file is None:
        raise typer.BadParameter("name a FILE, or ask for --checkpoint")
    note = _signed().checkpoint()
    if file is None:
        sys.stdout.write(note.decode())
        return
    archive = None if checkpoint else _archive()
    with whole_file(file, overwrite=overwrite, advice="choose another name, or pass --overwrite") as out:
        if archive is None:
            out.write(note)
        else:
            archive.write(out)
    what = "the checkpoint" if archive is None else f"{len(archive.entries())} entries"
    stderr.print(f"{what} → {file}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def prove(
    seq: Annotated[
        int | None, typer.Argument(metavar="NUMBER", help="An entry, as `posture audit show` counts.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Prove instead that nothing of this checkpoint was changed.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Prove the entry under this checkpoint, kept elsewhere.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where it goes (default: printed).")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a small proof that an entry is in the log, or that the log only grew. It shows nothing else of the log."""
    from posture.audit.proof import prove_entry, prove_growth

    if (seq is None) == (since is None):
        raise typer.BadParameter("name the NUMBER of an entry, or a checkpoint with --since")
    _signed().checkpoint()
    archive = _archive()
    if since is not None:
        text = prove_growth(archive, _witness(since)).text()
    else:
        assert seq is not None  # one of the two is there
        text = prove_entry(archive, seq, _witness(against) if against else None).text()
    if output is None:
        sys.stdout.write(text.decode())
        return
    with whole_file(output, overwrite=overwrite, advice="choose another name, or pass --overwrite") as out:
        out.write(text)


@app.command()
def restart(yes: Annotated[bool, typer.Option("--yes", "-y", metavar="", help="Do not ask.")] = False) -> None:
    """Put a log that does not hold any more aside, whole, and begin a new one whose first entry says so."""
    from posture.audit.log import restart as put_aside

    if not yes and not typer.confirm("Put the audit log aside and begin a new one?", err=True):
        raise typer.Exit(exits.CANCELLED)
    aside = put_aside(trail.folder())
    words = f"the old log is kept in {aside} until you delete it" if aside else "there was no log; a new one was begun"
    stderr.print(words, markup=False, highlight=False, soft_wrap=True)


def _archive(folder: Path | None = None) -> "Archive":
    """The log of this user, or of another folder. Raises NoInput where there is none."""
    from posture.audit.archive import read_folder

    folder = folder or trail.folder()
    archive = read_folder(folder)
    if not archive.months and archive.key is None:
        raise NoInput(f"there is no audit log yet in {folder}; verbs such as `posture demo` begin one")
    return archive


def _signed() -> "AuditLog":
    """The log of this user, ready to be signed. Raises NoInput where there is none."""
    from posture.audit.log import AuditLog

    _archive()
    return AuditLog(trail.folder(), settings=trail.settings_in_force().audit)


def _expect_key(found: object, expected: str | None) -> None:
    if expected is not None and str(found) != expected.strip():
        raise LogDamaged(f"this is signed by {found}, and not by the key kept elsewhere")


def _witness(path: Path) -> bytes:
    """A checkpoint that was kept elsewhere: retyped, pasted or scanned, so empty lines may surround it."""
    return _read(path).strip() + b"\n"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT_BYTES + 1)
    except OSError as exc:
        raise NoInput(f"{path} cannot be read: {exc.strerror}") from exc
    if len(data) > FILE_LIMIT_BYTES:
        raise LogDamaged(f"{path} has more than {FILE_LIMIT_BYTES} bytes and was not read")
    return data


def _month(found: "MonthFound") -> str:
    checkpoint = found.checkpoint
    if found.expired:
        return f"{checkpoint.month}: {found.size} entries have expired and were deleted; root {found.root.hex()}"
    until = f", the last of {_local(found.signed_until)}" if found.signed_until is not None else ""
    torn = f"; {found.torn_bytes} bytes of half an entry, which the next start removes" if found.torn_bytes else ""
    return f"{checkpoint.month}: {found.size} entries, root {found.root.hex()}; signed: {checkpoint.size}{until}{torn}"


def _month_tree(found: "MonthFound") -> dict[str, Any]:
    return {
        "month": found.checkpoint.month,
        "entries": found.size,
        "root": found.root.hex(),
        "signed": found.checkpoint.size,
        "signed_until": found.signed_until,
        "expired": found.expired,
        "torn_bytes": found.torn_bytes,
    }


def _local(wall: int) -> str:
    """Local time of seconds since 1970."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall))
    except (OverflowError, OSError, ValueError):  # no time that a calendar knows
        return str(wall)
