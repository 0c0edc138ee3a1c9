"""`posture redact`: copies of videos and pictures without faces and without metadata."""

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from posture.cli import copies, trail
from posture.cli.options import AsJson, End, HowProgress, Provider, Start, listed, part
from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import ConfigError, NoInput, printable

if TYPE_CHECKING:
    from posture.config import Settings
    from posture.inputs import Input
    from posture.redaction import Outcome, Redacted, Task

FOLDER = "posture-redacted"
MARK = ".redacted"
"""What the name of a copy has between its stem and its suffix."""
SILENT = "sound is never carried over: redacted videos are silent"

Inputs = Annotated[list[str], typer.Argument(metavar="FILE|FOLDER|GLOB", help="Videos or pictures to redact.")]
Folder = Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="Folder for the copies.")]
Faces = Annotated[
    str | None,
    typer.Option(metavar="HOW", help="cover (default): nothing of a face stays; blur: coarse squares; keep."),
]
Background = Annotated[
    str | None,
    typer.Option(
        metavar="HOW", help="keep (default), blur, remove (one flat colour) or replace (--picture or --colour)."
    ),
]
Colour = Annotated[
    str | None, typer.Option(metavar="#RRGGBB", help="Colour of a background that is removed; R,G,B works too.")
]
Picture = Annotated[
    str | None, typer.Option(metavar="FILE", help="Picture for a background that is replaced.", show_default=False)
]
Bystanders = Annotated[
    str | None, typer.Option(metavar="HOW", help="keep (default), or remove everybody but the largest person.")
]
SkeletonOnly = Annotated[
    bool, typer.Option("--skeleton-only", metavar="", help="Keep nothing of the picture: figures on a flat ground.")
]
Quality = Annotated[
    int | None, typer.Option("--crf", metavar="0-51", help="Quality of videos: 0 is best, 20 default, 51 worst.")
]
Rename = Annotated[
    bool,
    typer.Option("--rename", metavar="", help="Call the copies r0001, r0002, ... in the order of the files."),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Files at a time (default: a picture for each processor, one video)."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace copies that are already there.")]


def redact(
    inputs: Inputs,
    output: Folder = FOLDER,
    faces: Faces = None,
    background: Background = None,
    colour: Colour = None,
    picture: Picture = None,
    bystanders: Bystanders = None,
    skeleton_only: SkeletonOnly = False,
    crf: Quality = None,
    rename: Rename = False,
    start: Start = None,
    end: End = None,
    provider: Provider = None,
    jobs: Jobs = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    progress: HowProgress = "auto",
) -> None:
    """Write copies of videos and pictures in which faces are covered, and which carry no metadata and no sound.

    The source stays as it is. A copy appears whole or not at all: an error, or Ctrl+C, leaves none of that file.

    Faces that are not found stay visible: look at the copies before you give them away.
    """
    from posture import config
    from posture.inputs import MEDIA_SUFFIXES
    from posture.redaction import Plan, Redaction

    settings = config.load(
        {
            "redact.faces": faces,
            "redact.background": background or ("replace" if picture else "remove" if colour else None),
            "redact.background_colour": _rgb(colour),
            "redact.bystanders": bystanders,
            "redact.skeleton_only": skeleton_only or None,
            "redact.crf": crf,
            "pose.providers": listed(provider),
        }
    )
    _refuse_unused(settings, faces, background, colour, picture)
    plan = Plan(*part(start, end), _replacement(picture, settings), jobs, overwrite)
    folder = Path(output).expanduser()
    found = copies.sources(inputs, folder, MARK, "redact", MEDIA_SUFFIXES)
    trail.started("redact")
    tasks = _tasks(found, folder, rename=rename)
    work = Redaction(settings, plan)
    note = partial(_note, said=[])
    done, code = copies.finished(work, tasks, progress, note, None if as_json else _shown, rename=rename)
    if as_json:
        copies.print_json("posture.redact/1", done, tasks, _as_dict, rename=rename)
    elif len(tasks) > 1:
        stdout.print(_grid(done, tasks))
    raise typer.Exit(code)


def _tasks(found: "list[Input]", folder: Path, *, rename: bool) -> "list[Task]":
    """Neutral names lie in one folder: names of folders tell as much as names of files."""
    from posture.redaction import Task

    if rename:
        return [Task(item.path, folder / f"r{number:04d}") for number, item in enumerate(found, start=1)]
    return [Task(item.path, (folder / item.stem).with_name(f"{item.stem.name}{MARK}")) for item in found]


