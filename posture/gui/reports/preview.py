"""The pages of a PDF, one below the other, from memory: nothing is written for it.

Each page is rendered when it is first painted, on Qt's thread: `QPdfView` renders in a thread of its own, which crashed
when its document was closed meanwhile.
"""

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtPdf import QPdfDocument
from PyQt6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.words import tr

_GAP_PX, _WIDEST_PX = 12, 900


class Preview(QScrollArea):
    """Shows a PDF; the keys of a scroll area move it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._buffer = QPdfDocument(self), QBuffer(self)
        self.setAccessibleName(tr("Preview of the report"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # a page as wide as there is room for
        self._lay_out()

    @property
    def page_count(self) -> int:
        """Pages that are shown."""
        return self._document.pageCount()

    def show_pdf(self, content: bytes) -> None:
        """Show this instead; empty shows nothing."""
        self.takeWidget()  # the pages of before are gone before their document is
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(content))
        if content:
            self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
            self._document.load(self._buffer)
        self.setAccessibleDescription(tr("{count} pages", count=self.page_count) if content else "")
        self._lay_out()

    def _lay_out(self) -> None:
        ground = QWidget()
        ground.setObjectName("pageground")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP_PX)
        for number in range(max(0, self.page_count)):
            column.addWidget(_Leaf(self._document, number))
        column.addStretch(1)
        self.setWidget(ground)


class _Leaf(QWidget):
    """One page, as wide as there is room for."""

    def __init__(self, document: QPdfDocument, number: int) -> None:
        super().__init__()
        self._document, self._number = document, number
        self._drawn = QImage()
        size = document.pagePointSize(number)
        self._ratio = size.height() / size.width() if size.width() > 0 else 1.4
        # Not fixed: the height would be that of the hint, and a page in a wide window squashed.
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """See QWidget: a page keeps its shape."""
        return True

    def heightForWidth(self, width: int) -> int:
        """See QWidget."""
        return round(min(width, _WIDEST_PX) * self._ratio)

    def sizeHint(self) -> QSize:
        """See QWidget."""
        return QSize(_WIDEST_PX // 2, self.heightForWidth(_WIDEST_PX // 2))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Render it, once for each size, and paint it."""
        size = QSize(self._wide, round(self._wide * self._ratio)) * self.devicePixelRatioF()
        if self._drawn.size() != size:
            self._drawn = self._document.render(self._number, size)
        painter = QPainter(self)
        at = self.rect()
        at.setWidth(self._wide)
        painter.fillRect(at, Qt.GlobalColor.white)  # paper, in every theme
        painter.drawImage(at, self._drawn)
        painter.setPen(QColor(theme.colours().line))
        painter.drawRect(at.adjusted(0, 0, -1, -1))
        painter.end()

    @property
    def _wide(self) -> int:
        return min(self.width(), _WIDEST_PX)
