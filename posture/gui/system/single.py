"""One program at a time: a second start brings the window of the first to the front.

Qt's own way is a local socket of QtNetwork, which is not used here. Instead: a lock file, and a file that the second
one writes and the first one takes away.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PyQt6.QtCore import QDeadlineTimer, QFileSystemWatcher, QLockFile, QObject, Qt, QThread, pyqtSignal
from PyQt6.QtWidgets import QWidget

from posture.errors import PostureError
from posture.output import translated, whole_file

LOCK, RAISE = "posture.lock", "posture.raise"
ANSWER_WITHIN_S = 3.0
_LOOK_EVERY_MS = 20
_ADVICE = "check who may write that folder"


class Single(QObject):
    """The lock of one folder. Made on the main thread; `begin` says whether this program is the first."""

    raised = pyqtSignal()
    """Somebody started the program again."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._lock = QLockFile(str(folder / LOCK))
        self._lock.setStaleLockTime(0)  # a lock never grows old: what counts is whether its process lives
        self._watcher: QFileSystemWatcher | None = None

    def begin(self) -> bool:
        """Take the lock; False where another program has it. A lock whose process died is taken over.

        Raises SinkError where the folder cannot be written.
        """
        self._make_folder()
        before = os.umask(0o077)
        try:
            taken = self._lock.tryLock(0)
        finally:
            os.umask(before)
        if not taken:
            self._explain()
            return False
        self._take()  # of a program that gave up asking
        self._watcher = QFileSystemWatcher([str(self._folder)], self)
        self._watcher.directoryChanged.connect(lambda _: self._look())
        return True

    def ask(self, within_s: float = ANSWER_WITHIN_S, wait: Callable[[], None] | None = None) -> None:
        """Have the first program show its window. Raises PostureError where it does not answer, SinkError."""
        with whole_file(self._folder / RAISE, overwrite=True, private=True, advice=_ADVICE) as out:
            out.write(b"show the window\n")
        deadline = QDeadlineTimer(round(within_s * 1000))
        while (self._folder / RAISE).exists():
            if deadline.hasExpired():
                self._take()
                raise PostureError(
                    f"posture already runs as process {self._lock.getLockInfo()[1]} and does not answer: end that "
                    f"process, or remove {self._folder / LOCK} if it is another program"
                )
            (wait or _pause)()

    def end(self) -> None:
        """Give the lock back."""
        if self._watcher is not None:
            self._watcher.deleteLater()
            self._watcher = None
        self._lock.unlock()

    def _look(self) -> None:
        if self._take():
            self.raised.emit()

    def _take(self) -> bool:
        with suppress(FileNotFoundError):
            (self._folder / RAISE).unlink()
            return True
        return False

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise translated(self._folder, exc, _ADVICE) from exc

    def _explain(self) -> None:
        if self._lock.error() is not QLockFile.LockError.LockFailedError:
            raise translated(self._folder / LOCK, PermissionError(13, "permission denied"), _ADVICE)


def _pause() -> None:
    QThread.msleep(_LOOK_EVERY_MS)


def to_front(window: QWidget) -> None:
    """Show, unfold and activate a window, as far as the desktop lets a program do that."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