def _refuse_unused(
    settings: "Settings", faces: str | None, background: str | None, colour: str | None, picture: str | None
) -> None:
    """Raise ConfigError for options that were typed and would do nothing beside the others."""
    if not settings.redact.skeleton_only:
        if colour and (background in ("keep", "blur") or picture):
            raise ConfigError("--colour is for a background of one colour: leave it out, or --background, --picture")
        return
    asked = {
        f"--faces {faces}": faces in ("blur", "keep"),
        f"--background {background}": background in ("keep", "blur", "replace"),
        "--picture": picture is not None,
    }
    if unused := ", ".join(option for option, typed in asked.items() if typed):
        raise ConfigError(
            f"--skeleton-only (redact.skeleton_only) keeps nothing of the picture, so it does not go with {unused}; "
            "leave one of them out (--colour gives the ground another colour)"
        )


def _replacement(picture: str | None, settings: "Settings") -> Path | None:
    if picture is None:
        return None
    if settings.redact.background != "replace":
        raise typer.BadParameter("--picture is for --background replace")
    if not (path := Path(picture).expanduser()).is_file():
        raise NoInput(f"{picture}: no such picture; check the spelling")
    return path


def _rgb(text: str | None) -> tuple[int, ...] | None:
    """Red, green and blue, 0 to 255, of "#RRGGBB" or "R,G,B"."""
    if text is None:
        return None
    if re.fullmatch(r"#?[0-9a-fA-F]{6}", text):
        return tuple(bytes.fromhex(text.removeprefix("#")))
    if re.fullmatch(r"\d{1,3}(,\d{1,3}){2}", text) and max(parts := [int(part) for part in text.split(",")]) <= 255:
        return tuple(parts)
    raise typer.BadParameter(f"--colour takes #RRGGBB or R,G,B with numbers up to 255, not {text!r}")


def _note(outcome: "Outcome", *, said: list[str]) -> None:
    """For the audit log; and for the person, once, that sound is left out. `said`: whether that was."""
    trail.failed(outcome.error)
    if outcome.result is None:
        return
    if outcome.result.begun.info.has_audio and not said:
        said.append(SILENT)
        stderr.print(SILENT, highlight=False, soft_wrap=True)
    trail.redacted(outcome.result.output, outcome.result.size_bytes)


def _shown(result: "Redacted") -> copies.Shown:
    damage = result.done.damage
    return copies.Shown(_headline(result), [damage.message] if damage.any else [], warn=damage.any)


def _headline(result: "Redacted") -> str:
    """What was found: in the picture, or at most in one frame of the video."""
    done = result.done
    people = "1 person seen" if done.people == 1 else f"{done.people} people seen"
    words = [f"{_number(done.faces, 'face')} hidden", people]
    if done.uncertain:
        words.append(f"{done.uncertain} hidden as a whole")
    found = ", ".join(words)
    return found if result.begun.suffix != "mp4" else f"{_number(done.frames, 'frame')}; in one at most {found}"


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _grid(done: "list[Outcome]", tasks: "list[Task]") -> Table:
    title = copies.counted(done, tasks)
    grid = new_grid("file", "outcome", "faces", "people", "uncertain", "size", "seconds", title=title)
    for outcome in done:
        name = escape(printable(tasks[outcome.number].path.name))
        if outcome.result is None:
            grid.add_row(name, "[red]■ failed[/red]", "", "", "", "", "")
            continue
        result, found = outcome.result, outcome.result.done
        state = "[yellow]▲ partial[/yellow]" if found.damage.any else "[blue]● ok[/blue]"
        numbers = [str(found.faces), str(found.people), str(found.uncertain)]
        grid.add_row(name, state, *numbers, _size(result.size_bytes), f"{result.seconds:.1f}")
    return grid


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.1f} kB"


def _as_dict(result: "Redacted") -> dict[str, Any]:
    """Of one file of the JSON document."""
    return {
        "output": str(result.output),
        "frames": result.done.frames,
        "faces": result.done.faces,
        "people": result.done.people,
        "uncertain": result.done.uncertain,
        "damage": result.done.damage.message,
        "sound_left_out": result.begun.info.has_audio,
        "bytes": result.size_bytes,
        "seconds": round(result.seconds, 3),
    }
