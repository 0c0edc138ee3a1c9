"""What says that something is recorded, and what is asked before: in the window, the mini window and the tray."""

from dataclasses import replace

import pytest
from played import moment
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLabel

from posture.gui.record_dialog import RecordDialog
from posture.gui.recording import RecordingBar, in_short
from posture.gui.recordings.clip_words import CONTENTS
from posture.gui.system.mini import MiniWindow
from posture.gui.system.pausing import Pausing
from posture.gui.system.state_sign import Sign, icon
from posture.gui.system.tray import Tray
from posture.sinks.recording import Phase, Recording

RECORDED = Recording(Phase.RECORDING, "faces-blurred", safe_s=133.0, safe_bytes=3_400_000)
PHASES = [Phase.READY, Phase.RECORDING, Phase.ENDING]


@pytest.fixture
def show(qtbot, window, monitor):
    def shown(recording, **more):
        count = len(monitor.shown)
        monitor.play(replace(moment(), recording=recording, **more))
        window.moments.newest()
        window.moments.tick()
        return count

    return shown


def texts(widget):
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


@pytest.mark.parametrize("phase", PHASES)
def test_the_window_shows_it_above_every_page_and_nothing_hides_it(window, show, phase):
    show(replace(RECORDED, phase=phase))
    for page in ("live", "recordings", "today", "settings"):
        window.show_page(page)
        assert window.recording.isVisible()
        assert "faces blurred" in texts(window.recording)
        assert not window.recording.close_button.isVisible()
        assert window.windowTitle().startswith("● ")
    window.build()
    QApplication.processEvents()
    assert window.recording.isVisible(), "another theme or language does not take it away"
    show(Recording())
    assert not window.recording.isVisible()
    assert window.windowTitle() == "posture"


def test_it_says_what_is_safe_and_what_is_wrong(window, show):
    show(replace(RECORDED, message="the share does not answer: it is recorded on this computer now"))
    assert "2:13 are safe, 3.4 MB" in texts(window.recording)
    assert "▲  the share does not answer" in texts(window.recording)


def test_a_failure_stays_until_it_was_read_and_a_new_one_comes_back(window, show):
    failed = replace(RECORDED, phase=Phase.FAILED, message="the disk is full")
    show(failed)
    assert "the disk is full" in texts(window.recording)
    assert window.windowTitle() == "posture", "nothing is recorded any more"
    window.recording.close_button.click()
    show(failed)
    assert not window.recording.isVisible()
    show(replace(failed, message="the key of today is gone"))
    assert window.recording.isVisible()


def test_the_bar_and_the_button_stop_it(window, show, monitor):
    show(RECORDED)
    window.recording.stop.click()
    window.pages.live.record.click()
    assert monitor.asked == [("stop_recording",), ("stop_recording",)]


@pytest.mark.parametrize("phase", PHASES)
def test_the_mini_window_and_the_tray_show_it(qtbot, window, show, phase):
    snapshot = replace(moment(), recording=replace(RECORDED, phase=phase))
    mini = MiniWindow(Pausing(window.house.desk.commands))
    qtbot.addWidget(mini)
    mini.show()
    mini.see(snapshot)
    assert in_short(snapshot.recording) in texts(mini)
    assert mini.dot.isVisible()
    tray = Tray(window.house.desk.commands, Pausing(window.house.desk.commands), available=lambda: False)
    tray.see(snapshot)
    assert in_short(snapshot.recording) in tray.icon.toolTip()
    assert tray._stop_recording.isVisible()
    tray.see(moment())
    mini.see(moment())
    assert "●" not in tray.icon.toolTip()
    assert not mini.dot.isVisible()


@pytest.mark.parametrize("side", [16, 22, 64])
def test_the_trays_icon_is_another_one_while_something_is_recorded(qtbot, side):
    for sign in Sign:
        recordings = (None, replace(RECORDED, phase=Phase.READY), RECORDED)
        images = [icon(sign, [side], recording).pixmap(side, side).toImage() for recording in recordings]
        assert images[0] != images[1] != images[2] != images[0]


@pytest.fixture
def asked(qtbot, filled, window, show, program):
    """The dialog, as R brings it up where there is a vault: before the program, which would look while it is made."""
    program.keeper.look()
    qtbot.waitUntil(lambda: program.keeper.days_left > 0, timeout=20_000)
    show(Recording())
    window.pages.live.picture.setFocus()
    qtbot.keyClick(window.pages.live.picture, Qt.Key.Key_R)
    (dialog,) = window.findChildren(RecordDialog)
    return dialog


def test_nothing_is_recorded_before_it_was_said_what(asked, monitor, window):
    assert asked.isVisible()
    assert monitor.asked == []
    assert asked.content == "skeleton", "the least is chosen"
    shown = texts(asked)
    assert "Without sound" in shown
    assert "Kept until" in shown
    assert {choice.text().casefold() for choice in asked._choices.values()} == {
        words.casefold() for words in CONTENTS.values()
    }
    assert all(choice.accessibleDescription() for choice in asked._choices.values())


def test_r_and_enter_record_what_is_chosen_and_it_is_chosen_next_time(qtbot, asked, monitor, program):
    asked._choices["faces-blurred"].setChecked(True)
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    assert monitor.asked == [("record", "faces-blurred")]
    assert program.file.settings.recorder.content == "faces-blurred"


def test_r_stops_at_once(qtbot, window, show, monitor):
    show(RECORDED)
    window.pages.live.picture.setFocus()
    qtbot.keyClick(window.pages.live.picture, Qt.Key.Key_R)
    assert monitor.asked == [("stop_recording",)]


def test_without_a_vault_it_says_so_and_leads_there(qtbot, window, show, program):
    qtbot.waitUntil(lambda: program.keeper.door == "missing", timeout=20_000)
    show(Recording())
    window.record()
    (dialog,) = window.findChildren(RecordDialog)
    assert not dialog.start.isEnabled()
    assert "There is no vault yet" in texts(dialog)
    dialog.vault.click()
    assert window._page == "recordings"


def test_without_a_camera_there_is_nothing_to_record(window, monitor):
    window.moments.tick()
    assert not window.pages.live.record.isEnabled()
    window.record()
    assert window.findChildren(RecordDialog) == []


def test_a_bar_of_its_own_is_hidden_at_first(qtbot):
    bar = RecordingBar()
    qtbot.addWidget(bar)
    assert not bar.isVisible()
