"""Who is judged where several people are in view: a number over each of them in the picture, and a menu of these."""

from collections.abc import Callable
from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QAction, QColor, QPainter
from PyQt6.QtWidgets import QMenu, QWidget

from posture.data import Pose
from posture.gui import theme
from posture.gui.figure import Place, seen
from posture.gui.words import mark, tr
from posture.live.snapshot import Snapshot

_PLACES = (mark("left"), mark("middle"), mark("right"))
_ROUND = 0.9
"""Radius of the disc behind a number, in heights of a line."""


class Candidate(NamedTuple):
    """Somebody in view."""

    person: int
    pose: Pose
    across: float
    """Where they are as shown: 0 at the left edge of the picture, 1 at the right one."""

    @property
    def where(self) -> str:
        """In words."""
        return tr(_PLACES[min(2, max(0, int(3 * self.across)))])


def candidates(snapshot: Snapshot, width: float, *, mirrored: bool) -> list[Candidate]:
    """Everybody who is followed, from left to right as shown in a picture `width` pixels wide."""
    people = snapshot.observation.people if snapshot.observation else ()
    found = []
    for pose in (subject.pose for subject in people):
        drawn = seen(pose)
        if drawn.any():
            across = float(pose.points_px[drawn, 0].mean()) / width
            found.append(Candidate(pose.person, pose, 1 - across if mirrored else across))
    return sorted(found, key=lambda one: one.across)


def menu(parent: QWidget, people: list[Candidate], judged: int | None, choose: Callable[[int | None], None]) -> QMenu:
    """One entry a person, the one who is judged with a tick, and one that leaves the choice to the program."""
    made = QMenu(parent)
    made.setAccessibleName(tr("Who is judged?"))
    for number, one in enumerate(people, 1):
        action = QAction(tr("&{number}: person on the {where}", number=number, where=one.where), made)
        action.setCheckable(True)
        action.setChecked(one.person == judged)
        action.triggered.connect(lambda _=False, person=one.person: choose(person))
        made.addAction(action)
    made.addSeparator()
    by_itself = QAction(tr("Whoever is most like the calibration"), made)
    by_itself.triggered.connect(lambda _=False: choose(None))
    made.addAction(by_itself)
    return made


def draw_numbers(painter: QPainter, people: list[Candidate], place: Place) -> None:
    """A number over each of them."""
    high = painter.fontMetrics().height()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, one in enumerate(people, 1):
        points = place.points(one.pose.points_px[seen(one.pose)])
        middle = QPointF(float(points[:, 0].mean()), max(float(points[:, 1].min()) - high, _ROUND * high))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.CANVAS.ink))
        painter.drawEllipse(middle, _ROUND * high, _ROUND * high)
        painter.setPen(QColor(theme.CANVAS.ground))
        half = QPointF(high, high)
        painter.drawText(QRectF(middle - half, middle + half), Qt.AlignmentFlag.AlignCenter, str(number))
