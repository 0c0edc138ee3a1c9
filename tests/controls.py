"""The controls of a window as a person without mouse or sight meets them."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QWidget

INSIDE = {"qt_spinbox_lineedit", "qt_scrollarea_viewport"}
"""Parts that Qt makes inside a control that has a name itself."""


def focusable(window: QWidget) -> list[QWidget]:
    found = [w for w in window.findChildren(QWidget) if w.focusPolicy() != Qt.FocusPolicy.NoFocus]
    return [w for w in found if w.objectName() not in INSIDE and not _part_of_a_combo(w)]


def _part_of_a_combo(widget: QWidget) -> bool:
    parent = widget.parent()
    while parent is not None and not parent.inherits("QMainWindow"):
        if (
            parent.inherits("QComboBox")
            or parent.inherits("QHeaderView")
            or parent.inherits("QComboBoxPrivateContainer")
        ):
            return True
        parent = parent.parent()
    return widget.inherits("QHeaderView") or widget.inherits("QScrollBar")


def unnamed(window: QWidget) -> list[str]:
    return [f"{type(w).__name__} {w.objectName()}" for w in focusable(window) if not w.accessibleName()]


def cut_off(window: QWidget) -> list[str]:
    buttons = [w for w in window.findChildren(QAbstractButton) if w.isVisible() and w.text()]
    return [w.text() for w in buttons if w.width() < w.fontMetrics().horizontalAdvance(w.text())]
