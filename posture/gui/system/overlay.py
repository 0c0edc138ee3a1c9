"""Windows over all others that nobody can click or focus: a glow at the edges of a screen, or a shade over it."""

import sys
from enum import Enum, auto

from PyQt6.QtCore import QRect, Qt, QVariantAnimation
from PyQt6.QtGui import QColor, QGuiApplication, QLinearGradient, QPainter, QPaintEvent, QScreen
from PyQt6.QtWidgets import QWidget

from posture.gui import theme
from posture.gui.words import tr

GLOW_PX, SOLID_PX = 22, 5
"""How far the glow reaches in; a line where nothing can be translucent."""
SHADE_PERCENT = 40
"""How dark the shade is: text beneath stays readable (white on black keeps 7:1)."""
FADE_MS = 700
"""One slow rise and no fall: nothing that could be taken for a flash (WCAG 2.3.1)."""
_GLOW_ALPHA = 235


class Side(Enum):
    """Where a glow lies on its screen."""

    LEFT = auto()
    TOP = auto()
    RIGHT = auto()
    BOTTOM = auto()


class Overlay(QWidget):
    """Lets every click and key through to what is beneath."""

    def __init__(self, box: QRect, *, translucent: bool) -> None:
        """`box`: of the screen."""
        super().__init__()
        self.screen_box = QRect(box)
        kinds = Qt.WindowType
        flags = kinds.Tool | kinds.FramelessWindowHint | kinds.WindowStaysOnTopHint | kinds.NoDropShadowWindowHint
        flags |= kinds.WindowTransparentForInput | kinds.WindowDoesNotAcceptFocus
        if QGuiApplication.platformName() == "xcb":
            flags |= kinds.BypassWindowManagerHint  # else panels push it away from the edge
        self.setWindowFlags(flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, translucent)
        if sys.platform == "darwin":
            self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        self.setWindowTitle("posture")
        self.setAccessibleName(tr("Reminder at the edge of the screen"))
        self.strength = 1.0

    def rise(self, *, at_once: bool) -> None:
        """Show it, slowly or at once."""
        if at_once:
            self.show()
            return
        self.strength = 0.0
        rising = QVariantAnimation(self)
        rising.setDuration(FADE_MS)
        rising.setStartValue(0.0)
        rising.setEndValue(1.0)
        rising.valueChanged.connect(self._grow)
        self.show()
        rising.start()

    def _grow(self, value: float) -> None:
        self.strength = float(value)
        self.update()


class Glow(Overlay):
    """One edge of a screen."""

    def __init__(self, side: Side, box: QRect, *, translucent: bool) -> None:
        super().__init__(box, translucent=translucent)
        self._side, self._translucent = side, translucent
        self.setGeometry(strip(side, box, GLOW_PX if translucent else SOLID_PX))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        colour = QColor(theme.colours().poor)
        if not self._translucent:
            painter.fillRect(self.rect(), colour)
            painter.end()
            return
        colour.setAlpha(round(_GLOW_ALPHA * self.strength))
        inner = QColor(colour)
        inner.setAlpha(0)
        box = self.rect()
        ends = {
            Side.LEFT: (box.topLeft(), box.topRight()),
            Side.TOP: (box.topLeft(), box.bottomLeft()),
            Side.RIGHT: (box.topRight(), box.topLeft()),
            Side.BOTTOM: (box.bottomLeft(), box.topLeft()),
        }[self._side]
        gradient = QLinearGradient(ends[0].toPointF(), ends[1].toPointF())
        gradient.setColorAt(0.0, colour)
        gradient.setColorAt(0.25, colour)
        gradient.setColorAt(1.0, inner)
        painter.fillRect(box, gradient)
        painter.end()


class Shade(Overlay):
    """A whole screen, darker."""

    def __init__(self, box: QRect) -> None:
        super().__init__(box, translucent=True)
        self.setGeometry(box)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, round(255 * SHADE_PERCENT / 100 * self.strength)))
        painter.end()


def strip(side: Side, box: QRect, thick: int) -> QRect:
    """Where a glow lies on the screen `box`; the four do not overlap."""
    inner = box.height() - 2 * thick
    return {
        Side.TOP: QRect(box.left(), box.top(), box.width(), thick),
        Side.BOTTOM: QRect(box.left(), box.bottom() + 1 - thick, box.width(), thick),
        Side.LEFT: QRect(box.left(), box.top() + thick, thick, inner),
        Side.RIGHT: QRect(box.right() + 1 - thick, box.top() + thick, thick, inner),
    }[side]


def glows(screen: QScreen, *, translucent: bool) -> list[Overlay]:
    """The four edges of a screen."""
    return [Glow(side, screen.geometry(), translucent=translucent) for side in Side]


def shades(screen: QScreen) -> list[Overlay]:
    """The whole of a screen."""
    return [Shade(screen.geometry())]
