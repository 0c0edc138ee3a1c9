"""`posture batch`: thousands of files in one job that survives being killed."""

import json
import os
import shutil
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import typer
from rich.markup import escape

from posture.cli import exits, trail
from posture.cli.analyze_options import Formats, Language, Model, Overwrite, Rate
from posture.cli.batch_jobs import known_jobs, the_job
from posture.cli.batch_screen import (
    FAILURES_SHOWN,
    BatchScreen,
    files_words,
    shown_jobs,
    shown_plan,
    shown_trouble,
    size_words,
)
from posture.cli.batch_vault import vault_for
from posture.cli.fleet import FleetAddress, FleetCerts, Stream, fleet_of
from posture.cli.interrupt import stopping
from posture.cli.options import AsJson, End, HowProgress, Provider, Start, listed, part
from posture.cli.screen import stderr, stdout
from posture.errors import ConfigError, NoInput, printable

if TYPE_CHECKING:
    from posture.batch.fleet_workers import FleetWorkers
    from posture.batch.journal import Entry, Journal
    from posture.batch.plan import JobPlan
    from posture.batch.runner import End as RunEnd
    from posture.batch.work import FileOutcome, Orders

app = typer.Typer(help="Many files in one job that survives being killed.", no_args_is_help=True)

Inputs = Annotated[list[str], typer.Argument(metavar="JOB.toml|FOLDER|FILE", help="A job file, or what to work on.")]
Job = Annotated[str | None, typer.Argument(metavar="[JOB]", help="A job file or a name from `posture batch status`.")]
Folder = Annotated[
    str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for results (default: posture-batch).")
]
WhatToDo = Annotated[
    Literal["analyze", "redact", "scrub"] | None,
    typer.Option("--what", help="What is done with each file (default: analyze)."),
]
Windows = Annotated[
    list[str] | None,
    typer.Option("--window", metavar="SPAN", help='Work only then: "22:00 to 06:00"; may be repeated.'),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="N", help="Files at a time (default: by processors and memory)."),
]
Priorities = Annotated[
    list[str] | None,
    typer.Option("--priority", metavar="PATTERN=N", help="Files whose path ends so come first; may be repeated."),
]
TaskFile = Annotated[str | None, typer.Option("--task", metavar="FILE", help="As for `posture analyze`.")]
GroupsBy = Annotated[
    str | None,
    typer.Option(
        "--groups", metavar="REGEX", help="Named groups person, task and day in the path of a file, for the summary."
    ),
]
Metrics = Annotated[str | None, typer.Option(metavar="FILE", help="Keep figures there for Prometheus, as a text file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", metavar="", help="Say what would be done, and do nothing.")]
Anew = Annotated[bool, typer.Option("--anew", metavar="", help="Forget what an earlier run of this job did.")]
IntoVault = Annotated[
    bool,
    typer.Option(
        "--into-vault",
        metavar="",
        help="Encrypt results and checkpoints for the vault; `posture batch open` decrypts results again.",
    ),
]


