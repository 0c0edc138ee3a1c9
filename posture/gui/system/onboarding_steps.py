"""What the steps of the first run consist of."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QRadioButton, QVBoxLayout, QWidget

from posture.appearance import ViewName
from posture.gui import state_words, theme
from posture.gui.calibrating import Calibrating
from posture.gui.moments import Desk
from posture.gui.monitor import Shown
from posture.gui.picture_view import PictureView
from posture.gui.system.autostart import Entry
from posture.gui.system.login_choice import LoginChoice
from posture.gui.theme import Verdict
from posture.gui.toolbar import VIEWS, CameraBox
from posture.gui.words import mark, tr
from posture.live.snapshot import Phase, Snapshot
from posture.reminders import Level

TITLES = (
    mark("What posture promises"),
    mark("Your camera"),
    mark("How you sit well"),
    mark("How you want to be reminded"),
)
CAMERA, CALIBRATE = 1, 2
_PROMISES = (
    (
        mark("Nothing leaves this computer."),
        mark("It opens no network connection; the status bar says what holds that."),
    ),
    (mark("No picture is stored."), mark("What the camera sees is looked at and forgotten.")),
    (
        mark("The camera is on only when you want it."),
        mark("You start it; it is off while you pause, and while the screen is locked or the computer sleeps."),
    ),
    (
        mark("It says when it cannot judge."),
        mark("In the dark, turned away, or with somebody else close by there is no verdict and no reminder."),
    ),
    (mark("It is no medical device."), mark("It helps to notice habits. It finds and treats no illness.")),
)
_LEVELS = {
    Level.TRAY: mark("Only the icon in the tray, or the mini window, changes its shape."),
    Level.EDGE: mark("A glow at the edges of all screens. You can go on working."),
    Level.DIM: mark("All screens get darker until you sit up. You can go on working."),
    Level.SOUND: mark("One sound, and the icon."),
    Level.NONE: mark("No reminder; the window shows how you sit."),
}


class PromiseStep(QWidget):
    """What the person can rely on."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for title, text in _PROMISES:
            head, body = QLabel(tr(title)), QLabel(tr(text))
            theme.sized(head, 1.1, bold=True)
            body.setObjectName("soft")
            for label in (head, body):
                label.setWordWrap(True)
                column.addWidget(label)
            column.addSpacing(theme.GAP_PX)
        column.addStretch(1)


