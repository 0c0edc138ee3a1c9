"""`posture verify --metadata`: whether a video holds pictures and nothing else."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.markup import escape

from posture.cli import exits, trail
from posture.cli.opening import opened, user_vault
from posture.cli.options import AsJson
from posture.cli.screen import stdout
from posture.errors import Damaged, NoInput, VideoUnreadable, printable

if TYPE_CHECKING:
    from posture.vault.chunks import Stored

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Videos (MP4) or recordings (.pclip).")]
Metadata = Annotated[
    bool, typer.Option("--metadata", metavar="", help="Look for dates, names, places, sound, text, hidden bytes.")
]


def verify(files: Files, metadata: Metadata = False, as_json: AsJson = False) -> None:
    """Look whether videos hold pictures and nothing else, by an allow-list of every box, field and unit.

    A recording is opened with the vault and read in memory. Exit 65 if something is found. Whether a recording is whole
    says `posture recordings verify`.
    """
    if not metadata:
        raise typer.BadParameter("say what to look for: --metadata")
    trail.started("verify")
    found = {path: _findings(path) for path in files}
    if as_json:
        listed = [{"file": str(path), "plain": not words, "findings": words} for path, words in found.items()]
        print(json.dumps({"schema": "posture.verify/1", "files": listed}, indent=1))
    else:
        for path, words in found.items():
            mark = "[red]■[/red]" if words else "[blue]● pictures and nothing else[/blue]"
            stdout.print(f"{mark} {escape(printable(str(path)))}", highlight=False, soft_wrap=True)
            for word in words:
                stdout.print(f"  {printable(word)}", markup=False, highlight=False, soft_wrap=True)
    if any(found.values()):
        raise typer.Exit(exits.BAD_DATA)


def _findings(path: Path) -> list[str]:
    """What is in it beside pictures. Raises NoInput, VideoUnreadable, and what the vault raises."""
    from posture.privacy.mp4_check import findings
    from posture.vault.clip import SUFFIX, open_clip

    with ExitStack() as stack:
        try:
            file = cast("Stored", stack.enter_context(path.open("rb")))
        except OSError as exc:
            raise NoInput(f"{path}: {exc.strerror}; check the spelling") from exc
        try:
            if path.suffix == SUFFIX:
                unlocked = stack.enter_context(opened(user_vault()))
                file = open_clip(file, unlocked.secrets, recover=True)
            return findings(file)
        except Damaged as exc:
            raise VideoUnreadable(f"{path}: {exc}; give an MP4 video or a recording") from exc
