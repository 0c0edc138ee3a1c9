"""What the fillings of a chart mean, in a row."""

from collections.abc import Mapping

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from posture.gui import theme
from posture.gui.theme import Verdict
from posture.gui.words import tr

_SWATCH_PX = 20


class Legend(QWidget):
    """A swatch and words for each verdict."""

    def __init__(self, words: Mapping[Verdict, str]) -> None:
        super().__init__()
        theme.sized(self, 0.85)
        self._words = [(verdict, tr(text)) for verdict, text in words.items()]
        metrics = self.fontMetrics()
        width = sum(metrics.horizontalAdvance(words) + _SWATCH_PX + 22 for _, words in self._words)
        self.setFixedSize(width, metrics.height() + 4)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        x, high = 0, self.height()
        for verdict, words in self._words:
            box = QRectF(x, high / 2 - 5, _SWATCH_PX, 10)
            if verdict is Verdict.NONE:
                painter.setPen(theme.outline())
                painter.drawLine(box.bottomLeft(), box.bottomRight())
            else:
                painter.fillRect(box, theme.brush(verdict))
            painter.setPen(QColor(theme.colours().soft))
            wide = self.fontMetrics().horizontalAdvance(words)
            painter.drawText(QRectF(x + _SWATCH_PX + 6, 0, wide + 4, high), Qt.AlignmentFlag.AlignVCenter, words)
            x += _SWATCH_PX + wide + 22
        painter.end()
