"""Calibration over the picture: choose the seat, three, two, one, hold for five seconds, and what came of it."""

from collections.abc import Callable
from enum import Enum, auto

from PyQt6.QtCore import QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from posture.ergonomics.baseline import Seat
from posture.gui import theme
from posture.gui.words import mark, tr
from posture.live.snapshot import Snapshot

COUNT_FROM = 3
_CARD_LINES = 24, 34
"""Least and most width of the card, in heights of a line."""
NAMES = (mark("Desk"), mark("Standing"))
"""Profiles that are offered; any other name can be typed."""
QUALITIES = {
    "good": mark("Good. Keep still."),
    "too_dark": mark("It is too dark."),
    "move_less": mark("Keep still."),
    "shoulders_not_visible": mark("Both shoulders have to be seen."),
    "head_not_visible": mark("The head has to be seen."),
    "model_without_depth": mark("This model knows no depth: choose lite, full or heavy."),
    "no_person": mark("Nobody in view."),
    "several_people": mark("Only one person should be near."),
    "turned": mark("Face the screen."),
    "not_upright": mark("Sit upright: level shoulders, straight trunk."),
    "too_near_edge": mark("Move to the middle of the picture."),
}


class Stage(Enum):
    """Where the person is."""

    CHOOSE = auto()
    COUNT = auto()
    HOLD = auto()
    DONE = auto()
    FAILED = auto()


class Calibrating(QWidget):
    """Lies over the picture, which stays visible behind it."""

    opened = pyqtSignal()
    begun = pyqtSignal(str, str, bool, bool)
    """Seat, name of the profile, whether the person stands, and whether it is to be remembered: now the five seconds
    run."""
    undone = pyqtSignal()
    given_up = pyqtSignal()
    """While the five seconds run."""
    left = pyqtSignal()

    def __init__(self, parent: QWidget, profiles: Callable[[], tuple[str, ...]] = tuple) -> None:
        """`profiles`: the names there are already."""
        super().__init__(parent)
        self._profiles = profiles
        self.stage = Stage.CHOOSE
        self._count = COUNT_FROM
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self._card = QFrame(self)
        self._card.setObjectName("panel")
        self._title, self._text = QLabel(), QLabel()
        theme.sized(self._title, 1.4, bold=True)
        self._big = QLabel()
        theme.sized(self._big, 4.0, bold=True)
        self._big.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for label in (self._title, self._text, self._big):
            label.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the calibration"))
        self._build()
        self.hide()

    def open(self) -> None:
        """Ask for seat and name."""
        current = self._name.currentText()
        self._name.clear()
        known = self._profiles()
        self._name.addItems(list(dict.fromkeys([*known, *(tr(name) for name in NAMES)])))
        if current:
            self._name.setCurrentText(current)
        self._enter(Stage.CHOOSE)
        self.opened.emit()
        self.setGeometry(self.parentWidget().rect())  # type: ignore[union-attr]  # it has one from the start
        self.show()
        self.raise_()
        self._begin.setFocus()

    def see(self, snapshot: Snapshot) -> None:
        """One more moment of the monitor, while the overlay is open."""
        if self.stage is not Stage.HOLD:
            return
        found = snapshot.calibration
        if found is None:
            return
        self._bar.setValue(round(100 * found.progress))
        words = [tr(QUALITIES[key]) if key in QUALITIES else key.replace("_", " ") for key in found.quality]
        self._text.setText(" ".join(words))
        if found.failed:
            self._enter(Stage.FAILED)
        elif found.baseline is not None:
            self._enter(Stage.DONE)

    def close_over(self) -> None:
        """Leave, whatever the stage."""
        self._timer.stop()
        self.hide()
        self.left.emit()

    def _build(self) -> None:
        self._front, self._side = QRadioButton(tr("Camera in front of me")), QRadioButton(tr("Camera beside me"))
        self._front.setChecked(True)
        seats = QButtonGroup(self)
        for seat in (self._front, self._side):
            seats.addButton(seat)
            seat.toggled.connect(self.update)
            seat.setAccessibleName(seat.text())
            seat.setMinimumHeight(theme.TARGET_PX)
        self._name = QComboBox()
        self._name.setEditable(True)
        self._name.setMinimumHeight(theme.TARGET_PX)
        self._name.setAccessibleName(tr("Name of the profile"))
        self._standing = QCheckBox(tr("I stand at this place"))
        self._standing.setAccessibleName(self._standing.text())
        self._standing.setMinimumHeight(theme.TARGET_PX)
        self._name.currentTextChanged.connect(self._named)
        self._remember = QCheckBox(tr("Remember on this computer"))
        self._remember.setAccessibleName(self._remember.text())
        self._kept = QLabel(tr("What is kept are a few numbers, no picture."))
        self._kept.setObjectName("soft")
        self._kept.setWordWrap(True)
        self._remember.setAccessibleDescription(self._kept.text())
        self._remember.setMinimumHeight(theme.TARGET_PX)
        self._asked = (self._front, self._side, self._name, self._standing, self._remember, self._kept)
        self._begin = self._button(tr("Begin"), self._start, main=True)
        self._again = self._button(tr("Try again"), self.open, main=True)
        self._finish = self._button(tr("Done"), self.close_over, main=True)
        self._undo = self._button(tr("Undo"), self._take_back)
        self._cancel = self._button(tr("Cancel"), self._abandon)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self._cancel, self._undo, self._again, self._finish, self._begin):
            buttons.addWidget(button)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        for part in (self._title, self._text, self._big, self._bar, *self._asked):
            column.addWidget(part)
        column.addLayout(buttons)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._card)
        row.addStretch(1)
        outer.addLayout(row)
        line = self.fontMetrics().height()
        self._card.setMinimumWidth(_CARD_LINES[0] * line)
        self._card.setMaximumWidth(_CARD_LINES[1] * line)

    def _named(self, name: str) -> None:
        """A name that says whether one stands there."""
        if name in (tr(offered) for offered in NAMES):
            self._standing.setChecked(name == tr(NAMES[1]))

    def _button(self, text: str, act: Callable[[], None], *, main: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("main", main)
        button.setAccessibleName(text)
        button.clicked.connect(lambda _=False: act())
        return button

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        chooses, holds = stage is Stage.CHOOSE, stage is Stage.HOLD
        for part in (*self._asked, self._begin):
            part.setVisible(chooses)
        self._big.setVisible(stage is Stage.COUNT)
        self._bar.setVisible(holds)
        self._again.setVisible(stage is Stage.FAILED)
        self._finish.setVisible(stage is Stage.DONE)
        self._undo.setVisible(stage is Stage.DONE)
        self._cancel.setVisible(stage is not Stage.DONE)
        title, text = {
            Stage.CHOOSE: (
                tr("Sit well"),
                tr("Sit as you want to sit, about an arm's length from the screen, and look at it."),
            ),
            Stage.COUNT: (tr("Sit well"), tr("Head over the shoulders, shoulders loose, back long.")),
            Stage.HOLD: (tr("Keep it for five seconds"), tr("Breathe, and look at the screen.")),
            Stage.DONE: (tr("Calibrated"), tr("From now on your posture is compared with this one.")),
            Stage.FAILED: (tr("That did not work"), self._text.text() or tr("You could not be seen well enough.")),
        }[stage]
        self._title.setText(title)
        self._text.setText(text)
        next_button = {Stage.CHOOSE: self._begin, Stage.DONE: self._finish, Stage.FAILED: self._again}
        if self.isVisible():  # else the focus wanders off with the button that is hidden
            next_button.get(stage, self._cancel).setFocus()
        self.update()

    def _start(self) -> None:
        self._count = COUNT_FROM
        self._big.setText(str(self._count))
        self._enter(Stage.COUNT)
        self._timer.start()

    def _tick(self) -> None:
        self._count -= 1
        self._big.setText(str(self._count))
        self._big.setAccessibleName(str(self._count))
        if self._count <= 0:
            self._timer.stop()
            self._bar.setValue(0)
            self._enter(Stage.HOLD)
            name = self._name.currentText().strip() or tr(NAMES[0])
            self.begun.emit(self.seat, name, self._standing.isChecked(), self._remember.isChecked())

    @property
    def seat(self) -> Seat:
        """What is chosen."""
        return "front" if self._front.isChecked() else "side"

    def _take_back(self) -> None:
        self.undone.emit()
        self.close_over()

    def _abandon(self) -> None:
        if self.stage is Stage.HOLD:
            self.given_up.emit()
        self.close_over()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(11, 13, 16, 110))
        pen = QPen(QColor(theme.CANVAS.ink), 3)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.drawPath(outline(self.seat, QRectF(self.rect())))
        painter.end()


