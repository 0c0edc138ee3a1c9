"""Which set of screens is connected: a calibration holds for one set, as the person sits another way at another one."""

import hashlib
from collections.abc import Callable, Iterable

from PyQt6.QtCore import QObject, pyqtSlot
from PyQt6.QtGui import QGuiApplication, QScreen

_DIGITS = 16
"""Of the key; two sets of one person never share 64 bits by chance."""


class Screens(QObject):
    """Tells the key of the set now and whenever a screen comes or goes; main thread."""

    def __init__(self, tell: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._tell = tell
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._with)
            application.screenRemoved.connect(self._without)
        self.look()

    @pyqtSlot(QScreen)
    def _with(self, _: QScreen) -> None:
        self.look()

    def look(self) -> None:
        """See which are there."""
        self._tell(key(QGuiApplication.screens()))

    @pyqtSlot(QScreen)
    def _without(self, gone: QScreen) -> None:
        self._tell(key(screen for screen in QGuiApplication.screens() if screen is not gone))


def key(screens: Iterable[QScreen]) -> str:
    """The same for the same screens in any order. A hash: no serial number is kept with a calibration."""
    texts = sorted(
        "\0".join((screen.manufacturer(), screen.model(), screen.serialNumber())).strip("\0") or screen.name()
        for screen in screens
    )
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:_DIGITS]
