"""The picture of the Live page: pixels one to one, people as lines over them, and nothing scaled in this thread."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QWidget

from posture.appearance import ViewName
from posture.data import Observation
from posture.gui import figure, theme
from posture.gui.choosing import Candidate, candidates, draw_numbers
from posture.gui.figure import Figure, Place
from posture.gui.ghost import Ghost, Guide
from posture.gui.monitor import Shown, is_camera
from posture.gui.theme import Verdict
from posture.gui.words import tr
from posture.live.snapshot import Phase, Snapshot

LEAST_PX = (320, 180)
OTHERS = "#7d8793"
"""Neutral colour of people who are not judged."""
GHOST = "#5d6875"
_SHADE = QColor(11, 13, 16, 150)
"""Behind words over the picture."""
_NOTHING = Snapshot(Phase.STOPPED)


class PictureView(QWidget):
    """Shows the newest snapshot. Single letters work while it has the focus."""

    resized = pyqtSignal()
    """Size or shape in device pixels is another one, or the view came up or went away."""

    def __init__(self, painted: Callable[[Snapshot], None], parent: QWidget | None = None) -> None:
        """`painted` is called right after a snapshot was painted for the first time."""
        super().__init__(parent)
        self._painted = painted
        self._shown = Shown(_NOTHING)
        self._due = False
        self._verdict = Verdict.NONE
        self._ghost: Ghost | None = None
        self.numbered = False
        """Whether everybody has a number, as in the menu in which one of them is chosen."""
        self.mode: ViewName = "skeleton"
        self.mirrored = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(*LEAST_PX)
        self.setAccessibleName(tr("Picture"))
        self.setAccessibleDescription(tr("What the camera sees, or a figure of you. Single letters work here."))

    @property
    def running(self) -> bool:
        """Whether there is a moment to show."""
        return self._shown.snapshot.phase in (Phase.RUNNING, Phase.CALIBRATING)

    def candidates(self) -> list[Candidate]:
        """Everybody in the picture, from left to right as shown."""
        snapshot = self._shown.snapshot
        return candidates(snapshot, _frame_size(snapshot)[0], mirrored=self.mirrored and is_camera(snapshot))

    def device_size(self) -> tuple[int, int]:
        """Width and height in device pixels."""
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(self.height() * ratio)

    def show_moment(self, shown: Shown, verdict: Verdict, ghost: Ghost | None) -> None:
        """Paint this next; `verdict` colours the person who is judged, `ghost` is the calibrated pose."""
        self._shown, self._verdict, self._ghost = shown, verdict, ghost
        self._due = True
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)  # from here on in device pixels
        self.paint(painter)
        painter.end()
        if self._due:
            self._due = False
            self._painted(self._shown.snapshot)

    def paint(self, painter: QPainter) -> None:
        """Everything, in device pixels, on whatever `painter` paints on."""
        width, height = self.device_size()
        box = self._box(width, height)
        image = self._shown.image
        if self.mode in ("video", "blurred") and image is not None:
            _letterbox(painter, width, height, box)
            painter.drawImage(QPointF(box.left(), box.top()), image)
        else:
            painter.fillRect(0, 0, width, height, QColor(theme.CANVAS_GROUND))
        if self.mode == "hidden":
            painter.setPen(QColor(theme.CANVAS.soft))
            words = tr("The picture is hidden. Monitoring goes on.") if self.running else ""
            painter.drawText(QRectF(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, words)
        else:
            self._people(painter, box, height)

    def _box(self, width: int, height: int) -> QRectF:
        """Where the picture lies, on whole device pixels."""
        image = self._shown.image
        if image is not None and self.mode in ("video", "blurred"):
            wide, high = image.width(), image.height()
        else:
            across, down = _frame_size(self._shown.snapshot)
            scale = min(width / across, height / down)
            wide, high = round(across * scale), round(down * scale)
        return QRectF((width - wide) // 2, (height - high) // 2, wide, high)

    def _people(self, painter: QPainter, box: QRectF, height: int) -> None:
        snapshot = self._shown.snapshot
        across, _ = _frame_size(snapshot)
        place = Place(box.left(), box.top(), box.width() / across, across, self.mirrored and is_camera(snapshot))
        if self._ghost is not None:
            calibrated = figure.figure(self._ghost.points(across), self._ghost.drawn, place)
            figure.draw_ghost(painter, calibrated, QColor(GHOST), height)
        guides = self._ghost.guides if self._ghost is not None else ()
        starts = [_guide_line(painter, guide, box, place.mirrored, self.devicePixelRatioF()) for guide in guides]
        if snapshot.observation is not None:
            main = main_person(snapshot)
            coloured = [
                (one, theme.CANVAS.of(self._verdict) if person == main else QColor(OTHERS))
                for person, one in _figures(snapshot.observation, place)
            ]
            figure.draw(painter, sorted(coloured, key=lambda pair: pair[1].name() != OTHERS), height)
        for guide, start in zip(guides, starts, strict=True):  # no line goes through a word
            _guide_words(painter, guide.words, start, self.devicePixelRatioF())
        if self.numbered:
            draw_numbers(painter, self.candidates(), place)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: D102 - Qt's
        super().resizeEvent(event)
        self.resized.emit()

    def event(self, event: QEvent | None) -> bool:  # noqa: D102 - Qt's
        kinds = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.DevicePixelRatioChange)
        if event is not None and event.type() in kinds:
            self.resized.emit()
        return super().event(event)


def main_person(snapshot: Snapshot) -> int | None:
    """The one who is judged; before anybody is, the first one found."""
    if snapshot.judgement is not None and snapshot.judgement.person is not None:
        return snapshot.judgement.person
    people = snapshot.observation.people if snapshot.observation else ()
    return people[0].pose.person if people else None


def _figures(observation: Observation, place: Place) -> list[tuple[int, Figure]]:
    poses = [subject.pose for subject in observation.people]
    return [(pose.person, figure.figure(pose.points_px, figure.seen(pose), place)) for pose in poses]


def _frame_size(snapshot: Snapshot) -> tuple[int, int]:
    """Of the upright picture in its own pixels."""
    if snapshot.captured is not None:
        return snapshot.captured.frame.width, snapshot.captured.frame.height
    info = snapshot.camera.info if snapshot.camera else None
    return (info.width, info.height) if info is not None and info.width > 0 < info.height else (16, 9)


def _letterbox(painter: QPainter, width: int, height: int, box: QRectF) -> None:
    """Only what the picture leaves free: it is opaque, and painting beneath it would cost as much as itself."""
    ground = QColor(theme.CANVAS_GROUND)
    for rest in (
        QRectF(0, 0, width, box.top()),
        QRectF(0, box.bottom(), width, height - box.bottom()),
        QRectF(0, box.top(), box.left(), box.height()),
        QRectF(box.right(), box.top(), width - box.right(), box.height()),
    ):
        if not rest.isEmpty():
            painter.fillRect(rest, ground)


def _guide_line(painter: QPainter, guide: Guide, box: QRectF, mirrored: bool, ratio: float) -> QPointF:
    """A limit as a dashed line; where it begins."""
    pen = QPen(QColor(theme.CANVAS.fair), 1.5 * ratio)
    pen.setDashPattern([6, 5])
    painter.setPen(pen)
    left, right = (1 - guide.right, 1 - guide.left) if mirrored else (guide.left, guide.right)
    start, end = (
        QPointF(box.left() + x * box.width(), box.top() + y * box.width())
        for x, y in ((left, guide.top), (right, guide.bottom))
    )
    painter.drawLine(start, end)
    return start


def _guide_words(painter: QPainter, words: str, start: QPointF, ratio: float) -> None:
    metrics = painter.fontMetrics()
    wide = metrics.horizontalAdvance(words) + 8 * ratio
    label = QRectF(start.x(), start.y() - metrics.height() - 4 * ratio, wide, metrics.height())
    painter.fillRect(label, _SHADE)
    painter.setPen(QColor(theme.CANVAS.ink))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, words)
