"""Pictures of what belongs to the program beside its window; for `screenshots.py`, nothing to run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from played import PlayedMonitor, moment, told
from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtGui import QColor, QPainter, QPixmap, QRegion
from PyQt6.QtWidgets import QWidget

from posture.config import Settings
from posture.ergonomics.sitting import State
from posture.gui.system.autostart import FileEntry, desktop_entry
from posture.gui.system.mini import MiniWindow
from posture.gui.system.onboarding import Onboarding
from posture.gui.system.onboarding_steps import TITLES
from posture.gui.system.overlay import Glow, Overlay, Shade, Side
from posture.gui.system.pausing import Pausing
from posture.gui.system.questions import after_a_crash, policy_is_broken, settings_are_unusable
from posture.gui.system.state_sign import Sign, icon
from posture.gui.window import MainWindow
from posture.live.snapshot import Pause, Phase, Snapshot
from posture.reminders import Level

COMMAND = "/usr/bin/posture", "live", "--in-tray"
ENTRY = Path("/home/ada/.config/autostart/posture.desktop")
GONE = (
    "policy 3 was in force on this computer and /etc/posture/policy is gone, so nothing runs that it would bind: ask "
    "whoever administers this computer; they put it back, or withdraw it (`posture privacy policy remove`)"
)
SETTINGS = Path("/home/ada/.config/posture/config.toml")
NO_TOML = (
    f"{SETTINGS} cannot be read: Expected '=' after a key in a key/value pair (at line 4, column 7); fix it, or run "
    "`posture config reset`"
)
GROUNDS = "#f2f2f2", "#202124"
ICON_PX, SMALL_PX, GAP_PX = 64, 22, 24

Take = Callable[[str, QWidget | QPixmap], None]


@dataclass(frozen=True)
class Beside:
    """Everything beside one window."""

    window: MainWindow
    monitor: PlayedMonitor
    take: Take

    def all(self) -> None:
        """Onboarding, mini window, tray, cues, the questions before there is a window."""
        self.steps()
        self.mini()
        self.take("tray", tray())
        ground = self.window.grab()
        box = ground.rect()
        self.take("cue-edge", over(ground, [Glow(side, box, translucent=True) for side in Side]))
        self.take("cue-dim", over(ground, [Shade(box)]))
        unusable = settings_are_unusable(SETTINGS, NO_TOML, SETTINGS.with_suffix(".toml.bak"), Settings())
        questions = {"safe-mode": after_a_crash(), "policy": policy_is_broken(GONE), "settings": unusable}
        for name, box_before in questions.items():
            box_before.show()
            self.take(name, box_before)
            box_before.close()

    def steps(self) -> None:
        """The four steps of the first start."""
        login = FileEntry(ENTRY, desktop_entry(COMMAND, hidden=True))
        self.monitor.play(moment())
        steps = Onboarding(self.window.house.desk, lambda values: None, Level.EDGE, login, self.window)
        steps.show()
        for step in range(len(TITLES)):
            steps.show_step(step)
            self.take(f"onboarding-{step + 1}", steps)
        steps.reject()

    def mini(self) -> None:
        """The small window in three states."""
        small = MiniWindow(Pausing(self.window.house.desk.commands))
        small.show()
        for name, snapshot in {
            "good": moment(),
            "poor": moment(State.SLUMP, reminder=told(State.SLUMP)),
            "paused": Snapshot(Phase.PAUSED, frozenset({Pause.PERSON})),
        }.items():
            small.see(snapshot)
            self.take(f"mini-{name}", small)
        small.close()


def tray() -> QPixmap:
    """Every sign, large and as small as in a tray, on a light and a dark ground."""
    column = ICON_PX + GAP_PX
    made = QPixmap(column * len(Sign) + GAP_PX, len(GROUNDS) * (ICON_PX + SMALL_PX + 3 * GAP_PX))
    half = made.height() // len(GROUNDS)
    painter = QPainter(made)
    for row, ground in enumerate(GROUNDS):
        painter.fillRect(QRect(0, row * half, made.width(), half), QColor(ground))
        for place, sign in enumerate(Sign):
            left, top = GAP_PX + place * column, row * half + GAP_PX
            icon(sign).paint(painter, QRect(left, top, ICON_PX, ICON_PX))
            icon(sign).paint(painter, QRect(left, top + ICON_PX + GAP_PX, SMALL_PX, SMALL_PX))
    painter.end()
    return made


def over(ground: QPixmap, overlays: list[Overlay]) -> QPixmap:
    """What the screen shows with a cue over `ground`."""
    made = QPixmap(ground)
    painter = QPainter(made)
    for overlay in overlays:
        overlay.render(painter, QPoint(overlay.x(), overlay.y()), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return made
