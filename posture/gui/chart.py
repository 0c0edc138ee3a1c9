"""The last ten minutes of one quantity: a curve with its limit, the band beyond it hatched, and a strip of verdicts."""

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.legend import Legend
from posture.gui.quantities import name_of, written
from posture.gui.recent import BOTH_WAYS, FALLING, SPAN_S, Reading, Recent
from posture.gui.theme import Verdict
from posture.gui.twin import Twin
from posture.gui.words import mark, number, tr

VERDICTS = {
    Verdict.GOOD: mark("good"),
    Verdict.FAIR: mark("beyond a limit"),
    Verdict.POOR: mark("poor"),
    Verdict.NONE: mark("not judged"),
}
_AXIS_PX = 46
_STRIP_PX = 14
_LEAST_PX = 150
_BAND_ALPHA = 0.35
_EMPTY_TO = 30.0
"""Upper end of the axis while there is nothing to show."""


class RecentChart(Twin):
    """Chart and table of `Recent`; `draw` once a second is enough."""

    def __init__(self, recent: Recent, parent: QWidget | None = None) -> None:
        self._plot, self._strip = _Plot(), _Strip()
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._plot, 1)
        column.addWidget(self._strip)
        column.addWidget(Legend(VERDICTS), 0, Qt.AlignmentFlag.AlignRight)
        super().__init__(tr("Last ten minutes"), both, parent)
        self._recent = recent

    def draw(self, reading: Reading | None) -> None:
        """Show the quantity of `reading` over time."""
        if reading is None:
            return
        self.name(tr("{quantity}, last ten minutes", quantity=name_of(reading.name)))
        self._strip.spells = self._recent.spells()
        self._strip.update()
        self._plot.draw(*self._recent.curve(reading.name), reading)
        if self.as_table:
            self.fill(*_table(self._recent, reading))

    def _flip(self, table: bool) -> None:
        super()._flip(table)
        if table and (reading := self._plot.reading) is not None:
            self.fill(*_table(self._recent, reading))


def _table(recent: Recent, reading: Reading) -> tuple[list[str], list[list[str]]]:
    head = [tr("Minutes ago"), tr("Mean"), tr("Largest"), tr("Mostly")]
    rows = [
        [number(ago), written(mean, reading.unit), written(most, reading.unit), tr(VERDICTS[verdict])]
        for ago, mean, most, verdict in recent.minutes(reading.name)
    ]
    return head, rows


class _Minutes(pg.AxisItem):  # type: ignore[misc]
    """Seconds before now as minutes."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [tr("now") if value == 0 else tr("{minutes} min", minutes=number(value / 60)) for value in values]


class _Values(pg.AxisItem):  # type: ignore[misc]
    """Numbers as the language writes them."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [number(value, 0 if spacing >= 1 else 1) for value in values]


class _Band(pg.GraphicsObject):  # type: ignore[misc]
    """Hatched ground beyond the limit. The hatching keeps its size in pixels whatever the scale is."""

    def __init__(self) -> None:
        super().__init__()
        self.boxes: tuple[QRectF, ...] = ()
        self.setOpacity(_BAND_ALPHA)
        self.setZValue(-10)

    def boundingRect(self) -> QRectF:
        whole = QRectF()
        for box in self.boxes:
            whole = whole.united(box)
        return whole

    def paint(self, painter: QPainter, *_: object) -> None:
        on_screen = [painter.transform().mapRect(box) for box in self.boxes]
        painter.resetTransform()
        for box in on_screen:
            painter.fillRect(box, theme.brush(Verdict.FAIR))


