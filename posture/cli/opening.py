"""The vault of this user, and how a person opens it: by a prompt, a file or a pipe, never by an argument."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from posture.cli import trail
from posture.cli.screen import stderr
from posture.errors import ConfigError, Locked

if TYPE_CHECKING:
    from posture.vault.library import Library
    from posture.vault.store import Unlocked, Vault

VARIABLE, NEW_VARIABLE = "POSTURE_PASSPHRASE_FILE", "POSTURE_NEW_PASSPHRASE_FILE"
MOST_BYTES = 4096


def today() -> date:
    """The day of this computer, by which keys are chosen and erased."""
    return date.today()


def user_vault() -> "Vault":
    """The vault of this user; it need not exist."""
    from posture.folders import data_folder
    from posture.vault.store import Vault

    return Vault(data_folder() / "vault", record=trail.record)


def user_library() -> "Library":
    """The recordings of this user, locked."""
    from posture import config
    from posture.vault.library import Library
    from posture.vault.places import recordings_folders

    settings = config.load().vault
    return Library(user_vault(), recordings_folders(settings.folder), settings.keep_days, hold_days=settings.hold_days)


@contextmanager
def opened(vault: "Vault") -> Iterator["Unlocked"]:
    """The vault, open until the block ends: with the keyring of the system, or with the passphrase."""
    if not vault.exists:
        from posture.vault.files import MAKE_ONE

        raise Locked(f"there is no vault in {vault.folder} yet: {MAKE_ONE}")
    unlocked = vault.unlock_with_keyring()
    if unlocked is None:
        if not vault.has_passphrase and vault.has_keyring:
            raise Locked(f"only the keyring of the system opens {vault.folder}, and it gives no key: log in, unlock it")
        unlocked = vault.unlock(passphrase("Passphrase of the vault"))
    for words in unlocked.rejected:
        say(f"[red]warning[/red] {words}")
    with unlocked:
        yield unlocked


def passphrase(label: str, variable: str = VARIABLE) -> str:
    """From the file that `variable` names, from a prompt, or from one line of a pipe. Raises ConfigError for none."""
    if named := os.environ.get(variable):
        return _first_line(Path(named), variable)
    if sys.stdin.isatty():
        return str(typer.prompt(label, hide_input=True, err=True))
    text = sys.stdin.readline(MOST_BYTES).rstrip("\r\n")
    if not text:
        raise ConfigError(f"no passphrase: type it where there is a terminal, pipe it in, or set {variable}")
    return text


def new_passphrase(label: str) -> str:
    """One that is not known yet: at a prompt it is typed twice."""
    if sys.stdin.isatty() and not os.environ.get(NEW_VARIABLE):
        return str(typer.prompt(label, hide_input=True, confirmation_prompt="The same again", err=True))
    return passphrase(label, NEW_VARIABLE)


def confirmed(question: str, yes: bool) -> bool:
    """Whether a person said yes, on the command line or now. Who cannot be asked has not."""
    return yes or (can_ask() and typer.confirm(question, err=True))


def can_ask() -> bool:
    """Whether somebody is there to answer; says so where nobody is."""
    if not sys.stdin.isatty():
        say("nothing was done: nobody can be asked here; --yes answers beforehand")
        return False
    return True


def say(words: str) -> None:
    """A sentence for the person, with marks of rich in it."""
    stderr.print(words, highlight=False, soft_wrap=True)


def _first_line(path: Path, variable: str) -> str:
    try:
        with path.open("rb") as file:
            line = file.readline(MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{variable} names {path}, which cannot be read: {exc}") from exc
    if not (text := line.rstrip("\r\n")):
        raise ConfigError(f"the first line of {path}, which {variable} names, is empty: write the passphrase there")
    return text