@app.command()
def run(
    inputs: Inputs,
    output: Folder = None,
    what: WhatToDo = None,
    windows: Windows = None,
    workers: Workers = None,
    priority: Priorities = None,
    formats: Formats = None,
    language: Language = None,
    model: Model = None,
    rate: Rate = None,
    provider: Provider = None,
    task: TaskFile = None,
    groups: GroupsBy = None,
    start: Start = None,
    end: End = None,
    metrics: Metrics = None,
    fleet: FleetAddress = None,
    certs: FleetCerts = None,
    stream: Stream = False,
    dry_run: DryRun = False,
    anew: Anew = False,
    overwrite: Overwrite = False,
    into_vault: IntoVault = False,
    as_json: AsJson = False,
    progress: HowProgress = "auto",
) -> None:
    """Work through all files, and go on where an earlier run of the same job ended, however it ended.

    Ctrl+C or `posture batch stop` ends it in order; the same command goes on. A video that was
    being analysed goes on from its last checkpoint, a redacted or scrubbed copy begins again.
    """
    from posture.batch.plan import JobPlan, PriorityRule, checked, folder_of, load_plan, whole

    span = part(start, end)
    typed = {
        "output": output, "what": what, "windows": windows, "workers": workers, "task": task, "groups": groups,
        "priority": tuple(PriorityRule(match=m, priority=n) for m, n in map(_rule, priority or [])) or None,
        "start_s": span[0] or None, "end_s": span[1], "overwrite": overwrite or None,
        "vault": into_vault or None,
    }  # fmt: skip
    given = {name: value for name, value in typed.items() if value is not None}
    if len(inputs) == 1 and inputs[0].endswith(".toml"):
        plan = load_plan(Path(inputs[0]).expanduser())
    else:
        plan = JobPlan(inputs=tuple(whole(name) for name in inputs), output="posture-batch")
    plan = checked(msgspec.convert(msgspec.to_builtins(plan) | msgspec.to_builtins(given), JobPlan))
    settings = _with_flags(plan, formats, model, rate, provider, language)
    plan = msgspec.structs.replace(plan, output=whole(plan.output), settings=settings)
    orders = plan.orders()
    if dry_run:
        shown_plan(plan, orders, as_json=as_json)
        return
    trail.started("batch.run")
    with fleet_of(fleet, certs, stream=stream) as others:
        _run(plan, orders, folder_of(plan), metrics, others, anew=anew, as_json=as_json, progress=progress)


def _rule(text: str) -> tuple[str, int]:
    pattern, _, number = text.rpartition("=")
    if not pattern or not number.lstrip("-").isdigit():
        raise typer.BadParameter(f"--priority takes PATTERN=NUMBER, not {text!r}")
    return pattern, int(number)


def _with_flags(
    plan: "JobPlan",
    formats: str | None,
    model: str | None,
    rate: str | None,
    provider: str | None,
    language: str | None,
) -> dict[str, Any]:
    from posture.cli.analyze import rate_of

    settings: dict[str, Any] = {section: dict(values) for section, values in plan.settings.items()}
    typed = {
        ("output", "formats"): listed(formats, everything=("html", "json", "csv", "pdf", "xlsx")),
        ("pose", "model"): model,
        ("pose", "providers"): listed(provider),
        ("analysis", "rate"): rate_of(rate),
        ("output", "language"): language,
    }
    for (section, name), value in typed.items():
        if value is not None:
            settings.setdefault(section, {})[name] = value
    return settings


def _run(
    plan: "JobPlan",
    orders: "Orders",
    folder: Path,
    metrics: str | None,
    others: "FleetWorkers | None",
    *,
    anew: bool,
    as_json: bool,
    progress: "Literal['auto', 'none', 'json']",
) -> None:
    from posture.batch.discovery import CHECKPOINTS
    from posture.batch.journal import Journal, alone
    from posture.batch.runner import End as RunEnd
    from posture.batch.runner import Runner
    from posture.batch.summary import write_summary
    from posture.batch.work import LATER, identity
    from posture.batch.workers import LocalWorkers
    from posture.output import probe_folder

    probe_folder(Path(plan.output).expanduser().absolute())
    with ExitStack() as held:
        held.enter_context(alone(folder))
        journal = held.enter_context(Journal(folder))
        _begin(plan, orders, journal, anew=anew)
        vault = held.enter_context(vault_for(plan, journal))
        local = LocalWorkers(plan.workers, folder / "checkpoints")
        held.callback(local.close)
        workers = others or local
        shared = Path(plan.output).expanduser().absolute() / CHECKPOINTS.format(job=folder.name)
        if others is not None:
            others.checkpoints = shared
        screen = held.enter_context(
            BatchScreen(progress, journal, workers.number, Path(metrics).expanduser() if metrics else None)
        )
        listener = _Logging(screen, orders)
        secret = None if others else vault.checkpoint_secret(journal)
        runner = Runner(
            plan, orders, journal, workers, listener,
            now=_now, key_of=vault.key_of, seal_for=vault.recipients, checkpoint_secret=secret,
        )  # fmt: skip
        with stopping(runner, f"stopping; a file in hand {LATER[orders.what]} the next time") as wish:
            ended = runner.run()
        if ended is RunEnd.COMPLETE:
            shutil.rmtree(shared, ignore_errors=True)
        screen.close()
        with vault.readable(journal) as plain:
            paths = write_summary(plan, plain, identity(orders), vault.writing, orders.settings.output.language)
        for path in paths:
            trail.exported(path.name.split(".")[1], path)
        code = wish.code or _code(ended, journal)
        _finish(ended, journal, paths, code, as_json=as_json)
    raise typer.Exit(code)


