"""One figure over weeks: a dot for each day that can be read, and a line through the means of seven days."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from posture.gui import theme
from posture.gui.history.past import named
from posture.gui.words import mark, number, tr
from posture.sinks.today import Day, Today

MEAN_DAYS = 7
_LEAST_PX = 240
_DOT_PX = 3.5
_LABEL_EVERY = 7
_STEPS = (1, 2, 5, 10, 15, 25, 30, 50, 60, 100, 120, 240, 480)
_MARK_PX = 7


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a trend is about."""

    title: str
    of: Callable[[Today], float | None]
    unit: str
    most: float | None = None
    """Upper end of the axis where it is given; else it follows the values."""


QUANTITIES = (
    Quantity(mark("Sat well"), lambda today: today.score, "%", 100),
    Quantity(mark("At the desk"), lambda today: today.sat_s / 3600, "h"),
    Quantity(mark("Longest sitting"), lambda today: today.longest_sitting_s / 60, "min"),
    Quantity(mark("Breaks"), lambda today: float(today.breaks), ""),
    Quantity(mark("Reminders"), lambda today: float(today.reminders), ""),
)


def values_of(days: Sequence[Day], quantity: Quantity) -> list[float]:
    """One a day; NaN where nothing is known of it."""
    found = [quantity.of(day.known) if day.known.seconds else None for day in days]
    return [math.nan if value is None else value for value in found]


def means_of(values: Sequence[float]) -> list[float]:
    """For each day the mean over those of the seven days up to it that are known; NaN for fewer than three."""
    windows = [values[max(0, at + 1 - MEAN_DAYS) : at + 1] for at in range(len(values))]
    known = [[value for value in window if not math.isnan(value)] for window in windows]
    return [math.fsum(window) / len(window) if len(window) >= 3 else math.nan for window in known]


class TrendChart(QWidget):
    """Days to the right, the quantity upwards."""

    def __init__(self) -> None:
        super().__init__()
        self._days: Sequence[Day] = ()
        self._quantity = QUANTITIES[0]
        self.setMinimumHeight(_LEAST_PX)
        self.setAccessibleName(tr("The figure over weeks, as a chart"))

    def draw(self, days: Sequence[Day], quantity: Quantity) -> None:
        """In order."""
        self._days, self._quantity = days, quantity
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102 - Qt's
        return QSize(600, _LEAST_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        values = values_of(self._days, self._quantity)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if all(math.isnan(value) for value in values):
            painter.setPen(QColor(theme.colours().soft))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("There is no day that can be read yet."))
            painter.end()
            return
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance(self._written(480)) + 12
        room = QRectF(left, line * 0.8, self.width() - left - line, self.height() - line * 2.4)
        top = self._draw_scale(painter, room, max(value for value in values if not math.isnan(value)))
        places = [room.left() + room.width() * (n + 0.5) / len(values) for n in range(len(values))]
        self._draw_days(painter, room, places)

        def at(n: int, value: float) -> QPointF:
            return QPointF(places[n], room.bottom() - room.height() * value / top)

        painter.setPen(QPen(QColor(theme.colours().accent), 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_path([None if math.isnan(v) else at(n, v) for n, v in enumerate(means_of(values))]))
        painter.setPen(theme.outline())
        for n, day in enumerate(self._days):
            if day.shut and math.isnan(values[n]):
                wide = room.width() / len(values) * 0.7
                painter.drawRect(QRectF(places[n] - wide / 2, room.bottom() - _MARK_PX, wide, _MARK_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours().ink))
        for n, value in enumerate(values):
            if not math.isnan(value):
                painter.drawEllipse(at(n, value), _DOT_PX, _DOT_PX)
        painter.end()

    def _draw_scale(self, painter: QPainter, room: QRectF, most: float) -> float:
        """Lines at round values; the value at the top."""
        most = self._quantity.most or max(most, 1.0)
        step = next((step for step in _STEPS if most / step <= 4), _STEPS[-1])
        count = math.ceil(most / step)
        for n in range(count + 1):
            y = room.bottom() - room.height() * n / count
            painter.setPen(QPen(QColor(theme.colours().line), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(theme.colours().soft))
            beside = QRectF(0, y - 20, room.left() - 8, 40)
            middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(beside, middle, self._written(n * step))
        return float(count * step)

    def _draw_days(self, painter: QPainter, room: QRectF, places: Sequence[float]) -> None:
        """A label a week, counted back from today."""
        wide = self.fontMetrics().horizontalAdvance("00 MMMM.")
        painter.setPen(QColor(theme.colours().soft))
        for n in range(len(self._days) - 1, -1, -_LABEL_EVERY):
            x = min(max(places[n] - wide / 2, room.left()), self.width() - wide)
            box = QRectF(x, room.bottom() + 4, wide, self.fontMetrics().height() * 1.4)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, named(self._days[n], weekday=False))

    def _written(self, value: float) -> str:
        return f"{number(value)} {self._quantity.unit}".strip()


def _path(points: Sequence[QPointF | None]) -> QPainterPath:
    """Through the points that there are; a gap interrupts it."""
    path = QPainterPath()
    before: QPointF | None = None
    for point in points:
        if point is not None and before is not None:
            path.lineTo(point)
        elif point is not None:
            path.moveTo(point)
        before = point
    return path
