"""Small parts of which this page is made."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from posture.gui.words import tr


class Caution(QFrame):
    """A line with a triangle, in a frame of its colour; hidden while there is nothing to say."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("warning")
        self.words = label("", soft=False)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(14, 8, 14, 8)
        self.row.addWidget(self.words, 1)
        self.say(text)

    def say(self, text: str) -> None:
        """Nothing hides it."""
        self.words.setText(f"▲  {text}" if text else "")
        self.setVisible(bool(text))


class Note(Caution):
    """One that a person can put away."""

    put_away = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        close = QToolButton()
        close.setText("✕")
        close.setAccessibleName(tr("Close"))
        close.clicked.connect(lambda _=False: self._put_away())
        self.row.addWidget(close)

    def _put_away(self) -> None:
        self.say("")
        self.put_away.emit()


class KeysBar(Note):
    """Over every page but this one: keys are running out. Somebody who put it away is asked again at the next start."""

    asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._away = False
        unlock = button(tr("Unlock…"))
        unlock.clicked.connect(lambda _=False: self.asked.emit())
        self.row.insertWidget(1, unlock)

    def show_days(self, days: int, *, shown: bool) -> None:
        """`days`: for which there are keys."""
        self.say(few_keys(days) if shown and not self._away else "")

    def _put_away(self) -> None:
        self._away = True
        super()._put_away()


def few_keys(days: int) -> str:
    """Why somebody should unlock soon."""
    if days == 0:
        return tr("There is no key left: nothing can be recorded until you unlock once.")
    return tr("Keys are left for {days} days of recording. Unlock once, and there are keys for 35.", days=days)


def label(text: str, *, soft: bool = True) -> QLabel:
    """Words of more than one line."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if soft:
        made.setObjectName("soft")
    return made


def main_button(text: str) -> QPushButton:
    """The one that matters."""
    made = QPushButton(text)
    made.setProperty("main", True)
    made.setAccessibleName(text)
    return made


def button(text: str) -> QPushButton:
    """One of several."""
    made = QPushButton(text)
    made.setAccessibleName(text)
    return made
