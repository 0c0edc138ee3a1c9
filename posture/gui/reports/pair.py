"""Two saved analyses, from before and after a change: which files they are."""

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from posture.gui.recordings.parts import button, label
from posture.gui.words import tr
from posture.reports.compared.series import READABLE


class Pair(QWidget):
    """A button for each, and under it the name of the file that was chosen."""

    chosen = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paths: tuple[Path | None, Path | None] = (None, None)
        self._names: list[QLabel] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        self.buttons = [button(tr("Before…")), button(tr("After…"))]
        for place, pressed in enumerate(self.buttons):
            name = label(tr("no file chosen"))
            name.setWordWrap(True)
            name.setTextFormat(Qt.TextFormat.PlainText)
            pressed.clicked.connect(lambda _=False, place=place: self._ask(place))
            column.addWidget(pressed)
            column.addWidget(name)
            self._names.append(name)

    def choose(self, place: int, path: Path) -> None:
        """0 is before, 1 is after."""
        self.paths = (path, self.paths[1]) if place == 0 else (self.paths[0], path)
        shown = self._names[place]
        shown.setText(shown.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, self.width()))
        shown.setToolTip(path.name)
        self.chosen.emit()

    def _ask(self, place: int) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in READABLE)
        name, _ = QFileDialog.getOpenFileName(self, tr("Open a report"), "", f"{tr('Reports')} ({kinds})")
        if name:
            self.choose(place, Path(name))