class _Plot(pg.PlotWidget):  # type: ignore[misc]
    """The curve. It cannot be moved: the last ten minutes are the last ten minutes."""

    def __init__(self) -> None:
        colours = theme.colours()
        super().__init__(background=colours.surface, axisItems={"bottom": _Minutes("bottom"), "left": _Values("left")})
        self.reading: Reading | None = None
        self.setAccessibleName(tr("Chart of the last ten minutes"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its table is the way in
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(_LEAST_PX)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(colours.line)
            axis.setTextPen(colours.soft)
            axis.setTickFont(self.font())
        self.getAxis("left").setWidth(_AXIS_PX)
        self.getAxis("bottom").setTickSpacing(120, 120)
        self._band = _Band()
        self.addItem(self._band)
        self._limit = pg.InfiniteLine(angle=0, pen=pg.mkPen(colours.soft, width=1.4, style=Qt.PenStyle.DashLine))
        self.addItem(self._limit)
        self._limit.hide()
        self._nothing = pg.TextItem(tr("Nothing measured yet"), color=colours.soft, anchor=(0.5, 0.5))
        self._nothing.setPos(-SPAN_S / 2, _EMPTY_TO / 2)
        self.addItem(self._nothing)
        self.getAxis("left").setStyle(showValues=False)
        self.setRange(xRange=(-SPAN_S, 0), yRange=(0, _EMPTY_TO), padding=0)
        self._curve = self.plot(pen=pg.mkPen(colours.ink, width=1.6), connect="finite", antialias=True)

    def draw(self, times: list[float], values: list[float], reading: Reading) -> None:
        """`times` in seconds before now (negative), `values` in the unit of the reading."""
        self.reading = reading
        self._curve.setData(times, values)
        limited = not math.isnan(reading.limit)
        seen = [value for value in values if not math.isnan(value)]
        self.getAxis("left").setStyle(showValues=bool(seen))
        self._nothing.setVisible(not seen)
        low, high = _range(seen, reading.limit if limited else 0.0)
        self.setRange(xRange=(-SPAN_S, 0), yRange=(low, high), padding=0)
        self._nothing.setPos(-SPAN_S / 2, (low + high) / 2)
        self._limit.setVisible(limited)
        self._limit.setValue(reading.limit if limited else 0)
        self._band.prepareGeometryChange()
        self._band.boxes = tuple(
            QRectF(-SPAN_S, start, SPAN_S, end - start) for start, end in _beyond(reading, low, high) if end > start
        )
        self._band.update()


def _beyond(reading: Reading, low: float, high: float) -> list[tuple[float, float]]:
    """The parts of the axis in which the quantity is beyond its limit."""
    if math.isnan(reading.limit):
        return []
    if reading.name in FALLING:
        return [(low, reading.limit)]
    above = (reading.limit, high)
    return [above, (low, -reading.limit)] if reading.name in BOTH_WAYS else [above]


def _range(values: list[float], limit: float) -> tuple[float, float]:
    """Of the axis: zero, the limit and the values, with some room."""
    low, high = min([*values, limit, 0.0]), max([*values, limit, 0.0])
    room = max((high - low) * 0.25, 1.0)
    return (low - room if low < 0 else -room * 0.2), high + room


class _Strip(QWidget):
    """The verdict of each moment, under the curve: solid, diagonal, crossed, dashed outline."""

    def __init__(self) -> None:
        super().__init__()
        self.spells: list[tuple[float, float, Verdict]] = []
        self.setFixedHeight(_STRIP_PX)
        self.setAccessibleName(tr("Verdicts of the last ten minutes"))

    def sizeHint(self) -> QSize:
        return QSize(_LEAST_PX, _STRIP_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        left, width = _AXIS_PX, self.width() - _AXIS_PX - 1
        painter.setPen(QPen(QColor(theme.colours().line), 1))
        painter.drawRect(QRectF(left, 0.5, width, _STRIP_PX - 1))
        for start, end, verdict in self.spells:
            x = left + (start + SPAN_S) / SPAN_S * width
            box = QRectF(x, 1, max((end - start) / SPAN_S * width, 1.0), _STRIP_PX - 2)
            if verdict is Verdict.NONE:
                painter.setPen(theme.outline())
                painter.drawLine(box.bottomLeft(), box.bottomRight())
            else:
                painter.fillRect(box, theme.brush(verdict))
        painter.end()
