"""Whether posture starts at login: a switch, and exactly what it writes, before it is written."""

from PyQt6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from posture.errors import PostureError
from posture.gui import theme
from posture.gui.system.autostart import Entry
from posture.gui.words import tr

_LINES = 6


class LoginChoice(QWidget):
    """The switch does at once what it says; the text stays in view."""

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry = entry
        self.switch = QCheckBox(tr("Start posture when I log in"))
        self.switch.setAccessibleName(self.switch.text())
        self.switch.setMinimumHeight(theme.TARGET_PX)
        self.switch.setChecked(entry.is_on)
        self.text = QPlainTextEdit(f"{entry.path}\n\n{entry.text}")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(tr("What is written for it, and where"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFixedHeight(round(self.fontMetrics().height() * _LINES))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.switch)
        note = QLabel(tr("The camera stays off until you press Start. This is all that is written:"))
        note.setObjectName("soft")
        note.setWordWrap(True)
        column.addWidget(note)
        column.addWidget(self.text)
        self.switch.clicked.connect(self._switch)

    def _switch(self, on: bool) -> None:
        try:
            if on:
                self._entry.on()
            else:
                self._entry.off()
        except PostureError as exc:
            self.text.setPlainText(str(exc))
        self.switch.setChecked(self._entry.is_on)
