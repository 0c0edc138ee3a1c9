"""The rail at the side: one button a page that exists."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from posture.gui import shapes, theme
from posture.gui.words import tr

_ICON_PX = 24
_BESIDE_PX = 26
"""Left and right of the words."""


class Rail(QFrame):
    """Chooses pages; help stands at its end."""

    chosen = pyqtSignal(str)

    def __init__(self, pages: dict[str, str], parent: QWidget | None = None) -> None:
        """`pages`: name of a page (and of its sign) to its title."""
        super().__init__(parent)
        self.setObjectName("rail")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 8, 6, 8)
        column.setSpacing(4)
        for name, title in pages.items():
            button = self._button(name, title)
            button.setCheckable(True)
            self._group.addButton(button)
            self._buttons[name] = button
            column.addWidget(button)
        column.addStretch(1)
        self.help = self._button("help", tr("Help"))
        column.addWidget(self.help)

    def show_page(self, name: str) -> None:
        """Mark the page that shows."""
        self._buttons[name].setChecked(True)

    def _button(self, name: str, title: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIcon(shapes.icon(name, _ICON_PX, theme.colours().ink, self.devicePixelRatioF()))
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        button.setText(title)
        button.setAccessibleName(title)
        theme.sized(button, 0.92)
        button.setMinimumSize(max(72, button.fontMetrics().horizontalAdvance(title) + _BESIDE_PX), 60)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda _=False: self.chosen.emit(name))
        return button
