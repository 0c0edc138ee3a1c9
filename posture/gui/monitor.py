"""What the window needs of the monitor, and how the monitor wakes Qt: one queued signal for each consumption."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import cv2
import numpy as np
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QImage

from posture.appearance import ViewName
from posture.data import Picture
from posture.ergonomics.baseline import Profile, Seat
from posture.live.snapshot import Pause, Snapshot
from posture.reminders import Surroundings
from posture.sinks.recorder_settings import Content


class LiveMonitor(Protocol):
    """The part of `posture.live.Monitor` that the window uses. All methods return at once."""

    view: tuple[int, int] | None
    """Device pixels of the view; None where nobody looks, which costs least."""
    mode: ViewName
    """What the picture of the view is; blurring is the monitor's work."""
    on_wake: Callable[[], None]
    screens: str
    """Key of the set of screens that is connected; a calibration holds for one set."""
    surroundings: Callable[[], Surroundings]
    """Asked once a judgement, on a thread of the monitor."""

    def start(self) -> None:
        """Open the camera and begin."""

    def pause(self, why: Pause) -> None:
        """Close the camera for one more reason."""

    def resume(self, why: Pause) -> None:
        """One reason to rest less."""

    def close(self) -> None:
        """End all threads; the camera is off when this returns."""

    def calibrate(self, seat: Seat, name: str, *, standing: bool = False) -> None:
        """Begin the five seconds that a profile is made of; `standing`: of a place to stand at."""

    def give_up_calibration(self) -> None:
        """End a calibration that is under way; the profile before holds."""

    def undo_calibration(self) -> None:
        """Go back to the profile before the last calibration."""

    def choose(self, person: int | None) -> None:
        """Judge this one of those in view; None: whoever is most like the calibration."""

    def snooze(self, until: datetime | None) -> None:
        """No reminder before `until`; None ends that."""

    def mute(self, on: bool) -> None:
        """No reminder at all, or again."""

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The calibrated places."""

    def record(self, content: Content | None = None) -> None:
        """Record what is monitored from now on; `content` instead of that of the settings."""

    def stop_recording(self) -> None:
        """Record no more; what is in memory is still written."""

    @property
    def here(self) -> tuple[Profile, ...]:
        """Those that were made with the camera and the screens of now: one a name."""

    def remember_profiles(self, on: bool) -> None:
        """Keep them on this computer from now on, or delete what is kept."""

    @property
    def dark(self) -> bool:
        """Whether the camera is closed."""

    def latest(self) -> Snapshot:
        """The newest moment, consumed: for the one who shows it."""

    @property
    def newest(self) -> Snapshot:
        """The same, for those who only ask."""

    def painted(self, snapshot: Snapshot) -> None:
        """`snapshot` is on the screen now."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A snapshot with its picture as Qt paints it."""

    snapshot: Snapshot
    image: QImage | None = None
    pixels: Picture | None = None
    """What `image` lies over; it has to live as long."""


class Bridge(QObject):
    """Hears the monitor on its thread and Qt on the main thread. Newest wins: nothing ever queues up.

    Mirroring is done on the monitor's thread, so that painting stays a copy.
    """

    arrived = pyqtSignal()

    def __init__(self, monitor: LiveMonitor) -> None:
        super().__init__()
        self.monitor = monitor
        self.mirrored = False
        self.unseen = 0
        """Moments that another one replaced before Qt took them."""
        self._newest: Shown | None = None
        self._waking = False
        self._lock = threading.Lock()
        monitor.on_wake = self._wake

    def connect(self, slot: Callable[[], None]) -> None:
        """Call `slot` on the main thread whenever there is something new."""
        self.arrived.connect(slot, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    def aim(self, mode: ViewName, mirrored: bool, size: tuple[int, int], *, visible: bool) -> None:
        """What the view shows from now on, `size` in device pixels; the monitor makes a picture of that size."""
        self.mirrored = mirrored
        self.monitor.mode = mode
        wanted = size if visible and mode != "hidden" and min(size) > 0 else None
        if self.monitor.view != wanted:
            self.monitor.view = wanted

    def take(self) -> Shown:
        """The newest moment, consumed; main thread."""
        with self._lock:
            self._waking = False
            return self.newest

    @property
    def newest(self) -> Shown:
        """The same, for those who only ask."""
        shown = self._newest
        return shown if shown is not None else Shown(self.monitor.newest)

    def _wake(self) -> None:
        """The monitor's thread. A wake-up that Qt has not answered yet is enough for the next one too."""
        shown = prepared(self.monitor.latest(), mirrored=self.mirrored)
        with self._lock:
            if self._waking and self._newest is not None:
                self.unseen += shown.snapshot.captured is not self._newest.snapshot.captured
                shown = replace(shown, snapshot=shown.snapshot.after(self._newest.snapshot))
            self._newest = shown
            emit, self._waking = not self._waking, True
        if emit:
            self.arrived.emit()


def prepared(snapshot: Snapshot, *, mirrored: bool) -> Shown:
    """The snapshot with its picture as an image over the very pixels, turned around where it is to be mirrored."""
    pixels = snapshot.picture
    if pixels is None:
        return Shown(snapshot)
    if mirrored and is_camera(snapshot):
        pixels = np.asarray(cv2.flip(pixels, 1), np.uint8)
    height, width, _ = pixels.shape
    image = QImage(  # type: ignore[call-overload]  # takes any buffer
        pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32
    )
    return Shown(snapshot, image, pixels)


def is_camera(snapshot: Snapshot) -> bool:
    """Whether the picture comes from a camera: only then a mirror is what a person expects."""
    info = snapshot.camera.info if snapshot.camera else None
    return info is not None and info.kind == "camera"
