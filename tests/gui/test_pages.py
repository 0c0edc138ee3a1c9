"""A page is made when it is first shown or needed: until then nothing misses it, and it misses nothing."""

from dataclasses import replace

import pytest
from played import moment
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QApplication, QMessageBox, QWidget

from posture.ergonomics.sitting import State
from posture.errors import ConfigError, WrongKey
from posture.gui import theme
from posture.gui.app import Program
from posture.gui.pages import TITLES
from posture.gui.recordings.keeper import Door
from posture.reminders import Level, Reminder


def made(window):
    return {name for name in TITLES if window.pages.is_made(name)}


@pytest.fixture
def unseen(qtbot, parts):
    """A program in the tray: nobody has seen its window yet."""
    program = Program(QApplication.instance(), parts)
    qtbot.addWidget(program.window)
    yield program
    program.close()


def test_each_page_is_made_when_it_is_first_shown_and_stays(window):
    assert made(window) == {"live"}
    for count, name in enumerate(list(TITLES)[1:], start=2):
        window.show_page(name)
        assert len(made(window)) == count
        assert window.pages.currentWidget() is getattr(window.pages, name)
    before = [getattr(window.pages, name) for name in TITLES]
    for name, page in zip(TITLES, before, strict=True):
        window.show_page(name)
        assert window.pages.currentWidget() is page


class Shows(QObject):
    """Windows that appear, also for a moment only."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


def test_no_part_of_a_page_is_a_window_for_a_moment(window, qtbot):
    qtbot.waitActive(window)
    shows = Shows()
    QApplication.instance().installEventFilter(shows)
    for name in TITLES:
        window.show_page(name)
        assert (name, shows.seen) == (name, [])
    for place in range(window.pages.settings.titles.count()):
        window.pages.settings.titles.setCurrentRow(place)
    assert shows.seen == []
    QApplication.instance().removeEventFilter(shows)
    QApplication.processEvents()
    assert window.isActiveWindow()
    assert QApplication.focusWidget() is window.pages.settings.search


def test_what_hears_the_monitor_needs_no_page(unseen, monitor, qtbot):
    window, heard, reminders = unseen.window, [], []
    window.snapshotShown.connect(heard.append)
    window.reminderChanged.connect(reminders.append)
    slumped = moment(State.SLUMP, reminder=Reminder(State.SLUMP, Level.TRAY))
    for second in range(3):
        seen = replace(slumped.observation, time_s=float(second))
        monitor.play(replace(slumped, observation=seen))
        qtbot.waitUntil(lambda second=second: len(heard) > second)
    assert reminders == [slumped.reminder]
    assert len(unseen.window.house.desk.recent) == 3
    assert window.status.state.text() == "Slumped"
    assert made(window) == set()
    assert monitor.view is None, "nobody looks"

    window.show()
    assert made(window) == {"live"}
    assert "Slumped" in window.pages.live.banner._title.text()


def test_a_snooze_ends_without_a_page(unseen, monitor):
    commands = unseen.commands
    commands.snooze(0)
    unseen.window.moments.tick()
    assert commands.snoozed_until is None


def test_keys_reach_pages_that_are_not_there_yet(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    assert made(window) == {"live", "models"}


def test_a_page_is_made_in_the_language_and_the_colours_of_now(window, program, qtbot):
    program.file.change({"window.language": "de", "window.theme": "contrast"})
    qtbot.waitUntil(lambda: theme.colours() is theme.CONTRAST)
    assert made(window) == {"live"}
    window.show_page("privacy")
    assert window.pages.privacy.again.text() == "Neu ansehen"


def test_letters_are_as_the_settings_of_now_have_them(unseen, monitor, qtbot):
    unseen.file.change({"window.single_letter_keys": False})
    unseen.window.show()
    qtbot.keyClick(unseen.window.pages.live.picture, Qt.Key.Key_M)
    assert not unseen.commands.is_muted


def test_the_settings_page_shows_what_was_changed_before_it_was_there(window, program):
    window.pages.live.set_view("skeleton")
    window.show_page("settings")
    assert window.pages.settings.row("window.view").editor.controls()[0].currentText() == "figure"


def test_a_setting_that_is_taken_back_stands_in_its_row(window, program, monkeypatch):
    said = []
    monkeypatch.setattr(window, "tell", said.append)
    program.file.refused.emit(["pose.threads"], ConfigError("the disk is full; free some space"))
    assert said == ["the disk is full; free some space"]
    window.show_page("settings")
    assert "disk is full" in window.pages.settings.row("pose.threads").problem.text()


def test_why_the_vault_stays_shut_stands_at_a_door_that_nobody_has_seen(window, program, qtbot):
    qtbot.waitUntil(lambda: program.keeper.door is Door.MISSING)
    program.keeper.refused.emit(WrongKey("wrong"))
    window.show_page("recordings")
    assert "not the passphrase" in window.pages.recordings.making.problem.text()


def test_what_the_vault_says_is_told_without_its_page(window, program, monkeypatch):
    said = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: said.append(box.text()))
    program.keeper.failed.emit("the disk is full")
    program.keeper.done.emit("expired", 2)
    assert said == ["the disk is full"]
    assert window.undo.text == "2 recordings were due and are deleted"
    assert made(window) == {"live"}


def test_locking_reaches_the_pages_that_show_what_was_decrypted(window, program, monkeypatch):
    forgotten = []
    for name in ("today", "reports"):
        page = getattr(window.pages, name)
        program.keeper.locked.disconnect(page.forget)
        program.keeper.locked.connect(lambda name=name: forgotten.append(name))
    program.keeper.locked.emit()
    assert forgotten == ["today", "reports"]


def test_what_was_made_goes_with_another_look(window, program, qtbot):
    window.show_page("today")
    old = window.pages
    program.file.change({"window.text_scale_percent": 120})
    qtbot.waitUntil(lambda: window.pages is not old)
    assert made(window) == {"today"}
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert sip.isdeleted(old)


def test_the_desktops_colours_are_followed_once_and_only_where_they_matter(window, program, qtbot):
    built = []
    window.rebuilt.connect(lambda: built.append(theme.colours().dark))
    program.file.change({"window.theme": "dark"})  # Qt tells of a scheme that the program itself has asked for
    qtbot.waitUntil(lambda: bool(built))
    QApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    QApplication.processEvents()
    QApplication.processEvents()
    assert built == [True]


@pytest.mark.parametrize("how", ["ended", "deleted"])
def test_a_program_that_is_gone_hears_no_colours(parts, monkeypatch, how):
    program = Program(QApplication.instance(), parts)
    asked = []
    monkeypatch.setattr(program, "_of_look", lambda: asked.append(how) or program._look)
    changed = QApplication.styleHints().colorSchemeChanged
    changed.emit(Qt.ColorScheme.Dark)
    QApplication.processEvents()
    assert asked == [how], "negative control"
    changed.emit(Qt.ColorScheme.Dark)  # is on its way when the program goes
    if how == "ended":
        program.close()
    sip.delete(program.window)
    changed.emit(Qt.ColorScheme.Dark)
    QApplication.processEvents()
    assert asked == [how]


def test_a_page_that_is_made_in_the_tray_is_not_the_one_that_opens(unseen):
    assert unseen.window.pages.settings is not None
    unseen.window.show()
    assert unseen.window.pages.currentWidget() is unseen.window.pages.live
