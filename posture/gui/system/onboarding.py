"""The first run in four steps: the promise, the camera, the calibration, the reminders. Each can be skipped.

The camera is never switched on by itself: only by the button that says so.
"""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from posture.errors import SinkError
from posture.gui import theme
from posture.gui.moments import Desk
from posture.gui.system.autostart import Entry
from posture.gui.system.onboarding_steps import CALIBRATE, CAMERA, TITLES, CameraStep, PromiseStep, ReminderStep
from posture.gui.words import tr
from posture.live.snapshot import Snapshot
from posture.output import whole_file
from posture.reminders import Level

SEEN = "posture.welcomed"
_SIZE = 760, 620
_USUAL_FONT_PX = 17
_DOT_PX = 12


def is_first(folder: Path) -> bool:
    """Whether nobody of this account has been through the steps yet."""
    return not (folder / SEEN).exists()


def note_seen(folder: Path) -> None:
    """Do not begin with the steps again. Raises SinkError."""
    with whole_file(folder / SEEN, overwrite=True, private=True, advice="check who may write that folder") as out:
        out.write(b"the first steps were shown\n")


class Onboarding(QDialog):
    """Can be run again at any time; what was chosen before is what it shows."""

    tried = pyqtSignal(object)
    """A `Level` that the person wants to see once."""

    def __init__(
        self,
        desk: Desk,
        change: Callable[[dict[str, object]], object],
        level: Level,
        login: Entry | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`change` puts key paths of the settings into effect; `level` is the one that holds."""
        super().__init__(parent)
        self._desk = desk
        self.setWindowTitle(tr("Set up posture"))
        scale = max(1.0, self.fontMetrics().height() / _USUAL_FONT_PX)
        room = self.screen().availableSize() if self.screen() else QSize(*_SIZE)  # type: ignore[union-attr]
        self.resize((QSize(*_SIZE) * scale).boundedTo(room))
        self.dots = _Dots(len(TITLES))
        self._title = QLabel()
        theme.sized(self._title, 1.5, bold=True)
        self.camera = CameraStep(desk, change)
        self.reminders = ReminderStep(level, change, login)
        self.reminders.tried.connect(self.tried)
        self.pages = QStackedWidget()
        for page in (_scrolling(PromiseStep()), self.camera, _scrolling(self.reminders)):
            self.pages.addWidget(page)
        self.back, self.skip, self.onward = QPushButton(), QPushButton(), QPushButton()
        self.onward.setProperty("main", True)
        self.onward.setDefault(True)
        self.back.clicked.connect(lambda _=False: self.show_step(self.step - 1))
        self.skip.clicked.connect(lambda _=False: self._next())
        self.onward.clicked.connect(lambda _=False: self._next())
        self._lay_out()
        self.step = 0
        self.show_step(0)

    def show_step(self, step: int) -> None:
        """0 promise, 1 camera, 2 calibration, 3 reminders."""
        self.step = max(0, min(step, len(TITLES) - 1))
        last = self.step == len(TITLES) - 1
        self._title.setText(tr(TITLES[self.step]))
        self.dots.show_step(self.step)
        self.pages.setCurrentIndex({CAMERA: 1, CALIBRATE: 1, len(TITLES) - 1: 2}.get(self.step, 0))
        self.camera.show_part(calibrate=self.step == CALIBRATE)
        for button, words in (
            (self.back, tr("Back")),
            (self.skip, tr("Skip")),
            (self.onward, tr("Finish") if last else tr("Next")),
        ):
            button.setText(words)
            button.setAccessibleName(words)
        self.back.setEnabled(self.step > 0)
        self.skip.setVisible(not last)
        self.setAccessibleDescription(f"{self.dots.accessibleName()}: {self._title.text()}")
        self.onward.setFocus()

    def newest(self, _: Snapshot) -> None:
        """The monitor has something new."""
        if self.isVisible():
            self.camera.show_moment(self._desk.bridge.newest)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: D102 - Qt's
        self.done(QDialog.DialogCode.Rejected)
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """However it ends, a calibration that runs ends too."""
        self.camera.leave()
        super().done(result)

    def _next(self) -> None:
        if self.step == len(TITLES) - 1:
            self.accept()
        else:
            self.show_step(self.step + 1)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.skip)
        buttons.addWidget(self.onward)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 20, 28, 20)
        column.setSpacing(theme.GAP_PX)
        column.addWidget(self.dots)
        column.addWidget(self._title)
        column.addWidget(self.pages, 1)
        column.addLayout(buttons)


class _Dots(QWidget):
    """Where in the steps a person is: the dot of this step is larger and filled."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._steps, self._step = steps, 0
        self.setFixedHeight(_DOT_PX * 2)

    def show_step(self, step: int) -> None:
        self._step = step
        self.setAccessibleName(tr("Step {step} of {steps}", step=step + 1, steps=self._steps))
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        for step in range(self._steps):
            centre = QPointF(_DOT_PX * (1 + 2 * step), self.height() / 2)
            now, past = step == self._step, step < self._step
            painter.setPen(QPen(QColor(colours.accent if now or past else colours.soft), 1.5))
            painter.setBrush(QColor(colours.accent) if now or past else Qt.BrushStyle.NoBrush)
            radius = _DOT_PX / 2 if now else _DOT_PX / 3.2
            painter.drawEllipse(centre, radius, radius)
        painter.end()


def _scrolling(page: QWidget) -> QScrollArea:
    """With large text a step may need more room than the screen has."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    page.setObjectName("pageground")
    area.setWidget(page)
    area.setAccessibleName(tr("Step"))
    return area


def welcome(folder: Path, dialog: Onboarding, tell: Callable[[str], None]) -> None:
    """Show the steps over the window, and never again by themselves."""
    dialog.open()
    try:
        note_seen(folder)
    except SinkError as exc:
        tell(str(exc))
