"""The sheet of keys (F1 or ?)."""

from collections.abc import Sequence

from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from posture import __version__
from posture.gui import theme
from posture.gui.shortcuts import SHORTCUTS, Shortcut
from posture.gui.words import tr

Keys = Sequence[tuple[str, str]]


class HelpSheet(QDialog):
    """Every key and what it does."""

    def __init__(self, *, letters: bool, more: Keys = (), page: Keys = (), parent: QWidget | None = None) -> None:
        """`letters`: whether single letters are switched on; `more`: keys of the picture of the page that shows, and
        what they do; `page`: those that work anywhere on it.
        """
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(theme.GAP_PX)
        anywhere = tuple(shortcut for shortcut in SHORTCUTS if not shortcut.letter)
        single = tuple(shortcut for shortcut in SHORTCUTS if shortcut.letter)
        if more:
            single = tuple(Shortcut("", keys, words) for keys, words in more)
            letters = True  # these work in the picture of the page alone
        left, right = QVBoxLayout(), QVBoxLayout()
        beside = QHBoxLayout()
        beside.setSpacing(4 * theme.GAP_PX)
        for half in (left, right):
            half.setSpacing(theme.GAP_PX)
            beside.addLayout(half)
        column.addLayout(beside)
        left.addWidget(_heading(tr("Anywhere")))
        left.addLayout(_grid(anywhere))
        if page:
            right.addWidget(_heading(tr("On this page")))
            right.addLayout(_grid(tuple(Shortcut("", keys, words) for keys, words in page)))
        right.addWidget(_heading(tr("While the picture has the focus")))
        if letters:
            right.addLayout(_grid(single))
        else:
            off = QLabel(tr("Single letters are switched off in the settings."))
            off.setObjectName("soft")
            right.addWidget(off)
        for half in (left, right):
            half.addStretch(1)
        about = QLabel(tr("posture {version} · works without any network", version=__version__))
        about.setObjectName("soft")
        column.addWidget(about)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAccessibleName(button.text().replace("&", ""))
        column.addWidget(buttons)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    theme.sized(label, 1.1, bold=True)
    return label


def _grid(shortcuts: tuple[Shortcut, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    for row, shortcut in enumerate(shortcuts):
        keys = QLabel(QKeySequence(shortcut.keys).toString(QKeySequence.SequenceFormat.NativeText))
        keys.setObjectName("key")
        theme.sized(keys, 1.0, bold=True)
        grid.addWidget(keys, row, 0)
        grid.addWidget(QLabel(tr(shortcut.words)), row, 1)
    grid.setColumnStretch(1, 1)
    return grid
