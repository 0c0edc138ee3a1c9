"""The whole window on a played monitor: what is asked of the monitor, and what the person gets to see."""

import ast
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from played import frame, moment, sitter, told
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QMessageBox, QPushButton, QWidget

from posture import gui
from posture.data import frozen
from posture.ergonomics.sitting import Deviation, Doubt, State
from posture.errors import SourceError
from posture.gui.app import Hook, sentence
from posture.live.snapshot import Pause, Phase, Snapshot
from posture.reminders import Reminder

GUI = Path(gui.__file__).parent


def visible_words(widget: QWidget) -> str:
    texts = [
        w.text() for w in widget.findChildren(QWidget) if w.isVisible() and hasattr(w, "text") and callable(w.text)
    ]
    return "\n".join(text for text in texts if isinstance(text, str))


@pytest.fixture
def play(qtbot, window, monitor):
    def played(snapshot):
        count = len(monitor.shown)
        monitor.play(snapshot)
        qtbot.waitUntil(lambda: len(monitor.shown) > count)
        window.moments.tick()
        QApplication.processEvents()

    return played


def test_the_window_opens_with_the_camera_off_and_asks_for_nothing(window, monitor):
    assert "The camera is off" in visible_words(window.pages.live)
    assert monitor.asked == []


def test_start_pause_and_resume(qtbot, window, monitor, play):
    click = lambda: qtbot.mouseClick(window.pages.live.toolbar.run, Qt.MouseButton.LeftButton)  # noqa: E731
    click()
    play(moment())
    assert window.pages.live.toolbar.run.text() == "Pause"
    click()
    play(Snapshot(Phase.PAUSED, frozenset({Pause.PERSON})))
    assert window.pages.live.toolbar.run.text() == "Resume"
    click()
    assert monitor.asked == [("start",), ("pause", Pause.PERSON), ("resume", Pause.PERSON)]


def test_a_snapshot_from_another_thread_is_painted_once_and_reported(qtbot, window, monitor):
    window.pages.live.set_view("video")
    pixels = frozen(frame().shown(320, 180))
    snapshots = [moment(picture=pixels, time_s=float(t)) for t in range(5)]

    def bring():
        for one in snapshots:
            monitor.play(one)

    thread = threading.Thread(target=bring)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: snapshots[-1] in monitor.shown)
    assert monitor.shown.count(snapshots[-1]) == 1
    window.pages.live.picture.repaint()
    assert monitor.shown.count(snapshots[-1]) == 1, "an expose is no new picture"


def test_the_monitor_knows_the_size_in_device_pixels_and_nothing_is_wanted_where_nothing_shows(qtbot, window, monitor):
    window.pages.live.set_view("video")
    ratio = window.pages.live.picture.devicePixelRatioF()
    size = window.pages.live.picture.size()
    assert monitor.view == (round(size.width() * ratio), round(size.height() * ratio))
    assert monitor.mode == "video"
    window.resize(1000, 800)
    qtbot.waitUntil(lambda: monitor.view == window.pages.live.picture.device_size())
    window.pages.live.set_view("hidden")
    assert monitor.view is None
    window.pages.live.set_view("skeleton")
    assert monitor.view is not None
    window.show_page("today")
    assert monitor.view is None
    window.show_page("live")
    assert monitor.view is not None
    window.hide()
    assert monitor.view is None


def grabbed(view):
    image = view.grab().toImage()
    return image, image.width(), image.height()


