"""`posture config`: see and change the settings."""

import os
import shlex
import shutil
import subprocess
import sys
from typing import Annotated

import typer

from posture.audit.events import Event
from posture.cli import exits, trail
from posture.cli.screen import stderr
from posture.errors import ConfigError

app = typer.Typer(help="See and change the settings: defaults < TOML file < environment < flags.", no_args_is_help=True)


@app.command()
def show(as_json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")] = False) -> None:
    """Print the settings in force."""
    import msgspec

    from posture import config

    settings = config.load()
    found, limits = config.limits()
    if as_json:
        held = {key: {"allowed": limit.words, "locked": limit.locked} for key, limit in limits.items()}
        by = {"policy": found and {"name": found.name, "key": str(found.signer), "limits": held}}
        tree = {"schema": "posture.settings/1", **msgspec.to_builtins(settings), **by}
        print(msgspec.json.format(msgspec.json.encode(tree), indent=1).decode())
    else:
        print(config.as_toml(settings), end="")
        for key, limit in sorted(limits.items()):
            assert found is not None
            print(f"# {key}: {'locked' if limit.locked else 'capped'} by {found.name}: {limit.words}")


@app.command()
def path() -> None:
    """Print where the settings file is, or would be."""
    from posture import config

    print(config.config_path())


@app.command()
def edit() -> None:
    """Open the settings file in your editor ($VISUAL or $EDITOR); it is made with all defaults where there is none."""
    from posture import config

    trail.started("config.edit")
    before = trail.settings_in_force()
    file = config.config_path()
    if not file.exists():
        config.write_default(file)
    command = _editor()
    try:
        code = subprocess.run([*command, str(file)], check=False).returncode
    except OSError as exc:
        raise ConfigError(
            f"the editor {command[0]} does not start: {exc.strerror}; set EDITOR to one that does"
        ) from exc
    if code != 0:
        raise ConfigError(f"{command[0]} ended with an error; the file is {file}")
    _record(config.changed(before, config.load()))
    stderr.print("the settings are valid")


def _editor() -> list[str]:
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if named:
        return shlex.split(named, posix=sys.platform != "win32")
    for program in ("notepad",) if sys.platform == "win32" else ("nano", "vi"):
        if found := shutil.which(program):
            return [found]
    raise ConfigError("no editor found: set EDITOR, or edit the file that `posture config path` names")


@app.command()
def validate() -> None:
    """Check the settings file and the environment; exit 2 and the reason if something is wrong."""
    from posture import config

    config.load()
    stderr.print(f"{config.config_path()}: valid", markup=False, highlight=False, soft_wrap=True)


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", "-y", metavar="", help="Do not ask.")] = False) -> None:
    """Go back to the defaults. The old file is kept beside it as config.toml.bak."""
    from posture import config

    file = config.config_path()
    if file.exists() and not yes and not typer.confirm(f"Reset {file} to the defaults?", err=True):
        raise typer.Exit(exits.CANCELLED)
    trail.started("config.reset")
    before = trail.settings_in_force()
    copy = config.reset(file)
    _record(config.changed(before, trail.settings_in_force()))
    stderr.print(f"kept as {copy}" if copy else "there was no settings file", markup=False, soft_wrap=True)


def _record(settings: list[str]) -> None:
    """The settings that changed, for the audit log: their names, never their values."""
    for setting in settings:
        trail.record(Event.SETTINGS_CHANGED, setting=setting)
