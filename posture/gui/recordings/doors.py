"""Before the list: making the vault, and opening it. Both only ask; what happens then is the keeper's."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.recordings.fields import Passphrase, StrengthBar
from posture.gui.recordings.parts import label, main_button
from posture.gui.recordings.signs import Padlock
from posture.gui.recordings.strength import Level, strength
from posture.gui.words import tr

_WIDE_LINES = 30
"""Width of a door, in heights of a line."""


class Door(QFrame):
    """A sign, a title, a sentence; below it what a subclass adds."""

    def __init__(self, title: str, text: str, *, shut: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(_WIDE_LINES * self.fontMetrics().height())
        self.problem = label("", soft=False)
        self.problem.hide()
        heading = QLabel(title)
        theme.sized(heading, 1.5, bold=True)
        heading.setWordWrap(True)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(Padlock(44, shut=shut), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(heading)
        words.addWidget(label(text))
        top.addLayout(words, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(28, 24, 28, 24)
        self.column.setSpacing(14)
        self.column.addLayout(top)

    def say_problem(self, text: str) -> None:
        """Why it did not work; nothing takes it away."""
        self.problem.setText(f"▲  {text}" if text else "")
        self.problem.setAccessibleName(text)
        self.problem.setVisible(bool(text))


class Making(Door):
    """A passphrase, twice; what it means to lose it; the keyring, where there is one."""

    made = pyqtSignal(str, bool)
    """The passphrase, and whether the keyring is to open the vault too."""

    def __init__(self, keep_days: int, *, keyring: bool, parent: QWidget | None = None) -> None:
        text = tr(
            "Each recording is encrypted before it reaches the disk. The keys to read them are made now, one for each "
            "day, and only your passphrase opens them."
        )
        super().__init__(tr("Make a vault for recordings"), text, shut=False, parent=parent)
        self.first, self.second = Passphrase(tr("Passphrase")), Passphrase(tr("The same again"))
        self.strength = StrengthBar()
        self.keyring = QCheckBox(tr("My login opens it too (system keyring)"))
        self.keyring.setAccessibleName(self.keyring.text())
        self.keyring.setAccessibleDescription(tr("Whoever uses this account while you are logged in can open it."))
        self.understood = QCheckBox(tr("I keep the passphrase safe"))
        self.understood.setAccessibleName(self.understood.text())
        self.make = main_button(tr("Make the vault"))
        self._lay_out(keep_days)
        self.offer_keyring(keyring)
        for passphrase in (self.first, self.second):
            passphrase.changed.connect(lambda _: self._look())
            passphrase.entered.connect(self._make)
        self.understood.toggled.connect(lambda _: self._look())
        self.make.clicked.connect(lambda _=False: self._make())
        self._look()
        self.setFocusProxy(self.first)

    def offer_keyring(self, on: bool) -> None:
        """Where the system has one."""
        self.keyring.setVisible(on)
        self._keyring_hint.setVisible(on)

    def show_busy(self, on: bool) -> None:
        """While it is made."""
        self.make.setText(tr("Making the keys …") if on else tr("Make the vault"))
        for part in (self.first, self.second, self.keyring, self.understood):
            part.setEnabled(not on)
        self._look()
        self.make.setEnabled(self.make.isEnabled() and not on)

    def clear(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.second.clear()
        self.say_problem("")

    def _lay_out(self, keep_days: int) -> None:
        self.column.addWidget(self.first)
        self.column.addWidget(self.strength)
        self.column.addWidget(self.second)
        below = QVBoxLayout()
        below.setSpacing(2)
        below.addWidget(self.keyring)
        self._keyring_hint = label(self.keyring.accessibleDescription())
        self._keyring_hint.setIndent(24)
        below.addWidget(self._keyring_hint)
        self.column.addLayout(below)
        warning = QFrame()
        warning.setObjectName("warning")
        inside = QVBoxLayout(warning)
        inside.setContentsMargins(14, 10, 14, 10)
        inside.setSpacing(6)
        title = label(tr("▲  There is no way back in without it"), soft=False)
        theme.sized(title, 1.0, bold=True)
        inside.addWidget(title)
        text = tr("Nobody can reset a lost passphrase, and no recording can be read again without it.")
        inside.addWidget(label(text, soft=False))
        inside.addWidget(self.understood)
        self.column.addWidget(warning)
        kept = tr("Recordings are kept for {days} days; then their key is deleted (Settings).", days=keep_days)
        self.column.addWidget(label(kept))
        self.column.addWidget(self.problem)
        self.column.addWidget(self.make, 0, Qt.AlignmentFlag.AlignRight)

    def _look(self) -> None:
        now = strength(self.first.text)
        self.strength.show_strength(now)
        same = self.first.text == self.second.text
        strong = now.level in (Level.FAIR, Level.GOOD)
        self.make.setEnabled(strong and same and self.understood.isChecked())
        if not same and self.second.text and not self.first.text.startswith(self.second.text):
            self.say_problem(tr("The two are not the same."))
        elif self.problem.text():
            self.say_problem("")

    def _make(self) -> None:
        if self.make.isEnabled():
            self.made.emit(self.first.text, self.keyring.isVisible() and self.keyring.isChecked())


class Opening(Door):
    """One field; the keyring where it opens this vault."""

    opened = pyqtSignal(str)
    keyring_asked = pyqtSignal()

    def __init__(self, *, keyring: bool, parent: QWidget | None = None) -> None:
        text = tr("To see, play or export recordings. Recording goes on without it.")
        super().__init__(tr("The recordings are locked"), text, shut=True, parent=parent)
        self.passphrase = Passphrase(tr("Passphrase"))
        self.open = main_button(tr("Unlock"))
        self.keyring = QPushButton(tr("Use the system keyring"))
        self.keyring.setAccessibleName(self.keyring.text())
        self.kept = label("")
        self.passphrase.changed.connect(lambda text: self.open.setEnabled(bool(text)))
        self.passphrase.entered.connect(self._open)
        self.open.clicked.connect(lambda _=False: self._open())
        self.keyring.clicked.connect(lambda _=False: self.keyring_asked.emit())
        row = QHBoxLayout()
        row.addWidget(self.keyring)
        row.addStretch(1)
        row.addWidget(self.open)
        self.open.setEnabled(False)
        for part in (self.passphrase, self.problem):
            self.column.addWidget(part)
        self.column.addLayout(row)
        self.keyring.setVisible(keyring)  # not before it has its place: it would be a window
        self.column.addWidget(self.kept)
        self.setFocusProxy(self.passphrase)

    def show_busy(self, on: bool) -> None:
        """While the passphrase is tried, which takes about a second on purpose."""
        self.open.setText(tr("Opening …") if on else tr("Unlock"))
        self.passphrase.setEnabled(not on)
        self.keyring.setEnabled(not on)
        self.open.setEnabled(not on and bool(self.passphrase.text))

    def say_problem(self, text: str) -> None:  # noqa: D102 - see Door
        super().say_problem(text)
        if text:
            self.passphrase.field.selectAll()
            self.passphrase.setFocus()

    def clear(self) -> None:
        """Forget what was typed."""
        self.passphrase.clear()
        self.say_problem("")

    def _open(self) -> None:
        if self.open.isEnabled():
            self.say_problem("")
            self.opened.emit(self.passphrase.text)