def outline(seat: Seat, box: QRectF) -> QPainterPath:
    """Where head and shoulders belong, in the upper middle of `box`: from the front, or from the side."""
    unit = min(box.width(), box.height() * 1.3) / 10
    x, y = box.center().x(), box.top() + box.height() * 0.30
    path = QPainterPath()
    head = 1.0 if seat == "front" else 1.15
    path.addEllipse(QPointF(x, y), head * unit, 1.35 * unit)
    if seat == "front":
        path.moveTo(x - 2.9 * unit, box.bottom())
        path.cubicTo(x - 2.9 * unit, y + 2.3 * unit, x - 1.2 * unit, y + 2.4 * unit, x - 0.5 * unit, y + 1.5 * unit)
        path.moveTo(x + 2.9 * unit, box.bottom())
        path.cubicTo(x + 2.9 * unit, y + 2.3 * unit, x + 1.2 * unit, y + 2.4 * unit, x + 0.5 * unit, y + 1.5 * unit)
        return path
    path.moveTo(x - 1.4 * unit, box.bottom())
    path.cubicTo(x - 1.7 * unit, y + 3.0 * unit, x - 1.0 * unit, y + 2.0 * unit, x - 0.6 * unit, y + 1.4 * unit)
    path.moveTo(x + 1.2 * unit, box.bottom())
    path.cubicTo(x + 1.5 * unit, y + 3.2 * unit, x + 0.9 * unit, y + 2.4 * unit, x + 0.3 * unit, y + 1.5 * unit)
    return path
