"""`posture privacy paperwork`: documents for people and authorities, made from the settings."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer
from rich.markup import escape

from posture.cli import trail
from posture.cli.opening import say, today, user_vault
from posture.cli.options import AsJson, listed
from posture.cli.screen import stderr
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.paperwork import Format

FOLDER = "posture-paperwork"


def paperwork(
    which: Annotated[
        str,
        typer.Argument(metavar="WHICH", help="art30, dpia, notice, works-council, retention, consent, or all."),
    ] = "all",
    language: Annotated[Literal["en", "de"], typer.Option(help="Of the documents.")] = "en",
    formats: Annotated[str, typer.Option("--format", metavar="LIST", help="html, pdf, or both.")] = "html,pdf",
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where they go.")] = Path(FOLDER),
    overwrite: Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace files that are there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write templates for your records, filled in with what the program knows. Have a lawyer check them.

    art30: record of processing; dpia: impact assessment; notice: a sheet to put up, with a QR code; works-council:
    parameters for an agreement; retention: when what is erased; consent: information and form. What only you know comes
    from the section privacy of the settings, or is a field to fill in.
    """
    from posture import config, paperwork

    names = listed(which, paperwork.NAMES) or ()
    kinds = listed(formats, tuple(paperwork.FORMATS)) or ()
    for given, known, option in ((names, paperwork.NAMES, "WHICH"), (kinds, paperwork.FORMATS, "--format")):
        if strange := [one for one in given if one not in known]:
            raise ConfigError(f"{option} {', '.join(strange)}: choose from {', '.join(known)}, all")
    trail.started("privacy.paperwork")
    with stderr.status("writing"):
        facts = paperwork.collected(config.load(), user_vault(), today())
        written = [
            (name, kind, paperwork.write(name, language, cast("Format", kind), facts, out, overwrite=overwrite))
            for name in names
            for kind in kinds
        ]
    for _, kind, path in written:
        trail.exported(kind, path)
    if as_json:
        files = [{"document": name, "format": kind, "file": str(path)} for name, kind, path in written]
        print(json.dumps({"schema": "posture.paperwork/1", "language": language, "files": files}, indent=1))
        return
    for _, _, path in written:
        say(f"wrote {escape(str(path))}")
    say("They are templates, and no legal advice: fill in the marked fields, and have a lawyer check them.")
