"""What is asked before a copy of everything is written, and before everything goes."""

from datetime import date
from pathlib import Path

from PyQt6.QtCore import QStandardPaths
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.recordings.clip_words import size
from posture.gui.recordings.dialogs import Asking
from posture.gui.recordings.parts import Caution, label
from posture.gui.words import mark, number, tr
from posture.rights.erasure import Plan

WORD = mark("ERASE")
"""What a person types: nothing that comes out of a finger that slips."""
KINDS = {
    "keys": mark("key"), "recordings": mark("recording"), "catalogue": mark("catalogue"), "history": mark("history"),
    "reviews": mark("analysis under way"), "results": mark("result of an analysis"),
    "calibrations": mark("calibrations"), "consents": mark("consents"), "settings": mark("settings"),
    "models": mark("model"), "audit": mark("audit log"), "other": mark("mark of the program"),
}  # fmt: skip
_LISTED_LINES = 9


class CopyData(Asking):
    """Where the copy goes; it is not encrypted, and that is said."""

    def __init__(self, open_: bool, today: date, parent: QWidget | None = None) -> None:
        """`open_`: whether the recordings are unlocked; otherwise the copy leaves out what is encrypted."""
        super().__init__(tr("Export my data"), tr("Write the copy"), parent)
        text = tr(
            "Everything that is kept about you, in formats that other programs read, with an index: settings, history, "
            "calibrations, consents and the audit log."
        )
        self.column.addWidget(label(text, soft=False))
        self.column.addWidget(Caution(tr("The copy is not encrypted: whoever gets the folder can read it.")))
        if not open_:
            self.column.addWidget(
                Caution(tr("The recordings are locked: history, videos and encrypted notes will be missing."))
            )
        self.videos = QCheckBox(tr("Videos of the recordings too"))
        self.videos.setAccessibleName(self.videos.text())
        self.videos.setEnabled(open_)
        self.column.addWidget(self.videos)
        self.target = QLineEdit(str(_documents() / f"posture-{today.isoformat()}"))
        self.browse = QPushButton(tr("Choose…"))
        self.browse.setAccessibleName(tr("Choose the folder"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(lambda _=False: self._choose())
        name = QLabel(tr("New folder"))
        name.setBuddy(self.target)
        self.target.setAccessibleName(name.text())
        row = QHBoxLayout()
        row.addWidget(self.target, 1)
        row.addWidget(self.browse)
        self.problem = label("", soft=False)
        self.column.addWidget(name)
        self.column.addLayout(row)
        self.column.addWidget(self.problem)
        self.target.textChanged.connect(lambda _: self._look())
        self._look()

    @property
    def folder(self) -> Path:
        """Where to."""
        return Path(self.target.text()).expanduser()

    @property
    def clips(self) -> bool:
        """Whether the videos go along."""
        return self.videos.isChecked()

    def _choose(self) -> None:
        if chosen := QFileDialog.getExistingDirectory(self, tr("Choose the folder"), str(self.folder.parent)):
            self.target.setText(str(Path(chosen) / f"posture-{date.today().isoformat()}"))

    def _look(self) -> None:
        problem = ""
        if not self.target.text().strip() or not self.folder.is_absolute():
            problem = tr("Choose a folder.")
        elif self.folder.exists():
            problem = tr("This folder is there already: choose another name.")
        self.problem.setText(f"▲  {problem}" if problem else "")
        self.problem.setVisible(bool(problem))
        self.act.setEnabled(not problem)


class EraseAll(Asking):
    """Each path that goes, what stays, and a word that has to be typed."""

    def __init__(self, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(tr("Erase everything?"), tr("Erase for good"), parent)
        self.plan = plan
        counts = tr(
            "{keys} keys and {files} files, {size}. Keys go first: what they encrypted cannot be read from then on, "
            "wherever copies of it are.",
            keys=number(len(plan.keys)), files=number(len(plan.files)), size=size(plan.bytes),
        )  # fmt: skip
        self.column.addWidget(label(counts, soft=False))
        self.paths = QPlainTextEdit("\n".join(f"{tr(KINDS[file.kind])}: {file.path}" for file in plan.files))
        self.paths.setReadOnly(True)
        self.paths.setAccessibleName(tr("Every path that goes"))
        self.paths.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.paths.setTabChangesFocus(True)
        self.paths.setFixedHeight(_LISTED_LINES * self.fontMetrics().height())
        self.column.addWidget(self.paths)
        stays = [
            tr("Reports, redacted copies and exports, wherever you put them; backups of what was not encrypted."),
            tr("The audit log, which holds no name; it gets an entry that proves the erasure."),
        ]
        self.points(tr("What stays"), stays)
        self.points(tr("What happens"), [tr("The camera is switched off, and the program ends afterwards.")])
        word = tr(WORD)
        self.field = QLineEdit()
        name = QLabel(tr("Type {word} to erase it for good", word=word))
        name.setBuddy(self.field)
        self.field.setAccessibleName(name.text())
        self.field.textChanged.connect(lambda text: self.act.setEnabled(text.strip() == word))
        self.column.addWidget(name)
        self.column.addWidget(self.field)
        self.act.setEnabled(False)


class Working(Asking):
    """A copy or an erasure is under way; a copy can be given up."""

    def __init__(self, title: str, *, stoppable: bool, parent: QWidget | None = None) -> None:
        super().__init__(title, tr("Stop"), parent)
        self.act.setVisible(stoppable)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(title)
        self.now = label("")
        box = QVBoxLayout()
        box.setSpacing(theme.GAP_PX)
        box.addWidget(self.bar)
        box.addWidget(self.now)
        self.column.addLayout(box)
        self.cancel.hide()

    def show_progress(self, done: int, of: int, words: str) -> None:
        """`of` is 0 where nobody knows."""
        self.bar.setRange(0, of)
        self.bar.setValue(done)
        self.now.setText(Path(words).name if words else "")

    def reject(self) -> None:
        """Esc does not hide what goes on."""


def _documents() -> Path:
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    folder = Path(found) if found else Path.home()
    return folder if folder.is_dir() else Path.home()