class CameraStep(QWidget):
    """The camera's picture, for the choice of the camera and for the calibration."""

    def __init__(self, desk: Desk, change: Callable[[dict[str, object]], object]) -> None:
        super().__init__()
        self._desk, self._change = desk, change
        self._phase: Phase | None = None
        self._calibrates = False
        self._text = QLabel()
        self._text.setWordWrap(True)
        self.box = CameraBox(desk.cameras)
        self.start = QPushButton()
        self.start.clicked.connect(lambda _=False: desk.commands.toggle())
        self.calibrate = QPushButton(tr("Calibrate…"))
        self.calibrate.setAccessibleName(tr("Calibrate"))
        self.calibrate.clicked.connect(lambda _=False: self.calibrating.open())
        self.picture = PictureView(desk.bridge.monitor.painted)
        self.picture.resized.connect(self.aim)
        self.calibrating = Calibrating(
            self.picture, lambda: tuple(profile.name for profile in desk.bridge.monitor.here)
        )
        self._wire_calibration()
        self._views = QWidget()
        self._fill_views()
        row = QHBoxLayout()
        row.addWidget(self.box)
        row.addStretch(1)
        row.addWidget(self.calibrate)
        row.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._text)
        column.addLayout(row)
        column.addWidget(self.picture, 1)
        column.addWidget(self._views)
        self.show_part(calibrate=False)
        self.show_moment(desk.bridge.take())

    def show_part(self, *, calibrate: bool) -> None:
        """The camera's own step, or that of the calibration."""
        self._calibrates = calibrate
        self.box.setVisible(not calibrate)
        self._views.setVisible(not calibrate)
        self.calibrate.setVisible(calibrate)
        self._text.setText(
            tr("Sit as you want to sit and press Calibrate: from then on you are compared with yourself.")
            if calibrate
            else tr("Press Start to switch the camera on. Choose here how much of you is shown in the window.")
        )
        if not calibrate:
            self.leave()

    def show_moment(self, shown: Shown) -> None:
        """The newest moment."""
        self.picture.show_moment(shown, _verdict(shown.snapshot), None)
        self.calibrating.see(shown.snapshot)
        phase = shown.snapshot.phase
        if phase is self._phase:
            return
        self._phase = phase
        off = phase in (Phase.STOPPED, Phase.FAILED, Phase.PAUSED)
        text = tr("Start the camera") if off else tr("Camera off")
        self.start.setText(text)
        self.start.setAccessibleName(text)
        self.calibrate.setEnabled(phase is Phase.RUNNING)

    def aim(self) -> None:
        """Ask the monitor for pictures of this size."""
        view = self.picture
        self._desk.bridge.aim(view.mode, view.mirrored, view.device_size(), visible=view.isVisible())

    def leave(self) -> None:
        """End a calibration that nobody looks at any more."""
        if self.calibrating.isVisible():
            self._desk.commands.give_up_calibration()
            self.calibrating.close_over()

    def _wire_calibration(self) -> None:
        commands = self._desk.commands
        self.calibrating.begun.connect(self._begin)
        self.calibrating.undone.connect(commands.undo_calibration)
        self.calibrating.given_up.connect(commands.give_up_calibration)

    def _begin(self, seat: str, name: str, standing: bool, remember: bool) -> None:
        if self._desk.remember is not None:
            self._desk.remember(remember)
        self._desk.commands.calibrate("side" if seat == "side" else "front", name, standing=standing)

    def _fill_views(self) -> None:
        row = QHBoxLayout(self._views)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GAP_PX)
        group = QButtonGroup(self)
        for name in ("skeleton", "blurred", "video"):
            button = QRadioButton(tr(VIEWS[name]))
            button.setAccessibleName(tr("Show: {what}", what=button.text()))
            button.setMinimumHeight(theme.TARGET_PX)
            button.setChecked(name == self.picture.mode)
            button.clicked.connect(lambda _=False, name=name: self._show_as(name))
            group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)

    def _show_as(self, name: ViewName) -> None:
        self.picture.mode = name
        self._change({"window.view": name})
        self.aim()


class ReminderStep(QWidget):
    """How loud, tried at once; and whether the program starts by itself."""

    tried = pyqtSignal(object)
    """A `Level`."""

    def __init__(
        self,
        level: Level,
        change: Callable[[dict[str, object]], object],
        login: Entry | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._change = change
        self.levels: dict[Level, QRadioButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        group = QButtonGroup(self)
        for one, text in _LEVELS.items():
            button, words = QRadioButton(tr(state_words.LEVELS[one])), QLabel(tr(text))
            button.setAccessibleName(button.text())
            button.setAccessibleDescription(words.text())
            button.setMinimumHeight(theme.TARGET_PX)
            button.setChecked(one is level)
            button.clicked.connect(lambda _=False, one=one: self._choose(one))
            words.setObjectName("soft")
            words.setWordWrap(True)
            words.setIndent(theme.TARGET_PX)
            group.addButton(button)
            self.levels[one] = button
            column.addWidget(button)
            column.addWidget(words)
        self.attempt = QPushButton(tr("Show it once"))
        self.attempt.setAccessibleName(tr("Show the reminder once"))
        self.attempt.clicked.connect(lambda _=False: self.tried.emit(self.level))
        column.addSpacing(theme.GAP_PX)
        column.addWidget(self.attempt, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        if login is not None:
            column.addWidget(LoginChoice(login))

    @property
    def level(self) -> Level:
        """The one that is chosen."""
        return next((level for level, button in self.levels.items() if button.isChecked()), Level.EDGE)

    def _choose(self, level: Level) -> None:
        self._change({"reminders.level": level})


def _verdict(snapshot: Snapshot) -> Verdict:
    if snapshot.judgement is None or snapshot.phase is not Phase.RUNNING:
        return Verdict.NONE
    return state_words.verdict_of(snapshot.judgement.state, snapshot.reminder)
