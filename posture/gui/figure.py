"""A person as lines over the picture. Cheap by measurement: lines in batches, flat ends, an opaque dark line beneath.

Of the keypoints only those are drawn that the model says are seen; the head is an outline about the points of the face.
"""

from collections.abc import Callable, Sequence
from functools import cache
from math import atan2, degrees, dist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform

from posture.data import Array, Pose
from posture.reports import head as heads
from posture.skeleton import BLAZEPOSE_33

SEEN = 0.5
"""A keypoint is drawn from this visibility and presence on."""
LINE_PX, UNDER_PX = 3.0, 6.0
"""Widths for a view of `_USUAL_PX` rows; larger views get wider lines."""
_USUAL_PX = 720
FINE_PX = 1440
"""From so many device rows on, lines have hard edges: pixels are small there, and soft edges cost 3 ms a frame."""
_FACE = frozenset(
    i for i, name in enumerate(BLAZEPOSE_33.names) if any(part in name for part in ("nose", "eye", "ear", "mouth"))
)
_BONES = tuple(
    (a, b) for a, b in ((BLAZEPOSE_33.index[a], BLAZEPOSE_33.index[b]) for a, b in BLAZEPOSE_33.bones) if a not in _FACE
)
_ENDS = frozenset(i for bone in _BONES for i in bone)


class Place(NamedTuple):
    """Where the upright picture lies in the view: pixel (x, y) -> device pixel."""

    left: float
    top: float
    scale: float
    width: float
    """Of the picture in its own pixels."""
    mirrored: bool = False

    def points(self, pixels: Array) -> Array:
        """[K, 2] device pixels for [K, 2 or 3] pixels of the picture; pixel centres are at whole numbers there."""
        x, y = pixels[:, 0] + 0.5, pixels[:, 1] + 0.5
        x = self.width - x if self.mirrored else x
        return np.column_stack([self.left + x * self.scale, self.top + y * self.scale])


class Figure(NamedTuple):
    """One person, ready to be painted."""

    lines: list[QLineF]
    joints: list[QPointF]
    head: QPainterPath | None


def seen(pose: Pose) -> NDArray[np.bool_]:
    """[33] which keypoints are drawn. Those that the layout of the model lacks are neither seen nor present."""
    return np.asarray((pose.visibility >= SEEN) & (pose.presence >= SEEN))


def figure(points_px: Array, drawn: NDArray[np.bool_], place: Place) -> Figure:
    """The lines of one person. `points_px` [33, 2 or 3] in pixels of the picture, `drawn` [33]."""
    if not drawn.any():
        return Figure([], [], None)
    placed = place.points(points_px).tolist()
    shown = drawn.tolist()
    lines = [QLineF(*placed[a], *placed[b]) for a, b in _BONES if shown[a] and shown[b]]
    joints = [QPointF(*placed[i]) for i in _ENDS if shown[i]]
    head = heads.head({i: (placed[i][0], placed[i][1]) for i in range(len(placed)) if shown[i]})
    shoulders = [placed[i] for i in heads.SHOULDERS if shown[i]]
    if head is not None and shoulders:
        foot = sum(x for x, _ in shoulders) / len(shoulders), sum(y for _, y in shoulders) / len(shoulders)
        if dist(foot, head.centre) > head.half_height:
            lines.append(QLineF(*head.at(0, -1), *foot))
    return Figure(lines, joints, _outline(head) if head else None)


def _outline(head: heads.Head) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(-head.half_width, -head.half_height, 2 * head.half_width, 2 * head.half_height))
    turned = QTransform().translate(*head.centre)
    turned.rotate(degrees(atan2(head.across[1], head.across[0])))
    return turned.map(path)


def draw(painter: QPainter, figures: Sequence[tuple[Figure, QColor]], height: int) -> None:
    """Paint people into a view of `height` device pixels: first every dark line, then the coloured ones."""
    larger = max(1.0, height / _USUAL_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # the dark line is a shadow: its edge does not show
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for one, _ in figures:
        _stroke(painter, one, _pen(QColor("black"), UNDER_PX * larger))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, height < FINE_PX)
    for one, colour in figures:
        _stroke(painter, one, _pen(colour, LINE_PX * larger))
        _joints(painter, one.joints, colour.name(), round(4 * larger))


def draw_ghost(painter: QPainter, one: Figure, colour: QColor, height: int) -> None:
    """Paint the calibrated pose beneath the people: thin and without joints."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, height < FINE_PX)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _stroke(painter, one, _pen(colour, 2.0 * max(1.0, height / _USUAL_PX)))


def _stroke(painter: QPainter, one: Figure, pen: QPen) -> None:
    painter.setPen(pen)
    painter.drawLines(one.lines)  # type: ignore[call-overload]  # takes lists
    if one.head is not None:
        painter.drawPath(one.head)


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _joints(painter: QPainter, joints: Sequence[QPointF], colour: str, radius: int) -> None:
    pixmap = _joint(colour, radius)
    whole = QRectF(pixmap.rect())
    fragment: Callable[[QPointF, QRectF], QPainter.PixmapFragment] = QPainter.PixmapFragment.create
    painter.drawPixmapFragments([fragment(point, whole) for point in joints], pixmap)  # type: ignore[arg-type]


@cache
def _joint(colour: str, radius: int) -> QPixmap:
    """A joint, painted once for each colour and size."""
    side = 2 * radius + 4
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("black"), 1.5))
    painter.setBrush(QBrush(QColor(colour)))
    painter.drawEllipse(QPointF(side / 2, side / 2), radius, radius)
    painter.end()
    return pixmap
