"""The map of data flows as a picture, in the colours of the window."""

from dataclasses import asdict

from PyQt6.QtCore import QByteArray, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.words import tr
from posture.overview import Overview
from posture.privacy.flow_words import Language
from posture.reports.flow_chart import Drawing, drawing


class Chart(QWidget):
    """As wide as its place, in the proportions of the drawing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer = QSvgRenderer(self)
        self.drawn: Drawing | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Diagram of the data flows; the tables say the same"))

    def show_map(self, found: Overview, language: Language) -> None:
        """Draw it anew."""
        shades = {name: str(value) for name, value in asdict(theme.colours()).items()}
        self.drawn = drawing(found.flow, language, found.when, blocked=found.blocked)
        self._renderer.load(QByteArray(self.drawn.coloured(shades, f'"{self.font().family()}"').encode()))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: D102 - Qt's
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: D102 - Qt's
        return 0 if self.drawn is None else round(width * self.drawn.height / self.drawn.width)

    def sizeHint(self) -> QSize:
        """As it was drawn."""
        return QSize() if self.drawn is None else QSize(round(self.drawn.width), round(self.drawn.height))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        if self.drawn is not None:
            painter = QPainter(self)
            scale = min(self.width() / self.drawn.width, self.height() / self.drawn.height)
            self._renderer.render(painter, QRectF(0, 0, self.drawn.width * scale, self.drawn.height * scale))
            painter.end()


class Large(QDialog):
    """The drawing in the size in which it was drawn, or larger with the text of the window."""

    def __init__(self, found: Overview, language: Language, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Data flows"))
        chart = Chart()
        chart.show_map(found, language)
        scale = self.fontMetrics().height() / 15
        chart.setFixedSize(chart.sizeHint() * max(1.0, scale))
        area = QScrollArea()
        area.setWidget(chart)
        area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        area.setAccessibleName(self.windowTitle())
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        for button in close.buttons():
            button.setAccessibleName(button.text().replace("&", ""))
        column = QVBoxLayout(self)
        column.addWidget(area, 1)
        column.addWidget(close)
        screen = self.screen()
        room = screen.availableSize() if screen is not None else QSize(1280, 800)
        self.resize((chart.size() + QSize(60, 90)).boundedTo(room))
