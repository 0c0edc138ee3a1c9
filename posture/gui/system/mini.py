"""The mini window: the state in shape and words, and pause, above everything else. Also where there is no tray.

Words and shape change together and at once; the label that a screen reader can follow is that of the main window.
"""

import time

from PyQt6.QtCore import QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.condition import condition
from posture.gui.focus import FocusRing
from posture.gui.recording import Dot, in_short
from posture.gui.system.pausing import Pausing
from posture.gui.system.state_sign import Sign, draw, sign_of
from posture.gui.words import tr
from posture.live.snapshot import Phase, Snapshot
from posture.sinks.recording import Recording

KEYS = "Ctrl+M"
_SIGN_PX = 40


class MiniWindow(QWidget):
    """Small, and always on top where the desktop lets a program do that (Wayland does not)."""

    opened = pyqtSignal()
    """The person wants the whole window."""
    closed = pyqtSignal()

    def __init__(self, pausing: Pausing) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self._pausing = pausing
        self._resting = True
        self._state_sign = _SignBox()
        self._state, self._advice = QLabel(), QLabel()
        theme.sized(self._state, 1.15, bold=True)
        self._advice.setObjectName("soft")
        self._advice.setWordWrap(True)
        self.run = QPushButton()
        self.run.clicked.connect(lambda _=False: self._toggle())
        self.open = QToolButton()
        self.open.setText(tr("Open"))
        self.open.setAccessibleName(tr("Open posture"))
        self.open.clicked.connect(lambda _=False: self.opened.emit())
        self.dot, self.recording = Dot(16), QLabel()
        theme.sized(self.recording, 1.0, bold=True)
        self._sign = QWidget()
        sign = QHBoxLayout(self._sign)
        sign.setContentsMargins(0, 0, 0, 2)
        sign.setSpacing(6)
        sign.addWidget(self.dot)
        sign.addWidget(self.recording, 1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._sign)
        words.addWidget(self._state)
        words.addWidget(self._advice)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.open)
        buttons.addWidget(self.run)
        top = QHBoxLayout()
        top.setSpacing(theme.GAP_PX)
        top.addWidget(self._state_sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP_PX, theme.GAP_PX, theme.GAP_PX, theme.GAP_PX)
        column.addLayout(top, 1)
        column.addLayout(buttons)
        for keys in (KEYS, "Esc"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)
        self.run.setFocus()
        self.ring = FocusRing(self)
        self.setWindowTitle("posture")
        self.setMinimumWidth(round(300 * max(1.0, self.fontMetrics().height() / 17)))

    def see(self, snapshot: Snapshot) -> None:
        """The newest moment."""
        now = condition(snapshot, time.monotonic())
        self._state_sign.show_sign(sign_of(snapshot))
        if self._state.text() != now.title:
            self._state.setText(now.title)
            self.run.setAccessibleDescription(now.title)
        if self._advice.text() != now.text:
            self._advice.setText(now.text)
            self._make_room()
            QTimer.singleShot(0, self._make_room)  # a window that has just come up gets its size later
        self._see_recording(snapshot.recording)
        self._resting = snapshot.phase in (Phase.PAUSED, Phase.STOPPED, Phase.FAILED)
        text = tr("Pause")
        if self._resting:
            text = tr("Resume") if snapshot.phase is Phase.PAUSED else tr("Start")
        if self.run.text() != text:
            self.run.setText(text)
            self.run.setAccessibleName(text)

    def _see_recording(self, recording: Recording) -> None:
        words = in_short(recording)
        self.dot.show_phase(recording.phase)
        if self.recording.text() != words or self._sign.isHidden() == bool(words):
            self.recording.setText(words)
            self._sign.setVisible(bool(words))
            self._make_room()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: D102 - Qt's
        super().resizeEvent(event)
        self._make_room()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: D102 - Qt's
        super().closeEvent(event)
        self.closed.emit()

    def _make_room(self) -> None:
        """Longer words need more lines; the size that the person gave it is never taken back."""
        layout = self.layout()
        needed = layout.totalHeightForWidth(self.width()) if layout is not None else 0
        if needed > self.height():
            self.resize(self.width(), needed)

    def _toggle(self) -> None:
        if self._resting:
            self._pausing.resume()
        else:
            self._pausing.pause()


class _SignBox(QWidget):
    """The shape; the words beside it say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.sign = Sign.STOPPED
        self.setFixedSize(_SIGN_PX, _SIGN_PX)

    def show_sign(self, sign: Sign) -> None:
        if sign is not self.sign:
            self.sign = sign
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        draw(painter, self.sign, QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.end()
