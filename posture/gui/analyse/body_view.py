"""The picture with everybody as lines, whose keypoints can be taken and put elsewhere, by mouse or by keys."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from posture.data import Pose
from posture.gui import figure, theme
from posture.gui.figure import Place
from posture.gui.picture_view import OTHERS, PictureView
from posture.gui.words import tr
from posture.skeleton import BLAZEPOSE_33

REACH_PX = 16.0
"""A press so near to a keypoint takes it, in pixels of the screen."""
STEP_PX, LEAP_PX = 1.0, 10.0
"""How far the arrow keys move a keypoint, in pixels of the picture; with Shift the second."""
_MOVES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Who is in the picture, as it stands after the review."""

    poses: Sequence[Pose] = ()
    chosen: int = 0
    """The person who is looked at."""
    corrected: frozenset[int] = frozenset()
    """Keypoints of that person that somebody put where they are."""
    verdict: theme.Verdict = theme.Verdict.NONE
    excluded: bool = False
    """Whether this moment does not count."""

    @property
    def pose(self) -> Pose | None:
        """Of the chosen person."""
        return next((pose for pose in self.poses if pose.person == self.chosen), None)


class BodyView(PictureView):
    """A `PictureView` whose people are given by the page."""

    picked = pyqtSignal(object)
    """The number of a keypoint of the chosen person, or None."""
    person_picked = pyqtSignal(int)
    """Somebody else was clicked."""
    put = pyqtSignal(int, float, float, bool)
    """A keypoint is to be at x, y of the picture; the last says whether it stays there."""

    def __init__(self) -> None:
        super().__init__(lambda snapshot: None)
        self.bodies = Bodies()
        self.joint: int | None = None
        self.lines = True
        self._held = False
        self.setMouseTracking(True)

    def show_bodies(self, bodies: Bodies) -> None:
        """Draw these."""
        self.bodies = bodies
        self.update()

    def pick(self, joint: int | None) -> None:
        """Take a keypoint, or none."""
        if joint != self.joint:
            self.joint = joint
            self.picked.emit(joint)
            self.update()

    def move_joint(self, x: float, y: float) -> None:
        """Move the keypoint that is picked by so many pixels of the picture."""
        at = self._at()
        if at is not None and self.joint is not None:
            self.put.emit(self.joint, at[0] + x, at[1] + y, True)

    def _at(self) -> tuple[float, float] | None:
        pose = self.bodies.pose
        if pose is None or self.joint is None:
            return None
        x, y = pose.points_px[self.joint, :2].tolist()
        return x, y

    # What it looks like.

    def place(self) -> Place:
        """Where the picture lies in device pixels."""
        width, height = self.device_size()
        box = self._box(width, height)
        across = self._across
        return Place(box.left(), box.top(), box.width() / across, across)

    @property
    def _across(self) -> float:
        captured = self._shown.snapshot.captured
        return float(captured.frame.width) if captured is not None else 16.0

    def _people(self, painter: QPainter, box: QRectF, height: int) -> None:
        place = Place(box.left(), box.top(), box.width() / self._across, self._across)
        if self.lines:
            coloured = [
                (figure.figure(pose.points_px, figure.seen(pose), place), self._colour(pose))
                for pose in sorted(self.bodies.poses, key=lambda pose: pose.person == self.bodies.chosen)
            ]
            figure.draw(painter, coloured, height)
            self._marks(painter, place)
        if self.bodies.excluded:
            painter.fillRect(box, QBrush(QColor(11, 13, 16, 170)))
            painter.setPen(QColor(theme.CANVAS.ink))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr("Left out: this moment does not count."))

    def _colour(self, pose: Pose) -> QColor:
        return theme.CANVAS.of(self.bodies.verdict) if pose.person == self.bodies.chosen else QColor(OTHERS)

    def _marks(self, painter: QPainter, place: Place) -> None:
        """A diamond on what was corrected, and a ring about what is picked."""
        pose = self.bodies.pose
        if pose is None:
            return
        ratio = self.devicePixelRatioF()
        points = place.points(pose.points_px)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor("black"), 1.5 * ratio))
        painter.setBrush(QColor(theme.CANVAS.ink))
        for joint in self.bodies.corrected:
            x, y = points[joint].tolist()
            painter.drawPolygon(QPolygonF([
                QPointF(x + dx * 7 * ratio, y + dy * 7 * ratio) for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0))
            ]))  # fmt: skip
        if self.joint is not None:
            middle = QPointF(*points[self.joint].tolist())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((QColor("black"), 5.0), (QColor(theme.CANVAS.ink), 2.0)):
                painter.setPen(QPen(colour, width * ratio))
                painter.drawEllipse(middle, 13 * ratio, 13 * ratio)

    # Mouse and keys.

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the nearest keypoint, or look at somebody else."""
        if event is None or event.button() != Qt.MouseButton.LeftButton or not self.lines:
            return
        at = event.position()
        found = self._nearest(at, self.bodies.pose)
        other = next((p.person for p in self.bodies.poses if p is not self.bodies.pose and self._on(at, p)), None)
        if found is None and other is not None:
            self.person_picked.emit(other)
            return
        self._held = found is not None
        self.pick(found)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        if event is None:
            return
        if self._held and self.joint is not None:
            self.put.emit(self.joint, *self._pixel(event.position()), False)
        else:
            near = self.lines and self._nearest(event.position(), self.bodies.pose) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None and self._held and self.joint is not None:
            self._held = False
            self.put.emit(self.joint, *self._pixel(event.position()), True)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Ctrl and arrow keys move what is picked; Esc lets go of it."""
        if event is None:
            return
        move = _MOVES.get(Qt.Key(event.key()))
        if move is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.joint is not None:
            far = LEAP_PX if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP_PX
            self.move_joint(move[0] * far, move[1] * far)
        elif event.key() == Qt.Key.Key_Escape and self.joint is not None:
            self.pick(None)
        else:
            super().keyPressEvent(event)

    def step_joint(self, forward: int) -> None:
        """Take the next keypoint that is drawn, or the one before."""
        pose = self.bodies.pose
        drawn = [joint for joint in DRAWN if pose is not None]
        if drawn:
            place = drawn.index(self.joint) + forward if self.joint in drawn else 0 if forward > 0 else -1
            self.pick(drawn[place % len(drawn)])

    def _nearest(self, at: QPointF, pose: Pose | None) -> int | None:
        if pose is None or not len(pose.points_px):
            return None
        ratio = self.devicePixelRatioF()
        points = self.place().points(pose.points_px)[list(DRAWN)]
        far = np.hypot(points[:, 0] - at.x() * ratio, points[:, 1] - at.y() * ratio)
        best = int(np.nanargmin(far))
        return DRAWN[best] if far[best] <= REACH_PX * ratio else None

    def _on(self, at: QPointF, pose: Pose) -> bool:
        """Whether a place of the screen lies on somebody."""
        points = self.place().points(pose.points_px)[figure.seen(pose)]
        if not len(points):
            return False
        ratio = self.devicePixelRatioF()
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return bool(left <= at.x() * ratio <= right and top <= at.y() * ratio <= bottom)

    def _pixel(self, at: QPointF) -> tuple[float, float]:
        """A place of the screen in pixels of the picture, never outside of it."""
        place, ratio = self.place(), self.devicePixelRatioF()
        x = (at.x() * ratio - place.left) / place.scale - 0.5
        y = (at.y() * ratio - place.top) / place.scale - 0.5
        captured = self._shown.snapshot.captured
        high = captured.frame.height if captured is not None else 9
        return round(min(max(x, 0.0), place.width - 1), 1), round(min(max(y, 0.0), high - 1.0), 1)


DRAWN: tuple[int, ...] = tuple(
    BLAZEPOSE_33.index[name]
    for name in BLAZEPOSE_33.names
    if not any(part in name for part in ("inner", "outer", "mouth", "pinky", "thumb"))
)
"""Keypoints that an angle or the figure rests on: those that can be taken."""
