"""`posture scrub`: videos and pictures without metadata, their pixels untouched."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posture.cli import copies, trail
from posture.cli.options import AsJson, HowProgress
from posture.cli.screen import stdout
from posture.errors import ConfigError, printable

if TYPE_CHECKING:
    from posture.inputs import Input
    from posture.scrubbing import Outcome, Scrubbed, Task
    from posture.wire import Cleaned

MARK = ".scrubbed"
"""What the name of a copy has between its stem and its suffix."""
FOLDER = "posture-scrubbed"
"""Where renamed copies go unless a folder is named."""

Inputs = Annotated[list[str], typer.Argument(metavar="FILE|FOLDER|GLOB", help="Videos or pictures to scrub.")]
Folder = Annotated[
    str | None,
    typer.Option("-o", "--output", metavar="DIR", help="Folder for the copies (default: beside each file)."),
]
Check = Annotated[bool, typer.Option("--check", metavar="", help="Say what is in the files, and write nothing.")]
InPlace = Annotated[
    bool,
    typer.Option(
        "--in-place", metavar="", help="Replace each file by its scrubbed copy, once that was compared with it."
    ),
]
NoSound = Annotated[bool, typer.Option("--no-sound", metavar="", help="Leave the sound of videos out as well.")]
Rename = Annotated[
    bool, typer.Option("--rename", metavar="", help="Call the copies s0001, s0002, ... in the order of the files.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace copies that are already there.")]


def scrub(
    inputs: Inputs,
    output: Folder = None,
    check: Check = False,
    in_place: InPlace = False,
    no_sound: NoSound = False,
    rename: Rename = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    progress: HowProgress = "auto",
) -> None:
    """Write copies of videos and pictures without metadata; no pixel changes, which is compared afterwards.

    Position, device, dates, names, comments, editing history, previews, further pictures, subtitles, chapters,
    attachments, telemetry and everything else that is not known to be needed goes. How the picture is turned stays, and
    so does a colour profile, without its text.

    The source stays as it is unless --in-place is given. What cannot be cleaned without encoding it anew is refused.
    What a picture shows, and what is said in a video, stays: see `posture redact`.
    """
    from posture import config
    from posture.inputs import MEDIA_SUFFIXES
    from posture.scrubbing import Plan, Scrubbing

    _refuse_unused(check=check, in_place=in_place, output=output, rename=rename, no_sound=no_sound, overwrite=overwrite)
    settings = config.load({})
    folder = Path(output or FOLDER).expanduser() if output or rename else None
    found = copies.sources(inputs, folder, MARK, "scrub", MEDIA_SUFFIXES | {".jp2"})
    trail.started("scrub")
    tasks = _tasks(found, folder, in_place=in_place, rename=rename)
    work = Scrubbing(settings, Plan(look=check, with_sound=not no_sound, overwrite=overwrite))
    done, code = copies.finished(work, tasks, progress, _note, None if as_json else _shown, rename=rename)
    if as_json:
        copies.print_json("posture.scrub/1", done, tasks, _as_dict, rename=rename)
    elif len(tasks) > 1:
        stdout.print(_summary(done, tasks), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def _refuse_unused(
    *, check: bool, in_place: bool, output: str | None, rename: bool, no_sound: bool, overwrite: bool
) -> None:
    """Raise ConfigError for options that were typed and would do nothing beside the others."""
    about_copies = {"-o": bool(output), "--rename": rename, "--overwrite": overwrite}
    writing = {"--in-place": in_place, **about_copies, "--no-sound": no_sound}
    if check and (unused := ", ".join(option for option, typed in writing.items() if typed)):
        raise ConfigError(f"--check writes nothing, so it does not go with {unused}; leave one of them out")
    if in_place and (unused := ", ".join(option for option, typed in about_copies.items() if typed)):
        raise ConfigError(f"--in-place makes no copies, so it does not go with {unused}; leave one of them out")


def _tasks(found: "list[Input]", folder: Path | None, *, in_place: bool, rename: bool) -> "list[Task]":
    """A copy keeps the suffix of its source where it can, and without a folder its place."""
    from posture.scrubbing import Task, copy_suffix

    tasks = []
    for number, item in enumerate(found, start=1):
        suffix = copy_suffix(item.path)
        if in_place:
            path = item.path.resolve()  # behind a link lies the file that is to be replaced
            tasks.append(Task(path, path))
        elif rename and folder is not None:
            tasks.append(Task(item.path, folder / f"s{number:04d}{suffix}"))
        else:
            stem = item.path.with_name(item.path.stem) if folder is None else folder / item.stem
            tasks.append(Task(item.path, stem.with_name(f"{stem.name}{MARK}{suffix}")))
    return tasks


def _note(outcome: "Outcome") -> None:
    """For the audit log."""
    if outcome.result is not None and outcome.result.output is not None:
        trail.scrubbed(outcome.result.output, outcome.result.size_bytes)


def _shown(result: "Scrubbed") -> copies.Shown:
    details = [f"{kind} ({printable(', '.join(places))})" for kind, places in _by_kind(result.cleaned).items()]
    return copies.Shown(_headline(result), details, warn=result.output is None and bool(details))


def _headline(result: "Scrubbed") -> str:
    """What was done, and how that is known."""
    count = len(_by_kind(result.cleaned))
    things = "nothing" if not count else "1 kind of data" if count == 1 else f"{count} kinds of data"
    kept = f"; {' and '.join(result.cleaned.kept)} kept" if result.cleaned.kept else ""
    if result.output is None:
        return f"{things} to remove{kept}"
    compared = "pixels" if not result.frames else "1 picture" if result.frames == 1 else f"{result.frames} pictures"
    return f"{things} removed{kept}; {compared} compared, the same"


def _by_kind(cleaned: "Cleaned") -> dict[str, list[str]]:
    """Where each kind of data was found."""
    found: dict[str, list[str]] = {}
    for one in cleaned.found:
        found.setdefault(one.kind, []).append(one.place)
    return found


def _summary(done: "list[Outcome]", tasks: "list[Task]") -> str:
    kinds = Counter(kind for outcome in done if outcome.result for kind in _by_kind(outcome.result.cleaned))
    words, found = copies.counted(done, tasks), ", ".join(f"{kind} in {count}" for kind, count in kinds.most_common())
    return f"{words}\n{found}" if found else words


def _as_dict(result: "Scrubbed") -> dict[str, Any]:
    """Of one file of the JSON document."""
    return {
        "format": printable(result.cleaned.format),
        "output": None if result.output is None else str(result.output),
        "found": [
            {"kind": kind, "places": list(map(printable, places))} for kind, places in _by_kind(result.cleaned).items()
        ],
        "kept": list(result.cleaned.kept),
        "compared": result.output is not None,
        "frames": result.frames or None,
        "bytes": result.size_bytes or None,
        "seconds": round(result.seconds, 3),
    }
