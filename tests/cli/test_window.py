"""What the command line composes for the window, and the whole program as processes without a screen."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from posture.cli import trail, window
from posture.cli.monitoring import Calibrations, composed
from posture.config import Settings, with_environment
from posture.errors import ConfigError
from posture.gui.system.safemode import SENTINEL
from posture.gui.system.single import LOCK
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


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A settings file that cannot be used."""
    file = tmp_path / "config.toml"
    file.write_text(
        "[pose]\nmodle = 'lite'\n[vault]\nkeep_days = 60\n[window]\ntheme = 'dark'\ntext_scale_percent = 9\n"
    )
    monkeypatch.setenv("POSTURE_CONFIG", str(file))
    return file


@pytest.fixture
def agreed(monkeypatch):
    """Every question is answered with its first button; what they said."""
    asked = []
    monkeypatch.setattr(
        "posture.gui.system.questions.agreed", lambda box: bool(asked.append(box.informativeText())) or True
    )
    return asked


def answer(found):
    """Implements `mend` without a window."""
    assert found.ask(found.why)
    found.set_aside()


def test_a_sound_file_is_not_asked_about(broken, agreed):
    broken.write_text("[pose]\nmodel = 'lite'")
    assert window._mended(lambda found: 1 / 0) == []


def test_a_file_that_is_set_aside_is_whole_and_its_periods_still_hold(broken, agreed, qapp):
    before = broken.read_text()
    assert window._mended(answer) == ["window.theme"]
    assert broken.with_suffix(".toml.bak").read_text() == before
    settings, why = window.bound()
    assert (settings.vault.keep_days, settings.window.theme, why) == (60, "system", "")
    assert "'pose.modle': did you mean 'model'" in agreed[0]
    assert "kept for 60 days" in agreed[0]


def test_theme_and_language_are_those_that_can_be_read(broken):
    looks = []
    window._mended(lambda found: looks.append(found.window) or 2)
    assert (looks[0].theme, looks[0].text_scale_percent) == ("dark", 100)


def test_who_does_not_agree_keeps_the_file_and_gets_the_exit_code(broken):
    before = broken.read_text()
    assert window._mended(lambda found: 2) == 2
    assert [path.name for path in broken.parent.iterdir()] == ["config.toml"]
    assert broken.read_text() == before


def test_a_file_that_was_mended_while_it_was_asked_stays(broken, agreed, qapp):
    def late(found):
        broken.write_text("[pose]\nmodel = 'lite'")
        found.set_aside()

    assert window._mended(late) == []
    assert broken.read_text() == "[pose]\nmodel = 'lite'"
    assert not broken.with_suffix(".toml.bak").exists()


def test_a_folder_that_cannot_be_written_is_an_error_to_be_asked_about(broken, agreed, qapp, monkeypatch):
    def refuse(path, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ConfigError, match=r"cannot be moved to .*bak: Permission denied"):
        window._mended(answer)


def test_then_the_program_starts_and_the_log_names_what_is_another_setting_now(broken, agreed, qapp, monkeypatch):
    started = []
    monkeypatch.setattr(trail, "_trail", trail._Trail())  # verbs that ran in this process before have a log open
    monkeypatch.setattr("posture.gui.system.start.run", lambda start, application: started.append(start.broken) or 0)
    assert window.open_window("demo") == 0
    trail.ended(0)
    assert started == [""]
    entries = json.loads(subprocess.run([*COMMAND, "audit", "show", "--json"], capture_output=True, check=True).stdout)
    said = [(entry["ev"], entry.get("setting")) for entry in entries["entries"]]
    assert said[-3:] == [("program.started", None), ("settings.changed", "window.theme"), ("program.ended", None)]


def test_a_broken_file_shortens_nothing_in_the_audit_log(broken):
    broken.write_text("[pose]\nmodle = 'lite'\n[audit]\nkeep_months = 120\nenabled = false\n")
    found = trail.settings_in_force().audit
    assert found.keep_months == 120
    assert found.enabled


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
def test_a_broken_settings_file_is_asked_about_and_refused_without_a_window(data_folder, broken, qtbot):
    before, programs = broken.read_text(), Programs(data_folder)
    with programs.begin("live", "--no-window", "--source", "demo") as behind, ended(behind):
        _, words = behind.communicate(timeout=60)
        assert behind.returncode == 2
        assert "'pose.modle'" in words
    with programs.begin("live", "--source", "demo") as asking, ended(asking):
        qtbot.waitUntil(lambda: (data_folder / LOCK).exists(), timeout=60_000)
        asking.send_signal(signal.SIGTERM)
        _, words = asking.communicate(timeout=60)
        assert asking.returncode in (0, 128 + signal.SIGTERM), words  # by the question, or a moment before it
        assert "'pose.modle'" in words
    assert [path.name for path in broken.parent.iterdir()] == ["config.toml"]
    assert broken.read_text() == before


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
