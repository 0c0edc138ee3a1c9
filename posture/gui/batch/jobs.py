"""The jobs of this user as the page sees them: read from their journals, begun and ended in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import tomli_w
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from posture.batch.discovery import SUMMARY
from posture.batch.journal import Journal, is_running
from posture.batch.mishaps import mishap_words
from posture.batch.pace import Going, going_of
from posture.batch.plan import JobPlan, folder_of, jobs_folder
from posture.batch.runner import STOP_FILE
from posture.errors import PostureError, printable
from posture.gui.recordings.errands import Errands
from posture.job import child_environment

LOOK_MS = 1000
START = "from posture.cli import main; main()"
FAILURES = 5
"""Of a job that are shown."""
_IN_ORDER = (0, 3, 130, 143)
"""Exit codes of a run that need no dialog: done, with failed files, stopped."""


_outlive: "list[subprocess.Popen[bytes]]" = []
"""Processes whose page is gone: Python wants to hear of the end of a child, or to go before it."""


class Job(NamedTuple):
    """One job as it was looked at."""

    folder: Path
    name: str
    output: Path
    running: bool
    files: dict[str, int]
    failures: tuple[str, ...]
    going: Going = Going()
    """What a run says that works at it."""

    @property
    def total(self) -> int:
        """Files in all."""
        return sum(self.files.values())

    @property
    def done(self) -> int:
        """Files with an outcome."""
        return self.files["done"] + self.failed

    @property
    def failed(self) -> int:
        """Files that failed, or that nothing was tried with."""
        return self.files["failed"] + self.files["refused"]

    @property
    def summary(self) -> Path | None:
        """The page over all files, where there is one that can be read."""
        path = self.output / f"{SUMMARY}.html"
        return path if path.exists() else None


def look() -> tuple[Job, ...]:
    """Every job of this user, by name. One whose journal cannot be read is left out."""
    found = []
    for path in sorted(jobs_folder().glob("*/journal.sqlite")):
        with suppress(PostureError, msgspec.MsgspecError):
            found.append(_job(path.parent))
    return tuple(found)


def _job(folder: Path) -> Job:
    with Journal(folder, create=False) as journal:
        counts, plan = journal.counts(), msgspec.json.decode(journal.noted("plan"), type=JobPlan)
        failed = journal.entries("state IN ('failed', 'refused')")
        failures = tuple(
            mishap_words(printable(os.fsdecode(entry.below)), entry.message)
            for _, entry in zip(range(FAILURES), failed, strict=False)
        )
        going = going_of(journal) if (running := is_running(folder)) else Going()
    output = Path(plan.output).expanduser().absolute()
    name = printable(plan.name or Path(plan.inputs[0]).name)
    return Job(folder, name, output, running, counts.files, failures, going)


class Jobs(QObject):
    """Looks once a second while somebody watches. Everything that touches a disk is done in a thread of its own."""

    looked = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None, looking: Callable[[], tuple[Job, ...]] = look) -> None:
        super().__init__(parent)
        self.jobs: tuple[Job, ...] = ()
        self._looking = looking
        self._errands = Errands(self)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._processes: dict[Path, subprocess.Popen[bytes]] = {}

    def watch(self, on: bool) -> None:
        """Whether somebody watches."""
        if on:
            self.look()
            self._timer.start()
        else:
            self._timer.stop()

    def close(self) -> None:
        """The window goes; the jobs go on."""
        self._timer.stop()
        self._errands.close()
        _outlive.extend(process for process in self._processes.values() if process.poll() is None)

    def look(self) -> None:
        """Look now; `looked` says when that is done."""
        if not self._errands.busy:
            self._errands.run(self._looking, self._show, self._fail)

    def begin(self, inputs: Path, output: Path) -> None:
        """A new job over a folder, or an old one over the same."""
        plan = JobPlan(inputs=(str(inputs),), output=str(output), name=inputs.name)
        self._errands.run(lambda: _started(plan), self._remember, self._fail)

    def go_on(self, job: Job, *, retry: bool = False) -> None:
        """Run a job again; `retry`: the failed files too."""
        self._errands.run(lambda: _again(job.folder, retry=retry), self._remember, self._fail)

    def stop(self, job: Job) -> None:
        """Ask it to end in order; what becomes of a file in hand: `posture.batch.work.LATER`."""
        self._errands.run((job.folder / STOP_FILE).touch, lambda _: None, self._fail)

    def _remember(self, started: "tuple[Path, subprocess.Popen[bytes]]") -> None:
        folder, process = started
        self._processes[folder] = process
        self.look()

    def _show(self, jobs: tuple[Job, ...]) -> None:
        self.jobs = jobs
        for folder, process in list(self._processes.items()):
            if (code := process.poll()) is not None:
                del self._processes[folder]
                if code not in _IN_ORDER:
                    self.failed.emit(_last_words(folder))
        self.looked.emit()

    def _fail(self, error: BaseException) -> None:
        self.failed.emit(str(error))


def _started(plan: JobPlan) -> "tuple[Path, subprocess.Popen[bytes]]":
    folder = folder_of(plan)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tree = {name: value for name, value in msgspec.to_builtins(plan).items() if value not in (None, "", (), [], {})}
    (folder / "job.toml").write_text(tomli_w.dumps(tree), "utf-8")
    command = [sys.executable, "-P", "-c", START, "batch", "run", str(folder / "job.toml"), "--progress", "none"]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=child_environment(),
            start_new_session=sys.platform != "win32",  # it goes on when the window is closed
        )
    return folder, process


def _again(folder: Path, *, retry: bool) -> "tuple[Path, subprocess.Popen[bytes]]":
    with Journal(folder, create=False) as journal:
        plan = msgspec.json.decode(journal.noted("plan"), type=JobPlan)
        if retry:
            journal.retry()
    return _started(msgspec.structs.replace(plan, name=plan.name or Path(plan.inputs[0]).name))


def _last_words(folder: Path) -> str:
    try:
        lines = (folder / "said.txt").read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return printable(lines[-1]) if lines else os.fspath(folder)
