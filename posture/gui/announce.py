"""The live state for a screen reader: a real label that can have the focus, and whose text changes slowly."""

import time
from collections.abc import Callable

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QLabel, QWidget

from posture.gui.words import tr

LEAST_S = 5.0
"""Between two changes: PyQt6 has no way to announce, and a text that runs cannot be read out."""


class LiveState(QLabel):
    """Says the newest text, and never two texts within `LEAST_S`."""

    def __init__(self, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._changed_s = -LEAST_S + clock()
        self._next = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.settle)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(tr("Live state"))

    def say(self, text: str) -> None:
        """Show `text` as soon as it may."""
        self._next = text
        self.settle()

    def settle(self) -> None:
        """Show what waits, if it is time; else ask again then."""
        if self._next == self.text():
            return
        left_s = self._changed_s + LEAST_S - self._clock()
        if left_s > 0:
            self._timer.start(round(left_s * 1000) + 1)
            return
        self._changed_s = self._clock()
        self.setText(self._next)
        self.setAccessibleDescription(self._next)
