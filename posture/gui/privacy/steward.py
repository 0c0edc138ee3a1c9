"""Between the Privacy page and its office: asks in other threads, and says on Qt's what came of it."""

import threading
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from posture.gui import told
from posture.gui.privacy.office import Office
from posture.gui.recordings.errands import Errands
from posture.overview import Overview
from posture.rights.access import Cancelled
from posture.rights.erasure import Plan


class Steward(QObject):
    """One for the program; outlives the window's inside. A share that does not answer holds up looking alone."""

    looked = pyqtSignal()
    """`overview` is another one."""
    tried = pyqtSignal(bool, str)
    """The decoding process: whether it has no network, and what was found."""
    verified = pyqtSignal(int, str)
    """So many entries of the audit log hold; or why they do not."""
    progressed = pyqtSignal(int, int, str)
    copied = pyqtSignal(object)
    """`Exported`."""
    planned = pyqtSignal(object)
    """`Plan`."""
    erased = pyqtSignal(object)
    """`Outcome`."""
    failed = pyqtSignal(str)
    """Something did not work: why, and what to do."""
    ended = pyqtSignal()
    """A copy or an erasure is over, however it ended."""

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._looks, self._acts = Errands(self), Errands(self)
        self._stop = threading.Event()
        self._once_more = False
        self.overview: Overview | None = None
        self.decoding: tuple[bool, str] | None = None
        """What trying the decoding process found; it is tried once a program, and when somebody asks."""

    @property
    def looking(self) -> bool:
        """Whether somebody looks now."""
        return self._looks.busy

    @property
    def acting(self) -> bool:
        """Whether something is checked, copied or erased now."""
        return self._acts.busy

    def look(self, *, again: bool = False) -> None:
        """See how everything is. `again`: the decoding process is tried once more."""
        if self._looks.busy:
            self._once_more = True  # what it saw may be older than what was just done
        else:
            self._looks.run(self._office.look, self._take, self._failed_look)
        if again or self.decoding is None:
            self._acts.run(self._office.decoding, self._tried, self._tell)

    def verify(self) -> None:
        """Check the audit log."""
        self._acts.run(
            self._office.verify,
            lambda count: self.verified.emit(count, ""),
            lambda error: self.verified.emit(0, told.of(error)),
        )

    def copy(self, folder: Path, *, clips: bool) -> None:
        """After a person said yes."""
        self._stop.clear()
        told, stop = self.progressed.emit, self._stop.is_set
        self._acts.run(
            lambda: self._office.copy(folder, clips=clips, progress=told, cancelled=stop),
            self._end(self.copied.emit),
            self._end(self._tell),
        )

    def stop(self) -> None:
        """No copy after all; nothing is left of it."""
        self._stop.set()

    def plan(self) -> None:
        """What would go."""
        self._acts.run(self._office.plan, self.planned.emit, self._tell)

    def erase(self, plan: Plan) -> None:
        """After a person typed the word."""
        told = self.progressed.emit
        self._acts.run(lambda: self._office.erase(plan, told), self._end(self.erased.emit), self._end(self._tell))

    def close(self) -> None:
        """The program ends: nobody hears of anything any more."""
        self.blockSignals(True)
        self._stop.set()
        self._looks.close()
        self._acts.close()

    def _end(self, then: Callable[..., object]) -> Callable[..., None]:
        def done(result: object) -> None:
            self.ended.emit()
            then(result)
            self.look()

        return done

    def _take(self, overview: Overview) -> None:
        self.overview = overview
        self.looked.emit()
        self._look_once_more()

    def _failed_look(self, error: BaseException) -> None:
        self._tell(error)
        self._look_once_more()

    def _look_once_more(self) -> None:
        if self._once_more:
            self._once_more = False
            self.look()

    def _tried(self, found: tuple[bool, str]) -> None:
        self.decoding = found
        self.tried.emit(*found)

    def _tell(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(told.of(error))