def test_pixels_come_to_the_screen_as_they_are(qtbot, window, monitor, play):
    window.pages.live.set_view("video")
    play(moment(poses=()))  # the banner takes its place
    width, height = window.pages.live.picture.device_size()
    pixels = frame().shown(width // 2 * 2, height // 2 * 2).copy()
    pixels[:] = (30, 200, 10, 255)
    pixels[0, 0] = (0, 0, 255, 255)
    play(moment(picture=frozen(pixels), poses=()))
    image, _, _ = grabbed(window.pages.live.picture)
    left, top = (width - pixels.shape[1]) // 2, (height - pixels.shape[0]) // 2
    right = left + pixels.shape[1] - 1
    assert image.pixelColor(right, top).getRgb()[:3] == (255, 0, 0), "a camera is shown as in a mirror"
    assert image.pixelColor(left, top).getRgb()[:3] == (10, 200, 30)


def test_the_view_that_was_chosen_is_kept_as_a_setting(window, program, recorded):
    window.pages.live.set_view("hidden")
    assert program.file.settings.window.view == "hidden"
    assert recorded == ["window.view"]


def test_a_part_that_is_not_visible_is_no_zero(window, play):
    play(moment(deviations=(Deviation("lean", float("nan"), 8.0, "deg"), Deviation("head_drop", 0.0, 1.3, "cm"))))
    words = visible_words(window.pages.live.cards)
    assert "not visible" in words
    assert words.count("0.0 cm") == 1


def test_old_words_go_when_the_camera_goes(window, play):
    play(moment(State.SLUMP, reminder=told(State.SLUMP)))
    assert "Slumped" in visible_words(window.pages.live)
    play(Snapshot(Phase.PAUSED, frozenset({Pause.LOCKED})))
    assert "Slumped" not in visible_words(window.pages.live)
    assert "screen is locked" in visible_words(window.pages.live)


def test_a_reminder_is_told_to_whoever_listens_when_it_changes_and_not_before(qtbot, window, play):
    heard = []
    window.reminderChanged.connect(heard.append)
    play(moment())
    play(moment(State.SLUMP, reminder=told(State.SLUMP), time_s=61.0))
    play(moment(State.SLUMP, reminder=told(State.SLUMP), time_s=62.0))
    play(Snapshot(Phase.PAUSED, frozenset({Pause.PERSON})))
    assert heard == [told(State.SLUMP), Reminder()]


def test_mute_and_snooze(qtbot, window, monitor):
    window.pages.live.toolbar.mute.click()
    (entry,) = [action for action in window.pages.live.toolbar.snooze.menu().actions() if action.text() == "30 minutes"]
    entry.trigger()
    assert monitor.asked[0] == ("mute", True)
    assert monitor.asked[1][0] == "snooze"
    assert window.pages.live.toolbar.snooze.text().startswith("Snoozed until")
    window.house.desk.commands.unsnooze()
    assert monitor.asked[-1] == ("snooze", None)
    assert window.pages.live.toolbar.snooze.text().startswith("Snooze ")


def test_another_camera_is_a_setting_and_the_camera_is_opened_anew(window, monitor, program, play):
    play(moment())
    window.pages.live.toolbar.camera.activated.emit(1)
    assert program.file.settings.camera.device == "usb-2"
    assert monitor.asked == [("pause", Pause.PERSON), ("resume", Pause.PERSON)]


def test_a_click_on_the_status_shows_every_figure(qtbot, window, play, monkeypatch):
    from posture.gui import status_bar

    seen = []
    monkeypatch.setattr(status_bar.Details, "exec", lambda self: seen.append(visible_words(self) or self))
    play(moment())
    window.status.findChildren(QAbstractButton)[0].click()
    assert len(seen) == 1


def test_letters_work_in_the_picture_alone_and_can_be_switched_off(qtbot, window, monitor, program):
    window.pages.live.picture.setFocus()
    qtbot.keyClick(window.pages.live.picture, Qt.Key.Key_M)
    assert monitor.asked == [("mute", True)]
    window.pages.live.toolbar.run.setFocus()
    qtbot.keyClick(window.pages.live.toolbar.run, Qt.Key.Key_M)
    assert monitor.asked == [("mute", True)]
    program.file.change({"window.single_letter_keys": False})
    window.build()
    window.pages.live.picture.setFocus()
    qtbot.keyClick(window.pages.live.picture, Qt.Key.Key_M)
    assert monitor.asked == [("mute", True)]


@pytest.mark.parametrize(
    ("key", "page"), [("2", "analyse"), ("3", "recordings"), ("4", "today"), (",", "settings"), ("1", "live")]
)
def test_pages_by_key(qtbot, window, key, page):
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert window._page == page


def test_the_skeleton_of_the_judged_person_is_coloured_and_others_are_neutral(window, play):
    play(moment(poses=(sitter(x=0.3), sitter(2, x=0.75, size=0.7))))
    image, width, height = grabbed(window.pages.live.picture)
    colours = {image.pixelColor(x, y).name() for x in range(0, width, 2) for y in range(0, height, 2)}
    assert "#4da3ff" in colours
    assert "#7d8793" in colours


def test_what_helps_comes_next_by_the_tab_key(window, play, qtbot):
    """New buttons would come last, after everything else in the window."""

    def following(widget, count):
        widget.setFocus()
        for _ in range(count):
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            yield getattr(QApplication.focusWidget(), "text", str)()

    play(Snapshot(Phase.STOPPED))
    assert list(following(window.pages.live.picture, 2)) == ["Start", "Show as table"]
    play(Snapshot(Phase.FAILED, message="wrong"))
    assert list(following(window.pages.live.picture, 3)) == ["Start", "Details", "Show as table"]
    play(moment(State.UNRELIABLE, doubt=Doubt.NOT_CALIBRATED))
    assert list(following(window.pages.live.toolbar.snooze, 2)) == ["Calibrate…", ""]  # and the picture


def test_somebody_in_view_can_be_chosen(window, monitor, play, qtbot):
    """By keys alone: the button of the banner, then the number that stands over the person in the picture."""
    play(moment(poses=(sitter(7, x=0.3, size=0.6), sitter(9, x=0.7, size=0.6))))
    (button,) = [each for each in window.pages.live.banner.findChildren(QPushButton) if each.text() == "Choose…"]
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    menu = QApplication.activePopupWidget()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["&1: person on the left", "&2: person on the right", "Whoever is most like the calibration"]
    assert [action.isChecked() for action in menu.actions()][:2] == [False, True]  # mirrored: 7 is on the right
    assert window.pages.live.picture.numbered
    qtbot.keyClick(menu, Qt.Key.Key_1)
    assert monitor.asked[-1] == ("choose", 9)
    qtbot.waitUntil(lambda: not window.pages.live.picture.numbered)


def test_an_error_in_a_slot_is_one_sentence_and_no_traceback(window, monkeypatch):
    told_texts = []
    monkeypatch.setattr(QMessageBox, "exec", lambda self: told_texts.append(self.text()))
    hook = Hook(window.tell)
    hook(SourceError, SourceError("the camera is gone; plug it in"), None)
    hook(ZeroDivisionError, ZeroDivisionError("x"), None)
    assert told_texts[0] == "the camera is gone; plug it in"
    assert "ZeroDivisionError" in told_texts[1]
    assert "doctor --bundle" in told_texts[1]
    assert not any("Traceback" in text for text in told_texts)
    assert "Traceback" not in sentence(ValueError())


def test_a_dropped_file_goes_to_the_analyse_page(window, monkeypatch, tmp_path):
    added = []
    monkeypatch.setattr(window.pages.analyse, "add_files", added.extend)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "one.mp4"))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(drop)
    assert added == [tmp_path / "one.mp4"]
    assert window.pages.currentWidget() is window.pages.analyse


def test_theme_language_and_scale_take_effect_at_once(qtbot, window, program):
    program.file.change({"window.language": "de", "window.theme": "dark", "window.text_scale_percent": 150})
    qtbot.waitUntil(
        lambda: window.pages.live.toolbar.run.text() == "Start" and "Kamera ist aus" in visible_words(window.pages.live)
    )
    assert QApplication.palette().window().color().name() == "#101317"
    window.show_page("settings")
    assert "Textgröße" in visible_words(window.pages.settings)


def test_no_module_of_the_window_imports_qtnetwork():
    for path in GUI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any("QtNetwork" in name for name in names), path


def test_the_program_runs_without_qtnetwork():
    code = "import posture.gui.app, sys; sys.exit('PyQt6.QtNetwork' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
