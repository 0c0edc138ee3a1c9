"""The key with which an organisation signs: models and policies alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from posture.cli.opening import say
from posture.errors import ConfigError, PostureError

if TYPE_CHECKING:
    from posture.signed_note import PrivateKey

KEY_LIMIT_BYTES = 4096
KeyFile = Annotated[Path, typer.Option("--key", metavar="FILE", help="File with the private key.")]
NewKey = Annotated[
    str | None,
    typer.Option("--new-key", metavar="NAME", help="First make a key of this name and write it to the FILE of --key."),
]


@contextmanager
def signing_key(path: Path, new: str | None) -> Iterator["PrivateKey"]:
    """The key in `path`, or a new one named `new`, which is gone if the block raises. Raises ConfigError."""
    if new is None:
        yield _read(path)
        return
    private = _made(path, new)
    try:
        yield private
    except BaseException:
        path.unlink(missing_ok=True)  # nothing was signed with it
        raise
    say(
        f"the private key is in {escape(str(path))}: who can read it can sign; keep it away from the computers that "
        "trust it"
    )


def _made(path: Path, name: str) -> "PrivateKey":
    """A new key, in a file that only its owner can read and that was not there."""
    from posture.output import refuse_existing, whole_file
    from posture.signed_note import NoteError, PrivateKey

    advice = "choose another FILE for --key, or leave out --new-key to sign with the key in it"
    refuse_existing(path, overwrite=False, advice=advice)
    try:
        private = PrivateKey.generate(name)
    except NoteError as exc:
        raise ConfigError(f"--new-key {name!r}: {exc}") from exc
    with whole_file(path, advice=advice, private=True) as out:
        out.write(f"{private.secret_text()}\n".encode())
    return private


def _read(path: Path) -> "PrivateKey":
    from posture.pose.catalogue import read_limited
    from posture.signed_note import NoteError, PrivateKey

    try:
        return PrivateKey.parse(read_limited(path, KEY_LIMIT_BYTES).decode("utf-8", "replace"))
    except NoteError as exc:
        raise ConfigError(f"{path} holds no private key: {exc}; --new-key NAME makes one") from exc
    except PostureError as exc:
        raise ConfigError(f"--key: {exc}; --new-key NAME makes one") from exc
