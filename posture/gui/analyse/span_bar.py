"""From where to where: marks a stretch of time, and what can be done with it."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QInputDialog, QToolButton, QWidget

from posture.gui.words import tr

LEAST_S = 1e-3
Span = tuple[float, float]


class SpanBar(QWidget):
    """Knows what is marked. The page says where one is when a mark is set."""

    in_asked = pyqtSignal()
    out_asked = pyqtSignal()
    marked = pyqtSignal()
    """`span` is another one."""
    left_out = pyqtSignal()
    """What is marked does not count."""
    named = pyqtSignal(str)
    """What is marked is a part of the task with this name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.span: Span | None = None
        self.set_in, self.set_out = tool(tr("In"), tr("From here (I)")), tool(tr("Out"), tr("Up to here (O)"))
        self.clear = tool(tr("Clear"), tr("Take the marks of in and out away"))
        self.leave_out = tool(tr("Leave out"), tr("What lies between in and out does not count (X)"))
        self.part = tool(tr("Part of a task…"), tr("Name what lies between in and out, and say what holds there (T)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for one in (self.set_in, self.set_out, self.clear, self.leave_out, self.part):
            row.addWidget(one)
        row.addStretch(1)
        self.set_in.clicked.connect(lambda _=False: self.in_asked.emit())
        self.set_out.clicked.connect(lambda _=False: self.out_asked.emit())
        self.clear.clicked.connect(lambda _=False: self.mark(None))
        self.leave_out.clicked.connect(lambda _=False: self.left_out.emit())
        self.part.clicked.connect(lambda _=False: self.ask_name())
        self.mark(None)

    def mark(self, span: Span | None) -> None:
        """From where to where, in seconds; None marks nothing."""
        self.span = None if span is None else (round(span[0], 3), round(max(span[1], span[0] + LEAST_S), 3))
        for one in (self.clear, self.leave_out, self.part):
            one.setEnabled(span is not None)
        self.marked.emit()

    def mark_in(self, time_s: float, length_s: float) -> None:
        """From this moment on: up to where it was marked, or to the end."""
        end_s = self.span[1] if self.span and self.span[1] > time_s else length_s
        self.mark((time_s, end_s))

    def mark_out(self, time_s: float) -> None:
        """Up to this moment: from where it was marked, or from the beginning."""
        start_s = self.span[0] if self.span and self.span[0] < time_s else 0.0
        self.mark((start_s, time_s))

    def ask_name(self) -> None:
        """What is done in that time; nothing where none is marked."""
        if self.span is None:
            return
        name, yes = QInputDialog.getText(self, tr("Part of a task"), tr("What is done there?"))
        if yes and name.strip():
            self.named.emit(name.strip()[:200])


def tool(text: str, tip: str) -> QToolButton:
    """A small button with a sentence about what it does."""
    made = QToolButton()
    made.setText(text)
    made.setToolTip(tip)
    made.setAccessibleName(text)
    made.setAccessibleDescription(tip)
    return made
