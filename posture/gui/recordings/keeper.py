"""The vault as the window sees it: missing, locked, opening or open. It locks itself, and Qt's thread never waits."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from PyQt6.QtCore import QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication

from posture.gui import told
from posture.gui.recordings.errands import Errands
from posture.gui.recordings.safe import Item
from posture.gui.recordings.turning import Clip
from posture.vault.library import Retained
from posture.vault.recipient import Secret
from posture.vault.ring import FEW_DAYS

_LOOK_EVERY_MS = 1000
_RETAIN_EVERY_S = 3600.0
_REFRESH_EVERY_S = 30.0
"""How often an open list is looked at anew by itself: clips come, and a share may have others."""
_USE = frozenset({
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel,
    QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
})  # fmt: skip


class Safe(Protocol):
    """Vault and recordings of this user, as `safe.py` has them. Every method may take its time, and all are called in
    one thread one after the other; but `lock` from Qt's thread, which returns at once, `clip` from a player's, and
    `keyring` from a thread of its own: the keyring of a system may never answer.
    """

    def secrets(self, key_id: bytes) -> Secret | None:
        """Of the open vault: implements `posture.vault.recipient.Secrets`. May be called from any thread."""

    def there(self) -> bool:
        """Whether there is a vault."""

    def keyring(self) -> bool:
        """Whether the keyring of the system opens it; where there is no vault, whether there is such a keyring."""

    def make(self, passphrase: str, *, keyring: bool) -> None:
        """Make the vault and open it. Raises PostureError."""

    def unlock(self, passphrase: str | None) -> Sequence[str]:
        """Open it and make keys for the days to come; None asks the keyring. Warnings, in sentences. PostureError."""

    def lock(self) -> None:
        """Forget every secret."""

    def days_left(self) -> int:
        """Days, beginning today, for which something can be recorded. Raises PostureError."""

    def retain(self) -> Retained | None:
        """Erase what is kept long enough; None where there is no vault. Raises PostureError."""

    def items(self) -> Sequence[Item]:
        """The recordings, newest first; while locked, what can be known of them then. Raises PostureError."""

    def clip(self, item: Item) -> Clip:
        """Open one for playing. Raises PostureError, OSError."""

    def export(self, item: Item, path: Path, reason: str) -> bool:
        """Write the video, decrypted and without metadata; whether all of it could be read. Raises PostureError."""

    def delete(self, items: Sequence[Item]) -> None:
        """Delete the files that are here. Raises PostureError."""

    def keep(self, items: Sequence[Item], until: date) -> None:
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
    refused = pyqtSignal(object)
    """The vault was not made or not opened: the error that says why."""
    failed = pyqtSignal(str)
    """Something else did not work: why, and what to do."""
    done = pyqtSignal(str, object)
    """What has happened: "exported" or "exported in part" and where to; "deleted", "kept" or "expired" and how many."""

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
        self._errands, self._keyring_asked = Errands(self), Errands(self)
        self._used_s = self._looked_s = clock()
        self._retained_s = -_RETAIN_EVERY_S + self._used_s
        self._round = 0
        """Counts locks: what began before one brings nothing after it."""
        self.door = Door.UNKNOWN
        self.has_keyring = False
        self.days_left = 0
        self.items: tuple[Item, ...] = ()
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
        if not self._keyring_asked.busy:  # one that hangs is not asked again, and nothing else waits for it
            self._keyring_asked.run(self._safe.keyring, self._take_keyring, self._tell)

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
        self.door, self.items = Door.LOCKED, ()
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

    def clip(self, item: Item) -> Callable[[], Clip]:
        """What opens `item` for a `Reel`, in the reel's thread."""
        return lambda: self._safe.clip(item)

    def export(self, item: Item, path: Path, reason: str) -> None:
        """After a person said yes."""

        def written(whole: bool) -> None:
            self.done.emit("exported" if whole else "exported in part", path)

        self._errands.run(lambda: self._safe.export(item, path, reason), written, self._tell)

    def delete(self, items: Sequence[Item]) -> None:
        """After a person said yes."""
        self._do(lambda: self._safe.delete(items), "deleted", len(items))

    def keep(self, items: Sequence[Item], until: date) -> None:
        """Longer than usual."""
        self._do(lambda: self._safe.keep(items, until), "kept", len(items))

    def close(self) -> None:
        """The program ends: it locks, and nobody hears of anything any more."""
        self.blockSignals(True)
        self.lock()
        self._timer.stop()
        self._errands.close()
        self._keyring_asked.close(0.0)

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

    def _open(self, errand: Callable[[], Sequence[str] | None], otherwise: Door) -> None:
        if self.door is Door.OPENING:
            return
        number = self._round
        self.door = Door.OPENING
        self.changed.emit()
        self._errands.run(
            errand,
            lambda warnings: self._opened(number, warnings or ()),
            lambda error: self._refused(number, otherwise, error),
        )

    def _opened(self, number: int, warnings: Sequence[str]) -> None:
        if number != self._round:  # locked meanwhile: it stays locked
            self._safe.lock()
            return
        self.door = Door.OPEN
        self.touch()
        self._listen(True)
        self.changed.emit()
        self.listed.emit()
        self.look()
        if warnings:
            self.failed.emit(" ".join(warnings))

    def _refused(self, number: int, otherwise: Door, error: BaseException) -> None:
        if number == self._round:
            self.door = otherwise
            self.changed.emit()
            self.refused.emit(error)

    def _do(self, errand: Callable[[], object], what: str, how: object) -> None:
        def happened(_: object) -> None:
            self.done.emit(what, how)
            self.look()

        def did_not(error: BaseException) -> None:
            self._tell(error)
            self.look()

        self._errands.run(errand, happened, did_not)

    def _state(self) -> "_State":
        """In the errands' thread."""
        number, there = self._round, self._safe.there()
        gone = 0
        if self._clock() - self._retained_s >= _RETAIN_EVERY_S:
            self._retained_s = self._clock()
            retained = self._safe.retain()
            gone = len(retained.removed) if retained is not None else 0
        days = self._safe.days_left() if there else 0
        return _State(number, there, days, tuple(self._safe.items()), gone)

    def _take_keyring(self, there: bool) -> None:
        self.has_keyring = there
        self.changed.emit()

    def _take_state(self, state: "_State") -> None:
        if state.round != self._round:
            return
        self.days_left = state.days
        if self.door in (Door.UNKNOWN, Door.MISSING, Door.LOCKED):
            self.door = Door.LOCKED if state.there else Door.MISSING
        self.changed.emit()
        if state.items != self.items:
            self.items = state.items
            self.listed.emit()
        if state.gone:
            self.done.emit("expired", state.gone)

    def _tell(self, error: BaseException) -> None:
        self.failed.emit(told.of(error))


class _State(NamedTuple):
    """What the errands' thread found."""

    round: int
    there: bool
    days: int
    items: tuple[Item, ...]
    gone: int
    """How many recordings were due and are deleted."""
