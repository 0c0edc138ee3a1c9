"""What a person sees of a job: a table that renews itself, JSON lines, a file for Prometheus; and the lists of jobs."""

import json
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from posture.cli.screen import JSON_EVERY_S, LINE_EVERY_S, ProgressMode, new_grid, stderr, stdout
from posture.errors import printable

if TYPE_CHECKING:
    from posture.batch.journal import Entry, Journal
    from posture.batch.pace import Going
    from posture.batch.plan import JobPlan
    from posture.batch.work import FileOutcome, Orders, Progress

METRICS_EVERY_S = 10.0
NOTE_EVERY_S = 2.0
"""So often the journal is told how far it is, for `posture batch status` and the Batch page."""
FAILURES_SHOWN, IN_HAND_SHOWN, BAR_WIDTH = 50, 8, 60
LISTED = 20
"""Files that a dry run names."""


class BatchScreen:
    """Implements `Listener`; everything in the main thread."""

    def __init__(self, mode: ProgressMode, journal: "Journal", workers: int, metrics: Path | None) -> None:
        from posture.batch.pace import Pace

        self._mode, self._journal, self._workers, self._metrics = mode, journal, workers, metrics
        self._pace = Pace(journal.counts(), time.monotonic())
        self._words = ""
        self._said_s = self._metrics_s = self._noted_s = 0.0
        self._live = Live(console=stderr, transient=True) if mode == "auto" and stderr.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """The last figures."""
        if self._live:
            self._live.stop()
        self._note(None)
        self._write_metrics(time.monotonic(), last=True)

    def begun(self, entry: "Entry") -> None:
        """See `Listener.begun`."""
        self._words = ""
        self._pace.begun(entry)
        self._show()

    def progress(self, entry: "Entry", progress: "Progress") -> None:
        """See `Listener.progress`."""
        self._pace.ahead(entry, progress)
        self._show()

    def ended(self, entry: "Entry", outcome: "FileOutcome") -> None:
        """See `Listener.ended`."""
        self._pace.ended(entry, outcome)
        self._show()

    def waits(self, words: str, seconds: float) -> None:
        """See `Listener.waits`."""
        if words != self._words:
            self._words = words
            if self._mode != "json" and not self._live:
                stderr.print(f"{words}; waiting", highlight=False)
        self._show()

    def _show(self) -> None:
        now_s = time.monotonic()
        if self._live:
            self._live.update(self._picture(now_s), refresh=False)
        elif self._mode != "none" and now_s - self._said_s >= (JSON_EVERY_S if self._mode == "json" else LINE_EVERY_S):
            self._said_s = now_s
            self._line(now_s)
        if now_s - self._noted_s >= NOTE_EVERY_S:
            self._noted_s = now_s
            self._note(self._pace.going(now_s))
        self._write_metrics(now_s)

    def _note(self, going: "Going | None") -> None:
        from posture.batch.pace import GOING

        self._journal.note(GOING, b"" if going is None else msgspec.json.encode(going))

    def _line(self, now_s: float) -> None:
        pace = self._pace
        if self._mode == "json":
            fields = {
                "done": pace.done, "failed": pace.failed, "left": pace.left, "workers": self._workers,
                "running": msgspec.to_builtins(pace.going(now_s).in_hand),
                "fps": round(pace.frames_per_s(now_s), 1), "eta_s": pace.eta_s(now_s), "waits": self._words,
            }  # fmt: skip
            print(json.dumps({"schema": "posture.batch.progress/1", **fields}), file=sys.stderr, flush=True)
            return
        stderr.print(self._words_of(now_s), markup=False, highlight=False)

    def _words_of(self, now_s: float) -> str:
        pace, eta_s = self._pace, self._pace.eta_s(now_s)
        left = "" if eta_s is None else f", about {duration_words(eta_s)} left"
        failed = f", {pace.failed} failed" if pace.failed else ""
        done = f"{pace.done + pace.failed} of {files_words(pace.total)}{failed}"
        return f"{done}, {pace.frames_per_s(now_s):.0f} frames/s{left}"

    def _picture(self, now_s: float) -> Group:
        """How far the job is, and what is in hand, those first that are furthest: pictures are taken by the dozen."""
        pace, grid = self._pace, Table.grid(padding=(0, 2))
        rows = sorted(pace.going(now_s).in_hand, key=lambda file: -(file.share or 0.0))
        for file in rows[:IN_HAND_SHOWN]:
            name = Text(f"  {file.file}", no_wrap=True, overflow="ellipsis")
            grid.add_row(name, share_words(file.share) if file.share else "")
        if len(pace.in_hand) > IN_HAND_SHOWN:
            grid.add_row(Text(f"  and {len(pace.in_hand) - IN_HAND_SHOWN} more", "dim"), "")
        bar = Table.grid()
        bar.add_row(ProgressBar(max(pace.total, 1), pace.total - pace.left, BAR_WIDTH, complete_style="blue"))
        return Group(Text(self._words or self._words_of(now_s)), bar, grid)

    def _write_metrics(self, now_s: float, *, last: bool = False) -> None:
        if self._metrics is None or not (last or now_s - self._metrics_s >= METRICS_EVERY_S):
            return
        from posture.batch.metrics import text
        from posture.output import whole_file

        self._metrics_s = now_s
        with whole_file(self._metrics, overwrite=True, advice="choose another --metrics file") as out:
            out.write(text(self._journal.counts(), len(self._pace.in_hand), self._pace.eta_s(now_s)).encode())


