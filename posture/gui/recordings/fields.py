"""A field for a passphrase, which can be looked at, and a bar that says how strong it is."""

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.recordings.strength import Level, Strength
from posture.gui.theme import Verdict
from posture.gui.words import tr

MOST_CHARACTERS = 1024
_VERDICTS = {Level.WEAK: Verdict.POOR, Level.FAIR: Verdict.FAIR, Level.GOOD: Verdict.GOOD, Level.NONE: Verdict.NONE}


class Passphrase(QWidget):
    """Its label, the field and a button that shows what was typed."""

    changed = pyqtSignal(str)
    entered = pyqtSignal()
    """Enter was pressed."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(MOST_CHARACTERS)
        self.field.setAccessibleName(label)
        self.field.setMinimumHeight(theme.TARGET_PX)
        self.field.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )  # fmt: skip
        self.field.textChanged.connect(self.changed)
        self.field.returnPressed.connect(self.entered)
        self.eye = QToolButton()
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._show)
        self._show(False)
        words = QLabel(label)
        words.setBuddy(self.field)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        row.addWidget(self.eye)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(words)
        column.addLayout(row)
        self.setFocusProxy(self.field)

    @property
    def text(self) -> str:
        """What was typed."""
        return self.field.text()

    def clear(self) -> None:
        """Forget it, and what could be undone."""
        self.field.clear()
        self.eye.setChecked(False)

    def _show(self, on: bool) -> None:
        self.field.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        text = tr("Hide") if on else tr("Show")
        self.eye.setText(text)
        self.eye.setAccessibleName(tr("Hide the passphrase") if on else tr("Show the passphrase"))


class StrengthBar(QWidget):
    """A bar, hatched as verdicts are everywhere, and the words that say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar, self.words = _Bar(), QLabel()
        self.words.setObjectName("soft")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.bar)
        column.addWidget(self.words)

    def show_strength(self, strength: Strength) -> None:
        """Change both."""
        self.bar.verdict, self.bar.share = _VERDICTS[strength.level], strength.share
        self.bar.update()
        self.words.setText(strength.words)


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.verdict, self.share = Verdict.NONE, 0.0
        self.setFixedHeight(10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.colours().edge), 1))
        painter.setBrush(QColor(theme.colours().surface))
        painter.drawRoundedRect(whole, 4, 4)
        if self.share > 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.brush(self.verdict))
            filled = QRectF(whole.left(), whole.top(), max(8.0, whole.width() * self.share), whole.height())
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                filled.moveRight(whole.right())
            painter.drawRoundedRect(filled.adjusted(1, 1, -1, -1), 3, 3)
        painter.end()
