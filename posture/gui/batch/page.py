"""The Batch page: one card a job, with how far it is and what can be done with it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QWidget,
)

from posture.gui.batch.jobs import Job, Jobs
from posture.gui.page_parts import ground, headed, scrolling
from posture.gui.privacy.cards import Card
from posture.gui.recordings.parts import button, label, main_button
from posture.gui.words import duration, number, tr

RESULTS = "posture-batch"
IN_HAND = 4
"""Files that are named of those that are being worked on."""
_SHARES = 1000
"""Steps of a progress bar."""


class BatchPage(QWidget):
    """Shows what `Jobs` knows."""

    failed = pyqtSignal(str)
    """Something did not work: for a dialog of the window."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.new = main_button(tr("New job…"))
        self.cards: dict[Path, JobCard] = {}
        words = tr(
            "There is no job yet. Choose a folder: each video and picture gets a report, and all of them a summary."
        )
        self.empty = label(words)
        self._lay_out()
        jobs.looked.connect(self.show_jobs)
        jobs.failed.connect(self.failed)
        self.new.clicked.connect(lambda _=False: self.ask())
        self.show_jobs()

    def _lay_out(self) -> None:
        words = tr("Analyses every video and picture of a folder. A job goes on when this window is closed.")
        cards, self._column = ground()
        self._column.addWidget(self.empty)
        self._column.addStretch(1)
        headed(self, tr("Batch"), label(words), self.new).addWidget(scrolling(tr("Jobs"), cards), 1)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Look while somebody watches."""
        super().showEvent(event)
        self._jobs.watch(True)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Nobody watches."""
        super().hideEvent(event)
        self._jobs.watch(False)

    def take_focus(self) -> None:
        """Where one begins."""
        self.new.setFocus()

    def ask(self) -> None:
        """Which folder is to be worked on, and where results go."""
        inputs = QFileDialog.getExistingDirectory(self, tr("Folder with videos and pictures"))
        if not inputs:
            return
        beside = str(Path(inputs).parent / RESULTS)
        output = QFileDialog.getExistingDirectory(self, tr("Folder for the results"), str(Path(beside).parent))
        if output:
            self._jobs.begin(Path(inputs), Path(output))

    def show_jobs(self) -> None:
        """Every job anew: those that run first, then those with something left."""
        jobs = {job.folder: job for job in sorted(self._jobs.jobs, key=_order)}
        for folder in [folder for folder in self.cards if folder not in jobs]:
            self.cards.pop(folder).deleteLater()
        for place, (folder, job) in enumerate(jobs.items()):
            if folder not in self.cards:
                self.cards[folder] = card = JobCard(self._jobs)
                self._column.insertWidget(place, card)
            self.cards[folder].show_job(job)
        self.empty.setVisible(not jobs)


class JobCard(Card):
    """One job."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__("")
        self._jobs, self._job = jobs, None
        self.state = label("", soft=False)
        self.top.addWidget(self.state)
        self.bar = QProgressBar()
        self.bar.setRange(0, _SHARES)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.column.addWidget(self.bar)
        self.counts = self.words(soft=False)
        self.in_hand = self.words(soft=False)
        self.where = self.words()
        self.failures = self.words()
        self.stop, self.go_on = button(tr("Stop")), button(tr("Go on"))
        self.retry, self.open = button(tr("Retry failed files")), button(tr("Open summary"))
        row = QHBoxLayout()
        row.setSpacing(10)
        for part in (self.open, self.go_on, self.stop, self.retry):
            row.addWidget(part)
        row.addStretch(1)
        self.column.addLayout(row)
        self._wire()

    _job: Job | None

    def _wire(self) -> None:
        self.stop.clicked.connect(lambda _=False: self._do(self._jobs.stop))
        self.go_on.clicked.connect(lambda _=False: self._do(self._jobs.go_on))
        self.retry.clicked.connect(lambda _=False: self._do(partial(self._jobs.go_on, retry=True)))
        self.open.clicked.connect(lambda _=False: self._do(_open))

    def _do(self, what: Callable[[Job], None]) -> None:
        if self._job is not None:
            what(self._job)

    def show_job(self, job: Job) -> None:
        """How far it is."""
        self._job = job
        self.title.setText(job.name)
        self.setAccessibleName(job.name)
        self.state.setText(_state(job))
        self.bar.setValue(_SHARES * job.done // max(job.total, 1))
        self.bar.setAccessibleName(tr("{name}: {done} of {total} files", name=job.name, done=job.done, total=job.total))
        self.counts.setText(self._counts(job))
        self.in_hand.setText(_in_hand(job))
        self.in_hand.setVisible(bool(job.going.in_hand))
        self.where.setText(tr("Results: {path}", path=job.output))
        self.failures.setText("\n".join(f"■ {words}" for words in job.failures))
        self.failures.setVisible(bool(job.failures))
        complete = job.done == job.total
        self.stop.setVisible(job.running)
        self.go_on.setVisible(not job.running and not complete)
        self.retry.setVisible(not job.running and job.failed > 0)
        self.open.setVisible(job.summary is not None and not job.running)

    @staticmethod
    def _counts(job: Job) -> str:
        parts = [tr("{done} of {total} files", done=number(job.done), total=number(job.total))]
        if job.failed:
            parts.append(tr("{failed} failed", failed=number(job.failed)))
        if job.going.eta_s is not None:
            parts.append(tr("about {time} left", time=duration(job.going.eta_s)))
        return "  ·  ".join(parts)


def _in_hand(job: Job) -> str:
    """What is being worked on, and how far it is."""
    files = job.going.in_hand
    lines = [
        file.file if file.share is None else f"{file.file}  ·  {number(100 * file.share)} %" for file in files[:IN_HAND]
    ]
    if (more := job.files["running"] - len(lines)) > 0:
        lines.append(tr("and {count} more", count=number(more)))
    return "\n".join(lines)


def _open(job: Job) -> None:
    if job.summary is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(job.summary)))


def _order(job: Job) -> tuple[bool, bool, str]:
    return not job.running, job.done == job.total, job.name


def _state(job: Job) -> str:
    """With a sign, so that it does not rest on a colour."""
    if job.running:
        return tr("● running")
    if job.done < job.total:
        return tr("◐ stopped")
    return tr("▲ done, with failures") if job.failed else tr("✓ done")
