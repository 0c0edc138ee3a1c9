"""Monitoring without a window: the time passes on Qt's core alone, and the desktop is heard."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field

import pytest

from posture.gui.system.power import Power
from posture.gui.system.session import Session
from posture.gui.system.session_linux import LoginSession
from posture.gui.system.unseen import Unseen
from posture.live.snapshot import Pause

COMMAND = [sys.executable, "-c", "from posture.cli import main; main()", "live", "--no-window", "--source", "demo"]


@dataclass
class Monitor:
    """Remembers what it was asked."""

    dark: bool = True
    on_wake: object = None
    surroundings: object = None
    asked: list = field(default_factory=list)

    def pause(self, why):
        self.asked.append(("pause", why))

    def resume(self, why):
        self.asked.append(("resume", why))


class Supply(Power):
    def __init__(self, parent):
        super().__init__(parent)
        self.on_battery = True


class Desktop:
    """What is around the program; `then` is what happens at each step."""

    def __init__(self, *then):
        self.said, self._then, self.sessions = [], list(then), []
        self.monitor = Monitor()

    def session(self, camera_is_off, parent):
        self.sessions.append(Session(camera_is_off, parent))
        return self.sessions[-1]

    def run(self, **options):
        watch = Unseen(self.said.append, session=self.session, power=Supply, **options)
        watch(self.monitor, self._step)

    def _step(self):
        if not self._then:
            return False
        self._then.pop(0)(self)
        self.monitor.on_wake()
        return True


def test_what_the_desktop_says_reaches_the_monitor(qapp):
    desktop = Desktop(
        lambda one: one.sessions[0].say(Pause.LOCKED, True),
        lambda one: one.sessions[0].say(Pause.LOCKED, False),
        lambda one: one.monitor.asked.append(one.monitor.surroundings().now.tzinfo is not None),
    )
    desktop.run(pause_on_battery=False)
    assert desktop.monitor.asked == [("pause", Pause.LOCKED), ("resume", Pause.LOCKED), True]
    assert desktop.said == []


def test_on_battery_it_rests_by_choice(qapp):
    desktop = Desktop()
    desktop.run(pause_on_battery=True)
    assert desktop.monitor.asked == [("pause", Pause.BATTERY)]


def test_what_cannot_be_heard_is_said_once(qapp, monkeypatch):
    monkeypatch.setattr(Session, "deaf", "nothing is heard here")
    desktop = Desktop(lambda one: None, lambda one: None)
    desktop.run(pause_on_battery=False)
    assert desktop.said == ["nothing is heard here"]


def test_an_error_while_the_desktop_is_heard_ends_it(qapp):
    def broken(_):
        raise ValueError("no such pause")

    hook = sys.excepthook
    desktop = Desktop(
        lambda one: setattr(one.monitor, "pause", broken), lambda one: one.sessions[0].say(Pause.SLEEP, True)
    )
    with pytest.raises(ValueError, match="no such pause"):
        desktop.run(pause_on_battery=False)
    assert sys.excepthook is hook


def test_a_wake_up_of_another_thread_ends_the_wait(qapp):
    threads = []

    def wake_later(one):
        threads.append(threading.Thread(target=one.monitor.on_wake))
        threads[-1].start()

    desktop = Desktop(wake_later, lambda one: threads[0].join())
    desktop.run(pause_on_battery=False)
    assert not threads[0].is_alive()


def test_a_bus_that_is_not_there_is_named(qapp, bus):
    from PyQt6.QtDBus import QDBusConnection

    nowhere = QDBusConnection("nowhere")
    assert LoginSession(lambda: True, system=bus, user=bus).deaf == ""
    assert "session bus" in LoginSession(lambda: True, system=bus, user=nowhere).deaf
    both = LoginSession(lambda: True, system=nowhere, user=nowhere).deaf
    assert "system bus" in both
    assert both.endswith("monitoring goes on")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="D-Bus is how Linux says it")
@pytest.mark.parametrize("there", [True, False])
def test_the_program_rests_while_the_screen_is_locked(login, bus_address, there):
    address = bus_address if there else "unix:path=/nowhere"
    around = {"DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address, "XDG_SESSION_ID": "7"}
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**environment, **around}
    ) as child:
        phases = []
        for line in child.stdout:
            said = json.loads(line)
            if said["kind"] == "state" and said["phase"] != (phases or [None])[-1]:
                phases.append(said["phase"])
                if not there and said["phase"] in ("running", "calibrating"):
                    break
                if said["phase"] in ("running", "calibrating") and "paused" not in phases:
                    login.session_says(LockedHint=True)
                elif said["phase"] == "paused":
                    login.session_says(LockedHint=False)
                elif "paused" in phases and said["phase"] in ("running", "calibrating"):
                    break
        child.send_signal(signal.SIGTERM)
        _, words = child.communicate(timeout=60)
    assert child.returncode == 0, words
    assert ("paused" in phases) is there
    assert words.count("D-Bus session bus") == (0 if there else 1)
