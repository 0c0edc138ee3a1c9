"""The scores of the moment that shows: an interval for each method and side, and the worksheet of one of them."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from posture.ergonomics.factors import SIDE_FACTORS
from posture.ergonomics.method_data import method_data
from posture.ergonomics.scoring import SCORED
from posture.ergonomics.task import FACTORS
from posture.gui import theme
from posture.gui.analyse.factor_field import FactorField
from posture.gui.recordings.parts import label
from posture.gui.shapes import Sign
from posture.gui.theme import Verdict
from posture.gui.words import tr
from posture.reports import score_words as sw
from posture.reports.language import say, speaking
from posture.reports.score_schema import ScoreAt

Intervals = Mapping[tuple[str, str], tuple[int, int]]
SCOPES = ("span", "moment", "whole")


def verdict_of(method: str, low: int, high: int) -> Verdict:
    """Colour and shape of a score: the first level is good, the last two of a method are poor.

    An interval is good only as a whole; otherwise its lowest score says how bad it is at least, whatever is open.
    """
    if low <= 0:
        return Verdict.NONE
    data = method_data(method)
    levels = [one.level for one in data.levels]
    least, most = data.level(low).level, data.level(high).level
    if least == levels[0]:
        return Verdict.GOOD if most == least else Verdict.NONE
    return Verdict.POOR if least in levels[-2:] else Verdict.FAIR


def level_words(method: str, low: int, high: int) -> str:
    """What the scores from `low` to `high` ask for, in the language that is spoken."""
    data = method_data(method)
    levels = list(dict.fromkeys(say(data.level(score).text) for score in (low, high)))
    return levels[0] if len(levels) == 1 else tr("at least “{low}”, at most “{high}”", low=levels[0], high=levels[1])


class ScoresTab(QWidget):
    """Told by the page what holds; asks for other methods and for overrides."""

    chosen = pyqtSignal(str, str)
    """Method and side whose worksheet is wanted."""
    said = pyqtSignal(str, str, object, str)
    """Factor, side, its value and for how long (one of `SCOPES`); None takes back what was said."""

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._language = language
        self.method, self.side = "reba", "left"
        self._sheet: ScoreAt | None = None
        self._field: FactorField | None = None
        self._buttons: dict[tuple[str, str], QToolButton] = {}
        self._sign, self._result, self._level = Sign(28), QLabel(), label("")
        theme.sized(self._result, 1.5, bold=True)
        self.factors, self.sums = _table(tr("What goes in")), _table(tr("How it adds up"))
        self._selection = self.factors.selectionModel()
        self._make_editor()
        self._lay_out()
        self.factors.clicked.connect(lambda _: self._edit())
        self.factors.activated.connect(lambda _: self._edit())
        self._bind_selection()
        self.show_moment({}, None, "")

    def _lay_out(self) -> None:
        choices = QGridLayout()
        choices.setSpacing(6)
        group = QButtonGroup(self)
        for place, (method, side) in enumerate(SCORED):
            button = QToolButton()
            button.setCheckable(True)
            button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
            button.setObjectName("score")
            button.clicked.connect(lambda _=False, m=method, s=side: self.choose(m, s))
            group.addButton(button)
            choices.addWidget(button, 0, place)
            self._buttons[method, side] = button
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._sign)
        head.addWidget(self._result)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(choices)
        column.addLayout(head)
        column.addWidget(self._level)
        column.addWidget(_heading(tr("What goes in")))
        column.addWidget(self.factors, 3)
        column.addWidget(self._editor)
        column.addWidget(_heading(tr("How it adds up")))
        column.addWidget(self.sums, 2)

    def _make_editor(self) -> None:
        self._editor = QFrame()
        self._editor.setObjectName("panel")
        self._what = label("", soft=False)
        self._scope = QComboBox()
        self._scope.setAccessibleName(tr("For how long"))
        for name, text in zip(
            SCOPES, (tr("from in to out"), tr("this moment"), tr("the whole recording")), strict=True
        ):
            self._scope.addItem(text, name)
        self.override, self.take_back = QPushButton(tr("Override")), QPushButton(tr("Take back"))
        for pressed in (self.override, self.take_back):
            pressed.setAccessibleName(pressed.text())
        self.override.clicked.connect(lambda _=False: self._say())
        self.take_back.clicked.connect(lambda _=False: self._say(back=True))
        self._field_at = QHBoxLayout()
        row = QHBoxLayout()
        row.addLayout(self._field_at, 1)
        row.addWidget(self._scope, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.take_back)
        buttons.addWidget(self.override)
        column = QVBoxLayout(self._editor)
        column.setContentsMargins(10, 8, 10, 8)
        column.addWidget(self._what)
        column.addLayout(row)
        column.addLayout(buttons)
        self._editor.hide()

    def choose(self, method: str, side: str) -> None:
        """Show the worksheet of another score."""
        self.method, self.side = method, side
        self._editor.hide()
        self.chosen.emit(method, side)

    @property
    def scope(self) -> str:
        """For how long something is said."""
        return str(self._scope.currentData())

    def show_span(self, marked: bool) -> None:
        """Whether a stretch of time is marked; else an override holds for the moment."""
        if not marked and self.scope == "span":
            self._scope.setCurrentIndex(1)
        elif marked and self.scope == "moment":
            self._scope.setCurrentIndex(0)

    def show_moment(self, intervals: Intervals, sheet: ScoreAt | None, why_not: str) -> None:
        """Every score of the moment, and the worksheet of the chosen one; `why_not` where that has no score."""
        self._sheet = sheet
        with speaking(self._language):
            for (method, side), button in self._buttons.items():
                self._show_button(button, method, side, intervals.get((method, side), (0, 0)))
            self._show_result(sheet, why_not)
            self._show_taken_back()
            _fill(self.factors, list(sw.FACTORS_TABLE), self._factor_rows(sheet))
            sums = [] if why_not else _sum_rows(sheet)
            _fill(self.sums, [tr("Step"), tr("Points"), tr("From")], sums, numbers=(1,))

    def _show_button(self, button: QToolButton, method: str, side: str, ends: tuple[int, int]) -> None:
        shown = sw.interval(*ends) if ends[0] else "–"
        title = sw.title(method, side)
        text = f"{title}\n{shown}"
        if button.text() != text:
            button.setText(text)
            button.setAccessibleName(f"{title}: {shown if ends[0] else tr('not scored')}")
        button.setChecked((method, side) == (self.method, self.side))

    def _show_result(self, sheet: ScoreAt | None, why_not: str) -> None:
        title = sw.title(self.method, self.side)
        if sheet is None or why_not:
            self._sign.show_verdict(Verdict.NONE)
            self._result.setText(title)
            self._level.setText(why_not)
            return
        self._sign.show_verdict(verdict_of(self.method, sheet.low, sheet.high))
        self._result.setText(f"{title}: {sw.interval(sheet.low, sheet.high)}")
        told = level_words(self.method, sheet.low, sheet.high)
        if (sheet.stable_low, sheet.stable_high) != (sheet.low, sheet.high):
            noise = sw.interval(sheet.stable_low, sheet.stable_high)
            told += "\n" + tr("With the noise of the measurement: {score}", score=noise)
        self._level.setText(told)

    def _factor_rows(self, sheet: ScoreAt | None) -> list[tuple[str, ...]]:
        if sheet is None:
            return []
        return [(sw.FACTORS[f.name], sw.values(f.name, f.values), sw.ORIGINS[f.origin]) for f in sheet.factors]

    def _bind_selection(self) -> None:
        selection = self.factors.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_: self._edit())

    def _edit(self) -> None:
        """The factor that is marked, if a person may say something about it."""
        row = self.factors.currentIndex().row()
        if self._sheet is None or not 0 <= row < len(self._sheet.factors):
            self._editor.hide()
            return
        shown = self._sheet.factors[row]
        if shown.name not in FACTORS:  # OWAS takes these from others
            self._editor.hide()
            return
        if self._field is not None:
            self._field_at.removeWidget(self._field)
            self._field.deleteLater()
        self._field = FactorField(shown.name, self._language)
        known = shown.values[0] if len(shown.values) == 1 else None
        self._field.show_value(known)
        self._field_at.addWidget(self._field)
        with speaking(self._language):
            self._what.setText(tr("What is it really: {factor}?", factor=sw.FACTORS[shown.name]))
        self._show_taken_back()
        self._editor.show()

    def _show_taken_back(self) -> None:
        """Whether there is anything to take back about the factor that is edited."""
        name = self._field.factor if self._field is not None else ""
        shown = next((one for one in self._sheet.factors if one.name == name), None) if self._sheet else None
        self.take_back.setEnabled(shown is not None and shown.origin in ("overridden", "entered"))

    def _say(self, *, back: bool = False) -> None:
        if self._field is None:
            return
        factor, value = self._field.factor, None if back else self._field.value
        if back or value is not None:
            side = self.side if factor in SIDE_FACTORS else ""
            self.said.emit(factor, side, value, self.scope)


def _sum_rows(sheet: ScoreAt | None) -> list[tuple[str, ...]]:
    """Parts with what gave their points, then tables with their cells; both ends where they differ."""
    if sheet is None:
        return []
    rows: list[tuple[str, ...]] = []
    for part in sheet.parts:
        why = list(dict.fromkeys((sw.terms(part.low_terms), sw.terms(part.high_terms))))
        rows.append((sw.PARTS[part.name], sw.interval(part.low, part.high), " … ".join(filter(None, why))))
    for step in sheet.steps:
        where = list(dict.fromkeys((sw.position(step.table, step.low_at), sw.position(step.table, step.high_at))))
        rows.append((sw.PARTS[step.name], sw.interval(step.low, step.high), " … ".join(where)))
    return rows


def _heading(text: str) -> QLabel:
    made = QLabel(text)
    theme.sized(made, 1.0, bold=True)
    return made


def _table(name: str) -> QTableView:
    table = QTableView()
    table.setAccessibleName(name)
    table.setModel(QStandardItemModel(table))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(True)
    table.setMinimumHeight(120)
    vertical, horizontal = table.verticalHeader(), table.horizontalHeader()
    if vertical is not None and horizontal is not None:
        vertical.setVisible(False)
        vertical.setMinimumSectionSize(table.fontMetrics().height() + 8)
        horizontal.setHighlightSections(False)
        horizontal.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table


def _fill(table: QTableView, head: list[str], rows: list[tuple[str, ...]], numbers: tuple[int, ...] = ()) -> None:
    """Change what differs, so that the mark stays where it is."""
    model = table.model()
    assert isinstance(model, QStandardItemModel)
    model.setRowCount(len(rows))
    model.setColumnCount(len(head))
    model.setHorizontalHeaderLabels(head)
    for place, row in enumerate(rows):
        for column, text in enumerate(row):
            item = model.item(place, column)
            if item is None:
                item = QStandardItem()
                if column in numbers:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                model.setItem(place, column, item)
            if item.text() != text:
                item.setText(text)
                item.setToolTip(text)
    horizontal = table.horizontalHeader()
    if horizontal is not None:
        modes = QHeaderView.ResizeMode
        for column in range(len(head)):
            horizontal.setSectionResizeMode(
                column, modes.Stretch if column == (len(head) - 1 if numbers else 0) else modes.ResizeToContents
            )
    table.resizeRowsToContents()  # by the widths that the columns have now
