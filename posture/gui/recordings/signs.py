"""Signs of this page, drawn: an open or shut padlock, the dot of a recording."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from posture.gui import theme

_BOX = 16.0


class Padlock(QWidget):
    """Decoration beside words that say the same."""

    def __init__(self, side: int, *, shut: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shut = shut
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Body, bow and keyhole; the bow of an open one stands up."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.width() / _BOX, self.height() / _BOX)
        colours = theme.colours()
        pen = QPen(QColor(colours.accent), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        rise = 0.0 if self._shut else 1.4
        painter.drawArc(QRectF(4.6, 1.8 - rise, 6.8, 7.2), 0, 180 * 16)
        painter.drawLine(QPointF(4.6, 5.4 - rise), QPointF(4.6, 7.6))
        if self._shut:
            painter.drawLine(QPointF(11.4, 5.4), QPointF(11.4, 7.6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(QRectF(2.8, 7.2, 10.4, 7.2), 1.4, 1.4)
        painter.setBrush(QColor(colours.on_accent))
        painter.drawEllipse(QPointF(8, 10.2), 1.15, 1.15)
        painter.drawRect(QRectF(7.5, 10.6, 1.0, 1.8))
        painter.end()
