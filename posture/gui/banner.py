"""The state banner: a shape, words, and the actions that help; above the picture, or in its middle where none is."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.condition import ACTIONS, Action, Condition
from posture.gui.shapes import Sign
from posture.gui.words import tr

_CENTRAL_LINES = 31
"""Most width in the middle of the picture, in heights of a line."""
_MARGIN_PX = 28


class Banner(QFrame):
    """Shows a `Condition`. The first action is the one that matters."""

    acted = pyqtSignal(str)
    """An `Action` was asked for."""

    def __init__(self, *, central: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._central = central
        self._actions: tuple[Action, ...] = ()
        self.setObjectName("panel")
        self._sign = Sign(56 if central else 32)
        self._title, self._text = QLabel(), QLabel()
        for label in (self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        theme.sized(self._title, 1.5 if central else 1.25, bold=True)
        self._text.setObjectName("soft")
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(8)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(6 if self._central else 2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QVBoxLayout(self) if self._central else QHBoxLayout(self)
        row.setContentsMargins(*((_MARGIN_PX,) * 4 if self._central else (14, 10, 14, 10)))
        row.setSpacing(14)
        middle = Qt.AlignmentFlag.AlignHCenter
        if self._central:
            self.setMaximumWidth(_CENTRAL_LINES * self.fontMetrics().height())
            row.addWidget(self._sign, 0, middle)
            for label in (self._title, self._text):
                label.setAlignment(middle)
            self._buttons.setAlignment(middle)
            row.addLayout(words)
            row.addLayout(self._buttons)
        else:
            row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addLayout(words, 1)
            row.addLayout(self._buttons)

    def show_condition(self, now: Condition, allowed: frozenset[Action]) -> None:
        """Change shape, words and buttons; an action that nobody can answer is not offered."""
        self._sign.show_verdict(now.verdict)
        for label, text in ((self._title, now.title), (self._text, now.text)):
            if label.text() != text:
                label.setText(text)
        self._text.setVisible(bool(now.text))
        actions = tuple(action for action in now.actions if action in allowed)
        if actions != self._actions:
            self._offer(actions)

    def _offer(self, actions: tuple[Action, ...]) -> None:
        self._actions = actions
        while (item := self._buttons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        before = self._before()
        for place, action in enumerate(actions):
            button = QPushButton(tr(ACTIONS[action]))
            button.setProperty("main", place == 0)
            button.setAccessibleName(tr(ACTIONS[action]))
            button.clicked.connect(lambda _=False, action=action: self.acted.emit(action.value))
            self._buttons.addWidget(button)
            if before is not None:  # new ones come last, after everything else in the window
                QWidget.setTabOrder(before, button)
            before = button
        self._fit()

    def _before(self) -> QWidget | None:
        """Where the Tab key is before it comes here. Qt orders nothing after a widget that takes no focus."""
        one = self.previousInFocusChain()
        while one is not None and one is not self:
            if one.focusPolicy() != Qt.FocusPolicy.NoFocus and not self.isAncestorOf(one):
                return one
            one = one.previousInFocusChain()
        return None

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: D102 - Qt's
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Buttons one beneath the other where large text leaves no room beside; then the text has the whole width."""
        buttons = [button for place in range(self._buttons.count()) if (button := self._buttons.itemAt(place))]
        wide = sum(button.sizeHint().width() + self._buttons.spacing() for button in buttons)
        room = self.width() - 2 * _MARGIN_PX if self._central else self.width() // 2
        ways = QBoxLayout.Direction
        self._buttons.setDirection(ways.TopToBottom if wide > room else ways.LeftToRight)
