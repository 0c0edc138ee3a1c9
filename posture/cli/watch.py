"""`posture watch`: each file that arrives in a folder is done once, for as long as the program runs."""

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer
from rich.markup import escape

from posture.audit.events import Event as Entry
from posture.cli import exits, trail
from posture.cli.analyze_options import Formats, Language, Model, Overwrite, Rate
from posture.cli.interrupt import stopping
from posture.cli.options import Provider, listed
from posture.cli.screen import stderr, stdout
from posture.errors import ConfigError, NoInput

if TYPE_CHECKING:
    from posture.batch.observing import Observing
    from posture.batch.standing import Folder
    from posture.batch.watching import End as WatchEnd
    from posture.batch.watching import Event, Options, Watching
    from posture.batch.work import FileOutcome, Orders, What

SETTLE_S = {"events": 5.0, "polling": 15.0}
"""On a share a file may look the same for as long as the server keeps its attributes (NFS and SMB: seconds)."""
_SLICE_S = 0.5
_MARKS = {
    "done": "[blue]●[/blue]", "failed": "[red]■[/red]", "refused": "[red]■[/red]", "away": "[yellow]▲[/yellow]",
    "held": "[yellow]▲[/yellow]", "waits": "[yellow]▲[/yellow]", "kept": "[yellow]▲[/yellow]",
}  # fmt: skip

Watched = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to watch, with all that lies below it.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="DIR", help="Folder for results, which mirrors FOLDER (default: beside each file)."
    ),
]
WhatToDo = Annotated[Literal["analyze", "redact", "scrub"], typer.Option("--what", help="What is done with each file.")]
Settle = Annotated[
    float | None,
    typer.Option(
        metavar="S", min=0.1, help="A file has arrived when it stood still so long (default: 5, on shares 15)."
    ),
]
Polling = Annotated[
    bool,
    typer.Option("--polling", metavar="", help="Look every 10 s instead of being told; on shares that is so anyway."),
]
MoveTo = Annotated[
    Path | None,
    typer.Option("--move-to", metavar="DIR", help="Move files that are done there; otherwise none is moved."),
]
Once = Annotated[
    bool,
    typer.Option("--once", metavar="", help="End when whatever is there has its outcome; a file that is held is left."),
]
Retry = Annotated[bool, typer.Option("--retry", metavar="", help="Try again what failed or was refused before.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, metavar="N", help="Files at a time.")]
TaskFile = Annotated[Path | None, typer.Option("--task", metavar="FILE", help="As for `posture analyze`.")]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="One JSON line on stdout for each event.")]


def watch(
    folder: Watched,
    output: Output = None,
    what: WhatToDo = "analyze",
    settle: Settle = None,
    polling: Polling = False,
    move_to: MoveTo = None,
    once: Once = False,
    retry: Retry = False,
    overwrite: Overwrite = False,
    workers: Workers = None,
    formats: Formats = None,
    language: Language = None,
    model: Model = None,
    rate: Rate = None,
    provider: Provider = None,
    task: TaskFile = None,
    as_json: AsJson = False,
) -> None:
    """Do each file that arrives in a folder once, when it has stopped growing, until Ctrl+C.

    Nothing is done twice, not after a restart, a rename or a share that was away; a file that was replaced is done
    again, under another name of its results. Symbolic links are not followed.
    """
    from posture import config
    from posture.analysis import Told
    from posture.batch.observing import Observing
    from posture.batch.standing import watched_by
    from posture.batch.watching import Options
    from posture.batch.work import Orders
    from posture.cli.analyze import rate_of
    from posture.ergonomics.task import NOTHING_SAID, load_task

    whole, target = folder.expanduser().absolute(), (output or folder).expanduser().absolute()
    kind: Literal["events", "polling"] = "polling" if polling else watched_by(whole)
    options = Options(
        target=target,
        settle_s=settle or SETTLE_S[kind],
        overwrite=overwrite,
        move_to=move_to.expanduser().absolute() if move_to else None,
        once=once,
    )
    observing = Observing(whole, kind)
    typed = {
        "output.formats": listed(formats, everything=("html", "json", "csv", "pdf", "xlsx")),
        "output.language": language,
        "pose.model": model,
        "pose.providers": listed(provider),
        "analysis.rate": rate_of(rate),
    }
    told = Told(load_task(task.expanduser()) if task else NOTHING_SAID)
    orders = Orders(what=what, settings=config.load(typed), told=told)
    raise typer.Exit(_watch(whole, orders, options, observing, workers, retry=retry, as_json=as_json))


