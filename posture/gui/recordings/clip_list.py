"""The list of clips: what each is, how long, how large, until when it is kept. No thumbnails, so none on a disk."""

from enum import StrEnum
from typing import NamedTuple

from PyQt6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QColor, QFocusEvent, QFont, QFontMetricsF, QKeyEvent, QPainter, QPen
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from posture.gui import shapes, theme
from posture.gui.theme import Verdict
from posture.gui.words import tr

_PAD_PX = 10
_CHIP_PX = 8
_NAME_LINES = 12
"""Least width of the first column, in heights of a line."""
Index = QModelIndex | QPersistentModelIndex


class Keeping(StrEnum):
    """What a retention chip says beside its words."""

    USUAL = "usual"
    SOON = "soon"
    """It goes within a day."""
    HELD = "held"
    GONE = "gone"
    """No key is left: nobody can read it."""


class Row(NamedTuple):
    """One clip in words, in the language of the window."""

    name: str
    """What it is known by elsewhere: the first digits of its id."""
    when: str
    about: str
    length: str
    size: str
    kept: str
    content: str = ""
    """What of the picture was recorded."""
    keeping: Keeping = Keeping.USUAL
    damage: str = ""
    """How much of it can be read, where that is not all."""

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""
        parts = (self.when, self.about, self.length, self.size, self.kept, self.damage)
        return ", ".join(part for part in parts if part)


