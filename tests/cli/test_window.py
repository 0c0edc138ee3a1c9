"""What the command line composes for the window, and the whole program as processes without a screen."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from posture.cli import window
from posture.cli.monitoring import Calibrations, composed
from posture.config import Settings, with_environment
from posture.errors import ConfigError
from posture.gui.system.safemode import SENTINEL
from posture.live.clerk import Clerk
from posture.live.snapshot import Pause, Phase

COMMAND = [sys.executable, "-c", "from posture.cli import main; main()"]
NO_BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere", "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}


@pytest.fixture
def watched():
    return window.Watched("demo", Settings())


@pytest.fixture
def monitor(watched, data_folder):
    return composed(watched.open, watched.presence, watched.settings, Calibrations())


def test_safe_mode_holds_for_the_monitor_and_for_every_change(monitor, watched):
    made = window.parts(monitor, watched, Clerk(), safe_mode=True)
    assert monitor.settings.pose.providers == ("cpu",)
    changed = with_environment(Settings(), {"POSTURE_POSE__THREADS": "2"})
    made.in_force(changed)
    assert monitor.settings.pose.threads == 2
    assert monitor.settings.pose.providers == ("cpu",)
    assert watched.settings is changed


def test_as_usual_the_settings_are_those_of_the_file(monitor, watched):
    window.parts(monitor, watched, Clerk(), safe_mode=False)
    assert monitor.settings is watched.settings


def test_results_go_as_soon_as_fewer_may_be_kept(monitor, watched, data_folder):
    made = window.parts(monitor, watched, Clerk(), safe_mode=False)
    kept = data_folder / "vault" / "results" / "result-0.sealed"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bytes(2 << 20))
    for mib, there in (("2", True), ("1", False)):
        made.in_force(with_environment(Settings(), {"POSTURE_VAULT__RESULTS_MIB": mib}))
        assert kept.exists() == there


def test_choosing_a_camera_leaves_the_demo(watched):
    watched.follow(with_environment(Settings(), {"POSTURE_LIVE__RATE": "15"}))
    assert watched.source == "demo"
    watched.follow(with_environment(Settings(), {"POSTURE_CAMERA__DEVICE": "usb-1"}))
    assert watched.source is None


def test_the_demo_is_tried_where_no_camera_is(data_folder):
    watched = window.Watched("no such camera", Settings())
    monitor = composed(watched.open, watched.presence, watched.settings, Calibrations())
    made = window.parts(monitor, watched, Clerk(), safe_mode=False)
    try:
        made.try_demo()
        assert watched.source == "demo"
        assert monitor.newest.phase is not Phase.STOPPED
        monitor.pause(Pause.PERSON)
        made.try_demo()
        assert monitor.newest.pauses == frozenset()
    finally:
        monitor.close()


def test_a_profile_that_was_not_remembered_is_an_error(watched, data_folder):
    with pytest.raises(ConfigError, match="office"):
        composed(watched.open, watched.presence, watched.settings, Calibrations("office"))


def test_what_starts_at_login_is_this_installation():
    done = subprocess.run([*window.program(), "--version"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("posture ")
    assert window.AT_LOGIN == ("live", "--in-tray")


@pytest.mark.parametrize("arguments", [("--duration", "2"), ("--in-tray", "--no-window")])
def test_options_that_do_not_belong_together_are_refused(arguments):
    done = subprocess.run([*COMMAND, "live", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2


@contextmanager
def ended(child):
    """Whatever happens to the test, the program does not outlive it."""
    try:
        yield
    finally:
        child.kill()


class Programs:
    """Starts the program without a screen."""

    def __init__(self, folder):
        self.folder = folder
        self._environment = {**os.environ, **NO_BUS, "QT_QPA_PLATFORM": "offscreen"}

    def begin(self, *arguments):
        return subprocess.Popen(
            [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._environment
        )

    def number(self):
        """Of the process that the sentinel names."""
        try:
            return int((self.folder / SENTINEL).read_text().split()[-1])
        except (FileNotFoundError, IndexError):
            return None

    def events(self):
        done = subprocess.run([*COMMAND, "audit", "show", "--json"], capture_output=True, text=True, check=True)
        return [entry["ev"] for entry in json.loads(done.stdout)["entries"]]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs in another way")
def test_once_at_a_time_and_a_crash_is_noticed_at_the_next_start(data_folder, qtbot):
    programs = Programs(data_folder)
    with programs.begin("live", "--source", "demo") as first, ended(first):
        qtbot.waitUntil(lambda: programs.number() == first.pid, timeout=60_000)
        with programs.begin("live") as second:
            _, words = second.communicate(timeout=60)
            assert (second.returncode, words) == (0, "")
        first.kill()
        first.communicate(timeout=60)
    with programs.begin("live", "--source", "demo") as third, ended(third):
        qtbot.waitUntil(lambda: programs.number() == third.pid, timeout=60_000)
        third.send_signal(signal.SIGTERM)
        _, words = third.communicate(timeout=60)
        assert third.returncode == 0, words
        assert "Traceback" not in words
    assert programs.events()[-2:] == ["program.crashed", "program.ended"]
