"""What pages are made of: their head, a ground that scrolls, a dialog that asks."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from posture.gui import theme


def heading(title: str) -> QLabel:
    """What a page is called, at its top."""
    made = QLabel(title)
    theme.sized(made, 1.6, bold=True)
    return made


def headed(page: QWidget, title: str, words: QWidget, *buttons: QWidget) -> QVBoxLayout:
    """Lay `page` out: a head of heading, words and buttons; the rest goes below."""
    head = QHBoxLayout()
    head.setSpacing(16)
    head.addWidget(heading(title))
    head.addWidget(words, 1)
    for button in buttons:
        head.addWidget(button)
    column = QVBoxLayout(page)
    column.setContentsMargins(20, 16, 20, 16)
    column.setSpacing(theme.GAP_PX)
    column.addLayout(head)
    return column


def ground(spacing: int = theme.GAP_PX) -> tuple[QWidget, QVBoxLayout]:
    """What lies in a `scrolling` area, and its column; a margin keeps the bar off what is in it."""
    made = QWidget()
    made.setObjectName("pageground")
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 8, 0)
    column.setSpacing(spacing)
    return made, column


def scrolling(name: str, shown: QWidget | None = None) -> QScrollArea:
    """Up and down, where `shown` is higher than its room; `name` is what a screen reader says."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setAccessibleName(name)
    if shown is not None:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(shown)
    return area


def ask(dialog: QDialog) -> None:
    """Show it over its window, without a loop of its own: locking and quitting can take it away."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.show()
