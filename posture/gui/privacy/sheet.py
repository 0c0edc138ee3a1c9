"""A table to read: as wide as its place and as high as its rows, so that only the page scrolls."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

_AIR_PX = 8
"""Above and below the words of a row together."""
_PADDING_PX = 16
"""Of a cell, left and right together, as style.qss has it."""


class Sheet(QTableWidget):
    """Arrow keys move in it, Tab moves on."""

    def __init__(self, name: str, columns: dict[str, int], parent: QWidget | None = None) -> None:
        """`name`: for who hears it. `columns`: title to share of the width."""
        super().__init__(0, len(columns), parent)
        self._shares = list(columns.values())
        self.setHorizontalHeaderLabels(list(columns))
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if (rows := self.verticalHeader()) is not None:
            rows.hide()
        if (head := self.horizontalHeader()) is not None:
            head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            head.setHighlightSections(False)

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Other rows; where somebody stood stays."""
        here = self.currentRow()
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                self.setItem(place, column, _item(text))
        if 0 <= here < len(rows):
            self.setCurrentCell(here, 0)
        self._fit()

    @property
    def texts(self) -> list[list[str]]:
        """What stands in it."""
        cells = ([self.item(row, column) for column in range(self.columnCount())] for row in range(self.rowCount()))
        return [[cell.text() if cell is not None else "" for cell in row] for row in cells]

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: D102 - Qt's
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: D102 - Qt's
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        viewport, head = self.viewport(), self.horizontalHeader()
        if viewport is None or head is None:
            return
        self._widen(viewport.width() - self.columnCount() * _PADDING_PX)  # Qt forgets it where it counts lines
        self.resizeRowsToContents()
        self._widen(viewport.width())
        for row in range(self.rowCount()):
            self.setRowHeight(row, self.rowHeight(row) + _AIR_PX)
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        high = head.sizeHint().height() + rows + 2 * self.frameWidth()
        if high != self.height():
            self.setFixedHeight(high)

    def _widen(self, wide: int) -> None:
        for column, share in enumerate(self._shares):
            self.setColumnWidth(column, wide * share // sum(self._shares))


def _item(text: str) -> QTableWidgetItem:
    made = QTableWidgetItem(text)
    made.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    made.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return made
