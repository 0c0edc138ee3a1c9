"""What the tray icon and the mini window show of a moment: one shape for each state, told apart without colour."""

import math
from collections.abc import Iterable
from enum import StrEnum

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from posture.gui import shapes, state_words, theme
from posture.gui.recording import draw_dot
from posture.gui.theme import Verdict
from posture.live.snapshot import Phase, Snapshot
from posture.sinks import recording as recording_
from posture.sinks.recording import Recording

SIDES_PX = (16, 22, 24, 32, 48, 64, 128)
"""What trays ask for, at one and two device pixels a pixel."""
_EDGE_PX, _EDGE_STEPS = 0.9, 16
"""How far the edge reaches around a shape, and from how many directions it is drawn."""
_BOX = 16.0
_DOT_SHARE = 0.56
"""Of the side of the icon, for the dot of a recording."""


class Sign(StrEnum):
    """The shapes of the four verdicts, and of what is no verdict."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    NONE = "none"
    PAUSED = "paused"
    STOPPED = "stopped"
    TROUBLE = "trouble"
    """The camera or the model does not work."""


def sign_of(snapshot: Snapshot) -> Sign:
    """What a moment looks like from afar."""
    if snapshot.phase is Phase.PAUSED or snapshot.pauses:
        return Sign.PAUSED
    if snapshot.phase is Phase.STOPPED:
        return Sign.STOPPED
    if snapshot.phase in (Phase.FAILED, Phase.CAMERA):
        return Sign.TROUBLE
    if snapshot.phase is not Phase.RUNNING or snapshot.judgement is None:
        return Sign.NONE
    return Sign(state_words.verdict_of(snapshot.judgement.state, snapshot.reminder).value)


def draw(painter: QPainter, sign: Sign, box: QRectF) -> None:
    """The shape, fitted into the square `box`."""
    if sign in _PATHS:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(box.topLeft())
        painter.scale(box.width() / _BOX, box.height() / _BOX)
        painter.setPen(_pen(theme.colours().soft, 2.4))
        painter.drawPath(_PATHS[sign])
        painter.restore()
    else:
        shapes.draw(painter, Verdict(sign.value), box)


def icon(sign: Sign, sides: Iterable[int] = SIDES_PX, recording: Recording | None = None) -> QIcon:
    """For the tray, whose colour nobody tells us: with a thin edge in the colour of the ground.

    While something is recorded, its dot lies over a corner of the shape.
    """
    made = QIcon()
    for side in sides:
        edge = max(1.0, _EDGE_PX * side / _BOX)
        shape = _pixmap(side)
        painter = QPainter(shape)
        draw(painter, sign, QRectF(0, 0, side, side).adjusted(edge, edge, -edge, -edge))
        if recording is not None and recording.shows:
            _dot(painter, recording.phase, side)
        painter.end()
        made.addPixmap(_edged(shape, edge))
    return made


def _dot(painter: QPainter, phase: recording_.Phase, side: int) -> None:
    """Over the lower corner, with room around it."""
    wide = _DOT_SHARE * side
    box = QRectF(side - wide, side - wide, wide, wide)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.black)
    painter.drawEllipse(box.adjusted(-1, -1, 1, 1))
    painter.restore()
    draw_dot(painter, phase, box)


def _pixmap(side: int) -> QPixmap:
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    return made


def _edged(shape: QPixmap, edge: float) -> QPixmap:
    """`shape` over its own silhouette in the colour of the ground, which is moved around by `edge` pixels."""
    silhouette = QPixmap(shape)
    painter = QPainter(silhouette)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(silhouette.rect(), QColor(theme.colours().surface))
    painter.end()
    made = _pixmap(shape.width())
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for step in range(_EDGE_STEPS):
        turn = 2 * math.pi * step / _EDGE_STEPS
        painter.drawPixmap(QPointF(edge * math.cos(turn), edge * math.sin(turn)), silhouette)
    painter.drawPixmap(0, 0, shape)
    painter.end()
    return made


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _lines(*lines: tuple[float, float, float, float], box: QRectF | None = None) -> QPainterPath:
    path = QPainterPath()
    for x1, y1, x2, y2 in lines:
        path.moveTo(x1, y1)
        path.lineTo(x2, y2)
    if box is not None:
        path.addRect(box)
    return path


def _barred() -> QPainterPath:
    path = _lines((3.4, 12.6, 12.6, 3.4))
    path.addEllipse(QPointF(8, 8), 6.5, 6.5)
    return path


_PATHS = {
    Sign.PAUSED: _lines((5.2, 3.0, 5.2, 13.0), (10.8, 3.0, 10.8, 13.0)),
    Sign.STOPPED: _lines(box=QRectF(3.2, 3.2, 9.6, 9.6)),
    Sign.TROUBLE: _barred(),
}
