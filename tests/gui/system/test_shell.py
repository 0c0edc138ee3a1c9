from datetime import datetime, timedelta, timezone

import pytest
from played import PlayedMonitor, moment, told
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QSystemTrayIcon

from posture.capture import CameraState, CameraStatus
from posture.config import Settings
from posture.ergonomics.sitting import State
from posture.gui.commands import Commands
from posture.gui.system import onboarding
from posture.gui.system.around import Around
from posture.gui.system.autostart import at_login
from posture.gui.system.foreground import Foreground, of_state
from posture.gui.system.mini import MiniWindow
from posture.gui.system.pausing import Pausing
from posture.gui.system.power import Power
from posture.gui.system.screens import key
from posture.gui.system.session import Session
from posture.gui.system.shell import Shell, Surface
from posture.gui.system.single import Single
from posture.gui.system.tray import Tray
from posture.live.snapshot import Pause, Phase, Snapshot
from posture.reminders import Level, Reminder


class Clock:
    def __init__(self):
        self.now = datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=1)))

    def __call__(self):
        return self.now


@pytest.fixture
def shell(window, tmp_path, qapp):
    surface = Surface(Foreground, Session, Power, lambda: lambda: None)
    login = at_login(["/usr/bin/posture"], {"XDG_CONFIG_HOME": str(tmp_path)})
    made = Shell(window, tmp_path / "data", single=Single(tmp_path / "data"), login=login, surface=surface)
    yield made
    if made.onboarding is not None:
        made.onboarding.reject()
    made.close()


@pytest.fixture
def quiet(window, tmp_path):
    """The person has been through the first steps."""
    onboarding.note_seen(tmp_path / "data")


def paused(why):
    return Snapshot(Phase.PAUSED, pauses=frozenset({why}))


def actions(menu):
    return {action.text(): action for action in menu.actions()}


@pytest.mark.parametrize("why", [Pause.LOCKED, Pause.SLEEP, Pause.SWITCHED])
def test_what_the_session_says_reaches_the_monitor_and_clears_the_cue(shell, monitor, why):
    shell.cues.see(moment(State.SLUMP, reminder=told(State.SLUMP)))
    assert shell.cues.windows
    shell.session.say(why, True)
    assert shell.cues.windows == ()
    shell.session.say(why, False)
    assert monitor.asked == [("pause", why), ("resume", why)]


@pytest.mark.parametrize("way", ["pause", "toggle", "reopen", "for 15 minutes", "battery"])
def test_every_pause_clears_the_cue_at_once(shell, monitor, window, way):
    monitor.now = moment(State.SLUMP, reminder=told(State.SLUMP))
    shell.cues.see(monitor.now)
    assert shell.cues.windows
    if way == "for 15 minutes":
        shell.pausing.pause(15)
    elif way == "battery":
        window.house.file.change({"shell.pause_on_battery": True})
        shell.power.say(True)
    else:
        getattr(window.house.desk.commands, way)()
    assert monitor.asked[0][0] == "pause"
    assert shell.cues.windows == ()


def test_a_calibration_is_bound_to_the_screens_that_are_there(shell, monitor, qapp):
    assert monitor.screens == key(qapp.screens())


def test_a_session_that_is_locked_at_the_start(window, tmp_path, monitor):
    class Locked(Session):
        def __init__(self, camera_is_off, parent):
            super().__init__(camera_is_off, parent)
            self.say(Pause.LOCKED, True)

    made = Shell(window, tmp_path, surface=Surface(Foreground, Locked, Power, lambda: lambda: None))
    assert monitor.asked == [("pause", Pause.LOCKED)]
    made.close()


def test_sleep_waits_for_this_camera(shell, monitor, qtbot):
    monitor.now = moment()
    called = []
    shell.session.when_off(lambda: called.append(True))
    qtbot.wait(60)
    assert called == []
    monitor.now = Snapshot(Phase.PAUSED, camera=CameraStatus(CameraState.CLOSED, 0.0))
    qtbot.waitUntil(lambda: called == [True])


def test_on_battery_the_camera_rests_only_by_choice(shell, monitor, window):
    shell.power.say(True)
    assert monitor.asked == []
    window.house.file.change({"shell.pause_on_battery": True})
    shell.look_at_power()
    assert monitor.asked == [("pause", Pause.BATTERY)]
    monitor.now = paused(Pause.BATTERY)
    shell.power.say(None)
    assert monitor.asked[-1] == ("resume", Pause.BATTERY)


def test_moments_reach_cues_tray_and_mini_window(shell, monitor, window, qtbot):
    shell.show_mini()
    monitor.play(moment(State.SLUMP, reminder=told(State.SLUMP)))
    qtbot.waitUntil(lambda: bool(shell.cues.windows))
    assert shell.tray.icon.toolTip() == "posture: Slumped"
    assert shell.mini._state.text() == "Slumped"
    monitor.play(moment(State.GOOD))
    qtbot.waitUntil(lambda: not shell.cues.windows, timeout=200)


