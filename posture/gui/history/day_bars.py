"""A bar a day: how long was sat well, poorly, and not judged, on top of each other; or why there is none."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from posture.gui import theme
from posture.gui.history.past import NOTHING, named, score, why_shut
from posture.gui.theme import Verdict
from posture.gui.words import number, tr
from posture.sinks.today import Day, Today

_LEAST_PX = 240
_STEPS_H = (0.25, 0.5, 1, 2, 4, 6, 8, 12)
_MOST_LINES = 4
_BAR_SHARE, _MOST_BAR_PX = 0.6, 96


class DayBars(QWidget):
    """Hours upwards, days to the right."""

    def __init__(self) -> None:
        super().__init__()
        self._days: Sequence[Day] = ()
        self.setMinimumHeight(_LEAST_PX)
        self.setAccessibleName(tr("How long each day was sat, as bars"))

    def show_days(self, days: Sequence[Day]) -> None:
        """In order."""
        self._days = days
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102 - Qt's
        return QSize(600, _LEAST_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        if not self._days:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance(_hours(22.5)) + 12
        room = QRectF(left, line * 1.4, self.width() - left - 4, self.height() - line * 3.2)
        most_h = max(day.known.sat_s for day in self._days) / 3600
        top_h = self._draw_scale(painter, room, max(most_h, 1.0))
        width = room.width() / len(self._days)
        for place, day in enumerate(self._days):
            self._draw_day(painter, QRectF(room.left() + place * width, room.top(), width, room.height()), day, top_h)
        painter.end()

    def _draw_scale(self, painter: QPainter, room: QRectF, most_h: float) -> float:
        """Lines at round hours; the hours at the top."""
        step = next((s for s in _STEPS_H if most_h / s <= _MOST_LINES), _STEPS_H[-1])
        count = max(1, -int(-most_h // step))
        for place in range(count + 1):
            y = room.bottom() - room.height() * place / count
            painter.setPen(QPen(QColor(theme.colours().line), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(theme.colours().soft))
            text = QRectF(0, y - 20, room.left() - 8, 40)
            painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _hours(place * step))
        return count * step

    def _draw_day(self, painter: QPainter, box: QRectF, day: Day, top_h: float) -> None:
        metrics, centre = self.fontMetrics(), Qt.AlignmentFlag.AlignHCenter
        under = QRectF(box.left(), box.bottom() + 4, box.width(), metrics.height() * 1.5)
        painter.setPen(QColor(theme.colours().ink))
        painter.drawText(under, centre, metrics.elidedText(named(day), Qt.TextElideMode.ElideRight, round(box.width())))
        bar = min(box.width() * _BAR_SHARE, _MOST_BAR_PX)
        left, bottom = box.center().x() - bar / 2, box.bottom()
        for verdict, seconds in zip((Verdict.GOOD, Verdict.POOR, Verdict.NONE), _parts(day.known), strict=True):
            high = box.height() * seconds / 3600 / top_h
            if high >= 1:
                _fill(painter, QRectF(left, bottom - high, bar, high), verdict)
                bottom -= high
        why = why_shut(day)
        words = score(day.known) if day.known.seconds else why or tr(NOTHING)
        if why and day.known.seconds:
            words = f"{words} · {why}"
        painter.setPen(QColor(theme.colours().ink if day.known.seconds else theme.colours().soft))
        above = QRectF(box.left(), bottom - metrics.height() - 4, box.width(), metrics.height())
        painter.drawText(above, centre, metrics.elidedText(words, Qt.TextElideMode.ElideRight, round(box.width())))


def _parts(known: Today) -> tuple[float, float, float]:
    """Seconds at the desk: sat well, poorly, and without a judgement."""
    return known.good_s, known.poor_s, max(known.sat_s - known.judged_s, 0.0)


def _fill(painter: QPainter, box: QRectF, verdict: Verdict) -> None:
    if verdict is Verdict.NONE:
        painter.setPen(theme.outline())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = box.adjusted(1, 1, -1, 0)
    else:
        painter.setPen(QPen(theme.colours().of(verdict), 1))
        painter.setBrush(theme.brush(verdict))
    painter.drawRect(box)


def _hours(hours: float) -> str:
    decimals = next(places for places in (0, 1, 2) if places == 2 or round(hours, places) == hours)
    return tr("{hours} h", hours=number(hours, decimals))
