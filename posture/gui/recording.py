"""A recording that is under way in words, and the sign of it above every page: nothing hides it while it holds."""

from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.recordings.clip_words import CONTENTS, size
from posture.gui.recordings.player import clock
from posture.gui.told import in_words
from posture.gui.words import tr
from posture.sinks.recording import Phase, Recording

_SIGN_PX = 22
_BOX = 16.0


class Said(NamedTuple):
    """In words: `title` in bold, `text` beside it, `message` where something is wrong."""

    title: str
    text: str
    message: str


def said(recording: Recording) -> Said:
    """What holds; all empty where nothing is recorded and nothing is wrong."""
    what = tr(CONTENTS[recording.content])
    title, text = "", ""
    if recording.phase is Phase.READY:
        title = tr("Ready to record")
        if recording.why == "event":
            text = tr("{content} · waits for an event, nothing is written yet", content=what)
        else:
            text = tr("{content} · waits for a picture", content=what)
    elif recording.phase is Phase.RECORDING:
        title = tr("Recording")
        safe = tr("{time} are safe, {size}", time=clock(recording.safe_s), size=size(recording.safe_bytes))
        text = f"{what} · {safe}"
    elif recording.phase is Phase.ENDING:
        title, text = tr("Recording ends"), tr("{content} · the last seconds are being written", content=what)
    elif recording.phase is Phase.FAILED:
        title = tr("The recording has stopped")
        text = tr("{time} are safe", time=clock(recording.safe_s)) if recording.safe_s else ""
    return Said(title, text, in_words(recording.message))


def in_short(recording: Recording) -> str:
    """For the tray and the title of the window: empty while nothing is recorded."""
    return said(recording).title if recording.shows else ""


def draw_dot(painter: QPainter, phase: Phase, box: QRectF) -> None:
    """A filled dot in a ring while something is recorded, the ring alone while it waits."""
    colour = QColor(theme.colours().poor)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / _BOX, box.height() / _BOX)
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.8, 6.8)
    if phase is not Phase.READY:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(8, 8), 4.2, 4.2)
    painter.restore()


class Dot(QWidget):
    """Beside words that say the same."""

    def __init__(self, side: int = _SIGN_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.phase = Phase.OFF
        self.setFixedSize(side, side)

    def show_phase(self, phase: Phase) -> None:
        """Another one."""
        if phase is not self.phase:
            self.phase = phase
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        draw_dot(painter, self.phase, QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()


class RecordingBar(QFrame):
    """Above the pages. While something is recorded it has no way to go; a failure can be put away once it was read."""

    stopped = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recording")
        self._read: Recording | None = None
        self._recording = Recording()
        self.dot, self._title, self._text, self._message = Dot(), QLabel(), QLabel(), QLabel()
        theme.sized(self._title, 1.0, bold=True)
        self._text.setObjectName("soft")
        self._message.setWordWrap(True)
        for part in (self._title, self._text, self._message):
            part.setTextFormat(Qt.TextFormat.PlainText)
        self.stop = QPushButton(tr("Stop recording"))
        self.stop.setAccessibleName(self.stop.text())
        self.stop.clicked.connect(lambda _=False: self.stopped.emit())
        self.close_button = QPushButton(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))
        self.close_button.clicked.connect(lambda _=False: self._put_away())
        self._lay_out()
        self.show_recording(self._recording)

    def _lay_out(self) -> None:
        words = QHBoxLayout()
        words.setSpacing(10)
        words.addWidget(self._title)
        words.addWidget(self._text, 1)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(words)
        column.addWidget(self._message)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 5, 12, 5)
        row.setSpacing(12)
        row.addWidget(self.dot, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(column, 1)
        row.addWidget(self.stop)
        row.addWidget(self.close_button)

    def show_recording(self, recording: Recording) -> None:
        """The newest state."""
        self._recording = recording
        now = said(recording)
        failed = recording.phase is Phase.FAILED
        self.setVisible(recording.shows or (failed and recording != self._read))
        self.dot.show_phase(recording.phase)
        self.dot.setVisible(not failed)
        for part, text in (
            (self._title, f"▲  {now.title}" if failed else now.title), (self._text, now.text),
            (self._message, now.message if failed or not now.message else f"▲  {now.message}"),
        ):  # fmt: skip
            if part.text() != text:
                part.setText(text)
        self._message.setVisible(bool(now.message))
        self.stop.setVisible(recording.phase in (Phase.READY, Phase.RECORDING))
        self.close_button.setVisible(failed)

    def _put_away(self) -> None:
        self._read = self._recording
        self.hide()
