"""`posture keys`: the vault of this user, and who can read what is recorded."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from posture.cli import exits, trail
from posture.cli.opening import confirmed, new_passphrase, opened, passphrase, say, today, user_vault
from posture.cli.screen import new_grid, stdout
from posture.errors import ConfigError, NoInput, SinkError

if TYPE_CHECKING:
    from rich.table import Table

    from posture.vault.ring import Ring
    from posture.vault.store import Unlocked, Vault

app = typer.Typer(help="The keys with which recordings and the history are encrypted.", no_args_is_help=True)
recovery = typer.Typer(help="Others who can read what is recorded: off unless you add one.", no_args_is_help=True)
app.add_typer(recovery, name="recovery")

AsJson = Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", metavar="", help="Do not ask.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace a file that is there.")]
COPY_ADVICE = "choose another FILE, or pass --overwrite to replace what is there"
_FOR = {"clips": "", "history": "", "consents": " (consent)"}
NO_RECOVERY = "nobody can help who forgets the passphrase: there is no other way in, and no recording can be read then"


@app.command()
def create(
    keyring: Annotated[
        bool, typer.Option("--keyring", metavar="", help="Let the keyring of the system open it as well.")
    ] = False,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", metavar="", help="Only the keyring opens it; erasing is surest so.")
    ] = False,
) -> None:
    """Make the vault of this account, with keys for 35 days. Asks for a passphrase of 8 characters at least."""
    if no_passphrase and not keyring:
        raise typer.BadParameter("--no-passphrase goes with --keyring")
    trail.started("keys.create")
    vault = user_vault()
    _refuse_second(vault)
    words = None if no_passphrase else new_passphrase("New passphrase of the vault")
    vault.create(words, today(), keyring=keyring).close()
    say(f"made the vault in {escape(str(vault.folder))}, with keys for {vault.days_left(today())} days")
    say(NO_RECOVERY if words is not None else "whoever can use the keyring of your account can read the recordings")


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Days for which there are keys, what opens the vault, and who else can read. Works while it is locked."""
    vault = user_vault()
    ring = vault.ring()
    if as_json:
        print(json.dumps(_as_dict(vault, ring), indent=1))
        return
    stdout.print(_grid(ring))
    for other in ring.others:
        through = f"what is recorded through {other.through}" if other.through else "nothing that is recorded now"
        say(f"[red]■ {escape(other.name)} can read {through}[/red]")
    _say_left(ring)


@app.command()
def refill() -> None:
    """Make the keys that are missing for the next 35 days. Recording goes on only while there are some."""
    trail.started("keys.refill")
    vault = user_vault()
    with opened(vault) as unlocked:
        made = unlocked.refill(today())
    say(f"{len(made)} keys made; recordings are possible for {vault.days_left(today())} days without the passphrase")


@app.command()
def rotate() -> None:
    """Other keys for today and every later day, where somebody may have seen the old ones.

    What was recorded today stays readable with the old key; `posture recordings rekey` gives it the new one.
    """
    trail.started("keys.rotate")
    with opened(user_vault()) as unlocked:
        made = unlocked.rotate(today())
    say(f"{len(made)} keys replaced; `posture recordings rekey` moves the recordings of today to the new one")


@app.command("passphrase")
def change(
    keyring: Annotated[
        bool | None, typer.Option("--keyring/--no-keyring", help="Whether the keyring of the system opens it too.")
    ] = None,
) -> None:
    """Change the passphrase; with --keyring or --no-keyring only what else opens the vault."""
    trail.started("keys.passphrase")
    with opened(user_vault()) as unlocked:
        if keyring is not None:
            _switch(unlocked, keyring)
            return
        unlocked.change_passphrase(new_passphrase("New passphrase of the vault"))
    say("changed; copies of the vault from before still open with the old passphrase (`posture keys rotate`)")


@app.command("export")
def export_keys(file: Annotated[Path, typer.Argument(metavar="FILE")], overwrite: Overwrite = False) -> None:
    """Write a copy of all keys for another computer, under a passphrase of its own."""
    from posture.output import refuse_existing, whole_file
    from posture.vault.keyfile import DEFAULT_COST
    from posture.vault.transfer import packed
    from posture.vault.unlocked import check_passphrase

    trail.started("keys.export")
    refuse_existing(file, overwrite=overwrite, advice=COPY_ADVICE)
    with opened(user_vault()) as unlocked:
        words = new_passphrase("Passphrase of the copy")
        check_passphrase(words)
        data = packed(unlocked.copy(), words, DEFAULT_COST)
    with whole_file(file, overwrite=overwrite, advice=COPY_ADVICE, private=True) as out:
        out.write(data)
    say(
        f"wrote {escape(str(file))}; the days whose keys are in it can be read with it after they were erased here too:"
    )
    say("delete it once the other computer has it (`posture keys import`)")


