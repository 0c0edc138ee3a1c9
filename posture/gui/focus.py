"""One visible ring around whatever has the focus, the same for every kind of control."""

from PyQt6.QtCore import QRectF, pyqtSlot
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QFocusFrame,
    QLineEdit,
    QListWidget,
    QTableView,
    QWidget,
)

from posture.gui import theme

OUTLINED = (QLineEdit, QAbstractSpinBox, QListWidget, QTableView)
"""Have a ring of their own from Qt's style."""


class FocusRing(QFocusFrame):
    """Follows the focus within one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)

    @pyqtSlot(QWidget, QWidget)
    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        inside = new is not None and new.window() is self._window and not isinstance(new, OUTLINED)
        self.setWidget(new if inside else None)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.colours().ink), theme.RING_PX))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.ROUND_PX, theme.ROUND_PX)
        painter.end()
