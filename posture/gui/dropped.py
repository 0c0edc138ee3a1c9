"""A video that is dropped on the window: `posture analyze` in a process of its own, with progress and Cancel."""

import json
import sys
from pathlib import Path

from PyQt6.QtCore import QMimeData, QProcess, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolButton, QWidget

from posture.gui import theme
from posture.gui.words import tr

PROGRAM = "from posture.cli import main; main()"
"""The command line, found by this very interpreter."""


def files_of(data: QMimeData | None) -> list[Path]:
    """The files on this computer that are being dragged."""
    urls = data.urls() if data is not None and data.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


class DropBar(QFrame):
    """Hidden until a file is dropped. One analysis at a time; it ends with the window."""

    refused = pyqtSignal(str)
    """Why a file was not taken."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        """`folder`: where reports go."""
        super().__init__(parent)
        self.setObjectName("panel")
        self._folder = folder
        self._name = ""
        self._said = ""
        self._cancelled = False
        self.process = QProcess(self)
        self.process.setStandardInputFile(QProcess.nullDevice())  # who asks for a passphrase there would wait for ever
        self.process.readyReadStandardError.connect(self._read)
        self.process.finished.connect(self._finished)
        self.process.errorOccurred.connect(self._not_started)
        self.text = QLabel()
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress of the analysis"))
        self.open, self.cancel, self.close_button = QPushButton(tr("Open the folder")), QPushButton(), QToolButton()
        self.open.setAccessibleName(self.open.text())
        self.cancel.setText(tr("Cancel"))
        self.cancel.setAccessibleName(tr("Cancel the analysis"))
        self.close_button.setText("✕")
        self.close_button.setAccessibleName(tr("Close"))
        self.open.clicked.connect(
            lambda _=False: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder.resolve())))
        )
        self.cancel.clicked.connect(lambda _=False: self.stop())
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.addWidget(self.text, 2)
        for part in (self.bar, self.open, self.cancel, self.close_button):
            row.addWidget(part, 1 if part is self.bar else 0)
        self.hide()

    def take(self, files: list[Path]) -> None:
        """Analyse the first of them."""
        if not files:
            return
        if self.process.state() != QProcess.ProcessState.NotRunning:
            self.refused.emit(tr("One video at a time: wait for the first, or cancel it."))
            return
        self._name, self._said, self._cancelled = files[0].name, "", False
        arguments = ["-P", "-c", PROGRAM, "analyze", str(files[0]), "--progress", "json", "-o", str(self._folder)]
        self._show(tr("Analysing {name} …", name=self._name), running=True)
        self.bar.setRange(0, 1 if theme.nothing_moves() else 0)  # 0: a piece runs to and fro
        self.process.start(sys.executable, arguments)

    def stop(self) -> None:
        """End a running analysis with what was done so far left unwritten."""
        if self.process.state() != QProcess.ProcessState.NotRunning:
            self._cancelled = True
            if sys.platform == "win32":
                self.process.kill()  # there, asking works for windows alone
            else:
                self.process.terminate()

    def _read(self) -> None:
        for line in bytes(self.process.readAllStandardError().data()).decode("utf-8", "replace").splitlines():
            self._hear(line)

    def _hear(self, line: str) -> None:
        try:
            told = json.loads(line)
        except ValueError:
            self._said = line or self._said
            return
        share = told.get("share") if isinstance(told, dict) else None
        if isinstance(share, int | float):
            self.bar.setRange(0, 100)
            self.bar.setValue(round(100 * share))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._cancelled:
            self._show(tr("Cancelled: {name}", name=self._name))
        elif status == QProcess.ExitStatus.NormalExit and code == 0:
            self._show(tr("The report on {name} is ready.", name=self._name), done=True)
        else:
            self._show(tr("{name} could not be analysed: {reason}", name=self._name, reason=self._said))

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._show(tr("The analysis does not start: {reason}", reason=self.process.errorString()))

    def _show(self, text: str, *, running: bool = False, done: bool = False) -> None:
        self.text.setText(text)
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        self.open.setVisible(done)
        self.close_button.setVisible(not running)
        self.show()
