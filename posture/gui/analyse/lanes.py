"""The time line: a lane for each body part and score, what does not count, tasks, corrections, and where one is."""

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from posture.gui import theme
from posture.gui.recordings.player import clock
from posture.gui.theme import Verdict
from posture.gui.words import number, tr

LANE_LINES, RULER_LINES, TEXT_LINES = 1.2, 2.1, 1.3
"""Heights in lines of text."""
STEP_S = 5.0
_DRAG_PX = 5


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time in a lane."""

    start_s: float
    end_s: float
    verdict: Verdict
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row."""

    name: str
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything that is drawn: times in seconds."""

    length_s: float = 0.0
    lanes: tuple[Lane, ...] = ()
    doubtful: tuple[tuple[float, float], ...] = ()
    """Where the model was not sure of what it saw."""
    left_out: tuple[tuple[float, float], ...] = ()
    tasks: tuple[tuple[float, float, str], ...] = ()
    moments: tuple[float, ...] = ()
    corrections: tuple[float, ...] = ()


class Lanes(QWidget):
    """A click goes there, a drag marks from where to where; the arrow keys go by five seconds."""

    sought = pyqtSignal(float)
    marked = pyqtSignal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan = Plan()
        self.time_s = 0.0
        self.span: tuple[float, float] | None = None
        self._pressed: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Time line"))

    def show_plan(self, plan: Plan) -> None:
        """Other lanes."""
        self.plan = plan
        self.updateGeometry()
        self.update()

    def show_time(self, time_s: float) -> None:
        """Where one is."""
        if time_s != self.time_s:
            self.time_s = time_s
            self.setAccessibleDescription(self.words_at(time_s))
            self.update()

    def show_span(self, span: tuple[float, float] | None) -> None:
        """From where to where is marked."""
        self.span = span
        self.update()

    def words_at(self, time_s: float) -> str:
        """What the lanes say about a moment."""
        told = [tr("{time} of {length}", time=clock(time_s), length=clock(self.plan.length_s))]
        for lane in self.plan.lanes:
            band = next((one for one in lane.bands if one.start_s <= time_s < one.end_s), None)
            told += [f"{lane.name}: {band.words}"] if band else []
        return ", ".join(told)

    def sizeHint(self) -> QSize:  # noqa: D102 - Qt's
        line = self.fontMetrics().height()
        high = RULER_LINES * line + LANE_LINES * line * (len(self.plan.lanes) + bool(self.plan.tasks))
        return QSize(400, round(high + 8))

    def minimumSizeHint(self) -> QSize:  # noqa: D102 - Qt's
        return QSize(240, self.sizeHint().height())

    # What it looks like.

    @property
    def _left(self) -> float:
        names = [lane.name for lane in self.plan.lanes]
        return max((self.fontMetrics().horizontalAdvance(name) for name in names), default=60) + 14.0

    def x_of(self, time_s: float) -> float:
        """Where a moment lies."""
        room = max(1.0, self.width() - self._left - 10)
        return self._left + room * (time_s / self.plan.length_s if self.plan.length_s > 0 else 0.0)

    def time_of(self, x: float) -> float:
        """The moment at a place."""
        room = max(1.0, self.width() - self._left - 10)
        return min(max((x - self._left) / room, 0.0), 1.0) * self.plan.length_s

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        top, high = RULER_LINES * line, LANE_LINES * line
        self._ruler(painter, top)
        for place, lane in enumerate(self.plan.lanes):
            self._lane(painter, lane, top + place * high, high)
        bottom = top + len(self.plan.lanes) * high
        self._doubtful(painter, top, bottom)
        if self.plan.tasks:
            self._tasks(painter, bottom, high)
            bottom += high
        for start_s, end_s in self.plan.left_out:
            self._left_out(
                painter, QRectF(self.x_of(start_s), top, self.x_of(end_s) - self.x_of(start_s), bottom - top)
            )
        self._marks(painter, top)
        self._cursor(painter, bottom)
        painter.end()

    def _ruler(self, painter: QPainter, height: float) -> None:
        colours = theme.colours()
        painter.setPen(QColor(colours.soft))
        wide = self.fontMetrics().horizontalAdvance("0:00:00") + 24
        for tick in ticks(self.plan.length_s, (self.width() - self._left) / wide):
            x = self.x_of(tick)
            high = TEXT_LINES * self.fontMetrics().height()
            painter.drawText(QRectF(x + 4, 0, wide, high), Qt.AlignmentFlag.AlignVCenter, clock(tick))
            painter.drawLine(QPointF(x, high * 0.2), QPointF(x, height - 2))

    def _lane(self, painter: QPainter, lane: Lane, top: float, height: float) -> None:
        colours = theme.colours()
        painter.setPen(QColor(colours.ink))
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, top, self._left - 8, height), side, lane.name)
        whole = QRectF(self._left, top + 2, self.x_of(self.plan.length_s) - self._left, height - 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # bands that touch have no seam
        painter.fillRect(whole, QColor(colours.picked if colours.dark else colours.ground))
        for band in lane.bands:
            start, end = self.x_of(band.start_s), self.x_of(band.end_s)
            box = QRectF(start, top + 2, max(end - start, 1.0), height - 4)
            if band.verdict is Verdict.NONE:
                painter.setPen(theme.outline())
                painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
            else:
                painter.fillRect(box.toAlignedRect(), theme.brush(band.verdict))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _doubtful(self, painter: QPainter, top: float, bottom: float) -> None:
        """Greyed: the model was not sure of what it saw."""
        veil = QColor(theme.colours().surface)
        veil.setAlphaF(0.6)
        for start_s, end_s in self.plan.doubtful:
            painter.fillRect(QRectF(QPointF(self.x_of(start_s), top), QPointF(self.x_of(end_s), bottom)), veil)

    def _tasks(self, painter: QPainter, top: float, height: float) -> None:
        colours = theme.colours()
        painter.setPen(QColor(colours.ink))
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, top, self._left - 8, height), side, tr("Task"))
        for start_s, end_s, name in self.plan.tasks:
            end_s = min(end_s, self.plan.length_s)
            box = QRectF(self.x_of(start_s), top + 2, self.x_of(end_s) - self.x_of(start_s), height - 4)
            painter.setPen(QPen(QColor(colours.edge), 1))
            painter.setBrush(QColor(colours.surface))
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(QColor(colours.ink))
            shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, max(0, int(box.width()) - 8))
            painter.drawText(box.adjusted(4, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, shown)

    def _left_out(self, painter: QPainter, box: QRectF) -> None:
        colours = theme.colours()
        ground = QColor(colours.ground)
        ground.setAlphaF(0.8)
        painter.fillRect(box, ground)
        painter.fillRect(box, QBrush(QColor(colours.soft), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(QColor(colours.soft), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)

    def _marks(self, painter: QPainter, ruler: float) -> None:
        """Triangles for moments to look at, diamonds for corrections."""
        colours = theme.colours()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.ink))
        for time_s in self.plan.moments:
            x = self.x_of(time_s)
            painter.drawPolygon(
                QPolygonF([QPointF(x - 5, ruler - 9), QPointF(x + 5, ruler - 9), QPointF(x, ruler - 1)])
            )
        painter.setBrush(QColor(colours.surface))
        painter.setPen(QPen(QColor(colours.ink), 1.4))
        for time_s in self.plan.corrections:
            x, y = self.x_of(time_s), ruler - 6
            painter.drawPolygon(QPolygonF([QPointF(x, y - 5), QPointF(x + 5, y), QPointF(x, y + 5), QPointF(x - 5, y)]))

    def _cursor(self, painter: QPainter, bottom: float) -> None:
        colours = theme.colours()
        if self.span is not None:
            start, end = self.x_of(self.span[0]), self.x_of(self.span[1])
            shade = QColor(colours.accent)
            shade.setAlphaF(0.22)
            painter.fillRect(QRectF(start, 0, end - start, bottom), shade)
            painter.setPen(QPen(QColor(colours.accent), 2))
            for x, way in ((start, 1), (end, -1)):
                painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
                painter.drawLine(QPointF(x, 1), QPointF(x + 6 * way, 1))
                painter.drawLine(QPointF(x, bottom - 1), QPointF(x + 6 * way, bottom - 1))
        x = self.x_of(self.time_s)
        painter.setPen(QPen(QColor(colours.surface), 4))
        painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
        painter.setPen(QPen(QColor(colours.ink), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, bottom))

    # Mouse and keys.

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().x()
            self.sought.emit(self.time_of(self._pressed))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        if event is None or self._pressed is None:
            return
        x = event.position().x()
        if abs(x - self._pressed) >= _DRAG_PX:
            start_s, end_s = sorted((self.time_of(self._pressed), self.time_of(x)))
            self.marked.emit(start_s, end_s)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        self._pressed = None

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: D102 - Qt's
        ways = {Qt.Key.Key_Left: -STEP_S, Qt.Key.Key_Right: STEP_S, Qt.Key.Key_Home: -1e9, Qt.Key.Key_End: 1e9}
        if event is not None and (way := ways.get(Qt.Key(event.key()))) is not None:
            self.sought.emit(min(max(self.time_s + way, 0.0), self.plan.length_s))
        else:
            super().keyPressEvent(event)


def ticks(length_s: float, most: float) -> list[float]:
    """Round times, at most so many."""
    if length_s <= 0:
        return []
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((s for s in steps if length_s / s <= max(most, 1)), 14400)
    return [float(t) for t in np.arange(0, length_s, step)]


def fine_clock(time_s: float) -> str:
    """A moment to a tenth of a second: 3:20.5."""
    tenths = round(time_s * 10)
    return f"{clock(tenths / 10)}{number(tenths % 10 / 10, 1)[1:]}"