def test_closing_with_a_tray_hides_and_without_one_ends(shell, window, monkeypatch):
    for there, hidden in ((True, True), (False, False)):
        monkeypatch.setattr(type(shell.tray), "is_there", property(lambda _, there=there: there))
        window.show()
        event = QCloseEvent()
        window.closing.emit(event)
        assert event.isAccepted() is not hidden
        assert window.isVisible() is not hidden


def test_closing_ends_the_program_where_the_person_wants_that(shell, window, monkeypatch):
    monkeypatch.setattr(type(shell.tray), "is_there", property(lambda _: True))
    window.house.file.change({"shell.keep_in_tray": False})
    event = QCloseEvent()
    window.closing.emit(event)
    assert event.isAccepted()


def test_ctrl_m_shows_the_mini_window_and_hides_it(shell, window, qtbot):
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert shell.mini is not None
    assert shell.mini.isVisible()
    qtbot.keyClick(shell.mini, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert not shell.mini.isVisible()


def test_the_first_run_shows_the_steps_once(shell, tmp_path, monitor):
    shell.begin()
    assert shell.onboarding is not None
    assert shell.onboarding.isVisible()
    assert not onboarding.is_first(tmp_path / "data")
    assert monitor.asked == [], "the camera stays off"
    shell.onboarding.reject()
    shell.begin()
    assert shell.onboarding is None
    shell.tray.setup.emit()
    assert shell.onboarding.isVisible()


def test_a_reminder_is_tried_for_two_seconds(shell, monitor, qtbot):
    shell.try_level(Level.EDGE)
    assert len(shell.cues.windows) == 4
    shell.see(moment(State.GOOD))
    assert len(shell.cues.windows) == 4
    shell._tried()
    assert shell.cues.windows == ()


def test_another_language_reaches_tray_and_mini_window(shell, window, program, qtbot):
    shell.show_mini()
    program._language.use("de")
    shell.restyle()
    assert "Beenden" in actions(shell.tray.menu)
    assert shell.mini.open.text() == "Öffnen"


class TestOnboarding:
    @pytest.fixture
    def steps(self, shell, quiet):
        shell.set_up()
        return shell.onboarding

    def test_it_can_be_gone_through_with_the_keyboard_alone(self, steps, monitor, qtbot):
        titles = []
        for _ in range(4):
            titles.append((steps.dots.accessibleName(), steps._title.text()))
            qtbot.keyClick(steps.focusWidget(), Qt.Key.Key_Return)
        assert [name for name, _ in titles] == [f"Step {step} of 4" for step in (1, 2, 3, 4)]
        assert len({title for _, title in titles}) == 4
        assert not steps.isVisible()
        assert monitor.asked == []

    def test_back_and_skip(self, steps):
        assert not steps.back.isEnabled()
        steps.skip.click()
        steps.skip.click()
        assert steps.step == 2
        steps.back.click()
        assert steps.step == 1
        steps.show_step(3)
        assert not steps.skip.isVisible()

    def test_the_camera_starts_by_its_button_alone(self, steps, monitor, qtbot):
        steps.show_step(1)
        assert monitor.asked == []
        steps.camera.start.click()
        assert monitor.asked == [("start",)]
        monitor.play(moment(State.GOOD))
        qtbot.waitUntil(lambda: steps.camera.start.text() == "Camera off")
        steps.camera.start.click()
        assert monitor.asked[-1] == ("pause", Pause.PERSON)

    def test_the_picture_is_asked_for_in_the_size_of_the_step(self, steps, monitor):
        steps.show_step(1)
        QApplication.processEvents()
        assert monitor.view == steps.camera.picture.device_size()
        assert monitor.mode == "skeleton"

    def test_calibration_needs_a_picture_and_ends_when_the_step_is_left(self, steps, monitor, qtbot):
        steps.show_step(2)
        assert not steps.camera.calibrate.isEnabled()
        monitor.play(moment(State.GOOD))
        qtbot.waitUntil(steps.camera.calibrate.isEnabled)
        steps.camera.calibrate.click()
        assert steps.camera.calibrating.isVisible()
        steps.camera.calibrating.begun.emit("side", "Desk", False, False)
        assert ("calibrate", "side", "Desk") in monitor.asked
        steps.back.click()
        assert monitor.asked[-1] == ("give_up_calibration",)
        assert not steps.camera.calibrating.isVisible()

    def test_what_is_chosen_is_kept(self, steps, window):
        steps.show_step(1)
        by_name = {button.text(): button for button in steps.camera._views.findChildren(QAbstractButton)}
        by_name["Blurred"].click()
        assert window.house.file.settings.window.view == "blurred"

    def test_a_level_can_be_seen_before_it_is_taken(self, steps, qtbot):
        steps.reminders.levels[Level.DIM].click()
        with qtbot.waitSignal(steps.tried) as tried:
            steps.reminders.attempt.click()
        assert tried.args == [Level.DIM]


class TestTray:
    @pytest.fixture
    def tray(self, qapp):
        self.monitor = PlayedMonitor()
        self.clock = Clock()
        self.commands = Commands(self.monitor, self.clock)
        self.pausing = Pausing(self.commands, self.clock)
        return Tray(self.commands, self.pausing, available=lambda: False)

    def entry(self, tray, *path):
        menu = tray.menu
        for title in path[:-1]:
            menu = actions(menu)[title].menu()
        return actions(menu)[path[-1]]

    def test_the_menu_has_all_that_is_promised(self, tray):
        assert list(actions(self.entry(tray, "Pause").menu())) == ["15 minutes", "1 hour", "Until I resume"]
        assert list(actions(self.entry(tray, "Snooze").menu())) == [
            "15 minutes", "30 minutes", "1 hour", "Until tomorrow", "Remind again now",
        ]  # fmt: skip
        assert {"Open posture", "Mini window", "Mute reminders", "Calibrate…", "Set up again…", "Quit"} <= set(
            actions(tray.menu)
        )

    def test_its_entries_do_what_they_say(self, tray):
        self.entry(tray, "Snooze", "30 minutes").trigger()
        assert self.monitor.asked[-1] == ("snooze", self.clock.now + timedelta(minutes=30))
        self.entry(tray, "Mute reminders").trigger()
        assert self.monitor.asked[-1] == ("mute", True)
        self.commands.mute(False)
        assert not self.entry(tray, "Mute reminders").isChecked()
        heard = []
        for signal in (tray.opened, tray.recalibrate, tray.mini, tray.setup, tray.quitted):
            signal.connect(lambda: heard.append(True))
        tray.see(moment(State.GOOD))
        for title in ("Open posture", "Calibrate…", "Mini window", "Set up again…", "Quit"):
            self.entry(tray, title).trigger()
        tray._activated(QSystemTrayIcon.ActivationReason.Trigger)
        assert len(heard) == 6

    def test_a_pause_ends_by_itself(self, tray):
        self.monitor.now = moment(State.GOOD)
        self.entry(tray, "Pause", "15 minutes").trigger()
        assert self.monitor.asked[-1] == ("pause", Pause.PERSON)
        self.monitor.now = paused(Pause.PERSON)
        tray.see(self.monitor.now)
        assert "10:15" in tray.icon.toolTip()
        self.clock.now += timedelta(minutes=14, seconds=59)
        self.pausing.look()
        assert self.pausing.until is not None
        self.clock.now += timedelta(seconds=1)
        self.pausing.look()
        assert self.pausing.until is None
        assert self.monitor.asked[-1] == ("resume", Pause.PERSON)

    def test_a_pause_that_the_person_ended_is_over(self, tray):
        self.monitor.now = paused(Pause.PERSON)
        self.pausing.pause(60)
        self.monitor.now = moment(State.GOOD)
        asked = list(self.monitor.asked)
        self.pausing.look()
        self.clock.now += timedelta(hours=2)
        self.pausing.look()
        assert self.monitor.asked == asked

    def test_what_rests_can_be_resumed_and_what_runs_paused(self, tray):
        tray.see(paused(Pause.PERSON))
        assert self.entry(tray, "Resume").isVisible()
        assert not self.entry(tray, "Pause").isVisible()
        assert not self.entry(tray, "Calibrate…").isEnabled()
        tray.see(moment(State.GOOD))
        assert not self.entry(tray, "Start").isVisible()
        assert self.entry(tray, "Pause").isVisible()

    def test_without_a_tray_it_is_asked_for_again_and_then_no_more(self, tray):
        assert not tray.is_there
        assert tray._timer.isActive()
        for _ in range(30):
            tray.look()
        assert not tray._timer.isActive()


def test_the_mini_window_pauses_and_resumes(qtbot):
    monitor = PlayedMonitor(now=moment(State.GOOD))
    mini = MiniWindow(Pausing(Commands(monitor)))
    qtbot.addWidget(mini)
    mini.see(monitor.now)
    assert mini.run.text() == "Pause"
    mini.run.click()
    mini.see(paused(Pause.PERSON))
    assert mini.run.text() == "Resume"
    monitor.now = paused(Pause.PERSON)
    mini.run.click()
    assert monitor.asked == [("pause", Pause.PERSON), ("resume", Pause.PERSON)]
    assert mini.windowFlags() & Qt.WindowType.WindowStaysOnTopHint


def test_what_surrounds_the_person_is_looked_up_and_handed_out(qapp):
    seen = {"full": None, "call": None}
    around = Around(lambda: seen["full"], lambda: seen["call"], Clock())
    assert (around.surroundings().full_screen, around.surroundings().in_call) == (None, None)
    seen.update(full=True, call=False)
    around.look()
    found = around.surroundings()
    assert (found.full_screen, found.in_call, found.now.hour) == (True, False, 10)


@pytest.mark.parametrize(
    ("state", "full"), [(1, None), (2, True), (3, True), (4, True), (5, False), (6, False), (7, False), (0, None)]
)
def test_what_windows_says_of_the_screen(state, full):
    assert of_state(state) is full


def test_settings_of_the_shell_have_quiet_defaults():
    shell = Settings().shell
    assert (shell.keep_in_tray, shell.pause_on_battery) == (True, False)
    assert Reminder().cue is None