def _watch(
    folder: Path,
    orders: "Orders",
    options: "Options",
    observing: "Observing",
    number: int | None,
    *,
    retry: bool,
    as_json: bool,
) -> int:
    """The exit code."""
    from posture.batch.journal import alone
    from posture.batch.seen import Seen
    from posture.batch.watching import Watching
    from posture.batch.work import LATER
    from posture.batch.workers import LocalWorkers

    kept = _journal_of(folder, options.target, orders.what)
    looks = _looked(folder, orders.what, options, kept)
    trail.started("watch")
    with ExitStack() as held:
        held.enter_context(alone(kept))
        seen = Seen(kept / "seen.sqlite")
        held.callback(seen.close)
        if retry:
            seen.retry()
        local = LocalWorkers(number, kept / "checkpoints")
        held.callback(local.close)
        held.enter_context(observing)
        watching = Watching(
            looks, orders, options, seen, local,
            now=time.monotonic,
            wait=lambda seconds: _wait(observing, watching, seconds),
            on_event=lambda event, outcome: _heard(event, outcome, observing, orders.what, as_json=as_json),
        )  # fmt: skip
        with stopping(watching, f"ending; a file in hand {LATER[orders.what]} the next time") as wish:
            end = watching.run()
        counts = seen.counts()
        if (count := counts.get("failed", 0) + counts.get("refused", 0)) and not retry and not as_json:
            files = "1 file" if count == 1 else f"{count} files"
            stderr.print(f"{files} failed or refused, now or before; --retry tries them again", highlight=False)
        return wish.code or _code(end, counts)


def _looked(folder: Path, what: "What", options: "Options", kept: Path) -> "Folder":
    """The folder, which can be read, whose results can be written, and which nobody watches yet."""
    from posture.batch.journal import is_running
    from posture.batch.standing import Away, Folder
    from posture.output import probe_folder

    if options.move_to == folder:
        raise ConfigError(f"--move-to names the watched folder itself, {folder}; name another one")
    own = [each for each in (options.target, options.move_to) if each is not None]
    try:
        looks = Folder(folder, what, [each for each in own if each != folder])
    except Away as exc:
        raise NoInput(f"{folder} cannot be watched: {exc}") from exc
    for each in own:
        probe_folder(each)
    if is_running(kept):
        raise ConfigError(f"{folder} is watched already, with the same results")
    return looks


def _journal_of(folder: Path, target: Path, what: str) -> Path:
    """Named after what is done with which folder, so that two watches have two journals."""
    import hashlib

    from posture.folders import data_folder

    digest = hashlib.sha256("\0".join((what, str(folder), str(target))).encode("utf-8", "surrogateescape"))
    return data_folder() / "watch" / digest.hexdigest()[:16]


def _wait(observing: "Observing", watching: "Watching", seconds: float) -> bool:
    """Until something moves, somebody wants no more, or the time is over; whether something moved."""
    ends_s = time.monotonic() + seconds
    while True:
        left_s = ends_s - time.monotonic()
        if observing.moved.wait(max(0.0, min(left_s, _SLICE_S))):
            observing.moved.clear()
            return True
        if left_s <= _SLICE_S or watching.stopping:
            return False


def _heard(event: "Event", outcome: "FileOutcome | None", observing: "Observing", what: str, *, as_json: bool) -> None:
    """Say it, write into the audit log what was made, and be told again of a folder that is back."""
    if event.event == "back":
        observing.revive()
    for result in outcome.results if outcome else ():
        if what == "analyze":
            trail.record(Entry.REPORT_EXPORTED, format=result.format, sha256=result.sha256)
        else:
            trail.record(Entry.REDACTED_EXPORTED, sha256=result.sha256, bytes=result.size_bytes)
    if outcome and outcome.error.startswith("Model"):
        trail.record(Entry.MODEL_REFUSED, reason="hash" if outcome.error == "ModelMismatch" else "load")
    if as_json:
        told = {"schema": "posture.watch/1", **msgspec.to_builtins(event)}
        print(json.dumps(told), flush=True)
        return
    words = f"{_MARKS.get(event.event, '[dim]·[/dim]')} {event.event}" + (
        f" {escape(event.file)}" if event.file else ""
    )
    if message := event.message.removeprefix(f"{event.file.rpartition('/')[2]}: "):
        words += f"  {escape(message)}"
    (stderr if event.event in {"failed", "refused"} else stdout).print(words, highlight=False, soft_wrap=True)


def _code(end: "WatchEnd", counts: dict[str, int]) -> int:
    """Of a watch that ended by itself, as only one with --once does."""
    if end.value == "away":
        return exits.NO_INPUT
    return exits.SOME_FAILED if counts.get("failed") or counts.get("refused") else exits.OK
