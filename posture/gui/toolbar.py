"""Above the picture: camera, start and pause, what is shown, and how loud reminders are."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from PyQt6.QtCore import QLocale, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from posture.appearance import ViewName
from posture.gui import theme
from posture.gui.commands import SNOOZE_MINUTES, SNOOZE_WORDS, Commands
from posture.gui.words import mark, tr
from posture.live.snapshot import Phase

VIEWS: dict[ViewName, str] = {
    "video": mark("Video"),
    "blurred": mark("Blurred"),
    "skeleton": mark("Figure"),
    "hidden": mark("Hidden"),
}
_CAMERA_LETTERS = 22


class Device(Protocol):
    """A camera as `posture.sources.camera.cameras` lists it."""

    @property
    def id(self) -> str:
        """Stays the same from one start to the next."""

    @property
    def name(self) -> str:
        """What a person calls it."""


class Cameras(NamedTuple):
    """The cameras there are, and how one is chosen."""

    listed: Callable[[], tuple[Device, ...]]
    chosen: Callable[[], str]
    """Id of the one that is to be used; empty for the first."""
    choose: Callable[[str], None]


class Toolbar(QWidget):
    """Emits what was asked for; shows what holds."""

    viewed = pyqtSignal(str)
    """A `ViewName` was chosen."""

    def __init__(self, commands: Commands, cameras: Cameras, view: ViewName, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commands, self._cameras = commands, cameras
        self.camera = CameraBox(cameras)
        self.run = QPushButton()
        self.run.setProperty("main", True)
        self.run.clicked.connect(lambda _=False: commands.toggle())
        self.mute = QToolButton()
        self.mute.setCheckable(True)
        self.mute.setChecked(commands.is_muted)
        self.mute.clicked.connect(commands.mute)
        self.snooze = self._snooze_button()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.camera)
        row.addWidget(self.run)
        row.addStretch(1)
        row.addLayout(self._view_buttons(view))
        row.addStretch(1)
        row.addWidget(self.mute)
        row.addWidget(self.snooze)
        commands.muted.connect(self._show_muted)
        commands.snoozed.connect(self._show_snoozed)
        self._show_muted(commands.is_muted)
        self._show_snoozed(commands.snoozed_until)
        self.show_phase(commands.phase)

    def show_phase(self, phase: Phase) -> None:
        """What the button does next."""
        if phase in (Phase.STOPPED, Phase.FAILED):
            text = tr("Start")
        else:
            text = tr("Resume") if phase is Phase.PAUSED else tr("Pause")
        if self.run.text() != text:
            self.run.setText(text)
            self.run.setAccessibleName(text)
            self.run.setAccessibleDescription(tr("Space, while the picture has the focus"))

    def show_view(self, view: ViewName) -> None:
        """Which of the four is pressed."""
        self._views[view].setChecked(True)

    def _view_buttons(self, view: ViewName) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._views: dict[ViewName, QToolButton] = {}
        group = QButtonGroup(self)
        for name, words in VIEWS.items():
            button = QToolButton()
            button.setText(tr(words))
            button.setAccessibleName(tr("Show: {what}", what=tr(words)))
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=name: self.viewed.emit(name))
            group.addButton(button)
            row.addWidget(button)
            self._views[name] = button
        self.show_view(view)
        return row

    def _snooze_button(self) -> QToolButton:
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for minutes in SNOOZE_MINUTES:
            self._entry(menu, tr(SNOOZE_WORDS[minutes]), partial(self._commands.snooze, minutes))
        self._entry(menu, tr("Until tomorrow"), self._commands.snooze_until_tomorrow)
        menu.addSeparator()
        self._awake = self._entry(menu, tr("Remind again now"), self._commands.unsnooze)
        button.setMenu(menu)
        return button

    def _entry(self, menu: QMenu, text: str, act: Callable[[], None]) -> QAction:
        action = QAction(text, menu)
        action.triggered.connect(lambda _=False: act())
        menu.addAction(action)
        return action

    def _show_muted(self, on: bool) -> None:
        self.mute.setChecked(on)
        self.mute.setText(tr("Muted") if on else tr("Mute"))
        self.mute.setAccessibleName(tr("Mute reminders"))

    def _show_snoozed(self, until: datetime | None) -> None:
        self._awake.setEnabled(until is not None)
        clock = QLocale().toString(until.time(), QLocale.FormatType.ShortFormat) if until else ""
        text = tr("Snoozed until {time}", time=clock) if until else tr("Snooze")
        self.snooze.setText(f"{text} ▾")
        self.snooze.setAccessibleName(text)


class CameraBox(QComboBox):
    """The cameras; asked for anew whenever the list is opened."""

    def __init__(self, cameras: Cameras) -> None:
        super().__init__()
        self._cameras = cameras
        self.setAccessibleName(tr("Camera"))
        self.setMinimumHeight(theme.TARGET_PX)
        self.setMinimumContentsLength(_CAMERA_LETTERS)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.fill()
        self.activated.connect(lambda place: self._cameras.choose(str(self.itemData(place) or "")))

    def fill(self) -> None:
        """The cameras that are there now, the chosen one in front."""
        devices, chosen = self._cameras.listed(), self._cameras.chosen()
        self.clear()
        for device in devices:
            self.addItem(device.name, device.id)
        if not devices:
            self.addItem(tr("No camera found"), "")
        place = next((i for i, device in enumerate(devices) if chosen in (device.id, device.name)), 0)
        self.setCurrentIndex(place)
        self.setEnabled(bool(devices) or not chosen)

    def showPopup(self) -> None:  # noqa: D102 - Qt's
        self.fill()
        super().showPopup()


def open_list(toolbar: Toolbar) -> None:
    """Put the focus on the cameras and open their list."""
    toolbar.camera.setFocus(Qt.FocusReason.ShortcutFocusReason)
    toolbar.camera.showPopup()
