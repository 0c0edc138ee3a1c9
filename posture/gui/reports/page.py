"""The Reports page: presets at the left, the report itself in the middle, what to do with it at the right."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from PyQt6.QtCore import QDate, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.page_parts import heading
from posture.gui.recordings.errands import Errands
from posture.gui.recordings.parts import Caution, button, label, main_button
from posture.gui.reports.draft import PRESETS, Draft, KeptOf, Preset, Wish, drafted
from posture.gui.reports.pair import Pair
from posture.gui.reports.preview import Preview
from posture.gui.words import tr
from posture.live.clerk import said
from posture.output import whole_file
from posture.reports.language import LanguageName

FORMAT_NAMES = {"html": "HTML", "pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}
LANGUAGE_NAMES: dict[LanguageName, str] = {"en": "English", "de": "Deutsch"}
_SIDE_PX, _LEFT_PX, _ROW_PX, _WAIT_MS = 300, 216, 34, 250
"""Widths of the columns, height of a preset, and how long a person may go on typing before a report is made."""


def _nothing(first: date, last: date) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Reporting:
    """What the page needs of the program."""

    kept: KeptOf = _nothing
    exported: Callable[[str, Path], None] = lambda name, path: None
    """A report in a format was written: for the audit log. Called in a thread."""


NOTHING_TO_REPORT = Reporting()


class ReportsPage(QWidget):
    """Makes the report anew when something is chosen, in a thread of its own."""

    failed = pyqtSignal(str)
    told = pyqtSignal(str)

    def __init__(
        self, reporting: Reporting, language: LanguageName, today: Callable[[], date] = date.today,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """`language`: that of the window, with which the reports begin."""
        super().__init__(parent)
        self._reporting, self._today = reporting, today
        self._errands = Errands(self)
        self._round = 0
        self._saved: Path | None = None
        self.draft: Draft | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.refresh)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 16)
        row.setSpacing(theme.GAP_PX * 2)
        row.addWidget(self._left())
        row.addLayout(self._middle(), 1)
        row.addWidget(self._right(language))
        self._choose(0)

    @property
    def preset(self) -> Preset:
        """What is chosen."""
        return list(PRESETS)[self.presets.currentRow()]

    def refresh(self) -> None:
        """Make the report that is chosen, where somebody looks."""
        if not self.isVisible():
            return
        self._round += 1
        number, wish, kept, today = self._round, self._wish(), self._reporting.kept, self._today()
        self.state.setText(tr("The report is being made …"))

        def make() -> tuple[Draft, bytes]:
            draft = drafted(wish, kept, today)
            return draft, draft.pdf()

        self._errands.run(make, lambda made: self._show(number, *made), lambda error: self._fail(number, error))

    def forget(self) -> None:
        """The vault is locked: what was decrypted goes at once."""
        self._round += 1
        self._blank()
        self.refresh()

    def close_down(self) -> None:
        """End the thread."""
        self._timer.stop()
        self._errands.close()

    def take_focus(self) -> None:
        """The page was chosen."""
        self.presets.setFocus()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Made anew for whoever comes."""
        super().showEvent(event)
        self.refresh()

    def _left(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(_LEFT_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        self.presets = QListWidget()
        self.presets.setAccessibleName(tr("What the report is about"))
        for title in PRESETS.values():
            item = QListWidgetItem(tr(title))
            item.setSizeHint(QSize(0, _ROW_PX))
            self.presets.addItem(item)
        self.presets.currentRowChanged.connect(self._choose)
        self.days = [self._day(back) for back in (13, 7, 6, 0)]
        self.spans = [QWidget(), QWidget()]
        for span, edits, title in zip(
            self.spans, (self.days[:2], self.days[2:]), (tr("Before"), tr("After")), strict=True
        ):
            form = QFormLayout(span)
            form.setContentsMargins(0, 6, 0, 0)
            form.addRow(label(title))
            for name, edit in zip((tr("From"), tr("To")), edits, strict=True):
                edit.setAccessibleName(f"{title}: {name}")
                form.addRow(name, edit)
        self.pair = Pair()
        self.pair.chosen.connect(self.refresh)
        self.open = button(tr("Open a report…"))
        self.open.clicked.connect(lambda _=False: self._open())
        column.addWidget(heading(tr("Reports")))
        column.addWidget(self.presets, 1)
        for span in self.spans:
            column.addWidget(span)
        column.addWidget(self.pair)
        column.addWidget(self.open)
        return side

    def _day(self, back: int) -> QDateEdit:
        day = self._today() - timedelta(days=back)
        edit = QDateEdit(QDate(day.year, day.month, day.day))
        edit.setCalendarPopup(True)
        edit.dateChanged.connect(lambda _: self._timer.start())
        return edit

    def _middle(self) -> QVBoxLayout:
        column = QVBoxLayout()
        self.caution, self.state, self.preview = Caution(), label(""), Preview()
        column.addWidget(self.caution)
        column.addWidget(self.preview, 1)
        column.addWidget(self.state)
        return column

    def _right(self, language: LanguageName) -> QWidget:
        side = QWidget()
        side.setFixedWidth(_SIDE_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        form = QFormLayout()
        self.format, self.language, self.reviewer = QComboBox(), QComboBox(), QLineEdit()
        self.format.setAccessibleName(tr("Format"))
        self.format.currentIndexChanged.connect(lambda _: self._tell())
        self.language.setAccessibleName(tr("Language of the report"))
        for name, title in LANGUAGE_NAMES.items():
            self.language.addItem(title, name)
        self.language.setCurrentIndex(list(LANGUAGE_NAMES).index(language))
        self.language.currentIndexChanged.connect(lambda _: self.refresh())
        self.reviewer.setAccessibleName(tr("Reviewer"))
        self.reviewer.setPlaceholderText(tr("without a name: draft"))
        self.reviewer.textChanged.connect(lambda _: self._timer.start())
        form.addRow(tr("Format"), self.format)
        form.addRow(tr("Language"), self.language)
        form.addRow(tr("Reviewer"), self.reviewer)
        heading = QLabel(tr("What leaves this computer"))
        theme.sized(heading, 1.1, bold=True)
        self.leaves = label("", soft=False)
        self.leaves.setAccessibleName(heading.text())
        self.leaves.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.export = main_button(tr("Export…"))
        self.export.setToolTip("Ctrl+E")
        self.export.clicked.connect(lambda _=False: self.save())
        column.addLayout(form)
        column.addSpacing(theme.GAP_PX)
        column.addWidget(heading)
        column.addWidget(self.leaves)
        column.addStretch(1)
        column.addWidget(self.export)
        column.addWidget(label(tr("This is no medical device: it describes posture and diagnoses nothing.")))
        return side

    def _choose(self, row: int) -> None:
        self.presets.setCurrentRow(row)
        self.spans[0].setVisible(self.preset == "compare")
        self.spans[1].setVisible(self.preset in ("compare", "range"))
        self.open.setVisible(self.preset == "analysis")
        self.pair.setVisible(self.preset == "analyses")
        self._blank()
        self.refresh()

    def _wish(self) -> Wish:
        days = [edit.date().toPyDate() for edit in self.days]
        spans = [(min(days[:2]), max(days[:2])), (min(days[2:]), max(days[2:]))]
        chosen = tuple(spans) if self.preset == "compare" else (spans[1],)
        reviewer = self.reviewer.text().strip()
        return Wish(self.preset, self.language.currentData(), chosen, self._saved, self.pair.paths, reviewer)

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Open a report"), "", "JSON (*.json)")
        if name:
            self.open_saved(Path(name))

    def open_saved(self, path: Path) -> None:
        """Show a saved analysis."""
        self._saved = path
        self._choose(list(PRESETS).index("analysis"))

    def _show(self, number: int, draft: Draft, pdf: bytes) -> None:
        if number != self._round:
            return
        self.draft = draft
        chosen = self.format.currentData() or "pdf"
        self.format.blockSignals(True)
        self.format.clear()
        for name in draft.formats:
            self.format.addItem(FORMAT_NAMES[name], name)
        self.format.setCurrentIndex(max(0, self.format.findData(chosen)))
        self.format.blockSignals(False)
        self.caution.say(draft.notice)
        self.preview.show_pdf(pdf)
        self.state.setText(self.preview.accessibleDescription())
        self._tell()

    def _fail(self, number: int, error: BaseException) -> None:
        if number == self._round:
            self._blank()
            self.caution.say(said(error))

    def _blank(self) -> None:
        self.draft = None
        self.caution.say("")
        self.preview.show_pdf(b"")
        self.state.setText("")
        self._tell()

    def _tell(self) -> None:
        self.export.setEnabled(self.draft is not None)
        if self.draft is None:
            self.leaves.setText(tr("Nothing, before you export."))
            return
        name = f"{self.draft.name}.{self.format.currentData()}"
        texts = [*map(tr, self.draft.leaves), tr("one file that is not encrypted: {name}", name=name)]
        self.leaves.setText("\n".join(f"• {text}" for text in texts))

    def save(self) -> None:
        """Ask where to, and write it."""
        if self.draft is None:
            return
        kind = self.format.currentData()
        name, _ = QFileDialog.getSaveFileName(self, tr("Export the report"), f"{self.draft.name}.{kind}")
        if name:
            self.save_as(Path(name), kind)

    def save_as(self, path: Path, kind: str) -> None:
        """Write the report that is shown; the dialog has asked about a file that is there."""
        draft, exported = self.draft, self._reporting.exported
        if draft is None:
            return

        def write() -> Path:
            with whole_file(path, overwrite=True) as out:
                draft.write(kind, out)
            exported(kind, path)
            return path

        self._errands.run(
            write,
            lambda to: self.told.emit(tr("Written: {path}", path=to)),
            lambda error: self.failed.emit(said(error)),
        )