def shown_jobs(folders: list[Path], *, detailed: bool, as_json: bool) -> None:
    """A table of jobs, or one of them with what failed."""
    from posture.batch.journal import Journal, is_running
    from posture.batch.mishaps import mishap_words
    from posture.batch.pace import going_of

    told = []
    for folder in folders:
        with Journal(folder, create=False) as journal:
            counts, going = journal.counts(), going_of(journal)
            failures = [
                {"file": printable(os.fsdecode(entry.below)), "state": entry.state, "message": entry.message}
                for entry in journal.entries("state IN ('failed', 'refused')")
            ][: FAILURES_SHOWN if not as_json else None]
            plan = msgspec.json.decode(journal.noted("plan") or b"{}")
        running = is_running(folder)
        told.append(
            {
                "job": folder.name,
                "running": running,
                "files": counts.files,
                "media_s": round(counts.media_s, 3),
                "output": plan.get("output", ""),
                **(msgspec.to_builtins(going) if running else {}),
                **({"failures": failures} if detailed else {}),
            }
        )
    if as_json:
        print(json.dumps({"schema": "posture.batch.status/1", "jobs": told}, indent=1))
        return
    if not told:
        stdout.print("there is no job yet; begin one with `posture batch run FOLDER`", highlight=False)
        return
    grid = new_grid("job", "", "done", "failed", "left", "results")
    for one in told:
        files = one["files"]
        left = one.get("eta_s")
        works = "[blue]● running[/blue]" + ("" if left is None else f", about {duration_words(left)} left")
        state = works if one["running"] else "complete" if not _left(files) else "stopped"
        row = [str(files["done"]), str(files["failed"] + files["refused"]), str(_left(files))]
        grid.add_row(one["job"], state, *row, escape(printable(one["output"])))
    stdout.print(grid)
    for one in told:
        for file in one.get("in_hand", ()) if detailed else ():
            stdout.print(f"● {escape(file['file'])} {share_words(file['share'])}", highlight=False, soft_wrap=True)
        for failure in one.get("failures", ()):
            words = mishap_words(failure["file"], failure["message"])
            stdout.print(f"[red]■[/red] {escape(words)}", highlight=False, soft_wrap=True)


def share_words(share: float | None) -> str:
    """How much of a file is done; empty where nobody knows."""
    return "" if share is None else f"{share:4.0%}"


def _left(files: dict[str, int]) -> int:
    return files["waiting"] + files["running"]


def shown_trouble(words: str) -> None:
    """What was left out, and why: names as they are on a disk, which may hold anything."""
    stderr.print(f"[yellow]▲[/yellow] {escape(printable(words))}", highlight=False, soft_wrap=True)


def shown_plan(plan: "JobPlan", orders: "Orders", *, as_json: bool) -> None:
    """What a job would do."""
    import tempfile

    from posture.batch.discovery import discover, stem_of
    from posture.batch.journal import Journal
    from posture.batch.workers import how_many

    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
        journal.add(discover(plan, shown_trouble))
        journal.name_results(stem_of)
        counts = journal.counts()
        entries = journal.entries(order="priority DESC, id")
        files = [
            {
                "file": printable(os.fsdecode(entry.path)),
                "below": printable(os.fsdecode(entry.below)),
                "results": printable(os.fsdecode(entry.stem)),
                "bytes": entry.size_bytes,
                "priority": entry.priority,
                "person": entry.person,
                "task": entry.task,
                "day": entry.day,
            }
            for _, entry in zip(range(counts.total if as_json else LISTED), entries, strict=False)
        ]
    workers = plan.workers or how_many()
    if as_json:
        head = {"schema": "posture.batch.plan/1", "what": orders.what, "output": plan.output, "workers": workers}
        print(json.dumps({**head, "windows": plan.windows, "files": files}, indent=1))
        return
    grid = new_grid("file", "results", "priority", title=f"{files_words(counts.total)}, in this order")
    for one in files:
        cells = (Text(str(one[name]), no_wrap=True, overflow="ellipsis") for name in ("below", "results"))
        grid.add_row(*cells, str(one["priority"]))
    stdout.print(grid)
    if counts.total > len(files):
        stdout.print(f"and {counts.total - len(files)} more", highlight=False)
    size = size_words(sum(counts.size_bytes.values()))
    when = f", only {' and '.join(plan.windows)}" if plan.windows else ""
    stdout.print(f"{size} with {workers} workers{when}, results to {plan.output}; nothing was done", highlight=False)


def files_words(count: int) -> str:
    """1 file, 2 files."""
    return "1 file" if count == 1 else f"{count} files"


def size_words(size_bytes: float) -> str:
    """12.3 GB."""
    steps = {"kB": 1e3, "MB": 1e6, "GB": 1e9}
    unit = next((unit for unit, step in steps.items() if size_bytes < 1000 * step), "GB")
    return f"{size_bytes / steps[unit]:.1f} {unit}"


def duration_words(seconds: float) -> str:
    """45 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
