"""What can be undone: a stack of whole reviews, so that going back is exact."""

from collections.abc import Callable
from datetime import datetime

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from posture.review import NO_REVIEW, Review

Now = Callable[[], datetime]
_MERGED = 1


class Changes(QObject):
    """The review of one file, and the way there."""

    changed = pyqtSignal()

    def __init__(self, review: Review = NO_REVIEW, now: Now = datetime.now, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.review = self._first = review
        self.stack = QUndoStack(self)
        self._now = now

    def make(self, text: str, review: Review, *, again: str = "") -> None:
        """Change the review; `text` names it in the undo menu. Changes with the same `again` in a row are one."""
        if review != self.review:
            self.stack.push(_Whole(self, text, review, again))

    @property
    def touched(self) -> bool:
        """Whether the review says anything that it did not say at first."""
        return self.review != self._first

    @property
    def saved(self) -> bool:
        """Whether all of it stands in a file of the person, or there is nothing to save."""
        return self.stack.isClean() or not self.touched

    def stamp(self) -> str:
        """Now, for a change: ISO 8601 to the minute, as the clock of the computer says."""
        return self._now().isoformat(timespec="minutes")

    def put(self, review: Review) -> None:
        """Called by the stack alone."""
        self.review = review
        self.changed.emit()


class _Whole(QUndoCommand):
    def __init__(self, changes: Changes, text: str, after: Review, again: str) -> None:
        super().__init__(text)
        self._changes, self._before, self._after, self._again = changes, changes.review, after, again

    def redo(self) -> None:
        self._changes.put(self._after)

    def undo(self) -> None:
        self._changes.put(self._before)

    def id(self) -> int:
        return _MERGED if self._again else -1

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        if not isinstance(other, _Whole) or other._again != self._again:
            return False
        self._after = other._after
        return True
