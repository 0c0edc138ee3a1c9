"""What arrives from the monitor, for all who show it. Works without a page: tray, reminders and chart miss nothing."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from posture.gui import state_words
from posture.gui.commands import Commands
from posture.gui.condition import Condition, condition
from posture.gui.monitor import Bridge, Shown
from posture.gui.recent import Recent, Sample
from posture.gui.theme import Verdict
from posture.gui.toolbar import Cameras
from posture.live.snapshot import Phase, Snapshot

WORDS_EVERY_S = 0.25
"""Numbers that change with every picture cannot be read."""
_TICK_MS = 1000


@dataclass(frozen=True, slots=True)
class Desk:
    """What the Live page works with; outlives the page when the window is made anew."""

    bridge: Bridge
    commands: Commands
    cameras: Cameras
    recent: Recent
    try_demo: Callable[[], None] | None = None
    remember: Callable[[bool], None] = lambda on: None
    """Says whether profiles are to be kept when the program ends."""
    platform: str = ""
    clock: Callable[[], float] = time.monotonic


class Moments(QObject):
    """Takes every moment from the bridge, once, and remembers one a second."""

    arrived = pyqtSignal(object)
    """Every `Shown`."""
    said = pyqtSignal(object, object)
    """A `Snapshot` and its `Condition`, as often as words can be read, and once a second whether anything arrives."""
    ticked = pyqtSignal()
    """Once a second."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._dark_ignored = False
        self._said_s = -math.inf
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()
        desk.bridge.connect(self.newest)

    def newest(self) -> None:
        """The bridge has something new."""
        self.see(self._desk.bridge.take())

    def see(self, shown: Shown) -> None:
        """Everybody sees it at once; words only so often."""
        self._remember(shown.snapshot)
        self.arrived.emit(shown)
        if self._desk.clock() - self._said_s >= WORDS_EVERY_S:
            self._said_s = self._desk.clock()
            self._say(shown.snapshot)

    def tick(self) -> None:
        """Once a second, whether anything arrives or not: what counts down goes on."""
        self._desk.commands.tick()
        self._said_s = -math.inf
        self._say(self._desk.bridge.newest.snapshot)
        self.ticked.emit()

    def condition(self, snapshot: Snapshot) -> Condition:
        """What it says to a person now."""
        return condition(snapshot, self._desk.clock(), dark_ignored=self._dark_ignored)

    def ignore_dark(self) -> None:
        """The person knows that the picture is black."""
        self._dark_ignored = True
        self.tick()

    def _say(self, snapshot: Snapshot) -> None:
        self.said.emit(snapshot, self.condition(snapshot))

    def _remember(self, snapshot: Snapshot) -> None:
        """One sample a second for chart and trends."""
        judged, seen = snapshot.judgement, snapshot.observation
        if judged is not None and seen is not None and snapshot.phase is Phase.RUNNING:
            self._desk.recent.add(Sample(seen.time_s, verdict(snapshot), judged.state, judged.deviations))


def verdict(snapshot: Snapshot) -> Verdict:
    """What colours say of it."""
    if snapshot.judgement is None or snapshot.phase is not Phase.RUNNING:
        return Verdict.NONE
    return state_words.verdict_of(snapshot.judgement.state, snapshot.reminder)
