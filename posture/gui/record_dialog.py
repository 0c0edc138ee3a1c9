"""Before a recording starts: what of the picture is recorded, where it goes and how long it stays."""

from datetime import date, timedelta

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from posture.config import Settings
from posture.gui import theme
from posture.gui.recording import Dot
from posture.gui.recordings.clip_words import CONTENTS
from posture.gui.recordings.dialogs import day
from posture.gui.recordings.keeper import Door, Keeper
from posture.gui.recordings.parts import Caution, button, few_keys, label, main_button
from posture.gui.words import mark, tr
from posture.sinks.recorder_settings import Content
from posture.sinks.recording import Phase
from posture.vault.places import recordings_folders, warning

EXPLAINED: dict[Content, str] = {
    "skeleton": mark("Lines on an empty ground: nobody can be recognised."),
    "background-removed": mark("You, with your face blurred, on an empty ground."),
    "background-blurred": mark("You, with your face blurred; the room cannot be recognised."),
    "faces-blurred": mark("Everything but faces, also the room."),
    "full": mark("Everything that the camera sees."),
}
_WIDE_LINES = 32


class RecordDialog(QDialog):
    """Enter starts; what was chosen last is chosen."""

    started = pyqtSignal(str)
    """With this `Content`."""
    vault_asked = pyqtSignal()
    """To make one, or to unlock it."""

    def __init__(self, settings: Settings, keeper: Keeper, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._keeper = settings, keeper
        self.setWindowTitle(tr("Record"))
        self.setMinimumWidth(_WIDE_LINES * self.fontMetrics().height())
        self._group = QButtonGroup(self)
        self._choices: dict[Content, QRadioButton] = {}
        self.start = main_button(tr("Start recording"))
        self.start.setDefault(True)
        self.start.clicked.connect(lambda _=False: self._start())
        self.vault = button(tr("Make a vault…") if keeper.door is Door.MISSING else tr("Unlock…"))
        self.vault.clicked.connect(lambda _=False: self._ask_vault())
        self.no_keys = Caution(self._why_not())
        self._lay_out(today)
        self.start.setEnabled(not self._why_not())
        self._choices[settings.recorder.content].setChecked(True)
        self._choices[settings.recorder.content].setFocus()

    @property
    def content(self) -> Content:
        """What is chosen."""
        return next(content for content, choice in self._choices.items() if choice.isChecked())

    def _lay_out(self, today: date) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(theme.GAP_PX)
        heading = QLabel(tr("What is to be recorded?"))
        theme.sized(heading, 1.3, bold=True)
        dot = Dot(24)
        dot.show_phase(Phase.READY)
        top = QHBoxLayout()
        top.addWidget(dot)
        top.addWidget(heading, 1)
        column.addLayout(top)
        for content in EXPLAINED:
            column.addLayout(self._choice(content, tr(CONTENTS[content])))
        column.addSpacing(4)
        for text in self._facts(today):
            column.addWidget(label(text))
        copied = warning(recordings_folders(self._settings.vault.folder)[0])
        column.addWidget(Caution(copied))
        column.addWidget(self.no_keys)
        cancel = button(tr("Cancel"))
        cancel.clicked.connect(lambda _=False: self.reject())
        row = QHBoxLayout()
        row.addWidget(self.vault)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.start)
        self.vault.setVisible(self._keeper.door is Door.MISSING or self._keeper.days_left == 0)
        column.addSpacing(6)
        column.addLayout(row)

    def _choice(self, content: Content, words: str) -> QVBoxLayout:
        choice = QRadioButton(words[:1].upper() + words[1:])
        explained = label(tr(EXPLAINED[content]))
        explained.setIndent(26)
        choice.setAccessibleName(choice.text())
        choice.setAccessibleDescription(explained.text())
        theme.sized(choice, 1.0, bold=True)
        if self._settings.recorder.refusal(content):
            choice.setEnabled(False)
            explained.setText(tr("More than may be recorded here."))
            choice.setAccessibleDescription(explained.text())
        self._group.addButton(choice)
        self._choices[content] = choice
        both = QVBoxLayout()
        both.setSpacing(0)
        both.addWidget(choice)
        both.addWidget(explained)
        return both

    def _facts(self, today: date) -> list[str]:
        settings = self._settings
        last = day(today + timedelta(days=settings.vault.keep_days))
        where = recordings_folders(settings.vault.folder)[0]
        return [
            tr("Without sound. Poses and measurements go with it. All of it is encrypted before it reaches the disk."),
            tr("Kept until {day}, in {folder}", day=last, folder=where),
        ]

    def _why_not(self) -> str:
        if not self._settings.recorder.allowed:
            return tr("Recording is not allowed here.")
        if self._keeper.door is Door.MISSING:
            return tr("There is no vault yet: recordings are encrypted, and its keys are needed for that.")
        return few_keys(0) if self._keeper.door is not Door.UNKNOWN and self._keeper.days_left == 0 else ""

    def _start(self) -> None:
        self.started.emit(self.content)
        self.accept()

    def _ask_vault(self) -> None:
        self.reject()
        self.vault_asked.emit()
