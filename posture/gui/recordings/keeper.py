"""The vault as the window sees it: missing, locked, opening or open. It locks itself, and Qt's thread never waits."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication

from posture.gui.recordings.errands import Errands
from posture.gui.recordings.turning import Clip
from posture.live.clerk import said

if TYPE_CHECKING:
    from posture.vault.library import Entry

FEW_DAYS = 7
"""With keys for fewer days, the person is asked to unlock, which makes new ones."""
_LOOK_EVERY_MS = 1000
_REFRESH_EVERY_S = 30.0
"""How often an open list is looked at anew by itself: clips come, and a share may have others."""
_USE = frozenset({
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel,
    QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
})  # fmt: skip


class Safe(Protocol):
    """Vault and clips of this user, as `safe.py` has them. Every method may take its time, and is called in one thread
    after the other; only `lock` is called from another one, and returns at once.
    """

    def there(self) -> bool:
        """Whether there is a vault."""

    def keyring(self) -> bool:
        """Whether the keyring of the system may open it; where there is no vault, whether there is such a keyring."""

    def make(self, passphrase: str, *, keyring: bool) -> None:
        """Make the vault and open it. Raises PostureError."""

    def unlock(self, passphrase: str | None) -> None:
        """Open it and make keys for the days to come; None asks the keyring. Raises VaultError."""

    def lock(self) -> None:
        """Forget every secret."""

    def days_left(self) -> int:
        """Days, beginning today, for which something can be recorded."""

    def entries(self) -> "Sequence[Entry]":
        """The clips, newest first; while locked, what can be known of them then."""

    def clip(self, entry: "Entry") -> Clip:
        """Open one for playing. Raises VaultError, SourceError."""

    def export(self, entry: "Entry", path: Path, reason: str) -> None:
        """Write the video, decrypted and without metadata, whole or not at all. Raises PostureError."""

    def delete(self, entries: "Sequence[Entry]") -> None:
        """Delete the files that are here. Raises PostureError."""

    def keep(self, entries: "Sequence[Entry]", until: date) -> None:
        """Keep them through that day. Raises PostureError."""


class Door(StrEnum):
    """What stands before the recordings."""

    UNKNOWN = "unknown"
    """Nobody has looked yet."""
    MISSING = "missing"
    LOCKED = "locked"
    OPENING = "opening"
    """A passphrase is being tried, or a vault is being made."""
    OPEN = "open"


class Keeper(QObject):
    """One for the program; lives on Qt's thread, like every signal of it."""

    changed = pyqtSignal()
    """The door, or what is known of keys."""
    listed = pyqtSignal()
    """The clips."""
    locked = pyqtSignal()
    """Everything that was decrypted has to go now."""
    refused = pyqtSignal(str)
    """The vault was not made or not opened: why."""
    failed = pyqtSignal(str)
    """Something else did not work: why, and what to do."""
    done = pyqtSignal(str, object)
    """What was asked for has happened: "exported" and its path, "deleted" or "kept" and how many."""

    def __init__(
        self,
        safe: Safe,
        lock_after_s: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """`lock_after_s`: so long without use, and it locks."""
        super().__init__(parent)
        self._safe, self._lock_after_s, self._clock = safe, lock_after_s, clock
        self._errands = Errands(self)
        self._used_s = self._looked_s = clock()
        self._round = 0
        """Counts locks: what began before one brings nothing after it."""
        self.door = Door.UNKNOWN
        self.has_keyring = False
        self.days_left = 0
        self.entries: tuple[Entry, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()

    @property
    def is_open(self) -> bool:
        """Whether recordings can be seen."""
        return self.door is Door.OPEN

    @property
    def few_keys(self) -> bool:
        """Whether recording will end within days, unless somebody unlocks."""
        return self.door in (Door.LOCKED, Door.OPEN) and self.days_left < FEW_DAYS

    @property
    def locks_in_s(self) -> float:
        """Until it locks by itself."""
        return max(0.0, self._used_s + self._lock_after_s() - self._clock())

    def look(self) -> None:
        """See what there is: vault, keys, clips."""
        self._looked_s = self._clock()
        self._errands.run(self._state, self._take_state, self._tell)

    def make(self, passphrase: str, *, keyring: bool) -> None:
        """Make the vault; it is open then."""
        self._open(lambda: self._safe.make(passphrase, keyring=keyring), Door.MISSING)

    def unlock(self, passphrase: str | None) -> None:
        """Try a passphrase; None asks the keyring."""
        self._open(lambda: self._safe.unlock(passphrase), Door.LOCKED)

    def lock(self) -> None:
        """At once, whatever is under way; nothing where there is nothing to lock."""
        if self.door not in (Door.OPEN, Door.OPENING):
            return
        self._round += 1
        self.door, self.entries = Door.LOCKED, ()
        self._safe.lock()
        self._listen(False)
        self.locked.emit()
        self.listed.emit()
        self.changed.emit()
        self.look()

    def touch(self) -> None:
        """Somebody uses the program."""
        self._used_s = self._clock()

    def tick(self) -> None:
        """Once a second: lock when it is time."""
        if not self.is_open:
            return
        if self.locks_in_s <= 0:
            self.lock()
        elif self._clock() - self._looked_s >= _REFRESH_EVERY_S and not self._errands.busy:
            self.look()

    def clip(self, entry: "Entry") -> Callable[[], Clip]:
        """What opens `entry` for a `Reel`, in the reel's thread."""
        return lambda: self._safe.clip(entry)

    def export(self, entry: "Entry", path: Path, reason: str) -> None:
        """After a person said yes."""
        self._do(lambda: self._safe.export(entry, path, reason), "exported", path)

    def delete(self, entries: "Sequence[Entry]") -> None:
        """After a person said yes."""
        self._do(lambda: self._safe.delete(entries), "deleted", len(entries))

    def keep(self, entries: "Sequence[Entry]", until: date) -> None:
        """Longer than usual."""
        self._do(lambda: self._safe.keep(entries, until), "kept", len(entries))

    def close(self) -> None:
        """The program ends."""
        self.lock()
        self._timer.stop()
        self._errands.close()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Everything that a person does in a window of the program counts as use."""
        if event is not None and event.type() in _USE:
            self.touch()
        return False

    def _listen(self, on: bool) -> None:
        """Only while it matters: the filter sees every event of the program."""
        application = QApplication.instance()
        if application is None:
            return
        application.removeEventFilter(self)
        if on:
            application.installEventFilter(self)

    def _open(self, errand: Callable[[], None], otherwise: Door) -> None:
        if self.door is Door.OPENING:
            return
        number = self._round
        self.door = Door.OPENING
        self.changed.emit()
        self._errands.run(errand, lambda _: self._opened(number), lambda error: self._refused(number, otherwise, error))

    def _opened(self, number: int) -> None:
        if number != self._round:  # locked meanwhile: it stays locked
            self._safe.lock()
            return
        self.door = Door.OPEN
        self.touch()
        self._listen(True)
        self.changed.emit()
        self.listed.emit()
        self.look()

    def _refused(self, number: int, otherwise: Door, error: BaseException) -> None:
        if number == self._round:
            self.door = otherwise
            self.changed.emit()
            self.refused.emit(said(error))

    def _do(self, errand: Callable[[], None], what: str, how: object) -> None:
        def happened(_: None) -> None:
            self.done.emit(what, how)
            self.look()

        def did_not(error: BaseException) -> None:
            self._tell(error)
            self.look()

        self._errands.run(errand, happened, did_not)

    def _state(self) -> "tuple[int, bool, bool, int, tuple[Entry, ...]]":
        number, there = self._round, self._safe.there()
        keyring = self._safe.keyring()
        return number, there, keyring, self._safe.days_left() if there else 0, tuple(self._safe.entries())

    def _take_state(self, state: "tuple[int, bool, bool, int, tuple[Entry, ...]]") -> None:
        number, there, self.has_keyring, self.days_left, entries = state
        if number != self._round:
            return
        if self.door in (Door.UNKNOWN, Door.MISSING, Door.LOCKED):
            self.door = Door.LOCKED if there else Door.MISSING
        self.changed.emit()
        if entries != self.entries:
            self.entries = entries
            self.listed.emit()

    def _tell(self, error: BaseException) -> None:
        self.failed.emit(said(error))