def _now() -> datetime:
    return datetime.now().astimezone()


def _begin(plan: "JobPlan", orders: "Orders", journal: "Journal", *, anew: bool) -> None:
    """Find the files of the job and enter new ones. Raises ConfigError for other orders, NoInput without any file."""
    from posture.batch.discovery import discover, stem_of
    from posture.batch.work import LATER, identity

    if anew:
        journal.forget()
    wanted = identity(orders).encode()
    if journal.noted("identity") not in (b"", wanted) and journal.counts().files["done"]:
        raise ConfigError(
            "this job was begun with other settings or another version of the program; choose another -o, or forget "
            "what it did with --anew"
        )
    journal.note("identity", wanted)
    journal.note("plan", msgspec.json.encode(plan))
    with stderr.status("looking for files"):
        new = journal.add(discover(plan, shown_trouble))
        journal.name_results(stem_of)
    counts = journal.counts()
    if not counts.total:
        raise NoInput(f"no video, picture or recording in {', '.join(plan.inputs)}; is the share mounted?")
    stderr.print(
        f"{files_words(counts.total)}, {size_words(sum(counts.size_bytes.values()))}; {counts.open} to do"
        + (f", {new} new" if new and new < counts.total else "")
        + (f"; {begun} in hand when it ended, each {LATER[orders.what]}" if (begun := counts.files["running"]) else ""),
        highlight=False,
    )


class _Logging:
    """Implements `Listener`: the audit log, then the screen."""

    def __init__(self, screen: BatchScreen, orders: "Orders") -> None:
        self._screen = screen
        self._what = orders.what
        self.begun, self.progress, self.waits = screen.begun, screen.progress, screen.waits

    def ended(self, entry: "Entry", outcome: "FileOutcome") -> None:
        """See `Listener.ended`."""
        from posture.audit.events import Event

        if outcome.error.startswith("Model"):
            trail.record(Event.MODEL_REFUSED, reason="hash" if outcome.error == "ModelMismatch" else "load")
        for result in outcome.results:
            if self._what == "analyze":
                trail.record(Event.REPORT_EXPORTED, format=result.format, sha256=result.sha256)
            else:
                event = Event.REDACTED_EXPORTED if self._what == "redact" else Event.SCRUBBED_EXPORTED
                trail.record(event, sha256=result.sha256, bytes=result.size_bytes)
        self._screen.ended(entry, outcome)


def _code(ended: "RunEnd", journal: "Journal") -> int:
    from posture.batch.runner import End as RunEnd

    files = journal.counts().files
    complete = exits.SOME_FAILED if files["failed"] or files["refused"] else exits.OK
    return {
        RunEnd.COMPLETE: complete,
        RunEnd.STOPPED: exits.CANCELLED,
        RunEnd.AWAY: exits.NO_INPUT,
        RunEnd.FULL: exits.IO_ERROR,
    }[ended]


