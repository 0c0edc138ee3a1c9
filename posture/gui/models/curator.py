"""Between the Models page and its shelf: asks in another thread, and says on Qt's what came of it."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from posture.bench.model import ModelSpeed
from posture.gui import told
from posture.gui.models.shelf import Model, Shelf
from posture.gui.recordings.errands import Errands


class Curator(QObject):
    """One for the program; outlives the window's inside, and so do the speeds that were measured."""

    looked = pyqtSignal()
    """`models` is another one."""
    measured = pyqtSignal(str)
    """The speed of that one is known, or its measuring ended."""
    added = pyqtSignal(object)
    """Names."""
    removed = pyqtSignal(str)
    failed = pyqtSignal(str)
    """Something did not work: why, and what to do."""

    def __init__(self, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._looks, self._acts = Errands(self), Errands(self)
        self._end: Callable[[], None] | None = None
        self._stopped = False
        self.models: tuple[Model, ...] | None = None
        self.speeds: dict[str, ModelSpeed] = {}
        self.measuring = ""
        """Name of the one that is measured now."""

    @property
    def looking(self) -> bool:
        """Whether somebody looks now."""
        return self._looks.busy

    @property
    def acting(self) -> bool:
        """Whether something is measured, added or removed now."""
        return self._acts.busy

    def look(self) -> None:
        """Read and verify all models."""
        if not self._looks.busy:
            self._looks.run(self._shelf.look, self._take, self._tell)

    def measure(self, name: str) -> None:
        """See how fast it is, in a process of its own."""
        if self.measuring:
            return
        self.measuring, self._stopped = name, False
        self._acts.run(
            lambda: self._shelf.measure(name, self._started),
            lambda speed: self._done(name, speed),
            lambda error: self._done(name, None, error),
        )
        self.measured.emit(name)

    def stop(self) -> None:
        """End the process that measures."""
        self._stopped = True
        if (end := self._end) is not None:
            end()

    def add(self, folder: Path, hashes: frozenset[str]) -> None:
        """After a person said yes."""
        self._acts.run(lambda: self._shelf.add(folder, hashes), self._added, self._tell)

    def remove(self, name: str) -> None:
        """After a person said yes."""
        self._acts.run(lambda: self._shelf.remove(name), lambda _: self._removed(name), self._tell)

    def close(self) -> None:
        """The program ends: nobody hears of anything any more."""
        self.blockSignals(True)
        self.stop()
        self._looks.close()
        self._acts.close()

    def _started(self, end: Callable[[], None]) -> None:
        """In the thread of the errands."""
        self._end = end
        if self._stopped:
            end()

    def _done(self, name: str, speed: ModelSpeed | None, error: BaseException | None = None) -> None:
        self.measuring, self._end = "", None
        if speed is not None:
            self.speeds[name] = speed
        self.measured.emit(name)
        if error is not None and not self._stopped:
            self._tell(error)

    def _take(self, models: tuple[Model, ...]) -> None:
        self.models = models
        self.looked.emit()

    def _added(self, names: tuple[str, ...]) -> None:
        self.added.emit(names)
        self.look()

    def _removed(self, name: str) -> None:
        self.speeds.pop(name, None)
        self.removed.emit(name)
        self.look()

    def _tell(self, error: BaseException) -> None:
        self.failed.emit(told.of(error))
