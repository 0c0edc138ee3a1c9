"""Measurement cards: what it is, how much, against which limit, and where it goes. "Not visible" instead of a zero."""

import math

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QGridLayout, QLabel, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.quantities import name_of, why_not, written
from posture.gui.recent import Reading, Recent
from posture.gui.shapes import Sign
from posture.gui.words import mark, tr

_GAUGE_PX = 6
_GAUGE_TO = 1.5
"""The gauge ends at so many times the limit."""
_TRENDS = {1: ("↗", mark("rising")), -1: ("↘", mark("falling")), 0: ("", "")}


class Card(QAbstractButton):
    """One quantity. Pressing it shows that quantity in the chart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reading = Reading("", math.nan, math.nan, "")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name, self._value, self._limit, self._why = QLabel(), QLabel(), QLabel(), QLabel()
        theme.sized(self._value, 1.35, bold=True)
        for label in (self._name, self._limit, self._why):
            label.setObjectName("soft")
        self._why.setWordWrap(True)
        self._sign = Sign(20)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 7, 14, 15 + _GAUGE_PX)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._name, 0, 0)
        grid.addWidget(self._sign, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._value, 1, 0)
        grid.addWidget(self._limit, 1, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self._why, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        for child in (self._name, self._value, self._limit, self._why, self._sign):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_reading(self, reading: Reading, trend: int) -> None:
        """Change name, value, limit and shape."""
        self.reading = reading
        arrow, trend_words = _TRENDS[trend]
        value = written(reading.value, reading.unit)
        self._name.setText(name_of(reading.name))
        self._value.setText(f"{value} {arrow}".strip())
        why = why_not(reading)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._limit.setText("" if why else _against(reading))
        self._sign.show_verdict(reading.verdict)
        self.setAccessibleName(name_of(reading.name))
        spoken = (value, why or _against(reading), tr(trend_words) if trend_words else "")
        self.setAccessibleDescription(", ".join(filter(None, spoken)))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102 - Qt's
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = colours.accent if self.isChecked() or self.underMouse() else colours.line
        painter.setPen(QPen(QColor(edge), 2 if self.isChecked() else 1))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.ROUND_PX, theme.ROUND_PX)
        self._gauge(painter)
        painter.end()

    def _gauge(self, painter: QPainter) -> None:
        """How far the value is on its way to the limit, which is a tick."""
        whole = QRectF(14, self.height() - _GAUGE_PX - 9, self.width() - 28, _GAUGE_PX)
        reading = self.reading
        if math.isnan(reading.limit):
            return
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours().picked))
        painter.drawRoundedRect(whole, _GAUGE_PX / 2, _GAUGE_PX / 2)
        if not math.isnan(reading.share):
            share = min(max(reading.share / _GAUGE_TO, 0.0), 1.0)
            painter.setBrush(theme.brush(reading.verdict))
            filled = QRectF(whole.left(), whole.top(), max(whole.width() * share, _GAUGE_PX), _GAUGE_PX)
            painter.drawRoundedRect(filled, _GAUGE_PX / 2, _GAUGE_PX / 2)
        tick = whole.left() + whole.width() / _GAUGE_TO
        painter.setPen(QPen(QColor(theme.colours().ink), 2))
        painter.drawLine(round(tick), round(whole.top() - 3), round(tick), round(whole.bottom() + 3))


class Cards(QWidget):
    """A column of cards, as many as there are quantities."""

    chosen = pyqtSignal(str)
    """Name of the quantity whose card was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[Card] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._empty = QLabel(tr("Measurements appear here while the camera is on."))
        self._empty.setObjectName("soft")
        self._empty.setWordWrap(True)
        self._column.addWidget(self._empty)

    def show_readings(self, readings: tuple[Reading, ...], recent: Recent) -> None:
        """One card a reading."""
        self._empty.setVisible(not readings)
        while len(self._cards) > len(readings):
            self._cards.pop().deleteLater()
        while len(self._cards) < len(readings):
            self._add()
        for card, reading in zip(self._cards, readings, strict=True):
            card.show_reading(reading, recent.trend(reading.name, reading.limit))

    def _add(self) -> None:
        card = Card()
        card.clicked.connect(lambda: self.chosen.emit(card.reading.name))
        self._cards.append(card)
        self._column.addWidget(card)
        if len(self._cards) == 1:
            card.setChecked(True)

    @property
    def checked(self) -> Reading | None:
        """The reading that the chart shows."""
        return next((card.reading for card in self._cards if card.isChecked()), None)


def _against(reading: Reading) -> str:
    if math.isnan(reading.limit):
        return tr("no limit yet")
    return tr("limit {limit}", limit=written(reading.limit, reading.unit))
