"""What is asked before a recording leaves this computer, goes, or stays longer. Each says exactly what will happen."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from PyQt6.QtCore import QDate, QLocale, QStandardPaths, Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDateEdit,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.recordings.clip_list import Row
from posture.gui.recordings.parts import Caution, label
from posture.gui.words import mark, tr

_WIDE_LINES = 32
REASONS = {
    "own-use": mark("For myself"),
    "medical": mark("For a physician or therapist"),
    "ergonomics": mark("For advice about the workplace"),
    "incident": mark("To report an accident or a danger"),
    "access-request": mark("The person in it asked for it (data protection law)"),
    "legal": mark("A court or an authority demands it"),
    "other": mark("Another reason"),
}
"""Words of a short list, so that no name can get into the audit log with them."""
LONGER_DAYS = (7, 30, 90)
LONGER_WORDS = {7: mark("7 days longer"), 30: mark("30 days longer"), 90: mark("90 days longer")}
MOST_DAYS = 366


def day(when: date) -> str:
    """Sat 28 Nov, in the order of the language; with the year where it is another one."""
    locale = QLocale()
    german = locale.language() == QLocale.Language.German
    layout = ("ddd d. MMM" if german else "ddd d MMM") + ("" if when.year == date.today().year else " yyyy")
    return locale.toString(QDate(when.year, when.month, when.day), layout).replace("..", ".")


class Asking(QDialog):
    """A title, what it is about, and buttons whose words say what they do."""

    def __init__(self, title: str, act: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDE_LINES * self.fontMetrics().height())
        heading = QLabel(title)
        heading.setWordWrap(True)
        theme.sized(heading, 1.3, bold=True)
        self.column = QVBoxLayout()
        self.column.setSpacing(theme.GAP_PX)
        self.column.addWidget(heading)
        self.act = QPushButton(act)
        self.act.setAccessibleName(act)
        self.act.clicked.connect(lambda _=False: self.accept())
        cancel = self.cancel = QPushButton(tr("Cancel"))
        cancel.setAccessibleName(cancel.text())
        cancel.clicked.connect(lambda _=False: self.reject())
        self.act.setAutoDefault(False)
        cancel.setDefault(True)  # Enter does nothing that cannot be taken back
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.act)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 18)
        whole.setSpacing(18)
        whole.addLayout(self.column)
        whole.addLayout(row)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Words that wrap need the height that goes with this width."""
        super().showEvent(event)
        layout = self.layout()
        if layout is not None:
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def points(self, title: str, lines: Sequence[str]) -> None:
        """A titled list, one point a line."""
        heading = label(title, soft=False)
        theme.sized(heading, 1.0, bold=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.addWidget(heading, 0, 0, 1, 2)
        for place, line in enumerate(lines, start=1):
            grid.addWidget(QLabel("•"), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label(line, soft=False), place, 1)
        grid.setColumnStretch(1, 1)
        self.column.addLayout(grid)


class Export(Asking):
    """What leaves, why, and where to."""

    def __init__(self, row: Row, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export a recording, decrypted"), tr("Export decrypted"), parent)
        self.column.addWidget(label(f"{row.when} · {row.about}"))
        leaves = [
            tr("The video as it was recorded ({content}), {length} long.", content=row.content, length=row.length)
        ]
        if row.damage:
            leaves.append(tr("Of this one: {damage}.", damage=row.damage))
        self.points(tr("What leaves"), leaves)
        self.points(
            tr("What stays here"),
            [
                tr("Poses and measurements, the time and the day, the name of the camera. Sound was never recorded."),
                tr("No metadata is in the file, and its name says nothing about you."),
            ],
        )
        text = tr("Everybody who gets the file can watch it. Deleting the recording here does not delete the file.")
        self.column.addWidget(Caution(text))
        self.reason = QComboBox()
        self.reason.setAccessibleName(tr("Reason"))
        self.reason.setMinimumHeight(theme.TARGET_PX)
        self.reason.addItem(tr("Choose a reason"), "")
        for name, words in REASONS.items():
            self.reason.addItem(tr(words), name)
        self.reason.currentIndexChanged.connect(lambda _: self._look())
        self.target = QLineEdit(str(_free(folder / f"recording-{row.name}.mp4")))
        self.target.setAccessibleName(tr("File"))
        self.target.setMinimumHeight(theme.TARGET_PX)
        self.target.textChanged.connect(lambda _: self._look())
        self.browse = QPushButton(tr("Choose…"))
        self.browse.setAccessibleName(tr("Choose the file"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(lambda _=False: self._choose())
        self.problem = label("", soft=False)
        self._fields()
        self._look()

    @property
    def path(self) -> Path:
        """Where to."""
        return Path(self.target.text()).expanduser()

    @property
    def why(self) -> str:
        """One of `REASONS`."""
        return str(self.reason.currentData())

    def _fields(self) -> None:
        for words, parts in ((tr("Reason"), [self.reason]), (tr("File"), [self.target, self.browse])):
            box, row = QVBoxLayout(), QHBoxLayout()
            box.setSpacing(4)
            name = QLabel(words)
            name.setBuddy(parts[0])
            box.addWidget(name)
            for place, part in enumerate(parts):
                row.addWidget(part, 1 if place == 0 else 0)
            box.addLayout(row)
            self.column.addLayout(box)
        self.column.addWidget(label(tr("The audit log notes this recording and the reason, nothing else.")))
        self.column.addWidget(self.problem)
        self.reason.setFocus()

    def _look(self) -> None:
        """Nothing is ever written over."""
        path = self.path
        problem = ""
        if not self.target.text().strip():
            problem = tr("Choose a file.")
        elif path.exists():
            problem = tr("This file is there already: choose another name.")
        elif not path.parent.is_dir():
            problem = tr("This folder is not there.")
        self.problem.setText(f"▲  {problem}" if problem else "")
        self.problem.setVisible(bool(problem))
        self.act.setEnabled(bool(self.why) and not problem)

    def _choose(self) -> None:
        kinds = tr("Video (*.mp4)")
        dialog = QFileDialog.getSaveFileName(
            self, tr("Choose the file"), self.target.text(), kinds,
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if dialog[0]:
            path = Path(dialog[0])
            self.target.setText(str(path if path.suffix else path.with_suffix(".mp4")))


class Delete(Asking):
    """What a deletion can promise, and what it cannot."""

    def __init__(self, rows: Sequence[Row], parent: QWidget | None = None) -> None:
        one = len(rows) == 1
        title = tr("Delete this recording?") if one else tr("Delete {count} recordings?", count=len(rows))
        super().__init__(title, tr("Delete now"), parent)
        if one:
            self.column.addWidget(label(f"{rows[0].when} · {rows[0].about} · {rows[0].length}"))
        kept = ", ".join(dict.fromkeys(row.kept for row in rows))
        here = tr("The file on this computer or its share goes at once. This cannot be undone.")
        copies = tr(
            "Copies elsewhere, in a backup for example, can be read as long as there is a key: {kept}", kept=kept
        )
        self.points(tr("What happens"), [here, copies])


class Keep(Asking):
    """How much longer: then a key of its own holds it, and the key of its day can go."""

    def __init__(self, rows: Sequence[Row], until: date, today: date, parent: QWidget | None = None) -> None:
        """`until`: the last day on which the recordings are kept as it is."""
        one = len(rows) == 1
        title = tr("Keep this recording longer") if one else tr("Keep {count} recordings longer", count=len(rows))
        super().__init__(title, tr("Keep longer"), parent)
        self._until = until
        if one:
            self.column.addWidget(label(f"{rows[0].when} · {rows[0].about} · {rows[0].kept}"))
        self._group = QButtonGroup(self)
        box = QVBoxLayout()
        box.setSpacing(2)
        for place, days in enumerate(LONGER_DAYS):
            choice = QRadioButton(
                tr("{longer}, until {day}", longer=tr(LONGER_WORDS[days]), day=day(until + timedelta(days=days)))
            )
            choice.setAccessibleName(choice.text())
            choice.setChecked(place == 0)
            self._group.addButton(choice, days)
            box.addWidget(choice)
        self._own = QRadioButton(tr("Until another day"))
        self._own.setAccessibleName(self._own.text())
        self._group.addButton(self._own, 0)
        self.date = QDateEdit(
            QDate(
                (until + timedelta(days=14)).year, (until + timedelta(days=14)).month, (until + timedelta(days=14)).day
            )
        )
        self.date.setAccessibleName(tr("Until"))
        self.date.setMinimumDate(_qdate(until + timedelta(days=1)))
        self.date.setMaximumDate(_qdate(today + timedelta(days=MOST_DAYS)))
        self.date.dateChanged.connect(lambda _: self._own.setChecked(True))
        row = QHBoxLayout()
        row.addWidget(self._own)
        row.addWidget(self.date)
        row.addStretch(1)
        box.addLayout(row)
        self.column.addLayout(box)
        text = tr(
            "Others of the same day still go when they are due. After the new day this one cannot be read either, "
            "here or in any copy that is made from now on."
        )
        self.column.addWidget(label(text))

    @property
    def until(self) -> date:
        """The last day on which they are to be kept."""
        days = self._group.checkedId()
        if days > 0:
            return self._until + timedelta(days=days)
        picked = self.date.date()
        return date(picked.year(), picked.month(), picked.day())


def export_folder() -> Path:
    """Where exports go unless somebody says otherwise: the videos of the person."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
    folder = Path(found) if found else Path.home()
    return folder if folder.is_dir() else Path.home()


def _qdate(when: date) -> QDate:
    return QDate(when.year, when.month, when.day)


def _free(path: Path) -> Path:
    """`path`, or one beside it that is not there yet."""
    number = 2
    free = path
    while free.exists():
        free = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return free