@app.command("import")
def import_keys(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Take in the keys of another computer. From then on both record for the same keys, and read what both recorded.

    Where there is no vault yet, one is made that opens with the passphrase of the copy.
    """
    from posture.vault.transfer import unpacked

    trail.started("keys.import")
    vault, data = user_vault(), _content(file)
    if not vault.exists:
        words = passphrase("Passphrase of the copy")
        vault.create(words, today(), copy=unpacked(data, words, str(file))).close()
        say(f"made the vault in {escape(str(vault.folder))} with the keys of {escape(str(file))}, under its passphrase")
        return
    with opened(vault) as unlocked:
        copy = unpacked(data, new_passphrase_of_copy(), str(file))
        taken = unlocked.adopt(copy, today())
    say(f"{len(taken)} of {len(copy.keys)} keys were new")


def new_passphrase_of_copy() -> str:
    """Of a file that another computer wrote; asked once."""
    from posture.cli.opening import NEW_VARIABLE

    return passphrase("Passphrase of the copy", NEW_VARIABLE)


@recovery.command()
def share(file: Annotated[Path, typer.Argument(metavar="FILE")], overwrite: Overwrite = False) -> None:
    """Write the public keys of this vault, for other computers to let this one read. Nothing in them is secret."""
    from posture.output import whole_file
    from posture.vault.transfer import public_keys, shared

    trail.started("keys.recovery.share")
    data = public_keys(user_vault().ring(), today())
    with whole_file(file, overwrite=overwrite, advice=COPY_ADVICE) as out:
        out.write(data)
    mark = shared(data, "", str(file)).fingerprint
    say(f"wrote {escape(str(file))}; compare this with the other computer, by telephone: {mark}")


@recovery.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call them.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `posture keys recovery share` wrote there.")],
    yes: Yes = False,
) -> None:
    """Let somebody else read everything that is recorded from now on, for the days of the keys in FILE."""
    from posture.vault.transfer import shared

    trail.started("keys.recovery.add")
    vault, keys = user_vault(), shared(_content(file), name, str(file))
    last = keys.other.through
    say(f"[red]■ {escape(name)} will be able to read everything that is recorded here through {last}.[/red]")
    say("  Erasing a day here does not erase it there. The people whom the camera sees have to know about it.")
    say(f"  Fingerprint {keys.fingerprint}: it must be the one that the other computer shows.")
    if not confirmed(f"Let {name} read what is recorded?", yes):
        raise typer.Exit(exits.CANCELLED)
    with opened(vault) as unlocked:
        others = tuple(other for other in vault.ring().others if other.name != name)
        unlocked.set_others((*others, keys.other), today())


@recovery.command()
def remove(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Let somebody read nothing that is recorded from now on. What they could read before, they still can."""
    trail.started("keys.recovery.remove")
    vault = user_vault()
    others = vault.ring().others
    if all(other.name != name for other in others):
        known = ", ".join(other.name for other in others) or "nobody"
        raise ConfigError(f"{name!r} is no other reader; there is: {known}")
    with opened(vault) as unlocked:
        unlocked.set_others(tuple(other for other in others if other.name != name), today())
    say(
        f"{escape(name)} can read nothing that is recorded from now on; `posture recordings rekey` covers the rest here"
    )


def _switch(unlocked: "Unlocked", on: bool) -> None:
    if not on and not unlocked.has_passphrase:
        raise ConfigError("only the keyring opens this vault: set a passphrase first (`posture keys passphrase`)")
    unlocked.use_keyring(on)
    say("the keyring of the system opens the vault from now on" if on else "the keyring opens the vault no more")


def _refuse_second(vault: "Vault") -> None:
    from posture.errors import OutputExists

    if vault.exists:
        raise OutputExists(f"there is a vault in {vault.folder} already: `posture keys list` shows its keys")


def _grid(ring: "Ring") -> "Table":
    """A row a day; in parentheses, keys that only read."""
    grid = new_grid("day", "recordings", "history", "one recording or note alone, and how long")
    for day in sorted({key.day for key in ring.keys}):
        keys = [key for key in ring.keys if key.day == day]
        shown = {key: f"({key.key_id.hex()})" if key.retired else key.key_id.hex() for key in keys}
        held = [f"{shown[key]} through {key.until}{_FOR[key.use]}" for key in keys if key.until]
        clips = [shown[key] for key in keys if key.use == "clips" and not key.until]
        history = [shown[key] for key in keys if key.use == "history"]
        grid.add_row(str(day), "\n".join(clips), "\n".join(history), "\n".join(held))
    return grid


def _say_left(ring: "Ring") -> None:
    from posture.vault.ring import FEW_DAYS

    left = ring.days_left(today())
    words = f"recordings are possible for {left} days without the passphrase"
    say(words if left >= FEW_DAYS else f"[yellow]▲ {words}: `posture keys refill` makes more[/yellow]")


def _content(file: Path) -> bytes:
    from posture.vault.transfer import MOST_BYTES

    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except FileNotFoundError as exc:
        raise NoInput(f"{file} is not there; check the spelling") from exc
    except OSError as exc:
        raise SinkError(f"cannot read {file}: {exc.strerror}; check its permissions") from exc


def _as_dict(vault: "Vault", ring: "Ring") -> dict[str, object]:
    return {
        "schema": "posture.keys/1",
        "folder": str(vault.folder),
        "passphrase": vault.has_passphrase,
        "keyring": vault.has_keyring,
        "days_left": ring.days_left(today()),
        "keys": [
            {
                "key_id": key.key_id.hex(),
                "use": key.use,
                "day": key.day.isoformat(),
                "until": key.until.isoformat() if key.until else None,
                "retired": key.retired,
            }
            for key in ring.keys
        ],
        "others": [
            {"name": other.name, "through": other.through.isoformat() if other.through else None}
            for other in ring.others
        ],
    }
