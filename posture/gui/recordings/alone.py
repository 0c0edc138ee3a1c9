"""One recording in a window of its own: what `posture recordings play` shows. Nothing of it is ever in a file."""

import sys
from collections.abc import Callable
from datetime import date

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget

from posture.appearance import WindowSettings
from posture.errors import PostureError
from posture.gui import theme
from posture.gui.app import Hook, leave
from posture.gui.focus import FocusRing
from posture.gui.recordings import clip_words
from posture.gui.recordings.parts import Caution, label
from posture.gui.recordings.player import Player
from posture.gui.recordings.reel import Reel
from posture.gui.recordings.safe import Item
from posture.gui.recordings.turning import Clip
from posture.gui.theme import Theme
from posture.gui.words import Language, language_of

_SIZE = 960, 700
_STEP_MS = 500


class PlayerWindow(QWidget):
    """Plays at once; closing it, Ctrl+L or Esc ends it."""

    def __init__(self, item: Item, open_clip: Callable[[], Clip]) -> None:
        super().__init__()
        row = clip_words.row(item, date.today())
        self._about = item.entry.about
        self.setWindowTitle(f"{row.when} – posture")
        self.resize(*_SIZE)
        self.player, self.caution = Player(), Caution(row.damage)
        self.failure = ""
        """Why it could not be played, or no further."""
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP_PX, theme.GAP_PX, theme.GAP_PX, theme.GAP_PX)
        column.setSpacing(theme.GAP_PX)
        column.addWidget(self.player, 1)
        column.addWidget(label(" · ".join(filter(None, (row.when, row.about, row.kept)))))
        column.addWidget(self.caution)
        self.ring = FocusRing(self)
        for keys in ("Ctrl+L", "Ctrl+Shift+L", "Ctrl+Q", "Esc"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)
        self.player.failed.connect(self._failed)
        self.player.opened.connect(self._opened)
        reel = Reel(open_clip)
        self.player.show_reel(reel, lines=self._about is None or self._about.content != "skeleton")
        reel.play()
        self.player.picture.setFocus()

    def _opened(self) -> None:
        moment = self.player.moment
        if moment.torn:
            whole_s = self._about.length_s if self._about else None
            self.caution.say(clip_words.readable(moment.length_s, whole_s))

    def _failed(self, why: str) -> None:
        self.failure = why
        if self.player.moment.shown is None:
            self.close()
            leave()
        else:
            self.caution.say(why)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: D102 - Qt's
        self.player.show_reel(None)
        super().closeEvent(event)


def play(
    item: Item,
    open_clip: Callable[[], Clip],
    settings: WindowSettings,
    lock_after_s: float,
    application: QApplication | None = None,
) -> None:
    """Show it until the window is closed, or nobody has used it for `lock_after_s`. Raises PostureError where it cannot
    be played.
    """
    application = application or QApplication(sys.argv[:1])
    application.setApplicationName("posture")
    Theme(application).use(settings)
    language = Language(application)
    language.use(language_of(settings.language))
    window = PlayerWindow(item, open_clip)
    idle = QTimer(window)
    idle.setSingleShot(True)
    idle.setInterval(round(1000 * lock_after_s))
    idle.timeout.connect(window.close)
    window.player.used.connect(idle.start)
    idle.start()
    step = QTimer(window)  # Python hears Ctrl+C at its next step
    step.timeout.connect(lambda: None)
    step.start(_STEP_MS)
    before, sys.excepthook = sys.excepthook, Hook(window.caution.say)
    try:
        if not window.failure:
            window.show()
            application.exec()
    finally:
        sys.excepthook = before
        window.close()
        language.use("en")
    if window.failure:
        raise PostureError(window.failure)