class ClipModel(QAbstractTableModel):
    """The rows as Qt wants them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self._titles = [tr("Recording"), tr("Length, size"), tr("Kept")]

    def show_rows(self, rows: list[Row]) -> None:
        """All of them anew."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """See QAbstractTableModel."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """See QAbstractTableModel."""
        return 0 if parent is not None and parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """See QAbstractTableModel."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.when, f"{row.length}, {row.size}", row.kept)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken if index.column() == 0 else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.spoken
        if role == Qt.ItemDataRole.UserRole:
            return row
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """See QAbstractTableModel."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 1 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class ClipList(QTableView):
    """Enter plays, Del deletes; the rest is the page's."""

    chosen = pyqtSignal(list)
    """Numbers of the rows that are marked."""
    played = pyqtSignal(int)
    deleted = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__()
        self.clips = ClipModel(self)
        self.setModel(self.clips)
        self.setItemDelegate(_Painter(self))
        self.setAccessibleName(tr("Recordings"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_headers()
        selection = self.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(lambda *_: self.chosen.emit(self.marked))
        self.doubleClicked.connect(lambda index: self.played.emit(index.row()))

    def _set_headers(self) -> None:
        across, down = self.horizontalHeader(), self.verticalHeader()
        if across is not None:
            across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            across.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            across.setMinimumSectionSize(3 * self.fontMetrics().height())
            across.setHighlightSections(False)
            across.setSectionsClickable(False)
        if down is not None:
            down.setVisible(False)
            down.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    @property
    def marked(self) -> list[int]:
        """Numbers of the rows that are marked, from the top."""
        selection = self.selectionModel()
        return sorted(index.row() for index in selection.selectedRows()) if selection is not None else []

    def show_rows(self, rows: list[Row], marked: list[int]) -> None:
        """All rows anew, these of them marked."""
        self.clips.show_rows(rows)
        selection = self.selectionModel()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for place in marked:
            if selection is not None:
                selection.select(self.clips.index(place, 0), flags)
        if marked and selection is not None:
            selection.setCurrentIndex(self.clips.index(marked[0], 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        self.chosen.emit(self.marked)

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: D102 - Qt's
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.clips.rows:
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.played.emit(self.currentIndex().row())
        elif event is not None and event.key() == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


class _Painter(QStyledItemDelegate):
    """Two or three lines for a clip, and a chip for how long it is kept."""

    def __init__(self, view: ClipList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for what is painted."""
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        line = self._view.fontMetrics().height()
        lines = 2 + bool(row.damage)
        measured = self._view.fontMetrics().horizontalAdvance
        wide = max(measured(row.length), measured(row.size)) if index.column() == 1 else measured(row.kept)
        wide = _NAME_LINES * line if index.column() == 0 else wide
        more = line + 3 * _CHIP_PX if index.column() == 2 else 0
        return QSize(wide + 2 * _PAD_PX + more, lines * (line + 2) + 14)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        if painter is None:
            return
        picked = bool(option.state & QStyle.StateFlag.State_Selected)
        colours = theme.colours()
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, QColor(colours.picked if picked else colours.surface))
        if picked and index.column() == (2 if self._is_rtl else 0):
            painter.fillRect(QRectF(box.left(), box.top(), 4, box.height()), QColor(colours.accent))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(QPointF(box.left(), box.bottom() - 0.5), QPointF(box.right(), box.bottom() - 0.5))
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        inside = box.adjusted(_PAD_PX, 7, -_PAD_PX, -7)
        if index.column() == 0:
            self._clip(painter, inside, row)
        elif index.column() == 2:
            self._chip(painter, inside, row)
        else:
            self._figures(painter, inside, row)
        painter.restore()

    @property
    def _is_rtl(self) -> bool:
        return self._view.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _figures(self, painter: QPainter, box: QRectF, row: Row) -> None:
        """Length over size."""
        trailing = Qt.AlignmentFlag.AlignLeft if self._is_rtl else Qt.AlignmentFlag.AlignRight
        line = float(self._view.fontMetrics().height() + 2)
        top = box.center().y() - line
        for place, (text, colour) in enumerate(((row.length, theme.colours().ink), (row.size, theme.colours().soft))):
            painter.setPen(QColor(colour))
            below = QRectF(box.left(), top + place * line, box.width(), line)
            painter.drawText(below, trailing | Qt.AlignmentFlag.AlignVCenter, text)

    def _clip(self, painter: QPainter, box: QRectF, row: Row) -> None:
        colours, line = theme.colours(), float(self._view.fontMetrics().height() + 2)
        leading = (
            Qt.AlignmentFlag.AlignRight if self._is_rtl else Qt.AlignmentFlag.AlignLeft
        ) | Qt.AlignmentFlag.AlignVCenter
        lines = [(row.when, colours.ink, True), (row.about, colours.soft, False)]
        lines.append((f"▲ {row.damage}" if row.damage else "", colours.ink, False))
        lines = [one for one in lines if one[0]]
        top = box.top() + (box.height() - line * len(lines)) / 2
        for place, (text, colour, bold) in enumerate(lines):
            font = QFont(self._view.font())
            font.setBold(bold)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(QRectF(box.left(), top + place * line, box.width(), line), leading, shown)

    def _chip(self, painter: QPainter, box: QRectF, row: Row) -> None:
        colours, metrics = theme.colours(), QFontMetricsF(self._view.font())
        high = metrics.height() + 6
        sign = metrics.height() * 0.8
        wide = min(box.width(), metrics.horizontalAdvance(row.kept) + 2 * _CHIP_PX + sign + 6)
        chip = QRectF(box.left(), box.center().y() - high / 2, wide, high)
        if self._is_rtl:
            chip.moveRight(box.right())
        pen = QPen(QColor(colours.edge), 1)
        if row.keeping is Keeping.GONE:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(colours.ground))
        painter.drawRoundedRect(chip, high / 2, high / 2)
        left = chip.right() - _CHIP_PX - sign if self._is_rtl else chip.left() + _CHIP_PX
        _draw_keeping(painter, row.keeping, QRectF(left, chip.center().y() - sign / 2, sign, sign))
        painter.setPen(QColor(colours.ink))
        words = (
            chip.adjusted(_CHIP_PX, 0, -sign - _CHIP_PX - 6, 0)
            if self._is_rtl
            else chip.adjusted(sign + _CHIP_PX + 6, 0, -_CHIP_PX + 2, 0)
        )
        text = metrics.elidedText(row.kept, Qt.TextElideMode.ElideRight, words.width() + 1)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _draw_keeping(painter: QPainter, keeping: Keeping, box: QRectF) -> None:
    """A clock, a triangle, a pin, or a barred circle: told apart without colour."""
    if keeping is Keeping.SOON:
        shapes.draw(painter, Verdict.FAIR, box)
        return
    painter.save()
    painter.translate(box.topLeft())
    painter.scale(box.width() / 16, box.height() / 16)
    pen = QPen(QColor(theme.colours().soft), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if keeping is Keeping.HELD:
        painter.drawRoundedRect(QRectF(2.5, 7, 11, 7.5), 1.2, 1.2)
        painter.drawArc(QRectF(4.5, 1.5, 7, 10), 0, 180 * 16)
    else:
        painter.drawEllipse(QPointF(8, 8), 6.4, 6.4)
        if keeping is Keeping.GONE:
            painter.drawLine(QPointF(3.6, 12.4), QPointF(12.4, 3.6))
        else:
            painter.drawPolyline([QPointF(8, 4.6), QPointF(8, 8), QPointF(10.4, 9.6)])  # type: ignore[call-overload]
    painter.restore()
