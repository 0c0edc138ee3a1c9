"""The thread that decodes a clip. Qt's thread only says what it wants and takes the newest picture; neither waits."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from posture.gui import told
from posture.gui.recordings.turning import Clip, Moment, Turning, Wish

CLOSE_S = 5.0
"""How long `close` waits for a share that does not answer."""


class Reel(QObject):
    """One for each clip that is looked at. Made, asked and closed on Qt's thread."""

    arrived = pyqtSignal()
    """There is a moment that nobody took."""

    def __init__(
        self, open_clip: Callable[[], Clip], clock: Callable[[], float] = time.monotonic, parent: QObject | None = None
    ) -> None:
        """`open_clip` is called in the thread."""
        super().__init__(parent)
        self._open, self._clock = open_clip, clock
        self._changed = threading.Condition()
        self._wish = Wish()
        self._stirred = self._closed = self._waking = False
        self._moment = Moment()
        self._thread = threading.Thread(target=self._run, name="reel", daemon=True)
        self._thread.start()

    def connect(self, slot: Callable[[], None]) -> None:
        """Call `slot` on Qt's thread whenever there is something new."""
        self.arrived.connect(slot, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    def take(self) -> Moment:
        """The newest moment."""
        with self._changed:
            self._waking = False
            return self._moment

    @property
    def playing(self) -> bool:
        """Whether it plays, or will as soon as it can."""
        return self._wish.playing

    def play(self, speed: float = 1.0) -> None:
        """Go on from here, or anew from the beginning where it is at its end."""
        self._want(playing=True, speed=speed)

    def pause(self) -> None:
        """Stand still."""
        self._want(playing=False)

    def seek(self, time_s: float) -> None:
        """Show that moment; playing goes on from there."""
        self._want(seek_s=max(0.0, time_s), step=0)

    def step(self, pictures: int) -> None:
        """Stand still, so many pictures on or back."""
        with self._changed:
            pending = self._wish.step
        self._want(playing=False, step=pending + pictures)

    def show(self, view: tuple[int, int], *, overlay: bool) -> None:
        """For a view of that size from now on."""
        self._want(view=view, overlay=overlay)

    def close(self) -> None:
        """End: no picture of the clip is kept, and its thread lets go of key and file as soon as the disk lets it."""
        with self._changed:
            self._closed = True
            self._moment = Moment()
            self._changed.notify()

    def join(self, within_s: float = CLOSE_S) -> bool:
        """After `close`: whether the thread has ended by then."""
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _want(self, **changes: object) -> None:
        with self._changed:
            self._wish = replace(self._wish, **changes)  # type: ignore[arg-type]
            self._stirred = True
            self._changed.notify()

    # The thread.

    def _run(self) -> None:
        """Its top."""
        clip: Clip | None = None
        try:
            clip = self._open()
            Turning(clip, self._next_wish, self._put, self._clock).turn()
        except BaseException as exc:  # noqa: BLE001 - the top of a thread
            self._put(replace(self._moment, playing=False, message=told.of(exc)))
        finally:
            if clip is not None:
                clip.close()

    def _put(self, moment: Moment) -> None:
        with self._changed:
            if self._closed:
                return
            if not (moment.playing or self._stirred):  # at its end; but who presses Play just now means it
                self._wish = replace(self._wish, playing=False)
            self._moment = moment
            if not self._waking:
                self._waking = True
                self.arrived.emit()  # within the lock: after `close` this object may be gone

    def _next_wish(self, until_s: float | None) -> Wish | None:
        """What is wanted, as soon as that changes or it is `until_s`; None at the end. Seeks and steps are taken."""
        with self._changed:
            while not (self._closed or self._stirred):
                left_s = None if until_s is None else until_s - self._clock()
                if left_s is not None and left_s <= 0:
                    break
                self._changed.wait(left_s)
            if self._closed:
                return None
            self._stirred = False
            wish = self._wish
            self._wish = replace(wish, seek_s=None, step=0)
            return wish