def _finish(ended: "RunEnd", journal: "Journal", paths: list[Path], code: int, *, as_json: bool) -> None:
    from posture.batch.mishaps import mishap_words

    files, full = journal.counts().files, ", 'waiting'" * (ended.value == "full")
    told = journal.entries(
        f"message != '' AND state IN ('done', 'failed', 'refused'{full})", "state = 'done', stem_key"
    )
    mishaps = [
        (entry.state, printable(os.fsdecode(entry.below)), entry.message)
        for entry in islice(told, None if as_json else FAILURES_SHOWN)
    ]
    if as_json:
        given_again = [{"file": name, "message": message} for state, name, message in mishaps if state == "done"]
        document = {
            "schema": "posture.batch.run/1", "exit": code, "end": ended.value, "files": files,
            "given_again": given_again, "summary": [str(path) for path in paths],
        }  # fmt: skip
        print(json.dumps(document, indent=1))
        return
    words = {
        "complete": "all files have their outcome",
        "stopped": "stopped; `posture batch run` with the same job goes on",
        "away": "a share is away; run the job again when it is back",
        "full": "results cannot be written; free some space or make the folder writable, and run the job again",
    }[ended.value]
    counted = ", ".join(f"{files[state]} {state}" for state in ("done", "failed", "refused"))
    if left := files["waiting"] + files["running"]:
        counted += f", {left} left"
    stdout.print(f"{words}: {counted}", highlight=False)
    for state, name, message in mishaps:
        mark = "[yellow]▲[/yellow]" if state in ("done", "waiting") else "[red]■[/red]"
        stderr.print(f"{mark} {escape(mishap_words(name, message))}", highlight=False, soft_wrap=True)
    if files["failed"] or files["refused"]:
        stderr.print("`posture batch retry` lets them wait again, for the next run of the job", highlight=False)
    stdout.print(f"  → {paths[0]}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def status(job: Job = None, as_json: AsJson = False) -> None:
    """How far the jobs of this user are, or one of them with the files that failed."""
    shown_jobs([the_job(job)] if job else known_jobs(), detailed=job is not None, as_json=as_json)


@app.command()
def retry(job: Job = None) -> None:
    """Let the files that failed or were refused wait again; `posture batch run` then tries them."""
    from posture.batch.journal import Journal

    folder = the_job(job)
    trail.started("batch.retry")
    with Journal(folder, create=False) as journal:
        count = journal.retry()
    stdout.print(f"{files_words(count)} to be tried again, by `posture batch run`", highlight=False)


@app.command()
def stop(job: Job = None) -> None:
    """Ask a running job to end in order; `posture batch run` goes on."""
    from posture.batch.journal import Journal, is_running
    from posture.batch.plan import JobPlan
    from posture.batch.runner import STOP_FILE
    from posture.batch.work import LATER

    folder = the_job(job)
    if not is_running(folder):
        raise ConfigError("this job is not running")
    trail.started("batch.stop")
    (folder / STOP_FILE).touch()
    with Journal(folder, create=False) as journal:
        what = msgspec.json.decode(journal.noted("plan"), type=JobPlan).what
    stdout.print(f"the job ends; `posture batch run` goes on, and a file in hand {LATER[what]}", highlight=False)


@app.command("open")
def open_sealed(
    files: Annotated[list[str], typer.Argument(metavar="FILE.sealed...", help="Results that are encrypted.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="Folder for the plain files.")],
) -> None:
    """Decrypt results of a job that went into the vault. The plain files are yours to keep safe."""
    from posture.batch.sealing import SUFFIX, open_file
    from posture.cli.opening import opened, user_vault
    from posture.output import whole_file

    if wrong := next((name for name in files if not name.endswith(SUFFIX)), None):
        raise ConfigError(f"{wrong} does not end in {SUFFIX}")
    trail.started("batch.open")
    with opened(user_vault()) as unlocked:
        for name in files:
            path = Path(name).expanduser()
            target = Path(output).expanduser() / path.name.removesuffix(SUFFIX)
            content = open_file(path, unlocked.secrets)
            with whole_file(target, private=True) as out:
                out.write(content)
            if (form := target.suffix[1:]) in ("html", "csv", "json", "pdf"):
                trail.exported(form, target)
            stdout.print(f"→ {target}", markup=False, highlight=False, soft_wrap=True)
