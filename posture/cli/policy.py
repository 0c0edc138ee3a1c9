"""`posture privacy policy`: what an organisation signed for this computer, and whether it holds."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from posture.cli import exits, trail
from posture.cli.opening import say, today
from posture.cli.options import AsJson
from posture.cli.screen import new_grid, stdout
from posture.cli.signing import KeyFile, NewKey, signing_key
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.policy import InForce, PolicyFiles

app = typer.Typer(help="A signed policy locks settings and caps what may be recorded.", no_args_is_help=True)
OVERWRITE = Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace a file that is there.")]


def _files() -> "PolicyFiles":
    from posture.policy import system_files

    return system_files()


@app.command()
def template(
    issuer: Annotated[
        str, typer.Option(metavar="TEXT", help="Who decides (default: privacy.controller of the settings).")
    ] = "",
) -> None:
    """Print a policy to start from: what holds on this computer now, as TOML with a word on each line. Sign it next."""
    from posture.cli.policy_template import template as text

    print(text(trail.settings_in_force(), _files().next_serial(), issuer, today()), end="")


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy as TOML; `template` prints one.")],
    key: KeyFile,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The signed policy.")],
    new_key: NewKey = None,
    overwrite: OVERWRITE = False,
) -> None:
    """Sign a policy for the computers of the organisation, with a key that is there or, with --new-key, a new one."""
    from posture import config, policy
    from posture.output import whole_file

    trail.started("privacy.policy.sign")
    if out.resolve() == key.resolve():
        raise ConfigError("--key and -o name the same file: give the signed policy a name of its own")
    body = _text(file)
    with (
        whole_file(out, overwrite=overwrite, advice="choose another name for -o, or pass --overwrite") as stream,
        signing_key(key, new_key) as private,
    ):
        note = policy.signed(body, private, str(file)).encode()
        found = policy.read(note, [private.public], today(), str(file))
        config.allows(found)
        if found.expired:
            raise ConfigError(f"{file} expires on {found.policy.expires}, and that is over: give it a later day")
        stream.write(note)
    say(f"signed {escape(found.name)}, valid until {found.policy.expires}: {escape(str(out))}")
    say("on each computer, as its administrator: `posture models trust KEY-LINE` once, with this line, and then")
    say(f"`posture privacy policy install {escape(out.name)}`")
    print(private.public)


@app.command()
def install(
    note: Annotated[Path, typer.Argument(metavar="FILE", help="What `posture privacy policy sign` wrote.")],
) -> None:
    """Put a policy into force for everybody on this computer, as its administrator.

    Its key has to be trusted here (`posture models trust KEY-LINE`), and its number higher than that of the last one.
    """
    from posture import config, policy

    trail.started("privacy.policy.install")
    files, data = _files(), _text(note).encode()
    trust = "`posture models trust KEY-LINE` trusts a key, once its owner told you the line another way"
    config.allows(policy.read(data, files.keys.read(), today(), str(note), trust))
    found = files.install(data, today(), str(note))
    trail.note_policy()
    say(f"{escape(found.name)} is in force until {found.policy.expires}; `posture config show` names what it holds")


@app.command()
def remove() -> None:
    """Withdraw the policy of this computer, as its administrator. Who uses the computer can see it in the audit log."""
    trail.started("privacy.policy.remove")
    files = _files()
    serial = files.withdraw()
    trail.note_policy()
    say(f"policy {serial} is withdrawn: the settings of each user hold again")


@app.command()
def show(as_json: AsJson = False) -> None:
    """What the policy of this computer says, setting by setting. Exit 2 if it is missing, forged or set back."""
    from posture import config

    found, limits = config.limits()
    if as_json:
        print(json.dumps(_as_dict(found), indent=1))
        return
    if found is None:
        say("no policy is installed on this computer: whoever uses it decides")
        return
    _head(found)
    grid = new_grid("setting", "", "allowed")
    for key, limit in sorted(limits.items()):
        grid.add_row(key, "locked" if limit.locked else "capped", escape(limit.words))
    stdout.print(grid)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Whether a policy is in force and sound. Exit 0: it is; 1: none, or expired; 2: missing, forged or set back."""
    found = _files().in_force(today())
    if as_json:
        print(json.dumps(_as_dict(found), indent=1))
    elif found is None:
        say("[yellow]▲ no policy is installed on this computer[/yellow]")
    else:
        _head(found)
    if found is None or found.expired:
        raise typer.Exit(exits.FAILED)


def _head(found: "InForce") -> None:
    policy = found.policy
    state = "[blue]● in force[/blue]"
    if found.expired:
        state = "[yellow]▲ expired: it still binds, and nothing is recorded until there is a new one[/yellow]"
    say(f"{state}  {escape(found.name)}")
    say(f"signed by {escape(found.signer.name)} {found.signer.key_id.hex()}, {policy.issued} to {policy.expires}")


def _as_dict(found: "InForce | None") -> dict[str, object]:
    import msgspec

    if found is None:
        return {"schema": "posture.policy/1", "state": "none"}
    return {
        "schema": "posture.policy/1",
        "state": "expired" if found.expired else "in-force",
        "signer": str(found.signer),
        "sha256": found.sha256,
        "policy": msgspec.to_builtins(found.policy),
        "limits": {one.key: {"allowed": one.words, "locked": one.locked} for one in found.limits()},
    }


def _text(path: Path) -> str:
    from posture.signed_note import NOTE_LIMIT_BYTES

    try:
        with path.open("rb") as file:
            return file.read(NOTE_LIMIT_BYTES + 1).decode()
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}; check its name and permissions") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is no text: name the policy or the signed note itself") from exc
