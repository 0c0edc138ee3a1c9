"""A chart with its twin: the same numbers as a table, for eyes, screen readers and copying."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.words import tr


class Twin(QFrame):
    """A titled panel that shows `chart` or its table."""

    def __init__(self, title: str, chart: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._title = QLabel(title)
        theme.sized(self._title, 1.0, bold=True)
        self.table = QTableView()
        self.table.setAlternatingRowColors(True)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setModel(QStandardItemModel(self.table))
        self.toggle = QToolButton()
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._flip)
        self._pages = QStackedWidget()
        self._pages.addWidget(chart)
        self._pages.addWidget(self.table)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.toggle)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        self._flip(False)
        self.name(title)

    def name(self, title: str) -> None:
        """Change the title, and with it what the parts are called."""
        self._title.setText(title)
        self.toggle.setAccessibleName(tr("{title}: show as table", title=title))
        self.table.setAccessibleName(tr("{title}, table", title=title))

    def _flip(self, table: bool) -> None:
        self._pages.setCurrentIndex(int(table))
        self.toggle.setText(tr("Show as chart") if table else tr("Show as table"))

    @property
    def as_table(self) -> bool:
        """Whether the table shows."""
        return self._pages.currentIndex() == 1

    def fill(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """The table's words; its place is kept."""
        model = self.table.model()
        assert isinstance(model, QStandardItemModel)
        model.clear()
        for place, text in enumerate(head):
            below = rows[0][place] if rows else ""
            model.setHorizontalHeaderItem(place, _item(text, number=place > 0 and _is_number(below)))
        for row in rows:
            model.appendRow([_item(text, number=place > 0 and _is_number(text)) for place, text in enumerate(row)])
        horizontal, vertical = self.table.horizontalHeader(), self.table.verticalHeader()
        if horizontal is not None and vertical is not None:
            horizontal.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            vertical.setVisible(False)


def _is_number(text: str) -> bool:
    return text[:1].isdigit() or text[:1] in ("−", "–")


def _item(text: str, *, number: bool) -> QStandardItem:
    item = QStandardItem(text)
    side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return item
