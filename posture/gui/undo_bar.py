"""A line that says what was just changed, and takes it back."""

from collections.abc import Callable

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from posture.gui.words import tr

SHOWN_MS = 12_000


class UndoBar(QFrame):
    """Hidden until there is something to take back; goes away by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._undo: Callable[[], None] | None = None
        self._text = QLabel()
        self.button = QPushButton(tr("Undo"))
        self.button.setAccessibleName(tr("Undo"))
        self.button.clicked.connect(self._take_back)
        close = QToolButton()
        close.setText("✕")
        close.setAccessibleName(tr("Close"))
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._expire)
        self.hide()

    def offer(self, text: str, undo: Callable[[], None] | None) -> None:
        """Show `text`; with `undo`, a button for it."""
        self._text.setText(text)
        self._undo = undo
        self.button.setVisible(undo is not None)
        self.show()
        self._timer.start()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def _expire(self) -> None:
        if self.button.hasFocus():
            self._timer.start()  # somebody is about to press it
        else:
            self.hide()

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        self.hide()
        if undo is not None:
            undo()
