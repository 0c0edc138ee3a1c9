"""What a person without mouse, without colours or without sight needs."""

import pytest
from controls import cut_off, focusable, unnamed
from played import moment
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QDialog

from posture.config import Settings
from posture.ergonomics.sitting import Deviation, State
from posture.gui.announce import LEAST_S, LiveState
from posture.gui.help_sheet import HelpSheet
from posture.gui.pages import TITLES
from posture.gui.status_bar import Details
from posture.gui.system.autostart import at_login
from posture.gui.system.mini import MiniWindow
from posture.gui.system.onboarding import Onboarding
from posture.gui.system.pausing import Pausing
from posture.gui.system.questions import after_a_crash, policy_is_broken, settings_are_unusable
from posture.live.snapshot import Figures
from posture.reminders import Level


def prepared(window, monitor, qtbot):
    monitor.play(moment(deviations=(Deviation("lean", 3.0, 8.0, "deg"), Deviation("head_drop", 0.1, 1.3, "cm"))))
    qtbot.waitUntil(lambda: bool(monitor.shown))
    window.moments.tick()
    window.pages.live.open_calibration()


def visited(window):
    """The window with everything in it that a person can come to."""
    for name in TITLES:
        window.show_page(name)
    for place in range(window.pages.settings.titles.count()):
        window.pages.settings.titles.setCurrentRow(place)
    return window


def test_the_walk_finds_what_has_no_name(qtbot):
    window = QDialog()
    qtbot.addWidget(window)
    from PyQt6.QtWidgets import QPushButton

    QPushButton("words are no name yet", window)
    assert unnamed(window) == ["QPushButton "]


def test_every_control_of_every_page_has_a_name(window, monitor, qtbot):
    prepared(window, monitor, qtbot)
    assert len(focusable(visited(window))) > 60
    assert unnamed(window) == []


def test_every_control_of_the_dialogs_has_a_name(window, qtbot):
    for dialog in (HelpSheet(letters=True, parent=window), Details(Figures(), (), window)):
        qtbot.addWidget(dialog)
        assert unnamed(dialog) == []


def test_every_control_beside_the_window_has_a_name(window, monitor, tmp_path, qtbot):
    desk = window.house.desk
    login = at_login(["posture"], {"XDG_CONFIG_HOME": str(tmp_path)})
    steps = Onboarding(desk, window.house.file.change, Level.EDGE, login, window)
    steps.camera.calibrating.open()
    boxes = (
        after_a_crash(window),
        policy_is_broken("gone", window),
        settings_are_unusable(tmp_path, "no TOML", tmp_path, Settings(), window),
    )
    for part in (steps, MiniWindow(Pausing(desk.commands)), *boxes):
        qtbot.addWidget(part)
        if isinstance(part, MiniWindow):
            part.see(monitor.latest())
        assert len(focusable(part)) >= 2
        assert unnamed(part) == []


def test_names_are_in_the_language_of_the_window(window, program, monitor, qtbot):
    program.file.change({"window.language": "de"})
    qtbot.waitUntil(lambda: window.pages.live.calibrate.accessibleName() == "Kalibrieren")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    prepared(window, monitor, qtbot)
    assert unnamed(visited(window)) == []
    assert window.pages.live.picture.accessibleName() == "Bild"


@pytest.mark.parametrize("page", TITLES)
def test_what_is_pressed_is_large_enough(window, monitor, qtbot, page):
    prepared(window, monitor, qtbot)
    window.show_page(page)
    QApplication.processEvents()
    small = [
        (type(w).__name__, w.accessibleName(), w.width(), w.height())
        for w in focusable(window)
        if isinstance(w, QAbstractButton) and w.isVisible() and (w.width() < 24 or w.height() < 24)
    ]
    assert small == []


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_off_however_large_the_text(window, program, monitor, qtbot, percent, language):
    program.file.change({"window.text_scale_percent": percent, "window.language": language})
    QApplication.processEvents()
    qtbot.waitUntil(
        lambda: window.pages.live.calibrate.accessibleName() == ("Kalibrieren" if language == "de" else "Calibrate")
    )
    prepared(window, monitor, qtbot)
    for page in TITLES:
        window.show_page(page)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: cut_off(window) == [])


def test_tab_reaches_every_visible_control_and_nobody_is_trapped(window, monitor, qtbot):
    window.show_page("live")
    QApplication.processEvents()
    window.pages.live.picture.setFocus()
    first, seen = window.focusWidget(), []
    for _ in range(80):
        window.focusNextChild()
        seen.append(window.focusWidget())
        if seen[-1] is first:
            break
    assert seen[-1] is first
    reachable = {w for w in focusable(window) if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus}
    reachable = {w for w in reachable if w.isEnabled()}
    assert reachable <= set(seen) | {first}


def test_the_ring_follows_the_focus(window, qtbot):
    window.pages.live.toolbar.run.setFocus()
    assert window.ring.widget() is window.pages.live.toolbar.run
    assert window.ring.isVisible()


def test_the_live_state_changes_at_most_every_five_seconds(qtbot):
    now = [100.0]
    label = LiveState(clock=lambda: now[0])
    qtbot.addWidget(label)
    assert label.focusPolicy() & Qt.FocusPolicy.TabFocus
    label.say("good")
    assert label.text() == "good"
    for text in ("slumped", "leaning", "away"):
        now[0] += 1.0
        label.say(text)
    assert label.text() == "good"
    now[0] = 100.0 + LEAST_S
    label.settle()
    assert (label.text(), label.accessibleDescription()) == ("away", "away")


def test_a_state_that_passed_within_the_time_is_never_said(qtbot):
    now = [0.0]
    label = LiveState(clock=lambda: now[0])
    qtbot.addWidget(label)
    label.say("good")
    label.say("slumped")
    label.say("good")
    now[0] = 60.0
    label.settle()
    assert label.text() == "good"


def test_the_state_in_words_is_that_of_the_banner(window, monitor, qtbot):
    monitor.play(moment(State.SLUMP))
    qtbot.waitUntil(lambda: bool(monitor.shown))
    window.moments.tick()
    window.status.state._changed_s = -LEAST_S
    window.status.state.settle()
    assert window.status.state.text() == "Slumped"


def test_the_chart_and_its_table_say_the_same(window, monitor, qtbot):
    for second in range(65):
        monitor.play(moment(deviations=(Deviation("lean", 3.0, 8.0, "deg"),), time_s=float(second)))
        window.moments.newest()
    window.moments.tick()
    chart = window.pages.live.chart
    chart.toggle.setChecked(True)
    model = chart.table.model()
    assert chart.as_table
    assert [model.index(0, column).data() for column in range(4)] == ["0", "3°", "3°", "good"]
    assert model.rowCount() == 2


def test_right_to_left_is_a_mirror(qtbot, window):
    application = QApplication.instance()
    application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        window.build()
        QApplication.processEvents()
        assert (
            window.rail.mapToGlobal(window.rail.rect().center()).x()
            > window.pages.live.mapToGlobal(window.pages.live.rect().center()).x()
        )
        assert (
            window.pages.live.cards.mapToGlobal(window.pages.live.cards.rect().center()).x()
            < window.pages.live.picture.mapToGlobal(window.pages.live.picture.rect().center()).x()
        )
    finally:
        application.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
