"""Shapes that speak without colour: the four verdicts, and the signs of the rail. Drawn, so that any size is sharp."""

import math

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PyQt6.QtWidgets import QWidget

from posture.gui import theme
from posture.gui.theme import Verdict

_BOX = 16.0
"""All shapes are drawn in a square of this side and scaled."""


def draw(painter: QPainter, verdict: Verdict, at: QRectF, colours: theme.Colours | None = None) -> None:
    """Circle with tick, triangle, octagon or dashed circle, fitted into the square `at`."""
    shades = colours or theme.colours()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(at.topLeft())
    painter.scale(at.width() / _BOX, at.height() / _BOX)
    if verdict is Verdict.NONE:
        pen = QPen(QColor(shades.soft), 1.6)
        pen.setDashPattern([1.7, 1.7])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(8, 8), 6.8, 6.8)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shades.of(verdict))
        painter.drawPath(_BODIES[verdict])
        pen = QPen(QColor(shades.surface), 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(_SIGNS[verdict])
    painter.restore()


class Sign(QWidget):
    """A verdict as a widget: decoration beside words that say the same."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = Verdict.NONE
        self.setFixedSize(side, side)

    def show_verdict(self, verdict: Verdict) -> None:
        """Change the shape."""
        if verdict is not self._verdict:
            self._verdict = verdict
            self.update()

    def paintEvent(self, event: object) -> None:
        """Draw the shape over the whole widget."""
        painter = QPainter(self)
        draw(painter, self._verdict, QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()


def icon(name: str, side: int, colour: str, ratio: float) -> QIcon:
    """A sign of the rail ("live", "recordings", …) or of the player ("play", …); `ratio` device pixels a pixel."""
    pixmap = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / _BOX, side / _BOX)
    pen = QPen(QColor(colour), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPath(_RAIL[name])
    painter.end()
    return QIcon(pixmap)


def _path(*strokes: tuple[tuple[float, float], ...], closed: bool = False) -> QPainterPath:
    path = QPainterPath()
    for stroke in strokes:
        path.addPolygon(QPolygonF([QPointF(*point) for point in stroke]))
        if closed:
            path.closeSubpath()
    return path


def _circle(x: float, y: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(x, y), radius, radius)
    return path


def _joined(*paths: QPainterPath) -> QPainterPath:
    whole = QPainterPath()
    for path in paths:
        whole.addPath(path)
    return whole


def _sitter() -> QPainterPath:
    shoulders = QPainterPath(QPointF(2.5, 14))
    shoulders.cubicTo(QPointF(2.5, 10), QPointF(5, 8.8), QPointF(8, 8.8))
    shoulders.cubicTo(QPointF(11, 8.8), QPointF(13.5, 10), QPointF(13.5, 14))
    return _joined(_circle(8, 4.7, 2.7), shoulders)


def _stack() -> QPainterPath:
    """Sheets that lie over each other."""
    front = ((2.5, 6), (11, 6), (11, 14), (2.5, 14), (2.5, 6))
    return _path(front, ((5, 4), (13, 4), (13, 11.5)), ((7.5, 2), (15, 2), (15, 9)))


def _sliders() -> QPainterPath:
    lines = _path(((2, 4), (7, 4)), ((11, 4), (14, 4)), ((2, 12), (3.5, 12)), ((7.5, 12), (14, 12)))
    return _joined(lines, _circle(9, 4, 2), _circle(5.5, 12, 2))


def _film() -> QPainterPath:
    """A screen with a triangle, and a padlock's bow above: what is kept, and locked."""
    bow = QPainterPath(QPointF(5.2, 6.4))
    bow.lineTo(5.2, 4.6)
    bow.cubicTo(QPointF(5.2, 0.9), QPointF(10.8, 0.9), QPointF(10.8, 4.6))
    bow.lineTo(10.8, 6.4)
    body = QPainterPath()
    body.addRoundedRect(QRectF(2, 6.4, 12, 8), 1.5, 1.5)
    return _joined(bow, body, _path(((6.8, 8.6), (9.8, 10.4), (6.8, 12.2)), closed=True))


def _shield() -> QPainterPath:
    edge = QPainterPath(QPointF(8, 1.6))
    edge.cubicTo(QPointF(10, 3.2), QPointF(12, 3.6), QPointF(13.6, 3.6))
    edge.cubicTo(QPointF(13.6, 9.6), QPointF(11.6, 12.6), QPointF(8, 14.6))
    edge.cubicTo(QPointF(4.4, 12.6), QPointF(2.4, 9.6), QPointF(2.4, 3.6))
    edge.cubicTo(QPointF(4, 3.6), QPointF(6, 3.2), QPointF(8, 1.6))
    return _joined(edge, _path(((5.4, 8), (7.4, 10), (10.8, 6))))


def _cube() -> QPainterPath:
    """A box, seen from a corner."""
    edges = _path(((8, 1.6), (13.8, 4.8), (13.8, 11.2), (8, 14.4), (2.2, 11.2), (2.2, 4.8)), closed=True)
    return _joined(edges, _path(((2.2, 4.8), (8, 8), (13.8, 4.8)), ((8, 8), (8, 14.4))))


def _question() -> QPainterPath:
    hook = QPainterPath(QPointF(6, 6.2))
    hook.cubicTo(QPointF(6, 3.6), QPointF(10.2, 3.6), QPointF(10.2, 6.2))
    hook.cubicTo(QPointF(10.2, 7.8), QPointF(8, 7.8), QPointF(8, 9.6))
    return _joined(_circle(8, 8, 6.6), hook, _circle(8, 11.7, 0.25))


_OCTAGON = tuple(
    (8 + 7.7 * math.sin(math.pi / 8 * (2 * i + 1)), 8 + 7.7 * math.cos(math.pi / 8 * (2 * i + 1))) for i in range(8)
)
_BODIES = {
    Verdict.GOOD: _circle(8, 8, 7.5),
    Verdict.FAIR: _path(((8, 0.8), (15.6, 14.8), (0.4, 14.8)), closed=True),
    Verdict.POOR: _path(_OCTAGON, closed=True),
}
_SIGNS = {
    Verdict.GOOD: _path(((4.6, 8.3), (7, 10.6), (11.4, 5.6))),
    Verdict.FAIR: _path(((8, 6), (8, 9.6)), ((8, 12.4), (8, 12.45))),
    Verdict.POOR: _path(((5.6, 5.6), (10.4, 10.4)), ((10.4, 5.6), (5.6, 10.4))),
}
_STICK = _joined(
    _circle(8, 5.6, 1.1), _path(((8, 6.8), (8, 9.4), (6.4, 11.6)), ((8, 9.4), (9.8, 11.6)), ((5.6, 8), (10.4, 8)))
)
_RAIL = {
    "live": _sitter(),
    "reports": _path(
        ((3.5, 1.5), (10, 1.5), (13, 4.5), (13, 14.5), (3.5, 14.5), (3.5, 1.5)),
        ((6, 7), (10.5, 7)),
        ((6, 10), (10.5, 10)),
    ),
    "analyse": _joined(
        _path(((2, 4), (14, 4), (14, 12), (2, 12)), closed=True), _path(((5, 10), (7, 7), (9, 9), (11, 6)))
    ),
    "today": _path(((2, 14), (14, 14)), ((4, 14), (4, 9)), ((8, 14), (8, 3)), ((12, 14), (12, 6.5))),
    "settings": _sliders(),
    "recordings": _film(),
    "privacy": _shield(),
    "batch": _stack(),
    "models": _cube(),
    "help": _question(),
    "play": _path(((4.5, 2.5), (13, 8), (4.5, 13.5)), closed=True),
    "pause": _path(((5, 3), (5, 13)), ((11, 3), (11, 13))),
    "back": _joined(_path(((12, 3), (6, 8), (12, 13)), closed=True), _path(((3.5, 3), (3.5, 13)))),
    "on": _joined(_path(((4, 3), (10, 8), (4, 13)), closed=True), _path(((12.5, 3), (12.5, 13)))),
}
