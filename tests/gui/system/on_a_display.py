"""Run by test_x11.py on a display of its own, with the network taken away: a cue over a window, and the mini window.

Prints what happened as JSON.
"""

import json
import subprocess
import time
from dataclasses import replace

from played import moment, told
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QColor
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from posture.ergonomics.sitting import State
from posture.gui import theme
from posture.gui.system.cues import Cues
from posture.gui.system.foreground import foreground
from posture.gui.system.mini import MiniWindow
from posture.gui.system.overlay import Glow
from posture.privacy import seccomp
from posture.reminders import Level, Reminder

AT = 2, 300


class Below(QWidget):
    """What the person works in."""

    def __init__(self):
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.BypassWindowManagerHint)
        self.clicks = 0
        self.setStyleSheet("background: #ffffff")
        self.setGeometry(QApplication.primaryScreen().geometry())

    def mousePressEvent(self, event):
        self.clicks += 1


class Pausing:
    def __init__(self):
        self.asked = []

    def pause(self):
        self.asked.append("pause")

    def resume(self):
        self.asked.append("resume")


def colour():
    return QApplication.primaryScreen().grabWindow(0, *AT, 1, 1).toImage().pixelColor(0, 0).name()


def until(holds, limit_s=5.0):
    """Handle events until it holds; after how many milliseconds."""
    begin = time.monotonic()
    while not holds() and time.monotonic() - begin < limit_s:
        QApplication.processEvents()
    return round(1000 * (time.monotonic() - begin)) if holds() else None


def tool(*arguments):
    subprocess.run(["xdotool", *map(str, arguments)], check=True)


def main():
    said = {"filtered": seccomp.take_network()}
    application = QApplication([])
    QTimer.singleShot(30_000, application.quit)
    below = Below()
    below.show()
    QTest.qWaitForWindowExposed(below)
    until(lambda: colour() == "#ffffff")
    there = foreground()
    said["foreground"] = type(there).__name__
    said["translucent"] = there.translucent()
    poor = QColor(theme.colours().poor).name()
    cues = Cues(there, lambda: None, reduced_motion=lambda: True)
    cues.see(replace(moment(State.SLUMP, reminder=Reminder(State.SLUMP, Level.DIM))))
    said["kinds"] = sorted({type(window).__name__ for window in cues.windows})
    if any(isinstance(window, Glow) for window in cues.windows):
        said["shown"] = until(lambda: colour() == poor) is not None
    else:
        said["shown"] = until(lambda: colour() != "#ffffff") is not None
    tool("mousemove", *AT, "click", 1)
    until(lambda: below.clicks == 1)
    said["clicks"] = below.clicks
    cues.see(moment(State.GOOD))
    said["cleared_ms"] = until(lambda: colour() == "#ffffff")
    mini = MiniWindow(Pausing())
    mini.see(moment(State.SLUMP, reminder=told(State.SLUMP)))
    mini.move(300, 200)
    mini.show()
    QTest.qWaitForWindowExposed(mini)
    mini.activateWindow()
    QTest.qWaitForWindowActive(mini)
    tool("key", "space")
    until(lambda: bool(mini._pausing.asked))
    said["mini_asked"] = mini._pausing.asked
    tool("key", "ctrl+m")
    until(lambda: not mini.isVisible())
    said["mini_closed"] = not mini.isVisible()
    print(json.dumps(said))


if __name__ == "__main__":
    main()
